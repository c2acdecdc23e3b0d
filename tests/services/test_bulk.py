"""Bulk actions: over a filter as it was previewed, stopped, undone in chunks; a worker may be killed anywhere."""

import pytest

from moderation.errors import Conflict, Forbidden, InvalidInput
from moderation.services import bulk, previewing
from moderation.store.batches import Batches
from moderation.store.desk import Wanted
from moderation.store.tables import Batch, BatchItem, Step
from tests.builders import a_moderator, stored
from tests.workbench import rows

HELD = "Pashinyan is an idiot"
ATTACKS = Wanted(clause="personal-attack")
FILTERS = {"clause": "personal-attack"}


class KilledError(BaseException):
    """The process ends here."""


@pytest.fixture
def held(submit):
    return [submit(f"{HELD} {number}", by=f"Ann{number}").comment for number in range(6)]


@pytest.fixture
def previewed(tools, newsroom, held):
    return previewing.preview_all(tools, ATTACKS, FILTERS, "reject", newsroom.moderator)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 2)
    monkeypatch.setattr(previewing, "_PART", 2)


def begun(tools, newsroom, previewed):
    return bulk.confirm(tools, previewed.batch.id, "personal-attack", newsroom.moderator)


def now(tools, batch):
    with tools.database.read() as store:
        return store.batches.get(batch.id)


def states(tools, comments):
    with tools.database.read() as store:
        return [store.comments.get(comment.id).state for comment in comments]


def killed_after(monkeypatch, method, number):
    """Kill the process at the so-manieth call of a method of the store, after its work was done."""
    work, calls = getattr(Batches, method), []

    def dies(*args, **named):
        done = work(*args, **named)
        calls.append(method)
        if len(calls) == number:
            raise KilledError
        return done

    monkeypatch.setattr(Batches, method, dies)


def test_what_a_filter_finds_is_previewed_with_a_sample_and_nothing_is_changed(
    tools, newsroom, held, submit, small_chunks
):
    submit("Buy it at https://spam.example and https://spam2.example now")
    seen = previewing.preview_all(tools, ATTACKS, FILTERS, "reject", newsroom.moderator)
    assert (seen.total, seen.authors, seen.strikes, seen.claimed) == (6, 6, 6, 0)
    assert seen.clauses == (("personal-attack", 6),)
    assert [item.comment.id for item in seen.items] == [comment.id for comment in held]
    kept = [(item.comment_id, item.version) for item in rows(tools.database, BatchItem)]
    assert kept == [(comment.id, comment.version) for comment in held]
    assert set(states(tools, held)) == {"held"}
    assert bulk.run_due(tools) == 0  # a preview waits for nobody


def test_a_sample_is_spread_over_all(tools, newsroom, held, monkeypatch):
    monkeypatch.setattr(previewing, "SAMPLE", 2)
    seen = previewing.preview_all(tools, ATTACKS, FILTERS, "reject", newsroom.moderator)
    assert [item.comment.id for item in seen.items] == [held[0].id, held[3].id]


def test_what_came_or_changed_after_the_preview_is_left_as_it_is(
    tools, newsroom, held, previewed, review, submit
):
    late = submit(f"{HELD} again", by="Late").comment
    review(held[2], "approve")
    batch = begun(tools, newsroom, previewed)
    assert bulk.run_due(tools) == 6
    assert states(tools, held) == ["rejected"] * 2 + ["published"] + ["rejected"] * 3
    assert states(tools, [late]) == ["held"]
    assert (now(tools, batch).state, now(tools, batch).refused) == ("done", 1)


def test_more_than_can_be_changed_at_once_is_refused_and_so_is_nothing(tools, newsroom, held, monkeypatch):
    monkeypatch.setattr(previewing, "MOST_FOUND", 5)
    with pytest.raises(InvalidInput, match="More than 5 comments match"):
        previewing.preview_all(tools, ATTACKS, FILTERS, "reject", newsroom.moderator)
    with pytest.raises(InvalidInput, match="Nothing matches"):
        previewing.preview_all(tools, Wanted(clause="spam"), {}, "reject", newsroom.moderator)
    with pytest.raises(InvalidInput):
        previewing.preview_all(tools, ATTACKS, FILTERS, "restore", newsroom.moderator)
    with pytest.raises(Forbidden):
        previewing.preview_all(tools, ATTACKS, FILTERS, "reject", a_moderator(role="viewer"))
    assert rows(tools.database, Batch) == []


