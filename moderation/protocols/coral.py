"""Coral 9's external moderation phase: signed JSON in, a status of Coral's own out.

https://docs.coralproject.net/external-moderation-phases and the source of 9.11.8. Coral throws the whole answer away
for one value it does not know, and lets the comment pass when the answer is late or none.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError

from moderation.protocols import signatures, strict_json
from moderation.protocols.plain_text import text_of
from moderation.protocols.types import SignatureMissing

_PREFIX = "sha256="
_LONGEST_DETAIL = 500
# Roles of Coral's own people, about whom it asks nobody.
STAFF = frozenset(("STAFF", "MODERATOR", "ADMIN"))

Status = Literal["REJECTED", "PREMOD", "SYSTEM_WITHHELD"]
Code = Literal["OFFENSIVE", "ABUSIVE", "SPAM", "HARASSMENT_BULLYING", "HATE_SPEECH", "OTHER"]

# Coral's word for each clause of the policy that is shipped; another clause is OTHER.
_CODES: dict[str, Code] = {
    "threat": "ABUSIVE",
    "identity-attack": "HATE_SPEECH",
    "sexual": "OFFENSIVE",
    "personal-attack": "HARASSMENT_BULLYING",
    "profanity": "OFFENSIVE",
    "spam": "SPAM",
}

Text = Annotated[str, StringConstraints(max_length=1_000_000)]
_IGNORE = ConfigDict(extra="ignore")


@dataclass(frozen=True, slots=True)
class _Comment:
    __pydantic_config__: ClassVar[ConfigDict] = _IGNORE

    body: Text | None = None


@dataclass(frozen=True, slots=True)
class _Author:
    __pydantic_config__: ClassVar[ConfigDict] = _IGNORE

    id: Text
    role: Text = ""


@dataclass(frozen=True, slots=True)
class _Story:
    __pydantic_config__: ClassVar[ConfigDict] = _IGNORE

    id: Text = ""
    url: Text | None = None


@dataclass(frozen=True, slots=True)
class PhaseCall:
    """What Coral asks about: a comment that it is about to store, or a change of one."""

    __pydantic_config__: ClassVar[ConfigDict] = _IGNORE

    action: Literal["NEW", "EDIT"]
    comment: _Comment
    author: _Author
    story: _Story

    @property
    def text(self) -> str:
        """Return the comment as plain text; Coral sends HTML or text, by a setting of the phase."""
        return text_of(self.comment.body or "")

    @property
    def is_by_staff(self) -> bool:
        """Return whether one of the newsroom's own people wrote it."""
        return self.author.role in STAFF


_CALL = TypeAdapter(PhaseCall)


def sign(body: bytes, secret: str) -> str:
    """Return the signature of a body: the whole secret is the key, its prefix included."""
    return _PREFIX + signatures.hex_digest(body, secret)


def verify(header: str, body: bytes, secrets: Sequence[str]) -> None:
    """Return if one of the signatures of `X-Coral-Signature` is one of the secrets'; else raise BadSignature."""
    parts = [part.strip() for part in header.split(",") if part.strip()]
    if not parts:
        raise SignatureMissing("Send the header X-Coral-Signature.")
    values = [part.removeprefix(_PREFIX) if part.startswith(_PREFIX) else "" for part in parts]
    signatures.require(body, values, secrets, "give us the signing secret that Coral shows")


def read(body: bytes) -> PhaseCall:
    """Return what Coral asks, fields we do not know left aside, or raise InvalidInput."""
    try:
        return _CALL.validate_python(strict_json.parse(body))
    except ValidationError as error:
        faults: dict[str, list[str]] = {}
        for fault in error.errors(include_url=False, include_input=False):
            path = ".".join(strict_json.printable(str(step)) for step in fault["loc"])
            faults.setdefault(path, []).append(f"{fault['msg']}.")
        raise strict_json.malformed(faults) from None  # the cause quotes what a reader wrote


def withheld(clause: str | None = None) -> bytes:
    """Return the answer that keeps a comment for Coral's moderators: under suspicion of breaking a clause, or to look."""
    if clause is None:
        return _json({"status": "PREMOD"})
    return _json({"status": "SYSTEM_WITHHELD", "actions": [_flag(clause)]})


def rejected(clause: str | None, sentence: str) -> bytes:
    """Return the answer that rejects a comment, with the sentence its author may read."""
    status: Status = "REJECTED"
    reason = {"code": code_of(clause), "detailedExplanation": sentence[:_LONGEST_DETAIL]}
    return _json(
        {
            "status": status,
            "actions": [_flag(clause)],
            "moderationAction": {"status": status, "rejectionReason": reason},
        }
    )


def code_of(clause: str | None) -> Code:
    """Return the reason by which Coral knows a clause."""
    return _CODES.get(clause or "", "OTHER")


def _flag(clause: str | None) -> dict[str, str]:
    spam = code_of(clause) == "SPAM"
    return {"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM" if spam else "COMMENT_DETECTED_TOXIC"}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
