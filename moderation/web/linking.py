"""Addresses in readers' words made clickable; the words themselves stay as they were typed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from apiflask import APIFlask
from linkify_it import LinkifyIt

REL = "ugc nofollow noopener"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of text, and the address it leads to or an empty string."""

    text: str
    href: str = ""


@cache
def _finder() -> LinkifyIt:
    """Return what finds addresses written out with http or https; `example.com` alone is left as it is."""
    finder = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("ftp:", "mailto:", "//"):
        finder.add(schema, None)
    return finder


def linked(text: str) -> list[Stretch]:
    """Return the whole text in order, cut where addresses begin and end."""
    return list(_stretches(text)) if "://" in text else [Stretch(text)]


def _stretches(text: str) -> Iterator[Stretch]:
    end = 0
    for found in _finder().match(text) or ():
        if not _leads_to_a_page(found.url):
            continue
        if found.index > end:
            yield Stretch(text[end : found.index])
        yield Stretch(text[found.index : found.last_index], found.url)
        end = found.last_index
    if end < len(text):
        yield Stretch(text[end:])


def _leads_to_a_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # A name before @ makes an address look as if it led elsewhere.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def register(app: APIFlask) -> None:
    """Give the templates this function as a filter."""
    app.jinja_env.filters["linked"] = linked
    app.jinja_env.globals["link_rel"] = REL
