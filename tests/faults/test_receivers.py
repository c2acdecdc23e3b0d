"""Eleven ways in which a real server fails to take a webhook: each is tried again, held back or ended as it should be."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.protocols.outgoing import SCHEDULE
from moderation.protocols.standard_webhooks import new_secret
from moderation.safe_http import SafeClient
from moderation.services.delivering import deliver_due
from moderation.store.tables import Delivery, Endpoint
from tests.builders import a_delivery, a_discussion, a_stored_comment, an_endpoint, stored
from tests.faults import receivers
from tests.faults.receivers import Receiver
from tests.faults.service import a_free_port
from tests.workbench import a_log, rows, tools_over

PAYLOAD = '{"type":"comment.published","data":{}}'
SECONDS = 0.4  # that a receiver has, here


@pytest.fixture
def tools(database, clock):
    """Tools whose webhooks go over real connections of this machine."""
    return replace(tools_over(database, None, clock, None), http=SafeClient(True, seconds=SECONDS))


def sent_to(tools, url) -> Delivery:
    """An event that was sent there once, with what is known of it afterwards."""
    with tools.database.begin() as store:
        discussion = a_discussion(store)
        endpoint = an_endpoint(discussion.site, secret=new_secret(), url=url)
        stored(store, endpoint)
        comment = a_stored_comment(store, discussion)
        stored(store, a_delivery(endpoint, comment, payload=PAYLOAD, next_attempt_at=tools.now()))
    began = time.monotonic()
    with a_log():
        assert deliver_due(tools) == 1
    assert time.monotonic() - began < 4 * SECONDS
    (delivery,) = rows(tools.database, Delivery)
    assert delivery.leased_until is None
    return delivery


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (receivers.is_broken, "answered 500"),
        (receivers.never_answers, "timeout"),
        (receivers.redirects, "answered 307"),
        (receivers.drips, "timeout"),
        (receivers.floods, "answered 500"),
        (receivers.closes_early, "unreachable"),
        (receivers.babbles, "protocol"),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_what_a_receiver_does_wrong_is_noted_and_tried_again_by_the_schedule(tools, clock, behaviour, error):
    with Receiver(behaviour) as receiver:
        delivery = sent_to(tools, receiver.url)
        assert len(receiver.came) == 1  # a redirect is not followed
    assert (delivery.delivered_at, delivery.last_error, delivery.attempts) == (None, error, 1)
    assert SCHEDULE[1] <= delivery.next_attempt_at - clock() <= SCHEDULE[1] * 1.2


def test_a_receiver_that_is_overrun_gets_the_time_it_asks_for(tools, clock):
    with Receiver(receivers.is_overrun) as receiver:
        assert sent_to(tools, receiver.url).next_attempt_at >= clock() + timedelta(seconds=600)


def test_a_receiver_that_is_gone_is_sent_nothing_more(tools):
    with Receiver(receivers.is_gone) as receiver:
        assert sent_to(tools, receiver.url).given_up_at is not None
    assert rows(tools.database, Endpoint)[0].disabled_at is not None


def test_where_nobody_listens_it_is_tried_again(tools):
    assert sent_to(tools, f"http://127.0.0.1:{a_free_port()}/hook").last_error == "unreachable"


def test_where_no_tls_is_spoken_nothing_is_sent(tools):
    with Receiver() as receiver:
        assert sent_to(tools, f"https://127.0.0.1:{receiver.port}/hook").last_error == "tls"
        assert receiver.came == []


def test_one_that_takes_it_is_told_once(tools, clock):
    with Receiver() as receiver:
        assert sent_to(tools, receiver.url).delivered_at == clock()
        assert deliver_due(tools) == 0
        assert len(receiver.came) == 1
