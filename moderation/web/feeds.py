"""What anybody may read by program, without a key: how many comments there are, and the latest as Atom and RSS."""

import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from typing import Literal
from uuid import UUID
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, jsonify, request, url_for
from markupsafe import escape

from moderation.errors import InvalidInput, NotFound
from moderation.store.articles import same_page
from moderation.store.tables import Article, Site
from moderation.store.threads import ThreadEntry
from moderation.store.unit_of_work import Store
from moderation.web.toolbox import tools

blueprint = Blueprint("feeds", __name__)

Kind = Literal["atom", "rss"]
ENTRIES, MOST_COUNTS = 30, 100
FRESH_FOR = "public, max-age=60"
_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_LONGEST_TITLE = 120
# What XML 1.0 cannot carry at all, however it is written.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@blueprint.get("/counts")
def counts() -> Response:
    """Return how many comments readers can see, by the names asked for; 0 where nothing is known of an article."""
    asked = {name: request.args.getlist(name)[:MOST_COUNTS] for name in ("slug", "url", "external_id")}
    if sum(map(len, asked.values())) > MOST_COUNTS or not any(asked.values()):
        raise InvalidInput(f"Name 1 to {MOST_COUNTS} articles by slug, url or external_id.", status=400)
    with tools().database.read() as store:
        site = site_asked_for(store)
        known = store.articles.named(
            site.id, slugs=asked["slug"], urls=asked["url"], external_ids=asked["external_id"]
        )
        numbers = store.threads.counts(article.id for article in known)
    by_slug = {article.slug: numbers.get(article.id, 0) for article in known}
    by_id = {article.external_id: numbers.get(article.id, 0) for article in known}
    by_url = {article.url: numbers.get(article.id, 0) for article in known if article.url}
    answer = jsonify(
        slug={slug: by_slug.get(slug, 0) for slug in asked["slug"]},
        url={url: next((by_url[at] for at in same_page(url) if at in by_url), 0) for url in asked["url"]},
        external_id={name: by_id.get(name, 0) for name in asked["external_id"]},
    )
    answer.vary.add("Origin")
    if (origin := request.headers.get("Origin")) in site.origins:
        answer.headers["Access-Control-Allow-Origin"] = origin
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return kept_a_while(answer)


@blueprint.get("/comments.<any(atom, rss):kind>")
def of_site(kind: Kind) -> Response:
    """Return the latest comments of a site."""
    with tools().database.read() as store:
        site = site_asked_for(store)
        latest = store.threads.latest(site_id=site.id, limit=ENTRIES)
    return feed(kind, f"urn:uuid:{UUID(site.id)}", site.name, "/", site.created_at, latest)


@blueprint.get("/articles/<slug>/comments.<any(atom, rss):kind>")
def of_article(slug: str, kind: Kind) -> Response:
    """Return the latest comments on an article."""
    with tools().database.read() as store:
        found = store.articles.find(slug)
        if found is None:
            raise NotFound("There is no such article.")
        shown = found[1]
        latest = store.threads.latest(article_id=shown.id, limit=ENTRIES)
    page = url_for("pages.article", slug=shown.slug)
    return feed(kind, f"urn:uuid:{UUID(shown.id)}", shown.title, page, shown.published_at, latest)


def site_asked_for(store: Store) -> Site:
    """Return the site named by `site`, or whose page asks, or the oldest."""
    sites = store.sites.all()
    slug, origin = request.args.get("site"), request.headers.get("Origin")
    if slug:
        found = next((site for site in sites if site.slug == slug), None)
    else:
        asking = next((site for site in sites if origin in site.origins), None)
        found = asking or next(iter(sites), None)
    if found is None:
        raise NotFound("There is no such site.")
    return found


