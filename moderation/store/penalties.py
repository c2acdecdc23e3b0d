"""Strikes and the block list; each penalty beside its undoing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BindParameter,
    Select,
    and_,
    bindparam,
    func,
    literal,
    not_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from moderation.store.columns import UtcDateTime
from moderation.store.paging import LIMIT, Page, keyset, page_of
from moderation.store.tables import Author, Block, Comment, Strike
from moderation.store.writing import added, changed

_COUNTING = (
    select(Strike)
    .where(
        Strike.author_id == bindparam("author_id"),
        Strike.overruled_at.is_(None),
        Strike.expires_at > bindparam("now"),
    )
    .order_by(Strike.given_at, Strike.id)
)


@dataclass(frozen=True, slots=True)
class Which:
    """Which entries of the block list are meant; what is None does not matter.

    `in_force` is True for what holds now, False for what is over. `given_by` is `ladder`, or `people` for all who are not.
    """

    site_id: str | None = None
    in_force: bool | None = None
    penalty: str | None = None
    kind: str | None = None
    clause: str | None = None
    given_by: str | None = None
    subject: str | None = None


_NOWHERE: Mapping[str, str] = {}


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
        return [*self._session.scalars(_COUNTING, {"author_id": author_id, "now": now})]

    def strikes_for(self, comment_id: str) -> list[Strike]:
        """Return the strikes given for a comment, overruled ones too, oldest first."""
        given = select(Strike).where(Strike.comment_id == comment_id).order_by(Strike.given_at, Strike.id)
        return [*self._session.scalars(given)]

    def struck(self, comment_ids: Sequence[str]) -> set[str]:
        """Return those of these comments for which a strike was given that stands."""
        given = select(Strike.comment_id).where(
            Strike.comment_id.in_(comment_ids), Strike.overruled_at.is_(None)
        )
        return {*self._session.scalars(given)}

    def overrule_strikes(self, comment_id: str, by: str, at: datetime) -> list[Strike]:
        """Take back the strikes given for a comment; return those that counted until now."""
        strikes = [strike for strike in self.strikes_for(comment_id) if strike.overruled_at is None]
        for strike in strikes:
            strike.overruled_at, strike.overruled_by = at, by
        self._session.flush()
        return strikes

    def overrule_strike(self, strike_id: str, by: str, at: datetime) -> list[Strike]:
        """Take back one strike; return it, or nothing where it did not count any more."""
        strike = self._session.get(Strike, strike_id)
        if strike is None or strike.overruled_at is not None:
            return []
        strike.overruled_at, strike.overruled_by = at, by
        self._session.flush()
        return [strike]

    def reinstate_strikes(self, strike_ids: Sequence[str]) -> None:
        """Let strikes count again whose overruling was undone."""
        again = update(Strike).where(Strike.id.in_(strike_ids)).values(overruled_at=None, overruled_by=None)
        changed(self._session, again, execution_options={"synchronize_session": "fetch"})

    # the block list

    def add_block(self, block: Block) -> Block:
        """Store a new warning, premoderation or block."""
        return added(self._session, block)

    def get_block(self, block_id: str) -> Block | None:
        """Return the entry with this id."""
        return self._session.get(Block, block_id)

    def active_block(
        self,
        *,
        site_id: str,
        now: datetime,
        author_id: str | None = None,
        email_domain: str | None = None,
        networks: Mapping[str, str] = _NOWHERE,
        erased_key: str | None = None,
    ) -> Block | None:
        """Return the block that keeps this author out longest, or else the one on the domain, or on the network.

        `networks` are the hashes of one network address by key. By `erased_key` somebody is known who has erased
        himself while he was blocked.
        """
        return self._longest("block", site_id, now, author_id, email_domain, networks, erased_key)

    def blocked_author_with_email(
        self, site_id: str, email_key: str, email: str, author_id: str | None, now: datetime
    ) -> Block | None:
        """Return the block, in force, on another author with this e-mail address."""
        same = (Author.email_key == email_key) | (func.lower(Author.email) == email.lower())
        blocks = (
            select(Block)
            .join(Author, Author.id == Block.subject)
            .where(
                same,
                Block.site_id == site_id,
                Block.subject_kind == "author",
                Block.penalty == "block",
                *Block.in_force(now),
            )
            .order_by(Block.starts_at.desc(), Block.id)
            .limit(1)
        )
        if author_id is not None:
            blocks = blocks.where(Author.id != author_id)
        return self._session.scalar(blocks)

    def given_with(self, block_id: str, now: datetime) -> list[Block]:
        """Return the blocks on a domain or on networks that accompany an author's block and are not over."""
        found = select(Block).where(Block.given_with == block_id, *Block.not_over(now))
        return [*self._session.scalars(found.order_by(Block.id))]

    def same_as(self, block: Block, now: datetime, *, since_known: bool) -> Block | None:
        """Return the entry, if any, that says the same of the same subject.

        It began at the same moment; or, where that is not known, holds now and has the same end.
        """
        same = select(Block).where(
            Block.site_id == block.site_id,
            Block.subject_kind == block.subject_kind,
            Block.subject == block.subject,
            Block.penalty == block.penalty,
        )
        if since_known:
            same = same.where(Block.starts_at == block.starts_at)
        else:
            same_end = Block.ends_at.is_(None) if block.ends_at is None else Block.ends_at == block.ends_at
            same = same.where(same_end, *Block.in_force(now))
        return self._session.scalar(same.order_by(Block.id).limit(1))

    def active_premoderation(
        self, *, site_id: str, now: datetime, author_id: str | None = None, email_domain: str | None = None
    ) -> Block | None:
        """Return the premoderation of this author that lasts longest, or else the one of the domain."""
        return self._longest("premoderate", site_id, now, author_id, email_domain, _NOWHERE)

    def _longest(
        self,
        penalty: str,
        site_id: str,
        now: datetime,
        author_id: str | None,
        email_domain: str | None,
        networks: Mapping[str, str],
        erased_key: str | None = None,
    ) -> Block | None:
        who: list[tuple[str, str, str]] = []
        if author_id:
            who.append(("author", author_id, ""))
        if email_domain:
            who.append(("email_domain", email_domain.lower(), ""))
        who += [("network", value, key) for key, value in networks.items()]
        if erased_key:
            who.append(("erased", erased_key, ""))
        if not who:
            return None
        given = {"penalty": penalty, "site_id": site_id, "now": now}
        for place, (_, subject, key) in enumerate(who):
            given |= {f"subject_{place}": subject, f"key_{place}": key}
        block_id = self._session.scalar(_longest_of(tuple(kind for kind, _, _ in who)), given)
        return self._session.get(Block, block_id) if block_id else None

    def lift_block(self, block_id: str, by: str, at: datetime, note: str | None = None) -> Block | None:
        """End an entry now; return it, or None if it is unknown, lifted or over already."""
        lift = (
            update(Block)
            .where(Block.id == block_id, *Block.not_over(at))
            .values(lifted_at=at, lifted_by=by, note=Block.note if note is None else note, erased_key=None)
        )
        if changed(self._session, lift, execution_options={"synchronize_session": False}) == 0:
            return None
        return self._session.get(Block, block_id, populate_existing=True)

    def reinstate_block(self, block_id: str) -> Block | None:
        """Return an entry that holds again because its lifting was undone; None if it is unknown or was not lifted."""
        again = (
            update(Block)
            .where(Block.id == block_id, Block.lifted_at.is_not(None))
            .values(lifted_at=None, lifted_by=None)
        )
        if changed(self._session, again, execution_options={"synchronize_session": False}) == 0:
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
            .values(expired_at=at, erased_key=None)
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
        which: Which | None = None,
        after: str | None = None,
        limit: int = LIMIT,
    ) -> Page[Block]:
        """Return a page of the block list, newest first."""
        query = _chosen(select(Block), which or Which(), now)
        query = keyset(query, Block.starts_at, Block.id, after=after, limit=limit, newest_first=True)
        return page_of(self._session.scalars(query).all(), limit, lambda row: (row.starts_at, row.id))


