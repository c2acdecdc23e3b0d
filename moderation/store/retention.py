"""What has been kept long enough: found some at a time while others write, and then forgotten by key.

Finding only reads, so that nobody waits for it; forgetting asks again whether it may, for something may have happened
since. Each pair of methods is one kind of thing: `hidden_texts` and `forget_texts`, and so on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, exists, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.store.erasing import domain_of_erased, forget_words_on
from moderation.store.tables import (
    AkismetCall,
    Appeal,
    Author,
    AuthorNote,
    Block,
    Comment,
    DecisionRow,
    Delivery,
    OneTimeLink,
    ReceivedHook,
    Report,
    Strike,
)
from moderation.store.writing import changed

HIDDEN = ("rejected", "removed", "withdrawn")  # states in which no reader sees a comment
LIMIT = 200
_APART: dict[str, Any] = {"execution_options": {"synchronize_session": False}}
Key = tuple[str, str, str]
_HOOK = (ReceivedHook.site_id, ReceivedHook.protocol, ReceivedHook.message_id)


class Retention:
    """Rows whose time is over, by kind; `before` is the moment up to which things are over."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def hidden_texts(
        self, state: str, before: datetime, now: datetime, after: str | None = None
    ) -> list[str]:
        """Return the ids of comments in this state whose words may go, oldest first, after the one named."""
        query = select(Comment.id).where(Comment.state == state, *_over(before, now))
        if after:
            came = select(Comment.received_at).where(Comment.id == after).scalar_subquery()
            query = query.where(tuple_(Comment.received_at, Comment.id) > tuple_(came, after))
        return [*self._session.scalars(query.order_by(Comment.received_at, Comment.id).limit(LIMIT))]

    def forget_texts(self, comment_ids: Sequence[str], before: datetime, now: datetime) -> int:
        """Empty these comments with all that was said about their words; return how many."""
        theirs = select(Comment.id).where(
            Comment.id.in_(comment_ids), Comment.state.in_(HIDDEN), *_over(before, now)
        )
        ids = [*self._session.scalars(theirs.with_for_update())]
        forget_words_on(self._session, ids)
        emptied = update(Comment).where(Comment.id.in_(ids))
        # A moderator who has the text before him is told that the comment is another now.
        gone = emptied.values(body="", submitted_digest="", version=Comment.version + 1)
        return changed(self._session, gone, **_APART)

    def settled_appeals(self, before: datetime, after: str | None = None) -> list[str]:
        """Return the ids of appeals that were answered or withdrawn before then and have words."""
        said = (Appeal.text != "") | (Appeal.answer != "")
        return self._keys(Appeal.id, after, Appeal.settled_at < before, said)

    def forget_appeals(self, ids: Sequence[str]) -> int:
        """Empty appeals and their answers; return how many."""
        return self._change(update(Appeal).where(Appeal.id.in_(ids)).values(text="", answer=""))

    def settled_reports(self, before: datetime, after: str | None = None) -> list[str]:
        """Return the ids of reports made before then that a moderator looked at and that have words."""
        return self._keys(Report.id, after, Report.state != "open", Report.at < before, Report.sentence != "")

    def forget_reports(self, ids: Sequence[str]) -> int:
        """Empty what readers added to reports; return how many."""
        return self._change(update(Report).where(Report.id.in_(ids)).values(sentence=""))

    def old_networks(self, before: datetime, after: str | None = None) -> list[str]:
        """Return the ids of reports made before then that say from which network."""
        return self._keys(Report.id, after, Report.network != "", Report.at < before)

    def forget_networks(self, ids: Sequence[str]) -> int:
        """Empty from which network reports came; each stands for itself then. Return how many."""
        return self._change(update(Report).where(Report.id.in_(ids)).values(network=""))

    def old_notes(self, before: datetime, now: datetime, after: str | None = None) -> list[str]:
        """Return the ids of notes on authors, written before then, where nothing of the block list holds any more."""
        return self._keys(
            AuthorNote.id, after, AuthorNote.at < before, ~_is_listed(AuthorNote.author_id, now)
        )

    def forget_notes(self, ids: Sequence[str]) -> int:
        """Delete notes on authors; return how many."""
        return self._change(delete(AuthorNote).where(AuthorNote.id.in_(ids)))

    def notes_of_blocks(self, before: datetime, after: str | None = None) -> list[str]:
        """Return the ids of entries of the block list that were over before then and have a note."""
        over = (Block.lifted_at < before) | (Block.ends_at < before)
        return self._keys(Block.id, after, Block.note != "", over)

    def forget_notes_of_blocks(self, ids: Sequence[str]) -> int:
        """Empty the notes of entries of the block list; return how many."""
        return self._change(update(Block).where(Block.id.in_(ids)).values(note=""))

    def domains_of_erased(self, now: datetime, after: str | None = None) -> list[str]:
        """Return the ids of entries on the domain of somebody who erased himself, given with his own, that are over."""
        return self._keys(Block.id, after, *domain_of_erased(now))

    def forget_domains(self, ids: Sequence[str]) -> int:
        """Empty the domains of entries of the block list; return how many."""
        return self._change(update(Block).where(Block.id.in_(ids)).values(subject=""))

    def idle_addresses(self, before: datetime, now: datetime, after: str | None = None) -> list[str]:
        """Return the ids of authors with an e-mail address who have not written since then."""
        return self._keys(Author.id, after, *_idle(before, now))

    def forget_addresses(self, ids: Sequence[str], before: datetime, now: datetime) -> int:
        """Empty the e-mail addresses of authors; the keyed hash by which a guest is known again stays."""
        idle = update(Author).where(Author.id.in_(ids), *_idle(before, now))
        return self._change(idle.values(email=None))

    def ended_deliveries(self, before: datetime, after: str | None = None) -> list[str]:
        """Return the ids of events written before then that were delivered or given up."""
        over = (Delivery.next_attempt_at.is_(None), Delivery.created_at < before)
        return self._keys(Delivery.id, after, *over)

    def forget_deliveries(self, ids: Sequence[str]) -> int:
        """Delete events; one that somebody put on its way again stays. Return how many went."""
        ended = (Delivery.id.in_(ids), Delivery.next_attempt_at.is_(None))
        return self._change(delete(Delivery).where(*ended))

    def old_hooks(self, before: datetime, after: Key | None = None) -> list[Key]:
        """Return the keys of webhooks that came before then."""
        query = select(*_HOOK).where(ReceivedHook.received_at < before).order_by(*_HOOK).limit(LIMIT)
        if after is not None:
            query = query.where(tuple_(*_HOOK) > tuple_(*after))
        return [(row[0], row[1], row[2]) for row in self._session.execute(query)]

    def forget_hooks(self, keys: Sequence[Key]) -> int:
        """Delete webhooks that came; return how many."""
        return self._change(delete(ReceivedHook).where(tuple_(*_HOOK).in_(keys)))

    def old_calls(self, before: datetime, after: str | None = None) -> list[str]:
        """Return the ids of Akismet calls from before then that are still known by what was sent."""
        return self._keys(AkismetCall.id, after, AkismetCall.digest.is_not(None), AkismetCall.at < before)

    def forget_calls(self, ids: Sequence[str]) -> int:
        """Forget what was sent with Akismet calls, which are still counted; return of how many."""
        return self._change(update(AkismetCall).where(AkismetCall.id.in_(ids)).values(digest=None))

    def ended_links(self, before: datetime, after: str | None = None) -> list[str]:
        """Return the ids of links to accounts of the desk that stopped working before then."""
        return self._keys(OneTimeLink.id, after, OneTimeLink.expires_at < before)

    def forget_links(self, ids: Sequence[str]) -> int:
        """Delete links to accounts of the desk; return how many."""
        return self._change(delete(OneTimeLink).where(OneTimeLink.id.in_(ids)))

    def _keys(
        self, key: InstrumentedAttribute[str], after: str | None, *which: ColumnElement[bool]
    ) -> list[str]:
        query = select(key).where(key > (after or ""), *which).order_by(key).limit(LIMIT)
        return [*self._session.scalars(query)]

    def _change(self, statement: Any) -> int:
        return changed(self._session, statement, **_APART)


