"""Deciding: signals and policy in, one verdict out, for reasons that can be read."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.engine.deciding import decide
from moderation.engine.types import Context, Signal, Span, Standing, Target, Verdict
from tests.builders import NOW


def signal(clause="personal-attack", score=0.9, detector="personal_attack", target=Target.READER, **more):
    return Signal(detector, "1", clause, score, target=target, **more)


@pytest.fixture
def context(policy):
    return Context(policy=policy, now=NOW)


def test_the_policy_s_thresholds_decide(context, policy):
    clause = policy.clauses["personal-attack"]
    expected = {
        clause.hold_at - 0.01: "publish",
        clause.hold_at: "hold",
        clause.reject_at - 0.01: "hold",
        clause.reject_at: "reject",
    }
    for score, verdict in expected.items():
        assert decide([signal(score=score)], context).verdict == verdict


def test_no_signal_publishes_with_a_score_of_zero_for_every_clause(context, policy):
    ruling = decide([], context)
    assert ruling.verdict is Verdict.PUBLISH
    assert ruling.reasons == ()
    assert ruling.scores == dict.fromkeys(policy.clauses, 0.0)


def test_the_gravest_clause_decides_and_all_reasons_are_kept(context):
    ruling = decide([signal("profanity", 0.95, "profanity"), signal("threat", 0.9, "threat")], context)
    assert [reason.clause for reason in ruling.reasons] == ["threat", "profanity"]


def test_a_rejection_goes_before_a_graver_clause_that_only_holds(context):
    ruling = decide([signal("profanity", 0.95, "profanity"), signal("threat", 0.6, "threat")], context)
    assert (ruling.verdict, ruling.reasons[0].clause) == (Verdict.REJECT, "profanity")


def test_of_equal_signals_the_first_in_the_text_is_the_reason_in_whatever_order_they_were_seen(context):
    early = signal("threat", 0.9, "threat", Target.READER, spans=(Span(0, 5),))
    late = signal("threat", 0.9, "threat", Target.NOBODY, spans=(Span(20, 25),))
    for seen in ([early, late], [late, early]):
        assert decide(seen, context).reasons[0].target is Target.READER


def test_the_target_weighs(context):
    """An insult at a reader is refused, the same at a public figure held, at oneself published."""
    verdicts = {t: decide([signal(target=t)], context).verdict for t in Target}
    assert verdicts[Target.READER] is Verdict.REJECT
    assert verdicts[Target.PUBLIC_FIGURE] is Verdict.HOLD
    assert verdicts[Target.SELF] is verdicts[Target.QUOTED] is Verdict.PUBLISH


def test_a_detector_the_policy_does_not_name_runs_in_shadow(context):
    assert decide([signal(detector="flooding", score=1.0)], context).verdict is Verdict.PUBLISH


def test_learning_alone_never_rejects(context, policy):
    for clause in policy.clauses:
        assert decide([signal(clause, 1.0, "learned")], context).verdict is not Verdict.REJECT


def test_a_failed_detector_holds(context):
    failed = Signal("links", "1", "detector-failed", 0.0, failed=True)
    ruling = decide([failed], context)
    assert (ruling.verdict, ruling.reasons[0].clause) == (Verdict.HOLD, "detector-failed")


def test_a_failed_detector_does_not_soften_a_rejection(context):
    failed = Signal("links", "1", "detector-failed", 0.0, failed=True)
    assert decide([failed, signal()], context).verdict is Verdict.REJECT


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"held_first": True}, "held-first"),
        ({"standing": Standing(premoderated_until=NOW + timedelta(days=1))}, "premoderated"),
    ],
)
def test_holds_without_offence_turn_a_publish_into_a_hold_and_leave_a_rejection(context, changes, clause):
    context = replace(context, **changes)
    held = decide([], context)
    assert (held.verdict, held.reasons[0].clause) == (Verdict.HOLD, clause)
    assert decide([signal()], context).verdict is Verdict.REJECT


def test_the_trace_of_a_blocked_author_holds_and_softens_no_rejection(context):
    trace = Signal("block_evasion", "1", "block-evasion", 1.0, matched_as="a1")
    held = decide([trace], context)
    assert (held.verdict, held.reasons[0].clause) == (Verdict.HOLD, "block-evasion")
    assert held.reasons[0].matched_as is None, "the reader does not learn whose trace it is"
    assert decide([trace, signal()], context).verdict is Verdict.REJECT


def test_without_a_confirmed_address_nothing_is_decided_and_nothing_held_against_anybody(context):
    ruling = decide([signal()], replace(context, unconfirmed=True))
    assert ruling.verdict is Verdict.HOLD
    assert [reason.clause for reason in ruling.reasons] == ["unconfirmed-address"]
    assert max(ruling.scores.values()) > 0  # what was seen is kept for the moderator


def test_premoderation_that_is_over_holds_nothing(context):
    assert decide([], replace(context, standing=Standing(premoderated_until=NOW))).verdict is Verdict.PUBLISH


def test_the_spans_of_a_rule_are_the_reason_where_a_model_agrees(context):
    rule = signal(spans=(Span(4, 9),), score=0.9)
    learned = signal(detector="learned", score=1.0, spans=(Span(0, 3),))
    assert decide([learned, rule], context).reasons[0].spans == (Span(4, 9),)


def test_overlapping_spans_become_one(context):
    found = decide([signal(spans=(Span(0, 5),)), signal(spans=(Span(3, 8),))], context)
    assert found.reasons[0].spans == (Span(0, 8),)


scores = st.floats(0, 1, allow_nan=False)


@given(first=scores, second=scores, clause=st.sampled_from(["threat", "personal-attack", "spam"]))
def test_raising_a_score_never_softens_a_verdict(policy, first, second, clause):
    context = Context(policy=policy, now=NOW)
    detector = {"threat": "threat", "personal-attack": "personal_attack", "spam": "links"}[clause]
    low, high = sorted((first, second))
    softer = decide([signal(clause, low, detector)], context).verdict
    harder = decide([signal(clause, high, detector)], context).verdict
    assert softer.order <= harder.order
