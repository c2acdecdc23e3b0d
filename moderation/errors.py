"""Every error the service raises on purpose.

    ModerationError
    ├── InvalidInput            400/422  what was sent is wrong; `fields` says where and what to do
    ├── NotSignedIn             401
    ├── BadSignature            401      a webhook that its sender did not sign
    ├── Forbidden               403
    ├── AuthorBlocked           403      carries the block's clause, reason and end
    ├── NotFound                404
    ├── ArticleClosed           409
    ├── AppealClosed            409      the time is over, or what was decided no longer stands
    ├── Conflict                409      the same id with other content, or a thing that is there already
    │   └── Raced               409      somebody else made it at this moment; trying again finds it
    ├── Reconsider              422      would be refused; shown to its author once before it is sent
    ├── StaleVersion            409      somebody else decided first; carries the newer version
    ├── Claimed                 409      a colleague has the comment in hand
    ├── TooManyRequests         429      carries the seconds to wait
    ├── DatabaseAway            503      the database cannot answer now; nothing was stored
    │   └── StorageFull         507      its disk is full; what is stored can still be read
    └── Misconfigured           500      a policy, lexicon, model or setting that must not be used
        ├── PolicyInvalid
        └── ModelRefused

`code` is stable and public. `str(error)` is the sentence for the reader and is safe to show;
`private` holds fields for the log.
"""

from collections.abc import Mapping
from datetime import datetime


class ModerationError(Exception):
    """An error with a stable code, an HTTP status and a sentence that may be shown."""

    code = "error"
    status = 500
    title = "Something went wrong"

    def __init__(self, sentence: str, **private: object) -> None:
        super().__init__(sentence)
        self.private = private

    def public(self) -> dict[str, object]:
        """Return the members that a problem document carries beside title, status and detail."""
        return {}


class InvalidInput(ModerationError):
    """What was sent is wrong; `fields` maps each field to its sentences."""

    code, status, title = "invalid-input", 422, "What was sent is not valid"

    def __init__(
        self,
        sentence: str,
        fields: Mapping[str, list[str]] | None = None,
        *,
        status: int = 422,
        code: str = "",
    ) -> None:
        super().__init__(sentence)
        self.fields = dict(fields or {})
        self.status = status
        self.code = code or self.code

    def public(self) -> dict[str, object]:
        """Return the sentences by field."""
        return {"errors": self.fields} if self.fields else {}


class NotSignedIn(ModerationError):
    """Nobody, or nobody we know, is asking."""

    code, status, title = "not-signed-in", 401, "Sign in first"


class BadSignature(ModerationError):
    """A webhook whose signature, time or sender does not hold."""

    code, status, title = "bad-signature", 401, "The signature does not hold"


class Forbidden(ModerationError):
    """Known, but not allowed to do this."""

    code, status, title = "forbidden", 403, "Not allowed"


class AuthorBlocked(ModerationError):
    """The author may not comment until `until` (None: until the block is lifted)."""

    code, status, title = "author-blocked", 403, "You are blocked from commenting"

    def __init__(self, sentence: str, *, clause: str | None, until: datetime | None, block_id: str) -> None:
        super().__init__(sentence, block_id=block_id)
        self.clause, self.until, self.block_id = clause, until, block_id

    def public(self) -> dict[str, object]:
        """Return clause and end of the block."""
        return {
            "clause": self.clause,
            "until": self.until.isoformat() if self.until else None,
            "block": self.block_id,
        }


class NotFound(ModerationError):
    """There is no such thing, or not for this asker."""

    code, status, title = "not-found", 404, "Not found"


class ArticleClosed(ModerationError):
    """The discussion of the article is closed."""

    code, status, title = "article-closed", 409, "The discussion is closed"


class AppealClosed(ModerationError):
    """An appeal that can no longer be made."""

    code, status, title = "appeal-closed", 409, "This can no longer be appealed"


class Conflict(ModerationError):
    """The same id arrived before with other content."""

    code, status, title = "conflict", 409, "It does not fit what is there already"


class Raced(Conflict):
    """Somebody else made the same at this moment; looked at again, it is there."""


class Reconsider(ModerationError):
    """A comment that would be refused and was not sent yet; `decision` is the public decision object."""

    code, status, title = "reconsider", 422, "Before you post"

    def __init__(self, sentence: str, decision: Mapping[str, object]) -> None:
        super().__init__(sentence)
        self.decision = dict(decision)


class StaleVersion(ModerationError):
    """Somebody acted on the comment in the meantime; `current` is its version now."""

    code, status, title = "stale-version", 409, "Somebody else decided first"

    def __init__(self, sentence: str, *, current: int, decision: Mapping[str, object] | None = None) -> None:
        super().__init__(sentence)
        self.current, self.decision = current, dict(decision or {})

    def public(self) -> dict[str, object]:
        """Return the newer version and the decision that made it."""
        return {"version": self.current, "decision": self.decision}


class Claimed(ModerationError):
    """A colleague has the comment in hand until `until`."""

    code, status, title = "claimed", 409, "A colleague has it in hand"

    def __init__(self, sentence: str, *, by: str, until: datetime) -> None:
        super().__init__(sentence)
        self.by, self.until = by, until

    def public(self) -> dict[str, object]:
        """Return until when."""
        return {"until": self.until.isoformat()}


class TooManyRequests(ModerationError):
    """Too much, too fast; `retry_after` is in seconds."""

    code, status, title = "too-many-requests", 429, "Too many requests"

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class DatabaseAway(ModerationError):
    """The database is away or locked for too long; nothing was stored, trying again later is safe."""

    code, status, title = "database-away", 503, "Not available right now"
    retry_after = 5


class StorageFull(DatabaseAway):
    """The disk of the database is full; nothing was stored, and what is stored can still be read."""

    code, status, title = "storage-full", 507, "No space left to store it"
    retry_after = 60  # somebody has to make space


class Misconfigured(ModerationError):
    """A file or a setting that must not be used: names the file, the key and the remedy."""

    code, status, title = "misconfigured", 500, "The service is not configured correctly"


class PolicyInvalid(Misconfigured):
    """A policy or lexicon file that was refused."""

    code = "policy-invalid"


class ModelRefused(Misconfigured):
    """A model folder that was refused: wrong digest, format or shape."""

    code = "model-refused"
