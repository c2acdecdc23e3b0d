from datetime import timedelta

import pytest

from moderation.errors import NotFound
from tests.builders import a_delivery, a_discussion, a_stored_comment, an_endpoint, stored

LEASE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class Post:
    """A database with two comments, an endpoint, and short words for the outbox."""

    def __init__(self, database, now):
        self.database, self.now = database, now
        with database.begin() as store:
            discussion = a_discussion(store)
            self.endpoint = an_endpoint(discussion.site)
            self.comment = a_stored_comment(store, discussion)
            self.other = a_stored_comment(store, discussion)
            stored(store, self.endpoint)

    def add(self, comment=None, endpoint=None, **changes):
        delivery = a_delivery(endpoint or self.endpoint, comment, **changes)
        with self.database.begin() as store:
            return store.outbox.add(delivery)

    def claim(self, after=timedelta(), **options):
        with self.database.begin() as store:
            return store.outbox.claim_due(self.now + after, lease=LEASE, **options)

    def get(self, delivery):
        with self.database.read() as store:
            return store.outbox.get(delivery.id)


@pytest.fixture
def post(database, now):
    return Post(database, now)


def ids(claims):
    return [claim.delivery_id for claim in claims]


def test_what_is_due_is_claimed_with_where_it_goes(post):
    delivery = post.add(post.comment)
    (claim,) = post.claim()
    assert (claim.delivery_id, claim.attempt, claim.url) == (delivery.id, 1, post.endpoint.url)
    assert (claim.secret, claim.payload) == (post.endpoint.secret, delivery.payload)


def test_a_claimed_delivery_is_nobody_elses_until_the_lease_ends(post):
    delivery = post.add()
    post.claim()
    assert post.claim(LEASE - SECOND) == []
    assert ids(post.claim(LEASE)) == [delivery.id]


def test_nothing_is_claimed_before_it_is_due(post, now):
    post.add(next_attempt_at=now + SECOND)
    assert post.claim() == []
    assert len(post.claim(SECOND)) == 1


def test_news_of_one_comment_go_out_in_order(post, database, now):
    first, second, other = post.add(post.comment), post.add(post.comment), post.add(post.other)
    claims = post.claim()
    assert ids(claims) == [first.id, other.id]
    assert post.claim() == []
    with database.begin() as store:
        assert all(store.outbox.delivered(claim, now, 200) for claim in claims)
    assert ids(post.claim()) == [second.id]


def test_an_endpoint_in_one_senders_hands_is_left_to_it(post, database, now):
    post.add(post.comment)
    (claim,) = post.claim()
    other = post.add(post.other)
    assert post.claim() == []
    with database.begin() as store:
        store.outbox.release(claim)
    assert ids(post.claim()) == [claim.delivery_id, other.id]
    assert post.get(other).attempts == 1


def test_what_waits_to_be_tried_again_holds_later_news_of_its_comment(post, database, now):
    first, second = post.add(post.comment), post.add(post.comment)
    (claim,) = post.claim()
    with database.begin() as store:
        assert store.outbox.failed(claim, now + timedelta(hours=1), "answered 500", 500)
    assert post.claim(LEASE) == []
    assert ids(post.claim(timedelta(hours=1))) == [first.id]
    assert post.get(second).attempts == 0


def test_what_is_given_up_holds_nobody(post, database, now):
    first, second = post.add(post.comment), post.add(post.comment)
    (claim,) = post.claim()
    with database.begin() as store:
        assert store.outbox.give_up(claim, now, "no answer")
        assert [(d.id, e.id) for d, e in store.outbox.given_up().items] == [(first.id, post.endpoint.id)]
    assert ids(post.claim()) == [second.id]


def test_another_endpoint_is_not_held_by_the_first(post, database):
    with database.begin() as store:
        discussion = a_discussion(store)
        endpoint = an_endpoint(discussion.site)
        stored(store, endpoint)
    post.add(post.comment)
    post.claim()
    there = post.add(post.comment, endpoint)
    assert ids(post.claim()) == [there.id]


