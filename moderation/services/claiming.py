"""A moderator takes comments in hand, so that no colleague reads the same ones; colleagues see at once what was done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from moderation.services import Tools, permissions
from moderation.store.tables import Moderator

LEASE = timedelta(minutes=5)
PRESENT = timedelta(minutes=1)  # who was heard of since then is at the desk
MOST = 10  # comments that one moderator may take in hand at once


def claim(tools: Tools, comment_ids: Sequence[str], moderator: Moderator) -> tuple[list[str], datetime]:
    """Return which of these comments are in this moderator's hand now, and until when; all earlier claims end."""
    permissions.require(moderator, "decide")
    now = tools.now()
    until = now + LEASE
    with tools.database.begin() as store:
        store.moderators.heard_of(moderator.id, now)
        store.claims.release_all(moderator.id)
        known = store.desk.waiting([*comment_ids[:MOST]])
        return [key for key in known if store.claims.take(key, moderator.id, now, until)], until
