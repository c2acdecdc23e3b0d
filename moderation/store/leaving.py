"""All comments of a site, read one after another to be taken elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from moderation.store.tables import Article, Author, Comment, DecisionRow

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, repr=False)
class Leaving:
    """A comment with who wrote it and the decision in force."""

    comment: Comment
    author: Author
    decision: DecisionRow | None


class SiteArchive:
    """The comments of a site by article, oldest first; a few hundred are held at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def count(self, site_id: str) -> int:
        """Return how many comments a site has, in whatever state."""
        return self._session.scalar(select(func.count()).where(Comment.site_id == site_id)) or 0

    def articles(self, site_id: str) -> Iterator[Article]:
        """Yield the articles of a site that have comments, deleted ones too."""
        commented = select(Comment.id).where(Comment.article_id == Article.id)
        query = select(Article).where(Article.site_id == site_id, commented.exists())
        yield from self._session.scalars(
            query.order_by(Article.published_at, Article.id).execution_options(yield_per=_AT_ONCE)
        )

    def comments(self, article_id: str) -> Iterator[Leaving]:
        """Yield the comments of an article, oldest first."""
        query = (
            select(Comment, Author, DecisionRow)
            .join(Author, Author.id == Comment.author_id)
            .join(DecisionRow, DecisionRow.id == Comment.decision_id, isouter=True)
            .where(Comment.article_id == article_id)
            .order_by(Comment.received_at, Comment.id)
            .execution_options(yield_per=_AT_ONCE)
        )
        for row in self._session.execute(query):
            yield Leaving(*row)
