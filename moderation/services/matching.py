"""Pages and persons of an archive as articles and authors of ours: known again where they are here, made where not."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from moderation.protocols.archives.types import Page, Person, Record
from moderation.services import Tools
from moderation.services.addresses import LONGEST, email_key
from moderation.services.publishing import external_id_of_page, free_slug
from moderation.store.tables import Article, Author, Import, ImportedAuthor, Site
from moderation.store.unit_of_work import Store

_OF_ITS_OWN = ("external_id", "slug", "people")  # fields of an article that are looked at by themselves


@dataclass(frozen=True)
class Job:
    """An import at work: what holds for all its records, and the articles it has met."""

    tools: Tools
    site: Site
    begun: Import
    base: str
    key_of: Callable[[str], str | None]
    articles: dict[str, str] = field(default_factory=dict)


def job_for(tools: Tools, site: Site, begun: Import, base: str) -> Job:
    """Return the job of an import; `base` is put before addresses that are paths."""

    @cache
    def key_of(email: str) -> str | None:
        try:
            return email_key(tools, email) if 0 < len(email) <= LONGEST else None
        except ValueError:  # it is no address
            return None

    return Job(tools, site, begun, base.rstrip("/"), key_of)


def address_of(job: Job, page: Page) -> str:
    """Return the address of a page, or nothing where it is none that a browser could open."""
    address = page.address
    if address.startswith("/") and not address.startswith("//"):
        address = f"{job.base}{address}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    fit = parts.scheme in ("http", "https") and parts.netloc and address.isprintable() and " " not in address
    return address if fit else ""


def article_for(job: Job, store: Store, found: Record, address: str, now: datetime) -> str:
    """Return the id of the article that stands at the record's page; a new one where none does."""
    page = found.page
    met = job.articles.get(page.id or address)
    if met is None:
        article = _find(job, store, page, address) or _made(job, store, found, address, now)
        met = job.articles[page.id or address] = article.id
    return met


def _find(job: Job, store: Store, page: Page, address: str) -> Article | None:
    site_id, slug = job.site.id, page.own.get("slug")
    external_ids = (
        page.own.get("external_id"),
        external_id_of_page(address) if address else None,
        _spare(job, page),
    )
    for external_id in external_ids:
        if external_id and (article := store.articles.get_by_external_id(site_id, external_id)) is not None:
            return article
    if address:
        return store.articles.get_by_url(site_id, address)
    article = store.articles.get_by_slug(site_id, slug) if slug else None
    return article if article is not None and (article.title, article.url) == (page.title, "") else None


def _spare(job: Job, page: Page) -> str:
    """Return the external id of an article without any address whose short name another article has."""
    return f"archive:{job.begun.source}:{page.id}"


def _made(job: Job, store: Store, found: Record, address: str, now: datetime) -> Article:
    page, own = found.page, found.page.own
    title = page.title or urlsplit(address).path.strip("/") or "Untitled"
    slug, external_id = own.get("slug"), own.get("external_id")
    taken = slug is not None and store.articles.get_by_slug(job.site.id, slug) is not None
    if external_id is None and not own:
        external_id = external_id_of_page(address)
    elif external_id is None and taken and not address:
        external_id = _spare(job, page)
    kept: dict[str, Any] = {"language": job.site.language}
    if page.closed:
        kept |= {"discussion": "closed", "closed_at": now}
    kept |= {name: value for name, value in own.items() if name not in _OF_ITS_OWN}
    return store.articles.add(
        Article(
            site_id=job.site.id,
            external_id=external_id,
            slug=free_slug(store, job.site.id, title) if taken or slug is None else slug,
            title=title,
            url=address,
            people=list(own.get("people", ())),
            published_at=page.published_at or found.posted_at or now,
            updated_at=now,
            **kept,
        )
    )


class Persons:
    """Who wrote the records of a part: known by the archive's id, by the site's own, or by the e-mail address."""

    def __init__(self, job: Job, store: Store, persons: Sequence[Person], now: datetime) -> None:
        self._job, self._now = job, now
        site_id, source = job.begun.site_id, job.begun.source
        external = {key for person in persons if (key := person.own.get("external_id"))}
        keys = {key for person in persons if (key := job.key_of(person.email))}
        self._by_id = store.imports.authors_of(site_id, source, {p.id for p in persons if p.id})
        self._by_external_id = store.imports.authors_by("external_id", site_id, external)
        self._by_email = store.imports.authors_by("email_key", site_id, keys)
        self.new: list[Author] = []
        self.named: list[ImportedAuthor] = []

    def author_id(self, person: Person, seen_at: datetime) -> str:
        """Return the author's id, of a new one where nothing says who it is."""
        external_id, key = person.own.get("external_id"), self._job.key_of(person.email)
        found = self._by_id.get(person.id)
        if found is None:
            found = self._by_external_id.get(external_id) if external_id else self._by_email.get(key or "")
            if found is None:
                found = self._add(person, None if external_id else key, seen_at)
            if person.id:
                self._by_id[person.id] = found
                self.named.append(
                    ImportedAuthor(
                        site_id=self._job.begun.site_id,
                        source=self._job.begun.source,
                        foreign_id=person.id,
                        author_id=found,
                    )
                )
        return found

    def _add(self, person: Person, key: str | None, seen_at: datetime) -> str:
        own = person.own
        author = Author(
            site_id=self._job.begun.site_id,
            external_id=own.get("external_id"),
            email_key=key,
            name=person.name,
            email=person.email.strip() if self._job.key_of(person.email) else None,
            role=own.get("role", "reader"),
            salt=None if own.get("erased_at") else secrets.token_bytes(16),
            created_at=own.get("created_at") or seen_at,
            confirmed_at=own.get("confirmed_at"),
            erased_at=own.get("erased_at"),
        )
        self.new.append(author)
        if author.external_id:
            self._by_external_id[author.external_id] = author.id
        if key:
            self._by_email[key] = author.id
        return author.id
