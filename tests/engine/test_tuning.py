"""Thresholds from error rates: found where the rows show them, refused where they do not."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from moderation.engine.policy import load_policy
from moderation.engine.rates import upper_limit
from moderation.engine.tuning import Judged, applied, draft, shares, tune
from moderation.engine.types import Context, Signal, Target, Verdict
from tests.builders import NOW

CLAUSE = "spam"  # no learned model and no weights: a signal's score is the clause's


@pytest.fixture
def stating(policy):
    """Return the policy with one clause that states rates."""

    def stating(**rates):
        clause = policy.clauses[CLAUSE].model_copy(update=rates)
        changed = policy.model_copy(update={"clauses": {**policy.clauses, CLAUSE: clause}})
        changed.__dict__.update(lexicon=policy.lexicon, readings=policy.readings, languages=policy.languages)
        return changed

    return stating


@pytest.fixture
def judged(policy):
    """Make a labelled comment with one signal of this score."""
    context = Context(policy=policy, now=NOW)

    def judged(score, offence=None, **more):
        return Judged((Signal("links", "1", CLAUSE, score, target=Target.NOBODY, **more),), context, offence)

    return judged


@pytest.fixture
def steps(judged):
    """2,000 comments at each tenth: below 0.6 none breaks the clause, at 0.6 and 0.7 half do, from 0.8 on all do."""
    return [
        judged(tenth / 10, CLAUSE if tenth >= 8 or (tenth >= 6 and number % 2) else None)
        for tenth in range(11)
        for number in range(2000)
    ]


def test_the_score_above_which_all_are_right_is_where_it_rejects(stating, steps):
    (found,) = tune(stating(reject_precision=0.99), steps)
    assert (found.key, found.errors, found.rows) == ("reject_at", 0, 6000)
    assert 0.7 < found.threshold <= 0.8


def test_the_score_below_which_none_breaks_it_is_where_it_holds(stating, steps):
    (found,) = tune(stating(publish_miss_rate=0.005), steps)
    assert (found.key, found.errors, found.rows) == ("hold_at", 0, 12000)
    assert 0.5 < found.threshold <= 0.6


def test_a_laxer_rate_rejects_more_and_holds_less(stating, steps):
    """Half of 2,000 wrong beside 6,000 right are 12.5 %; half of 2,000 missed beside 12,000 clean 7.1 %."""
    hold, reject = tune(stating(reject_precision=0.85, publish_miss_rate=0.1), steps)
    assert (reject.errors, reject.rows) == (1000, 8000)
    assert (hold.errors, hold.rows) == (1000, 14000)
    assert 0.6 < reject.threshold <= 0.7 < hold.threshold + 0.1


def test_few_rows_are_refused_with_how_many_it_takes(stating, judged):
    rows = [judged(0.9, CLAUSE)] * 100 + [judged(0.0)] * 100
    hold, reject = tune(stating(reject_precision=0.99, publish_miss_rate=0.005), rows)
    assert (hold.threshold, reject.threshold) == (None, None)
    assert "0 of 100 are wrong" in reject.refusal
    assert "about 299 such comments are needed" in reject.refusal
    assert upper_limit(0, 299) <= 0.01
    assert "hold_at refused" in str(hold)


def test_what_no_number_of_rows_could_show_is_said(stating, judged):
    rows = [judged(0.9, CLAUSE if number % 10 else None) for number in range(5000)]
    (found,) = tune(stating(reject_precision=0.99), rows)
    assert found.threshold is None
    assert "more labels of the same kind would not help" in found.refusal


def test_comments_that_nothing_sees_cannot_be_held(stating, judged):
    """Where the detectors are blind to what breaks the clause, no threshold keeps the promise."""
    rows = [judged(0.0, CLAUSE if number % 20 == 0 else None) for number in range(5000)]
    (found,) = tune(stating(publish_miss_rate=0.005), rows)
    assert found.threshold is None
    assert "would not help" in found.refusal


def test_no_comment_that_reaches_a_rejecting_score_is_said(stating, judged):
    (found,) = tune(stating(reject_precision=0.99), [judged(0.0)] * 1000)
    assert "none of the labelled comments reach a score" in found.refusal


def test_a_rejection_under_another_clause_is_right_and_a_miss_is_not(stating, judged):
    rows = [judged(0.9, "threat")] * 1000 + [judged(0.2, "threat")] * 2000
    hold, reject = tune(stating(reject_precision=0.99, publish_miss_rate=0.005), rows)
    assert reject.errors == 0
    assert hold.errors == 0


def test_what_is_not_confirmed_counts_for_holding_only(stating, judged):
    """It can never reject, so it shows nothing about rejections."""
    rows = [judged(0.9, CLAUSE, confirmed=False)] * 2000
    (found,) = tune(stating(reject_precision=0.9), rows)
    assert "none of the labelled comments" in found.refusal


def test_a_model_alone_still_never_rejects(policy, judged):
    """However right it was: below its weight nothing is a threshold."""
    id_ = "profanity"
    clause = policy.clauses[id_].model_copy(update={"reject_precision": 0.9})
    stated = policy.model_copy(update={"clauses": {**policy.clauses, id_: clause}})
    learned = Signal("learned", "1", id_, 1.0, target=Target.NOBODY)
    rows = [replace(judged(0), signals=(learned,), offence=id_)] * 2000
    (found,) = tune(stated, rows)
    assert found.threshold is None
    ruled = Signal("profanity", "1", id_, 1.0, target=Target.NOBODY)
    (found,) = tune(stated, [*rows, *[replace(judged(0), signals=(ruled,), offence=id_)] * 2000])
    assert found.threshold > clause.detectors["learned"]


def test_the_promise_is_kept_on_comments_like_those_labelled(stating, judged):
    """In 20 draws of noisy scores the precision promised is missed in the population at most as often as promised."""
    chance = random.Random(1)
    missed = tuned = 0
    for _ in range(20):
        rows = []
        for _ in range(2000):
            score = chance.random()
            rows.append(judged(score, CLAUSE if chance.random() < score else None))
        (found,) = tune(stating(reject_precision=0.85), rows)
        if found.threshold is not None:
            tuned += 1
            # A comment above t breaks the clause with the mean of [t, 1].
            missed += (1 + found.threshold) / 2 < 0.85
    assert tuned >= 15
    assert missed <= 2


def test_the_thresholds_found_are_those_that_decide(stating, steps):
    stated = stating(reject_precision=0.99, publish_miss_rate=0.005)
    tuned = applied(stated, tune(stated, steps))
    assert shares(tuned, steps) == {Verdict.PUBLISH: 12000, Verdict.HOLD: 4000, Verdict.REJECT: 6000}


def test_a_clause_never_holds_above_where_it_rejects(stating, judged):
    rows = [judged(score, CLAUSE) for score in (0.5, 0.9) for _ in range(3000)] + [judged(0.0)] * 9000
    stated = stating(reject_precision=0.9, publish_miss_rate=0.4)
    tuned = applied(stated, tune(stated, rows))
    assert tuned.clauses[CLAUSE].hold_at <= tuned.clauses[CLAUSE].reject_at


def test_a_draft_keeps_every_line_but_the_thresholds(stating, steps, policy):
    stated = stating(reject_precision=0.99, publish_miss_rate=0.005)
    tuned = applied(stated, tune(stated, steps))
    old, new = policy.source.splitlines(), draft(tuned).splitlines()
    changed = [(before, after) for before, after in zip(old, new, strict=True) if before != after]
    assert [before.split(" =")[0] for before, _ in changed] == ["hold_at", "reject_at"]
    assert f"hold_at = {tuned.clauses[CLAUSE].hold_at:g}" in [after for _, after in changed]


def test_a_draft_is_a_policy(stating, steps, tmp_path, policy):
    from moderation.settings import Settings  # noqa: PLC0415

    stated = stating(reject_precision=0.99)
    tuned = applied(stated, tune(stated, steps))
    path = Settings().policy_path
    (tmp_path / "seeds").mkdir()
    for written in (policy.written, policy.written_hy):
        (tmp_path / "seeds" / Path(written).name).write_bytes((path.parent / written).read_bytes())
    (tmp_path / "config").mkdir()
    for folder in ("lexicon", "languages"):
        (tmp_path / "config" / folder).symlink_to(path.parent / folder)
    (tmp_path / "config" / "draft.toml").write_text(draft(tuned), "utf-8")
    read = load_policy(tmp_path / "config" / "draft.toml")
    assert read.clauses[CLAUSE].reject_at == tuned.clauses[CLAUSE].reject_at
