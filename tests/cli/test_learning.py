"""`moderation train --from-decisions` and `moderation model`: from decisions to a model in force and back again."""

import pytest

from moderation.store.unit_of_work import Database
from tests.builders import a_discussion
from tests.school import a_model, judged


@pytest.fixture
def database(run, sqlite_file, tmp_path, school, monkeypatch):
    """The database behind the commands, with 300 decisions; the commands work on the small newsroom."""
    for name, value in school.places(tmp_path / "learned").items():
        monkeypatch.setenv(f"MODERATION_{name.upper()}", str(value))
    (tmp_path / "moderation.db").write_bytes(sqlite_file.read_bytes())
    database = Database(f"sqlite:///{tmp_path}/moderation.db")
    with database.begin() as store:
        discussion = a_discussion(store)
        for rude in (False, True):
            judged(store, discussion, 150, rude=rude)
    return database


@pytest.fixture
def train(run, school, database):
    return lambda: run("train", str(school.recipe), "--data", str(school.data), "--from-decisions")


def test_from_decisions_to_a_model_in_force_and_back_again(run, train, school):
    shipped = school.engine.model_versions["first"]
    trained = train()
    version = trained.lines[-1]
    assert (trained.code, version[:6]) == (0, "first-")
    assert run("model", "list").table == [["first", shipped, "in use"], ["first", version, "not gated"]]
    early = run("model", "promote", version)
    assert (early.code, early.out) == (2, "")
    assert f"moderation model gate {version}" in early.err
    gated = run("model", "gate", version)
    assert gated.code == 0
    assert [line.split()[:2] for line in gated.lines] == [
        ["passed", name] for name in ("ranking", "passed", "stopped", "golden", "groups")
    ]
    assert run("model", "promote", version).out == f"{version} is in force.\n"
    assert run("model", "list").table == [["first", version, "in use"], ["first", version, "live"]]
    assert run("model", "rollback").out == f"{version} is no longer in force.\n"
    assert run("model", "list").table[0] == ["first", shipped, "in use"]
    assert run("db", "verify").out.startswith("The audit log is whole.")


def test_too_few_decisions_are_one_sentence(run, train, database):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM labelled_decisions WHERE verdict = 'publish'")
    ran = train()
    assert ran.code == 2
    assert "decisions to learn from; 200 are needed" in ran.err


def test_a_candidate_that_does_not_pass_leaves_with_1_and_says_why(run, train, database):
    version = train().lines[-1]
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM labelled_decisions")
    gated = run("model", "gate", version)
    assert gated.code == 1
    assert gated.lines[0] == "FAILED  ranking  There are 0 held-out decisions; 50 are needed to compare by."
    assert run("model", "list").table[-1] == ["first", version, "refused"]


def test_a_promoted_model_that_is_damaged_is_told_and_can_be_rolled_back(run, train, school, tmp_path):
    version = train().lines[-1]
    run("model", "gate", version)
    run("model", "promote", version)
    a_model(tmp_path / "learned" / version / "first", ("council",))
    listed = run("model", "list")
    assert listed.table[:2] == [
        ["first", school.engine.model_versions["first"], "in use"],
        ["-", version, "promoted, and refused"],
    ]
    assert '"event": "model_refused"' in listed.err
    assert run("model", "rollback").code == 0


def test_a_text_is_forgotten_without_standing_in_the_command(run, database):
    ran = run("model", "forget", stdin="You are a proper grelk.\n")
    assert (ran.code, ran.out) == (0, "0\n")


def test_what_is_not_there_is_one_sentence(run, database):
    for command in ("gate", "promote"):
        ran = run("model", command, "first-0")
        assert (ran.code, ran.out) == (2, "")
        assert "`moderation model list` names them" in ran.err
    assert "shipped models are in force" in run("model", "rollback").err
