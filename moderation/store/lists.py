"""What a site's own systems read page by page: its comments, the decisions on them, its articles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.store.paging import LIMIT, Page, keyset, page_of
from moderation.store.tables import Article, Author, Comment, DecisionRow


@dataclass(frozen=True, slots=True)
class Span:
    """Which part of a list: from `since` (counted in) to `until` (not), after a cursor, in which order."""

    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int = LIMIT
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class WhichComments:
    """Whose comments, on what, in which state; None: whichever."""

    state: str | None = None
    article_id: str | None = None
    article_external_id: str | None = None
    author_id: str | None = None
    author_external_id: str | None = None


class Lists:
    """Lists of one site, each row at a place that does not change, so that nothing is skipped or told twice."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def comments(
        self, site_id: str, which: WhichComments, span: Span
    ) -> Page[tuple[Comment, DecisionRow | None]]:
        """Return comments by when they came, each with the decision in force."""
        query = (
            select(Comment, DecisionRow)
            .join(DecisionRow, DecisionRow.id == Comment.decision_id, isouter=True)
            .where(Comment.site_id == site_id)
            .where(*_given({Comment.state: which.state, Comment.article_id: which.article_id}))
            .where(*_given({Comment.author_id: which.author_id}))
            .where(*_between(Comment.received_at, span))
        )
        if which.article_external_id is not None:
            article = select(Article.id).where(
                Article.site_id == site_id, Article.external_id == which.article_external_id
            )
            query = query.where(Comment.article_id == article.scalar_subquery())
        if which.author_external_id is not None:
            author = select(Author.id).where(
                Author.site_id == site_id, Author.external_id == which.author_external_id
            )
            query = query.where(Comment.author_id.in_(author))
        query = keyset(
            query,
            Comment.received_at,
            Comment.id,
            after=span.after,
            limit=span.limit,
            newest_first=span.newest_first,
        )
        rows = [(comment, decision) for comment, decision in self._session.execute(query)]
        return page_of(rows, span.limit, lambda row: (row[0].received_at, row[0].id))

    def decisions(
        self, site_id: str, comment_id: str | None, span: Span
    ) -> Page[tuple[DecisionRow, str | None]]:
        """Return decisions by when they were made, each with the site's own id of the comment; or those on one comment."""
        query = (
            select(DecisionRow, Comment.external_id)
            .join(Comment, Comment.id == DecisionRow.comment_id)
            .where(Comment.site_id == site_id)
            .where(*_given({DecisionRow.comment_id: comment_id}))
            .where(*_between(DecisionRow.decided_at, span))
        )
        query = keyset(
            query,
            DecisionRow.decided_at,
            DecisionRow.id,
            after=span.after,
            limit=span.limit,
            newest_first=span.newest_first,
        )
        rows = [(decision, external_id) for decision, external_id in self._session.execute(query)]
        return page_of(rows, span.limit, lambda row: (row[0].decided_at, row[0].id))

    def articles(self, site_id: str, external_id: str | None, after: str | None, limit: int) -> Page[Article]:
        """Return articles by when they came here, the latest first; the cursor is the id of the last.

        When it was published may be corrected, and an article would leave its place.
        """
        query = select(Article).where(Article.site_id == site_id, Article.deleted_at.is_(None))
        query = query.where(*_given({Article.external_id: external_id}))
        if after is not None:
            query = query.where(Article.id < after)
        found = self._session.scalars(query.order_by(Article.id.desc()).limit(limit + 1)).all()
        return Page([*found[:limit]], found[limit - 1].id if len(found) > limit else None)


def _given(wanted: Mapping[Any, str | None]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in wanted.items() if value is not None]


def _between(at: InstrumentedAttribute[datetime], span: Span) -> list[ColumnElement[bool]]:
    return [
        *([at >= span.since] if span.since is not None else []),
        *([at < span.until] if span.until is not None else []),
    ]
