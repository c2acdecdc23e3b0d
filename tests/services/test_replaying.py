"""A draft over stored comments: what changes, beside what moderators decided; resumable, and the same twice."""

from functools import cache

import pytest

from moderation.bootstrap.engine import build_first_stage
from moderation.engine import Engine
from moderation.engine.policy import policy_of
from moderation.engine.replaying import Case, compared, together
from moderation.engine.types import Context, Submission, Verdict
from moderation.errors import InvalidInput
from moderation.services import governing, replaying
from moderation.settings import Settings

BODIES = ("You are an idiot.", "I see it otherwise, and here is why.", "This is fucking bullshit.")


def draft_text(engine):
    source = engine.policy.source
    start = source.index("[clauses.personal-attack]")
    place = source.index("reject_at = ", start)
    line = source[place : source.index("\n", place)]
    return source[:place] + "reject_at = 1.01" + source[place + len(line) :]


@cache
def small_engine(settings):
    """Rules alone: quick to build."""
    whole = build_first_stage(settings)
    return Engine(whole.policy, {}, whole.detectors)


@pytest.fixture
def comments(submit):
    return [submit(body, by=f"Writer{n}").comment for n, body in enumerate(BODIES * 3)]


@pytest.fixture
def draft(tools):
    return governing.read_draft(tools, draft_text(tools.engine))


def result_of(tools, draft, **given):
    replay_id = replaying.start(tools, draft, 100, "m1")
    steps = [*replaying.run(tools, replay_id, small_engine, processes=1, **given)]
    assert steps[-1].state == "done"
    return steps[-1]


def test_a_replay_tells_whose_verdict_changes_and_what_moderators_decided(tools, comments, review, draft):
    review(comments[0], "approve")
    found = result_of(tools, draft)
    assert found.done == found.total == len(comments)
    assert found.result["verdicts"]["reject>hold"] == 3
    assert found.result["moderators"]["reject>hold"] == {"publish": 1, "none": 2}
    queue = replaying.queue_of(found.result)
    assert queue.after - queue.before == 3
    assert found.result["clauses"]["personal-attack"] == {"reject>hold": 3}
    assert {row[0] for row in found.result["examples"]} == {comments[n].id for n in (0, 3, 6)}


def test_the_result_is_the_same_twice_and_in_two_processes(tools, comments, draft):
    first, second = result_of(tools, draft), result_of(tools, draft)
    replay_id = replaying.start(tools, draft, 100, "m1")
    *_, third = replaying.run(tools, replay_id, small_engine, processes=2)
    assert first.result == second.result == third.result


def test_a_replay_that_was_killed_goes_on_where_it_was(tools, comments, draft, clock, monkeypatch):
    whole = result_of(tools, draft)
    monkeypatch.setattr(replaying, "PART", 2)
    replay_id = replaying.start(tools, draft, 100, "m1")
    steps = replaying.run(tools, replay_id, small_engine, processes=1)
    killed = next(steps)
    steps.close()
    assert 0 < killed.done < killed.total
    assert [*replaying.run(tools, replay_id, small_engine, processes=1)] == []  # it is still in hand
    clock.advance(minutes=3)
    assert replaying.run_due(tools, small_engine) == 1
    with tools.database.read() as store:
        found = store.replays.get(replay_id)
    assert (found.state, found.done, found.result) == ("done", whole.done, whole.result)
    assert replaying.run_due(tools, small_engine) == 0


def test_a_replay_that_fails_says_so(tools, comments, draft):
    def broken(settings):
        raise ZeroDivisionError

    replay_id = replaying.start(tools, draft, 100, "m1")
    with pytest.raises(ZeroDivisionError):
        [*replaying.run(tools, replay_id, broken, processes=1)]
    with tools.database.read() as store:
        assert store.replays.get(replay_id).state == "failed"


def test_only_the_last_comments_are_read(tools, comments, draft):
    replay_id = replaying.start(tools, draft, 4, "m1")
    *_, found = replaying.run(tools, replay_id, small_engine, processes=1)
    assert found.done == found.total == 4


def test_without_comments_or_number_there_is_nothing_to_replay(tools, draft):
    with pytest.raises(InvalidInput):
        replaying.start(tools, draft, 10, "m1")
    with pytest.raises(InvalidInput):
        replaying.start(tools, draft, 0, "m1")


@pytest.mark.parametrize("change", ["hold_at = 0.2", "hold_at = 0.8"])
def test_looked_at_once_the_signals_give_each_policy_its_own_verdict(engine, now, change):
    """The signals are shared; each ruling must be that of the engine under that policy alone."""
    source = engine.policy.source
    at = source.index("hold_at = ", source.index("[clauses.personal-attack]"))
    text = source[:at] + change + source[source.index("\n", at) :]
    names = frozenset(d.name for d in engine.detectors)
    draft = policy_of(text.encode(), Settings().policy_path, names, engine.policy)
    bodies = [
        *BODIES,
        "You people are hopeless and rather dim.",
        "Putin is a fool and a liar.",
        "He said: you idiot.",
        "Go back to school, clown.",
        "Only a moron would write this article.",
    ]
    context = Context(policy=engine.policy, now=now)
    submissions = [Submission("", body, received_at=now) for body in bodies]
    cases = [Case(str(n), one, context) for n, one in enumerate(submissions)]
    alone = [
        Engine(policy, engine.scorers, engine.detectors).decide_many(
            [(one, Context(policy=policy, now=now)) for one in submissions]
        )
        for policy in (engine.policy, draft)
    ]
    expected: dict[str, int] = {}
    for before, after in zip(*alone, strict=True):
        change = f"{before.verdict.value}>{after.verdict.value}"
        expected[change] = expected.get(change, 0) + 1
    found = compared(engine, engine.policy, draft, cases)
    assert found["verdicts"] == expected
    halves = [compared(engine, engine.policy, draft, part) for part in (cases[:3], cases[3:])]
    assert together(halves[0], halves[1]) == found
    assert any(decision.verdict is not Verdict.PUBLISH for decision in alone[0])
