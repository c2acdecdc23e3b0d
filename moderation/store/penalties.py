"""Strikes and the block list; each penalty beside its undoing."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, select, update
from sqlalchemy.orm import Session

from moderation.store.paging import LIMIT, Page, keyset, page_of
from moderation.store.tables import Block, Comment, Strike
from moderation.store.writing import added, changed


class Penalties:
    """Strikes against authors, and what follows from them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # strikes

    def add_strike(self, strike: Strike) -> Strike:
        """Store a new strike."""
        return added(self._session, strike)

    def strikes(self, author_id: str) -> list[Strike]:
        """Return all strikes against an author, overruled and expired ones too, newest first."""
        newest_first = (
            select(Strike).where(Strike.author_id == author_id).order_by(Strike.given_at.desc(), Strike.id)
        )
        return [*self._session.scalars(newest_first)]

    def strikes_active(self, author_id: str, now: datetime) -> list[Strike]:
        """Return the strikes that count now, oldest first."""
        counting = (
            select(Strike)
            .where(Strike.author_id == author_id, Strike.overruled_at.is_(None), Strike.expires_at > now)
            .order_by(Strike.given_at, Strike.id)
        )
        return [*self._session.scalars(counting)]

    def strikes_for(self, comment_id: str) -> list[Strike]:
        """Return the strikes given for a comment, overruled ones too, oldest first."""
        given = select(Strike).where(Strike.comment_id == comment_id).order_by(Strike.given_at, Strike.id)
        return [*self._session.scalars(given)]

    def overrule_strikes(self, comment_id: str, by: str, at: datetime) -> list[Strike]:
        """Take back the strikes given for a comment; return those that counted until now."""
        strikes = [strike for strike in self.strikes_for(comment_id) if strike.overruled_at is None]
        for strike in strikes:
            strike.overruled_at, strike.overruled_by = at, by
        self._session.flush()
        return strikes

    # the block list

    def add_block(self, block: Block) -> Block:
        """Store a new warning, premoderation or block."""
        return added(self._session, block)

    def get_block(self, block_id: str) -> Block | None:
        """Return the entry with this id."""
        return self._session.get(Block, block_id)

    def active_block(
        self, *, site_id: str, now: datetime, author_id: str | None = None, email_domain: str | None = None
    ) -> Block | None:
        """Return the block that keeps this author out longest, or else the one on the domain."""
        return self._longest("block", site_id, now, author_id, email_domain)

    def active_premoderation(
        self, *, site_id: str, now: datetime, author_id: str | None = None, email_domain: str | None = None
    ) -> Block | None:
        """Return the premoderation of this author that lasts longest, or else the one of the domain."""
        return self._longest("premoderate", site_id, now, author_id, email_domain)

    def _longest(
        self, penalty: str, site_id: str, now: datetime, author_id: str | None, email_domain: str | None
    ) -> Block | None:
        subjects: list[ColumnElement[bool]] = []
        if author_id:
            subjects.append((Block.subject_kind == "author") & (Block.subject == author_id))
        if email_domain:
            subjects.append((Block.subject_kind == "email_domain") & (Block.subject == email_domain.lower()))
        for_ever_first = (Block.ends_at.is_not(None), Block.ends_at.desc(), Block.id)
        for subject in subjects:  # one question each: together they would use no index
            found = self._session.scalar(
                select(Block)
                .where(Block.site_id == site_id, subject, Block.penalty == penalty, *Block.in_force(now))
                .order_by(*for_ever_first)
                .limit(1)
            )
            if found is not None:
                return found
        return None

    def lift_block(self, block_id: str, by: str, at: datetime, note: str | None = None) -> Block | None:
        """End an entry now; return it, or None if it is unknown, lifted or over already."""
        lift = (
            update(Block)
            .where(Block.id == block_id, *Block.not_over(at))
            .values(lifted_at=at, lifted_by=by, note=Block.note if note is None else note)
        )
        if changed(self._session, lift, execution_options={"synchronize_session": False}) == 0:
            return None
        return self._session.get(Block, block_id, populate_existing=True)

    def due_to_expire(self, now: datetime, limit: int = 500) -> list[Block]:
        """Return the entries whose end has come and is not recorded yet, earliest end first."""
        due = (
            select(Block)
            .where(Block.ends_at <= now, Block.expired_at.is_(None), Block.lifted_at.is_(None))
            .order_by(Block.ends_at, Block.id)
            .limit(limit)
        )
        return [*self._session.scalars(due)]

    def mark_expired(self, block_id: str, at: datetime) -> bool:
        """Record the end of an entry; return False if somebody did already."""
        record = (
            update(Block)
            .where(Block.id == block_id, Block.expired_at.is_(None), Block.lifted_at.is_(None))
            .values(expired_at=at)
        )
        return changed(self._session, record) == 1

    def blocks_resting_on(self, comment_id: str, now: datetime) -> list[Block]:
        """Return the author's entries, not over yet, with this comment or a strike for it as evidence."""
        author = select(Comment.author_id).where(Comment.id == comment_id).scalar_subquery()
        entries = select(Block).where(
            Block.subject_kind == "author", Block.subject == author, *Block.not_over(now)
        )
        strikes = {strike.id for strike in self.strikes_for(comment_id)}
        return [
            block
            for block in self._session.scalars(entries.order_by(Block.starts_at, Block.id))
            if comment_id in block.comment_ids or strikes.intersection(block.strike_ids)
        ]

    def blocks_of(self, author_id: str) -> list[Block]:
        """Return all entries for an author, lifted and expired ones too, newest first."""
        entries = select(Block).where(Block.subject_kind == "author", Block.subject == author_id)
        return [*self._session.scalars(entries.order_by(Block.starts_at.desc(), Block.id.desc()))]

    def page(
        self,
        *,
        now: datetime,
        site_id: str | None = None,
        in_force: bool | None = None,
        after: str | None = None,
        limit: int = LIMIT,
    ) -> Page[Block]:
        """Return the block list, newest first: what holds now, what is over, or (None) all of it."""
        query = select(Block)
        if site_id is not None:
            query = query.where(Block.site_id == site_id)
        if in_force is not None:
            holds = and_(*Block.not_over(now))
            query = query.where(holds if in_force else not_(holds))
        query = keyset(query, Block.starts_at, Block.id, after=after, limit=limit, newest_first=True)
        return page_of(self._session.scalars(query).all(), limit, lambda row: (row.starts_at, row.id))
