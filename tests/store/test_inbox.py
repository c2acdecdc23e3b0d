from datetime import timedelta

import pytest

from tests.builders import a_site, stored


@pytest.fixture
def site(database):
    site = a_site()
    with database.begin() as store:
        stored(store, site)
    return site


def message(site, **changes):
    return {"site_id": site.id, "protocol": "standard", "message_id": "msg_1"} | changes


def test_a_repeated_webhook_gets_the_earlier_answer(database, site, now):
    with database.begin() as store:
        assert store.inbox.get(**message(site)) is None
        assert store.inbox.receive(**message(site), body_digest="d1", now=now) is None
        store.inbox.answer(**message(site), outcome={"comment": "c1"})
    with database.begin() as store:
        earlier = store.inbox.receive(**message(site), body_digest="d2", now=now + timedelta(hours=1))
    assert (earlier.body_digest, earlier.outcome, earlier.received_at) == ("d1", {"comment": "c1"}, now)


def test_the_same_id_of_another_protocol_is_another_message(database, site, now):
    with database.begin() as store:
        assert store.inbox.receive(**message(site), body_digest="d", now=now) is None
        assert store.inbox.receive(**message(site, protocol="ghost"), body_digest="d", now=now) is None


def test_a_webhook_that_failed_is_new_again(database, site, now):
    def fail():
        with database.begin() as store:
            store.inbox.receive(**message(site), body_digest="d", now=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.begin() as store:
        assert store.inbox.receive(**message(site), body_digest="d", now=now) is None


def test_old_webhooks_are_forgotten(database, site, now):
    with database.begin() as store:
        store.inbox.receive(**message(site), body_digest="d", now=now)
        store.inbox.receive(**message(site, message_id="msg_2"), body_digest="d", now=now + timedelta(days=1))
        assert store.inbox.forget_before(now + timedelta(hours=1)) == 1
        assert store.inbox.receive(**message(site, message_id="msg_2"), body_digest="d", now=now)


@pytest.mark.parametrize(("outcome", "stays"), [({}, False), ({"comment": "c1"}, True)])
def test_a_message_is_forgotten_unless_it_has_its_answer(database, site, now, outcome, stays):
    with database.begin() as store:
        store.inbox.receive(**message(site), body_digest="d", now=now)
        store.inbox.answer(**message(site), outcome=outcome)
    with database.begin() as store:
        store.inbox.forget(**message(site))
    with database.read() as store:
        assert (store.inbox.get(**message(site)) is not None) is stays
