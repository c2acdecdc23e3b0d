"""The ledger names what is in force, is replaced in one step, and accepts nothing that leads elsewhere."""

from pathlib import Path

import pytest

from moderation.classifier import artefact, ledger
from moderation.classifier.ledger import Entry, Ledger
from moderation.errors import ModelRefused
from tests.builders import NOW

ONE, TWO = (Entry(name="first", version=f"first-{sign * 12}", digest=sign * 64) for sign in "ab")


def test_without_a_ledger_nothing_is_promoted(tmp_path):
    assert ledger.read_ledger(tmp_path) == Ledger()
    assert ledger.stamp(tmp_path) is None
    assert Ledger().generations() == [{}]


def test_what_is_written_is_read_again_and_leaves_another_stamp(tmp_path):
    first = Ledger().with_promoted(ONE, NOW, "cli")
    ledger.write_ledger(tmp_path, first)
    before = ledger.stamp(tmp_path)
    second = first.with_promoted(TWO, NOW, "cli")
    ledger.write_ledger(tmp_path, second)
    assert ledger.read_ledger(tmp_path) == second
    assert ledger.stamp(tmp_path) != before
    assert [path.name for path in tmp_path.iterdir()] == [ledger.LEDGER]


def test_generations_go_from_what_is_in_force_back_to_what_was_shipped():
    promoted = Ledger().with_promoted(ONE, NOW, "a").with_promoted(TWO, NOW, "b")
    assert promoted.generations() == [{"first": TWO}, {"first": ONE}, {}]
    back = promoted.without_last(NOW, "c")
    assert back.generations() == [{"first": ONE}, {}]
    assert [(event.action, event.version, event.by) for event in back.history] == [
        ("promoted", ONE.version, "a"),
        ("promoted", TWO.version, "b"),
        ("rolled-back", TWO.version, "c"),
    ]


def test_a_writer_that_is_stopped_before_the_last_step_leaves_the_old_ledger(tmp_path, monkeypatch):
    first = Ledger().with_promoted(ONE, NOW, "cli")
    ledger.write_ledger(tmp_path, first)

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        ledger.write_ledger(tmp_path, first.with_promoted(TWO, NOW, "cli"))
    assert ledger.read_ledger(tmp_path) == first


@pytest.mark.parametrize("change", [{"name": "../first"}, {"version": "a/b"}, {"digest": "x"}, {"extra": 1}])
def test_an_entry_that_leads_elsewhere_is_refused(tmp_path, change):
    entry = ONE.model_dump() | change
    content = Ledger().model_dump() | {"promoted": [entry]}
    (tmp_path / ledger.LEDGER).write_text(str(content).replace("'", '"').replace("()", "[]"))
    with pytest.raises(ModelRefused, match="cannot be read"):
        ledger.read_ledger(tmp_path)


def test_the_digest_is_that_of_all_the_manifest_names(toy_folder):
    whole = ledger.digest_of(toy_folder)
    (toy_folder / "gate.json").write_text("{}")  # not named, and no part of the model
    assert ledger.digest_of(toy_folder) == whole == ledger.manifest_digest(toy_folder)
    (toy_folder / artefact.WEIGHTS).write_bytes(b"")
    with pytest.raises(ModelRefused, match=r"weights\.npz"):
        ledger.digest_of(toy_folder)


def test_a_promoted_folder_takes_the_place_of_its_namesake_alone(tmp_path, toy_folder):
    place = tmp_path / "learned" / ONE.version / "first"
    place.parent.mkdir(parents=True)
    toy_folder.rename(place)
    entry = ONE.model_copy(update={"digest": ledger.manifest_digest(place)})
    shipped = [tmp_path / "models" / name for name in ("first", "second")]
    assert ledger.in_place(shipped, tmp_path / "learned", {"first": entry}) == [place, shipped[1]]
    with pytest.raises(ModelRefused, match="not the one that was promoted"):
        ledger.in_place(shipped, tmp_path / "learned", {"first": ONE})
