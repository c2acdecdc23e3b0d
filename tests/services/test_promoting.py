"""Only what passed the gate comes into force, in one step; one command takes it back; all is on record."""

import json
from pathlib import Path

import pytest

from moderation.bootstrap.engine import adopt_models, engine_with
from moderation.bootstrap.tools import reload_models
from moderation.classifier import ledger
from moderation.errors import Conflict, DatabaseAway, ModelRefused
from moderation.services import learning, promoting
from moderation.store.audit import Audit
from moderation.store.tables import AuditEvent
from tests.builders import a_discussion
from tests.school import OURS, a_candidate, judged
from tests.workbench import rows


@pytest.fixture
def tools(learning_tools):
    with learning_tools.database.begin() as store:
        discussion = a_discussion(store)
        for rude in (False, True):
            judged(store, discussion, 250, rude=rude)
    return learning_tools


@pytest.fixture
def gated(tools):
    """Make a candidate that minds these words, and lead it through the gate."""

    def gated(*minds: str, by: float = 12.0) -> str:
        version = a_candidate(tools, minds or OURS, by)
        folder = ledger.folder_of(tools.settings.learned_dir, version)
        learning.gate(tools, version, engine_with(tools.settings, tools.engine, folder), "cli")
        return version

    return gated


@pytest.fixture
def promote(tools):
    def promote(version: str) -> str:
        promoting.promote(tools, version, "cli")
        assert reload_models(tools)
        return version

    return promote


def in_use(tools) -> str:
    return tools.engine.model_versions["first"]


def actions(tools) -> list[tuple[str, str]]:
    return [(e.action, e.subject) for e in rows(tools.database, AuditEvent) if e.action.startswith("model.")]


def test_what_passed_the_gate_comes_into_force_and_is_taken_back(tools, gated, promote):
    shipped, version = in_use(tools), gated()
    assert [one.state for one in promoting.candidates(tools)] == ["passed"]
    promote(version)
    assert in_use(tools) == version
    assert [one.state for one in promoting.candidates(tools)] == ["live"]
    digest = ledger.digest_of(tools.settings.learned_dir / version / "first")
    assert promoting.roll_back(tools, "cli").digest == digest
    assert reload_models(tools)
    assert in_use(tools) == shipped
    events = rows(tools.database, AuditEvent)[-2:]
    assert [event.action for event in events] == ["model.promoted", "model.rolled-back"]
    assert [event.detail["digest"] for event in events] == [digest, digest]
    assert [event.detail["in_force"] for event in events] == [[version], []]
    history = ledger.read_ledger(tools.settings.learned_dir).history
    assert [(event.action, event.by) for event in history] == [("promoted", "cli"), ("rolled-back", "cli")]


def test_rolling_back_restores_the_model_before(tools, gated, promote):
    first = promote(gated(*OURS[:3]))
    second = promote(gated(*OURS))
    assert in_use(tools) == second
    assert [one.state for one in promoting.candidates(tools)] == ["earlier", "live"]
    promoting.roll_back(tools, "cli")
    reload_models(tools)
    assert in_use(tools) == first
    promoting.roll_back(tools, "cli")
    with pytest.raises(Conflict, match="shipped models are in force"):
        promoting.roll_back(tools, "cli")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda tools, folder: (folder / learning.GATE).unlink(), "has not been through the gate"),
        (
            lambda tools, folder: (folder / learning.GATE).write_text('{"passed": true}'),
            "not what the gate wrote last",
        ),
    ],
)
def test_a_gate_that_is_gone_or_written_by_another_hand_does_not_count(tools, gated, spoil, said):
    version = gated()
    spoil(tools, tools.settings.learned_dir / version / "first")
    with pytest.raises(Conflict, match=said):
        promoting.promote(tools, version, "cli")
    assert ledger.stamp(tools.settings.learned_dir) is None


def test_what_did_not_pass_is_refused_with_the_gate_s_reason(tools, gated):
    version = gated("council", by=5.0)
    assert [one.state for one in promoting.candidates(tools)] == ["refused"]
    with pytest.raises(Conflict, match="is not promoted: Mean area under the ROC curve"):
        promoting.promote(tools, version, "cli")


def test_a_folder_that_changed_since_the_gate_is_refused(tools, gated):
    version = gated()
    folder = tools.settings.learned_dir / version / "first"
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest))  # the same in other bytes
    with pytest.raises(Conflict, match="not the one the gate saw"):
        promoting.promote(tools, version, "cli")
    (folder / "weights.npz").write_bytes(b"PK")
    with pytest.raises(ModelRefused, match=r"not as it was made: weights\.npz"):
        promoting.promote(tools, version, "cli")
    assert [one.state for one in promoting.candidates(tools)] == ["damaged"]


def test_what_was_compared_with_another_live_model_is_gated_again(tools, gated, promote):
    late = gated()
    promote(gated(*OURS[:3]))
    with pytest.raises(Conflict, match="another live model"):
        promoting.promote(tools, late, "cli")


def test_what_is_in_force_is_not_promoted_twice(tools, gated):
    version = gated()
    promoting.promote(tools, version, "cli")
    with pytest.raises(Conflict, match="in force already"):
        promoting.promote(tools, version, "cli")


class Killed(BaseException):
    """What nothing catches."""


def test_one_killed_before_the_last_step_has_changed_nothing(tools, gated, monkeypatch):
    version, shipped = gated(), in_use(tools)

    def killed(*_):
        raise Killed

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(Killed):
        promoting.promote(tools, version, "cli")
    monkeypatch.undo()
    adopt_models(tools.settings, tools.engine)
    assert in_use(tools) == shipped
    assert tools.engine.models.refused == ()
    assert "model.promoted" not in [action for action, _ in actions(tools)]
    promoting.promote(tools, version, "cli")  # what was left lying about is no hindrance


def test_without_its_audit_event_nothing_comes_into_force(tools, gated, monkeypatch):
    version = gated()

    def away(*_):
        raise DatabaseAway("away")

    monkeypatch.setattr(Audit, "seal", away)
    with pytest.raises(DatabaseAway):
        promoting.promote(tools, version, "cli")
    monkeypatch.undo()
    assert ledger.read_ledger(tools.settings.learned_dir).promoted == ()
    assert "model.promoted" not in [action for action, _ in actions(tools)]
