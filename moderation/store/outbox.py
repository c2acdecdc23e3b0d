"""Events on their way out: written with the change they tell of, sent after it.

A sender claims what is due under a lease, sends outside any transaction, and records what came of it. The
lease of a sender that died runs out; so an event may arrive twice, under the same id, and is never lost.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal_column, select, update
from sqlalchemy.orm import Session, aliased

from moderation.errors import NotFound
from moderation.store.paging import LIMIT, Page, keyset, page_of
from moderation.store.tables import Delivery, Endpoint
from moderation.store.writing import added, changed

MOST_COUNTED = 100_000
_LOOKED_THROUGH = 10_000  # due events: whether their endpoint takes any now stands in no index
_NEWEST = 1_000  # events that are asked when one was last delivered, which no index knows


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery in the hands of one sender; `attempt` tells this sending from all others."""

    delivery_id: str
    attempt: int
    site_id: str
    endpoint_id: str
    url: str
    secret: str
    former_secret: str
    protocol: str
    event: str
    comment_id: str | None
    payload: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be sent, counted up to `MOST_COUNTED`.

    `waiting` counts all that will be tried; `due_since` is when the oldest that may go now was due, None where none is:
    events for a disabled endpoint, or for one that rests, wait for somebody else.
    """

    waiting: int
    due_since: datetime | None
    delivered_at: datetime | None
    disabled_endpoints: int


class Outbox:
    """Deliveries by when they are due."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, delivery: Delivery) -> Delivery:
        """Store an event for one endpoint, due at once unless it says when; behind all of the same comment there."""
        last = self._last(delivery)
        if last is not None and last >= delivery.id:
            # Ids sort by the clock, and the clock was set back. Comparing as text, more digits come later.
            delivery.id = f"{last}0"
        delivery.next_attempt_at = delivery.next_attempt_at or delivery.created_at
        return added(self._session, delivery)

    def _last(self, delivery: Delivery) -> str | None:
        if delivery.comment_id is None:
            return None
        same = (Delivery.endpoint_id == delivery.endpoint_id, Delivery.comment_id == delivery.comment_id)
        return self._session.scalar(select(func.max(Delivery.id)).where(*same))

    def get(self, delivery_id: str) -> Delivery | None:
        """Return the delivery with this id."""
        return self._session.get(Delivery, delivery_id)

    def claim_due(
        self, now: datetime, *, lease: timedelta, limit: int = 50, trial_after: int = 5
    ) -> list[Claim]:
        """Return what is due for one endpoint, oldest first, for this sender alone until the lease ends.

        One endpoint, and none that another sender is busy with: a receiver that hangs keeps nobody else waiting.
        One that failed `trial_after` times in a row gets one event at a time, and none while it rests.
        An event of a comment waits while an earlier one of the same comment to the same endpoint is neither
        delivered nor given up: news of one comment arrive in order. A lease that ends later than any taken now
        would, by far, was taken by a clock that has been set back since: it counts no more.
        """
        earlier = aliased(Delivery)
        blocked = (
            select(earlier.id)
            .where(
                earlier.endpoint_id == Delivery.endpoint_id,
                earlier.comment_id == Delivery.comment_id,
                earlier.id < Delivery.id,
                earlier.delivered_at.is_(None),
                earlier.given_up_at.is_(None),
            )
            .exists()
        )
        busy = aliased(Delivery)
        in_hand = (
            select(busy.id)
            .where(
                busy.endpoint_id == Delivery.endpoint_id,
                busy.leased_until > now,
                busy.leased_until <= now + 2 * lease,
            )
            .exists()
        )
        free = (
            Delivery.leased_until.is_(None)
            | (Delivery.leased_until <= now)
            | (Delivery.leased_until > now + 2 * lease)  # twice: clocks of two hosts differ a little
        )
        rested = Endpoint.rests_until.is_(None) | (Endpoint.rests_until <= now)
        due = (
            select(Delivery, Endpoint)
            .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
            .where(
                Delivery.next_attempt_at <= now,
                free,
                Endpoint.disabled_at.is_(None),
                rested,
                ~blocked,
                ~in_hand,
            )
            .order_by(Delivery.next_attempt_at, Delivery.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=Delivery)  # for PostgreSQL; SQLite has one writer anyway
        )
        claims: list[Claim] = []
        rows = self._session.execute(due).all()
        for delivery, endpoint in rows:
            if endpoint.id != rows[0][1].id or (claims and endpoint.failures >= trial_after):
                continue
            delivery.leased_until = now + lease
            delivery.attempts += 1
            claims.append(_claim(delivery, endpoint, now))
        self._session.flush()
        return claims

    def release(self, claim: Claim) -> None:
        """Give back a claim that was not tried."""
        self._record(claim, attempts=Delivery.attempts - 1)

    def delivered(self, claim: Claim, at: datetime, status: int | None = None) -> bool:
        """Record that the endpoint took it, even after the lease; return False if that is known already."""
        record = (
            update(Delivery)
            .where(Delivery.id == claim.delivery_id, Delivery.delivered_at.is_(None))
            .values(
                delivered_at=at,
                given_up_at=None,
                next_attempt_at=None,
                leased_until=None,
                last_status=status,
                last_error="",
            )
        )
        return changed(self._session, record) == 1

    def failed(self, claim: Claim, retry_at: datetime, error: str, status: int | None = None) -> bool:
        """Record a failure and when to try again; return False if another sender has it by now."""
        return self._record(claim, next_attempt_at=retry_at, last_error=error, last_status=status)

    def give_up(self, claim: Claim, at: datetime, error: str, status: int | None = None) -> bool:
        """Record the last failure; what waited behind it goes on. False if another sender has it by now."""
        return self._record(claim, next_attempt_at=None, given_up_at=at, last_error=error, last_status=status)

    def _record(self, claim: Claim, **values: object) -> bool:
        mine = (
            Delivery.id == claim.delivery_id,
            Delivery.attempts == claim.attempt,
            Delivery.delivered_at.is_(None),
            Delivery.given_up_at.is_(None),
        )
        return changed(self._session, update(Delivery).where(*mine).values(leased_until=None, **values)) == 1

    def given_up(
        self, *, site_id: str | None = None, after: str | None = None, limit: int = LIMIT
    ) -> Page[tuple[Delivery, Endpoint]]:
        """Return what was given up and could be sent again, newest first, with where it should have gone."""
        query = select(Delivery, Endpoint).join(Endpoint, Endpoint.id == Delivery.endpoint_id)
        query = query.where(Delivery.given_up_at.is_not(None), Delivery.payload != "")
        if site_id is not None:
            query = query.where(Delivery.site_id == site_id)
        query = keyset(query, Delivery.created_at, Delivery.id, after=after, limit=limit, newest_first=True)
        rows = self._session.execute(query).all()
        return page_of(rows, limit, lambda row: (row[0].created_at, row[0].id))

    def backlog(self, now: datetime) -> Backlog:
        """Return what waits, read from indexes or from a bounded number of rows.

        `delivered_at` is that of the newest events, and None where none of the newest 1,000 was delivered.
        """
        waits = Delivery.next_attempt_at.is_not(None)
        counted = select(literal_column("1")).where(waits).limit(MOST_COUNTED).subquery()
        due = Delivery.next_attempt_at <= now
        oldest = select(func.min(Delivery.next_attempt_at)).where(due)
        takes_none = Endpoint.disabled_at.is_not(None) | (Endpoint.rests_until > now)
        shut = dict(self._session.execute(select(Endpoint.id, Endpoint.disabled_at).where(takes_none)).all())
        if shut:  # their events may be many and stand before all others
            columns = select(Delivery.next_attempt_at, Delivery.endpoint_id).where(due)
            first = columns.order_by(Delivery.next_attempt_at).limit(_LOOKED_THROUGH).subquery()
            oldest = select(func.min(first.c.next_attempt_at)).where(first.c.endpoint_id.not_in([*shut]))
        # An id is a uuid7, so the newest stand at the end of the primary key.
        newest = select(Delivery.delivered_at).order_by(Delivery.id.desc()).limit(_NEWEST).subquery()
        return Backlog(
            waiting=self._session.scalar(select(func.count()).select_from(counted)) or 0,
            due_since=self._session.scalar(oldest),
            delivered_at=self._session.scalar(select(func.max(newest.c.delivered_at))),
            disabled_endpoints=sum(at is not None for at in shut.values()),
        )

    def replay(self, delivery_id: str, now: datetime) -> Delivery:
        """Send a given-up event again under its old id, with all attempts; NotFound if there is none such."""
        again = (
            update(Delivery)
            .where(Delivery.id == delivery_id, Delivery.given_up_at.is_not(None), Delivery.payload != "")
            .values(given_up_at=None, attempts=0, next_attempt_at=now, leased_until=None)
        )
        if changed(self._session, again) == 0:
            raise NotFound("There is no such delivery, or it was not given up.")
        return self._session.get_one(Delivery, delivery_id, populate_existing=True)

    def waiting(self) -> tuple[int, datetime | None]:
        """Return how many events wait, and since when the oldest does."""
        counted = select(func.count(), func.min(Delivery.created_at)).where(
            Delivery.next_attempt_at.is_not(None)
        )
        count, oldest = self._session.execute(counted).one()
        return count, oldest


def _claim(delivery: Delivery, endpoint: Endpoint, now: datetime) -> Claim:
    changing_over = endpoint.former_until is not None and endpoint.former_until > now
    return Claim(
        delivery_id=delivery.id,
        attempt=delivery.attempts,
        site_id=delivery.site_id,
        endpoint_id=endpoint.id,
        url=endpoint.url,
        secret=endpoint.secret,
        former_secret=endpoint.former_secret if changing_over else "",
        protocol=endpoint.protocol,
        event=delivery.event,
        comment_id=delivery.comment_id,
        payload=delivery.payload,
        created_at=delivery.created_at,
    )
