"""Webhooks that arrived, so that a repeated one changes nothing and gets the same answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from moderation.store.tables import ReceivedHook
from moderation.store.writing import changed, insert_if_absent


class Inbox:
    """Received webhooks by site, protocol and the sender's message id."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def receive(
        self, *, site_id: str, protocol: str, message_id: str, body_digest: str, now: datetime
    ) -> ReceivedHook | None:
        """Remember a message; return None if it is new, else the earlier row with digest and outcome.

        Of two that arrive together on PostgreSQL the second waits here until the first has committed.
        """
        hook = ReceivedHook(
            site_id=site_id,
            protocol=protocol,
            message_id=message_id,
            body_digest=body_digest,
            received_at=now,
        )
        if insert_if_absent(self._session, hook):
            return None
        return self._session.get(ReceivedHook, (site_id, protocol, message_id))

    def get(self, *, site_id: str, protocol: str, message_id: str) -> ReceivedHook | None:
        """Return the message if it came before."""
        return self._session.get(ReceivedHook, (site_id, protocol, message_id))

    def answer(self, *, site_id: str, protocol: str, message_id: str, outcome: dict[str, Any]) -> None:
        """Keep what was answered to a message: ids, codes and numbers only."""
        keep = (
            update(ReceivedHook)
            .where(
                ReceivedHook.site_id == site_id,
                ReceivedHook.protocol == protocol,
                ReceivedHook.message_id == message_id,
            )
            .values(outcome=outcome)
        )
        self._session.execute(keep)

    def forget(self, *, site_id: str, protocol: str, message_id: str) -> None:
        """Forget a message that was refused, so that it may come again; one that has its answer stays."""
        hook = self._session.get(ReceivedHook, (site_id, protocol, message_id))
        if hook is not None and not hook.outcome:
            self._session.delete(hook)
            self._session.flush()

    def forget_before(self, moment: datetime) -> int:
        """Delete what arrived before `moment`; return how many.

        Keep at least as long as a signature is accepted, or a replay would count as new.
        """
        return changed(self._session, delete(ReceivedHook).where(ReceivedHook.received_at < moment))
