"""Which policy is in force: drafts, publication with a reason, old versions, shadow and the brake."""

from dataclasses import replace

import pytest

from moderation.engine import Engine
from moderation.errors import Conflict, InvalidInput, NotFound
from moderation.services import braking, governing
from moderation.services.submitting import submit_comment
from tests.builders import a_new_comment, a_writer

ATTACK = "You are an idiot."


@pytest.fixture
def tools(tools):
    """Tools whose engine is this test's own: its policy changes."""
    shared = tools.engine
    return replace(tools, engine=Engine(shared.policy, {}, shared.detectors))


def with_share(engine, share):
    return engine.policy.source.replace("share = 0.2", f"share = {share}").replace(
        "decisions = 200", "decisions = 10"
    )


def test_a_draft_that_does_not_hold_is_refused_with_the_place_and_the_remedy(tools):
    with pytest.raises(InvalidInput) as refused:
        governing.save_draft(
            tools, tools.engine.policy.source.replace("hold_at = 0.45", "hold_at = 7", 1), "m1"
        )
    assert "clauses.threat.hold_at" in refused.value.fields["text"][0]
    with tools.database.read() as store:
        assert store.policies.draft() is None


def test_a_published_draft_decides_and_every_decision_keeps_its_version(tools, submit):
    before = submit(ATTACK).comment
    old = tools.engine.policy.version
    text = braking.into_shadow(tools.engine.policy, "personal-attack", "personal_attack")
    governing.save_draft(tools, text, "m1")
    assert tools.engine.policy.version == old
    new = governing.publish(tools, text, "It stops too much.", "m1")
    after = submit(ATTACK, by="Ben").comment
    with tools.database.read() as store:
        versions = [store.comments.decision(one).policy_version for one in (before, after)]
        assert versions == [old, new.version]
        assert all(store.policies.get(version).text for version in versions)
        assert store.policies.draft() is None
        published = store.policies.published()
        assert (published.number, published.reason, published.published_by) == (1, "It stops too much.", "m1")
        assert [e.action for e in store.audit.of([f"policy:{new.version}"])] == [
            "policy.published",
            "policy.drafted",
        ]


def test_a_rule_in_shadow_is_seen_and_decides_nothing(tools, submit):
    text = braking.into_shadow(tools.engine.policy, "personal-attack", "personal_attack")
    governing.publish(tools, text, "Watched first.", "m1")
    comment = submit("Mr. Baker, you are an imbecile.").comment
    with tools.database.read() as store:
        decision = store.comments.decision(comment)
    assert any(signal["detector"] == "personal_attack" for signal in decision.signals)
    rule = next(
        rule
        for rule in braking.rules(tools)
        if (rule.clause, rule.detector) == ("personal-attack", "personal_attack")
    )
    assert rule.in_shadow
    assert rule.fired == 1
    assert decision.clause != "personal-attack"


def test_publishing_needs_a_reason_and_a_change(tools):
    text = with_share(tools.engine, 0.3)
    with pytest.raises(InvalidInput) as refused:
        governing.publish(tools, text, " ", "m1")
    assert "reason" in refused.value.fields
    governing.publish(tools, text, "A looser brake.", "m1")
    with pytest.raises(Conflict):
        governing.publish(tools, text, "Again.", "m1")


def test_an_old_version_is_restored_and_other_processes_follow(tools):
    old, other = tools.engine.policy, Engine(tools.engine.policy, {}, tools.engine.detectors)
    elsewhere = replace(tools, engine=other)
    new = governing.publish(tools, with_share(tools.engine, 0.3), "A looser brake.", "m1")
    governing.adopt_published(elsewhere)
    assert other.policy.version == new.version
    assert governing.restore(tools, old.version, "Back again.", "m1").version == old.version
    governing.adopt_published(elsewhere)
    assert other.policy.version == old.version
    with pytest.raises(NotFound):
        governing.restore(tools, "none", "Back again.", "m1")


