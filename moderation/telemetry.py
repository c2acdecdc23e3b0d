"""Logs as JSON lines on stderr, metrics for Prometheus, request ids.

Ids and counts go out, readers' words never. A log line is an event with fields:
`log.info("comment_decided", comment_id=..., verdict=...)`.

The processes of one `moderation serve` count together: each writes its numbers to files of its own in a folder that they
share (`count_together`), and whichever is asked for the metrics adds them up.
"""

import logging
import math
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from typing import TextIO, cast

import structlog
import uuid_utils
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    disable_created_metrics,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from structlog.typing import EventDict, WrappedLogger

from moderation.errors import ModerationError

# A key tells too much if it is one of these or ends in one: author_name, comment-body, api_key.
_TELLING = re.compile(
    r"(.*[_-])?(body|text|names?|e-?mail|password|tokens?|secrets?|authorization|cookies?|key|note|ip|url)",
    re.IGNORECASE | re.DOTALL,
)
_REDACTED = "[redacted]"
_LONGEST = 300  # characters of a value: ids and codes are shorter
_DEEPEST = 5
_FRAMES = 25  # of a traceback, the innermost


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every log line, those of libraries from WARNING up, to `stream` (stderr) as JSON."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            name_the_thread,
            describe_exception,
            redact,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Unfailing(stream or sys.stderr))),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_LibraryHandler()]
    root.setLevel(max(level, logging.WARNING))  # below, libraries tell addresses and URLs


def name_the_thread(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return the event with its thread, where no request is answered: which of the loops behind says so."""
    thread = threading.current_thread()
    if "request_id" not in event and thread is not threading.main_thread():
        event["thread"] = thread.name
    return event


def describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return the event with its exception as types and places.

    Messages and local variables are left out: a database's message repeats the row it could not write.
    """
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    chain: list[Mapping[str, object]] = []
    while isinstance(error, BaseException) and len(chain) < _DEEPEST:
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        described: dict[str, object] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if isinstance(error, ModerationError):
            described["code"] = error.code
        chain.append(described)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if chain:
        event["exception"] = chain
    return event


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return the event as plain JSON values, without those whose key says that they tell too much."""
    return {str(key): _plain(str(key), value, 0) for key, value in event.items()}


def _plain(key: str, value: object, depth: int) -> object:
    if _TELLING.fullmatch(key):
        return _REDACTED
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}..."
        case datetime():
            return value.isoformat()
        case Mapping() if depth < _DEEPEST:
            return {str(inner): _plain(str(inner), held, depth + 1) for inner, held in value.items()}
        case list() | tuple() | set() | frozenset() if depth < _DEEPEST:
            return [_plain("", held, depth + 1) for held in value]
        case _:  # a repr may hold anything
            return f"<{type(value).__name__}>"


class _Unfailing:
    """A stream that loses what it cannot write: a full disk costs lines of the log, and no reader an answer."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write the text, or not."""
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Pass on what was written, or not."""
        with suppress(OSError):
            self._stream.flush()


class _LibraryHandler(logging.Handler):
    """Brings what libraries log into the same lines: the template only, for arguments may be anything."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record's template."""
        log = structlog.get_logger()
        log.log(
            record.levelno,
            "library_log",
            logger=record.name,
            template=str(record.msg),
            exc_info=record.exc_info,
        )


def new_request_id() -> str:
    """Return a fresh id, opaque and ordered by time."""
    return uuid_utils.uuid7().hex


def request_context(request_id: str) -> AbstractContextManager[None]:
    """Return the context in which every log line carries this request id."""
    return structlog.contextvars.bound_contextvars(request_id=request_id)


def current_request_id() -> str:
    """Return the id of the request that is being answered, or ""."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each counter, which says when a process began

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client looks for it
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def count_together(folder: str, process: Callable[[], str]) -> None:
    """Let the metrics made from now on be counted in files of this folder, named by what `process` returns.

    No two processes that live may have the same name; one that takes the name of a dead one counts on where that ended,
    so that the files are never more than the processes that ran at once.
    """
    os.environ[_FOLDER] = folder
    values.ValueClass = values.MultiProcessValue(process)  # type: ignore[no-untyped-call]


def count_alone() -> None:
    """Let the metrics made from now on be counted by this process for itself, as before `count_together`."""
    os.environ.pop(_FOLDER, None)
    values.ValueClass = values.MutexValue


def forget_process(folder: str, process: str) -> None:
    """Take a process that ended out of the figures that hold for those that live."""
    mark_process_dead(process, folder)  # type: ignore[no-untyped-call]


class Metrics:
    """The counters of one process, or of all that count together.

    No label has what somebody outside could make up: endpoints, clauses, outcomes and codes are ours.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter(
            "requests",
            "Requests answered, by endpoint and class of the status.",
            "endpoint",
            "method",
            "status",
        )
        self.request_seconds = self._histogram(
            "request_seconds",
            "Time from the application's first look at a request to its answer.",
            "endpoint",
        )
        self.requests_in_hand = Gauge(
            "moderation_requests_in_hand",
            "Requests that a thread works on, in all processes.",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        self.requests_limited = self._counter("requests_limited", "Requests over a rate limit.", "endpoint")
        self.requests_shed = self._counter(
            "requests_shed", "Requests turned away because they had waited too long."
        )
        self.comments_decided = self._counter(
            "comments_decided",
            "Comments decided by the engine; clause is empty where none was broken.",
            "verdict",
            "clause",
        )
        self.decision_seconds = self._histogram(
            "decision_seconds",
            "Time the engine took for one comment.",
            buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
        )
        self.second_stage_asked = self._counter(
            "second_stage_asked", "Comments that the second learned stage was asked about."
        )
        self.detector_failures = self._counter(
            "detector_failures", "Detectors that raised; each such comment is held.", "detector"
        )
        self.deliveries = self._counter(
            "deliveries", "Attempts to deliver a webhook: delivered, retried, given_up, disabled.", "outcome"
        )
        self.mails = self._counter("mails", "Attempts to send a mail: sent, retried, given_up.", "outcome")
        self.database_errors = self._counter(
            "database_errors", "Times the database could not do what was asked, by its own code.", "cause"
        )
        self.process_memory = Gauge(
            "moderation_process_memory_bytes",
            "Memory a process holds (resident set); processes of one service by their place.",
            multiprocess_mode="liveall",
            registry=self.registry,
        )

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"moderation_{name}", what, labels, registry=self.registry)

    def _histogram(
        self, name: str, what: str, *labels: str, buckets: tuple[float, ...] = _SECONDS
    ) -> Histogram:
        return Histogram(f"moderation_{name}", what, labels, buckets=buckets, registry=self.registry)

    def weigh_process(self) -> None:
        """Write down how much memory this process holds now, where the system tells."""
        try:
            with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123  asked every few seconds
                self.process_memory.set(int(statm.read().split()[1]) * _PAGE)
        except OSError:
            return

    def exposition(self, readings: Iterable[Metric] = ()) -> bytes:
        """Return all values, of all processes that count together, and `readings` in the text format of `content_type`."""
        self.weigh_process()
        shown = CollectorRegistry(support_collectors_without_names=True)
        folder = os.environ.get(_FOLDER)
        if folder:
            MultiProcessCollector(shown, folder)  # type: ignore[no-untyped-call]
        else:
            shown.register(self.registry)
        shown.register(_Readings(readings))
        return generate_latest(shown)


class _Readings:
    """What was read just now, as a collector."""

    def __init__(self, readings: Iterable[Metric]) -> None:
        self._readings = readings

    def collect(self) -> Iterable[Metric]:
        """Return the readings."""
        return self._readings
