"""Thousands of events to receivers that fail in every way there is, three times in ten, under a clock that is told."""

import json
import random
from collections.abc import Iterator
from datetime import datetime

import httpx
from sqlalchemy import func, select

from moderation.engine import Engine
from moderation.protocols.standard_webhooks import new_secret
from moderation.services.delivering import deliver_due
from moderation.store.tables import Comment, Delivery, Endpoint
from moderation.store.unit_of_work import Database
from tests.builders import a_delivery, a_discussion, a_stored_comment, an_endpoint, stored
from tests.faults.checking import Counts
from tests.workbench import Clock, tools_over

SHARE = 0.3  # of sends that fail
_ENDPOINTS, _MOST_NEWS = 2, 4  # receivers; events of one comment to one of them
_FAILURES = (
    httpx.Response(500),
    httpx.Response(429, headers={"Retry-After": "60"}),
    httpx.Response(503, headers={"Retry-After": "Mon, 23 Nov 2026 13:00:00 GMT"}),
    httpx.Response(307, headers={"Location": "https://elsewhere.example/"}),
    httpx.Response(404),
    httpx.ReadTimeout("late"),
    httpx.ConnectError("refused"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("babble"),
    httpx.WriteError("closed"),
)


class Unreliable:
    """Receivers that fail three times in ten, and keep what they took."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.tries = chance, 0
        self.taken: list[tuple[str, str, int]] = []  # id, comment, number of its news

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.tries += 1
        if self.chance.random() < SHARE:
            answer = self.chance.choice(_FAILURES)
            if isinstance(answer, Exception):
                raise answer
            return httpx.Response(answer.status_code, headers=answer.headers)
        told = json.loads(request.read())
        self.taken.append((request.headers["webhook-id"], told["comment"], told["number"]))
        return httpx.Response(204)


def deliver(database: Database, engine: Engine, events: int, seed: int = 1) -> Counts:
    """Return what came of so many events; every one should be delivered or given up where the desk shows it."""
    chance, clock = random.Random(seed), Clock()
    receiver = Unreliable(chance)
    tools = tools_over(database, engine, clock, receiver)
    _fill(database, events, chance)
    while (moment := _next_moment(database, clock())) is not None:
        while deliver_due(tools):
            pass
        clock.time = max(moment, clock.time)
    return _counted(database, receiver, events)


def _fill(database: Database, events: int, chance: random.Random) -> None:
    with database.begin() as store:
        discussion = a_discussion(store)
        endpoints = [an_endpoint(discussion.site, secret=new_secret()) for _ in range(_ENDPOINTS)]
        stored(store, *endpoints)
        for endpoint, comment, number in _news(store, discussion, endpoints, events, chance):
            payload = json.dumps({"comment": comment.id, "number": number})
            store.outbox.add(a_delivery(endpoint, comment, payload=payload))


def _news(store, discussion, endpoints, events, chance) -> Iterator[tuple[Endpoint, Comment, int]]:
    made = 0
    while True:
        comment = a_stored_comment(store, discussion)
        for endpoint in endpoints:
            for number in range(chance.randint(1, _MOST_NEWS)):
                yield endpoint, comment, number
                made += 1
                if made == events:
                    return


def _next_moment(database: Database, now: datetime) -> datetime | None:
    """Return when something can be sent that cannot be sent now; None where nothing waits."""
    with database.read() as store:
        session = store.outbox._session
        if not session.scalar(select(func.count()).where(Delivery.next_attempt_at.is_not(None))):
            return None
        moments = [
            session.scalar(select(func.min(column)).where(column > now))
            for column in (Delivery.next_attempt_at, Endpoint.rests_until)
        ]
    return min((moment for moment in moments if moment), default=now)


def _counted(database: Database, receiver: Unreliable, events: int) -> Counts:
    found = Counts(
        cycles=events, deliveries=len({key for key, _, _ in receiver.taken}), arrivals=receiver.tries
    )
    with database.read() as store:
        rows = store.outbox._session.scalars(select(Delivery)).all()
    taken = {key for key, _, _ in receiver.taken}
    found.acknowledged = len(rows)
    found.silent = sum(
        (row.delivered_at is None) == (row.given_up_at is None)
        or (row.delivered_at is not None) != (row.id in taken)
        for row in rows
    )
    found.lost = events - len(rows)
    # Under a clock that is told no lease runs out, so that nothing is sent twice.
    found.twice = len(receiver.taken) - len(taken)
    endpoint_of = {row.id: row.endpoint_id for row in rows}
    latest: dict[tuple[str, str], int] = {}
    for key, comment, number in receiver.taken:
        place = (endpoint_of[key], comment)
        found.disordered += number < latest.get(place, -1)
        latest[place] = number
    return found
