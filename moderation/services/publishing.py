"""Articles in, from a CMS or from the desk; discussions opened, held first, closed."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, cast

from moderation.engine.folding import is_visible
from moderation.errors import Conflict, InvalidInput, NotFound, Raced
from moderation.services import Tools, acting
from moderation.services.checking import unfit
from moderation.services.recording import keep_step
from moderation.store.articles import same_page
from moderation.store.tables import Article, Site
from moderation.store.unit_of_work import Store

Discussion = Literal["open", "held-first", "closed"]
_TRIES = 5
DISCUSSIONS = ("open", "held-first", "closed")
LONGEST_OPEN = 3650  # days
_SET_UP = "page:"  # begins the external id of an article that the embed set up, until its CMS tells of it
_LIMITS = {
    "title": 500,
    "slug": 200,
    "source": 500,
    "byline": 500,
    "url": 2000,
    "summary": 20_000,
    "text": 500_000,
    "language": 35,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFields:
    """What is said of an article; None leaves a field as it is."""

    title: str | None = None
    slug: str | None = None
    source: str | None = None
    byline: str | None = None
    url: str | None = None
    summary: str | None = None
    text: str | None = None
    people: tuple[str, ...] | None = None
    language: str | None = None
    published_at: datetime | None = None
    discussion: str | None = None
    closes_after_days: int | Literal["site"] | None = None  # 0: never; "site": as the site says
    elsewhere: bool | None = None  # whether another system shows the discussion
    told_at: datetime | None = (
        None  # when it happened at the site; what is older than the last news changes nothing
    )


def closes_at(site: Site, article: Article) -> datetime | None:
    """Return when a discussion closes by itself, or None where it does not."""
    days = site.closes_after_days if article.closes_after_days is None else article.closes_after_days
    try:
        return article.published_at + timedelta(days=days) if days else None
    except OverflowError:  # a date near the end of the calendar
        return None


def discussion_at(site: Site, article: Article, now: datetime) -> Discussion:
    """Return whether a discussion is open, held first or closed at a moment: by a moderator or by itself."""
    closing = closes_at(site, article)
    return cast("Discussion", "closed" if closing is not None and closing <= now else article.discussion)


def days_of(text: str) -> int | Literal["site"]:
    """Return the days that a person typed; empty or `site` means as the site says."""
    text = text.strip()
    if text in ("", "site"):
        return "site"
    if text.isascii() and text.isdigit() and len(text) < 6:
        return int(text)
    raise InvalidInput(
        "The article could not be saved.",
        {"closes_after_days": [f"Give days from 1 to {LONGEST_OPEN:,}, or 0 for never."]},
    )


def external_id_of_page(url: str) -> str:
    """Return the external id of an article that only its page is known of; the same page gives the same."""
    return _SET_UP + hashlib.sha256(min(same_page(url)).encode()).hexdigest()[:40]


def save_article(
    tools: Tools,
    site_id: str,
    given: ArticleFields,
    *,
    external_id: str | None = None,
    article_id: str | None = None,
    actor: str,
    request_id: str = "",
) -> Article:
    """Return the article, created or changed: found by our id, by the site's own id, or made anew.

    Raises:
        InvalidInput: names the field. NotFound: no article has `article_id`. Conflict: the slug is taken.
    """
    _check(given)
    for _ in range(_TRIES):
        try:
            return _save(tools, site_id, given, external_id, article_id, actor, request_id)
        except Raced:  # the same article or the same short name, at this moment
            continue
    raise Conflict("The article was changed again and again meanwhile. Send it again.")


def _save(
    tools: Tools,
    site_id: str,
    given: ArticleFields,
    external_id: str | None,
    article_id: str | None,
    actor: str,
    request_id: str,
) -> Article:
    now = tools.now()
    with tools.database.begin() as store:
        article = _find(store, site_id, external_id, article_id, given.url)
        created = article is None
        if article is not None and given.told_at is not None:
            if article.told_at is not None and given.told_at < article.told_at:
                return article
            article.deleted_at = None  # published again
        if article is None:
            if not (given.title or "").strip():
                raise InvalidInput("The article could not be saved.", {"title": ["The headline is missing."]})
            slug = given.slug or free_slug(store, site_id, given.title or "")
            article = Article(
                site_id=site_id,
                external_id=external_id,
                slug=slug,
                title="",
                published_at=now,
                updated_at=now,
            )
        elif given.title is not None and not given.title.strip():
            raise InvalidInput("The article could not be saved.", {"title": ["The headline is missing."]})
        if (
            given.slug
            and (taken := store.articles.get_by_slug(site_id, given.slug))
            and taken.id != article.id
        ):
            raise Conflict("Another article has this name in its address. Choose another.")
        if external_id is not None:
            article.external_id = external_id  # its CMS tells of an article that the embed had set up
        if given.closes_after_days is not None:
            days = given.closes_after_days
            article.closes_after_days = None if days == "site" else days
        for field in fields(given):
            value = getattr(given, field.name)
            if value is not None and field.name not in ("discussion", "closes_after_days"):
                setattr(article, field.name, list(value) if isinstance(value, tuple) else value)
        article.updated_at = now
        if given.discussion is not None:
            _set(article, cast("Discussion", given.discussion), now)
        article = store.articles.add(article) if created else store.articles.update(article)
        store.audit.append(
            at=now,
            actor=actor,
            action="article.created" if created else "article.changed",
            subject=f"article:{article.id}",
            detail={"discussion": article.discussion},
            request_id=request_id,
        )
        return article


def set_discussion(
    tools: Tools, article_id: str, discussion: str, actor: str, request_id: str = ""
) -> Article:
    """Return the article with its discussion open, held first or closed.

    One that had closed by itself and is opened again stays open until somebody closes it.
    """
    _check(ArticleFields(discussion=discussion))
    now = tools.now()
    with tools.database.begin() as store:
        article = store.articles.get(article_id)
        if article is None or article.deleted_at is not None:
            raise NotFound("There is no such article.")
        site = store.sites.get(article.site_id)
        assert site is not None
        before, fields_before = discussion_at(site, article, now), _fields_of_discussion(article)
        acting.check(store, actor, discussion, partial(acting.actions_on_article, before))
        _set(article, cast("Discussion", discussion), now)
        if (
            discussion_at(site, article, now) != discussion
        ):  # its days are over: from now on it is opened by hand
            article.closes_after_days, article.closed_at = 0, None
        article.updated_at = now
        article = store.articles.update(article)
        store.audit.append(
            at=now,
            actor=actor,
            action="discussion.changed",
            subject=f"article:{article.id}",
            detail={"before": before, "after": discussion},
            request_id=request_id,
        )
        keep_step(
            store,
            "discussion",
            actor,
            now,
            action=discussion,
            subject=f"article:{article.id}",
            more={"before": fields_before, "left": _fields_of_discussion(article)},
        )
        return article


def _fields_of_discussion(article: Article) -> dict[str, Any]:
    return {
        "discussion": article.discussion,
        "closes_after_days": article.closes_after_days,
        "closed_at": article.closed_at.isoformat() if article.closed_at else None,
    }


def set_back(store: Store, article: Article, before: Mapping[str, Any], now: datetime) -> None:
    """Let a discussion stand as it did before a step that is undone."""
    article.discussion = before["discussion"]
    article.closes_after_days = before["closes_after_days"]
    article.closed_at = datetime.fromisoformat(before["closed_at"]) if before["closed_at"] else None
    article.updated_at = now
    store.articles.update(article)


def stands_as(article: Article, left: Mapping[str, Any]) -> bool:
    """Tell whether a discussion is as a step left it; that it closes by itself meanwhile is no change."""
    now = _fields_of_discussion(article)
    return all(now[name] == left[name] for name in ("discussion", "closes_after_days"))


def close_by_news(
    tools: Tools,
    article_id: str,
    told_at: datetime,
    actor: str,
    request_id: str = "",
    *,
    deleted: bool = False,
) -> Article:
    """Return the article, closed or deleted as its site told, unless later news of it came already."""
    now = tools.now()
    with tools.database.begin() as store:
        article = store.articles.get(article_id)
        if article is None:
            raise NotFound("There is no such article.")
        if article.told_at is not None and told_at < article.told_at:
            return article
        if deleted:  # published again, it has the discussion it had
            article.deleted_at = article.deleted_at or now
        else:
            _set(article, "closed", now)
        article.told_at, article.updated_at = told_at, now
        article = store.articles.update(article)
        store.audit.append(
            at=now,
            actor=actor,
            action="article.deleted" if deleted else "discussion.changed",
            subject=f"article:{article.id}",
            detail={"discussion": article.discussion},
            request_id=request_id,
        )
        return article


def _set(article: Article, discussion: Discussion, now: datetime) -> None:
    if discussion == "closed":
        article.closed_at = article.closed_at or now
    elif article.discussion == "closed":
        article.closed_at = (
            None  # one that closed by itself keeps its moment: `closing.py` sees whether it still is
        )
    article.discussion = discussion


def _find(
    store: Store, site_id: str, external_id: str | None, article_id: str | None, url: str | None
) -> Article | None:
    if article_id is not None:
        article = store.articles.get(article_id)
        if article is None or article.site_id != site_id or article.deleted_at is not None:
            raise NotFound("There is no such article.")
        return article
    if external_id is None:
        return None
    known = store.articles.get_by_external_id(site_id, external_id)
    if known is None and url and not external_id.startswith(_SET_UP):
        return store.articles.get_by_external_id(site_id, external_id_of_page(url))
    return known


def _check(given: ArticleFields) -> None:
    problems: dict[str, list[str]] = {}
    for name, longest in _LIMITS.items():
        value = getattr(given, name)
        if value is None:
            continue
        if len(value) > longest:
            problems[name] = [f"Shorten it to {longest:,} characters."]
        elif name != "text" and (problem := unfit(value, lines=name == "summary")):
            problems[name] = [f"It {problem}."]
        elif not _fit(value):
            problems[name] = ["Remove the control characters."]
        elif name == "title" and not any(map(is_visible, value)):
            problems[name] = ["The headline is missing."]
    if given.slug is not None and not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", given.slug):
        problems["slug"] = ["Use small Latin letters, digits and single hyphens."]
    if given.url and not re.fullmatch(r"https?://[^\s]+", given.url):
        problems["url"] = ["Write an address that begins with https://."]
    if given.discussion is not None and given.discussion not in DISCUSSIONS:
        problems["discussion"] = [f"One of {', '.join(DISCUSSIONS)}."]
    days = given.closes_after_days
    if isinstance(days, int) and not 0 <= days <= LONGEST_OPEN:
        problems["closes_after_days"] = [f"Give days from 1 to {LONGEST_OPEN:,}, or 0 for never."]
    if given.people is not None and (len(given.people) > 200 or any(len(p) > 200 for p in given.people)):
        problems["people"] = ["Name 200 people at most, each in 200 characters."]
    elif given.people is not None and any(
        unfit(person, lines=False) or not _fit(person) for person in given.people
    ):
        problems["people"] = ["Write plain names, without markup and control characters."]
    if given.language is not None and not re.fullmatch(
        r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", given.language
    ):
        problems.setdefault("language", ["Write a language tag such as en or hy."])
    if problems:
        raise InvalidInput("The article could not be saved. Correct what is named.", problems)


def _fit(text: str) -> bool:
    """Tell whether a text can be kept: no control characters but line ends and tabs, no half surrogate pairs."""
    return not any("\ud800" <= c <= "\udfff" or (c < " " and c not in "\n\r\t") for c in text)


def free_slug(store: Store, site_id: str, title: str) -> str:
    """Return a short name made of the headline that no other article of the site has."""
    latin = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = "-".join(re.findall(r"[a-z0-9]+", latin)[:10])[:80].strip("-") or "article"
    slug, number = base, 1
    while store.articles.get_by_slug(site_id, slug) is not None:
        number += 1
        slug = f"{base}-{number}"
    return slug
