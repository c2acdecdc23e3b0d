"""A candidate is made of what moderators decided, beside the live model and never over it; the gate judges it."""

import json
import re
import subprocess
import sys

import pytest

from moderation.bootstrap.engine import engine_with
from moderation.classifier import artefact, ledger
from moderation.classifier.datasets import LABELS
from moderation.engine.text import Text
from moderation.errors import InvalidInput, ModelRefused
from moderation.services import learning
from moderation.services.labelling import Limits
from moderation.services.remembering import erase_author
from moderation.store.tables import AuditEvent
from tests.builders import a_discussion
from tests.school import GOLDEN, OURS, a_candidate, a_model, judged
from tests.workbench import rows

LIMITS = Limits(fewest=50)


@pytest.fixture
def tools(learning_tools):
    return learning_tools


@pytest.fixture
def decisions(tools):
    """150 comments approved and 150 rejected, about a fifth of either held out."""
    with tools.database.begin() as store:
        discussion = a_discussion(store)
        return [judged(store, discussion, 150, rude=rude) for rude in (False, True)]


@pytest.fixture
def learn(tools, school):
    def learn(**changes) -> str:
        given = {"limits": LIMITS, "progress": False} | changes
        return learning.learn(tools, school.recipe, school.data, "cli", **given)

    return learn


@pytest.fixture
def gate(tools):
    def gate(version: str) -> dict:
        folder = ledger.folder_of(tools.settings.learned_dir, version)
        found = learning.gate(tools, version, engine_with(tools.settings, tools.engine, folder), "cli")
        report = json.loads((folder / learning.GATE).read_bytes())
        assert report["passed"] == all(check.passed for check in found)
        return report | {"failed": [check.name for check in found if not check.passed]}

    return gate


def test_a_candidate_knows_what_moderators_reject_and_passes_the_gate(tools, school, decisions, learn, gate):
    shipped = (school.home / "models" / "first" / artefact.WEIGHTS).read_bytes()
    version = learn()
    folder = ledger.folder_of(tools.settings.learned_dir, version)
    rude, calm = artefact.load(folder).score(
        [Text("people zumpet the road"), Text("people came to the road")]
    )
    assert calm["personal-attack"] < 0.3 < rude["personal-attack"]
    assert (school.home / "models" / "first" / artefact.WEIGHTS).read_bytes() == shipped
    assert [path.name for path in tools.settings.learned_dir.iterdir()] == [version]
    report = gate(version)
    assert report["failed"] == [], report["checks"]
    assert report["candidate"] == {"version": version, "digest": ledger.digest_of(folder)}
    assert report["live"] == tools.engine.model_versions
    trained, gated = rows(tools.database, AuditEvent)
    assert (trained.action, gated.action) == ("model.trained", "model.gated")
    assert trained.detail["digest"] == gated.detail["digest"] == report["candidate"]["digest"]
    assert gated.detail["passed"] is True


def test_what_a_candidate_was_made_of_is_written_down_without_a_word_of_it(tools, decisions, learn):
    folder = ledger.folder_of(tools.settings.learned_dir, learn())
    record = json.loads((folder / learning.DECISIONS).read_bytes())
    assert record["training"]["rows"] + record["held_out"]["rows"] == 300
    assert record["policy"] == tools.engine.policy.version
    assert learning.DECISIONS in json.loads((folder / artefact.MANIFEST).read_bytes())["files"]
    for path in folder.iterdir():
        if path.suffix in (".json", ".md", ".toml", ".svg"):
            assert not re.search("|".join(OURS), path.read_text("utf-8")), path


def test_learning_again_from_the_same_rows_gives_the_same_model(decisions, learn):
    assert learn() == learn()


def test_neither_held_out_rows_nor_those_of_erased_authors_train(tools, decisions, learn, monkeypatch):
    """All that reaches the training is looked at."""
    _, rejected = decisions
    gone = rejected[0]
    erase_author(tools, gone.author_id, "cli")
    seen = []

    def train(*_, decisions, into, **__):
        seen.append(decisions)
        a_model(into)

    monkeypatch.setattr("moderation.classifier.training.train", train)
    learn()
    (corpus,) = seen
    held_out = learning.lessons(tools, LIMITS).held_out
    assert len(held_out) > 20
    assert not {Text(row.text).folded for row in held_out} & set(corpus.texts)
    assert Text(gone.body).folded not in corpus.texts
    assert len(corpus) + len(held_out) == 299
    column = corpus.values[:, LABELS.index("personal-attack")]
    rude = [bool(set(OURS) & set(text.split())) for text in corpus.texts]
    assert (column == rude).all()


