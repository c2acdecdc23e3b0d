"""Comments, every decision on them, and what people said of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from moderation.errors import NotFound, StaleVersion
from moderation.store.paging import LIMIT, Page, keyset, page_of
from moderation.store.tables import PUBLISHED, Article, Comment, DecisionRow, LabelledDecision, Report, Site
from moderation.store.writing import added, changed, insert_if_absent

# Asked of every comment that arrives, and written once: to write a question costs more than to answer it.
_BY_EXTERNAL_ID = select(Comment).where(
    Comment.site_id == bindparam("site_id"), Comment.external_id == bindparam("external_id")
)


class Comments:
    """Comments as they stand, with the decisions that brought them there."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, comment: Comment, decision: DecisionRow) -> bool:
        """Store a comment with its first decision; return False, and store nothing, if its id is known.

        Of two that arrive together on PostgreSQL the second waits here until the first has committed.
        """
        comment.decision_id, decision.comment_id, decision.number = decision.id, comment.id, 1
        decision.revision = comment.revision
        parent = self.get(comment.parent_id) if comment.parent_id else None
        comment.top_id = (parent.top_id or parent.id) if parent else None
        place = self._in_the_queue(comment.id, comment.top_id, decision, known=False)
        for name, value in place.items():
            setattr(comment, name, value)
        if not insert_if_absent(self._session, comment):
            return False
        added(self._session, decision)
        self._count_reply(comment.top_id, "", comment.state)
        return True

    def get(self, comment_id: str) -> Comment | None:
        """Return the comment with this id."""
        return self._session.get(Comment, comment_id)

    def get_by_external_id(self, site_id: str, external_id: str) -> Comment | None:
        """Return the comment that the site's own system calls by this id."""
        return self._session.scalar(_BY_EXTERNAL_ID, {"site_id": site_id, "external_id": external_id})

    def same_since(self, author_id: str, digest: str, since: datetime) -> Comment | None:
        """Return the author's latest comment of this digest since a moment."""
        found = select(Comment).where(
            Comment.author_id == author_id, Comment.received_at >= since, Comment.submitted_digest == digest
        )
        return self._session.scalar(found.order_by(Comment.received_at.desc(), Comment.id.desc()).limit(1))

    def set_state(
        self,
        comment_id: str,
        *,
        version: int,
        state: str,
        decision: DecisionRow,
        published_at: datetime | None = None,
    ) -> Comment:
        """Store a decision and the state it leads to; of two that saw the same version one gets StaleVersion.

        `published_at` is kept from the first time. StaleVersion carries the decision that was quicker.
        """
        stands = self.get(comment_id)
        comment = self._move(
            comment_id,
            version,
            state,
            decision_id=decision.id,
            **self._in_the_queue(comment_id, stands.top_id if stands else None, decision),
            published_at=func.coalesce(Comment.published_at, published_at, type_=Comment.published_at.type),
        )
        last = select(func.max(DecisionRow.number)).where(DecisionRow.comment_id == comment_id)
        decision.comment_id, decision.revision = comment_id, comment.revision
        decision.number = (self._session.scalar(last) or 0) + 1
        added(self._session, decision)
        return comment

    def go_back(self, comment_id: str, *, version: int, state: str, decision_id: str | None) -> Comment:
        """Return the comment in an earlier state with the decision that was in force then, or raise StaleVersion."""
        decision = self.find_decision(decision_id) if decision_id else None
        stands = self.get(comment_id)
        place = self._in_the_queue(comment_id, stands.top_id if stands else None, decision)
        return self._move(comment_id, version, state, decision_id=decision_id, **place)

    def _in_the_queue(
        self, comment_id: str, top_id: str | None, decision: DecisionRow | None, *, known: bool = True
    ) -> dict[str, Any]:
        """Return by what the queue is filtered and ordered: clause and detector of the decision, and the rank.

        A comment that is not `known` yet has neither reports nor replies of its own.
        """
        reports = select(func.count()).where(Report.comment_id == comment_id, Report.state == "open")
        replies = select(Comment.replies).where(Comment.id == (top_id or comment_id))
        severity = decision.severity if decision else 0
        return {
            "clause": decision.clause if decision else None,
            "detector": _deciding_detector(decision) if decision else None,
            "rank": rank_of(
                severity,
                (self._session.scalar(reports) if known else None) or 0,
                (self._session.scalar(replies) if known or top_id else None) or 0,
            ),
        }

    def rank_anew(self, comment_id: str) -> None:
        """Give a comment its place in the queue after it was reported."""
        comment = self._session.get_one(Comment, comment_id)
        comment.rank = self._in_the_queue(comment_id, comment.top_id, self.decision(comment))["rank"]
        self._session.flush()

    def _move(self, comment_id: str, version: int, state: str, **values: Any) -> Comment:
        """Return the comment in another state, the replies of its thread counted anew, or raise StaleVersion."""
        mine = (Comment.id == comment_id, Comment.version == version)
        before = self._session.execute(select(Comment.top_id, Comment.state).where(*mine)).first()
        move = update(Comment).where(*mine).values(state=state, version=version + 1, **values)
        if changed(self._session, move, execution_options={"synchronize_session": False}) == 0:
            raise self._stale(comment_id)
        assert before is not None  # the state of this very version, or it would be stale
        self._count_reply(before.top_id, before.state, state)
        return self._session.get_one(Comment, comment_id, populate_existing=True)

    def revise(
        self,
        comment_id: str,
        *,
        version: int,
        revision: int,
        body: str,
        language: str | None,
        submitted_digest: str,
        state: str,
        decision: DecisionRow,
        published_at: datetime | None = None,
    ) -> Comment:
        """Store a changed body with the decision on it, under the same rules as `set_state`."""
        change = (
            update(Comment)
            .where(Comment.id == comment_id, Comment.version == version, Comment.revision < revision)
            .values(body=body, language=language, revision=revision, submitted_digest=submitted_digest)
        )
        if changed(self._session, change, execution_options={"synchronize_session": False}) == 0:
            raise self._stale(comment_id)
        return self.set_state(
            comment_id, version=version, state=state, decision=decision, published_at=published_at
        )

    def withdraw(self, comment_id: str, *, version: int) -> Comment:
        """Take a comment from the page at its author's wish; the decision on it stays as it is."""
        return self._move(comment_id, version, "withdrawn")

    def count(self) -> int:
        """Return how many comments there are, in whatever state."""
        return self._session.scalar(select(func.count()).select_from(Comment)) or 0

    def held_for(self, author_id: str, clause: str) -> list[str]:
        """Return the ids of an author's comments that the engine holds for this reason, oldest first."""
        held = (
            select(Comment.id)
            .join(DecisionRow, DecisionRow.id == Comment.decision_id)
            .where(
                Comment.author_id == author_id,
                Comment.state == "held",
                DecisionRow.clause == clause,
                DecisionRow.made_by == "engine",
            )
            .order_by(Comment.received_at, Comment.id)
        )
        return [*self._session.scalars(held)]

    def due_unconfirmed(self, clause: str, decided_by: datetime, limit: int = LIMIT) -> list[str]:
        """Return the ids of comments that wait under this clause since `decided_by`, where the site still wishes it."""
        due = (
            select(Comment.id)
            .join(DecisionRow, DecisionRow.id == Comment.decision_id)
            .join(Site, Site.id == Comment.site_id)
            .where(
                Comment.state == "held",
                Site.confirms_addresses,
                DecisionRow.clause == clause,
                DecisionRow.made_by == "engine",
                DecisionRow.decided_at <= decided_by,
            )
            .order_by(DecisionRow.decided_at, Comment.id)
            .limit(limit)
        )
        return [*self._session.scalars(due)]

    def count_withdrawn(self, clause: str, since: datetime) -> int:
        """Return how many comments that came since then were withdrawn while they waited under this clause."""
        number = (
            select(func.count())
            .select_from(Comment)
            .join(DecisionRow, DecisionRow.id == Comment.decision_id)
            .where(Comment.state == "withdrawn", DecisionRow.clause == clause, Comment.received_at >= since)
        )
        return self._session.scalar(number) or 0

    def pin(self, comment_id: str, at: datetime | None) -> None:
        """Pin a comment to the top of its discussion, or let it go (None)."""
        pinned = update(Comment).where(Comment.id == comment_id).values(pinned_at=at)
        changed(self._session, pinned)

    def _count_reply(self, top_id: str | None, before: str, after: str) -> None:
        """Keep the number of published comments below the beginning of a thread."""
        more = (after == PUBLISHED) - (before == PUBLISHED)
        if top_id is None or not more:
            return
        count = update(Comment).where(Comment.id == top_id).values(replies=Comment.replies + more)
        changed(self._session, count, execution_options={"synchronize_session": False})
        if (top := self._session.identity_map.get(identity_key(Comment, top_id))) is not None:
            self._session.refresh(top, ["replies"])

    def _stale(self, comment_id: str) -> StaleVersion:
        comment = self._session.get(Comment, comment_id, populate_existing=True)
        if comment is None:
            raise NotFound("There is no such comment.")
        newer = self.decision(comment)
        return StaleVersion(
            "Somebody else decided on this comment in the meantime.",
            current=comment.version,
            decision=_as_seen(newer) if newer else None,
        )

    def decision(self, comment: Comment) -> DecisionRow | None:
        """Return the decision in force."""
        return self._session.get(DecisionRow, comment.decision_id) if comment.decision_id else None

    def find_decision(self, decision_id: str) -> DecisionRow | None:
        """Return the decision with this id, in force or not."""
        return self._session.get(DecisionRow, decision_id)

    def decisions(self, comment_id: str) -> list[DecisionRow]:
        """Return all decisions on a comment, the first one first."""
        made = select(DecisionRow).where(DecisionRow.comment_id == comment_id).order_by(DecisionRow.number)
        return [*self._session.scalars(made)]

    def by_author(self, author_id: str, *, after: str | None = None, limit: int = LIMIT) -> Page[Comment]:
        """Return an author's comments in whatever state, newest first."""
        query = select(Comment).where(Comment.author_id == author_id)
        query = keyset(query, Comment.received_at, Comment.id, after=after, limit=limit, newest_first=True)
        return page_of(self._session.scalars(query).all(), limit, lambda row: (row.received_at, row.id))

    def own(
        self, author_id: str, *, after: str | None = None, limit: int = LIMIT
    ) -> Page[tuple[Comment, DecisionRow | None, Article]]:
        """Return an author's comments, each with the decision in force and its article, newest first."""
        query = (
            select(Comment, DecisionRow, Article)
            .join(DecisionRow, DecisionRow.id == Comment.decision_id, isouter=True)
            .join(Article, Article.id == Comment.article_id)
            .where(Comment.author_id == author_id)
        )
        query = keyset(query, Comment.received_at, Comment.id, after=after, limit=limit, newest_first=True)
        rows = [(comment, decision, article) for comment, decision, article in self._session.execute(query)]
        return page_of(rows, limit, lambda row: (row[0].received_at, row[0].id))

    def add_label(self, label: LabelledDecision) -> LabelledDecision:
        """Store what a person said of a comment."""
        return added(self._session, label)

    def forget_label(self, comment_id: str, who: str, at: datetime) -> None:
        """Delete what a person said of a comment at this moment: it was undone, and nothing is to be learned of it."""
        said = delete(LabelledDecision).where(
            LabelledDecision.comment_id == comment_id, LabelledDecision.who == who, LabelledDecision.at == at
        )
        self._session.execute(said, execution_options={"synchronize_session": False})

    def labels(
        self, *, source: str | None = None, after: str | None = None, limit: int = 500
    ) -> Page[tuple[LabelledDecision, Comment | None]]:
        """Return what people said, oldest first, each with its comment where it is stored and not erased."""
        query = select(LabelledDecision, Comment).join(
            Comment, (Comment.id == LabelledDecision.comment_id) & (Comment.body != ""), isouter=True
        )
        if source is not None:
            query = query.where(LabelledDecision.source == source)
        query = keyset(query, LabelledDecision.at, LabelledDecision.id, after=after, limit=limit)
        rows = [(label, comment) for label, comment in self._session.execute(query)]
        return page_of(rows, limit, lambda row: (row[0].at, row[0].id))

    def forget_feedback(self, body: str) -> int:
        """Empty the text of feedback on exactly this text; return of how many rows."""
        return self._empty(LabelledDecision.body == body)

    def has_due_feedback(self, now: datetime) -> bool:
        """Tell whether the time of a text kept with feedback is over."""
        due = select(LabelledDecision.id).where(LabelledDecision.body_until <= now).limit(1)
        return self._session.scalar(due) is not None

    def forget_due_feedback(self, now: datetime) -> int:
        """Empty the texts of feedback whose time is over; return how many."""
        return self._empty(LabelledDecision.body_until <= now)

    def _empty(self, which: ColumnElement[bool]) -> int:
        emptied = update(LabelledDecision).where(which).values(body="", body_until=None)
        return changed(self._session, emptied, execution_options={"synchronize_session": False})


def rank_of(severity: int, reports: int, reach: int) -> int:
    """Return the place in the queue, the smallest first: severity (0 to 100), then open reports, then reach.

    Reach is the number of published replies in the comment's thread. Age decides between equals.
    """
    return -(severity * 10_000 + min(reports, 99) * 100 + min(reach, 99))


def _deciding_detector(decision: DecisionRow) -> str | None:
    seen = [
        signal
        for signal in decision.signals or []
        if signal.get("clause") == decision.clause and not signal.get("failed")
    ]
    strongest = max(seen, key=lambda signal: float(signal.get("score") or 0), default=None)
    return str(strongest["detector"]) if strongest and strongest.get("detector") else None


def _as_seen(decision: DecisionRow) -> Mapping[str, object]:
    by_whom = {
        "action": decision.action,
        "made_by": decision.made_by,
        "decided_at": decision.decided_at.isoformat(),
    }
    return decision.public | by_whom
