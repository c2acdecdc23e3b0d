"""What a moderator did is taken back with all that followed from it, and what others did since is not."""

from datetime import timedelta

import pytest

from moderation.errors import Claimed, Conflict, Forbidden, StaleVersion
from moderation.services import bulk, claiming, previewing, undoing
from moderation.services.penalising import block_author, lift_block
from moderation.services.reporting import Reporter, let_stand, report
from moderation.store.tables import Block, LabelledDecision, Report, Strike
from tests.builders import a_moderator, stored
from tests.workbench import rows

HELD, ATTACK, CLEAN = "Pashinyan is an idiot", "You are an idiot.", "I see it otherwise, and here is why."


@pytest.fixture
def colleague(tools):
    other = a_moderator(name="Bo")
    with tools.database.begin() as store:
        stored(store, other)
    return other


@pytest.fixture
def senior(tools):
    other = a_moderator(name="Se", role="senior")
    with tools.database.begin() as store:
        stored(store, other)
    return other


def stands(tools, comment):
    with tools.database.read() as store:
        return store.comments.get(comment.id)


def test_an_approval_undone_is_held_again_under_the_engine_s_decision(tools, newsroom, submit, review):
    held = submit(HELD).comment
    outcome = review(held, "approve")
    step = undoing.undo(tools, outcome.step, newsroom.moderator)
    now = stands(tools, held)
    assert (now.state, now.version, now.decision_id) == ("held", 3, held.decision_id)
    assert (now.clause, now.rank) == (held.clause, held.rank)
    assert step.undone_by == newsroom.moderator.id
    assert rows(tools.database, LabelledDecision) == []
    with tools.database.read() as store:
        assert store.audit.verify() == []
        assert {"comment.undone", "step.undone"} <= {e.action for e in store.audit.page().items}
    assert review(now, "reject", clause="personal-attack").status == "rejected"


def test_a_rejection_undone_takes_strike_and_penalty_with_it(tools, newsroom, submit, review):
    held = [submit(body).comment for body in (HELD, "Aliyev is an idiot")]
    outcomes = [review(comment, "reject", clause="personal-attack") for comment in held]
    with tools.database.read() as store:
        assert store.people.standing(held[0].author_id, tools.now()).blocks
    for outcome in outcomes:
        undoing.undo(tools, outcome.step, newsroom.moderator)
    with tools.database.read() as store:
        standing = store.people.standing(held[0].author_id, tools.now())
    assert (standing.points, standing.blocks, standing.comments) == (0, (), {"held": 2})
    assert all(strike.overruled_at is not None for strike in rows(tools.database, Strike))


def test_an_overruled_rejection_undone_lets_strike_and_block_hold_again(tools, newsroom, submit, review):
    refused = [submit(f"{ATTACK} {number}").comment for number in range(3)]
    with tools.database.read() as store:
        before = store.people.standing(refused[0].author_id, tools.now())
    assert "block" in {block.penalty for block in before.blocks}
    outcome = review(refused[0], "approve")
    undoing.undo(tools, outcome.step, newsroom.moderator)
    with tools.database.read() as store:
        after = store.people.standing(refused[0].author_id, tools.now())
    assert after.points == before.points
    assert [block.id for block in after.blocks] == [block.id for block in before.blocks]
    assert stands(tools, refused[0]).state == "rejected"


def test_a_block_undone_is_lifted_and_a_lifting_undone_holds_again(tools, newsroom, submit):
    author_id = submit(CLEAN).comment.author_id
    block = block_author(tools, author_id, newsroom.moderator.id, "spam", 7)
    step = undoing.last_step(tools, newsroom.moderator)
    assert step.kind == "block"
    undoing.undo(tools, step.id, newsroom.moderator)
    with tools.database.read() as store:
        assert store.penalties.get_block(block.id).lifted_at is not None
    again = block_author(tools, author_id, newsroom.moderator.id, "spam", 7)
    lift_block(tools, again.id, newsroom.moderator.id)
    undoing.undo(tools, undoing.last_step(tools, newsroom.moderator).id, newsroom.moderator)
    with tools.database.read() as store:
        assert store.penalties.get_block(again.id).lifted_at is None
    assert len(rows(tools.database, Block)) == 2


def test_reports_dismissed_and_undone_wait_again(tools, newsroom, submit):
    comment = submit(CLEAN).comment
    for number in range(3):
        report(tools, comment.id, "spam", Reporter(browser=f"b{number}", network=f"n{number}"))
    shown = stands(tools, comment)
    let_stand(tools, comment.id, newsroom.moderator, shown.version)
    with tools.database.read() as store:
        assert store.reports.count_waiting() == 0
    undoing.undo(tools, undoing.last_step(tools, newsroom.moderator).id, newsroom.moderator)
    with tools.database.read() as store:
        assert store.reports.count_waiting() == 1
    assert {row.state for row in rows(tools.database, Report)} == {"open"}


