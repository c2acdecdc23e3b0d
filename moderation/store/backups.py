"""The whole database in one file, copied while it serves, and a file put in its place: all of it or nothing.

SQLite copies itself by its own backup interface (https://www.sqlite.org/backup.html): one moment, while others write.
PostgreSQL is copied by its own programs `pg_dump`, `pg_restore` and `psql`, found on the PATH.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine, inspect, text

from moderation.errors import DatabaseAway, InvalidInput, Misconfigured
from moderation.store.connections import BUSY, in_memory
from moderation.store.migrating import scripts

_SQLITE_HEAD, _DUMP_HEAD = b"SQLite format 3\0", b"PGDMP"
_PATIENCE = 30.0  # seconds to wait for whoever holds a table
_LONGEST_ERROR = 200  # of a program of PostgreSQL: the first line, before what rows hold
_AS_IT_WAS = "The database is as it was."


def back_up(engine: Engine, path: Path) -> None:
    """Copy the database into a file that is there already and empty.

    Raises:
        Misconfigured: pg_dump is not there, or does not fit the server. DatabaseAway.
    """
    if engine.dialect.name == "sqlite":
        if in_memory(engine.url):
            raise Misconfigured(
                "MODERATION_DATABASE_URL: a database in memory cannot be backed up. Name a file."
            )
        with _sqlite(engine) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target, progress=_impatient())
            target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    else:
        _run(engine, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")


def put_back(engine: Engine, path: Path) -> None:
    """Put what a file holds in the place of the database, in one transaction.

    Raises:
        InvalidInput: the file is no backup of this kind of database, is damaged, or was made by a newer version.
        Misconfigured: PostgreSQL's programs are not there. DatabaseAway: somebody is in the way; nothing was changed.
    """
    _check_kind(engine, path)
    revision = _sqlite_revision(path) if engine.dialect.name == "sqlite" else _dump_revision(engine, path)
    known = [script.revision for script in scripts().walk_revisions()]
    if revision not in known:
        raise InvalidInput(f"{path}: was made by a newer version of the service. Install that. {_AS_IT_WAS}")
    if engine.dialect.name == "sqlite":
        with _sqlite(engine) as target, closing(_read_only(path)) as source:
            source.backup(target, progress=_impatient())
    else:
        _replay_dump(engine, path)


def holds_nothing(engine: Engine) -> bool:
    """Return whether no table of the database has a row, or there is none."""
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        quoted = (connection.dialect.identifier_preparer.quote(name) for name in sorted(names))
        return all(connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1")) is None for name in quoted)  # noqa: S608


def _check_kind(engine: Engine, path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(_SQLITE_HEAD))
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read ({error.strerror}).") from None
    wanted = _SQLITE_HEAD if engine.dialect.name == "sqlite" else _DUMP_HEAD
    if not head.startswith(wanted):
        raise InvalidInput(f"{path}: is no backup of a {engine.dialect.name} database. {_AS_IT_WAS}")


# SQLite


@contextmanager
def _sqlite(engine: Engine) -> Iterator[sqlite3.Connection]:
    """Give the driver's connection; a failure of the driver is one of the database."""
    with closing(engine.raw_connection()) as pooled:
        driver: Any = pooled.driver_connection
        driver.execute("PRAGMA query_only=OFF")
        pooled.info.pop("reading", None)  # so that the next reader says again that it only reads
        try:
            yield driver
        except sqlite3.DatabaseError as error:
            raise DatabaseAway(BUSY, cause=getattr(error, "sqlite_errorname", "")) from error


def _impatient() -> Callable[[int, int, int], None]:
    """Return a look at each step of a copy that ends the waiting for a lock: the driver would wait for ever."""
    began = time.monotonic()

    def look(status: int, _remaining: int, _total: int) -> None:
        if status not in (sqlite3.SQLITE_OK, sqlite3.SQLITE_DONE) and time.monotonic() - began > _PATIENCE:
            raise DatabaseAway(BUSY, cause="backup")

    return look


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _sqlite_revision(path: Path) -> str:
    """Return the schema's revision in a file, after a look at every page of it."""
    try:
        with closing(_read_only(path)) as file:
            whole = file.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
            found = file.execute("SELECT version_num FROM alembic_version").fetchone() if whole else None
    except sqlite3.DatabaseError:
        found = None
    if found is None:
        raise InvalidInput(f"{path}: is damaged, or no backup of this service. {_AS_IT_WAS}")
    return str(found[0])


# PostgreSQL


def _dump_revision(engine: Engine, path: Path) -> str:
    """Return the schema's revision in a dump."""
    said = _run(
        engine, "pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(path), connect=False
    )
    found = re.search(r"^COPY [\w.]*alembic_version .*\n(\w+)$", said, re.MULTILINE)
    if found is None:
        raise InvalidInput(f"{path}: is damaged, or no backup of this service. {_AS_IT_WAS}")
    return found[1]


def _replay_dump(engine: Engine, path: Path) -> None:
    """Drop what is there and run the dump, in one transaction: it counts when the dump was read to its end."""
    script = [_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(path)]
    psql = [_program("psql"), "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        quoted = [connection.dialect.identifier_preparer.quote(name) for name in names]
    drop = (
        f"SET lock_timeout = {_PATIENCE * 1000:.0f};\nDROP TABLE {', '.join(quoted)} CASCADE;\n"
        if quoted
        else ""
    )
    pipes: dict[str, Any] = {"stderr": subprocess.PIPE}
    with (
        subprocess.Popen(script, stdout=subprocess.PIPE, **pipes) as reading,  # noqa: S603  our own arguments
        subprocess.Popen(  # noqa: S603
            [*psql, f"--dbname={_address(engine)}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=_environment(engine),
            **pipes,
        ) as writing,
    ):
        assert reading.stdout is not None
        assert writing.stdin is not None
        try:
            _feed(drop.encode(), reading.stdout, writing.stdin)
        except BrokenPipeError:  # psql has stopped, and says why
            reading.kill()
        broken = reading.wait() != 0
        if broken:
            writing.kill()  # before the end of its input: so nothing is committed
        _, said = writing.communicate()
        if broken and writing.returncode < 0:
            raise InvalidInput(f"{path}: is damaged. {_AS_IT_WAS}")
        if writing.returncode:
            raise DatabaseAway(f"psql: {_first_line(said)} {_AS_IT_WAS}", cause="psql")


def _feed(first: bytes, source: IO[bytes], target: IO[bytes]) -> None:
    target.write(first)
    shutil.copyfileobj(source, target)
    target.flush()


def _run(engine: Engine, name: str, *arguments: str, connect: bool = True) -> str:
    where = [f"--dbname={_address(engine)}"] if connect else []
    done = subprocess.run(  # noqa: S603  our own arguments
        [_program(name), *where, *arguments], env=_environment(engine), capture_output=True, check=False
    )
    if done.returncode and connect:
        raise Misconfigured(f"{name}: {_first_line(done.stderr)}", program=name)
    return done.stdout.decode(errors="replace") if not done.returncode else ""


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Misconfigured(
            f"{name} is not on the PATH. Install PostgreSQL's client programs, in the server's version or a newer one."
        )
    return found


def _address(engine: Engine) -> str:
    """Return the address for PostgreSQL's own programs; other users of the machine see it, so the password is not in it."""
    return engine.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _environment(engine: Engine) -> dict[str, str]:
    password = engine.url.password
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}


def _first_line(said: bytes) -> str:
    lines: Sequence[str] = said.decode(errors="replace").strip().splitlines()
    return (lines[0] if lines else "stopped without a word.")[:_LONGEST_ERROR]
