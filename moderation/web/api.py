"""JSON API v1: a site's own systems hand in comments, ask before posting, read decisions, keep blocks."""

import contextlib
import hashlib
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from apiflask import APIBlueprint
from flask import Response, after_this_request, g, request
from werkzeug.exceptions import UnsupportedMediaType

from moderation.errors import DatabaseAway, Forbidden, InvalidInput, ModerationError, NotFound, NotSignedIn
from moderation.services import listing, penalising, submitting
from moderation.store.tables import ApiKey, Author, Block
from moderation.store.unit_of_work import BRIEFLY, Store
from moderation.telemetry import current_request_id
from moderation.web import api_examples, limiting, problems
from moderation.web.api_shapes import (
    ArticleRef,
    BatchedComment,
    BatchIn,
    BatchOut,
    BlockedIn,
    BlockedOut,
    BlockIn,
    BlockOut,
    CheckIn,
    CommentIn,
    CommentOut,
    DecisionOut,
    LiftIn,
)
from moderation.web.once import done_once, id_under_key
from moderation.web.toolbox import tools

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Moderation")

# What a key must be allowed to do; one without scopes may do everything its site may.
SCOPES = {
    "create_comment": "comments",
    "create_comments": "comments",
    "read_comment": "comments",
    "list_comments": "comments",
    "list_decisions": "comments",
    "list_articles": "comments",
    "read_article": "comments",
    "check": "check",
    "list_blocks": "blocks",
    "read_block": "blocks",
    "create_block": "blocks",
    "lift_block": "blocks",
    "check_block": "blocks",
}


