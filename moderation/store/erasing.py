"""The right to be forgotten: what an author wrote and was called goes, what was decided stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from moderation.store.networks import Networks
from moderation.store.tables import (
    PUBLISHED,
    AkismetCall,
    Appeal,
    Author,
    AuthorNote,
    Block,
    Comment,
    DecisionRow,
    Delivery,
    ImportedAuthor,
    ImportedComment,
    KeptAnswer,
    LabelledDecision,
    Mail,
    ReplyWatch,
    Report,
)
from moderation.store.writing import changed

ERASED = "erased"  # what `Delivery.last_error` says of an event that was not sent before its text went


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure changed: whose comments are gone from the pages, and how many rows lost their text."""

    author_id: str
    comment_ids: tuple[str, ...]
    decisions: int
    deliveries: int
    blocks: int


def erase_author(session: Session, author_id: str, at: datetime, key: str | None) -> Erased:
    """Clear the author's row, comments, decisions, notes and events; return what changed.

    Under `key`, a keyed hash, a block that is in force still knows the author, until it is over.

    With the salt goes the means to guess what the digests in the audit log stand for; the log is untouched.
    """
    session.execute(
        update(Author)
        .where(Author.id == author_id)
        .values(
            name="",
            email=None,
            email_key=None,
            external_id=None,
            salt=None,
            erased_at=at,
            confirmed_at=None,
            session_epoch=Author.session_epoch + 1,
        )
    )
    session.execute(delete(ReplyWatch).where(ReplyWatch.author_id == author_id))
    session.execute(delete(Mail).where(Mail.author_id == author_id))
    session.execute(delete(AuthorNote).where(AuthorNote.author_id == author_id))
    session.execute(delete(ImportedAuthor).where(ImportedAuthor.author_id == author_id))
    comments = [
        *session.scalars(select(Comment.id).where(Comment.author_id == author_id).order_by(Comment.id))
    ]
    mine = Comment.author_id == author_id
    theirs = select(Comment.id).where(mine).scalar_subquery()
    # Feedback keeps a copy of texts it was not told the comment of; what the author wrote is known by its words.
    written = select(Comment.body).where(mine, Comment.body != "").scalar_subquery()
    copies = update(LabelledDecision).where(LabelledDecision.body.in_(written))
    session.execute(copies.values(body="", body_until=None), **_UNSYNCHRONISED)
    decisions = forget_words_on(session, theirs)
    session.execute(
        update(Comment)
        .where(mine)
        .values(
            body="", submitted_digest="", external_id=None, state="withdrawn", version=Comment.version + 1
        )
    )
    reply = aliased(Comment)
    visible = select(func.count()).where(reply.top_id == Comment.id, reply.state == PUBLISHED)
    answered = select(reply.top_id).where(reply.author_id == author_id, reply.top_id.is_not(None))
    session.execute(
        update(Comment).where(Comment.id.in_(answered)).values(replies=visible.scalar_subquery()),
        **_UNSYNCHRONISED,
    )
    # An event about the author names the author's id, and may belong to no comment.
    about = Delivery.comment_id.in_(theirs) | Delivery.payload.contains(author_id)
    deliveries = update(Delivery).where(about, Delivery.payload != "")
    waiting = Delivery.delivered_at.is_(None) & Delivery.given_up_at.is_(None)
    cleared = deliveries.values(
        payload="",
        next_attempt_at=None,
        leased_until=None,
        last_error=case((waiting, ERASED), else_=""),
        given_up_at=case((waiting, at), else_=Delivery.given_up_at),
    )
    theirs_alone = (Block.subject_kind == "author") & (Block.subject == author_id)
    blocks = update(Block).where(theirs_alone).values(note="")
    keeps_out = update(Block).where(theirs_alone, Block.penalty == "block", *Block.not_over(at))
    # Which of the day's kept answers tell of the author is not known: those of the site go, that they were given stays.
    site = select(Author.site_id).where(Author.id == author_id).scalar_subquery()
    others = (
        update(KeptAnswer).where(KeptAnswer.site_id == site).values(body=None),
        update(Appeal).where(Appeal.author_id == author_id).values(text="", answer=""),
        update(Report).where(Report.reporter == f"author:{author_id}").values(sentence="", network=""),
    )
    domains = update(Block).where(*domain_of_erased(at))
    for statement in (*others, keeps_out.values(erased_key=key), domains.values(subject="")):
        session.execute(statement, **_UNSYNCHRONISED)
    Networks(session).forget_author(author_id)
    counts = [changed(session, statement, **_UNSYNCHRONISED) for statement in (cleared, blocks)]
    session.expire_all()
    return Erased(author_id, tuple(comments), decisions, *counts)


def forget_words_on(session: Session, comment_ids: Any) -> int:
    """Clear what decisions, appeals, reports, archives and Akismet's calls keep of the words of these comments.

    The comments themselves are left to the caller. Returns how many decisions there are.
    """
    # The ids of an archive stay, or the archive read again would bring the comments back.
    imported = update(ImportedComment).where(ImportedComment.comment_id.in_(comment_ids)).values(digest="")
    asked = (
        select(AkismetCall.digest)
        .join(Comment, (Comment.external_id == AkismetCall.id) & (Comment.site_id == AkismetCall.site_id))
        .where(Comment.id.in_(comment_ids), AkismetCall.digest.is_not(None))
    )
    digests = [*session.scalars(asked)]
    for statement in (
        imported,
        update(AkismetCall).where(AkismetCall.digest.in_(digests)).values(digest=None),
        update(Appeal).where(Appeal.comment_id.in_(comment_ids)).values(text="", answer=""),
        update(Report).where(Report.comment_id.in_(comment_ids)).values(sentence=""),
    ):
        session.execute(statement, **_UNSYNCHRONISED)
    decisions = session.scalars(select(DecisionRow).where(DecisionRow.comment_id.in_(comment_ids))).all()
    for decision in decisions:
        decision.public = public_without_text(decision.public)
        decision.signals = [signal_without_text(signal) for signal in decision.signals]
        decision.note = None
    session.flush()
    return len(decisions)


def domain_of_erased(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what holds for an entry on the domain of somebody who erased himself, given with his own, that is over."""
    his = aliased(Block)
    erased = (
        exists()
        .where(his.id == Block.given_with, his.subject_kind == "author", Author.id == his.subject)
        .where(Author.erased_at.is_not(None))
    )
    over = Block.lifted_at.is_not(None) | (Block.ends_at <= now)
    return Block.subject_kind == "email_domain", Block.subject != "", over, erased


_UNSYNCHRONISED: Mapping[str, Any] = {"execution_options": {"synchronize_session": False}}


def public_without_text(public: Mapping[str, Any]) -> dict[str, Any]:
    """Return the public decision with verdict, clauses, scores and places, and no word that was written."""
    kept = ("verdict", "clause", "scores", "policy_version", "model_versions")
    reasons = [
        {name: reason.get(name) for name in ("clause", "score", "spans", "target")}
        | {"sentence": "", "matched_as": None}
        for reason in public.get("reasons", [])
    ]
    return {name: public.get(name) for name in kept} | {"reasons": reasons}


def signal_without_text(signal: Mapping[str, Any]) -> dict[str, Any]:
    """Return the signal with its detector, clause, score and places, and no word that was written."""
    kept = ("detector", "detector_version", "clause", "score", "spans", "target", "failed")
    return {name: signal[name] for name in kept if name in signal} | {"matched_as": None, "note": ""}
