"""What the gate asks, on two small models: better or not, and at whose cost."""

from collections.abc import Mapping

import pytest

from moderation.classifier import gating
from moderation.classifier.bias import Filled
from moderation.classifier.gating import HeldOut
from moderation.engine import Engine
from moderation.engine.golden import SEEDED, Case
from moderation.engine.types import Context, Submission, Verdict
from tests.builders import NOW


class Minding:
    """A model that gives a score to texts with a word in them."""

    name, version, labels = "minding", "minding-1", ("personal-attack",)

    def __init__(self, scores: Mapping[str, float], otherwise: float = 0.01) -> None:
        self.scores, self.otherwise = scores, otherwise

    def score(self, texts, contexts=()):
        return [
            {
                "personal-attack": max(
                    (score for word, score in self.scores.items() if word in text.folded),
                    default=self.otherwise,
                )
            }
            for text in texts
        ]

    def explain(self, text, label):
        return ()


@pytest.fixture
def minding(engine):
    def minding(otherwise: float = 0.01, **scores: float) -> Engine:
        learned = [detector for detector in engine.detectors if detector.name == "learned"]
        return Engine(engine.policy, {"minding": Minding(scores, otherwise)}, learned)

    return minding


@pytest.fixture
def held_out(engine):
    """Thirty comments each with `bad`, rejected, and with `odd` or neither, approved."""

    def row(body: str, *, bad: bool) -> HeldOut:
        verdict = Verdict.REJECT if bad else Verdict.PUBLISH
        return HeldOut(
            Submission("", body), Context(engine.policy, NOW), {"personal-attack": float(bad)}, verdict
        )

    return [
        row(f"No {number} {word}.", bad=word == "bad")
        for number in range(30)
        for word in ("bad", "odd", "calm")
    ]


def failed(checks) -> list[str]:
    return [check.name for check in checks if not check.passed]


def test_what_ranks_better_passes(minding, held_out):
    checks = gating.on_decisions(minding(odd=0.1, bad=0.1), minding(odd=0.1, bad=0.9), held_out)
    assert failed(checks) == []
    figures = checks[0].figures["labels"]["personal-attack"]
    assert (figures["live"], figures["candidate"]) == (0.75, 1.0)
    assert 0 < figures["low"] < 0.25 < figures["high"]
    assert (checks[1].figures["live"], checks[1].figures["candidate"]) == (30, 0)


def test_the_same_again_is_not_better(minding, held_out):
    checks = gating.on_decisions(minding(bad=0.9), minding(bad=0.9), held_out)
    assert failed(checks) == ["ranking"]
    assert "is not shown to be better" in checks[0].reason


def test_what_is_worse_is_named_by_label(minding, held_out):
    checks = gating.on_decisions(minding(bad=0.9), minding(odd=0.1), held_out)
    assert failed(checks) == ["ranking", "passed"]
    assert "worse on personal-attack" in checks[0].reason
    assert checks[1].reason == "Of 30 rejected by moderators that pass: 30, live 0."


def test_what_ranks_better_and_stops_good_comments_does_not_pass(minding, held_out):
    checks = gating.on_decisions(minding(odd=0.1, bad=0.1), minding(odd=0.8, bad=0.9), held_out)
    assert failed(checks) == ["stopped"]
    assert checks[2].reason == "Of 60 approved by moderators that are held or rejected: 30, live 0."


def test_too_few_decisions_or_cases_say_nothing(minding, held_out):
    assert "50 are needed" in gating.on_decisions(minding(), minding(), held_out[:49])[0].reason
    calm = [row for row in held_out if row.verdict is Verdict.PUBLISH]
    checks = gating.on_decisions(minding(), minding(bad=0.9), calm)
    assert failed(checks) == ["ranking"]
    assert checks[0].reason.startswith("No label has 10 held-out decisions on either side")


def test_a_label_the_live_model_does_not_know_is_not_asked(engine, minding, held_out):
    checks = gating.on_decisions(Engine(engine.policy, {}, []), minding(bad=0.9), held_out)
    assert checks[0].reason.startswith("No label")


def a_case(body: str, verdict: Verdict) -> Case:
    return Case(
        "f.toml",
        body,
        verdict,
        None if verdict is Verdict.PUBLISH else "personal-attack",
        "",
        "",
        SEEDED,
        None,
        False,
        False,
    )


def test_only_golden_decisions_that_held_can_be_turned(minding):
    cases = [a_case("bad", Verdict.HOLD), a_case("odd", Verdict.PUBLISH)]
    check = gating.on_golden(minding(odd=0.9, bad=0.9), minding(bad=0.9), cases, NOW)
    assert (check.passed, check.figures["turned"]) == (True, [])
    assert check.reason == "2 of 2 golden decisions hold, live 1; none that held is turned."
    check = gating.on_golden(minding(odd=0.9, bad=0.9), minding(), cases, NOW)
    assert not check.passed
    assert [turned["body"] for turned in check.figures["turned"]] == ["bad"]


SENTENCES = [
    Filled(f"The {group} school.", "The {} school.", group) for group in ("Greek", "Kurdish", "Arab")
]


@pytest.mark.parametrize(
    ("scores", "passes"),
    [
        ({"kurdish": 0.1}, True),  # as the live model
        ({"kurdish": 0.105}, True),  # within the tolerance
        ({"kurdish": 0.15}, False),  # a wider gap
        ({"otherwise": 0.1}, True),  # the same for all
        ({"otherwise": 0.9}, False),  # the same for all, and all held
    ],
)
def test_no_group_may_fall_behind_and_no_more_may_be_held(minding, scores, passes):
    check = gating.on_groups(minding(kurdish=0.1), minding(**scores), SENTENCES, NOW)
    assert check.passed is passes
