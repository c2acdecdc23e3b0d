"""Processes of gunicorn as we run them: each counts in a place of its own, logs as we log, and reloads without a restart."""

import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import structlog
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from moderation.telemetry import count_alone, count_together, forget_process

_MEMORY = Path("/dev/shm")  # noqa: S108  files in memory: a full disk must stop no process that counts


class Master(Arbiter):  # type: ignore[misc]  # gunicorn is untyped
    """The process that starts the others; at SIGHUP all read policy, words and models again, and none is restarted."""

    def __init__(self, app: Any, reload: Callable[[], None]) -> None:
        self._reload = reload
        super().__init__(app)

    def handle_hup(self) -> None:
        """Hand the signal on, and read too what those are forked from who come later.

        gunicorn would start new processes, and stop altogether if a file did not hold.
        """
        structlog.get_logger().info("reload_asked_for", processes=len(self.WORKERS))
        self.kill_workers(signal.SIGHUP)
        self._reload()


class Places:
    """A number for each process that lives, by which it counts; a new one takes that of one that ended.

    Made before the metrics are, which are made before the processes part; what is no process that serves has no number.
    """

    def __init__(self) -> None:
        folder = _MEMORY if os.access(_MEMORY, os.W_OK) else None
        self._folder = tempfile.mkdtemp(prefix="moderation-metrics-", dir=folder)
        self._own, self._made_by = "master", os.getpid()
        count_together(self._folder, lambda: self._own)

    def __enter__(self) -> Self:
        """Return this; what it made is gone in the end."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Take the folder away, unless this is a process that was forked and ends while others count on."""
        if os.getpid() == self._made_by:
            count_alone()
            shutil.rmtree(self._folder, ignore_errors=True)

    def hooks(self) -> dict[str, Any]:
        """Return gunicorn's settings that call us."""
        return {
            "when_ready": lambda _server: forget_process(self._folder, self._own),
            "pre_fork": self._take,
            "post_fork": self._count,
            "child_exit": self._leave,
        }

    def _take(self, server: Any, worker: Any) -> None:
        taken = {other.place for other in server.WORKERS.values()}
        worker.place = next(place for place in range(len(taken) + 1) if place not in taken)

    def _count(self, _server: Any, worker: Any) -> None:
        self._own = str(worker.place)

    def _leave(self, _server: Any, worker: Any) -> None:
        forget_process(self._folder, str(worker.place))


class StructuredLogger(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn's errors in the same lines as all others; its lines of access would name addresses and are not written."""

    def setup(self, cfg: Any) -> None:
        """Leave what is logged to the root, which `telemetry` has set up."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.addFilter(_without_sender)


def _without_sender(record: logging.LogRecord) -> bool:
    # "Invalid request from ip=192.0.2.1: Invalid header: ..." comes with all in one text.
    record.msg = str(record.msg).partition(" from ip=")[0]
    return True
