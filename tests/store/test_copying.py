"""A database copied into another: every row, answers before what they answer, all or nothing, and it goes on from there."""

from collections import Counter

import pytest
from sqlalchemy.exc import IntegrityError

from moderation.errors import Conflict
from moderation.services.submitting import submit_comment
from moderation.store import copying
from moderation.store.tables import AuditEvent, Comment, Site
from tests.builders import a_discussion, a_new_comment, a_site, a_stored_comment, a_writer, stored
from tests.workbench import everything, rows, tools_over


@pytest.fixture
def source(request, tmp_path_factory, sqlite_file):
    """A SQLite database in which people wrote, with an answer stored before the comment it answers."""
    path = tmp_path_factory.mktemp("source") / "moderation.db"
    path.write_bytes(sqlite_file.read_bytes())
    database = type(request.getfixturevalue("database"))(f"sqlite:///{path}")
    tools = tools_over(database, *(request.getfixturevalue(name) for name in ("engine", "clock", "receiver")))
    with database.begin() as store:
        discussion = a_discussion(store)
    for number, body in enumerate(("You are an idiot.", "I see it otherwise.", "այո, դա ճիշտ է", "")):
        if body:
            submit_comment(tools, a_new_comment(discussion.article, body, writer=a_writer(f"Ann{number}")))
    with database.begin() as store:
        later = a_stored_comment(store, discussion, body="First said.", id="f" * 32)
        a_stored_comment(
            store, discussion, body="Then answered.", id="0" * 32, parent_id=later.id, top_id=later.id
        )
    yield database
    database.dispose()


def test_every_row_arrives_as_it_was_and_the_audit_log_is_whole(source, database):
    counted = dict(copying.copy(source, database))
    before = everything(source)
    assert everything(database) == before
    assert Counter(counted) == Counter({name: len(found) for name, found in before.items()})
    assert len(before["comments"]) == 5
    with source.read() as old, database.read() as new:
        assert new.audit.verify() == []
        assert new.audit.head() == old.audit.head() != ""


def test_the_copy_goes_on_from_there(source, database, engine, clock, receiver):
    for _ in copying.copy(source, database):
        pass
    tools = tools_over(database, engine, clock, receiver)
    article_id = rows(database, Comment)[0].article_id
    with database.read() as store:
        article = store.articles.get(article_id)
    events = len(rows(database, AuditEvent))
    submit_comment(tools, a_new_comment(article, "And here it goes on.", writer=a_writer("Late")))
    assert len(rows(database, AuditEvent)) > events
    with database.read() as store:
        assert store.audit.verify() == []
    with pytest.raises(IntegrityError), database.begin() as store:  # rows are checked at once, as before
        a_stored_comment(store, a_discussion(store), body="To nobody.", parent_id="e" * 32)


def test_a_database_that_holds_something_is_left_alone(source, database):
    with database.begin() as store:
        stored(store, a_site())
    before = everything(database)
    with pytest.raises(Conflict):
        [*copying.copy(source, database)]
    assert everything(database) == before


def test_a_copy_that_breaks_off_leaves_nothing(source, database):
    steps = copying.copy(source, database)
    while next(steps)[0] != "comments":
        pass
    steps.close()
    assert rows(database, Site) == []
    assert dict(copying.copy(source, database))["comments"] == 5
