"""What readers say is wrong with published comments, and which comments that brings to the queue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from moderation.store.desk import Item, items_of, with_surroundings
from moderation.store.paging import LIMIT, Page, page_of_ranked, ranked
from moderation.store.tables import Comment, Report, ReportedComment
from moderation.store.writing import changed, insert_if_absent


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a reporter's earlier reports."""

    upheld: int = 0
    dismissed: int = 0


@dataclass(frozen=True, slots=True)
class Reported:
    """A comment in the queue because of reports, with the reports that are open."""

    item: Item
    case: ReportedComment
    reports: tuple[Report, ...]


class Reports:
    """Reports by readers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, report: Report) -> bool:
        """Store a report; return False, and store nothing, if this reporter reported this revision before."""
        return insert_if_absent(self._session, report)

    def record(self, reporter: str) -> Record:
        """Return what became of a reporter's earlier reports."""
        settled = (
            select(Report.state, func.count())
            .where(Report.reporter == reporter, Report.state != "open")
            .group_by(Report.state)
        )
        counts = dict(self._session.execute(settled).all())
        return Record(counts.get("upheld", 0), counts.get("dismissed", 0))

    def open_on(self, comment_id: str, revision: int) -> list[Report]:
        """Return the open reports on a revision of a comment, oldest first."""
        found = select(Report).where(
            Report.comment_id == comment_id, Report.revision == revision, Report.state == "open"
        )
        return [*self._session.scalars(found.order_by(Report.at, Report.id))]

    def was_dismissed(self, comment_id: str, revision: int) -> bool:
        """Tell whether a moderator dismissed the reports on this revision."""
        found = select(Report.id).where(
            Report.comment_id == comment_id, Report.revision == revision, Report.state == "dismissed"
        )
        return self._session.scalar(found.limit(1)) is not None

    def bring(self, comment_id: str, revision: int, at: datetime) -> bool:
        """Bring a comment to the queue; return False if it is there already."""
        case = self._session.get(ReportedComment, comment_id, populate_existing=True)
        if case is None:
            return insert_if_absent(
                self._session, ReportedComment(comment_id=comment_id, revision=revision, since=at)
            )
        if case.settled_at is None and case.revision == revision:
            return False
        case.revision, case.since, case.settled_at = revision, at, None
        self._session.flush()
        return True

    def waiting(self, comment_ids: Sequence[str]) -> set[str]:
        """Return those of these comments with reports that nobody has settled."""
        still_open = select(Report.comment_id).where(
            Report.comment_id.in_(comment_ids), Report.state == "open"
        )
        in_queue = select(ReportedComment.comment_id).where(
            ReportedComment.comment_id.in_(comment_ids), ReportedComment.settled_at.is_(None)
        )
        return {*self._session.scalars(still_open.union(in_queue))}

    def case(self, comment_id: str) -> ReportedComment | None:
        """Return the comment's place in the queue, past or present."""
        return self._session.get(ReportedComment, comment_id, populate_existing=True)

    def settle(self, comment_id: str, state: str, at: datetime) -> list[Report]:
        """Uphold or dismiss all reports on a comment and take it out of the queue; return those that changed.

        Those settled otherwise before change too: a moderator thought again.
        """
        changing = select(Report).where(Report.comment_id == comment_id, Report.state != state)
        reports = [*self._session.scalars(changing)]
        for report in reports:
            report.state = state
        self._session.flush()
        leave = update(ReportedComment).where(
            ReportedComment.comment_id == comment_id, ReportedComment.settled_at.is_(None)
        )
        changed(
            self._session,
            leave.values(settled_at=at),
            execution_options={"synchronize_session": False},
        )
        return reports

    def reopen(self, report_ids: Sequence[str], comment_id: str) -> None:
        """Open reports again whose settlement was undone, and bring the comment back to the queue where it was."""
        again = update(Report).where(Report.id.in_(report_ids)).values(state="open")
        back = update(ReportedComment).where(ReportedComment.comment_id == comment_id).values(settled_at=None)
        for statement in (again, back):
            changed(self._session, statement, execution_options={"synchronize_session": False})
        self._session.expire_all()

    def count_waiting(self) -> int:
        """Return how many published comments are in the queue because of reports."""
        waiting = (
            select(func.count())
            .select_from(ReportedComment)
            .join(Comment, Comment.id == ReportedComment.comment_id)
            .where(ReportedComment.settled_at.is_(None), Comment.state == "published")
        )
        return self._session.scalar(waiting) or 0

    def queue(self, *, now: datetime, after: str | None = None, limit: int = LIMIT) -> Page[Reported]:
        """Return the published comments that reports brought to the queue: by rank, then the one waiting longest first."""
        query = (
            with_surroundings()
            .join(ReportedComment, ReportedComment.comment_id == Comment.id)
            .add_columns(ReportedComment)
            .where(ReportedComment.settled_at.is_(None), Comment.state == "published")
        )
        query = ranked(
            query,
            Comment.rank,
            ReportedComment.since,
            ReportedComment.comment_id,
            after=after,
            limit=limit,
        )
        rows = self._session.execute(query).all()
        page = page_of_ranked(rows, limit, lambda row: (row[0].rank, row[-1].since, row[-1].comment_id))
        items = items_of(self._session, [row[:-1] for row in page.items], now)
        by_comment = self.open_by_comment(item.comment.id for item in items)
        cases = [row[-1] for row in page.items]
        return Page(
            [
                Reported(item, case, tuple(by_comment.get(item.comment.id, ())))
                for item, case in zip(items, cases, strict=True)
            ],
            page.next,
        )

    def open_by_comment(self, comment_ids: Iterable[str]) -> dict[str, list[Report]]:
        """Return the open reports by comment, oldest first."""
        found = select(Report).where(Report.comment_id.in_(set(comment_ids)), Report.state == "open")
        by_comment: dict[str, list[Report]] = {}
        for report in self._session.scalars(found.order_by(Report.at, Report.id)):
            by_comment.setdefault(report.comment_id, []).append(report)
        return by_comment
