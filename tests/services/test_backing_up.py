"""A backup brings nobody back who was erased, and nothing that had ended. What copies the bytes: store/test_backups.py."""

import pytest

from moderation.errors import Conflict, InvalidInput
from moderation.services import backing_up, sessions
from moderation.services.admitting import accept_link, invite
from moderation.services.remembering import erase_author
from moderation.store.migrating import migrate
from moderation.store.tables import AuditEvent, Comment, OneTimeLink
from tests.conftest import a_database
from tests.workbench import rows


@pytest.fixture
def database(request):
    """A database of which the driver itself makes the copy, which is quick."""
    with a_database(request, "sqlite") as database:
        yield database


@pytest.fixture
def file(tmp_path):
    return tmp_path / "backup.db"


def last_event(tools):
    event = rows(tools.database, AuditEvent)[-1]
    return event.action, event.actor, event.detail


def test_what_came_since_is_gone_and_the_log_says_that_it_was_put_back(tools, submit, file):
    submit("The corridor must stay open.")
    size = backing_up.back_up(tools, file, "cli")
    assert last_event(tools) == ("database.backed_up", "cli", {"bytes": size})
    submit("And the bridge.")
    done = backing_up.restore(tools, file, "cli", replace=True)
    assert (done.comments, done.erased, done.broken) == (1, 0, ())
    assert last_event(tools) == ("database.restored", "cli", {"comments": 1, "erased": 0})


def test_who_was_erased_since_is_erased_again(tools, submit, file):
    author_id = submit("The corridor must stay open.").comment.author_id
    submit("And the bridge.", by="Bedros")
    backing_up.back_up(tools, file, "cli")
    erase_author(tools, author_id, "cli")
    assert backing_up.restore(tools, file, "cli", replace=True).erased == 1
    assert [comment.body for comment in rows(tools.database, Comment)] == ["", "And the bridge."]


def test_where_the_database_is_lost_a_list_says_who_was_erased(tools, submit, file):
    author_id = submit("The corridor must stay open.").comment.author_id
    backing_up.back_up(tools, file, "cli")
    erase_author(tools, author_id, "cli")
    listed = "".join(f"{gone}\t{at.isoformat()}\n" for gone, at in backing_up.erased_persons(tools))
    migrate(tools.database.engine, "base")
    erased = backing_up.read_erased(listed)
    assert backing_up.restore(tools, file, "cli", erased=erased).erased == 1
    assert [comment.body for comment in rows(tools.database, Comment)] == [""]
    with pytest.raises(InvalidInput):
        backing_up.read_erased("<html>")


def test_what_is_there_is_not_replaced_unless_that_is_said_and_never_where_nobody_knows_who_was_erased(
    tools, submit, file
):
    submit("The corridor must stay open.")
    backing_up.back_up(tools, file, "cli")
    with pytest.raises(Conflict, match="--replace"):
        backing_up.restore(tools, file, "cli")
    migrate(tools.database.engine, "0016")
    with pytest.raises(Conflict, match="--erased"):
        backing_up.restore(tools, file, "cli", replace=True)
    migrate(tools.database.engine)
    assert [comment.body for comment in rows(tools.database, Comment)] == ["The corridor must stay open."]


def test_what_has_ended_since_does_not_begin_again(tools, file):
    moderator = accept_link(
        tools, invite(tools, "mo@paper.example", "moderator", "cli"), "Mo", "a long password"
    )
    token = sessions.begin(tools, moderator, "Firefox on Linux")
    invite(tools, "new@paper.example", "moderator", "cli")
    backing_up.back_up(tools, file, "cli")
    assert sessions.find(tools, token) is not None
    backing_up.restore(tools, file, "cli", replace=True)
    assert sessions.find(tools, token) is None
    assert [link.used_at is None for link in rows(tools.database, OneTimeLink)] == [False, False]


def test_a_backup_of_a_log_that_was_changed_is_told(tools, submit, file):
    submit("The corridor must stay open.")
    with tools.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_events SET actor = 'somebody'")
    backing_up.back_up(tools, file, "cli")
    assert backing_up.restore(tools, file, "cli", replace=True).broken == (1,)
