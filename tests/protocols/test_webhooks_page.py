"""docs/webhooks.md shows what is really read, sent and answered."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from moderation.protocols import outgoing, standard_webhooks
from moderation.protocols.outgoing import (
    AppealEvent,
    AuthorBlockedEvent,
    AuthorUnblockedEvent,
    CommentEvent,
    DecisionObject,
)
from moderation.protocols.types import SignatureMissing, SignatureWrong, TimestampAhead, TimestampOld

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]
SHAPES = {
    "author.blocked": AuthorBlockedEvent,
    "author.unblocked": AuthorUnblockedEvent,
    "appeal.received": AppealEvent,
    "appeal.answered": AppealEvent,
}
EVENTS = {example["type"]: example for example in EXAMPLES if "data" in example}


def test_every_event_has_an_example():
    assert set(EVENTS) == {*standard_webhooks.EVENTS, *outgoing.EVENTS}
    assert len(EXAMPLES) == len(EVENTS) + 2  # an answer and a problem


@pytest.mark.parametrize("name", standard_webhooks.EVENTS)
def test_each_incoming_example_is_read(name):
    standard_webhooks.PROTOCOL.read(json.dumps(EVENTS[name]).encode())


@pytest.mark.parametrize("name", outgoing.EVENTS)
def test_each_outgoing_example_fits_the_schema(name):
    shape = SHAPES.get(name, CommentEvent)
    TypeAdapter(shape).validate_python(EVENTS[name])


@pytest.mark.parametrize("name", outgoing.EVENT_OF.values())
def test_the_builder_makes_exactly_the_example_of_a_comment(name):
    example = EVENTS[name]
    at = datetime.fromisoformat(example["timestamp"])
    assert json.loads(outgoing.comment_event(name, at, **example["data"])) == example


def test_the_builder_makes_exactly_the_example_of_a_block():
    example = EVENTS["author.blocked"]
    data = example["data"]
    told = dict(data["block"])
    starts_at, ends_at = (datetime.fromisoformat(told.pop(name)) for name in ("starts_at", "ends_at"))
    block = outgoing.block_ref(told.pop("id"), starts_at=starts_at, ends_at=ends_at, **told)
    at = datetime.fromisoformat(example["timestamp"])
    assert json.loads(outgoing.author_blocked(at, **(data | {"block": block}))) == example


def test_the_builder_makes_exactly_the_example_of_a_block_that_is_over():
    example = EVENTS["author.unblocked"]
    at = datetime.fromisoformat(example["timestamp"])
    assert json.loads(outgoing.author_unblocked(at, **example["data"])) == example


@pytest.mark.parametrize("name", ["appeal.received", "appeal.answered"])
def test_the_builder_makes_exactly_the_example_of_an_appeal(name):
    example = EVENTS[name]
    at = datetime.fromisoformat(example["timestamp"])
    assert json.loads(outgoing.appeal_event(name, at, **example["data"])) == example


def test_the_answer_carries_the_decision_object():
    answer = next(example for example in EXAMPLES if "decision" in example)
    TypeAdapter(DecisionObject).validate_python(answer["decision"])


def test_every_code_of_a_refused_message_is_written_down():
    codes = [error.code for error in (SignatureMissing, SignatureWrong, TimestampAhead, TimestampOld)]
    for code in (*codes, "malformed-body", "unknown-event"):
        assert f"`{code}`" in PAGE


def test_the_page_gives_the_vector_and_the_schedule():
    secret, signature = re.search(r"`(whsec_\w+)`.*?give `([^`]+)`", PAGE, re.DOTALL).groups()
    signed = standard_webhooks.sign(
        "msg_1", datetime.fromisoformat("2023-11-14T22:13:20Z"), b'{"hello":"world"}', secret
    )
    assert signed["webhook-signature"] == signature
    row = re.search(r"^\| pause \| (.*) \|$", PAGE, re.MULTILINE).group(1).split(" | ")
    seconds = {"0": 1, "s": 1, "min": 60, "h": 3600}
    written = [int(cell.split()[0]) * seconds[cell.split()[-1]] for cell in row]
    assert written == [pause.total_seconds() for pause in outgoing.SCHEDULE]
