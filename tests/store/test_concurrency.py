"""Two at once: exactly one of them gets what only one may have."""

import threading
from datetime import timedelta

import pytest

from moderation.errors import StaleVersion
from tests.builders import (
    a_comment,
    a_decision,
    a_delivery,
    a_discussion,
    a_link,
    a_stored_comment,
    a_strike,
    an_api_key,
    an_endpoint,
    digest_of,
    stored,
)

THREADS = 4


@pytest.fixture
def at_once(database):
    """Run a function of a Store in several threads at the same moment, each in a transaction of its own."""

    def at_once(work):
        start, results, failures = threading.Barrier(THREADS), [], []

        def run(number):
            start.wait()
            try:
                with database.begin() as store:
                    results.append(work(store, number))
            except Exception as error:  # noqa: BLE001 - the test looks at it
                failures.append(error)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results, failures

    return at_once


@pytest.fixture
def discussion(database):
    with database.begin() as store:
        return a_discussion(store)


def test_of_those_who_saw_the_same_version_one_decides(database, discussion, at_once):
    with database.begin() as store:
        comment = a_stored_comment(store, discussion)

    def decide(store, number):
        decision = a_decision(made_by=f"m{number}", verdict="publish")
        return store.comments.set_state(comment.id, version=1, state="published", decision=decision)

    won, lost = at_once(decide)
    assert (len(won), [type(error) for error in lost]) == (1, [StaleVersion] * (THREADS - 1))
    with database.read() as store:
        winner = store.comments.decisions(comment.id)[1].made_by
        assert len(store.comments.decisions(comment.id)) == 2
    assert {error.decision["made_by"] for error in lost} == {winner}


def test_a_delivery_is_claimed_by_one_sender(database, discussion, at_once, now):
    endpoint = an_endpoint(discussion.site)
    with database.begin() as store:
        stored(store, endpoint)
        comments = [a_stored_comment(store, discussion) for _ in range(5)]
        deliveries = [a_delivery(endpoint, comment) for comment in comments for _ in range(2)]
        stored(store, *deliveries)
    claims, failures = at_once(lambda store, _: store.outbox.claim_due(now, lease=timedelta(minutes=1)))
    claimed = [claim.delivery_id for batch in claims for claim in batch]
    assert failures == []
    assert sorted(claimed) == sorted(delivery.id for delivery in deliveries[::2])


def test_an_author_who_writes_twice_at_once_is_one_author(discussion, at_once, now):
    def write(store, number):
        return store.people.find_or_create(
            site_id=discussion.site.id, name=f"Ann {number}", external_id="u1", now=now
        ).id

    authors, failures = at_once(write)
    assert failures == []
    assert len(authors) == THREADS
    assert len(set(authors)) == 1


def test_a_comment_that_arrives_twice_at_once_is_stored_once(discussion, at_once):
    def submit(store, number):
        comment = a_comment(discussion.article, discussion.author, external_id="wp-1", body=f"{number}")
        return store.comments.add(comment, a_decision(comment))

    stored_, failures = at_once(submit)
    assert failures == []
    assert sorted(stored_) == [False] * (THREADS - 1) + [True]


def test_a_webhook_that_arrives_twice_at_once_is_new_once(discussion, at_once, now):
    def receive(store, _):
        message = {"site_id": discussion.site.id, "protocol": "p", "message_id": "m"}
        return store.inbox.receive(**message, body_digest="d", now=now) is None

    new, failures = at_once(receive)
    assert failures == []
    assert sorted(new) == [False] * (THREADS - 1) + [True]


def test_a_one_time_link_is_taken_by_one(database, at_once, now):
    with database.begin() as store:
        stored(store, a_link("t"))
    taken, failures = at_once(lambda store, _: store.moderators.take_link(digest_of("t"), now) is not None)
    assert failures == []
    assert sorted(taken) == [False] * (THREADS - 1) + [True]


def test_the_use_of_a_key_is_noted_once(database, discussion, at_once, now):
    key = an_api_key(discussion.site)
    with database.begin() as store:
        stored(store, key)
    noted, failures = at_once(lambda store, _: store.sites.key_was_used(key.id, now))
    assert failures == []
    assert sorted(noted) == [False] * (THREADS - 1) + [True]


def test_the_log_stays_one_chain_when_many_write(database, at_once, now):
    def log(store, number):
        for step in range(10):
            store.audit.append(now, f"m{number}", f"step-{step}", "comment:c1")

    _, failures = at_once(log)
    assert failures == []
    with database.read() as store:
        assert store.audit.verify() == []
        assert len(store.audit.page(limit=100).items) == 10 * THREADS


def test_strikes_of_one_author_are_counted_one_after_another(database, discussion, at_once, now):
    with database.begin() as store:
        comment = a_stored_comment(store, discussion)

    def strike(store, _):
        store.people.lock(comment.author_id)
        stored(store, a_strike(comment, points=1))
        return store.people.standing(comment.author_id, now).points

    points, failures = at_once(strike)
    assert failures == []
    assert sorted(points) == list(range(1, THREADS + 1))
