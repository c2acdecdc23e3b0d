import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, inspect, make_url, text
from sqlalchemy.exc import IntegrityError

from moderation.store import migrating
from moderation.store.migrating import migrate
from moderation.store.tables import Table
from moderation.store.unit_of_work import Database
from tests.builders import a_discussion, a_site, a_stored_comment, an_article
from tests.filling import ROWS, Given, Rows, fill


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/empty.db")
    else:
        url = make_url(request.getfixturevalue("postgresql_url"))
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {url.database}_empty"))
            connection.execute(text(f"CREATE DATABASE {url.database}_empty"))
        admin.dispose()
        database = Database(url.set(database=f"{url.database}_empty").render_as_string(hide_password=False))
    yield database
    database.dispose()


def tables(database):
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_exactly_the_mapped_tables(empty):
    """What `alembic check` asks: types, comments, indexes and constraints too."""
    empty.upgrade()
    assert tables(empty) == set(Table.metadata.tables)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []


def test_the_migrations_make_every_check_constraint(empty):
    empty.upgrade()
    for table in Table.metadata.sorted_tables:
        made = {check["name"] for check in inspect(empty.engine).get_check_constraints(table.name)}
        mapped = {c.name for c in table.constraints if c.__visit_name__.endswith("check_constraint")}
        assert made == mapped, table.name


def test_down_to_nothing_and_up_again(empty):
    empty.upgrade()
    with empty.begin() as store:
        a_stored_comment(store, a_discussion(store))
    migrate(empty.engine, "base")
    assert tables(empty) == set()
    empty.upgrade()
    assert tables(empty) == set(Table.metadata.tables)


def test_a_database_is_current_only_with_the_newest_schema(empty):
    assert not empty.is_current()
    empty.upgrade()
    assert empty.is_current()
    migrate(empty.engine, "base")
    assert not empty.is_current()


def test_upgrading_twice_changes_nothing(empty):
    empty.upgrade()
    with empty.begin() as store:
        discussion = a_discussion(store)
    empty.upgrade()
    with empty.read() as store:
        assert store.sites.get(discussion.site.id)


def test_processes_that_start_together_take_turns(empty):
    failures = []

    def upgrade():
        database = Database(empty.engine.url.render_as_string(hide_password=False))
        try:
            database.upgrade()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
            failures.append(error)
        database.dispose()

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert empty.is_current()


def test_foreign_keys_are_watched_again_after_a_migration(empty):
    empty.upgrade()
    with pytest.raises(IntegrityError), empty.begin() as store:
        store.articles.add(an_article(a_site()))


def test_threads_are_found_and_counted_in_a_database_that_did_not_know_them(empty, now):
    migrate(empty.engine, "0002")
    old = MetaData()
    old.reflect(empty.engine)
    site = {"id": "s", "slug": "s", "name": "S", "origin": "https://Paper.example/", "language": "en"}
    article = {"id": "a", "site_id": "s", "slug": "a", "title": "A", "source": "", "byline": "", "url": ""}
    article |= {"summary": "", "text": "", "people": [], "language": "en", "discussion": "open"}
    author = {"id": "w", "site_id": "s", "name": "W", "role": "reader", "created_at": now}
    comment = {"site_id": "s", "article_id": "a", "author_id": "w", "body": "b", "source": "form"}
    comment |= {"version": 1, "revision": 1, "submitted_digest": "", "received_at": now}
    thread = (
        ("top", None, "published"),
        ("reply", "top", "published"),
        ("deep", "reply", "published"),
        ("held", "deep", "held"),
        ("other", None, "published"),
    )
    with empty.engine.begin() as connection:
        connection.execute(old.tables["sites"].insert(), site | {"created_at": now, "inbound_secrets": []})
        connection.execute(
            old.tables["articles"].insert(), article | {"published_at": now, "updated_at": now}
        )
        connection.execute(old.tables["authors"].insert(), author)
        for key, parent, state in thread:
            row = comment | {"id": key, "parent_id": parent, "state": state}
            connection.execute(old.tables["comments"].insert(), row)
    empty.upgrade()
    with empty.read() as store:
        tops = {key: store.comments.get(key).top_id for key, _, _ in thread}
        replies = {key: store.comments.get(key).replies for key, _, _ in thread}
        assert store.sites.get("s").origins == ["https://paper.example"]
    assert tops == {"top": None, "reply": "top", "deep": "top", "held": "top", "other": None}
    assert replies == {"top": 2, "reply": 0, "deep": 0, "held": 0, "other": 0}


def test_bulk_actions_keep_their_comments_on_the_way_up_and_down(empty, now):
    empty.upgrade()
    with empty.begin() as store:
        comments = [a_stored_comment(store, discussion) for discussion in (a_discussion(store),) * 3]
    ids = [comment.id for comment in comments]
    migrate(empty.engine, "0012")
    old = MetaData()
    old.reflect(empty.engine)
    batch = {"id": "b", "by": "m", "action": "reject", "done": 3, "refused": 1, "state": "undone", "at": now}
    batch |= {"comments": [{"id": key, "version": number} for number, key in enumerate(ids)]}
    with empty.engine.begin() as connection:
        connection.execute(old.tables["batches"].insert(), batch)
    empty.upgrade()
    with empty.read() as store:
        items = store.batches.items("b", start=0, limit=9)
        found = store.batches.get("b")
    assert items == [(number, key, number) for number, key in enumerate(ids)]
    assert (found.total, found.undone, found.filters) == (3, 2, {})
    migrate(empty.engine, "0012")
    with empty.engine.connect() as connection:
        assert (
            connection.execute(old.tables["batches"].select()).mappings().one()["comments"]
            == batch["comments"]
        )


# What a schema does not say: shapes of JSON values, and of which two columns one is empty.
SHAPES: Given = {
    "appeals.block_id": lambda number, _, rows: rows["blocks"][1]["id"] if number % ROWS else None,
    "appeals.decision_id": lambda number, _, rows: None if number % ROWS else rows["decisions"][0]["id"],
    "batches.comments": lambda number, *_: [{"id": f"comments.id {number}", "version": 1}],
}


def test_rows_of_every_released_schema_are_kept_on_the_way_to_the_newest(empty):
    """Each schema gets rows in every table when its turn comes; after each migration all that came before are there."""
    kept: Rows = {}
    for number, revision in enumerate(revisions()):
        migrate(empty.engine, revision)
        schema = MetaData()
        schema.reflect(empty.engine)
        with empty.engine.begin() as connection:
            found = {name: rows_of(connection, table) for name, table in schema.tables.items()}
            for table, rows in kept.items():
                assert len(found[table]) == len(rows), (revision, table)
                for before, after in zip(rows, found[table], strict=True):
                    still = (
                        before.keys() & after.keys()
                    )  # what a migration made of the others, other tests say
                    assert {name for name in still if before[name] != after[name]} == set(), (revision, table)
            fill(connection, schema, SHAPES, first=number * ROWS)
            kept = {name: rows_of(connection, table) for name, table in schema.tables.items()}
            del kept["alembic_version"]
    assert kept.keys() == Table.metadata.tables.keys()
    assert empty.is_current()


def revisions():
    """All revisions, the first one first."""
    return [script.revision for script in migrating.scripts().walk_revisions()][::-1]


def rows_of(connection, table):
    """All rows of a table in the order of their keys."""
    return [*connection.execute(table.select().order_by(*table.primary_key)).mappings()]
