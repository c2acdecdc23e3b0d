"""From where comments came, as keyed hashes alone, and the keys without which the hashes mean nothing."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from moderation.store.tables import Block, NetworkKey, NetworkSeen
from moderation.store.writing import added, changed

_BYTES = 32


class Networks:
    """The hashing keys of each site, and the hashes seen with comments."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keys(self, site_id: str) -> list[NetworkKey]:
        """Return the keys that are not destroyed, the newest first."""
        alive = select(NetworkKey).where(NetworkKey.site_id == site_id, NetworkKey.destroyed_at.is_(None))
        return [*self._session.scalars(alive.order_by(NetworkKey.created_at.desc(), NetworkKey.id.desc()))]

    def key(self, site_id: str, now: datetime, newer_than: datetime) -> NetworkKey:
        """Return the key to hash with: the newest, or another where it was made before `newer_than`."""
        newest = next(iter(self.keys(site_id)), None)
        if newest is not None and newest.created_at > newer_than:
            return newest
        return added(
            self._session,
            NetworkKey(site_id=site_id, secret=secrets.token_bytes(_BYTES), created_at=now),
        )

    def saw(self, seen: NetworkSeen) -> None:
        """Note from where a comment came; a later revision of it replaces what was noted."""
        self._session.merge(seen)
        self._session.flush()

    def of_comments(self, comment_ids: list[str]) -> list[NetworkSeen]:
        """Return what is noted of these comments, the newest first."""
        noted = select(NetworkSeen).where(NetworkSeen.comment_id.in_(comment_ids))
        return [*self._session.scalars(noted.order_by(NetworkSeen.seen_at.desc(), NetworkSeen.comment_id))]

    def of_author(self, author_id: str) -> list[NetworkSeen]:
        """Return what is noted of an author's comments, the newest first."""
        noted = select(NetworkSeen).where(NetworkSeen.author_id == author_id)
        return [*self._session.scalars(noted.order_by(NetworkSeen.seen_at.desc(), NetworkSeen.comment_id))]

    def blocked_author_seen_at(
        self, site_id: str, hashes: Mapping[str, str], author_id: str | None, now: datetime
    ) -> Block | None:
        """Return the block, in force, of another author whose comments came from there; `hashes` are by key."""
        if not hashes:
            return None
        here = or_(
            *((NetworkSeen.key_id == key) & (NetworkSeen.hash == value) for key, value in hashes.items())
        )
        blocks = (
            select(Block)
            .join(NetworkSeen, NetworkSeen.author_id == Block.subject)
            .where(
                here,
                Block.site_id == site_id,
                Block.subject_kind == "author",
                Block.penalty == "block",
                *Block.in_force(now),
            )
            .order_by(Block.starts_at.desc(), Block.id)
            .limit(1)
        )
        if author_id is not None:
            blocks = blocks.where(Block.subject != author_id)
        return self._session.scalar(blocks)

    def has_due(self, now: datetime, seen_before: datetime, made_before: datetime) -> bool:
        """Tell whether a hash is older than it is kept, or a key is no longer needed."""
        old = select(NetworkSeen.comment_id).where(NetworkSeen.seen_at < seen_before).limit(1)
        if self._session.scalar(old) is not None:
            return True
        return bool(self._idle_keys(now, made_before))

    def forget(
        self, now: datetime, seen_before: datetime, made_before: datetime
    ) -> tuple[int, list[NetworkKey]]:
        """Delete hashes older than `seen_before` and the secrets of old keys that no hash and no block needs.

        Returns how many hashes went, and the keys destroyed.
        """
        gone = changed(
            self._session,
            delete(NetworkSeen).where(NetworkSeen.seen_at < seen_before),
            execution_options={"synchronize_session": False},
        )
        idle = self._idle_keys(now, made_before)
        for key in idle:
            key.secret, key.destroyed_at = b"", now
        self._session.flush()
        return gone, idle

    def _idle_keys(self, now: datetime, made_before: datetime) -> list[NetworkKey]:
        used_by_hashes = select(NetworkSeen.comment_id).where(NetworkSeen.key_id == NetworkKey.id).exists()
        used_by_blocks = (
            select(Block.id).where(Block.network_key_id == NetworkKey.id, *Block.not_over(now)).exists()
        )
        idle = select(NetworkKey).where(
            NetworkKey.destroyed_at.is_(None),
            NetworkKey.created_at <= made_before,
            ~used_by_hashes,
            ~used_by_blocks,
        )
        return [*self._session.scalars(idle.order_by(NetworkKey.id))]

    def forget_author(self, author_id: str) -> int:
        """Delete what is noted of an author's comments; return how much."""
        return changed(
            self._session,
            delete(NetworkSeen).where(NetworkSeen.author_id == author_id),
            execution_options={"synchronize_session": False},
        )
