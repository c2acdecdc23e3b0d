"""What a site's own systems read over the API, page by page: comments, decisions, articles, the block list."""

from typing import Any
from urllib.parse import urlencode

from flask import after_this_request, request
from flask.wrappers import Response

from moderation.errors import NotFound
from moderation.store.lists import Span, WhichComments
from moderation.store.penalties import Which
from moderation.store.tables import Article, Comment, DecisionRow
from moderation.web import api_examples
from moderation.web.api import blueprint, entry, site_id
from moderation.web.api_list_shapes import (
    ArticleOut,
    ArticlesOut,
    ArticlesQuery,
    BlocksOut,
    BlocksQuery,
    CommentsOut,
    CommentsQuery,
    DecisionsOut,
    DecisionsQuery,
    ListQuery,
    StoredComment,
)
from moderation.web.api_shapes import BlockOut
from moderation.web.toolbox import tools

__all__ = ["blueprint"]


@blueprint.get("/comments")
@blueprint.input(CommentsQuery, location="query")
@blueprint.output(CommentsOut, description="A page.", example=api_examples.COMMENTS)
@blueprint.doc(security="SiteKey")
def list_comments(query_data: CommentsQuery) -> dict[str, Any]:
    """Read comments as they stand, each with the decision in force

    By when they came, the latest first unless asked otherwise. What comes in meanwhile moves nothing.
    """
    asked = query_data
    which = WhichComments(
        state=asked.state,
        article_id=asked.article_id,
        article_external_id=asked.article_external_id,
        author_id=asked.author_id,
        author_external_id=asked.author_external_id,
    )
    with tools().database.read() as store:
        page = store.lists.comments(site_id(), which, span_of(asked))
    return paged({"comments": [stored(*row) for row in page.items if row[1] is not None]}, page.next)


@blueprint.get("/comments/<comment_id>")
@blueprint.output(StoredComment, description="The comment.", example=api_examples.STORED)
@blueprint.doc(security="SiteKey")
def read_comment(comment_id: str) -> dict[str, Any]:
    """Read a comment and the decision in force"""
    with tools().database.read() as store:
        comment = store.comments.get(comment_id)
        if comment is None or comment.site_id != site_id():
            raise NotFound("There is no such comment on this site.")
        decision = store.comments.decision(comment)
    return stored(comment, decision)


@blueprint.get("/decisions")
@blueprint.input(DecisionsQuery, location="query")
@blueprint.output(DecisionsOut, description="A page.", example=api_examples.DECISIONS)
@blueprint.doc(security="SiteKey")
def list_decisions(query_data: DecisionsQuery) -> dict[str, Any]:
    """Read decisions: the engine's and the moderators', on all comments or on one

    By when they were made, the latest first unless asked otherwise. `order=oldest` with the last `next` goes on where
    one left off.
    """
    with tools().database.read() as store:
        page = store.lists.decisions(site_id(), query_data.comment_id, span_of(query_data))
    return paged({"decisions": [decided(*row) for row in page.items]}, page.next)


@blueprint.get("/articles")
@blueprint.input(ArticlesQuery, location="query")
@blueprint.output(ArticlesOut, description="A page.", example=api_examples.ARTICLES)
@blueprint.doc(security="SiteKey")
def list_articles(query_data: ArticlesQuery) -> dict[str, Any]:
    """Read the articles under discussion, those known latest first"""
    with tools().database.read() as store:
        page = store.lists.articles(site_id(), query_data.external_id, query_data.after, query_data.limit)
    return paged({"articles": [about(article) for article in page.items]}, page.next)


@blueprint.get("/articles/<article_id>")
@blueprint.output(ArticleOut, description="The article.", example=api_examples.ARTICLE)
@blueprint.doc(security="SiteKey")
def read_article(article_id: str) -> dict[str, Any]:
    """Read an article and whether its discussion is open"""
    with tools().database.read() as store:
        article = store.articles.get(article_id)
    if article is None or article.site_id != site_id() or article.deleted_at is not None:
        raise NotFound("There is no such article on this site.")
    return about(article)


@blueprint.get("/blocks")
@blueprint.input(BlocksQuery, location="query")
@blueprint.output(BlocksOut, description="A page.", example=api_examples.BLOCKS)
@blueprint.doc(security="SiteKey")
def list_blocks(query_data: BlocksQuery) -> dict[str, Any]:
    """Read the block list, newest first"""
    with tools().database.read() as store:
        page = store.desk.block_list(
            now=tools().now(),
            which=Which(site_id=site_id(), in_force=True if query_data.in_force else None),
            after=query_data.after,
            limit=query_data.limit,
        )
    return paged({"blocks": [entry(row.block, row.author) for row in page.items]}, page.next)


@blueprint.get("/blocks/<string(length=32):block_id>")  # and not /blocks/check
@blueprint.output(BlockOut, description="The entry.", example=api_examples.GIVEN)
@blueprint.doc(security="SiteKey")
def read_block(block_id: str) -> dict[str, Any]:
    """Read an entry of the block list"""
    with tools().database.read() as store:
        block = store.penalties.get_block(block_id)
        author = store.people.get(block.subject) if block and block.subject_kind == "author" else None
    if block is None or block.site_id != site_id():
        raise NotFound("There is no such block on this site.")
    return entry(block, author)


def span_of(asked: ListQuery) -> Span:
    """Return which part of a list is asked for."""
    return Span(asked.since, asked.until, asked.after, asked.limit, newest_first=asked.order == "newest")


def paged(page: dict[str, Any], following: str | None) -> dict[str, Any]:
    """Return a page with the cursor of the next, whose address goes in the Link header (RFC 8288)."""
    if following is not None:
        address = f"{request.path}?{urlencode({**request.args, 'after': following})}"

        @after_this_request
        def with_the_next(response: Response) -> Response:
            response.headers["Link"] = f'<{address}>; rel="next"'
            return response

    return {**page, "next": following}


def stored(comment: Comment, decision: DecisionRow | None) -> dict[str, Any]:
    """Return a stored comment in the shape of the API."""
    if decision is None:
        raise NotFound("There is no decision on this comment.")
    return {
        "id": comment.id,
        "external_id": comment.external_id,
        "status": comment.state,
        "decision": decision.public,
        "notice": None,
        "article_id": comment.article_id,
        "author_id": comment.author_id,
        "parent_id": comment.parent_id,
        "body": comment.body,
        "language": comment.language,
        "received_at": comment.received_at,
        "published_at": comment.published_at,
        "version": comment.version,
    }


def decided(row: DecisionRow, external_id: str | None) -> dict[str, Any]:
    """Return a decision in the shape of the API."""
    return {
        "id": row.id,
        "comment_id": row.comment_id,
        "comment_external_id": external_id,
        "number": row.number,
        "revision": row.revision,
        "made_by": row.made_by,
        "action": row.action,
        "decided_at": row.decided_at,
        "decision": row.public,
    }


def about(article: Article) -> dict[str, Any]:
    """Return an article in the shape of the API."""
    return {name: getattr(article, name) for name in ArticleOut.model_fields}
