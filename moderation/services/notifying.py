"""Readers are told of replies by mail where they wish it: once an hour and discussion at most, until they wish it no more."""

from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer

from moderation.errors import NotFound
from moderation.services import Tools, letters
from moderation.services.mailing import queue_mail
from moderation.store.readers import NewReplies
from moderation.store.tables import Article, Author, ReplyWatch
from moderation.store.unit_of_work import Store


def watch_replies(store: Store, author: Author, article: Article, language: str, now: datetime) -> None:
    """Note that an author wishes to be told of replies to what he wrote under an article."""
    store.readers.watch(
        ReplyWatch(
            author_id=author.id, article_id=article.id, language=language, created_at=now, told_until=now
        )
    )


def tell_of_replies(tools: Tools) -> int:
    """Write the mails about replies that are due and return of how many watches was looked at.

    Nobody is written to who is erased or blocked, or whose address is not confirmed.
    """
    now = tools.now()
    with tools.database.read() as store:
        if not store.readers.has_due_watch(now):
            return 0
    with tools.database.begin() as store:
        due = store.readers.due_replies(now)
        for found in due:
            found.watch.due_at = None
            if found.replies and _may_be_written_to(store, found.author, now):
                _write(tools, store, found, now)
        return len(due)


def unsubscribe(tools: Tools, token: str, request_id: str = "") -> None:
    """End the watch that this link names; ended before, it stays so.

    Raises:
        NotFound: the link is not ours.
    """
    watch_id, now = read_unsubscribe_link(tools, token), tools.now()
    with tools.database.begin() as store:
        watch = store.readers.get_watch(watch_id)
        if watch is None or not store.readers.end_watch(watch_id, now):
            return
        store.audit.append(
            at=now,
            actor=f"author:{watch.author_id}",
            action="replies.unsubscribed",
            subject=f"author:{watch.author_id}",
            detail={"article": watch.article_id},
            request_id=request_id,
        )


def read_unsubscribe_link(tools: Tools, token: str) -> str:
    """Return the watch that a link names, or raise NotFound; it works for ever, as who wants no mail needs it to."""
    try:
        return str(_signer(tools).loads(token))
    except BadData:
        raise NotFound("This link is not whole. Copy all of it from the mail.") from None


def _may_be_written_to(store: Store, author: Author, now: datetime) -> bool:
    if not author.email or author.confirmed_at is None or author.erased_at is not None:
        return False
    return store.penalties.active_block(site_id=author.site_id, now=now, author_id=author.id) is None


def _write(tools: Tools, store: Store, found: NewReplies, now: datetime) -> None:
    base, slug = tools.settings.base_url.rstrip("/"), found.article.slug
    letter = letters.replies(
        found.watch.language,
        title=found.article.title,
        links=[f"{base}/articles/{slug}?around={reply.id}#c-{reply.id}" for reply in found.replies],
        unsubscribe=f"{base}/unsubscribe/{_signer(tools).dumps(found.watch.id)}",
    )
    queue_mail(
        tools,
        store,
        letter,
        site_id=found.author.site_id,
        author_id=found.author.id,
        kind="replies",
        to=found.author.email or "",
        now=now,
    )
    found.watch.mailed_at = now
    found.watch.told_until = found.replies[-1].published_at or now


def _signer(tools: Tools) -> URLSafeSerializer:
    return URLSafeSerializer(tools.settings.secret_key.get_secret_value(), salt="unsubscribe")
