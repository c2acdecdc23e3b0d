"""No reader's words, names or addresses in log lines or in the audit log, whatever happens."""

import json
import threading

import httpx
import pytest

from moderation import worker
from moderation.errors import ModerationError
from moderation.protocols.standard_webhooks import sign
from moderation.services.admitting import accept_link, invite
from moderation.services.penalising import block_author
from moderation.services.receiving import receive
from moderation.services.remembering import erase_author
from moderation.services.signing_in import sign_in
from moderation.services.submitting import Writer
from moderation.store.outbox import Outbox
from tests.workbench import everything

WRITER = Writer("Zabel Quillfeather", "zabel@quillfeather.example")
MODERATOR, PASSWORD = "hovsep@paper.example", "a password nobody guesses"
TRACES = (
    "zabel",
    "quillfeather",
    "idiot",
    "plum",
    "orchard",
    "scribbled",
    "hovsep",
    "paper.example",
    PASSWORD,
)


@pytest.fixture
def journey(tools, newsroom, submit, review, receiver, clock, monkeypatch, log):
    """Everything that can happen to a comment, and what can go wrong."""
    receiver.answers = [httpx.Response(500, text="zabel"), httpx.ConnectError("zabel")]
    clean = submit("My plum orchard says otherwise.", writer=WRITER).comment
    rejected = submit("You are an idiot, plum.", writer=WRITER).comment
    once(worker.run, tools)
    review(rejected, "approve", note="Zabel scribbled this.")
    review(clean, "remove", clause="spam", note="Zabel scribbled that.")
    block_author(tools, clean.author_id, newsroom.moderator.id, "spam", 1, "Zabel scribbled.", [clean.id])
    with pytest.raises(ModerationError):
        submit("The plum orchard again.", writer=WRITER)
    clock.advance(days=1)
    once(worker.run, tools)

    body = json.dumps(
        {"type": "comment.submitted", "timestamp": "2026-11-23T12:00:00Z", "data": {"plum": "Zabel"}}
    )
    for secret in newsroom.site.inbound_secrets:
        headers = sign("msg_plum", clock(), body.encode(), secret)
        for sent in (body, body + " "):
            with pytest.raises(ModerationError):
                receive(tools, "standard-webhooks", "paper", headers, sent.encode())

    accept_link(tools, invite(tools, MODERATOR, "moderator", "cli"), "Hovsep", PASSWORD)
    sign_in(tools, MODERATOR, PASSWORD)
    with pytest.raises(ModerationError):
        sign_in(tools, MODERATOR, f"{PASSWORD}!")

    with monkeypatch.context() as broken:
        broken.setattr(Outbox, "claim_due", _fail)
        once(worker.run, tools)
    erase_author(tools, clean.author_id, "cli")


def once(run, tools) -> None:
    """Let the worker look once."""

    class Once(threading.Event):
        def wait(self, timeout=None):
            self.set()
            return True

    run(tools, Once())


def _fail(*_, **__):
    raise RuntimeError("zabel@quillfeather.example wrote of a plum orchard")


def test_no_log_line_holds_them(journey, log):
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert {line["event"] for line in lines} >= {"delivery_tried", "worker_failed"}
    assert [trace for trace in TRACES if trace in log.getvalue().lower()] == []


def test_no_audit_event_holds_them(journey, tools):
    log = everything(tools.database)["audit_events"]
    assert {event["action"] for event in log} >= {
        "comment.decided",
        "comment.approved",
        "comment.removed",
        "strike.given",
        "strike.overruled",
        "author.blocked",
        "block.expired",
        "moderator.signed_in",
        "moderator.sign_in_failed",
        "author.erased",
    }
    told = json.dumps(log, default=repr, ensure_ascii=False).lower()
    assert [trace for trace in TRACES if trace in told] == []
    assert len({event["chain"] for event in log}) == len(log)


def test_the_audit_log_of_all_this_is_whole(journey, tools):
    with tools.database.read() as store:
        assert store.audit.verify() == []
