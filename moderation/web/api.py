"""JSON API v1: a site's own systems hand in comments, ask before posting, read decisions and keep the block list."""

import hashlib
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from moderation.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn
from moderation.services import penalising, submitting
from moderation.store import Store
from moderation.store.tables import ApiKey, Author, Block, Comment, DecisionRow
from moderation.telemetry import current_request_id
from moderation.web.api_shapes import (
    ArticleRef,
    BlockIn,
    BlockOut,
    BlocksOut,
    BlocksQuery,
    CheckIn,
    CommentIn,
    CommentOut,
    DecisionOut,
    LiftIn,
    Problem,
    StoredComment,
)
from moderation.web.toolbox import tools

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Moderation")

LARGEST = 64 * 1024
PROBLEMS = {
    "400": "The body is not JSON.",
    "401": "No key, or one that is not known.",
    "403": "The author is blocked, or the key may not do this.",
    "404": "There is no such thing on this site.",
    "409": "The discussion is closed, or the id was used for something else.",
    "413": "The body is larger than 64 KB.",
    "415": "The body is not sent as application/json.",
    "422": "A field is missing, unknown or wrong; 'errors' names each with reason and remedy.",
    "429": "Too many requests; Retry-After says how long to wait.",
    "503": "The database is away; nothing was stored. Try again.",
}


@blueprint.before_request
def know_the_site() -> None:
    """Admit a key of a site, then look at the form of the body: deny by default, before any view."""
    request.max_content_length = LARGEST
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    key = find_key(given.strip()) if scheme.lower() == "bearer" and given.isascii() else None
    if key is None:
        raise NotSignedIn("Send the key of the site as 'Authorization: Bearer mk_...'.")
    g.key = key
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        if (request.content_length or 0) > LARGEST:
            raise RequestEntityTooLarge
        if request.mimetype != "application/json":
            raise UnsupportedMediaType


def find_key(text: str) -> ApiKey | None:
    """Return the key that this text is, noting its use at most once a minute."""
    digest, now = hashlib.sha256(text.encode()).hexdigest(), tools().now()
    with tools().database.read() as store:
        key = store.sites.find_key(digest)
    if key is not None and (key.last_used_at is None or (now - key.last_used_at).total_seconds() > 60):
        with tools().database.begin() as store:
            store.sites.key_was_used(key.id, now)
    return key


def site_id() -> str:
    """Return the site whose key was sent."""
    key: ApiKey = g.key
    return key.site_id


def actor() -> str:
    """Return who acts, for the record."""
    key: ApiKey = g.key
    return f"key:{key.id}"
