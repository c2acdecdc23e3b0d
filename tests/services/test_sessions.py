"""Sessions at the desk: one for each browser, ended alone or with all others, and over by themselves."""

from datetime import timedelta

import pytest

from moderation import worker
from moderation.errors import DatabaseAway, NotFound
from moderation.services import admitting, second_factor, sessions
from moderation.store.tables import AuditEvent, DeskSession
from moderation.store.unit_of_work import Database
from tests.services.conftest import OTHER, PASSWORD, account
from tests.services.test_worker import Rounds
from tests.workbench import rows


@pytest.fixture
def begin(tools):
    """Begin a session of an account in a browser; give its token."""

    def begin(moderator, browser="Firefox on Linux"):
        return sessions.begin(tools, account(tools, moderator), browser)

    return begin


def session_of(tools, token):
    return sessions.find(tools, token)[0]


def test_each_browser_has_a_session_of_its_own(tools, join, begin, clock):
    mo = join()
    first = begin(mo, "Safari on iPhone")
    clock.advance(seconds=1)
    second = begin(mo)
    assert first != second
    assert [one.browser for one in sessions.going(tools, mo.id)] == ["Firefox on Linux", "Safari on iPhone"]
    assert sessions.find(tools, first)[1].id == mo.id


def test_of_a_token_only_the_digest_is_kept_and_of_the_network_nothing(tools, join, begin):
    token = begin(join())
    (row,) = rows(tools.database, DeskSession)
    assert token not in repr(row.__dict__)
    assert {column.name for column in DeskSession.__table__.columns} == {
        "id",
        "digest",
        "moderator_id",
        "epoch",
        "browser",
        "began_at",
        "seen_at",
        "ended_at",
    }


@pytest.mark.parametrize("token", ["", "guessed", "\ud800", "a\0"])
def test_a_guessed_token_opens_nothing(tools, join, begin, token):
    begin(join())
    assert sessions.find(tools, token) is None


def test_one_is_ended_alone(tools, join, begin):
    mo = join()
    left, kept = begin(mo), begin(mo)
    ended = session_of(tools, left)
    sessions.end(tools, mo.id, ended.id, "request-1")
    assert sessions.find(tools, left) is None
    assert sessions.find(tools, kept)
    event = rows(tools.database, AuditEvent)[-1]
    assert (event.action, event.actor, event.detail, event.request_id) == (
        "moderator.signed_out",
        mo.id,
        {"session": ended.id},
        "request-1",
    )
    with pytest.raises(NotFound):
        sessions.end(tools, mo.id, ended.id)


def test_nobody_ends_the_session_of_another(tools, join, begin):
    mo, eve = join(), join("eve@paper.example", "administrator")
    token = begin(mo)
    with pytest.raises(NotFound):
        sessions.end(tools, eve.id, session_of(tools, token).id)
    assert sessions.find(tools, token)


def test_all_of_an_account_are_ended_together_and_no_other(tools, join, begin):
    mo, other = join(), join("other@paper.example")
    tokens, others = [begin(mo), begin(mo)], begin(other)
    sessions.end_all(tools, mo.id)
    assert [sessions.find(tools, token) for token in tokens] == [None, None]
    assert sessions.going(tools, mo.id) == []
    assert sessions.find(tools, others)
    assert rows(tools.database, AuditEvent)[-1].action == "moderator.signed_out_everywhere"
    assert sessions.find(tools, begin(mo))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda tools, mo: admitting.set_role(tools, mo.id, "viewer", "cli"), id="another role"),
        pytest.param(
            lambda tools, mo: admitting.change_password(tools, mo.id, PASSWORD, OTHER), id="another password"
        ),
        pytest.param(
            lambda tools, mo: admitting.accept_link(
                tools, admitting.request_reset(tools, mo.email), "", OTHER
            ),
            id="password reset",
        ),
        pytest.param(lambda tools, mo: admitting.deactivate(tools, mo.id, "cli"), id="closed"),
        pytest.param(lambda tools, mo: second_factor.reset(tools, mo.id, "cli"), id="second factor reset"),
    ],
)
def test_a_change_of_the_account_ends_all(tools, phone, begin, change):
    tokens = [begin(phone.owner), begin(phone.owner)]
    change(tools, phone.owner)
    assert [sessions.find(tools, token) for token in tokens] == [None, None]


def test_turning_the_second_factor_on_and_off_ends_all(tools, join, begin, enrol):
    mo = join()
    before = begin(mo)
    phone = enrol(mo)
    between = begin(mo)
    assert sessions.find(tools, before) is None
    assert sessions.find(tools, between)
    second_factor.turn_off(tools, mo.id, PASSWORD, phone.code())
    assert sessions.find(tools, between) is None


def test_who_is_closed_and_comes_back_does_not_find_old_sessions(tools, join, begin):
    mo = join()
    token = begin(mo)
    admitting.deactivate(tools, mo.id, "cli")
    admitting.accept_link(tools, admitting.invite(tools, mo.email, "viewer", "cli"), "Mo", OTHER)
    assert sessions.find(tools, token) is None


def test_it_is_over_after_half_an_hour_without_use(tools, join, begin, clock):
    mo = join()
    token = begin(mo)
    clock.advance(minutes=30)
    assert sessions.find(tools, token)
    clock.advance(minutes=30, seconds=1)
    assert sessions.find(tools, token) is None
    assert sessions.going(tools, mo.id) == []


def test_it_is_over_after_twelve_hours_however_busy(tools, join, begin, clock):
    mo = join()
    token = begin(mo)
    for _ in range(24):
        clock.advance(minutes=30)
        assert sessions.find(tools, token)
    clock.advance(seconds=1)
    assert sessions.find(tools, token) is None
    assert sessions.going(tools, mo.id) == []


def test_its_use_is_noted_once_a_minute_at_most(tools, join, begin, clock, query_count):
    token, began = begin(join()), clock()
    written = []
    for _ in range(7):
        clock.advance(seconds=20)
        with query_count(tools.database) as statements:
            sessions.find(tools, token)
        written.append(sum(statement.startswith("UPDATE") for statement in statements))
    assert written == [0, 0, 0, 1, 0, 0, 0]
    assert session_of(tools, token).seen_at == began + timedelta(seconds=80)


def test_who_reads_goes_on_while_the_database_takes_nothing(tools, join, begin, clock, monkeypatch):
    token = begin(join())
    clock.advance(minutes=5)

    def away(*_, **__):
        raise DatabaseAway("away")

    monkeypatch.setattr(Database, "begin", away)
    assert sessions.find(tools, token)


def test_after_thirty_days_the_worker_deletes_the_row(tools, join, begin, clock):
    mo = join()
    begin(mo)
    clock.advance(days=1)
    younger = session_of(tools, begin(mo)).id
    clock.advance(days=29)
    worker.watch_the_day(tools, Rounds(2))
    assert len(rows(tools.database, DeskSession)) == 2  # exactly thirty days are not over yet
    clock.advance(seconds=1)
    worker.watch_the_day(tools, Rounds(2))
    assert [row.id for row in rows(tools.database, DeskSession)] == [younger]
