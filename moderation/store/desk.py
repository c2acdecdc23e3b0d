"""Lists that moderators look at; each page takes the same number of queries however long it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from moderation.store.paging import LIMIT, Page, keyset, page_of, page_of_ranked, ranked
from moderation.store.penalties import Penalties, Which
from moderation.store.people import People, Standing
from moderation.store.tables import Article, Author, Block, Comment, DecisionRow, Delivery, Moderator


@dataclass(frozen=True, slots=True)
class Item:
    """A comment with all that is needed to judge it."""

    comment: Comment
    decision: DecisionRow | None
    author: Author
    article: Article
    standing: Standing
    parent: Comment | None = None
    parent_author: Author | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which comments of the queue are meant; what is None does not matter.

    `by_engine` leaves out what a person decided; `sampled` takes one comment of 16, always the same ones.
    """

    states: tuple[str, ...] = ("held",)
    site_id: str | None = None
    clause: str | None = None
    detector: str | None = None
    language: str | None = None
    article_id: str | None = None
    author_id: str | None = None
    by_engine: bool = False
    sampled: bool = False

    def of(self, *columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[Any]:
        """Return the query for these columns of the comments that are meant."""
        equal = {
            Comment.site_id: self.site_id,
            Comment.article_id: self.article_id,
            Comment.author_id: self.author_id,
            Comment.clause: self.clause,
            Comment.detector: self.detector,
            Comment.language: self.language,
        }
        query = select(*columns).where(_in_states(self.states))
        query = query.where(*(column == value for column, value in equal.items() if value is not None))
        if self.by_engine:
            engine_made = select(DecisionRow.id).where(DecisionRow.made_by == "engine")
            query = query.where(engine_made.where(DecisionRow.id == Comment.decision_id).exists())
        if self.sampled:
            query = query.where(Comment.id.like("%0"))  # the last hexadecimal digit of a uuid7 is random
        return query


@dataclass(frozen=True, slots=True)
class BlockEntry:
    """A line of the block list; `author` is None for a domain, `given_by` the name if a moderator gave it."""

    block: Block
    author: Author | None
    given_by: str


class Desk:
    """The queue, the block list, and counts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def queue(
        self,
        *,
        now: datetime,
        wanted: Wanted | None = None,
        after: str | None = None,
        limit: int = LIMIT,
        newest_first: bool = False,
        by_rank: bool = False,
        **which: Any,
    ) -> Page[Item]:
        """Return the comments that are meant: by rank and then age, or oldest or newest first.

        `which` names them as `Wanted` does, where that is not given.
        """
        query = (wanted or Wanted(**which)).of(Comment.id)
        place = (Comment.received_at, Comment.id)
        query = (
            ranked(query, Comment.rank, *place, after=after, limit=limit)
            if by_rank
            else keyset(query, *place, after=after, limit=limit, newest_first=newest_first)
        )
        # First the ids, by an index alone: joined at once, a long queue might be sorted whole.
        ids = self._session.scalars(query).all()
        items = self.items(ids, now)
        if by_rank:
            return page_of_ranked(
                items,
                limit,
                lambda item: (item.comment.rank, item.comment.received_at, item.comment.id),
            )
        return page_of(items, limit, lambda item: (item.comment.received_at, item.comment.id))

    def count(self, wanted: Wanted, most: int) -> int:
        """Return how many comments are meant; `most` + 1 stands for any more, for counting takes time."""
        some = wanted.of(Comment.id).limit(most + 1).subquery()
        return self._session.scalar(select(func.count()).select_from(some)) or 0

    def versions(self, wanted: Wanted, *, after: str, limit: int) -> list[tuple[str, int]]:
        """Return id and version of up to so many comments that are meant, by id, from the one after `after`."""
        query = wanted.of(Comment.id, Comment.version).where(Comment.id > after)
        return [
            (key, version) for key, version in self._session.execute(query.order_by(Comment.id).limit(limit))
        ]

    def items(self, comment_ids: Sequence[str], now: datetime) -> list[Item]:
        """Return these comments, as far as they are there, in this order."""
        found = self._session.execute(with_surroundings().where(Comment.id.in_(comment_ids))).all()
        rows = {row[0].id: row for row in found}
        return items_of(self._session, [rows[key] for key in comment_ids if key in rows], now)

    def waiting(self, comment_ids: Sequence[str]) -> list[str]:
        """Return those of these comments that are there, in this order."""
        found = {*self._session.scalars(select(Comment.id).where(Comment.id.in_(comment_ids)))}
        return [key for key in comment_ids if key in found]

    def counts(self, site_id: str | None = None) -> dict[str, int]:
        """Return how many comments are in each state; states without any are left out."""
        query = select(Comment.state, func.count()).group_by(Comment.state)
        if site_id is not None:
            query = query.where(Comment.site_id == site_id)
        return dict(self._session.execute(query).all())

    def held_by(
        self, what: Literal["clause", "detector", "language"], site_id: str | None = None
    ) -> dict[str, int]:
        """Return how many comments are held by clause, by detector or by language, most first; "" for none."""
        column: InstrumentedAttribute[str | None] = getattr(Comment, what)
        number = func.count()
        query = select(func.coalesce(column, ""), number).where(_in_states(("held",)))
        query = query.group_by(column).order_by(number.desc(), column)
        if site_id is not None:
            query = query.where(Comment.site_id == site_id)
        return dict(self._session.execute(query).all())

    def oldest_held(self, site_id: str | None = None) -> datetime | None:
        """Return since when the comment waits that waits longest."""
        query = select(func.min(Comment.received_at)).where(Comment.state == "held")
        if site_id is not None:
            query = query.where(Comment.site_id == site_id)
        return self._session.scalar(query)

    def given_up_count(self, site_id: str | None = None) -> int:
        """Return how many deliveries were given up and could be sent again."""
        query = select(func.count()).where(Delivery.given_up_at.is_not(None), Delivery.payload != "")
        if site_id is not None:
            query = query.where(Delivery.site_id == site_id)
        return self._session.scalar(query) or 0

    def block_list(
        self,
        *,
        now: datetime,
        which: Which | None = None,
        after: str | None = None,
        limit: int = LIMIT,
    ) -> Page[BlockEntry]:
        """Return the block list with names, newest first, in three queries; what holds now if nothing is asked for."""
        page = Penalties(self._session).page(
            now=now, which=which or Which(in_force=True), after=after, limit=limit
        )
        ids = {block.subject for block in page.items if block.subject_kind == "author"}
        authors = {row.id: row for row in self._session.scalars(select(Author).where(Author.id.in_(ids)))}
        names = self.moderator_names(block.given_by for block in page.items)
        entries = [
            BlockEntry(block, authors.get(block.subject), names.get(block.given_by, block.given_by))
            for block in page.items
        ]
        return Page(entries, page.next)

    def moderator_names(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the names of those moderators among these ids; `engine` and `ladder` are none."""
        query = select(Moderator.id, Moderator.name).where(Moderator.id.in_(set(ids)))
        return dict(self._session.execute(query).all())


def _in_states(states: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition of these states; what is held is said literally, for the indexes over that alone."""
    if tuple(states) == ("held",):
        return Comment.state == literal_column("'held'")
    return Comment.state.in_(states)


Surroundings = tuple[Comment, DecisionRow | None, Author, Article, Comment | None, Author | None]


def with_surroundings() -> Select[Comment, DecisionRow, Author, Article, Comment, Author]:
    """Return the query for comments with decision, author, article and what they answer."""
    parent, parent_author = aliased(Comment), aliased(Author)
    return (
        select(Comment, DecisionRow, Author, Article, parent, parent_author)
        .join(Author, Author.id == Comment.author_id)
        .join(Article, Article.id == Comment.article_id)
        .join(DecisionRow, DecisionRow.id == Comment.decision_id, isouter=True)
        .join(parent, parent.id == Comment.parent_id, isouter=True)
        .join(parent_author, parent_author.id == parent.author_id, isouter=True)
    )


def items_of(session: Session, rows: Iterable[Surroundings], now: datetime) -> list[Item]:
    """Return what the query found, each with how its author stands."""
    found = [*rows]
    standings = People(session).standings((author.id for _, _, author, *_ in found), now)
    return [
        Item(comment, decision, author, article, standings[author.id], parent, parent_author)
        for comment, decision, author, article, parent, parent_author in found
    ]
