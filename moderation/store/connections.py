"""Engines for SQLite and PostgreSQL, and their failures in the service's own words."""

import sqlite3
import time
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.pool import StaticPool

from moderation.errors import DatabaseAway, Misconfigured, StorageFull

BUSY = "The database is busy and did not become free in time. Nothing was stored; please try again."
FULL = "The disk of the database is full. Nothing was stored; please try again later."
GONE = "The database cannot be reached. Nothing was stored; please try again later."

_PACE = 0.001  # seconds between two tries to write

# 15: an unlucky reader was overtaken too often. https://www.sqlite.org/rescode.html: the lower byte of an extended code is the primary one.
_SQLITE = {5: BUSY, 6: BUSY, 10: GONE, 13: FULL, 14: GONE, 15: BUSY}
# The index of the log could not grow: told as an I/O error, and like it only on a full disk.
_SQLITE_EXTENDED = {sqlite3.SQLITE_IOERR_SHMSIZE: FULL}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {"40001": BUSY, "40P01": BUSY, "55P03": BUSY, "57014": BUSY, "53100": FULL}
_POSTGRESQL_CLASSES = {"08": GONE, "53": GONE, "57": GONE}
# It may only be read: the file's rights, or a standby. Where nobody meant to write that is a fault of ours.
_READ_ONLY = (8, "25006")


def open_engine(url: str, *, wait_seconds: float) -> Engine:
    """Return an engine that waits at most `wait_seconds` for a lock or a free connection."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise Misconfigured(
            "MODERATION_DATABASE_URL: is no database address. Write sqlite:///file or postgresql://..."
        ) from error
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise Misconfigured(
            "MODERATION_DATABASE_URL: only sqlite:// and postgresql:// are known. Correct it."
        )
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, wait_seconds)
    wait = int(wait_seconds * 1000)
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_size=5,
        max_overflow=15,
        pool_timeout=wait_seconds,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": max(2, int(wait_seconds)),
            "options": f"-c timezone=UTC -c lock_timeout={wait} -c statement_timeout={6 * wait}",
        },
    )


def in_memory(address: URL) -> bool:
    """Return whether the database lives in this process alone."""
    return address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:")


def _sqlite(address: URL, wait_seconds: float) -> Engine:
    if in_memory(address):
        engine = create_engine(
            address, hide_parameters=True, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
    else:
        engine = create_engine(
            address, hide_parameters=True, pool_size=5, max_overflow=15, pool_timeout=wait_seconds
        )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `begin` below does
        for pragma in (
            f"busy_timeout={int(wait_seconds * 1000)}",
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged comment survives a power cut
            "foreign_keys=ON",
            "secure_delete=ON",  # what is erased is overwritten in the file too
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A read that turned into a write after somebody else's commit would fail at once, whatever the
        # time-out; so a write takes the one lock when it begins, and a read cannot write.
        reading = connection.get_execution_options().get("reading", False)
        if connection.info.get("reading") is not reading:  # said once: connections mostly go on as they are
            connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
            connection.info["reading"] = reading
        if reading:
            connection.exec_driver_sql("BEGIN")
        else:
            until = connection.get_execution_options().get("until")
            _begin_writing(connection, until or time.monotonic() + wait_seconds, wait_seconds)

    return engine


def _begin_writing(connection: Connection, until: float, wait_seconds: float) -> None:
    """Take the one lock for writing, or raise what SQLite says once it is `until` (of the monotonic clock).

    SQLite's own waiting sleeps longer each time, up to 100 ms, so that whoever has waited longest meets the lock free
    least often; asked again at the same short pace, every process has the same chance.
    """
    asked: Any = connection.connection.driver_connection
    asked.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < until:
            try:
                asked.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(_PACE)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # so that its failure comes as all failures do
    finally:
        asked.execute(f"PRAGMA busy_timeout={int(wait_seconds * 1000)}")


def cut_off_log(connection: Connection) -> bool:
    """Return whether SQLite's log is folded into the file and cut off; where somebody reads, nobody waits for that."""
    asked: Any = connection.connection.driver_connection
    (patience,) = asked.execute("PRAGMA busy_timeout").fetchone()
    asked.execute("PRAGMA busy_timeout=0")
    try:
        (busy, _, _) = asked.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:  # what was written stands all the same
        return False
    finally:
        asked.execute(f"PRAGMA busy_timeout={patience}")
    return not busy


def reading_twin(engine: Engine) -> Engine:
    """Return the same engine for reading only, each transaction seeing one moment throughout."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(reading=True)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def away(error: SQLAlchemyError, *, writing: bool) -> DatabaseAway | None:
    """Return the failure as the reader may see it, or None where the fault is in the statement."""
    if isinstance(error, NoConnectionFree):
        return DatabaseAway(BUSY, cause="no-connection-free")
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        read_only = writing and code & 0xFF in _READ_ONLY
        sentence = GONE if read_only else _SQLITE_EXTENDED.get(code) or _SQLITE.get(code & 0xFF)
        return _told(sentence, getattr(error.orig, "sqlite_errorname", ""))
    state = getattr(error.orig, "sqlstate", None)
    if state:
        read_only = writing and state in _READ_ONLY
        sentence = GONE if read_only else _POSTGRESQL.get(state) or _POSTGRESQL_CLASSES.get(state[:2])
        return _told(sentence, state)
    lost = error.connection_invalidated or type(error).__name__ == "OperationalError"
    return DatabaseAway(GONE, cause="connection-lost") if lost else None


def _told(sentence: str | None, cause: str) -> DatabaseAway | None:
    if sentence is None:
        return None
    return (StorageFull if sentence is FULL else DatabaseAway)(sentence, cause=cause)
