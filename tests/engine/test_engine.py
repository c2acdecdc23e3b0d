"""The engine: the only door, and what happens when something behind it breaks."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.engine import Engine
from moderation.engine.types import Context, Parent, Signal, Span, Submission, Verdict
from tests.builders import NOW


@dataclass
class Stub:
    """A detector made for a test."""

    what: object
    name: str = "stub"
    version: str = "1"

    def detect(self, text, context):
        if isinstance(self.what, Exception):
            raise self.what
        yield Signal.of(self, "profanity", self.what, (Span(0, 1),))


@dataclass
class Model:
    """A scorer made for a test."""

    scores: object
    name: str = "model"
    version: str = "model-1"
    labels: tuple = ("toxicity", "personal-attack")

    def score(self, texts, contexts):
        if isinstance(self.scores, Exception):
            raise self.scores
        return [dict(self.scores) for _ in texts]

    def explain(self, text, label):
        return (Span(0, 3),)


def submit(engine, policy, body="Hello there, my friend.", **context):
    return engine.decide(Submission(site_id="s", body=body), Context(policy=policy, now=NOW, **context))


def test_a_detector_that_raises_holds_the_comment_and_is_told_of(policy):
    failures = []
    engine = Engine(
        policy, {}, [Stub(ValueError("x"))], lambda name, error: failures.append((name, type(error)))
    )
    decision = submit(engine, policy)
    assert (decision.verdict, decision.clause) == (Verdict.HOLD, "detector-failed")
    assert failures == [("stub", ValueError)]


def test_a_model_that_raises_holds_every_comment_of_its_batch(policy):
    failures = []
    engine = Engine(policy, {"m": Model(RuntimeError("x"))}, [], lambda name, error: failures.append(name))
    pairs = [(Submission(site_id="s", body="a"), Context(policy=policy, now=NOW))] * 3
    assert {d.clause for d in engine.decide_many(pairs)} == {"detector-failed"}
    assert failures == ["m"]


def test_a_decision_names_what_it_was_made_by(policy):
    decision = submit(Engine(policy, {"m": Model({"toxicity": 0.3})}), policy)
    assert decision.policy_version == policy.version
    assert decision.model_versions == {"m": "model-1"}
    assert decision.engine_version


def test_toxicity_is_the_learned_overall_score(policy):
    decision = submit(Engine(policy, {"m": Model({"toxicity": 0.3, "personal-attack": 0.1})}), policy)
    assert decision.scores["toxicity"] == pytest.approx(0.3)
    assert set(decision.scores) == {*policy.clauses, "toxicity"}


def test_a_sure_model_holds_and_marks_what_raised_its_score(policy):
    decision = submit(
        Engine(policy, {"m": Model({"personal-attack": 0.99})}), policy, "You there, listen to the man."
    )
    assert (decision.verdict, decision.clause) == (Verdict.HOLD, "personal-attack")
    assert decision.reasons[0].spans == (Span(0, 3),)


def test_many_decisions_stand_in_the_order_of_the_comments(rules, policy):
    bodies = ["Thank you.", "This is fucking bullshit.", "Well said."]
    pairs = [(Submission(site_id="s", body=b), Context(policy=policy, now=NOW)) for b in bodies]
    assert [d.verdict for d in rules.decide_many(pairs)] == [Verdict.PUBLISH, Verdict.REJECT, Verdict.PUBLISH]


def test_a_decision_becomes_the_public_object(decide):
    body = "You are a pathetic idiot"
    public = decide(body, parent=Parent("Ani", "I think so.")).as_public()
    assert public["verdict"] == "reject"
    assert public["clause"] == "personal-attack"
    (reason,) = public["reasons"]
    assert [body[start:end] for start, end in reason["spans"]] == ["pathetic", "idiot"]
    assert reason["target"] == "reader"
    assert reason["sentence"] == "Argue with what was said, not with who said it."


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_a_decision_whose_spans_lie_within_it(rules, policy, body):
    decision = submit(rules, policy, body)
    assert not any(signal.failed for signal in decision.signals)
    for reason in decision.reasons:
        for span in reason.spans:
            assert 0 <= span.start <= span.end <= len(body)


WORST = [
    "a ",
    "f.",
    "1a",
    "you are ",
    "ա՞ ",
    "a\u0301",
    "@x ",
    "http://a.b ",
    "kill ",
    '"a ',
    "8 1 8 ",
    "turks are ",
    "https://",
    "idiot ",
    "ｆ",
    "\u202e",
    "🤬",
    "<a>",
]


@pytest.mark.parametrize("unit", WORST)
def test_the_longest_comment_of_any_sort_is_decided(rules, policy, unit):
    """The cost is measured by the bench; here it is enough that nothing hangs or fails."""
    decision = submit(rules, policy, (unit * 10_000)[:10_000])
    assert not any(signal.failed for signal in decision.signals)


@given(
    st.sampled_from(
        ["I disagree with this.", "Aliyev is a liar.", "The war was a crime.", "Damn, what a pity."]
    )
)
def test_a_comment_is_never_judged_harder_than_itself_with_an_insult(rules, policy, comment):
    softer = submit(rules, policy, comment).verdict
    harder = submit(rules, policy, comment + " You are a pathetic idiot.").verdict
    assert softer.order <= harder.order