def test_only_who_previewed_begins_and_only_once(tools, newsroom, previewed):
    other = a_moderator()
    with tools.database.begin() as store:
        stored(store, other)
    with pytest.raises(Forbidden):
        bulk.confirm(tools, previewed.batch.id, "personal-attack", other)
    with pytest.raises(InvalidInput):
        bulk.confirm(tools, previewed.batch.id, None, newsroom.moderator)
    begun(tools, newsroom, previewed)
    with pytest.raises(Conflict):
        begun(tools, newsroom, previewed)


def test_previews_that_nobody_confirmed_go_with_the_next_one_or_after_a_day(
    tools, newsroom, previewed, clock
):
    again = previewing.preview_all(tools, ATTACKS, FILTERS, "approve", newsroom.moderator)
    assert [batch.id for batch in rows(tools.database, Batch)] == [again.batch.id]
    assert previewing.forget_previews(tools) == 0
    clock.advance(days=1)
    assert previewing.forget_previews(tools) == 1
    assert rows(tools.database, BatchItem) == []


def test_a_bulk_action_that_is_stopped_changes_nothing_more_and_what_it_did_is_undone(
    tools, newsroom, held, previewed, monkeypatch
):
    batch = begun(tools, newsroom, previewed)
    went_on, calls = Batches.went_on, []

    def stopped_meanwhile(self, batch_id, **named):
        calls.append(batch_id)
        if len(calls) == 3:  # somebody presses "Stop" while the third is decided
            self.move(batch_id, ("waiting",), "stopped")
        return went_on(self, batch_id, **named)

    monkeypatch.setattr(Batches, "went_on", stopped_meanwhile)
    bulk.run_due(tools)
    monkeypatch.undo()
    # The stop of this test went with the transaction of the third; the real one has its own.
    assert now(tools, batch).done == 2
    bulk.stop(tools, batch.id, newsroom.moderator)
    assert bulk.run_due(tools) == 0
    assert states(tools, held) == ["rejected"] * 2 + ["held"] * 4
    with pytest.raises(Conflict):
        bulk.stop(tools, batch.id, newsroom.moderator)
    bulk.undo(tools, batch.id, newsroom.moderator)
    assert bulk.run_due(tools) == 2
    assert set(states(tools, held)) == {"held"}
    assert (now(tools, batch).state, now(tools, batch).undone) == ("undone", 2)


def test_a_worker_killed_right_after_a_decision_has_decided_and_counted_or_neither(
    tools, newsroom, held, previewed, monkeypatch, clock
):
    batch = begun(tools, newsroom, previewed)
    killed_after(monkeypatch, "went_on", 3)
    with pytest.raises(KilledError):
        bulk.run_due(tools)
    assert states(tools, held).count("rejected") == now(tools, batch).done == 2
    assert bulk.run_due(tools) == 0  # its lease is not over
    clock.advance(minutes=3)
    assert bulk.run_due(tools) == 4
    found = now(tools, batch)
    assert (found.state, found.done, found.refused) == ("done", 6, 0)
    assert set(states(tools, held)) == {"rejected"}
    assert len(rows(tools.database, Step)) == 6


def test_a_worker_that_was_thought_dead_counts_nothing_twice(
    tools, newsroom, held, previewed, monkeypatch, clock
):
    batch = begun(tools, newsroom, previewed)
    slow = now(tools, batch)  # as it took the bulk action up, before another went on
    killed_after(monkeypatch, "went_on", 4)
    with pytest.raises(KilledError):
        bulk.run_due(tools)
    assert bulk._carry_out(tools, slow) == 0
    assert (now(tools, batch).done, now(tools, batch).refused) == (3, 0)


def test_an_undoing_goes_in_chunks_and_is_taken_up_where_it_was_killed(
    tools, newsroom, held, previewed, review, small_chunks, monkeypatch, clock
):
    batch = begun(tools, newsroom, previewed)
    bulk.run_due(tools)
    review(held[0], "approve")  # decided since: it stays
    bulk.undo(tools, batch.id, newsroom.moderator)
    killed_after(monkeypatch, "went_back", 2)
    with pytest.raises(KilledError):
        bulk.run_due(tools)
    monkeypatch.undo()
    monkeypatch.setattr(bulk, "CHUNK", 2)
    assert (
        states(tools, held) == ["published"] + ["rejected"] * 3 + ["held"] * 2
    )  # one chunk, and no half one
    assert (now(tools, batch).state, now(tools, batch).undone) == ("undoing", 2)
    clock.advance(minutes=3)
    assert bulk.run_due(tools) == 3
    assert states(tools, held) == ["published"] + ["held"] * 5
    found = now(tools, batch)
    assert (found.state, found.undone) == ("undone", 5)
    undone = [step for step in rows(tools.database, Step) if step.batch_id and step.undone_at]
    assert len(undone) == 5
    with tools.database.read() as store:
        assert store.audit.verify() == []