def _over(before: datetime, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what holds for a hidden comment whose words nobody needs any more.

    They came and were decided on before then; no appeal waits, and no strike and no entry of the block list that still
    counts has them for evidence.
    """
    decided_since = exists().where(DecisionRow.comment_id == Comment.id, DecisionRow.decided_at >= before)
    appealed = exists().where(Appeal.comment_id == Comment.id, Appeal.state == "open")
    counts = exists().where(
        Strike.comment_id == Comment.id, Strike.overruled_at.is_(None), Strike.expires_at > now
    )
    return (
        Comment.received_at < before,
        Comment.body != "",
        ~decided_since,
        ~appealed,
        ~counts,
        # Ids are opaque and of one length: in the list as text, one is found nowhere else.
        ~_is_listed(Comment.author_id, now, cast(Block.comment_ids, String).contains(Comment.id)),
    )


def _is_listed(author_id: Any, now: datetime, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return whether an author stands in the block list, in an entry that is not over."""
    return exists().where(
        Block.subject_kind == "author", Block.subject == author_id, *Block.not_over(now), *which
    )


def _idle(before: datetime, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what holds for an author to whom nobody needs to write any more."""
    wrote_since = exists().where(Comment.author_id == Author.id, Comment.received_at >= before)
    appeals = exists().where(Appeal.author_id == Author.id, Appeal.state == "open")
    return (
        Author.email.is_not(None),
        Author.created_at < before,
        ~wrote_since,
        ~appeals,
        ~_is_listed(Author.id, now),  # by the address somebody who evades a block is known
    )
