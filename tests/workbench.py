"""The tools of a process with a twin for every outside thing: a clock that is told, a receiver, a mailbox, a log."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import httpx
import structlog
from sqlalchemy import select

from moderation.engine import Engine
from moderation.mail import ConsoleMailer
from moderation.safe_http import SafeClient
from moderation.services import Tools
from moderation.settings import Settings
from moderation.store.tables import Table
from moderation.store.unit_of_work import Database
from moderation.telemetry import Metrics, configure
from tests.builders import NOW

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never asked, and much quicker than to read a bundle


@dataclass
class Clock:
    """The time, which passes when told to."""

    time: datetime = NOW

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> datetime:
        self.time += timedelta(**by)
        return self.time


@dataclass
class Receiver:
    """A server that takes webhooks: keeps what came, and answers 204 or what it is told."""

    came: list[httpx.Request] = field(default_factory=list)
    answers: list[httpx.Response | BaseException] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.came.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(204)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def tools_over(
    database: Database, engine: Engine, clock: Clock, receiver: Receiver, **settings: Any
) -> Tools:
    """Tools as `bootstrap` builds them, over these."""
    return Tools(
        settings=Settings(**settings),
        database=database,
        engine=engine,
        http=SafeClient(
            False, httpx.MockTransport(receiver), lambda host, port: ["93.184.215.14"], tls=_NO_TLS
        ),
        mailer=ConsoleMailer(StringIO()),
        metrics=Metrics(),
        now=clock,
    )


@contextmanager
def a_log(level: int = logging.INFO) -> Iterator[StringIO]:
    """Collect the log lines of a block as they would reach standard error."""
    stream = StringIO()
    with log_settings_kept():
        configure(stream, level)
        yield stream


@contextmanager
def log_settings_kept() -> Iterator[None]:
    """Let a block change where logs go, and put it back."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers, root.level
    try:
        yield
    finally:
        structlog.configure(**before)
        root.handlers, root.level = handlers, level


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, by table: to see that nothing changed, or that something is gone."""
    with database.engine.connect() as connection:
        return {
            table.name: [
                dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in Table.metadata.sorted_tables
        }


def rows(database: Database, table: type[Table]) -> list[Any]:
    """All rows of one table in the order of their keys."""
    with database.read() as store:
        found = store.sites._session.scalars(select(table).order_by(*table.__table__.primary_key)).all()
    return [*found]