def test_too_few_decisions_are_refused_with_their_number(tools, learn, decisions):
    with pytest.raises(InvalidInput, match="decisions to learn from; 5000 are needed"):
        learn(limits=Limits(fewest=5000))
    assert not tools.settings.learned_dir.exists()


def test_a_training_that_fails_leaves_nothing_behind(tools, learn, decisions, school, monkeypatch):
    with pytest.raises(InvalidInput, match="not there"):
        learning.learn(tools, school.recipe, school.home, "cli", limits=LIMITS, progress=False)
    assert [*tools.settings.learned_dir.iterdir()] == []
    assert rows(tools.database, AuditEvent) == []


def test_a_worse_candidate_does_not_pass(tools, decisions, gate):
    report = gate(a_candidate(tools, minds=("council", "people"), by=5.0))
    assert "ranking" in report["failed"]
    assert "is not shown to be better" in str(report["checks"]) or "worse on" in str(report["checks"])


def test_a_candidate_that_stops_what_moderators_approve_does_not_pass(tools, decisions, gate):
    """It ranks well, for the rude words weigh more still."""
    report = gate(a_candidate(tools, minds=(*OURS, *OURS, "the", "and", "to", "people"), by=9.0))
    assert "stopped" in report["failed"]


def test_a_candidate_that_turns_a_golden_decision_does_not_pass(tools, school, decisions, gate):
    path = school.home / "config" / "decisions" / "innocent.en.toml"
    extra = '[[case]]\nbody = "people came to listen near the old grelk road and the school"\nverdict = "publish"\nwhy = "A place."\n'
    path.write_text(GOLDEN + extra, "utf-8")
    try:
        report = gate(a_candidate(tools))
    finally:
        path.write_text(GOLDEN, "utf-8")
    assert report["failed"] == ["golden"]
    (check,) = (check for check in report["checks"] if check["name"] == "golden")
    assert check["figures"]["turned"] == [
        {
            "file": "innocent.en.toml",
            "body": "people came to listen near the old grelk road and the school",
            "before": "publish",
            "after": "hold personal-attack",
        }
    ]


def test_a_candidate_that_minds_a_group_does_not_pass(tools, decisions, gate):
    report = gate(a_candidate(tools, minds=(*OURS, "old"), by=9.0))
    assert "groups" in report["failed"]


def test_without_enough_held_out_decisions_nothing_passes(tools, gate):
    report = gate(a_candidate(tools))
    assert report["failed"] == ["ranking"]
    assert report["checks"][0]["reason"] == "There are 0 held-out decisions; 50 are needed to compare by."


def test_a_model_that_was_not_trained_here_is_not_even_compared(tools, decisions):
    folder = a_model(tools.settings.learned_dir / "foreign" / "first")
    foreign = artefact.load(folder).version
    folder.parent.rename(tools.settings.learned_dir / foreign)
    challenger = engine_with(tools.settings, tools.engine, tools.settings.learned_dir / foreign / "first")
    with pytest.raises(ModelRefused, match="not a model that was trained here"):
        learning.gate(tools, foreign, challenger, "cli")


def test_a_folder_that_changed_after_training_is_not_even_compared(tools, decisions, gate):
    version = a_candidate(tools)
    (tools.settings.learned_dir / version / "first" / "metrics.json").write_text("{}")
    with pytest.raises(ModelRefused, match=r"not as it was made: metrics\.json"):
        gate(version)


@pytest.mark.parametrize("version", ["nothing", "../first", "", "a/b", "\0"])
def test_a_candidate_that_is_not_there_is_named(tools, gate, version):
    with pytest.raises(ModelRefused, match="no candidate"):
        gate(version)


def test_serving_and_the_gate_load_no_training_library():
    code = (
        "import sys, moderation.web, moderation.services.learning, moderation.services.promoting, moderation.worker\n"
        "assert not {'sklearn', 'scipy', 'pyarrow', 'altair'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
