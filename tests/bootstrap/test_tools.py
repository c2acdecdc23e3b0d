"""The tools of a process: what happens in them is counted."""

import shutil
import sqlite3
from dataclasses import replace
from functools import partial

import pytest
import structlog

from moderation.bootstrap import tools as bootstrap
from moderation.engine import Engine
from moderation.engine.types import Context, Submission
from moderation.errors import DatabaseAway
from moderation.settings import Settings
from moderation.store.unit_of_work import Database
from tests.builders import NOW
from tests.workbench import a_log, log_settings_kept

ENGLISH, ARMENIAN = "The council met again near the old school.", "Այս ճանապարհը լավն է։"


@pytest.fixture
def built(monkeypatch, sqlite_file):
    """Tools as a process has them, with a database that waits for a tenth of a second."""
    monkeypatch.setattr(bootstrap, "Database", partial(Database, wait_seconds=0.1))
    with log_settings_kept():
        tools = bootstrap.build_tools(Settings(database_url=f"sqlite:///{sqlite_file}"))
    yield tools
    tools.database.dispose()


def figures(tools) -> dict[str, float]:
    lines = tools.metrics.exposition().decode().splitlines()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
    }


def test_what_happens_is_counted(built, sqlite_file):
    """The database's failures by its own code; how often the second model is asked, and by whom it is not."""
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseAway), built.database.begin() as store:
        store.sites.all()
    other.close()
    assert figures(built)['moderation_database_errors_total{cause="SQLITE_BUSY"}'] == 1
    for body, asked in ((ENGLISH, 0), (ARMENIAN, 1), (ARMENIAN, 2)):
        comment = Submission(site_id="s", body=body, received_at=NOW)
        built.engine.decide(comment, Context(policy=built.engine.policy, now=NOW))
        assert figures(built)["moderation_second_stage_asked_total"] == asked
    assert bootstrap.reload_models(built)
    built.engine.decide(comment, Context(policy=built.engine.policy, now=NOW))
    assert figures(built)["moderation_second_stage_asked_total"] == 3


@pytest.mark.parametrize(("level", "said"), [("info", True), ("warning", False)])
def test_the_level_of_the_log_can_be_set(monkeypatch, engine, capsys, level, said):
    monkeypatch.setattr(bootstrap, "build_engine", lambda *_: engine)
    with log_settings_kept():
        bootstrap.build_tools(Settings(database_url="sqlite://", log_level=level))
        structlog.get_logger().info("answered")
    assert ("answered" in capsys.readouterr().err) == said


def test_a_published_policy_that_holds_no_more_is_said_once_and_no_longer_once_it_does(tools, engine, now):
    """The words beside it were changed, say; the one in force decides on."""
    before = engine.policy
    with tools.database.begin() as store:
        store.policies.remember("spoilt", before.source.replace("hold_at = 0.45", "hold_at = 0.99"), now)
        store.policies.remember("good", before.source, now)
        store.policies.publish("spoilt", "cli", "to see", now)
    with a_log() as log:
        assert [bootstrap.reload_policy(tools) for _ in range(3)] == [False] * 3
    assert log.getvalue().count("policy_refused") == 1
    assert "hold_at 0.99" in engine.refused_policies["published"]
    assert engine.policy is before
    with tools.database.begin() as store:
        store.policies.publish("good", "cli", "back", now)
    assert bootstrap.reload_policy(tools)
    assert engine.refused_policies == {}


def test_words_changed_in_a_file_hold_after_a_reload_for_a_published_policy_too(
    tools, engine, now, tmp_path, monkeypatch
):
    monkeypatch.setattr(bootstrap, "reload_models", lambda _: True)
    shipped = tools.settings.policy_path
    shutil.copytree(shipped.parent, tmp_path / "config")
    shutil.copytree(shipped.parent.parent / "seeds", tmp_path / "seeds")
    changed = tools.settings.model_copy(update={"policy_path": tmp_path / "config" / shipped.name})
    own = Engine(engine.policy, engine.scorers, engine.detectors)
    here = replace(tools, settings=changed, engine=own)
    stricter = engine.policy.source.replace(
        "strikes_expire_after_days = 90", "strikes_expire_after_days = 91"
    )
    with tools.database.begin() as store:
        store.policies.remember("stricter", stricter, now)
        store.policies.publish("stricter", "cli", "to see", now)
    assert bootstrap.reload_policy(here)
    published = own.policy.version
    (tmp_path / "config" / "languages" / "en-rare.txt").write_text("zumpet\n", "utf-8")
    assert bootstrap.reload_policy(here)  # what is published is looked for every second, the files are not
    assert own.policy.version == published
    assert bootstrap.reload_files(here)
    assert own.policy.version != published
    assert own.policy.strikes_expire_after_days == 91