def feed(
    kind: Kind,
    feed_id: str,
    title: str,
    page: str,
    begun: datetime,
    latest: Iterable[tuple[ThreadEntry, Article]],
) -> Response:
    """Return a feed of comments; plain text throughout, so that a reader's words are never taken for HTML."""
    latest = list(latest)
    updated = max((entry.published_at or entry.received_at for entry, _ in latest), default=begun)
    write = atom if kind == "atom" else rss
    root = write(feed_id, f"Comments: {title}", page, updated, latest)
    ET.indent(root, "")
    answer = Response(
        ET.tostring(root, "utf-8", xml_declaration=True),
        content_type=f"application/{kind}+xml; charset=utf-8",
    )
    answer.last_modified = updated
    return kept_a_while(answer)


def atom(
    feed_id: str, title: str, page: str, updated: datetime, latest: list[tuple[ThreadEntry, Article]]
) -> ET.Element:
    """Return an Atom feed (RFC 4287) with threads as RFC 4685 means them left out: links say enough."""
    root = ET.Element("feed", xmlns=_ATOM)
    _say(root, "id", feed_id)
    _say(root, "title", title)
    _say(root, "updated", updated.isoformat())
    ET.SubElement(root, "link", rel="self", type="application/atom+xml", href=_absolute(request.full_path))
    ET.SubElement(root, "link", rel="alternate", type="text/html", href=_absolute(page))
    for entry, article in latest:
        node = ET.SubElement(root, "entry")
        _say(node, "id", f"urn:uuid:{UUID(entry.id)}")
        _say(node, "title", _title(entry, article))
        _say(ET.SubElement(node, "author"), "name", entry.author_name or "A reader")
        _say(node, "published", (entry.published_at or entry.received_at).isoformat())
        _say(node, "updated", (entry.published_at or entry.received_at).isoformat())
        ET.SubElement(node, "link", rel="alternate", type="text/html", href=_permalink(entry))
        body = _say(node, "content", entry.body)
        body.set("type", "text")
        if entry.language:
            body.set("xml:lang", entry.language)
    return root


def rss(
    _: str, title: str, page: str, updated: datetime, latest: list[tuple[ThreadEntry, Article]]
) -> ET.Element:
    """Return an RSS 2.0 feed; a description is HTML there, so the words are escaped once more."""
    root = ET.Element("rss", {"version": "2.0", "xmlns:dc": _DC, "xmlns:atom": _ATOM})
    channel = ET.SubElement(root, "channel")
    _say(channel, "title", title)
    _say(channel, "link", _absolute(page))
    _say(channel, "description", title)
    _say(channel, "lastBuildDate", format_datetime(updated))
    ET.SubElement(
        channel, "atom:link", rel="self", type="application/rss+xml", href=_absolute(request.full_path)
    )
    for entry, article in latest:
        item = ET.SubElement(channel, "item")
        _say(item, "title", _title(entry, article))
        _say(item, "link", _permalink(entry))
        _say(item, "guid", f"urn:uuid:{UUID(entry.id)}").set("isPermaLink", "false")
        _say(item, "dc:creator", entry.author_name or "A reader")
        _say(item, "pubDate", format_datetime(entry.published_at or entry.received_at))
        _say(item, "description", str(escape(entry.body)))
    return root


def kept_a_while(answer: Response) -> Response:
    """Return the answer with leave to keep it for a minute, or 304 to who has it."""
    answer.headers["Cache-Control"] = FRESH_FOR
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _say(parent: ET.Element, tag: str, text: str) -> ET.Element:
    node = ET.SubElement(parent, tag)
    node.text = _NO_XML.sub("\ufffd", text)
    return node


def _title(entry: ThreadEntry, article: Article) -> str:
    return f"{entry.author_name or 'A reader'}: {article.title}"[:_LONGEST_TITLE]


def _permalink(entry: ThreadEntry) -> str:
    return _absolute(url_for("pages.comment", comment_id=entry.id))


def _absolute(path: str) -> str:
    return tools().settings.base_url.rstrip("/") + path.removesuffix("?")
