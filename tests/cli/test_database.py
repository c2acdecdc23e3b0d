"""`moderation db`, `seed` and `serve` up to the moment it serves."""

import threading

import pytest

from moderation import worker
from moderation.cli import serving
from moderation.store.tables import Article, Site
from moderation.store.unit_of_work import Database
from tests.workbench import rows


def test_a_database_is_made_and_brought_up_to_date_as_often_as_one_likes(run, tmp_path):
    assert [run("db", "upgrade").code for _ in range(2)] == [0, 0]
    assert Database(f"sqlite:///{tmp_path}/moderation.db").is_current()


def test_the_folder_of_the_database_is_made(run, tmp_path, monkeypatch):
    monkeypatch.setenv("MODERATION_DATABASE_URL", "sqlite:///var/deep/moderation.db")
    assert run("db", "upgrade").code == 0
    assert (tmp_path / "var" / "deep" / "moderation.db").exists()


def test_verifying_tells_a_whole_log_from_a_changed_one(seeded, run):
    with seeded.read() as store:
        seal = store.audit.head()
    assert seal
    for command in ("db", "audit"):
        assert run(command, "verify").out == f"The audit log is whole. Its last seal: {seal}\n"
    with seeded.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_events SET actor = 'somebody'")
    broken = run("audit", "verify")
    assert (broken.code, broken.out) == (1, "The audit log is broken at 1.\n")


def test_what_needs_a_database_that_is_up_to_date_says_so(run):
    for command in (["db", "verify"], ["worker"]):
        ran = run(*command)
        assert (ran.code, ran.out) == (2, "")
        assert "moderation db upgrade" in ran.err


def test_a_database_that_is_away_is_one_sentence(run, monkeypatch):
    monkeypatch.setenv("MODERATION_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/moderation")
    ran = run("block", "list")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("moderation: The database cannot be reached.")
    assert ran.err.count("\n") == 1


def test_seeding_twice_is_seeding_once(seeded, run):
    assert run("seed").lines == ["http://127.0.0.1:8000/articles/putin-says-karabakh-is-azerbaijan"]
    assert (len(rows(seeded, Site)), len(rows(seeded, Article))) == (1, 1)


def test_serving_first_prints_where_to_go_and_a_link_for_the_first_administrator(run, monkeypatch):
    served = []
    monkeypatch.setattr(
        serving._Server, "run", lambda server: served.append((*server.cfg.bind, server._beside))
    )
    first, again = run("serve", "--seed"), run("serve", "--no-background")
    # What falls due is done beside serving, unless a worker is to do it.
    assert served == [("127.0.0.1:8000", worker.start_threads), ("127.0.0.1:8000", worker.start_watching)]
    article, desk, link = first.lines
    assert article.endswith("http://127.0.0.1:8000/articles/putin-says-karabakh-is-azerbaijan")
    assert desk.endswith("http://127.0.0.1:8000/desk")
    assert link.startswith("First administrator: open http://127.0.0.1:8000/desk/welcome/")
    assert again.lines[0] == desk
    assert again.lines[1] != link


@pytest.mark.parametrize(
    ("redis", "options", "said"),
    [
        ("", [], "MODERATION_REDIS_URL"),
        ("redis://127.0.0.1:1/0", ["--queues", "quick,other"], "--queues"),
        ("redis://127.0.0.1:1/0", [], "moderation db upgrade"),
        ("http://127.0.0.1", [], "MODERATION_REDIS_URL"),
    ],
)
def test_a_worker_over_redis_says_what_it_lacks(run, monkeypatch, redis, options, said):
    monkeypatch.setenv("MODERATION_REDIS_URL", redis)
    ran = run("worker", "--celery", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_the_threads_beside_serving_without_background_only_watch(tools):
    before = {*threading.enumerate()}
    stop = worker.start_watching(tools)
    started = {*threading.enumerate()} - before
    assert {thread.name for thread in started} == {"watch_policy", "watch_models"}
    stop.set()
    for thread in started:
        thread.join(10)
        assert not thread.is_alive()


def test_a_database_is_copied_whole_into_another_and_the_other_serves(seeded, run, tmp_path):
    target = f"sqlite:///{tmp_path}/other.db"
    with seeded.read() as store:
        seal = store.audit.head()
    ran = run("db", "copy", "--to", target)
    assert ran.code == 0, ran.err
    assert ran.lines[-1].endswith(f"the audit log is whole. Its last seal: {seal}")
    again = run("db", "copy", "--to", target)
    assert (again.code, again.out) == (2, "")
    assert "Name one that is empty" in again.err
    copied = Database(target)
    assert copied.is_current()
    assert [row.slug for row in rows(copied, Article)] == [row.slug for row in rows(seeded, Article)]
    with copied.read() as store:
        assert (store.audit.verify(), store.audit.head()) == ([], seal)
