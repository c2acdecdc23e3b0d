"""From a CMS's own payload to our events: the parts that are there, cut to what an article can hold, checked as ours."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from moderation.protocols import strict_json
from moderation.protocols.plain_text import text_of
from moderation.protocols.types import Event

_LONGEST = {"title": 500, "summary": 20_000, "text": 200_000, "byline": 500}
_LONGEST_URL = 2_000


def part(value: object) -> dict[str, object]:
    """Return an object, an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def text_at(told: dict[str, object], *names: str) -> str | None:
    """Return the first of these fields that is a text with something in it."""
    for name in names:
        value = told.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None


def link(url: str | None) -> str | None:
    """Return an address if it is one that a browser opens as a page."""
    fits = url is not None and url.startswith(("https://", "http://")) and url.isprintable()
    return url if fits and url and " " not in url and len(url) <= _LONGEST_URL else None


def plain(html: str | None) -> str | None:
    """Return HTML as plain text."""
    return text_of(html) or None if html else None


def checked(kind: type[Event], *, article: dict[str, Any], **told: Any) -> Event:
    """Return the event, or raise InvalidInput that names the field of ours which could not be filled."""
    cut = {
        name: value[: _LONGEST[name]] if name in _LONGEST and isinstance(value, str) else value
        for name, value in article.items()
        if value is not None
    }
    try:
        return TypeAdapter(kind).validate_python({**told, "article": cut})
    except ValidationError as error:
        faults: dict[str, list[str]] = {}
        for fault in error.errors(include_url=False, include_input=False):
            path = ".".join(strict_json.printable(str(step)) for step in fault["loc"])
            faults.setdefault(path, []).append(f"Could not be read from the payload: {fault['msg']}.")
        raise strict_json.malformed(faults) from None  # the cause quotes what was sent
