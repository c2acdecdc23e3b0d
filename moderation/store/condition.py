"""How a database is: whether it keeps what it is given, may be written to, and what it takes for the time."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from moderation.store.tables import Comment

# What stands between a power cut and what was acknowledged, and what else `connections.py` sets on SQLite.
_SQLITE = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1"}
_POSTGRESQL = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
_STRONGER = {"synchronous_commit": ("remote_write", "remote_apply")}


@dataclass(frozen=True, slots=True)
class Condition:
    """What was found: settings that are not as they must be, why nothing can be written, the clock's difference.

    `otherwise` has name: (is, must be); `unwritable` is the database's code or empty; `ahead` are the seconds by which
    the newest comment, or the server's own clock, is ahead of ours.
    """

    otherwise: dict[str, tuple[str, str]]
    unwritable: str
    ahead: float


def condition(engine: Engine, now: datetime) -> Condition:
    """Return how the database is; a write is tried and taken back."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(reading=True).connect() as connection:
        found = _settings(connection, sqlite=sqlite)
        newest = connection.scalar(select(func.max(Comment.received_at)))
        moments = [newest] if newest else []
        if not sqlite:
            moments.append(connection.execute(select(func.clock_timestamp())).scalar_one().astimezone(UTC))
    return Condition(
        found, _unwritable(engine), max([(at - now).total_seconds() for at in moments], default=0.0)
    )


def _settings(connection: Connection, *, sqlite: bool) -> dict[str, tuple[str, str]]:
    wanted = _SQLITE if sqlite else _POSTGRESQL
    ask = "PRAGMA {}" if sqlite else "SHOW {}"
    found = {name: str(connection.exec_driver_sql(ask.format(name)).scalar()) for name in wanted}
    return {
        name: (found[name], value)
        for name, value in wanted.items()
        if found[name] != value and found[name] not in _STRONGER.get(name, ())
    }


def _unwritable(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            connection.rollback()
    except DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
        return str(code or type(error.orig).__name__)
    return ""
