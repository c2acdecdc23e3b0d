"""What moderators did, so that it can be undone and others see it at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import Step
from moderation.store.writing import added, changed


class Steps:
    """Steps of moderators, in the order of their ids."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, step: Step) -> Step:
        """Store what was done."""
        return added(self._session, step)

    def get(self, step_id: str) -> Step | None:
        """Return the step with this id."""
        return self._session.get(Step, step_id)

    def take_back(self, step_id: str, by: str, at: datetime) -> bool:
        """Mark a step as undone; return False where it was already: of two who undo it one does."""
        undo = update(Step).where(Step.id == step_id, Step.undone_at.is_(None))
        undo = undo.values(undone_at=at, undone_by=by)
        return changed(self._session, undo, execution_options={"synchronize_session": False}) == 1

    def latest(self, by: str, *, since: datetime) -> Step | None:
        """Return the last thing a moderator did since then and has not undone; what was done in bulk apart."""
        mine = select(Step).where(
            Step.by == by, Step.at >= since, Step.undone_at.is_(None), Step.batch_id.is_(None)
        )
        return self._session.scalar(mine.order_by(Step.id.desc()).limit(1))

    def on_comment(self, comment_id: str) -> list[Step]:
        """Return what was done to a comment, latest first."""
        steps = select(Step).where(Step.comment_id == comment_id)
        return [*self._session.scalars(steps.order_by(Step.id.desc()))]

    def of_decisions(self, comment_id: str) -> set[str]:
        """Return the ids of the decisions on a comment that were undone."""
        undone = (step for step in self.on_comment(comment_id) if step.undone_at is not None)
        return {str(step.effects["decision"]) for step in undone if "decision" in step.effects}

    def standing(self, comment_ids: Sequence[str]) -> dict[str, Step]:
        """Return the last step on each of these comments that was not undone."""
        last = select(func.max(Step.id)).where(Step.comment_id.in_(comment_ids), Step.undone_at.is_(None))
        found = select(Step).where(Step.id.in_(last.group_by(Step.comment_id).scalar_subquery()))
        return {step.comment_id: step for step in self._session.scalars(found) if step.comment_id}

    def of_batch(self, batch_id: str, *, before: str = "", limit: int) -> list[Step]:
        """Return up to so many steps of a bulk action that stand, the last first, from the one after `before`."""
        steps = select(Step).where(Step.batch_id == batch_id, Step.undone_at.is_(None))
        if before:
            steps = steps.where(Step.id < before)
        return [*self._session.scalars(steps.order_by(Step.id.desc()).limit(limit))]

    def last(self, *, limit: int = 50, by: str | None = None) -> Sequence[Step]:
        """Return what was done last, by anybody or by one moderator, latest first."""
        steps = select(Step).order_by(Step.id.desc()).limit(limit)
        if by is not None:
            steps = steps.where(Step.by == by)
        return self._session.scalars(steps).all()
