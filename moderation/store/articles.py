"""Articles under discussion."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation.store.paging import LIMIT, Page, keyset, page_of
from moderation.store.tables import Article
from moderation.store.writing import added


def same_page(url: str) -> tuple[str, ...]:
    """Return the addresses that mean the same page: with http or https, with or without a last slash or a fragment."""
    rest = url.partition("#")[0].removeprefix("https://").removeprefix("http://").removesuffix("/")
    return (
        tuple(f"{scheme}://{rest}{end}" for scheme in ("https", "http") for end in ("", "/")) if rest else ()
    )


class Articles:
    """Articles by id, by their site's own id, and by their short name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, article: Article) -> Article:
        """Store a new article."""
        return added(self._session, article)

    def update(self, article: Article) -> Article:
        """Store the changes made to an article that was read in this transaction or an earlier one."""
        merged = self._session.merge(article)
        self._session.flush()
        return merged

    def get(self, article_id: str) -> Article | None:
        """Return the article with this id."""
        return self._session.get(Article, article_id)

    def get_by_slug(self, site_id: str, slug: str) -> Article | None:
        """Return the article with this short name on the site."""
        return self._session.scalar(select(Article).where(Article.site_id == site_id, Article.slug == slug))

    def get_by_external_id(self, site_id: str, external_id: str) -> Article | None:
        """Return the article that the site's own system calls by this id."""
        found = select(Article).where(Article.site_id == site_id, Article.external_id == external_id)
        return self._session.scalar(found)

    def get_by_url(self, site_id: str, url: str) -> Article | None:
        """Return the article that stands at this address of the site, the newest if there are several."""
        found = select(Article).where(
            Article.site_id == site_id, Article.url.in_(same_page(url)), Article.deleted_at.is_(None)
        )
        return self._session.scalar(found.order_by(Article.published_at.desc(), Article.id.desc()).limit(1))

    def page(
        self,
        *,
        site_id: str | None = None,
        after: str | None = None,
        limit: int = LIMIT,
        deleted: bool = False,
        elsewhere: bool = False,
    ) -> Page[Article]:
        """Return articles, newest first; deleted ones, and those discussed elsewhere, only if asked for."""
        query = select(Article)
        if site_id is not None:
            query = query.where(Article.site_id == site_id)
        if not deleted:
            query = query.where(Article.deleted_at.is_(None))
        if not elsewhere:
            query = query.where(Article.elsewhere.is_(False))
        query = keyset(query, Article.published_at, Article.id, after=after, limit=limit, newest_first=True)
        return page_of(self._session.scalars(query).all(), limit, lambda row: (row.published_at, row.id))
