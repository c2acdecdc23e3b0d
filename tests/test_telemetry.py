"""Logs are lines of JSON that tell ids and numbers, and never what readers wrote."""

import errno
import io
import json
import logging
import threading
from datetime import UTC, datetime

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import NotFound
from moderation.telemetry import (
    Metrics,
    configure,
    current_request_id,
    new_request_id,
    redact,
    request_context,
)

COMMENT = "You absolute walnut"


@pytest.fixture
def lines():
    """The lines logged so far, read as JSON; the set-up of the process is put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    structlog.contextvars.clear_contextvars()  # what a request of another test left bound
    configure(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def test_a_log_that_cannot_be_written_costs_a_line_and_nothing_else(lines):
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

    configure(Full())
    structlog.get_logger().info("answered", status=200)
    logging.getLogger("library").warning("odd")
    assert lines() == []


def test_a_line_is_an_event_with_fields(lines):
    structlog.get_logger().info(
        "comment_decided", comment_id="c1", verdict="hold", duration_ms=1.5, clause=None
    )
    [line] = lines()
    assert datetime.fromisoformat(line.pop("timestamp")).tzinfo == UTC
    assert line == {
        "event": "comment_decided",
        "level": "info",
        "comment_id": "c1",
        "verdict": "hold",
        "duration_ms": 1.5,
        "clause": None,
    }


@pytest.mark.parametrize(
    "key",
    [
        "body",
        "text",
        "name",
        "email",
        "password",
        "token",
        "secret",
        "authorization",
        "cookie",
        "api_key",
        "comment_body",
        "author_name",
        "Author-Email",
        "AUTHORIZATION",
        "reset_token",
        "tokens",
        "ip",
        "note",
        "url",
    ],
)
def test_a_key_that_tells_too_much_is_blacked_out(lines, key):
    structlog.get_logger().info("x", **{key: COMMENT}, deep={"list": [{key: COMMENT}]})
    [line] = lines()
    assert line[key] == "[redacted]"
    assert line["deep"]["list"][0][key] == "[redacted]"
    assert COMMENT not in json.dumps(line)


@pytest.mark.parametrize(
    "key", ["comment_id", "body_length", "text_count", "clause", "keys", "namespace", "template"]
)
def test_a_key_that_counts_or_points_is_kept(lines, key):
    structlog.get_logger().info("x", **{key: 7})
    assert lines()[0][key] == 7


def test_an_object_is_told_by_its_type_alone(lines):
    class Comment:
        def __repr__(self):
            return COMMENT

    structlog.get_logger().info("x", held=Comment(), many=[Comment()], raw=COMMENT.encode())
    [line] = lines()
    assert (line["held"], line["many"], line["raw"]) == ("<Comment>", ["<Comment>"], "<bytes>")


def test_a_value_as_long_as_a_comment_is_cut(lines):
    structlog.get_logger().info("x", detail="y" * 10_000)
    assert len(lines()[0]["detail"]) == 303


def test_an_exception_is_told_by_types_and_places_without_messages(lines):
    """The message of a database error repeats the row; local variables hold the comment."""

    def store(body):
        raise ValueError(f"cannot write {body}")

    def submit(body):
        try:
            store(body)
        except ValueError as error:
            raise NotFound(f"about {body}") from error

    try:
        submit(COMMENT)
    except NotFound:
        structlog.get_logger().exception("failed")
    [line] = lines()
    assert COMMENT not in json.dumps(line)
    outer, inner = line["exception"]
    assert (outer["type"], outer["code"], inner["type"]) == (
        "moderation.errors.NotFound",
        "not-found",
        "builtins.ValueError",
    )
    assert any(place.endswith(" submit") for place in outer["at"])
    assert any(place.endswith(" store") for place in inner["at"])


@pytest.mark.parametrize("given_as", [lambda error: error, lambda error: (type(error), error, None)])
def test_an_exception_may_be_handed_over(lines, given_as):
    structlog.get_logger().error("failed", exc_info=given_as(KeyError(COMMENT)))
    assert lines()[0]["exception"] == [{"type": "builtins.KeyError", "at": []}]


def test_no_exception_is_told_where_there_is_none(lines):
    structlog.get_logger().error("failed", exc_info=True)
    assert "exception" not in lines()[0]


def test_libraries_log_into_the_same_lines_without_their_arguments(lines):
    logging.getLogger("sqlalchemy").warning("slow statement %s", COMMENT)
    try:
        [][len(COMMENT)]
    except IndexError:
        logging.getLogger("flask").exception("Exception on %s", COMMENT)
    logging.getLogger("httpx").info("POST https://hooks.example/?token=hush")
    first, second = lines()
    assert (first["level"], first["logger"], first["template"]) == (
        "warning",
        "sqlalchemy",
        "slow statement %s",
    )
    assert second["exception"][0]["type"] == "builtins.IndexError"
    assert COMMENT not in json.dumps([first, second])


def test_lines_below_the_level_are_left_out(lines):
    structlog.get_logger().debug("x")
    assert lines() == []


@given(
    value=st.recursive(
        st.text() | st.floats() | st.integers() | st.binary(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_whatever_is_logged_is_one_line_of_json(value):
    line = structlog.processors.JSONRenderer()(
        None, "info", redact(None, "info", {"event": "x", "value": value})
    )
    assert len(line.splitlines()) == 1
    assert line.isascii()
    json.loads(line, parse_constant=pytest.fail)


def test_a_log_goes_to_stderr_unless_told_otherwise(lines, capsys):
    configure()
    structlog.get_logger().info("x")
    printed = capsys.readouterr()
    assert (printed.out, json.loads(printed.err)["event"]) == ("", "x")


def test_request_ids_are_new_and_ordered():
    ids = [new_request_id() for _ in range(100)]
    assert ids == sorted(set(ids))
    assert all(len(each) == 32 for each in ids)


def test_every_line_of_a_request_carries_its_id(lines):
    with request_context("r1"):
        structlog.get_logger().info("within")
        assert current_request_id() == "r1"
    structlog.get_logger().info("after")
    assert current_request_id() == ""
    within, after = lines()
    assert within["request_id"] == "r1"
    assert "request_id" not in after


def test_a_line_of_a_loop_behind_names_its_thread_and_one_of_a_request_does_not(lines):
    loop = threading.Thread(target=lambda: structlog.get_logger().info("worked"), name="worker-2")
    loop.start()
    loop.join()
    with request_context("r1"):
        structlog.get_logger().info("answered")
    worked, answered = lines()
    assert worked["thread"] == "worker-2"
    assert "thread" not in answered


def test_metrics_are_counted_by_their_labels():
    metrics = Metrics()
    metrics.comments_decided.labels(verdict="reject", clause="threat").inc()
    metrics.detector_failures.labels(detector="links").inc(2)
    metrics.deliveries.labels(outcome="delivered").inc()
    metrics.decision_seconds.observe(0.003)
    metrics.requests_in_hand.set(7)
    text = metrics.exposition().decode()
    for line in (
        'moderation_comments_decided_total{clause="threat",verdict="reject"} 1.0',
        'moderation_detector_failures_total{detector="links"} 2.0',
        'moderation_deliveries_total{outcome="delivered"} 1.0',
        'moderation_decision_seconds_bucket{le="0.005"} 1.0',
        'moderation_decision_seconds_bucket{le="0.0025"} 0.0',
        "moderation_requests_in_hand 7.0",
    ):
        assert line in text.splitlines()
    assert metrics.content_type.startswith("text/plain; version=")


def test_two_services_in_one_process_count_apart():
    one, other = Metrics(), Metrics()
    one.requests_in_hand.set(1)
    assert b"moderation_requests_in_hand 0.0" in other.exposition()
