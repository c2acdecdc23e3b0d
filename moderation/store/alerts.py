"""What editors were told of, and what they are to be told of."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation.store.tables import Alert, Comment, DecisionRow, Delivery, Moderator
from moderation.store.writing import insert_if_absent


class Alerts:
    """Alerts; of each thing editors are told once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, alert: Alert) -> bool:
        """Store an alert; return False where this was told of already."""
        return insert_if_absent(self._session, alert)

    def is_known(self, kind: str, subject: str) -> bool:
        """Tell whether this was told of already."""
        known = select(Alert.id).where(Alert.kind == kind, Alert.subject == subject)
        return self._session.scalar(known) is not None

    def latest(self, limit: int = 100) -> list[Alert]:
        """Return the latest alerts, the newest first."""
        newest = select(Alert).where(Alert.kind != "digest").order_by(Alert.at.desc(), Alert.id.desc())
        return [*self._session.scalars(newest.limit(limit))]

    def last(self, kind: str) -> Alert | None:
        """Return the latest alert of a kind."""
        newest = select(Alert).where(Alert.kind == kind).order_by(Alert.at.desc(), Alert.id.desc())
        return self._session.scalar(newest.limit(1))

    def editors(self, roles: Sequence[str]) -> Sequence[Moderator]:
        """Return the accounts that alerts go to: those in these roles who can sign in."""
        query = select(Moderator).where(
            Moderator.role.in_(roles),
            Moderator.deactivated_at.is_(None),
            Moderator.password_hash.is_not(None),
        )
        return self._session.scalars(query.order_by(Moderator.id)).all()

    def held_threats(self, clause: str, since: datetime, limit: int = 20) -> list[str]:
        """Return the ids of comments held for this clause since a moment that nobody was told of."""
        told = select(Alert.id).where(Alert.kind == "threat-held", Alert.subject == "comment:" + Comment.id)
        query = (
            select(Comment.id)
            .join(DecisionRow, DecisionRow.id == Comment.decision_id)
            .where(
                Comment.state == "held",
                DecisionRow.clause == clause,
                DecisionRow.decided_at >= since,
                ~told.exists(),
            )
        )
        return [*self._session.scalars(query.order_by(Comment.received_at, Comment.id).limit(limit))]

    def given_up(self, since: datetime, limit: int = 20) -> list[str]:
        """Return the ids of deliveries given up since a moment that nobody was told of."""
        told = select(Alert.id).where(
            Alert.kind == "delivery-given-up", Alert.subject == "delivery:" + Delivery.id
        )
        query = select(Delivery.id).where(
            Delivery.given_up_at >= since, Delivery.payload != "", ~told.exists()
        )
        return [*self._session.scalars(query.order_by(Delivery.given_up_at, Delivery.id).limit(limit))]
