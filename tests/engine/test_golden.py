"""The golden decisions of `config/decisions`, decided by the whole engine as it is served."""

import pytest

from moderation.bootstrap.engine import build_engine
from moderation.engine.golden import read_golden, run_golden
from moderation.engine.types import Context, Submission, Verdict
from moderation.errors import PolicyInvalid
from moderation.settings import Settings
from tests.builders import NOW


@pytest.fixture(scope="module")
def outcomes():
    settings = Settings()
    engine = build_engine(settings)
    return run_golden(engine, read_golden(settings.policy_path.parent / "decisions", engine.policy), NOW)


def test_every_golden_decision_that_must_hold_does(outcomes):
    missed = [(o.case.body, o.got) for o in outcomes if not (o.holds or o.case.aside or o.case.known_miss)]
    assert missed == []


def test_no_innocent_comment_is_rejected_aside_or_not(outcomes):
    silenced = [o.case.body for o in outcomes if o.case.verdict == "publish" and o.got.startswith("reject")]
    assert silenced == []


def test_what_costs_the_higher_points_without_a_moderator_is_rejected_under_the_two_gravest_clauses():
    settings = Settings()
    engine = build_engine(settings)
    cases = read_golden(settings.policy_path.parent / "decisions", engine.policy)
    severe: dict[str | None, set[str]] = {}
    for case in cases:
        context = Context(
            policy=engine.policy,
            now=NOW,
            article=case.article,
            parent=case.parent,
            author_name=case.author,
        )
        decision = engine.decide(Submission(site_id="", body=case.body, received_at=NOW), context)
        if decision.verdict is not Verdict.REJECT:
            continue
        clause = engine.policy.clauses[str(decision.clause)]
        if clause.points(score=decision.reasons[0].score) > clause.strike_points:
            assert case.verdict is Verdict.REJECT, case.body
            severe.setdefault(decision.clause, set()).add(case.body)
    assert set(severe) == {"threat", "identity-attack"}
    assert {"I will shoot you.", "Kill yourself."} <= severe["threat"]
    assert "1915 should be repeated." in severe["identity-attack"]
    rejected = {case.body for case in cases if case.clause in severe and case.verdict is Verdict.REJECT}
    share = sum(map(len, severe.values())) / len(rejected)
    assert 0.2 < share < 0.6  # the gravest of these clauses, not all of them


def test_every_clause_has_golden_decisions(outcomes):
    tested = {outcome.case.clause for outcome in outcomes}
    assert {
        "profanity",
        "personal-attack",
        "identity-attack",
        "threat",
        "sexual",
        "private-details",
        "spam",
        "flooding",
        "unread-language",
        None,
    } <= tested


def test_a_row_with_an_unknown_clause_is_refused(tmp_path, policy):
    (tmp_path / "x.toml").write_text(
        'language = "en"\n[[case]]\nbody = "a"\nverdict = "hold"\nclause = "mood"\nwhy = "b"\n'
    )
    with pytest.raises(PolicyInvalid, match="mood"):
        read_golden(tmp_path, policy)
