"""A draft over stored comments: what changes, beside what moderators decided; resumable, and the same twice."""

from functools import cache

import pytest

from moderation.bootstrap.engine import build_first_stage
from moderation.engine import Engine
from moderation.engine.policy import policy_of
from moderation.engine.replaying import Case, compared, together
from moderation.engine.types import Context, Submission, Verdict
from moderation.errors import InvalidInput, PolicyInvalid
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
    assert replaying.run_due(tools, small_engine, small_engine) == 1
    with tools.database.read() as store:
        found = store.replays.get(replay_id)
    assert (found.state, found.done, found.result) == ("done", whole.done, whole.result)
    assert replaying.run_due(tools, small_engine, small_engine) == 0


@pytest.fixture
def together_begun(tools, comments, draft, monkeypatch):
    """A replay of small parts that any process may help with, and what it finds when one does all."""
    whole = result_of(tools, draft)
    monkeypatch.setattr(replaying, "PART", 2)
    monkeypatch.setattr(replaying, "_at_work", {})
    return replaying.start(tools, draft, 100, "m1"), whole


def part(tools):
    return replaying.run_part(tools, small_engine, broken)


def test_parts_decided_by_many_processes_in_any_order_come_to_the_same_result(tools, together_begun):
    replay_id, whole = together_begun
    begun = stands(tools, replay_id)
    held = set()
    parts = replaying._give_out(tools, begun, held, 2)  # another process has the first two
    assert [part(tools) for _ in range(3)] == [2, 2, 1]
    assert part(tools) == 0  # nothing is left to give out
    assert stands(tools, replay_id).state == "running"  # for two are in hand
    assert stands(tools, replay_id).done == 5
    for one in reversed(parts):
        replaying._checkpoint(tools, begun, one, held, replaying._part(one.after, one.until))
    assert (part(tools), held) == (0, set())
    found = stands(tools, replay_id)
    assert (found.state, found.done, found.result) == ("done", whole.done, whole.result)
    assert found.finished_at is not None


def test_a_part_whose_process_died_is_decided_by_another_and_counted_once_should_the_dead_come_back(
    tools, together_begun, clock
):
    replay_id, whole = together_begun
    begun, held = stands(tools, replay_id), set()
    (lost,) = replaying._give_out(tools, begun, held, 1)
    clock.advance(minutes=3)
    while part(tools):
        pass
    late = replaying._checkpoint(tools, begun, lost, held, replaying._part(lost.after, lost.until))
    assert (late.state, late.done, late.result) == ("done", whole.done, whole.result)


def test_however_many_processes_fail_at_once_it_is_one_failure(tools, together_begun, clock, monkeypatch):
    replay_id, whole = together_begun
    begun, held = stands(tools, replay_id), set()
    replaying._give_out(tools, begun, held, 1)
    with monkeypatch.context() as failing:
        failing.setattr(replaying, "_part", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            part(tools)
    replaying._note_failure(tools, begun, held, ZeroDivisionError())
    assert stands(tools, replay_id).attempts == 1
    assert part(tools) == 0  # it waits for ten seconds
    clock.advance(seconds=10)
    while part(tools):
        pass
    found = stands(tools, replay_id)
    assert (found.state, found.done, found.result) == ("done", whole.done, whole.result)


def broken(settings):
    raise ZeroDivisionError


def stands(tools, replay_id):
    with tools.database.read() as store:
        return store.replays.get(replay_id)


def fails(tools, replay_id, build=broken, error=ZeroDivisionError):
    with pytest.raises(error):
        [*replaying.run(tools, replay_id, build, processes=1)]


def test_a_replay_that_fails_is_begun_again_after_longer_and_longer_pauses_and_then_says_why(
    tools, comments, draft, clock
):
    replay_id = replaying.start(tools, draft, 100, "m1")
    pauses = []
    for _ in range(replaying.ATTEMPTS - 1):
        fails(tools, replay_id)
        found = stands(tools, replay_id)
        assert found.state == "running"
        pauses.append((found.leased_until - clock()).total_seconds())
        assert [*replaying.run(tools, replay_id, small_engine, processes=1)] == []  # not before its time
        clock.advance(seconds=pauses[-1])
    fails(tools, replay_id)
    found = stands(tools, replay_id)
    assert pauses == [10, 40, 160, 640]
    assert (found.state, found.attempts, found.failed_because) == ("failed", 5, "ZeroDivisionError")
    clock.advance(days=1)
    assert replaying.run_due(tools, small_engine, small_engine) == 0


def test_a_replay_that_failed_once_goes_on_from_its_last_part_to_the_same_result(
    tools, comments, draft, clock, monkeypatch
):
    whole = result_of(tools, draft)
    monkeypatch.setattr(replaying, "PART", 2)
    replay_id = replaying.start(tools, draft, 100, "m1")
    decided, parts = [], replaying._part

    def second_part_fails(after, end):
        decided.append(end)
        if len(decided) == 2:
            raise ZeroDivisionError
        return parts(after, end)

    monkeypatch.setattr(replaying, "_part", second_part_fails)
    fails(tools, replay_id, small_engine)
    clock.advance(seconds=10)
    [*replaying.run(tools, replay_id, small_engine, processes=1)]
    found = stands(tools, replay_id)
    assert (found.state, found.done, found.result) == ("done", whole.done, whole.result)
    assert decided[2] == decided[1]  # what was done before it is not done again


def test_a_replay_of_a_policy_that_does_not_hold_is_not_begun_again(tools, comments, draft):
    replay_id = replaying.start(tools, draft, 100, "m1")
    with tools.database.begin() as store:
        store.replays.get(replay_id).draft = "nonsense = ["
    fails(tools, replay_id, small_engine, PolicyInvalid)
    found = stands(tools, replay_id)
    assert (found.state, found.attempts, found.failed_because) == ("failed", 1, "policy")


def test_with_the_second_stage_the_whole_engine_decides(tools, comments, draft, monkeypatch):
    replay_id = replaying.start(tools, draft, 100, "m1", second_stage=True)
    assert stands(tools, replay_id).second_stage
    built = []
    monkeypatch.setattr(replaying, "run", lambda tools, id_, build: built.append(build) or iter(()))
    replaying.run_due(tools, broken, small_engine)
    assert built == [small_engine]


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