@cache
def _longest_of(kinds: tuple[str, ...]) -> Select[str]:
    """Return the question for the block that lasts longest of the first of these subjects that has one.

    One question with a part for each, because a condition over all of them would use no index; written once, because it is
    asked three times of every comment and to write it costs more than to answer it.
    """
    now = bindparam("now", type_=UtcDateTime())
    parts = []
    for place, kind in enumerate(kinds):
        subject: BindParameter[str] = bindparam(f"subject_{place}")
        key: BindParameter[str] = bindparam(f"key_{place}")
        is_it = {
            "erased": Block.erased_key == subject,
            "network": (Block.subject == subject) & (Block.network_key_id == key),
        }.get(kind, Block.subject == subject)
        kinds_alike = true() if kind == "erased" else Block.subject_kind == kind
        parts.append(
            select(literal(place).label("place"), Block.id, Block.ends_at).where(
                Block.site_id == bindparam("site_id"),
                kinds_alike,
                is_it,
                Block.penalty == bindparam("penalty"),
                *Block.in_force(now),
            )
        )
    found = union_all(*parts).subquery()
    for_ever_first = (found.c.ends_at.is_not(None), found.c.ends_at.desc(), found.c.id)
    return select(found.c.id).order_by(found.c.place, *for_ever_first).limit(1)


def _chosen(query: Select[Block], which: Which, now: datetime) -> Select[Block]:
    wanted = {
        Block.site_id: which.site_id,
        Block.penalty: which.penalty,
        Block.subject_kind: which.kind,
        Block.clause: which.clause,
        Block.subject: which.subject,
    }
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if which.in_force is not None:
        holds = and_(*Block.not_over(now))
        query = query.where(holds if which.in_force else not_(holds))
    if which.given_by is not None:
        by_ladder = Block.given_by == "ladder"
        query = query.where(by_ladder if which.given_by == "ladder" else not_(by_ladder))
    return query