@blueprint.before_request
def know_the_site() -> None:
    """Admit a key of a site, then look at the form of the body: deny by default, before any view."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    key = find_key(given.strip()) if scheme.lower() == "bearer" and given.isascii() else None
    if key is None:
        raise NotSignedIn("Send the key of the site as 'Authorization: Bearer mk_...'.")
    scope = SCOPES[(request.endpoint or "").rpartition(".")[2]]
    if key.scopes and scope not in key.scopes:
        raise Forbidden(f"This key may not do this; it has no scope '{scope}'.")
    g.key = key
    limiting.count_call(key.id)
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.mimetype != "application/json":
        raise UnsupportedMediaType


@blueprint.after_request
def tell_the_limit(response: Response) -> Response:
    """Say how many calls the key has left, where one was known."""
    response.headers.extend(g.get("rate_limit", {}))
    return response


def find_key(text: str) -> ApiKey | None:
    """Return the key that this text is, noting its use at most once a minute."""
    digest, now = hashlib.sha256(text.encode()).hexdigest(), tools().now()
    with tools().database.read() as store:
        key = store.sites.find_key(digest, now)
    if key is not None and key.rotated_at is not None and key.ends_at is not None:
        _tell_the_end(key.rotated_at, key.ends_at)
    if key is not None and (key.last_used_at is None or (now - key.last_used_at).total_seconds() > 60):
        # Who reads goes on reading while the database cannot write; the key only seems unused for longer.
        with contextlib.suppress(DatabaseAway), tools().database.begin(wait_seconds=BRIEFLY) as store:
            store.sites.key_was_used(key.id, now)
    return key


def _tell_the_end(since: datetime, ends_at: datetime) -> None:
    """Say in the answer that another key took the place of this one, and until when it works (RFC 9745, RFC 8594)."""

    @after_this_request
    def with_the_end(response: Response) -> Response:
        response.headers["Deprecation"] = f"@{int(since.timestamp())}"
        response.headers["Sunset"] = format_datetime(ends_at, usegmt=True)
        return response


def site_id() -> str:
    """Return the site whose key was sent."""
    key: ApiKey = g.key
    return key.site_id


def actor() -> str:
    """Return who acts, for the record."""
    key: ApiKey = g.key
    return f"key:{key.id}"


@blueprint.post("/comments")
@done_once
@blueprint.input(CommentIn, example=api_examples.COMMENT)
@blueprint.output(
    CommentOut, status_code=201, description="Decided: published or rejected.", example=api_examples.DECIDED
)
@blueprint.doc(security="SiteKey", responses={202: "Held: a moderator will read it."})
def create_comment(json_data: CommentIn) -> tuple[dict[str, Any], int]:
    """Hand in a comment

    It is decided on, kept, and answered; the same external_id with the same content gets the same answer.
    """
    answer = taken(json_data)
    return answer, 202 if answer["status"] == "held" else 201


@blueprint.post("/batch")
@done_once
@blueprint.input(BatchIn, example=api_examples.BATCH)
@blueprint.output(
    BatchOut,
    description="What became of each, in the order in which they were sent.",
    example=api_examples.TAKEN,
)
@blueprint.doc(security="SiteKey")
def create_comments(json_data: BatchIn) -> dict[str, Any]:
    """Hand in up to 50 comments

    Each is taken or refused by itself, as if it had been sent alone.
    """
    results: list[dict[str, Any]] = []
    for place, one in enumerate(json_data.comments):
        try:
            comment = taken(one, place)
        except ModerationError as error:
            if error.status >= 500:  # nobody's fault but ours: the rest would fare alike
                raise
            refused = problems.document(
                error.status, error.code, error.title, str(error), dict(error.public())
            )
            results.append({"comment": None, "problem": refused})
        else:
            results.append({"comment": comment, "problem": None})
    return {"results": results}


def taken(json_data: BatchedComment, place: int = 0) -> dict[str, Any]:
    """Return what became of the comment in this place of a call, in the shape of the API."""
    with tools().database.read() as store:
        article_id = find_article(store, json_data.article)
        parent_id = find_parent(store, json_data)
    outcome = submitting.submit_comment(
        tools(),
        submitting.NewComment(
            site_id=site_id(),
            article_id=article_id,
            body=json_data.body,
            writer=submitting.Writer(**json_data.author.model_dump()),
            parent_id=parent_id,
            language=json_data.language,
            source="api",
            id=id_under_key(place),
            external_id=json_data.external_id,
            request_id=current_request_id(),
        ),
    )
    return {
        "id": outcome.comment.id,
        "external_id": outcome.comment.external_id,
        "status": outcome.status,
        "decision": outcome.decision,
        "notice": outcome.notice,
    }


@blueprint.post("/check")
@done_once
@blueprint.input(CheckIn, example=api_examples.CHECK)
@blueprint.output(DecisionOut, description="What would be decided.", example=api_examples.CHECKED)
@blueprint.doc(security="SiteKey")
def check(json_data: CheckIn) -> dict[str, Any]:
    """Ask before posting

    Nothing is stored, no strike is given.
    """
    article_id = None
    if json_data.article is not None:
        with tools().database.read() as store:
            article_id = find_article(store, json_data.article)
    writer = submitting.Writer(**json_data.author.model_dump()) if json_data.author else None
    decision = submitting.check_text(
        tools(),
        site_id(),
        json_data.body,
        article_id=article_id,
        parent_id=json_data.parent_id,
        writer=writer,
    )
    return decision.as_public()


@blueprint.post("/blocks")
@done_once
@blueprint.input(BlockIn, example=api_examples.BLOCK)
@blueprint.output(BlockOut, status_code=201, description="The entry.", example=api_examples.GIVEN)
@blueprint.doc(security="SiteKey")
def create_block(json_data: BlockIn) -> dict[str, Any]:
    """Block an author, an e-mail domain or a network address"""
    asked = json_data
    if asked.covers and (asked.email_domain is not None or asked.address is not None):
        raise InvalidInput(
            "Only a block on an author covers more.", {"covers": ["Leave it out, or name an author."]}
        )
    if asked.address is not None:
        block = penalising.block_address(
            tools(),
            asked.address,
            actor(),
            asked.clause,
            asked.days,
            asked.note,
            site_id=site_id(),
            request_id=current_request_id(),
        )
        return entry(block, None)
    if asked.email_domain is not None:
        block = penalising.block_domain(
            tools(),
            asked.email_domain,
            actor(),
            asked.clause,
            asked.days,
            asked.note,
            site_id=site_id(),
            request_id=current_request_id(),
        )
        return entry(block, None)
    with tools().database.read() as store:
        author = find_author(store, asked)
    block = penalising.block_author(
        tools(),
        author.id,
        actor(),
        asked.clause,
        asked.days,
        asked.note,
        comment_ids=tuple(asked.comment_ids),
        request_id=current_request_id(),
        covers=asked.covers,
    )
    return entry(block, author)


@blueprint.post("/blocks/check")
@done_once
@blueprint.input(BlockedIn, example=api_examples.BLOCKED)
@blueprint.output(BlockedOut, description="Whether, and by which entry.", example=api_examples.FOUND)
@blueprint.doc(security="SiteKey")
def check_block(json_data: BlockedIn) -> dict[str, Any]:
    """Ask whether somebody is blocked

    By author, e-mail address (its domain counts) and network address. Nothing that is asked is kept.
    """
    asked = json_data
    answer = listing.is_blocked(
        tools(),
        site_id=site_id(),
        author_id=asked.author_id,
        external_id=asked.author_external_id,
        email=asked.email,
        address=asked.address,
    )
    author = None
    if answer.block is not None and answer.block.subject_kind == "author":
        with tools().database.read() as store:
            author = store.people.get(answer.block.subject)
    return {
        "blocked": answer.block is not None,
        "block": entry(answer.block, author) if answer.block is not None else None,
        "sentence": answer.sentence,
    }


@blueprint.post("/blocks/<block_id>/lift")
@done_once
@blueprint.input(LiftIn, example=api_examples.LIFT)
@blueprint.output(BlockOut, description="The entry, lifted.", example=api_examples.LIFTED)
@blueprint.doc(security="SiteKey")
def lift_block(block_id: str, json_data: LiftIn) -> dict[str, Any]:
    """Lift a block, a warning or a premoderation"""
    with tools().database.read() as store:
        block = store.penalties.get_block(block_id)
        author = store.people.get(block.subject) if block and block.subject_kind == "author" else None
    if block is None or block.site_id != site_id():
        raise NotFound("There is no such block on this site.")
    return entry(
        penalising.lift_block(tools(), block_id, actor(), json_data.note, current_request_id()), author
    )


def find_article(store: Store, wanted: ArticleRef) -> str:
    """Return the id of the article that is meant, on the site of the key."""
    if wanted.external_id is not None:
        article = store.articles.get_by_external_id(site_id(), wanted.external_id)
    elif wanted.slug is not None:
        article = store.articles.get_by_slug(site_id(), wanted.slug)
    else:
        article = store.articles.get(wanted.id or "")
    if article is None or article.site_id != site_id() or article.deleted_at is not None:
        raise NotFound(
            "There is no such article on this site. Send it with an article.published event first."
        )
    return article.id


def find_parent(store: Store, wanted: BatchedComment) -> str | None:
    """Return the id of the comment that is answered, on the site of the key."""
    if wanted.parent_external_id is None:
        return wanted.parent_id
    if wanted.parent_id is not None:
        raise InvalidInput(
            "Name the parent once.", {"parent_external_id": ["Send either this or parent_id, not both."]}
        )
    parent = store.comments.get_by_external_id(site_id(), wanted.parent_external_id)
    if parent is None:
        raise NotFound("There is no such parent comment on this site.")
    return parent.id


def find_author(store: Store, wanted: BlockIn) -> Author:
    """Return the author who is meant, on the site of the key."""
    if wanted.author_external_id is not None:
        author = store.people.find(site_id=site_id(), external_id=wanted.author_external_id)
    else:
        author = store.people.get(wanted.author_id or "")
    if author is None or author.site_id != site_id():
        raise NotFound("There is no such author on this site.")
    return author


def entry(block: Block, author: Author | None) -> dict[str, Any]:
    """Return an entry of the block list in the shape of the API."""
    return {
        **{name: getattr(block, name) for name in BlockOut.model_fields if name != "author_external_id"},
        "author_external_id": author.external_id if author else None,
    }
