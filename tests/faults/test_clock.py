"""The clock jumps by minutes, a day, an hour of summer time or a leap second: nothing is decided twice, let in or lost."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from moderation.errors import BadSignature
from moderation.protocols.standard_webhooks import PROTOCOL, new_secret, sign
from moderation.safe_http import SafeClient
from moderation.services import admitting, sessions
from moderation.services.delivering import deliver_due
from moderation.services.submitting import submit_comment
from moderation.store.tables import Comment, DecisionRow, Delivery
from tests.builders import a_new_comment, a_site, an_article, an_endpoint, stored
from tests.workbench import rows

JUMPS = {
    "five minutes on": timedelta(minutes=5),
    "five minutes back": timedelta(minutes=-5),
    "a day on": timedelta(days=1),
    "a day back": timedelta(days=-1),
    "into summer time": timedelta(hours=1),
    "out of summer time": timedelta(hours=-1),
    "a leap second": timedelta(seconds=-1),
}
jumping = pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)


@pytest.fixture
def article(tools):
    site = a_site(slug="paper", inbound_secrets=[new_secret()])
    article = an_article(site)
    with tools.database.begin() as store:
        stored(store, site, article, an_endpoint(site, secret=new_secret()))
    return article


@jumping
def test_in_the_middle_of_a_send_nothing_is_lost_out_of_order_or_decided_twice(
    tools, article, receiver, clock, jump
):
    """While the first sender has its webhook on the way: others look what is due, and the next revision comes."""
    meanwhile = []

    def heard(request):
        if not meanwhile:
            meanwhile.append(clock.advance(seconds=jump.total_seconds()))
            submit_comment(tools, comment(2))
            deliver_due(tools)
        return receiver(request)

    def comment(revision):
        return a_new_comment(article, f"Thought {revision}.", external_id="c-1", revision=revision)

    submit_comment(tools, comment(1))
    deliver_due(with_receiver(tools, heard))
    for _ in range(4):
        assert submit_comment(tools, comment(2)).repeated
        clock.advance(minutes=4)
        while deliver_due(tools):
            pass
    assert [row.revision for row in rows(tools.database, DecisionRow)] == [1, 2]
    told = rows(tools.database, Delivery)
    assert len(told) == 2
    assert all(row.delivered_at for row in told)
    heard_of = list(dict.fromkeys(request.headers["webhook-id"] for request in receiver.came))
    assert heard_of == [row.id for row in told]


def with_receiver(tools, heard):
    return replace(
        tools, http=SafeClient(False, httpx.MockTransport(heard), lambda host, port: ["93.184.215.14"])
    )


@jumping
def test_a_session_is_over_when_it_should_be_and_never_later(tools, clock, jump):
    token = admitting.invite(tools, "mo@paper.example", "moderator", "cli")
    moderator = admitting.accept_link(tools, token, "Mo", "a long enough password")
    session = sessions.begin(tools, moderator, "a browser")
    clock.advance(seconds=jump.total_seconds())
    known = sessions.find(tools, session) is not None
    assert known == (abs(jump) <= timedelta(minutes=5))
    clock.advance(minutes=36)
    assert sessions.find(tools, session) is None


@jumping
def test_a_signature_holds_five_minutes_either_way_and_no_longer(clock, jump):
    secret, body = new_secret(), b'{"a":1}'
    headers = sign("msg_1", clock(), body, secret)
    clock.advance(seconds=jump.total_seconds())
    if abs(jump) <= timedelta(minutes=5):
        assert PROTOCOL.verify(headers, body, [secret], clock()) == "msg_1"
    else:
        with pytest.raises(BadSignature):
            PROTOCOL.verify(headers, body, [secret], clock())


@jumping
def test_a_comment_that_comes_again_after_a_jump_is_the_same_comment(tools, article, jump, clock):
    first = submit_comment(tools, a_new_comment(article, external_id="c-1"))
    clock.advance(seconds=jump.total_seconds())
    again = submit_comment(tools, a_new_comment(article, external_id="c-1"))
    assert (again.comment.id, again.repeated) == (first.comment.id, True)
    assert len(rows(tools.database, Comment)) == len(rows(tools.database, DecisionRow)) == 1
