"""The report puts every system on the same rows, in Markdown and on a page that loads nothing."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import numpy as np
import pytest

from moderation.classifier import systems
from moderation.classifier.artefact import LinearScorer
from moderation.classifier.document import Chart, Section, Table, as_html, as_markdown
from moderation.classifier.evaluation import thresholds_of
from moderation.classifier.reporting import report
from moderation.classifier.systems import (
    CLEAN_CUT,
    VERDICT,
    System,
    cuts_of,
    of_engine,
    of_scorer,
    share,
    stages,
)
from moderation.engine import Engine
from moderation.engine.text import Text
from tests.builders import NOW

SECTIONS = [
    Section("One & only", ["Plain <text>.", Table(("a", "b"), [("x<y", 0.5), ("z", None)])]),
    Section("Drawn", [Chart("roc", "How it ranks", "<svg></svg>")]),
]


def test_markdown_and_html_say_the_same():
    text, page = as_markdown("Figures", SECTIONS), as_html("Figures", SECTIONS)
    assert "## One & only\n\nPlain <text>.\n\n| a | b |" in text
    assert "![How it ranks](roc.svg)" in text
    assert "<p>Plain &lt;text&gt;.</p>" in page
    assert "<td>x&lt;y</td><td>0.500</td>" in page
    assert '<h2 id="s1">Drawn</h2>' in page
    assert "<svg></svg>" in page


def test_a_model_scores_as_it_does_alone(toy):
    texts = ["You blorgo", "the council met", ""] * 200
    found = of_scorer(toy, {"personal-attack": (0.4, 1.2), "unknown": (0.1, 0.2)}).score(texts)
    alone = toy.score([Text(text) for text in texts])
    assert found["personal-attack"].tolist() == [scores["personal-attack"] for scores in alone]


@dataclass(frozen=True)
class Doubting:
    """A cascade: its first stage's word, but for texts in a script it cannot read."""

    first: LinearScorer
    name: str = "both"
    version: str = "2"
    labels: tuple[str, ...] = ("personal-attack", "spam")

    def score(self, texts, contexts=()):
        return [
            {} if not text.original.isascii() else answer
            for text, answer in zip(texts, self.first.score(texts), strict=True)
        ]

    def explain(self, text, label):
        return self.first.explain(text, label)


def test_a_cascade_is_measured_beside_its_first_stage(toy, policy):
    engine = Engine(policy, {"both": Doubting(toy)})
    assert list(stages(engine)) == ["toy", "both"]
    names = [system.name for system in systems.own(engine, NOW)]
    assert names == ["toy", "both", "whole decision", "rules alone"]
    found = of_scorer(Doubting(toy), {}).score(["You blorgo", "սա ի՞նչ է"])
    assert found["personal-attack"][0] > 0.5
    assert found["personal-attack"][1] == 0


def test_a_threshold_no_score_reaches_is_no_cut(toy):
    assert of_scorer(toy, {"personal-attack": (0.4, 1.2)}).cuts == {"personal-attack": {"hold": 0.4}}


def test_the_engine_is_measured_by_its_clauses_and_its_verdict(engine):
    found = of_engine(engine, NOW, "engine").score(["You are an idiot.", "The council met again."])
    assert found[VERDICT].tolist() == [1, 0]
    assert found["personal-attack"][0] >= engine.policy.clauses["personal-attack"].reject_at
    assert found["toxicity"][0] >= found["personal-attack"][0]
    assert found["personal-attack"][1] < engine.policy.clauses["personal-attack"].hold_at


def test_the_cut_of_clean_comments_is_left_out_where_they_tie_at_nothing():
    clean = np.ones(200, dtype=bool)
    system = System("s", "1", lambda texts: {}, {"toxicity": {"yes": 0.5}})
    ties = np.zeros(200)
    assert cuts_of(system, {"toxicity": ties}, "toxicity", clean) == {"yes": 0.5}
    spread = np.linspace(0, 1, 200)
    cut = cuts_of(system, {"toxicity": spread}, "toxicity", clean)[CLEAN_CUT]
    assert (spread >= cut).mean() <= 0.01 + 1 / 200


def test_shares_come_with_their_interval():
    assert share([True, False, False, False]) == "25.0 (4.6-69.9) %"
    assert share([]) == "–"


class Loads(HTMLParser):
    """Collects what a page would load."""

    def __init__(self):
        super().__init__()
        self.loaded = []

    def handle_starttag(self, tag, attrs):
        self.loaded += [
            value for name, value in attrs if name in {"src", "href"} and not (value or "").startswith("#")
        ]


@pytest.fixture(scope="module")
def written(data, toy, tmp_path_factory, policy):
    """The report on the toy model, the rules and a slow peer."""
    engine = Engine(policy, {"toy": toy})
    slow = System(
        "peer",
        "9",
        lambda texts: dict.fromkeys(
            ("toxicity", "personal-attack"), np.array(["blorgo" in t for t in texts], float)
        ),
        {"personal-attack": {"yes": 1.0}},
        slow=True,
    )
    out = tmp_path_factory.mktemp("report")
    report(data, out, engine, [*systems.own(engine, NOW), slow])
    return out


def test_the_report_has_every_section_and_system(written):
    text = (written / "report.md").read_text("utf-8")
    for title in (
        "How well they rank",
        "Calibration",
        "Operating points",
        "Slices",
        "HateCheck",
        "Bias",
        "Robustness",
    ):
        assert f"## {title}" in text
    for name in ("toy", "whole decision", "rules alone", "peer"):
        assert f"| {name} |" in text
    for name in re.findall(r"\]\(([^)]+\.svg)\)", text):
        assert (written / name).read_text("utf-8").startswith("<svg")


def test_slow_systems_are_ranked_on_the_sample_beside_all_others(written):
    text = (written / "report.md").read_text("utf-8")
    head = "| label | source | rows | cases | toy | whole decision | rules alone | peer |"
    assert text.count(head) == 1
    line = next(
        line
        for line in text.splitlines()
        if line.startswith("| personal-attack | toxic_spans") and line.count("|") == 9
    )
    assert float(line.split("|")[-2]) < 0.8


def test_of_several_sources_the_mean_is_told(written):
    lines = [line.split(" | ") for line in (written / "report.md").read_text("utf-8").splitlines()]
    ranked = [line for line in lines if line[0] == "| personal-attack" and len(line) == 7]
    *sources, mean = ranked[: 1 + next(at for at, line in enumerate(ranked) if line[1].startswith("mean"))]
    assert len(sources) > 1
    areas = [float(line[4].partition(" ")[0]) for line in sources]
    assert float(mean[4]) == pytest.approx(sum(areas) / len(areas), abs=0.001)


def test_the_page_loads_nothing(written):
    parser = Loads()
    parser.feed((written / "report.html").read_text("utf-8"))
    assert parser.loaded == []


def test_thresholds_of_a_model_alone_are_those_of_its_weight(policy):
    clause = policy.clauses["personal-attack"]
    weight = clause.detectors["learned"]
    assert thresholds_of(policy)["personal-attack"] == (clause.hold_at / weight, clause.reject_at / weight)
    assert "spam" not in thresholds_of(policy)
