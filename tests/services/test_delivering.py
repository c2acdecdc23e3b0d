"""Events on their way out: signed, in order, tried again, given up where all can see it, never lost."""

import json
from datetime import timedelta

import httpx
import pytest

from moderation.errors import NotFound
from moderation.protocols.outgoing import SCHEDULE
from moderation.protocols.standard_webhooks import PROTOCOL
from moderation.protocols.types import SignatureWrong
from moderation.services.connecting import rotate_endpoint_secret
from moderation.services.delivering import deliver_due, replay
from moderation.services.penalising import block_author
from moderation.store.tables import AuditEvent, Delivery, Endpoint
from tests.builders import an_endpoint, stored
from tests.workbench import rows

UNREAD = "არცახი სომხეთია და მორჩა"


def only(tools) -> Delivery:
    (delivery,) = rows(tools.database, Delivery)
    return delivery


def test_what_arrives_is_signed_so_that_the_receiver_can_verify_it(tools, newsroom, submit, receiver, clock):
    outcome = submit(external_id="c-1")
    assert deliver_due(tools) == 1
    (request,) = receiver.came
    assert str(request.url) == "https://paper.example/hook"
    message_id = PROTOCOL.verify(request.headers, request.content, [newsroom.endpoint.secret], clock())
    assert message_id == only(tools).id
    told = json.loads(request.content)
    assert (told["type"], told["timestamp"]) == ("comment.published", "2026-11-23T12:00:00Z")
    assert told["data"]["comment"] == {"id": outcome.comment.id, "external_id": "c-1", "revision": 1}
    assert told["data"]["decision"] == outcome.decision
    assert (only(tools).delivered_at, only(tools).last_status) == (clock(), 204)
    assert deliver_due(tools) == 0


def test_a_failure_is_tried_again_by_the_schedule_under_the_same_id_signed_anew(
    tools, newsroom, submit, receiver, clock
):
    submit()
    receiver.answers = [httpx.Response(500), httpx.ConnectError("refused"), httpx.Response(302)]
    for attempt, pause in enumerate(SCHEDULE[1:4], 1):
        assert deliver_due(tools) == 1
        delivery = only(tools)
        assert delivery.attempts == attempt
        assert pause <= delivery.next_attempt_at - clock() <= pause * 1.2
        assert deliver_due(tools) == 0
        clock.time = delivery.next_attempt_at
    assert [request.headers["webhook-id"] for request in receiver.came] == [only(tools).id] * 3
    assert only(tools).last_error == "answered 302"
    assert deliver_due(tools) == 1
    PROTOCOL.verify(receiver.came[-1].headers, receiver.came[-1].content, [newsroom.endpoint.secret], clock())
    assert only(tools).delivered_at == clock()


def test_a_receiver_that_asks_for_time_gets_it(tools, submit, receiver, clock):
    submit()
    receiver.answers = [httpx.Response(503, headers={"Retry-After": "3600"})]
    deliver_due(tools)
    assert only(tools).next_attempt_at >= clock() + timedelta(hours=1)


def test_a_receiver_that_is_gone_is_sent_nothing_more(tools, submit, receiver):
    submit()
    receiver.answers = [httpx.Response(410)]
    deliver_due(tools)
    (endpoint,) = rows(tools.database, Endpoint)
    assert (endpoint.disabled_because, only(tools).last_status) == ("The receiver answered 410 Gone.", 410)
    submit("One more.")
    assert deliver_due(tools) == 0
    assert len(receiver.came) == 1


def test_after_the_last_try_it_is_given_up_where_the_desk_shows_it_and_can_be_sent_again(
    tools, newsroom, submit, receiver, clock
):
    submit()
    receiver.answers = [httpx.Response(500) for _ in SCHEDULE]
    for _ in SCHEDULE:
        assert deliver_due(tools) == 1
        clock.time = only(tools).next_attempt_at or clock.advance(days=1)
    assert deliver_due(tools) == 0
    with tools.database.read() as store:
        ((delivery, endpoint),) = store.outbox.given_up().items
    assert (delivery.attempts, delivery.last_error, endpoint.id) == (10, "answered 500", newsroom.endpoint.id)
    replay(tools, delivery.id, newsroom.moderator.id)
    assert rows(tools.database, AuditEvent)[-1].action == "delivery.replayed"
    assert deliver_due(tools) == 1
    assert receiver.came[-1].headers["webhook-id"] == delivery.id
    assert only(tools).delivered_at == clock()


def test_only_what_was_given_up_can_be_sent_again(tools, submit):
    submit()
    for delivery_id in (only(tools).id, "nowhere"):
        with pytest.raises(NotFound):
            replay(tools, delivery_id, "cli")


def test_news_of_one_comment_arrive_in_order_and_others_overtake(tools, submit, review, receiver, clock):
    comment = submit(UNREAD).comment
    receiver.answers = [httpx.Response(500)]
    deliver_due(tools)
    review(comment, "approve")
    submit("Another thought.", by="Bedros")
    assert deliver_due(tools) == 1
    assert json.loads(receiver.came[-1].content)["data"]["comment"]["id"] != comment.id
    clock.advance(seconds=6)
    assert [deliver_due(tools), deliver_due(tools)] == [1, 1]
    events = [json.loads(request.content) for request in receiver.came]
    mine = [event["type"] for event in events if event["data"]["comment"]["id"] == comment.id]
    assert mine == ["comment.held", "comment.held", "comment.published"]