def test_a_disabled_endpoint_is_sent_nothing_until_it_is_enabled(post, database, now):
    delivery = post.add()
    with database.begin() as store:
        store.sites.disable_endpoint(post.endpoint.id, now, "answered 410")
    assert post.claim() == []
    with database.begin() as store:
        store.sites.enable_endpoint(post.endpoint.id)
    assert ids(post.claim()) == [delivery.id]


def test_a_failure_is_kept_with_its_reason(post, database, now):
    delivery = post.add()
    (claim,) = post.claim()
    with database.begin() as store:
        store.outbox.failed(claim, now + SECOND, "answered 503", 503)
    found = post.get(delivery)
    assert (found.last_error, found.last_status, found.next_attempt_at) == ("answered 503", 503, now + SECOND)
    assert (found.leased_until, found.attempts) == (None, 1)


def test_a_sender_whose_lease_ran_out_cannot_undo_the_next_ones_work(post, database, now):
    delivery = post.add()
    (late,) = post.claim()
    (quick,) = post.claim(LEASE)
    with database.begin() as store:
        assert not store.outbox.failed(late, now + LEASE, "too late")
        assert not store.outbox.give_up(late, now + LEASE, "too late")
        assert store.outbox.delivered(quick, now + LEASE)
        assert not store.outbox.failed(quick, now + LEASE, "answered twice")
    assert post.get(delivery).delivered_at == now + LEASE


def test_what_arrived_has_arrived_even_after_the_lease(post, database, now):
    delivery = post.add()
    (late,) = post.claim()
    post.claim(LEASE)
    with database.begin() as store:
        assert store.outbox.delivered(late, now + LEASE)
        assert not store.outbox.delivered(late, now + 2 * LEASE)
    assert post.claim(3 * LEASE) == []
    assert post.get(delivery).next_attempt_at is None


def test_a_given_up_delivery_is_sent_again_under_its_old_id(post, database, now):
    delivery = post.add()
    (claim,) = post.claim()
    with database.begin() as store:
        store.outbox.give_up(claim, now, "no answer")
        store.outbox.replay(delivery.id, now + SECOND)
    (again,) = post.claim(SECOND)
    assert (again.delivery_id, again.attempt) == (delivery.id, 1)
    with pytest.raises(NotFound), database.begin() as store:
        store.outbox.replay(delivery.id, now)


def test_no_more_is_claimed_than_asked_for(post):
    first, second, _ = post.add(), post.add(), post.add()
    assert ids(post.claim(limit=2)) == [first.id, second.id]


def test_what_waits_is_counted(post, now):
    with post.database.read() as store:
        assert store.outbox.waiting() == (0, None)
    post.add()
    post.add(created_at=now - LEASE)
    with post.database.read() as store:
        assert store.outbox.waiting() == (2, now - LEASE)


def test_news_of_one_comment_stay_in_order_where_the_clock_was_set_back(post, database, now):
    """Ids sort by the clock; what is told later stands behind what was told before, whatever its id would be."""
    ids_told = ["msg_b", "msg_a", "msg_c", "msg_a1"]
    told = [post.add(post.comment, id=wanted) for wanted in ids_told]
    apart = post.add(post.other, id="msg_0")
    went = []
    for _ in told:
        claims = post.claim()
        went += [claim.delivery_id for claim in claims if claim.comment_id == post.comment.id]
        with database.begin() as store:
            assert all(store.outbox.delivered(claim, now, 200) for claim in claims)
    assert went == [delivery.id for delivery in told]
    assert post.get(apart).id == "msg_0"


def test_a_lease_taken_by_a_clock_that_was_a_day_ahead_holds_nobody(post):
    delivery = post.add()
    post.claim(timedelta(days=1))
    assert ids(post.claim(timedelta(seconds=1))) == [delivery.id]
    assert post.claim(timedelta(seconds=2)) == []