def test_what_was_decided_since_is_not_undone(tools, newsroom, submit, review, colleague):
    held = submit(HELD).comment
    first = review(held, "approve")
    review(first.comment, "remove", clause="spam", moderator=colleague)
    with pytest.raises(StaleVersion) as stale:
        undoing.undo(tools, first.step, newsroom.moderator)
    assert stale.value.decision["made_by"] == colleague.id
    assert stands(tools, held).state == "removed"


def test_steps_are_undone_one_after_the_other_down_to_the_first(tools, newsroom, submit, review):
    held = submit(HELD).comment
    first = review(held, "approve")
    second = review(first.comment, "remove", clause="spam")
    undoing.undo(tools, second.step, newsroom.moderator)
    undoing.undo(tools, first.step, newsroom.moderator)
    assert (stands(tools, held).state, stands(tools, held).decision_id) == ("held", held.decision_id)


def test_nothing_is_undone_twice_nor_by_a_viewer(tools, newsroom, submit, review):
    outcome = review(submit(HELD).comment, "approve")
    viewer = a_moderator(role="viewer")
    with pytest.raises(Forbidden):
        undoing.undo(tools, outcome.step, viewer)
    undoing.undo(tools, outcome.step, newsroom.moderator)
    with pytest.raises(Conflict):
        undoing.undo(tools, outcome.step, newsroom.moderator)


def test_of_two_moderators_one_has_a_comment_in_hand_until_the_lease_is_over(
    tools, newsroom, submit, review, colleague, clock
):
    held = submit(HELD).comment
    assert claiming.claim(tools, [held.id], newsroom.moderator)[0] == [held.id]
    assert claiming.claim(tools, [held.id], colleague)[0] == []
    with pytest.raises(Claimed):
        review(held, "approve", moderator=colleague)
    assert stands(tools, held).state == "held"
    clock.advance(seconds=claiming.LEASE / timedelta(seconds=1) + 1)
    assert claiming.claim(tools, [held.id], colleague)[0] == [held.id]
    assert review(held, "approve", moderator=colleague).status == "published"


def test_a_bulk_action_is_carried_out_in_the_background_and_undone_as_one(
    tools, newsroom, submit, review, colleague, senior
):
    held = [submit(f"{HELD} {number}", by=f"Ann{number}").comment for number in range(5)]
    seen = previewing.preview(tools, [c.id for c in held], "reject", "personal-attack", newsroom.moderator)
    assert (len(seen.items), seen.authors, seen.strikes) == (5, 5, 5)
    assert seen.clauses == (("personal-attack", 5),)
    batch = bulk.begin(
        tools, [(c.id, c.version) for c in held], "reject", "personal-attack", newsroom.moderator
    )
    review(held[4], "approve", moderator=colleague)  # quicker than the worker
    assert bulk.run_due(tools) == 5
    assert bulk.run_due(tools) == 0
    with tools.database.read() as store:
        batch = store.batches.get(batch.id)
    assert (batch.state, batch.done, batch.refused) == ("done", 5, 1)
    assert {stands(tools, c).state for c in held[:4]} == {"rejected"}
    with pytest.raises(Forbidden):
        bulk.undo(tools, batch.id, colleague)
    bulk.undo(tools, batch.id, senior)
    assert bulk.run_due(tools) == 4
    assert {stands(tools, c).state for c in held[:4]} == {"held"}
    assert stands(tools, held[4]).state == "published"
    with tools.database.read() as store:
        assert store.batches.get(batch.id).state == "undone"
        assert all(step.undone_by == senior.id for step in store.steps.last() if step.batch_id)


def test_comments_whose_rule_is_gone_when_a_bulk_action_comes_to_them_stay_as_they_are(
    tools, submit, newsroom, monkeypatch
):
    comment = submit(HELD).comment
    assert comment.state == "held"
    batch = bulk.begin(tools, [(comment.id, comment.version)], "reject", "spam", newsroom.moderator)
    policy = tools.engine.policy
    left = {name: clause for name, clause in policy.clauses.items() if name != "spam"}
    monkeypatch.setattr(tools.engine, "policy", policy.model_copy(update={"clauses": left}))
    bulk.run_due(tools)
    with tools.database.read() as store:
        batch = store.batches.get(batch.id)
    assert (batch.state, batch.done, batch.refused) == ("done", 1, 1)
