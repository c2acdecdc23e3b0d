"""Coral 9's own webhooks: of a story that is new, so that its page is known when Coral asks about comments.

https://docs.coralproject.net/webhooks and the source of 9.11.8. They name comments by id and never tell a text: Coral asks
by its moderation phase (coral.py), so that its events of comments are nothing for us.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from moderation.protocols import coral, foreign, strict_json
from moderation.protocols.signatures import id_of_body, lower_case
from moderation.protocols.types import ArticlePublished, Event, NothingForUs


class CoralWebhook:
    """The protocol as the hooks route uses it."""

    name = "coral"

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Sequence[str],
        now: datetime,  # noqa: ARG002  nothing of the time is signed
        path: str = "",  # noqa: ARG002
    ) -> str:
        """Return the message id if any of the secrets signed this body: the event's own id is in it."""
        coral.verify(lower_case(headers).get("x-coral-signature", ""), body, secrets)
        return id_of_body(body)

    def read(self, body: bytes) -> Event:
        """Return the story that an event tells of."""
        told = strict_json.parse(body)
        data = foreign.part(told.get("data"))
        if told.get("type") != "STORY_CREATED":
            return NothingForUs()
        url = foreign.link(foreign.text_at(data, "storyURL"))
        return foreign.checked(
            ArticlePublished,
            timestamp=foreign.text_at(told, "createdAt"),
            article={"external_id": foreign.text_at(data, "storyID"), "title": url and url[:500], "url": url},
            elsewhere=True,
        )


PROTOCOL = CoralWebhook()
