"""Sessions at the desk: one for each browser, ended alone, together, or by time."""

from datetime import timedelta

import pytest

from moderation import worker
from moderation.errors import NotFound
from moderation.services import sessions
from moderation.services.admitting import accept_link, change_password, deactivate, invite, set_role
from moderation.store.tables import DeskSession
from tests.workbench import everything, rows

PASSWORD, OTHER = "a long enough password", "quite another password"


@pytest.fixture
def mo(tools):
    accept_link(tools, invite(tools, "ada@paper.example", "administrator", "cli"), "Ada", PASSWORD)
    return accept_link(tools, invite(tools, "mo@paper.example", "moderator", "cli"), "Mo", PASSWORD)


def test_one_session_ends_alone_and_the_others_go_on(tools, mo):
    here, there = (sessions.begin(tools, mo, browser) for browser in ("Firefox", "Chromium"))
    (ended,) = [one for one in sessions.going(tools, mo.id) if one.browser == "Firefox"]
    sessions.end(tools, mo.id, ended.id)
    assert sessions.find(tools, here) is None
    assert sessions.find(tools, there)[1].id == mo.id
    with pytest.raises(NotFound):
        sessions.end(tools, mo.id, ended.id)


def test_nobody_ends_the_session_of_another(tools, mo):
    token = sessions.begin(tools, mo, "Firefox")
    (mine,) = sessions.going(tools, mo.id)
    with pytest.raises(NotFound):
        sessions.end(tools, "somebody else", mine.id)
    assert sessions.find(tools, token) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda tools, mo: sessions.end_all(tools, mo.id),
        lambda tools, mo: set_role(tools, mo.id, "viewer", "cli"),
        lambda tools, mo: change_password(tools, mo.id, PASSWORD, OTHER),
        lambda tools, mo: deactivate(tools, mo.id, "cli"),
    ],
    ids=["signed out everywhere", "another role", "another password", "deactivated"],
)
def test_what_changes_an_account_ends_all_its_sessions(tools, mo, change):
    tokens = [sessions.begin(tools, mo, "Firefox") for _ in range(2)]
    change(tools, mo)
    assert [sessions.find(tools, token) for token in tokens] == [None, None]
    assert sessions.going(tools, mo.id) == []


def test_a_session_ends_after_half_an_hour_without_use_and_after_a_shift(tools, mo, clock):
    token = sessions.begin(tools, mo, "Firefox")
    clock.advance(minutes=31)
    assert sessions.find(tools, token) is None
    token, began = sessions.begin(tools, mo, "Firefox"), clock()
    while clock() - began < sessions.LONGEST:
        assert sessions.find(tools, token) is not None
        clock.advance(minutes=29)
    assert sessions.find(tools, token) is None


def test_a_request_asks_the_database_once_who_it_is(tools, mo, query_count):
    token = sessions.begin(tools, mo, "Firefox")
    with query_count(tools.database) as statements:
        assert sessions.find(tools, token) is not None
    assert len(statements) == 1


def test_its_use_is_noted_once_a_minute(tools, mo, clock):
    token = sessions.begin(tools, mo, "Firefox")
    began = clock()
    clock.advance(seconds=50)
    sessions.find(tools, token)
    assert rows(tools.database, DeskSession)[0].seen_at == began
    clock.advance(seconds=20)
    sessions.find(tools, token)
    assert rows(tools.database, DeskSession)[0].seen_at == began + timedelta(seconds=70)


def test_the_token_stands_nowhere_in_the_database(tools, mo):
    token = sessions.begin(tools, mo, "Firefox")
    assert token not in repr(everything(tools.database))
    assert sessions.find(tools, token[:-1]) is None
    assert sessions.find(tools, "\ud800") is None


def test_the_worker_deletes_old_sessions_and_leaves_the_others(tools, mo, clock):
    sessions.begin(tools, mo, "old")
    clock.advance(days=30, seconds=1)
    sessions.begin(tools, mo, "new")
    assert sessions.forget_old_sessions in worker._JOBS
    assert sessions.forget_old_sessions(tools) == 1
    assert [one.browser for one in rows(tools.database, DeskSession)] == ["new"]
    assert sessions.forget_old_sessions(tools) == 0
