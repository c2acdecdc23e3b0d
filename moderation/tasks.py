"""The work of `worker.py` as Celery tasks, where several hosts share it: beat says when over Redis, the database says what.

A task is the name of a job and carries nothing. What is due stands in the database and is claimed there, so a task that
is lost, comes twice or runs in two processes does no harm: the next one finds what is left. That is why nothing is put
into Redis when a comment is accepted: beat asks once a second, as a thread does, and without Redis it all waits.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from signal import SIGTERM
from socket import gethostname
from subprocess import Popen
from threading import Event, Thread
from typing import Any

import structlog
from celery import Celery, signals
from celery.apps.worker import Worker
from celery.beat import ScheduleEntry, Scheduler
from redis import Redis

from moderation.bootstrap.engine import build_engine, build_first_stage
from moderation.bootstrap.tools import build_tools
from moderation.errors import ModerationError
from moderation.services import Tools, redeciding, replaying
from moderation.settings import Settings, read_settings
from moderation.telemetry import configure
from moderation.worker import BY_THE_MINUTE, STEADY, start_watching

log = structlog.get_logger()

QUICK, SLOW = QUEUES = ("quick", "slow")
_SECOND, _MINUTE = 1.0, 60.0
_AT_MOST = 30.0  # seconds one task goes on while there is more: then others get their turn
_PATIENCE = (
    60.0  # seconds after which a task nobody took is void: beat has sent others. Clocks may differ by less
)
_CLAIM = 0.9  # of the time between two tasks: the beats of several hosts send one in all
# The longest task is a bulk action over 20,000 comments, some minutes; one that runs longer than this comes twice,
# and the second finds it in hand.
_VISIBLE_AGAIN = 3600
_PREFIX = "moderation:"  # of all our keys, for a Redis that others use too


def replay_due(tools: Tools) -> int:
    """Decide the next part of a replay that is due; return how many comments that were."""
    return replaying.run_part(tools, build_first_stage, build_engine)


def name_of(job: Callable[..., object]) -> str:
    """Return the name of the task that does a job, such as delivering.deliver_due."""
    return f"{job.__module__.rpartition('.')[2]}.{job.__name__}"


def work(job: Callable[[Tools], object], *, until_done: bool, tools: Callable[[], Tools]) -> int:
    """Do a job once, or until nothing is due or others want their turn; return how often.

    A failure is logged and not tried again: beat sends the next task anyway.
    """
    end, done = time.monotonic() + _AT_MOST, 0
    try:
        while True:
            busy = job(tools())
            done += 1
            if not until_done or not busy or time.monotonic() >= end:
                return done
    except ModerationError as error:
        log.warning("task_waits", job=name_of(job), error=error.code)
    except Exception:
        log.exception("task_failed", job=name_of(job))
    return done


class OneBeat(Scheduler):  # type: ignore[misc]  # Celery is untyped
    """A schedule in memory, kept by every worker: of all that would send a task, the first does."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._redis = Redis.from_url(self.app.conf.broker_url, socket_timeout=5)
        self._parent = os.getppid()

    def tick(self, *args: Any, **named: Any) -> float:
        """Send what is due and return in how many seconds to look again; end where the worker was killed."""
        if os.getppid() != self._parent:
            raise SystemExit(0)
        return float(super().tick(*args, **named))

    def apply_async(self, entry: ScheduleEntry, *args: Any, **named: Any) -> Any:
        """Send a task, unless another host has sent it."""
        lasts = int(1000 * _CLAIM * entry.schedule.run_every.total_seconds())
        if self._redis.set(f"{_PREFIX}beat:{entry.name}", 1, nx=True, px=lasts):
            return super().apply_async(entry, *args, **named)
        return None


@cache
def _own_tools() -> Tools:
    """Return the tools of this process, built when its first task comes: nothing that has threads outlives a fork."""
    tools = build_tools(read_settings())
    start_watching(tools)
    return tools


def build_app(redis_url: str, tools: Callable[[], Tools] = _own_tools) -> Celery:
    """Return the Celery application with a task for each job and the times at which beat sends it."""
    app = Celery("moderation", broker=redis_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        # Without limit: were it full when Redis goes, what cannot be acknowledged would fill it for ever, and the worker
        # would ask for nothing more. What is fetched and not done is void after `_PATIENCE`.
        worker_prefetch_multiplier=0,
        worker_enable_prefetch_count_reduction=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # Redis comes back some time
        broker_transport_options={
            "visibility_timeout": _VISIBLE_AGAIN,
            "global_keyprefix": _PREFIX,
            "socket_timeout": 10,  # as long may a worker that is told to stop wait for a Redis that restarted
            "socket_keepalive": True,
        },
        beat_scheduler=OneBeat,
        beat_max_loop_interval=_SECOND,
    )
    for queue, every, until_done, jobs in (
        (QUICK, _SECOND, True, STEADY),
        (QUICK, _MINUTE, False, BY_THE_MINUTE),
        (SLOW, _SECOND, True, (replay_due, redeciding.decide_due)),
    ):
        for job in jobs:
            app.task(_task(job, until_done, tools), name=name_of(job), shared=False)
            app.conf.beat_schedule[name_of(job)] = {
                "task": name_of(job),
                "schedule": every,
                "options": {"queue": queue, "expires": _PATIENCE},
            }
    return app


def _task(job: Callable[[Tools], object], until_done: bool, tools: Callable[[], Tools]) -> Callable[[], int]:
    def task() -> int:
        return work(job, until_done=until_done, tools=tools)

    return task


def run_workers(settings: Settings, queues: Sequence[str], processes: int) -> int:
    """Work until a signal comes, on each queue with processes of its own; return the exit status.

    So nothing quick waits for what is slow. Where one of them ends, all do, and whoever supervises starts them anew.
    """
    over = Event()
    command = [sys.executable, "-m", "moderation", "worker", "--celery", "--processes", str(processes)]
    beside = [Popen([*command, "--queues", queue]) for queue in queues[1:]]  # noqa: S603  ourselves
    for other in beside:
        Thread(target=_end_with, args=(other, over), daemon=True).start()
    try:
        return _run_worker(settings, queues[0], processes)
    finally:
        over.set()
        for other in beside:
            other.terminate()
            other.wait()


def _run_worker(settings: Settings, queue: str, processes: int) -> int:
    """Work on one queue, with a beat beside it: each process builds tools of its own, the parent has neither engine nor database."""
    configure()
    signals.setup_logging.connect(_keep_our_logs)
    worker: Worker = build_app(settings.redis_url).Worker(
        hostname=f"{queue}@{gethostname()}",
        queues=queue,
        concurrency=processes,
        beat=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _end_with(other: "Popen[bytes]", over: Event) -> None:
    """End this process when the other one does."""
    other.wait()
    if not over.is_set():
        os.kill(os.getpid(), SIGTERM)


def _keep_our_logs(**_: object) -> None:
    """Let Celery set up no logs: it would write messages of errors, which may repeat a reader's words."""