def test_golden_decisions_that_a_draft_turns_are_named(tools):
    draft = governing.read_draft(tools, braking.into_shadow(tools.engine.policy, "profanity", "profanity"))
    found = governing.golden(tools, draft)
    assert found.broken
    assert found.hold < found.rows
    assert any(after.case.clause == "profanity" for _, after in found.turned)


def attacks(tools, newsroom, number, clean):
    for n in range(number + clean):
        body = f"{ATTACK} ({n})" if n < number else f"I see the {n}th point otherwise, and here is why."
        submit_comment(tools, a_new_comment(newsroom.article, body, writer=a_writer(f"Writer{n}")))


def test_a_rule_that_stops_too_much_is_braked_told_and_audited(tools, newsroom, clock):
    governing.publish(tools, with_share(tools.engine, 0.3), "For few comments.", "m1")
    clock.advance(seconds=1)
    attacks(tools, newsroom, 5, 7)
    braked = braking.brake(tools)
    assert ("personal-attack", "personal_attack") in [(rule.clause, rule.detector) for rule in braked]
    clause = tools.engine.policy.clauses["personal-attack"]
    assert "personal_attack" in clause.in_shadow
    with tools.database.read() as store:
        published = store.policies.published()
        assert published.published_by == braking.BRAKE
        assert "5 of 12" in published.reason
        assert store.alerts.last("rule-braked").subject.startswith("rule:personal-attack.")
        events = [event.action for event in store.audit.page().items]
    assert "policy.braked" in events
    assert "alert.rule-braked" in events
    assert braking.brake(tools) == []  # once is enough


def test_a_raid_does_not_switch_off_the_rule_against_it(tools, newsroom, clock):
    attacks(tools, newsroom, 5, 7)
    assert braking.brake(tools) == []  # nobody has published a policy: the rules are the old ones
    governing.publish(tools, with_share(tools.engine, 0.3), "For few comments.", "m1")
    clock.advance(hours=tools.engine.policy.brake.hours, seconds=1)
    attacks(tools, newsroom, 5, 7)
    assert braking.brake(tools) == []


def test_a_rule_that_moderators_found_right_goes_on_however_much_it_stops(tools, newsroom, clock, review):
    text = with_share(tools.engine, 0.3).replace("reviewed = 20", "reviewed = 5")
    governing.publish(tools, text, "For few comments.", "m1")
    clock.advance(seconds=1)
    attacks(tools, newsroom, 6, 6)
    with tools.database.read() as store:
        stopped = [item.comment for item in store.desk.queue(now=clock(), states=("rejected",)).items]
    for number, comment in enumerate(stopped[:5]):
        review(comment, "approve")
        if number > 1:
            review(comment, "remove", clause="personal-attack")
    assert braking.brake(tools) == []


def test_a_rule_within_its_limits_goes_on(tools, newsroom, clock):
    governing.publish(tools, with_share(tools.engine, 0.5), "For few comments.", "m1")
    clock.advance(seconds=1)
    attacks(tools, newsroom, 3, 9)
    assert braking.brake(tools) == []


def test_a_rule_that_moderators_overturn_too_often_is_braked(tools, newsroom, clock, review):
    text = with_share(tools.engine, 1.0).replace("reviewed = 20", "reviewed = 5")
    governing.publish(tools, text, "For few comments.", "m1")
    clock.advance(seconds=1)
    attacks(tools, newsroom, 6, 6)
    with tools.database.read() as store:
        stopped = [item.comment for item in store.desk.queue(now=clock(), states=("rejected",)).items]
    for comment in stopped[:5]:
        review(comment, "approve")
    (braked,) = braking.brake(tools)
    assert (braked.clause, braked.reviewed, braked.overturned) == ("personal-attack", 5, 5)


def test_a_rule_taken_out_of_shadow_is_judged_by_what_it_does_since(tools, newsroom, clock):
    text = with_share(tools.engine, 0.3)
    governing.publish(tools, text, "For few comments.", "m1")
    clock.advance(seconds=1)
    attacks(tools, newsroom, 5, 7)
    assert braking.brake(tools)
    clock.advance(seconds=1)
    governing.publish(tools, text, "Out of shadow again.", "m1")
    assert braking.brake(tools) == []
