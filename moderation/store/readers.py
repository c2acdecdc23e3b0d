"""What readers hold in their hands: links and tokens that work once, the keys a site signs with, wishes to be told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from moderation.store.tables import PUBLISHED, Article, Author, Comment, ReplyWatch, SignOnKey, SpentToken
from moderation.store.writing import changed, insert_if_absent

_UNSYNCHRONISED = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class NewReplies:
    """What a watching author has not been told of yet: ids of the comments answered and of the replies."""

    watch: ReplyWatch
    author: Author
    article: Article
    replies: tuple[Comment, ...]


class Readers:
    """Tokens spent, keys of single sign-on, reply watches."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # what works once

    def spend(self, scope: str, digest: str, expires_at: datetime) -> bool:
        """Spend a token; return False where it was spent before, also by somebody at this moment."""
        return insert_if_absent(self._session, SpentToken(scope=scope, digest=digest, expires_at=expires_at))

    def forget_spent(self, now: datetime) -> int:
        """Forget tokens that would no longer work anyway; return how many."""
        return changed(self._session, delete(SpentToken).where(SpentToken.expires_at < now))

    # single sign-on

    def add_key(self, key: SignOnKey) -> bool:
        """Store a key; return False where the site has one of this kid."""
        return insert_if_absent(self._session, key)

    def keys(self, site_id: str) -> list[SignOnKey]:
        """Return the keys of a site, revoked ones too, oldest first."""
        return [
            *self._session.scalars(
                select(SignOnKey).where(SignOnKey.site_id == site_id).order_by(SignOnKey.id)
            )
        ]

    def revoke_key(self, site_id: str, kid: str, now: datetime) -> bool:
        """Revoke a key; return whether it was in force."""
        revoke = update(SignOnKey).where(
            SignOnKey.site_id == site_id, SignOnKey.kid == kid, SignOnKey.revoked_at.is_(None)
        )
        return changed(self._session, revoke.values(revoked_at=now)) == 1

    # the author

    def confirm(self, author_id: str, now: datetime) -> bool:
        """Note that the address is the author's; return False where that is known."""
        note = update(Author).where(Author.id == author_id, Author.confirmed_at.is_(None))
        return changed(self._session, note.values(confirmed_at=now), execution_options=_UNSYNCHRONISED) == 1

    def end_sessions(self, author_id: str) -> None:
        """End all sessions of an author."""
        end = update(Author).where(Author.id == author_id).values(session_epoch=Author.session_epoch + 1)
        changed(self._session, end, execution_options=_UNSYNCHRONISED)

    # replies

    def watch(self, watch: ReplyWatch) -> None:
        """Store the wish to be told of replies in a discussion, or renew one that was ended."""
        if insert_if_absent(self._session, watch):
            return
        renew = update(ReplyWatch).where(
            ReplyWatch.author_id == watch.author_id,
            ReplyWatch.article_id == watch.article_id,
            ReplyWatch.ended_at.is_not(None),
        )
        renewed = renew.values(
            ended_at=None, told_until=watch.told_until, language=watch.language, due_at=None
        )
        changed(self._session, renewed, execution_options=_UNSYNCHRONISED)

    def get_watch(self, watch_id: str) -> ReplyWatch | None:
        """Return the watch with this id."""
        return self._session.get(ReplyWatch, watch_id)

    def end_watch(self, watch_id: str, now: datetime) -> bool:
        """End a watch; return False where it is over already."""
        end = update(ReplyWatch).where(ReplyWatch.id == watch_id, ReplyWatch.ended_at.is_(None))
        done = changed(
            self._session, end.values(ended_at=now, due_at=None), execution_options=_UNSYNCHRONISED
        )
        return done == 1

    def reply_shows(self, reply: Comment, now: datetime, *, pause: timedelta) -> None:
        """Let who is answered be told, if they wish so: now, or a `pause` after the last mail."""
        if reply.parent_id is None:
            return
        parent = self._session.get(Comment, reply.parent_id)
        if parent is None or parent.author_id == reply.author_id:
            return
        found = select(ReplyWatch).where(
            ReplyWatch.author_id == parent.author_id,
            ReplyWatch.article_id == reply.article_id,
            ReplyWatch.ended_at.is_(None),
            ReplyWatch.due_at.is_(None),
        )
        watch = self._session.scalar(found)
        if watch is not None:
            watch.due_at = max(now, watch.mailed_at + pause) if watch.mailed_at else now
            self._session.flush()

    def has_due_watch(self, now: datetime) -> bool:
        """Tell whether somebody is to be told of replies."""
        return (
            self._session.scalar(select(ReplyWatch.id).where(ReplyWatch.due_at <= now).limit(1)) is not None
        )

    def due_replies(self, now: datetime, limit: int = 20) -> list[NewReplies]:
        """Return what is to be told now, for this transaction alone; a watch with nothing to tell has no replies."""
        due = (
            select(ReplyWatch)
            .where(ReplyWatch.due_at <= now, ReplyWatch.ended_at.is_(None))
            .order_by(ReplyWatch.due_at, ReplyWatch.id)
            .limit(limit)
            .with_for_update(skip_locked=True)  # for PostgreSQL; SQLite has one writer anyway
        )
        told = []
        for watch in self._session.scalars(due).all():
            author = self._session.get_one(Author, watch.author_id)
            article = self._session.get_one(Article, watch.article_id)
            parent = aliased(Comment)
            replies = (
                select(Comment)
                .join(parent, parent.id == Comment.parent_id)
                .where(
                    Comment.article_id == watch.article_id,
                    Comment.state == PUBLISHED,
                    Comment.published_at > watch.told_until,
                    Comment.published_at <= now,
                    Comment.author_id != watch.author_id,
                    parent.author_id == watch.author_id,
                )
                .order_by(Comment.published_at, Comment.id)
            )
            told.append(NewReplies(watch, author, article, tuple(self._session.scalars(replies))))
        return told
