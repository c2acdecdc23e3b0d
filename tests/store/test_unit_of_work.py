import sqlite3
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from moderation.errors import Conflict, DatabaseAway, StorageFull
from moderation.store.unit_of_work import Database
from tests.builders import (
    NOW,
    a_block,
    a_delivery,
    a_discussion,
    a_moderator,
    a_site,
    a_stored_comment,
    a_strike,
    an_api_key,
    an_endpoint,
    stored,
)


def test_what_was_begun_is_stored_at_the_end(database):
    site = a_site()
    with database.begin() as store:
        stored(store, site)
    with database.read() as store:
        assert store.sites.get(site.id).slug == site.slug


def test_an_exception_leaves_nothing_behind(database):
    def fail():
        with database.begin() as store:
            stored(store, a_site())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as store:
        assert store.sites.all() == []


def test_rows_can_be_used_after_their_transaction(database):
    with database.begin() as store:
        discussion = a_discussion(store)
        comment = a_stored_comment(store, discussion)
        endpoint = an_endpoint(discussion.site)
        others = [a_strike(comment), a_block(discussion.author), a_moderator(), endpoint]
        stored(store, *others, a_delivery(endpoint))
        event = store.audit.append(NOW, "m1", "a", "comment:c1")
    with database.read() as store:
        found = store.comments.get(comment.id)
        decision = store.comments.decision(found)
        author = store.people.get(comment.author_id)
    rows = [discussion.site, discussion.article, discussion.author, comment, *others, event]
    for row in [*rows, found, decision, author]:
        for column in row.__table__.columns:
            getattr(row, column.key)


def test_a_reader_cannot_write(database):
    with pytest.raises(DBAPIError), database.read() as store:
        stored(store, a_site())
    with database.begin() as store:  # and the connection is fit for writing again
        stored(store, a_site())


def test_a_database_that_may_only_be_read_is_away_for_who_writes(sqlite_file):
    database = Database(f"sqlite:///file:{sqlite_file}?mode=ro&uri=true")
    with database.read() as store:
        assert store.sites.all() == []
    with pytest.raises(DatabaseAway) as refused, database.begin() as store:
        stored(store, a_site())
    assert refused.value.private == {"cause": "SQLITE_READONLY"}
    database.dispose()


def test_a_reader_sees_one_moment_throughout(database):
    with database.read() as reader:
        assert reader.sites.all() == []
        with database.begin() as store:
            stored(store, a_site())
        assert reader.sites.all() == []
    with database.read() as reader:
        assert len(reader.sites.all()) == 1


def test_times_come_back_in_utc_with_microseconds(database, now):
    moment = now + timedelta(microseconds=123_456)
    site = a_site(created_at=moment)
    with database.begin() as store:
        stored(store, site)
    with database.read() as store:
        found = store.sites.get(site.id).created_at
    assert (found, found.utcoffset()) == (moment, timedelta())


def test_a_time_without_zone_is_refused(database, now):
    with pytest.raises(Exception, match="zone"), database.begin() as store:
        stored(store, a_site(created_at=now.replace(tzinfo=None)))


def test_a_row_prints_its_id_and_nothing_else():
    site = a_site(name="Secret")
    assert repr(site) == f"<Site {site.id}>"


def test_two_that_make_the_same_at_once_are_a_conflict_that_does_not_tell_what_was_stored(database):
    with pytest.raises(Conflict) as caught, database.begin() as store:
        stored(store, a_site(slug="same", name="Secret"), a_site(slug="same", name="Secret"))
    assert "Secret" not in str(caught.value) + str(caught.value.__cause__)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "new.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.dispose()
    return path


def test_sqlite_keeps_what_was_acknowledged_through_a_power_cut(path):
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    database.dispose()
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert pragmas == expected | {"busy_timeout": 5000, "secure_delete": 1}


def test_a_writer_on_sqlite_holds_the_lock_from_its_first_statement(path):
    """Another connection finds it locked, before anything was written."""
    database = Database(f"sqlite:///{path}")
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with database.begin() as store:
        store.sites.all()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()
    database.dispose()