def test_a_rejection_arrives_before_the_block_it_led_to(tools, submit, receiver):
    for number in range(3):
        submit(f"You are an idiot. {number}")
    while deliver_due(tools):
        pass
    told = [json.loads(request.content) for request in receiver.came]
    assert [event["type"] for event in told] == ["comment.rejected"] * 3 + ["author.blocked"]
    block = told[-1]["data"]["block"]
    assert (block["penalty"], block["clause"], block["ends_at"]) == (
        "block",
        "personal-attack",
        "2026-12-23T12:00:00Z",
    )
    assert told[-1]["data"]["comment"] == told[-2]["data"]["comment"]
    assert told[-1]["data"]["decision"] == told[-2]["data"]["decision"]


def test_a_block_without_a_comment_is_told_without_one(tools, submit, receiver):
    author_id = submit().comment.author_id
    block_author(tools, author_id, "cli", "spam", None)
    deliver_due(tools)
    data = json.loads(receiver.came[-1].content)["data"]
    assert (data["article"], data["comment"], data["decision"]) == (None, None, None)
    assert (data["author"]["id"], data["block"]["ends_at"]) == (author_id, None)


def test_what_a_sender_that_died_had_in_hand_is_sent_after_its_lease(tools, submit, receiver, clock):
    submit()
    receiver.answers = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        deliver_due(tools)
    assert deliver_due(tools) == 0
    clock.time = only(tools).leased_until
    assert deliver_due(tools) == 1
    assert (only(tools).delivered_at, only(tools).attempts) == (clock(), 2)


def test_an_endpoint_hears_only_of_what_it_asked_for(tools, newsroom, submit):
    second = an_endpoint(newsroom.site, events=["author.blocked", "comment.rejected"])
    with tools.database.begin() as store:
        stored(store, second)
    submit()
    submit("You are an idiot.")
    told = [(row.endpoint_id, row.event) for row in rows(tools.database, Delivery)]
    assert told == [
        (newsroom.endpoint.id, "comment.published"),
        (newsroom.endpoint.id, "comment.rejected"),
        (second.id, "comment.rejected"),
    ]


@pytest.mark.parametrize("changes", [{"url": "https://10.0.0.1/hook"}, {"secret": "whsec_short"}])
def test_an_endpoint_that_must_not_be_used_is_tried_again_later_and_not_sent_to(
    tools, newsroom, submit, receiver, changes
):
    with tools.database.begin() as store:
        for name, value in changes.items():
            setattr(store.sites.get_endpoint(newsroom.endpoint.id), name, value)
    submit()
    assert deliver_due(tools) == 1
    assert receiver.came == []
    assert only(tools).last_error in ("address-refused", "misconfigured")
    assert only(tools).next_attempt_at is not None


def test_an_endpoint_that_is_down_rests_is_tried_with_one_message_and_then_gets_all(
    tools, submit, receiver, clock
):
    for number in range(8):
        submit(f"I see it otherwise, for reason {number}.", external_id=f"c-{number}")
    receiver.answers = [httpx.Response(503)] * 6
    assert sum(deliver_due(tools) for _ in range(20)) == 5  # then it rests, though others were never tried
    (endpoint,) = rows(tools.database, Endpoint)
    assert (endpoint.failures, endpoint.rests_until) == (5, clock() + timedelta(minutes=1))
    clock.advance(seconds=59)
    assert deliver_due(tools) == 0
    clock.advance(seconds=1)
    assert (deliver_due(tools), deliver_due(tools)) == (1, 0)  # one on trial; it failed, so twice as long
    clock.advance(minutes=2)
    assert deliver_due(tools) == 1  # one on trial, and it arrived
    while deliver_due(tools):
        pass
    clock.advance(minutes=10)
    while deliver_due(tools):
        pass
    assert all(delivery.delivered_at for delivery in rows(tools.database, Delivery))
    (endpoint,) = rows(tools.database, Endpoint)
    assert (endpoint.failures, endpoint.rests_until) == (0, None)
    deliveries = rows(tools.database, Delivery)
    assert len({request.headers["webhook-id"] for request in receiver.came}) == len(deliveries) >= 8


def test_while_a_secret_is_changed_the_old_and_the_new_one_verify(tools, newsroom, submit, receiver, clock):
    old = newsroom.endpoint.secret
    new = rotate_endpoint_secret(tools, newsroom.site.id, newsroom.endpoint.id, "cli")
    submit(external_id="c-1")
    deliver_due(tools)
    clock.advance(days=1)
    submit("A day later I see it otherwise.", external_id="c-2")
    deliver_due(tools)
    first, second = receiver.came
    for secret in (old, new):
        PROTOCOL.verify(first.headers, first.content, [secret], clock() - timedelta(days=1))
    PROTOCOL.verify(second.headers, second.content, [new], clock())
    with pytest.raises(SignatureWrong):
        PROTOCOL.verify(second.headers, second.content, [old], clock())


def test_what_came_of_each_attempt_is_counted(tools, submit, receiver, clock):
    submit()
    receiver.answers = [httpx.Response(500)]
    deliver_due(tools)
    clock.advance(seconds=6)
    deliver_due(tools)
    exposition = tools.metrics.exposition()
    for outcome in (b"retried", b"delivered"):
        assert b'moderation_deliveries_total{outcome="%s"} 1.0' % outcome in exposition
