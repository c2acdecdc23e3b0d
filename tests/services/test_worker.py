"""The loop that delivers and expires, and outlives whatever goes wrong."""

import importlib
import threading

import pytest

from moderation import worker
from moderation.bootstrap.tools import reload_models
from moderation.classifier.ledger import Entry, Ledger, digest_of, write_ledger
from moderation.errors import DatabaseAway
from moderation.services.labelling import add_feedback
from moderation.services.penalising import block_author
from moderation.store.outbox import Outbox
from moderation.store.tables import Block, LabelledDecision
from tests.workbench import rows


class Rounds(threading.Event):
    """Stops the worker after so many pauses, which take no time."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.left, self.pauses = rounds, []

    def wait(self, timeout=None):
        self.pauses.append(timeout)
        if len(self.pauses) == self.left:
            self.set()
        return self.is_set()


def test_it_delivers_and_expires_without_pause_until_nothing_is_due(tools, submit, receiver, clock):
    block_author(tools, submit().comment.author_id, "cli", None, 1)
    clock.advance(days=1)
    rounds = Rounds(3)
    worker.run(tools, rounds)
    assert rounds.pauses == [0.0, 0.0, 1.0]  # that the block is over is news for the second round
    assert len(receiver.came) == 3
    assert rows(tools.database, Block)[0].expired_at == clock()


@pytest.mark.parametrize(
    ("error", "event"), [(DatabaseAway("away"), "worker_waits"), (RuntimeError("odd"), "worker_failed")]
)
def test_a_failure_is_logged_and_tried_again(tools, submit, receiver, log, monkeypatch, error, event):
    submit()
    claim_due, failures = Outbox.claim_due, [error]

    def fail_once(*args, **named):
        if failures:
            raise failures.pop()
        return claim_due(*args, **named)

    monkeypatch.setattr(Outbox, "claim_due", fail_once)
    rounds = Rounds(3)
    worker.run(tools, rounds)
    assert rounds.pauses == [5.0, 0.0, 1.0]
    assert event in log.getvalue()
    assert len(receiver.came) == 1


def test_the_threads_end_when_they_are_told(tools):
    before = set(threading.enumerate())
    stop = worker.start_threads(tools, 3)
    threads = set(threading.enumerate()) - before
    assert len(threads) == 3 + 4  # and those for models, the policy, replays and what waits for a day
    stop.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
        assert thread.daemon


def test_it_loads_what_was_promoted_and_nothing_while_nothing_changes(learning_tools, monkeypatch):
    learned = learning_tools.settings.learned_dir
    version = importlib.import_module("tests.school").a_candidate(learning_tools)
    worker.watch_models(learning_tools, Rounds(1))
    assert learning_tools.engine.model_versions["first"] != version
    entry = Entry(name="first", version=version, digest=digest_of(learned / version / "first"))
    write_ledger(learned, Ledger(promoted=(entry,)))
    loads = []
    monkeypatch.setattr(worker, "reload_models", lambda tools: loads.append(reload_models(tools)))
    worker.watch_models(learning_tools, Rounds(3))
    assert loads == [True]
    assert learning_tools.engine.model_versions["first"] == version


def test_texts_of_feedback_go_when_their_time_is_over(tools, clock):
    add_feedback(tools, "You are a proper grelk.", {"spam": 0.1}, "key-1")
    clock.advance(days=180)
    worker.run(tools, Rounds(1))
    assert rows(tools.database, LabelledDecision)[0].body == ""
