"""Which models decide after a start or a reload: those in force, or the last good ones where a file does not hold."""

import json

import pytest

from moderation.bootstrap.engine import adopt_models, build_engine, engine_with
from moderation.bootstrap.tools import build_tools, reload_models
from moderation.classifier import artefact, ledger
from moderation.classifier.ledger import Entry, Ledger
from moderation.engine.types import Context, Submission
from moderation.errors import ModelRefused
from moderation.settings import Settings
from tests.builders import NOW
from tests.school import a_model
from tests.workbench import a_log, tools_over


@pytest.fixture
def learned(tmp_path):
    return tmp_path / "learned"


@pytest.fixture
def settings(school, learned):
    return Settings(**school.places(learned), database_url="sqlite://")


@pytest.fixture
def promoted(learned):
    """Put two models into force, one after the other; return their versions."""
    entries = []
    for word in ("zumpet", "grelk"):
        folder = a_model(learned / ".made" / "first", (word,))
        version = artefact.load(folder).version
        folder.parent.rename(learned / version)
        digest = ledger.digest_of(learned / version / "first")
        entries.append(Entry(name="first", version=version, digest=digest))
    ledger.write_ledger(learned, Ledger(promoted=tuple(entries)))
    return [entry.version for entry in entries]


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def foreign(path):
    """Another model altogether, sealed and whole."""
    a_model(path.parent, ("council",))


def poisoned(path):
    """Weights that mind nothing, with a manifest that fits them."""
    with path.open("wb") as file:
        file.write(b"\x80\x04.")  # an empty pickle
    artefact.seal(path.parent)


DAMAGES = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "flipped": flipped,
    "foreign": foreign,
    "poisoned": poisoned,
    "gone": lambda path: path.unlink(),
    "manifest gone": lambda path: (path.parent / artefact.MANIFEST).unlink(),
    "manifest changed": lambda path: flipped(path.parent / artefact.MANIFEST),
}


def test_the_last_promoted_model_decides(settings, promoted):
    engine = build_engine(settings)
    assert (engine.model_versions, engine.models.refused) == ({"first": promoted[1]}, ())


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_file_that_does_not_hold_is_refused_and_the_last_good_model_decides(
    settings, learned, promoted, damage, school
):
    damage(learned / promoted[1] / "first" / artefact.WEIGHTS)
    engine = build_engine(settings)
    assert (engine.model_versions, engine.models.refused) == ({"first": promoted[0]}, (promoted[1],))
    damage(learned / promoted[0] / "first" / artefact.WEIGHTS)
    engine = build_engine(settings)
    assert engine.model_versions == school.engine.model_versions
    assert engine.models.refused == (promoted[1], promoted[0])


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_breaks_while_it_serves_changes_nothing_but_what_is_told(settings, learned, promoted, damage):
    engine = build_engine(settings)
    ledger.write_ledger(learned, Ledger(promoted=ledger.read_ledger(learned).promoted[:1]))
    adopt_models(settings, engine)
    ledger.write_ledger(
        learned, ledger.read_ledger(learned).with_promoted(entry_of(learned, promoted[1]), NOW, "m")
    )
    damage(learned / promoted[1] / "first" / artefact.WEIGHTS)
    adopt_models(settings, engine)
    assert (engine.model_versions["first"], engine.models.refused) == (promoted[0], (promoted[1],))


def entry_of(learned, version):
    return Entry(name="first", version=version, digest=ledger.digest_of(learned / version / "first"))


@pytest.mark.parametrize("content", [b"", b"{", b'{"promoted": [{"name": "../first"}]}', b"\xff", b"[]"])
def test_a_ledger_that_does_not_hold_is_refused(settings, learned, promoted, content, school):
    """At the start the shipped models decide; while it serves, those in use go on."""
    serving = build_engine(settings)
    (learned / ledger.LEDGER).write_bytes(content)
    started = build_engine(settings)
    assert started.model_versions == school.engine.model_versions
    adopt_models(settings, serving)
    assert serving.model_versions == {"first": promoted[1]}
    assert started.models.refused == serving.models.refused == (ledger.LEDGER,)


def test_where_not_even_the_shipped_models_hold_nothing_starts_and_nothing_is_dropped(
    settings, school, learned, promoted, tmp_path
):
    engine = build_engine(settings)
    for version in promoted:
        DAMAGES["gone"](learned / version / "first" / artefact.WEIGHTS)
    broken = settings.model_copy(update={"models_dir": tmp_path / "models"})
    (tmp_path / "models" / "first").mkdir(parents=True)
    with pytest.raises(ModelRefused):
        build_engine(broken)
    with pytest.raises(ModelRefused):
        adopt_models(broken, engine)
    assert engine.model_versions == {"first": promoted[1]}


def test_what_is_refused_is_in_the_log_by_version(settings, learned, promoted):
    DAMAGES["truncated"](learned / promoted[1] / "first" / artefact.WEIGHTS)
    with a_log() as log:
        build_tools(settings)
        # build_tools sends the log to standard error; what follows is collected
    with a_log() as log:
        tools = tools_over(None, build_engine(settings), None, None, **settings_of(settings))
        assert reload_models(tools)
    events = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["models_loaded", "model_refused"]
    assert events[1]["model"] == promoted[1]
    assert events[1]["in_use"] == {"first": promoted[0]}


def settings_of(settings):
    return {name: getattr(settings, name) for name in ("policy_path", "models_dir", "learned_dir")}


def test_a_reload_that_fails_keeps_what_is_in_use_and_says_so(settings, promoted, tmp_path):
    engine = build_engine(settings)
    broken = settings_of(settings) | {"models_dir": tmp_path / "nowhere"}
    with a_log() as log:
        assert not reload_models(tools_over(None, engine, None, None, **broken))
    assert engine.model_versions == {"first": promoted[1]}
    assert json.loads(log.getvalue())["event"] == "models_kept"


def test_a_decision_ends_by_the_models_it_began_with(settings, learned, promoted):
    """The model is replaced while it is asked; words, scores and version are the old one's."""
    engine = build_engine(settings)

    class Replaced:
        name, version, labels = "first", "old", ("personal-attack",)

        def score(self, texts, contexts=()):
            engine.adopt({})
            return [{"personal-attack": 0.9} for _ in texts]

        def explain(self, text, label):
            return ((0, 6),)

    engine.adopt({"first": Replaced()})
    decision = engine.decide(Submission("", "People came."), Context(engine.policy, NOW))
    assert decision.model_versions == {"first": "old"}
    assert decision.reasons[0].spans == ((0, 6),)
    assert engine.model_versions == {}


def test_a_candidate_is_tried_in_place_of_its_namesake(settings, learned, promoted):
    engine = build_engine(settings)
    challenger = engine_with(settings, engine, learned / promoted[0] / "first")
    assert challenger.model_versions == {"first": promoted[0]}
    assert engine.model_versions == {"first": promoted[1]}
    other = a_model(learned / "x" / "second")
    with pytest.raises(ModelRefused, match="replaces none"):
        engine_with(settings, engine, other)
