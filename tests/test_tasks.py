"""The worker's jobs over a real Redis: sent by one beat, done by whoever is free, lost with no process and no Redis."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from celery.beat import ScheduleEntry

from moderation import tasks, worker
from moderation.errors import DatabaseAway
from moderation.services import bulk, previewing, redeciding
from moderation.services.braking import brake
from moderation.settings import Settings
from moderation.store.desk import Wanted
from moderation.store.tables import Batch, DecisionRow, Delivery, Step
from tests.builders import (
    a_delivery,
    a_discussion,
    a_moderator,
    a_stored_comment,
    an_endpoint,
    stored,
)
from tests.redis import a_redis
from tests.workbench import a_log, rows

ROOT = Settings().policy_path.parent.parent
COMMENTS = 60


@pytest.fixture
def redis_server(tmp_path):
    with a_redis(tmp_path) as server:
        yield server


def beat_of(app):
    beat = tasks.OneBeat(app, lazy=True)
    beat.setup_schedule()
    return beat


def sent(server, queue):
    """The messages of a queue, as Celery put them there."""
    return [json.loads(message) for message in server.client.lrange(f"moderation:{queue}", 0, -1)]


def test_every_job_of_the_threads_is_a_task_and_beat_sends_it(redis_server):
    app = tasks.build_app(redis_server.url)
    jobs = {*worker.STEADY, *worker.BY_THE_MINUTE, tasks.replay_due, redeciding.decide_due}
    names = {tasks.name_of(job) for job in jobs}
    assert {name for name in app.tasks if not name.startswith("celery.")} == names
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == names
    assert len(names) == len(jobs)  # no two share a name


def test_of_two_beats_one_sends_a_task_and_it_carries_nothing(redis_server):
    beats = [beat_of(tasks.build_app(redis_server.url)) for _ in range(2)]
    for beat in beats:
        for entry in beat.schedule.values():
            beat.apply_async(entry, advance=False)
    quick, slow = (sent(redis_server, queue) for queue in tasks.QUEUES)
    assert sorted(message["headers"]["task"] for message in quick) == sorted(
        tasks.name_of(job) for job in (*worker.STEADY, *worker.BY_THE_MINUTE)
    )
    assert sorted(message["headers"]["task"] for message in slow) == [
        "redeciding.decide_due",
        "tasks.replay_due",
    ]
    for message in quick + slow:
        assert (message["headers"]["argsrepr"], message["headers"]["kwargsrepr"]) == ("()", "{}")
        assert message["content-type"] == "application/json"


def test_a_task_is_sent_again_when_its_time_has_come_by_either_beat(redis_server):
    first, second = (beat_of(tasks.build_app(redis_server.url)) for _ in range(2))
    name = "delivering.deliver_due"
    entry: ScheduleEntry = first.schedule[name]
    assert first.apply_async(entry, advance=False) is not None
    assert second.apply_async(entry, advance=False) is None
    left = redis_server.client.pttl(f"moderation:beat:{name}")
    assert 0 < left <= 900  # so the next second's is due, whoever sends it
    redis_server.client.delete(f"moderation:beat:{name}")
    assert second.apply_async(entry, advance=False) is not None


def test_a_beat_whose_worker_was_killed_ends(redis_server, monkeypatch):
    beat = beat_of(tasks.build_app(redis_server.url))
    monkeypatch.setattr(os, "getppid", lambda: 1)
    with pytest.raises(SystemExit):
        beat.tick()


def test_a_job_goes_on_while_something_is_due_and_not_for_ever(tools, monkeypatch):
    left = [3, 2, 1, 0]
    assert tasks.work(lambda _: left.pop(0), until_done=True, tools=lambda: tools) == 4
    assert tasks.work(lambda _: 1, until_done=False, tools=lambda: tools) == 1
    monkeypatch.setattr(tasks, "_AT_MOST", 0.05)
    begun = time.monotonic()
    assert tasks.work(lambda _: 1, until_done=True, tools=lambda: tools) > 1
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("error", "event"),
    [(DatabaseAway("away"), "task_waits"), (RuntimeError("a reader's words"), "task_failed")],
)
def test_a_failure_is_logged_without_its_words_and_left_to_the_next_task(tools, error, event):
    def fails(_):
        raise error

    with a_log() as log:
        tasks.work(fails, until_done=True, tools=lambda: tools)
    assert event in log.getvalue()
    assert "words" not in log.getvalue()


def test_two_processes_that_brake_at_once_publish_once(tools, monkeypatch):
    """Both found the rule before either had published: the second finds it done."""
    from moderation.services import braking  # noqa: PLC0415

    rule = braking.Rule("profanity", "profanity", False, 1000, 900, 900, 900)
    monkeypatch.setattr(braking, "rules", lambda _: [rule])
    before = tools.engine.policy
    try:
        assert brake(tools) == [rule]
        tools.engine.policy = before  # the other process has not looked yet
        assert brake(tools) == []
    finally:
        tools.engine.policy = before
    with tools.database.read() as store:
        assert len(store.policies.publications()) == 1


def test_a_worker_that_works_on_both_queues_ends_whole(redis_server, monkeypatch):
    """Where the part beside it ends, the whole does, and a supervisor starts it anew."""
    killed = []
    monkeypatch.setattr(tasks.os, "kill", lambda pid, how: killed.append((pid, how)))
    ended, over = threading.Event(), tasks.Event()
    watching = threading.Thread(target=tasks._end_with, args=(ended, over))
    watching.start()
    assert killed == []
    ended.set()
    watching.join(10)
    assert killed == [(os.getpid(), signal.SIGTERM)]
    over.set()
    tasks._end_with(ended, over)  # told to end: nobody need be told again
    assert len(killed) == 1


# A worker as it runs.


class Receiver(ThreadingHTTPServer):
    """A CMS that takes webhooks and notes their ids."""

    daemon_threads = True

    def __init__(self):
        self.came = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):  # noqa: N805
                handler.rfile.read(int(handler.headers["content-length"]))
                self.came.append(handler.headers["webhook-id"])
                handler.send_response(204)
                handler.end_headers()

            def log_message(handler, *_):  # noqa: N805
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@contextmanager
def a_worker(environment):
    command = [
        sys.executable,
        "-m",
        "moderation",
        "worker",
        "--celery",
        "--queues",
        "quick",
        "--processes",
        "1",
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(what, seconds=90):
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.02)
    return found


def test_a_worker_killed_in_a_bulk_action_and_a_redis_that_forgot_lose_nothing_and_do_nothing_twice(
    database, tools, redis_server, tmp_path
):
    receiver = Receiver()
    with database.begin() as store:
        discussion = a_discussion(store)
        endpoint = an_endpoint(
            discussion.site,
            url=f"http://127.0.0.1:{receiver.server_port}/hook",
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        )
        moderator = a_moderator()
        stored(store, endpoint, moderator, first := a_delivery(endpoint))
        for number in range(COMMENTS):
            a_stored_comment(store, discussion, body=f"Comment {number}", state="held")
    models = tmp_path / "models"
    models.mkdir()
    (models / "first").symlink_to(ROOT / "models" / "first")  # without the second stage it starts sooner
    environment = os.environ | {
        "MODERATION_DATABASE_URL": database.url,
        "MODERATION_REDIS_URL": redis_server.url,
        "MODERATION_MODELS_DIR": str(models),
        "MODERATION_ALLOW_PRIVATE_WEBHOOKS": "true",
    }
    with a_worker(environment) as killed:
        wait_for(lambda: receiver.came)
        assert receiver.came == [first.id]  # by a process of the worker, over Redis
        seen = previewing.preview_all(
            tools, Wanted(clause="personal-attack"), {"clause": "personal-attack"}, "approve", moderator
        )
        bulk.confirm(tools, seen.batch.id, None, moderator)
        wait_for(lambda: rows(database, Batch)[0].done >= 5)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
    redis_server.stop()
    redis_server.start()
    stopped_at = rows(database, Batch)[0].done
    assert 5 <= stopped_at < COMMENTS
    now = datetime.now(UTC)
    with database.engine.begin() as connection:  # the time of what it had in hand is over
        for table in (Batch, Delivery):
            held = table.__table__.update().where(table.leased_until.is_not(None))
            connection.execute(held.values(leased_until=now - timedelta(seconds=1)))
    with a_worker(environment) as second:
        wait_for(lambda: rows(database, Batch)[0].state == "done")
        wait_for(lambda: all(row.delivered_at for row in rows(database, Delivery)))
        redis_server.stop()  # under the worker's hands: it waits, and asks again
        with database.begin() as store:
            stored(store, a_delivery(endpoint))
        time.sleep(2)
        redis_server.start()
        wait_for(lambda: all(row.delivered_at for row in rows(database, Delivery)))
        second.terminate()
        assert second.wait(80) == 0
    receiver.shutdown()
    receiver.server_close()
    batch = rows(database, Batch)[0]
    assert (batch.done, batch.refused) == (COMMENTS, 0)
    assert len(rows(database, Step)) == COMMENTS  # each decided once, whoever did
    assert len(rows(database, DecisionRow)) == 2 * COMMENTS
    told = [row.id for row in rows(database, Delivery)]
    assert len(told) == 1 + COMMENTS + 1
    assert {*receiver.came} == {*told}
    assert len(receiver.came) - len(told) <= 1  # the one it was sending when it was killed, under the same id
