"""A webhook from a site's own system: verified, remembered, done once, answered the same when it comes again."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields

from moderation.errors import Conflict, InvalidInput, ModerationError, NotFound
from moderation.protocols import coral_webhook, protocols, standard_webhooks
from moderation.protocols import types as told
from moderation.services import Tools
from moderation.services.amending import delete_at_site
from moderation.services.publishing import ArticleFields, close_by_news, save_article
from moderation.services.submitting import NewComment, Writer, submit_comment
from moderation.store.tables import Site
from moderation.store.unit_of_work import Store

Answer = dict[str, object]


def receive(
    tools: Tools,
    protocol: str,
    site_slug: str,
    headers: Mapping[str, str],
    body: bytes,
    request_id: str = "",
    path: str = "",
) -> Answer:
    """Return the answer to a webhook; a message that came before is answered as it was, and changes nothing.

    Raises:
        BadSignature, InvalidInput: the message is refused as it is. NotFound: no such protocol, site or article.
        Conflict: the id came before with other content. What a comment's submission may raise.
    """
    known = protocols().get(protocol)
    with tools.database.read() as store:
        site = store.sites.get_by_slug(site_slug)
    if known is None or site is None:
        raise NotFound("There is no such address for webhooks. Check protocol and site.")
    now = tools.now()
    message_id = known.verify(headers, body, _secrets(site, protocol), now, path)
    event = known.read(body)
    digest = hashlib.sha256(body).hexdigest()
    key = {"site_id": site.id, "protocol": protocol, "message_id": message_id}
    with tools.database.begin() as store:
        earlier = store.inbox.receive(**key, body_digest=digest, now=now)
    if earlier is not None and earlier.body_digest != digest:
        raise Conflict("This webhook-id came before with another body. Give every message an id of its own.")
    if earlier is not None and earlier.outcome:
        with tools.database.read() as store:
            return _answer(store, message_id, earlier.outcome, repeated=True)
    # New, or cut off before its answer was kept. What an event does is itself done once (an article by its id, a
    # comment by id and revision), so doing it again ends in the same.
    try:
        done = _act(tools, site, event, request_id)
    except ModerationError:
        with tools.database.begin() as store:  # refused: it may come again once its cause is mended
            store.inbox.forget(**key)
        raise
    with tools.database.begin() as store:
        store.inbox.answer(**key, outcome=done)
        return _answer(store, message_id, done, repeated=False)


def _secrets(site: Site, protocol: str) -> list[str]:
    """Return what may sign messages of a protocol, the newest first."""
    if protocol == standard_webhooks.PROTOCOL.name:
        return site.inbound_secrets
    return (
        site.coral_secrets
        if protocol == coral_webhook.PROTOCOL.name
        else site.sender_secrets.get(protocol, [])
    )


def _answer(store: Store, message_id: str, done: Mapping[str, str], *, repeated: bool) -> Answer:
    """Return the answer to a message from the id of what it led to: no words are kept with the message."""
    answer: Answer = {"id": message_id, "repeated": repeated}
    if "ignored" in done:
        return {**answer, "ignored": True}
    if "article" in done:
        article = store.articles.get(done["article"])
        external_id = article.external_id if article else None
        return {**answer, "article": {"id": done["article"], "external_id": external_id}}
    comment = store.comments.get(done["comment"])
    decision = store.comments.decision(comment) if comment else None
    return {
        **answer,
        "comment": {
            "id": done["comment"],
            "external_id": comment.external_id if comment else None,
            "revision": comment.revision if comment else None,
        },
        "status": comment.state if comment else None,
        "decision": dict(decision.public) if decision else None,
    }


def _act(tools: Tools, site: Site, event: told.Event, request_id: str) -> dict[str, str]:
    """Do what the event says and return the id of what it led to."""
    match event:
        case told.NothingForUs():
            return {"ignored": "yes"}
        case told.ArticlePublished() | told.ArticleUpdated():
            given = {f.name: getattr(event.article, f.name, None) for f in fields(ArticleFields)}
            given["told_at"] = event.timestamp
            # Told for a discussion here, whoever asked about comments on it before; Coral shows its own.
            given["elsewhere"] = isinstance(event, told.ArticlePublished) and event.elsewhere
            article = save_article(
                tools,
                site.id,
                ArticleFields(**given),
                external_id=event.article.external_id,
                actor=f"site:{site.id}",
                request_id=request_id,
            )
            return {"article": article.id}
        case told.ArticleClosed() | told.ArticleDeleted():
            article_id = _article_id(tools, site, event.article.external_id)
            deleted = isinstance(event, told.ArticleDeleted)
            close_by_news(tools, article_id, event.timestamp, f"site:{site.id}", request_id, deleted=deleted)
            return {"article": article_id}
        case told.CommentDeleted():
            comment = delete_at_site(tools, site.id, event.comment.external_id, request_id)
            return {"comment": comment.id}
        case told.CommentSubmitted():
            return {"comment": _comment_id(tools, site, event, request_id)}


def _comment_id(tools: Tools, site: Site, event: told.CommentSubmitted, request_id: str) -> str:
    given = event.comment
    parent_id = None
    if given.parent_external_id is not None:
        with tools.database.read() as store:
            parent = store.comments.get_by_external_id(site.id, given.parent_external_id)
        if parent is None:
            raise NotFound("The comment that is answered is not known here. Send it first.")
        parent_id = parent.id
    new = NewComment(
        site_id=site.id,
        article_id=_article_id(tools, site, event.article.external_id),
        body=given.body,
        writer=Writer(given.author.name, given.author.email, given.author.external_id),
        parent_id=parent_id,
        language=given.language,
        source="hook",
        external_id=given.external_id,
        revision=given.revision,
        request_id=request_id,
    )
    try:
        return submit_comment(tools, new).comment.id
    except InvalidInput as error:
        named = {f"data.comment.{_PLACE.get(field, field)}": said for field, said in error.fields.items()}
        raise InvalidInput(str(error), named, status=error.status, code=error.code) from None


_PLACE = {"name": "author.name", "email": "author.email", "author_external_id": "author.external_id"}


def _article_id(tools: Tools, site: Site, external_id: str) -> str:
    with tools.database.read() as store:
        article = store.articles.get_by_external_id(site.id, external_id)
    if article is None:
        raise NotFound("The article is not known here. Send article.published first.")
    return article.id
