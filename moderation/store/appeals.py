"""Appeals: one for each decision and each block, answered once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from moderation.errors import NotFound, StaleVersion
from moderation.store.desk import Item, items_of, with_surroundings
from moderation.store.paging import LIMIT, Page, keyset, page_of
from moderation.store.tables import Appeal, Author, Block, Comment, DecisionRow
from moderation.store.writing import changed, insert_if_absent


@dataclass(frozen=True, slots=True)
class AppealCase:
    """An appeal with what it is about: a comment as the queue shows it with the decision, or a block."""

    appeal: Appeal
    item: Item | None
    decision: DecisionRow | None
    block: Block | None
    author: Author | None

    @property
    def decided_by(self) -> str:
        """Return who decided what is appealed: a moderator's id, engine or ladder."""
        if self.decision is not None:
            return self.decision.made_by
        return self.block.given_by if self.block is not None else ""


class Appeals:
    """What readers answered to decisions and blocks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, appeal: Appeal) -> bool:
        """Store a new appeal; return False, and store nothing, if there is one about the same."""
        return insert_if_absent(self._session, appeal)

    def get(self, appeal_id: str) -> Appeal | None:
        """Return the appeal with this id."""
        return self._session.get(Appeal, appeal_id)

    def of_decision(self, decision_id: str) -> Appeal | None:
        """Return the appeal of a decision."""
        return self._session.scalar(select(Appeal).where(Appeal.decision_id == decision_id))

    def of_block(self, block_id: str) -> Appeal | None:
        """Return the appeal of a block."""
        return self._session.scalar(select(Appeal).where(Appeal.block_id == block_id))

    def open_about(self, *, comment_id: str | None = None, block_id: str | None = None) -> list[Appeal]:
        """Return the open appeals about a comment or a block."""
        about = Appeal.comment_id == comment_id if comment_id is not None else Appeal.block_id == block_id
        return [*self._session.scalars(select(Appeal).where(about, Appeal.state == "open"))]

    def settle(
        self, appeal_id: str, *, version: int, state: str, by: str, at: datetime, answer: str = ""
    ) -> Appeal:
        """Answer or withdraw an open appeal; of two that saw the same version one gets StaleVersion."""
        return self._change(appeal_id, version, state=state, settled_at=at, settled_by=by, answer=answer)

    def carry(self, appeal_id: str, *, version: int, block_id: str) -> Appeal:
        """Let an open appeal be about another block, under the same rules."""
        return self._change(appeal_id, version, block_id=block_id)

    def _change(self, appeal_id: str, version: int, **values: Any) -> Appeal:
        change = (
            update(Appeal)
            .where(Appeal.id == appeal_id, Appeal.version == version, Appeal.state == "open")
            .values(version=version + 1, **values)
        )
        if changed(self._session, change, execution_options={"synchronize_session": False}) == 0:
            stands = self._session.get(Appeal, appeal_id, populate_existing=True)
            if stands is None:
                raise NotFound("There is no such appeal.")
            raise StaleVersion(
                "This appeal was answered or withdrawn in the meantime.",
                current=stands.version,
                decision={"state": stands.state, "made_by": stands.settled_by or ""},
            )
        return self._session.get_one(Appeal, appeal_id, populate_existing=True)

    def reopen(self, appeal_id: str) -> Appeal:
        """Return the appeal, open again because what answered it was undone."""
        again = (
            update(Appeal)
            .where(Appeal.id == appeal_id, Appeal.state.in_(("granted", "refused")))
            .values(state="open", version=Appeal.version + 1, settled_at=None, settled_by=None, answer="")
        )
        changed(self._session, again, execution_options={"synchronize_session": False})
        return self._session.get_one(Appeal, appeal_id, populate_existing=True)

    def count_of_author(self, author_id: str) -> dict[str, int]:
        """Return how many appeals an author made, by state."""
        made = select(Appeal.state, func.count()).where(Appeal.author_id == author_id)
        return dict(self._session.execute(made.group_by(Appeal.state)).all())

    def count_open(self) -> int:
        """Return how many appeals wait for an answer."""
        return self._session.scalar(select(func.count()).where(Appeal.state == "open")) or 0

    def page(
        self,
        *,
        now: datetime,
        states: Sequence[str] = ("open",),
        after: str | None = None,
        limit: int = LIMIT,
        newest_first: bool = False,
    ) -> Page[AppealCase]:
        """Return the appeals in these states with what they are about, in a constant number of queries."""
        query = select(Appeal).where(Appeal.state.in_(states))
        query = keyset(query, Appeal.made_at, Appeal.id, after=after, limit=limit, newest_first=newest_first)
        page = page_of(self._session.scalars(query).all(), limit, lambda row: (row.made_at, row.id))
        return Page(self._cases(page.items, now), page.next)

    def case(self, appeal_id: str, now: datetime) -> AppealCase | None:
        """Return one appeal with what it is about."""
        appeal = self.get(appeal_id)
        return self._cases([appeal], now)[0] if appeal is not None else None

    def _cases(self, appeals: Sequence[Appeal], now: datetime) -> list[AppealCase]:
        comment_ids = {appeal.comment_id for appeal in appeals if appeal.comment_id}
        rows = self._session.execute(with_surroundings().where(Comment.id.in_(comment_ids))).all()
        items = {item.comment.id: item for item in items_of(self._session, rows, now)}
        decision_ids = {appeal.decision_id for appeal in appeals if appeal.decision_id}
        made = select(DecisionRow).where(DecisionRow.id.in_(decision_ids))
        decisions = {row.id: row for row in self._session.scalars(made)}
        block_ids = {appeal.block_id for appeal in appeals if appeal.block_id}
        blocks = {row.id: row for row in self._session.scalars(select(Block).where(Block.id.in_(block_ids)))}
        author_ids = {appeal.author_id for appeal in appeals if appeal.author_id}
        found = select(Author).where(Author.id.in_(author_ids))
        authors = {row.id: row for row in self._session.scalars(found)}
        return [
            AppealCase(
                appeal,
                items.get(appeal.comment_id or ""),
                decisions.get(appeal.decision_id or ""),
                blocks.get(appeal.block_id or ""),
                authors.get(appeal.author_id or ""),
            )
            for appeal in appeals
        ]
