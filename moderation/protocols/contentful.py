"""Contentful's webhooks with its request verification: an entry published, unpublished or deleted.

https://www.contentful.com/developers/docs/webhooks/request-verification. What happened is read from the body alone: the
header with the topic need not be among those that are signed.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from moderation.protocols import foreign, signatures, strict_json
from moderation.protocols.types import (
    ArticleDeleted,
    ArticlePublished,
    Event,
    NothingForUs,
    SignatureMissing,
)

_HEX = re.compile(r"[0-9a-f]{64}")
_MILLISECONDS = re.compile(r"[0-9]{1,16}")
_TIME, _NAMES = "x-contentful-timestamp", "x-contentful-signed-headers"
_MOST_NAMES = 50
# What a space calls the parts of an article is its own choice; the usual names, the first that is there.
_TITLES, _BYLINES = ("title", "headline"), ("byline", "authorName", "author")
_SUMMARIES, _TEXTS, _LINKS = (
    ("summary", "excerpt", "description"),
    ("body", "content", "text"),
    ("url", "link"),
)


class Contentful:
    """The protocol as the hooks route uses it."""

    name = "contentful"

    def verify(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime, path: str = ""
    ) -> str:
        """Return the message id if any of the secrets signed this request within five minutes of `now`."""
        given = signatures.lower_case(headers)
        signature = given.get("x-contentful-signature", "").strip()
        names = [name.strip().lower() for name in given.get(_NAMES, "").split(",") if name.strip()]
        milliseconds = given.get(_TIME, "").strip()
        # Both must be signed, or anybody could give an old message a new time.
        whole = {_TIME, _NAMES} <= set(names) and len(names) <= _MOST_NAMES
        if not (_HEX.fullmatch(signature) and _MILLISECONDS.fullmatch(milliseconds) and whole):
            raise SignatureMissing("Switch on request verification in Contentful's settings for webhooks.")
        signed_headers = ";".join(f"{name}:{given.get(name, '').strip()}" for name in names)
        head = "\n".join(("POST", quote(path, safe="/%:@!$&'()*+,;=-._~"), signed_headers))
        signatures.require(
            head.encode("utf-8", "surrogateescape") + b"\n" + body,
            [signature],
            secrets,
            "give us the signing secret that Contentful shows, and the webhook an address without a query",
        )
        signatures.require_now(int(milliseconds), now)
        return signatures.id_of_body(body)

    def read(self, body: bytes) -> Event:
        """Return what happened to an entry; a draft saved, an asset or a content type is nothing for us."""
        told = strict_json.parse(body)
        system, fields = foreign.part(told.get("sys")), foreign.part(told.get("fields"))
        kind, entry_id = foreign.text_at(system, "type"), foreign.text_at(system, "id")
        if kind == "DeletedEntry":
            when = foreign.text_at(system, "deletedAt", "updatedAt")
            return foreign.checked(ArticleDeleted, timestamp=when, article={"external_id": entry_id})
        # What is published has a revision; a draft that was saved has a version.
        if kind != "Entry" or "revision" not in system:
            return NothingForUs()
        title = _said(fields, _TITLES)
        if title is None:  # a person, a picture, a piece of the page: no article
            return NothingForUs()
        return foreign.checked(
            ArticlePublished,
            timestamp=foreign.text_at(system, "updatedAt"),
            article={
                "external_id": entry_id,
                "title": title,
                "url": foreign.link(_said(fields, _LINKS)),
                "summary": _said(fields, _SUMMARIES),
                "text": foreign.plain(_said(fields, _TEXTS)),
                "byline": _said(fields, _BYLINES),
            },
        )


def _said(fields: Mapping[str, object], names: Sequence[str]) -> str | None:
    """Return the text of the first of these fields that has one, in the first language it is given in."""
    for name in names:
        by_language = fields.get(name)
        for value in by_language.values() if isinstance(by_language, dict) else ():
            text = value if isinstance(value, str) else " ".join(_texts_of(value))
            if text.strip():
                return text
    return None


def _texts_of(document: object) -> list[str]:
    """Return the texts of a rich text document, in its order; it is at most as deep as the JSON may be."""
    if isinstance(document, list):
        return [text for part in document for text in _texts_of(part)]
    if not isinstance(document, dict):
        return []
    own = document.get("value")
    return [own] if isinstance(own, str) else _texts_of(document.get("content"))


PROTOCOL = Contentful()
