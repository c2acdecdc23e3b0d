"""Articles under discussion."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, false, func, select, update
from sqlalchemy.orm import Session

from moderation.store.paging import LIMIT, Page, keyset, page_of
from moderation.store.tables import Article, Site
from moderation.store.writing import added, changed

# Asked of every comment that arrives, and written once: to write a question costs more than to answer it.
_BY_SLUG = select(Article).where(Article.site_id == bindparam("site_id"), Article.slug == bindparam("slug"))
_BY_EXTERNAL_ID = select(Article).where(
    Article.site_id == bindparam("site_id"), Article.external_id == bindparam("external_id")
)
_SHOWN = (Article.deleted_at.is_(None), Article.elsewhere.is_(False))


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
        return self._session.scalar(_BY_SLUG, {"site_id": site_id, "slug": slug})

    def get_by_external_id(self, site_id: str, external_id: str) -> Article | None:
        """Return the article that the site's own system calls by this id."""
        return self._session.scalar(_BY_EXTERNAL_ID, {"site_id": site_id, "external_id": external_id})

    def find(self, slug: str) -> tuple[Site, Article] | None:
        """Return the article that we show by this short name, and its site: the oldest site that has one."""
        found = (
            select(Site, Article)
            .join(Article, Article.site_id == Site.id)
            .where(Article.slug == slug, *_SHOWN)
            .order_by(Site.created_at, Site.id)
            .limit(1)
        )
        row = self._session.execute(found).first()
        return (row[0], row[1]) if row else None

    def get_by_url(self, site_id: str, url: str) -> Article | None:
        """Return the article that stands at this address of the site, the newest if there are several."""
        found = select(Article).where(
            Article.site_id == site_id, Article.url.in_(same_page(url)), Article.deleted_at.is_(None)
        )
        return self._session.scalar(found.order_by(Article.published_at.desc(), Article.id.desc()).limit(1))

    def named(
        self, site_id: str, *, slugs: Sequence[str], urls: Sequence[str], external_ids: Sequence[str]
    ) -> list[Article]:
        """Return the articles of a site that we show and that any of these names means."""
        pages = {page for url in urls for page in same_page(url)}
        meant = Article.slug.in_(slugs) | Article.external_id.in_(external_ids) | Article.url.in_(pages)
        found = select(Article).where(Article.site_id == site_id, meant, *_SHOWN)
        return [*self._session.scalars(found)]

    def closing_changed(self, now: datetime, limit: int = LIMIT) -> list[tuple[Article, int]]:
        """Return articles whose days ended, or were prolonged, and of which that is not noted; with these days.

        A query for each number of days in use: databases reckon with dates in too different ways.
        """
        days = func.coalesce(Article.closes_after_days, Site.closes_after_days, 0)
        left_open = (Article.discussion != "closed", Article.deleted_at.is_(None))
        of_sites = select(days).select_from(Article).join(Site, Site.id == Article.site_id)
        found: list[tuple[Article, int]] = []
        for number in self._session.scalars(of_sites.where(*left_open).distinct()).all():
            over = Article.published_at <= now - timedelta(days=number) if number else false()
            query = (
                select(Article)
                .join(Site, Site.id == Article.site_id)
                .where(days == number, *left_open, over == Article.closed_at.is_(None))
                .order_by(Article.published_at, Article.id)
                .limit(limit)
            )
            found += [(article, number) for article in self._session.scalars(query)]
        return found

    def note_closing(self, article_id: str, at: datetime | None) -> bool:
        """Note that a discussion closed by itself, or (None) is open again; return False where that is noted already."""
        noted = Article.closed_at.is_not(None) if at is None else Article.closed_at.is_(None)
        note = update(Article).where(Article.id == article_id, Article.discussion != "closed", noted)
        return changed(self._session, note.values(closed_at=at)) == 1

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