def test_a_reader_on_sqlite_keeps_nobody_from_writing(path):
    database = Database(f"sqlite:///{path}")
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with database.read() as store:
        store.sites.all()
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    other.close()
    database.dispose()


def test_a_lock_that_is_not_given_up_is_a_503(path):
    database = Database(f"sqlite:///{path}", wait_seconds=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseAway, match="busy") as caught, database.begin() as store:
        stored(store, a_site())
    assert caught.value.private == {"cause": "SQLITE_BUSY"}
    other.execute("ROLLBACK")
    other.close()
    with database.begin() as store:
        stored(store, a_site())
    database.dispose()


def test_waiting_for_a_thread_and_for_another_process_takes_no_longer_than_one_of_them(path):
    """Whoever got its turn late has the less time left for the lock."""
    database = Database(f"sqlite:///{path}", wait_seconds=0.6)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waited = []

    def write(after):
        time.sleep(after)
        began = time.monotonic()
        with pytest.raises(DatabaseAway, match="busy"), database.begin() as store:
            stored(store, a_site())
        waited.append(time.monotonic() - began)

    threads = [threading.Thread(target=write, args=(after,)) for after in (0, 0.3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waited) == 2
    assert max(waited) < 0.9
    other.close()
    database.dispose()


def test_a_full_disk_is_a_507_and_reading_goes_on(path):
    database = Database(f"sqlite:///{path}")
    with database.begin() as store:
        stored(store, a_site())
    with database.engine.connect() as connection:  # no page more than it has
        connection.exec_driver_sql("PRAGMA max_page_count=1")
    with pytest.raises(StorageFull, match="full") as caught, database.begin() as store:
        stored(store, *(a_site(name="x" * 5000) for _ in range(100)))
    assert (caught.value.status, caught.value.private) == (507, {"cause": "SQLITE_FULL"})
    assert caught.value.retry_after > 0
    with database.read() as store:
        assert len(store.sites.all()) == 1
    database.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all.db",
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql://nobody@/x?host=/nowhere",
    ],
)
def test_a_database_that_is_not_there_is_a_503(url):
    database = Database(url, wait_seconds=1)
    with pytest.raises(DatabaseAway, match="reached"), database.begin() as store:
        store.sites.all()
    with pytest.raises(DatabaseAway, match="reached"):
        database.is_current()
    database.dispose()


def test_a_lost_connection_is_a_503_and_the_next_one_works(postgresql_url):
    database, killer = Database(postgresql_url), Database(postgresql_url)
    database.upgrade()

    def lose():
        with database.begin() as store:
            store.sites.all()
            with killer.engine.begin() as connection:
                others = (
                    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
            store.sites.all()

    with pytest.raises(DatabaseAway, match="reached"):
        lose()
    with database.read() as store:
        store.sites.all()
    database.dispose()
    killer.dispose()


def test_a_row_locked_for_too_long_is_a_503(postgresql_url):
    database, other = Database(postgresql_url, wait_seconds=0.05), Database(postgresql_url)
    other.upgrade()
    site = a_site()
    with other.begin() as store:
        stored(store, site)

    with other.begin() as store:
        key = an_api_key(site)
        stored(store, key)
    with other.begin() as store:
        assert store.sites.revoke_key(key.id, site.created_at)
        with pytest.raises(DatabaseAway, match="busy"), database.begin() as late:
            late.sites.revoke_key(key.id, site.created_at)
    database.dispose()
    other.dispose()


def test_threads_take_turns_with_a_database_in_memory():
    database = Database("sqlite://")
    database.upgrade()

    def add():
        for _ in range(10):
            with database.begin() as store:
                stored(store, a_site())

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as store:
        assert len(store.sites.all()) == 40
    database.dispose()


def test_the_schema_is_brought_up_to_date_from_any_folder(tmp_path):
    script = (
        "from moderation.store.unit_of_work import Database\n"
        "database = Database('sqlite:///var/new/moderation.db')\n"
        "database.upgrade()\n"
        "assert database.is_current()\n"
        "database.dispose()\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], cwd=tmp_path, check=True, timeout=60)
    assert (tmp_path / "var/new/moderation.db").exists()
