"""Due deliveries and expiries, in a loop: a thread of `moderation serve`, or a process of its own."""

import threading

import structlog

from moderation.errors import ModerationError
from moderation.services import Tools
from moderation.services.delivering import deliver_due
from moderation.services.penalising import expire_due

log = structlog.get_logger()
THREADS = 4  # so many receivers can hang before others wait
_PAUSE = 1.0  # seconds between looks when there was nothing to do
_PAUSE_AFTER_FAILURE = 5.0


def run(tools: Tools, stop: threading.Event) -> None:
    """Work until `stop` is set; a failure is logged and tried again, for the loop must outlive the database."""
    while not stop.is_set():
        try:
            busy = deliver_due(tools) + expire_due(tools)
            pause = 0.0 if busy else _PAUSE
        except ModerationError as error:
            log.warning("worker_waits", error=error.code)
            pause = _PAUSE_AFTER_FAILURE
        except Exception:
            log.exception("worker_failed")
            pause = _PAUSE_AFTER_FAILURE
        stop.wait(pause)


def start_threads(tools: Tools, count: int = THREADS) -> threading.Event:
    """Start the loop in daemon threads, each busy with one endpoint at a time; return the event that stops them."""
    stop = threading.Event()
    for number in range(count):
        threading.Thread(target=run, args=(tools, stop), name=f"worker-{number}", daemon=True).start()
    return stop
