from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.builders import a_site, stored


def log(database, now, *actions, **changes):
    for action in actions:
        with database.begin() as store:
            store.audit.append(now, "m1", action, "comment:c1", **changes)


def tamper(database, statement):
    with database.engine.begin() as connection:
        connection.execute(text(statement))


def broken(database):
    with database.read() as store:
        return store.audit.verify()


def test_an_untouched_log_is_whole(database, now):
    log(database, now, "approve", "remove", detail={"points": 2, "score": 0.1, "blocks": ["b1"]})
    assert broken(database) == []


def test_the_events_of_one_transaction_keep_their_order(database, now):
    with database.begin() as store:
        for action in ("a", "b", "c"):
            store.audit.append(now, "engine", action, "comment:c1")
    with database.read() as store:
        assert [(event.seq, event.action) for event in store.audit.page().items] == [
            (3, "c"),
            (2, "b"),
            (1, "a"),
        ]
    assert broken(database) == []


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        pytest.param("UPDATE audit_events SET actor = 'm2' WHERE seq = 2", [2], id="another actor"),
        pytest.param(
            "UPDATE audit_events SET detail = '{\"points\": 9}' WHERE seq = 2", [2], id="another detail"
        ),
        pytest.param("UPDATE audit_events SET after = '' WHERE seq = 2", [2], id="another digest"),
        pytest.param("DELETE FROM audit_events WHERE seq = 2", [3], id="one removed"),
        pytest.param("DELETE FROM audit_events WHERE seq = 1", [2], id="the first removed"),
        pytest.param("UPDATE audit_events SET seq = 9 WHERE seq = 1", [2, 9], id="another order"),
        pytest.param("UPDATE audit_events SET chain = 'x' WHERE seq = 2", [2, 3], id="another seal"),
    ],
)
def test_a_changed_log_tells_where(database, now, statement, where):
    log(database, now, "a", "b", "c", before={"state": "held"}, after={"state": "published"}, salt=b"s")
    tamper(database, statement)
    assert broken(database) == where


def test_an_event_that_was_rolled_back_leaves_no_gap_in_the_chain(database, now):
    def fail():
        with database.begin() as store:
            store.audit.append(now, "m1", "never", "comment:c1")
            stored(store, a_site())
            raise ZeroDivisionError

    log(database, now, "a")
    with pytest.raises(ZeroDivisionError):
        fail()
    log(database, now, "b")
    assert broken(database) == []
    with database.read() as store:
        assert [event.action for event in store.audit.page().items] == ["b", "a"]


def test_states_are_kept_as_salted_digests(database, now):
    log(database, now, "a", before={"body": "text"}, after={"body": "text"}, salt=b"one")
    log(database, now, "a", before={"body": "text"}, salt=b"two")
    with database.read() as store:
        second, first = store.audit.page().items
    assert first.before == first.after != second.before
    assert second.after == ""


@pytest.mark.parametrize(
    "detail", [{"note": "two words"}, {"who": "a@b.example"}, {"a": {"b": ["c", "d e"]}}, {"long": "x" * 201}]
)
def test_words_do_not_enter_the_log(database, now, detail):
    with pytest.raises(ValueError, match="codes"):
        log(database, now, "a", detail=detail)


def test_the_log_is_read_newest_first_page_by_page(database, now):
    log(database, now, *"abcde")
    with database.read() as store:
        first = store.audit.page(limit=3)
        second = store.audit.page(limit=3, before_seq=int(first.next))
    assert [event.action for event in first.items + second.items] == [*"edcba"]
    assert second.next is None


def test_the_log_is_searched_by_who_what_whom_and_when(database, now):
    with database.begin() as store:
        store.audit.append(now, "m1", "approve", "comment:c1", request_id="r1")
        store.audit.append(now + timedelta(hours=1), "m2", "block", "author:a1")

    def found(**wanted):
        with database.read() as store:
            return [event.action for event in store.audit.page(**wanted).items]

    assert found(actor="m1") == found(action="approve") == found(subject="comment:c1") == ["approve"]
    assert found(since=now + timedelta(minutes=1)) == ["block"]
    assert found(until=now + timedelta(minutes=1)) == ["approve"]
    with database.read() as store:
        assert [event.request_id for event in store.audit.of(["comment:c1", "comment:c2"])] == ["r1"]


def test_the_last_seal_stands_for_the_whole_log(database, now):
    with database.read() as store:
        assert store.audit.head() == ""
    log(database, now, "a")
    with database.read() as store:
        assert store.audit.head() == store.audit.page().items[0].chain
