"""Due deliveries, mails, expiries, models and policies just put in force, replays, alerts, in loops: threads of `moderation serve`, or a process of its own."""

import threading
from collections.abc import Callable

import structlog

from moderation.bootstrap.engine import build_engine, build_first_stage
from moderation.bootstrap.tools import reload_models, reload_policy
from moderation.classifier.ledger import stamp
from moderation.errors import ModerationError
from moderation.services import (
    Tools,
    alerting,
    braking,
    bulk,
    networks,
    previewing,
    repeating,
    replaying,
    retaining,
    second_looking,
    sessions,
)
from moderation.services.closing import note_closings
from moderation.services.confirming import withdraw_unconfirmed
from moderation.services.delivering import deliver_due
from moderation.services.labelling import forget_due
from moderation.services.mailing import send_due
from moderation.services.notifying import tell_of_replies
from moderation.services.penalising import expire_due

log = structlog.get_logger()
THREADS = 4  # so many receivers can hang before others wait
_PAUSE = 1.0  # seconds between looks when there was nothing to do
_PAUSE_AFTER_FAILURE = 5.0
_MINUTE = 60.0  # seconds between looks at what is counted in hours and days


STEADY: tuple[Callable[[Tools], int], ...] = (
    deliver_due,
    expire_due,
    forget_due,
    tell_of_replies,
    send_due,
    networks.forget_due,
    bulk.run_due,
)
BY_THE_MINUTE: tuple[Callable[[Tools], object], ...] = (
    withdraw_unconfirmed,
    note_closings,
    braking.brake,
    second_looking.choose,
    alerting.look,
    previewing.forget_previews,
    repeating.forget_due,
    sessions.forget_old_sessions,
    retaining.forget_due,
)


def run(tools: Tools, stop: threading.Event) -> None:
    """Work until `stop` is set; a failure is logged and tried again, for the loop must outlive the database."""
    while not stop.is_set():
        try:
            pause = 0.0 if sum(job(tools) for job in STEADY) else _PAUSE
        except ModerationError as error:
            log.warning("worker_waits", error=error.code)
            pause = _PAUSE_AFTER_FAILURE
        except Exception:
            log.exception("worker_failed")
            pause = _PAUSE_AFTER_FAILURE
        stop.wait(pause)


def watch_models(tools: Tools, stop: threading.Event) -> None:
    """Load the models in force whenever another one was promoted or rolled back, until `stop` is set."""
    seen = None  # a first look even so: something may have been promoted since the engine was built
    while not stop.is_set():
        found = stamp(tools.settings.learned_dir)
        if found != seen:
            seen = found
            try:
                reload_models(tools)
            except Exception:
                log.exception("models_not_loaded")
        stop.wait(_PAUSE)


def watch_policy(tools: Tools, stop: threading.Event) -> None:
    """Decide by the policy published last, until `stop` is set."""
    while not stop.wait(_PAUSE):
        tools.metrics.weigh_process()
        try:
            reload_policy(tools)
        except Exception:
            log.exception("policy_not_looked_for")


def watch_the_day(tools: Tools, stop: threading.Event) -> None:
    """Do once a minute what waits for hours or days to pass, until `stop` is set."""
    while not stop.wait(_MINUTE):
        for job in BY_THE_MINUTE:
            try:
                job(tools)
            except Exception:
                log.exception("job_failed", job=job.__name__)


def run_replays(tools: Tools, stop: threading.Event) -> None:
    """Run the replays that were asked for, one at a time, until `stop` is set."""
    while not stop.wait(_PAUSE):
        try:
            replaying.run_due(tools, build_first_stage, build_engine)
        except Exception:
            log.exception("replay_failed")


def start_watching(tools: Tools) -> threading.Event:
    """Keep policy and models of this process those in force, in daemon threads; return the event that stops them."""
    stop = threading.Event()
    reload_policy(tools)  # before the first comment is decided
    for watch in (watch_policy, watch_models):
        threading.Thread(target=watch, args=(tools, stop), name=watch.__name__, daemon=True).start()
    return stop


def start_threads(tools: Tools, count: int = THREADS) -> threading.Event:
    """Start all loops in daemon threads, `count` of them for what is due; return the event that stops them.

    Each is busy with one endpoint at a time.
    """
    stop = start_watching(tools)
    for watch in (watch_the_day, run_replays):
        threading.Thread(target=watch, args=(tools, stop), name=watch.__name__, daemon=True).start()
    for number in range(count):
        threading.Thread(target=run, args=(tools, stop), name=f"worker-{number}", daemon=True).start()
    return stop
