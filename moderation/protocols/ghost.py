"""Ghost 5's webhooks: a post published, changed, taken back or deleted.

https://ghost.org/docs/webhooks and TryGhost/Ghost:ghost/core/core/server/services/webhooks. The body tells what the post is
now and what it was; the time that is signed is in milliseconds and stands right behind the body.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from moderation.protocols import foreign, signatures, strict_json
from moderation.protocols.types import (
    ArticleDeleted,
    ArticlePublished,
    Event,
    NothingForUs,
    SignatureMissing,
)

_SIGNATURE = re.compile(r"sha256=(?P<hex>[0-9a-f]{64}), ?t=(?P<ms>[0-9]{1,16})")


class Ghost:
    """The protocol as the hooks route uses it."""

    name = "ghost"

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Sequence[str],
        now: datetime,
        path: str = "",  # noqa: ARG002  not signed
    ) -> str:
        """Return the message id if any of the secrets signed this body within five minutes of `now`."""
        given = _SIGNATURE.fullmatch(signatures.lower_case(headers).get("x-ghost-signature", "").strip())
        if given is None:
            raise SignatureMissing("Give the webhook a secret in Ghost: then X-Ghost-Signature comes along.")
        signatures.require(
            body + given["ms"].encode(),
            [given["hex"]],
            secrets,
            "give Ghost the secret we show (Ghost 5 or later)",
        )
        signatures.require_now(int(given["ms"]), now)
        return signatures.id_of_body(body)

    def read(self, body: bytes) -> Event:
        """Return what happened to a post; nothing of drafts, pages, members and tags is for us."""
        told = strict_json.parse(body).get("post")
        if told is None:
            return NothingForUs()
        if not isinstance(told, dict):
            raise strict_json.malformed({"post": ["Not an object. Send what Ghost sends."]})
        current, previous = (foreign.part(told.get(name)) for name in ("current", "previous"))
        post_id = foreign.text_at(current, "id") or foreign.text_at(previous, "id")
        was_public = foreign.text_at(previous, "status") == "published"
        if foreign.text_at(current, "status") == "published":
            return foreign.checked(
                ArticlePublished,
                timestamp=foreign.text_at(current, "updated_at") or foreign.text_at(current, "published_at"),
                article={
                    "external_id": post_id,
                    "title": foreign.text_at(current, "title"),
                    "url": foreign.link(foreign.text_at(current, "url")),
                    "summary": foreign.text_at(current, "custom_excerpt", "excerpt"),
                    "text": foreign.plain(
                        foreign.text_at(current, "html") or foreign.text_at(current, "plaintext")
                    ),
                    "byline": foreign.text_at(foreign.part(current.get("primary_author")), "name"),
                    "published_at": foreign.text_at(current, "published_at"),
                },
            )
        if was_public or not current:
            when = foreign.text_at(current, "updated_at") or foreign.text_at(previous, "updated_at")
            return foreign.checked(ArticleDeleted, timestamp=when, article={"external_id": post_id})
        return NothingForUs()


PROTOCOL = Ghost()
