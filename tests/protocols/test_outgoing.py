"""What we send has one shape, and is sent again until it must be given up."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from moderation.engine.types import Decision, Reason, Signal, Span, Target, Verdict
from moderation.protocols.outgoing import (
    EVENT_OF,
    SCHEDULE,
    AuthorBlockedEvent,
    CommentEvent,
    author_blocked,
    block_ref,
    comment_event,
    next_attempt,
)

NOW = datetime(2026, 11, 23, 12, 50, tzinfo=UTC)


def a_decision(spans=()):
    reason = Reason("threat", "No threats", 0.91234, "Do not threaten.", spans, Target.READER, "kill")
    signal = Signal("threat", "1", "threat", 0.9)
    scores = {"threat": 0.9, "toxicity": 0.5}
    return Decision(Verdict.REJECT, "threat", (reason,), (signal,), scores, "p1", {"m": "1"}, "1", NOW)


def a_comment_event(decision=None):
    return comment_event(
        "comment.rejected",
        NOW,
        site="news",
        article={"external_id": "story"},
        comment={"id": "c", "external_id": None, "revision": 1},
        decision=decision or a_decision((Span(0, 5),)).as_public(),
    )


def test_a_decision_of_the_engine_fits_the_documented_shape():
    event = TypeAdapter(CommentEvent).validate_json(a_comment_event())
    assert event["data"]["decision"] == a_decision((Span(0, 5),)).as_public()
    assert event["timestamp"] == "2026-11-23T12:50:00Z"


def test_every_verdict_has_its_event():
    assert set(EVENT_OF) == set(Verdict)


def test_a_block_without_a_comment_says_so():
    block = block_ref("b", penalty="block", clause=None, starts_at=NOW, ends_at=None, comments=())
    body = author_blocked(NOW, site="news", author={"id": "a", "external_id": None}, block=block)
    event = TypeAdapter(AuthorBlockedEvent).validate_json(body)
    assert (event["data"]["comment"], event["data"]["decision"], event["data"]["block"]["ends_at"]) == (
        None,
        None,
        None,
    )


def test_a_payload_stays_under_twenty_thousand_bytes():
    """A comment of ten thousand characters may hold thousands of marked words."""
    body = a_comment_event(a_decision(spans=tuple(Span(n, n + 2) for n in range(0, 9000, 3))).as_public())
    event = TypeAdapter(CommentEvent).validate_json(body)
    assert len(body) <= 20_000
    assert event["data"]["decision"]["reasons"][0]["spans"][:2] == [[0, 2], [3, 5]]


def test_letters_of_every_language_are_sent_as_they_are():
    decision = a_decision().as_public() | {"clause": "սպառնալիք"}
    assert "սպառնալիք".encode() in a_comment_event(decision)


def test_a_number_that_json_cannot_say_is_never_sent():
    with pytest.raises(ValueError, match="JSON"):
        a_comment_event(a_decision().as_public() | {"scores": {"x": float("nan")}})


# --- attempts


def pauses(retry_after=None, jitter=0.0):
    times = [next_attempt(made, NOW, retry_after, jitter) for made in range(12)]
    return [(time - NOW).total_seconds() if time else None for time in times]


def test_ten_attempts_are_made_over_three_days():
    hours = 3600.0
    assert pauses() == [
        0,
        5,
        300,
        1800,
        2 * hours,
        5 * hours,
        10 * hours,
        14 * hours,
        20 * hours,
        24 * hours,
        None,
        None,
    ]


def test_a_pause_is_spread_by_up_to_a_fifth():
    assert pauses(jitter=0.5)[2] == 330
    assert pauses(jitter=1.0)[9] == 24 * 3600 * 1.2


def test_retry_after_lengthens_a_pause_and_never_shortens_it():
    assert pauses("120")[1:3] == [120, 300]
    assert pauses("120", jitter=0.5)[1] == 132


def test_retry_after_may_be_a_date():
    assert pauses("Mon, 23 Nov 2026 12:51:00 GMT")[1] == 60
    assert pauses("Mon, 23 Nov 2020 12:51:00 GMT")[1] == 5


@pytest.mark.parametrize("wish", ["999999", "9" * 5000, "Mon, 23 Nov 2099 12:51:00 GMT"])
def test_nobody_puts_us_off_for_more_than_a_day(wish):
    assert pauses(wish)[1] == 24 * 3600


@pytest.mark.parametrize("wish", ["", "soon", "-5", "1.5", "٥", "Mon, 99 Nov 2026 12:51:00 GMT"])
def test_an_unreadable_retry_after_counts_as_none(wish):
    assert pauses(wish)[1] == 5


def test_retry_after_does_not_add_attempts():
    assert pauses("60")[10] is None


@given(attempts=st.integers(0, 20), retry_after=st.text() | st.none(), jitter=st.floats(0, 1))
def test_whatever_a_receiver_says_the_next_attempt_comes_in_time(attempts, retry_after, jitter):
    time = next_attempt(attempts, NOW, retry_after, jitter)
    assert (time is None) == (attempts >= len(SCHEDULE))
    assert time is None or NOW <= time <= NOW + timedelta(hours=29)


def test_what_is_sent_is_one_json_object_without_spaces():
    body = a_comment_event()
    assert json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode() == body
