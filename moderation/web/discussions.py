"""A discussion for the pages that show it, on an article's own page and in the frame: which part, what was typed, where links lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request, url_for

from moderation.errors import NotFound
from moderation.services.publishing import closes_at, discussion_at
from moderation.store.paging import cursor
from moderation.store.tables import PUBLISHED, Article, Author, Comment, Site
from moderation.store.threads import ORDERS, Order, Thread, ThreadEntry, ThreadPage
from moderation.store.unit_of_work import Store
from moderation.web import languages
from moderation.web.toolbox import tools

THREADS, REPLIES = 20, 50
FIELDS = frozenset({"name", "email", "body", "parent", "notify", "checked", "csrf_token"})


LABELS = {
    "form": ("comment-form", "The form"),
    "name": ("name", "Name"),
    "email": ("email", "E-mail"),
    "body": ("body", "Comment"),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a reader typed, kept until it is right."""

    name: str = ""
    email: str = ""
    body: str = ""
    parent: str = ""
    notify: bool = False

    @classmethod
    def of_the_form(cls) -> "Typed":
        """Return what the form sent; browsers send line ends as CR LF."""
        form = request.form
        body = form.get("body", "").replace("\r\n", "\n")
        return cls(
            form.get("name", ""),
            form.get("email", ""),
            body,
            form.get("parent", ""),
            form.get("notify") == "yes",
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a discussion was asked for."""

    order: Order = "newest"
    after: str | None = None
    before: str | None = None
    aimed: str = ""

    @classmethod
    def of_the_address(cls) -> "Asked":
        """Return what the address asks for; an order that is none is the usual one."""
        order: Order = next((known for known in ORDERS if known == request.args.get("order")), "newest")
        return cls(
            order, request.args.get("after"), request.args.get("before"), request.args.get("around", "")
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of a discussion as a page shows it."""

    page: ThreadPage
    pinned: list[ThreadEntry]
    count: int
    order: Order
    aimed: str
    discussion: str
    closing: datetime | None


def part_of(store: Store, site: Site, shown: Article, asked: Asked) -> Shown:
    """Return the part of a discussion that was asked for; the first page has the pins too."""
    now = tools().now()
    after, aimed = asked.after, ""
    if place := place_of(store, shown, asked.aimed):
        after, aimed = place, asked.aimed
    order: Order = "newest" if aimed else asked.order
    first = not after and not asked.before
    return Shown(
        store.threads.page(shown.id, order=order, after=after, before=asked.before, limit=THREADS),
        store.threads.pinned(shown.id) if first else [],
        store.threads.count(shown.id),
        order,
        aimed,
        discussion_at(site, shown, now),
        closes_at(site, shown),
    )


def place_of(store: Store, shown: Article, comment_id: str) -> str | None:
    """Return the place just before a comment, so that a page from there, newest first, begins with it."""
    comment = store.comments.get(comment_id) if comment_id else None
    if comment is None or comment.article_id != shown.id or comment.state != PUBLISHED or comment.parent_id:
        return None
    return cursor(comment.received_at, comment.id + "z")  # sorts right after the id


def find_article(store: Store, slug: str) -> tuple[Site, Article]:
    """Return the article of this name, of the oldest site that has one."""
    found = store.articles.find(slug)
    if found is None:
        raise NotFound("There is no such article.")
    languages.of_site(found[0])
    return found


def find_named(store: Store, site_slug: str | None, named: Mapping[str, str]) -> tuple[Site, Article | None]:
    """Return the site, the oldest where none is named, and its article by `article` (its CMS's id, or slug) or `url`."""
    site = store.sites.get_by_slug(site_slug) if site_slug else next(iter(store.sites.all()), None)
    if site is None:
        raise NotFound("There is no such site.")
    languages.of_site(site)
    name, url = named.get("article", ""), named.get("url", "")
    found = None
    if name:
        found = store.articles.get_by_external_id(site.id, name) or store.articles.get_by_slug(site.id, name)
    if found is None and url:
        found = store.articles.get_by_url(site.id, url)
    if found is not None and found.elsewhere:
        raise NotFound("The discussion of this page is not here.")
    return site, found if found is not None and found.has_page else None


def find_parent(store: Store, shown: Article, comment_id: str) -> tuple[Comment, Author] | None:
    """Return the comment to be answered with its author, or None where none is asked for."""
    if not comment_id:
        return None
    comment = store.comments.get(comment_id)
    author = store.people.get(comment.author_id) if comment else None
    if comment is None or author is None or comment.article_id != shown.id or comment.state != "published":
        raise NotFound("The comment you want to answer is not there, or no longer.")
    return comment, author


def find_thread(
    store: Store, shown: Article, top_id: str, after: str | None, before: str | None, aimed: str | None
) -> Thread:
    """Return a page of a thread of this article; the page that has the comment `aimed` at where one is named."""
    top = store.comments.get(top_id)
    if top is None or top.article_id != shown.id:
        raise NotFound("There is no such comment.")
    reply = store.comments.get(aimed) if aimed else None
    if reply is not None and reply.top_id == top_id and reply.state == PUBLISHED:
        after = store.threads.page_of_reply(reply, REPLIES)
    found = store.threads.thread(top_id, after=after, before=before, limit=REPLIES)
    if found is None:
        raise NotFound("There is no such comment, or it is there no longer.")
    return found


ANY = "0" * 32  # stands for a comment's id in an address that is made once and used for many


def answering(comment_id: str) -> dict[str, Any]:
    """Return what an address says of the comment that is to be answered."""
    return {"reply-to": comment_id}


class PageLinks:
    """Where the parts of a discussion lead on the page of its article."""

    def __init__(self, slug: str) -> None:
        self._slug = slug
        self._permalink = url_for("pages.comment", comment_id=ANY)
        self._reply = url_for("pages.article", slug=slug, **answering(ANY)) + "#comment-form"

    def permalink(self, comment_id: str) -> str:
        """Return the address that a comment keeps."""
        return self._permalink.replace(ANY, comment_id)

    def reply(self, comment_id: str) -> str:
        """Return where a comment is answered."""
        return self._reply.replace(ANY, comment_id)

    def write(self) -> str:
        """Return where a comment that answers none is written."""
        return url_for("pages.article", slug=self._slug) + "#comment-form"

    def mine(self) -> str:
        """Return where a reader finds what he wrote."""
        return url_for("mine.mine")

    def order(self, order: Order) -> str:
        """Return where the comments stand in this order."""
        return self.page(order)

    def page(self, order: Order, **place: Any) -> str:
        """Return where the comments go on from a place."""
        chosen: dict[str, Any] = {} if order == "newest" else {"order": order}
        return url_for("pages.article", slug=self._slug, **chosen, **place) + "#comments"

    def thread(self, top_id: str, **place: Any) -> str:
        """Return where a thread goes on from a place."""
        return url_for("pages.thread", slug=self._slug, top_id=top_id, **place) + "#comments"

    def in_thread(self, reply: Comment) -> str:
        """Return where a reply stands in its thread."""
        place = url_for("pages.thread", slug=self._slug, top_id=reply.top_id, around=reply.id)
        return f"{place}#c-{reply.id}"

    def in_discussion(self, top: Comment) -> str:
        """Return where a comment that answers none stands."""
        return url_for("pages.article", slug=self._slug, around=top.id) + f"#c-{top.id}"
