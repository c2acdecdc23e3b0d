"""The threads of a process that serves: who waited too long for one is turned away at once, so that the others do not wait.

gunicorn takes connections in and lets them queue for a thread, where no application sees how long. Linux does: it says
when a connection last received something, whether that lay in the kernel's queue or in ours. A request that is older
than `longest_wait` when a thread takes it up, and was not the first to be, is answered 429 with `Retry-After`, without being decided, in a tenth of the
time; so the queue stays about that short, and those who are answered are answered in time. Health doors are never refused.
"""

import random
import signal
import socket
import struct
import threading
import time
from typing import Any

import orjson
import structlog
from gunicorn.workers.gthread import _DEFER, ThreadWorker

from moderation.bootstrap.tools import reload_files
from moderation.services import Tools
from moderation.web.problems import FOR_PROGRAMS

log = structlog.get_logger(__name__)
NEVER_REFUSED = ("/health/", "/metrics")
_TCP_INFO = (
    11  # https://man7.org/linux/man-pages/man7/tcp.7.html; struct tcp_info begins with 8 bytes, then numbers
)
_LAST_DATA_RECEIVED = 8 + 4 * 11  # tcpi_last_data_recv: milliseconds since then
_GRACE = 0.3  # seconds for which everybody may be late before anybody is turned away
_TOLD_EVERY = 10.0  # seconds between two log lines
_SENTENCE = "More requests arrive than can be answered. Nothing was stored; wait a little and send it again."
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Busy</title><meta name="viewport" content="width=device-width">'
    f"<h1>Please wait a little</h1><p>{_SENTENCE} If you wrote something, go back: it is still there.</p>"
    '<p lang="hy">Այս պահին հարցումները չափազանց շատ են։ Ոչինչ չի պահվել. մի փոքր սպասեք և նորից ուղարկեք։ Եթե ինչ-որ բան '
    "էիք գրել, վերադարձեք նախորդ էջ. այն դեռ այնտեղ է։</p></html>"
).encode()


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn's threads, which know how long a request waited for one of them; SIGHUP reads policy and models again."""

    def init_signals(self) -> None:
        """Take SIGHUP as well, which would end the process."""
        super().init_signals()
        signal.signal(signal.SIGHUP, self.handle_hup)

    def handle_hup(self, _signal: int, _frame: object) -> None:
        """Have the files read again outside of the signal's handler, where anything might be half done."""
        self.method_queue.defer(self._reload)

    def _reload(self) -> None:
        threading.Thread(target=reload_files, args=(self._tools,), name="reload", daemon=True).start()

    @property
    def _tools(self) -> Tools:
        tools: Tools = self.wsgi.extensions["moderation.tools"]
        return tools

    def run(self) -> None:
        """Serve; who came while this process was being started waited for that, and not for a thread."""
        self._ready_at = time.monotonic()
        super().run()

    def enqueue_req(self, conn: Any) -> None:
        """Let a connection queue for a thread, and note when it began to."""
        conn.queued_at = time.monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Handle a request, unless none has come yet: a browser opens connections ahead, which must not keep a thread."""
        if not conn.initialized and not conn.wait_for_data(0):
            return _DEFER
        since_ready = time.monotonic() - self._ready_at
        conn.waited = min(waited(conn.sock, conn.queued_at), since_ready)
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer a request, or turn it away where it waited too long; return whether the connection may be kept."""
        if req.path.startswith(NEVER_REFUSED) or not self._is_overloaded(conn.waited):
            return bool(super().handle_request(req, conn))
        self._tools.metrics.requests_shed.inc()
        self._tell(conn.waited)
        conn.sock.sendall(refusal(req.path))
        return False

    _late_since: float | None = None

    def _is_overloaded(self, seconds: float) -> bool:
        """Tell whether one who waited so long is to be turned away: not where others were in time a moment ago.

        So a machine that paused answers those who waited meanwhile.
        """
        longest, now = self._tools.settings.longest_wait, time.monotonic()
        if not longest or seconds <= longest:
            self._late_since = None
            return False
        self._late_since = self._late_since or now
        return now - self._late_since > _GRACE

    _told_at = 0.0

    def _tell(self, seconds: float) -> None:
        now = time.monotonic()
        if now - self._told_at > _TOLD_EVERY:  # a line for each would be more work than the refusal
            self._told_at = now
            log.warning("overloaded", waited_ms=round(1000 * seconds))


def waited(connection: socket.socket, queued_at: float) -> float:
    """Return for how many seconds what lies there unread has been waiting; from `queued_at` on where the kernel does not tell."""
    in_our_queue = time.monotonic() - queued_at
    try:
        told = connection.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _LAST_DATA_RECEIVED + 4)
        (milliseconds,) = struct.unpack_from("I", told, _LAST_DATA_RECEIVED)
    except (OSError, struct.error):  # a socket of a file, or another system
        return in_our_queue
    return float(milliseconds) / 1000


def refusal(path: str) -> bytes:
    """Return the whole answer to a request at this path that is turned away, in the form its asker reads."""
    if path.startswith(FOR_PROGRAMS):
        kind = "application/problem+json"
        body = orjson.dumps(
            {
                "type": "/problems#overloaded",
                "title": "Too many requests",
                "status": 429,
                "detail": _SENTENCE,
                "code": "overloaded",
            }
        )
    else:
        kind, body = "text/html; charset=utf-8", _PAGE
    lines = (
        "HTTP/1.1 429 Too Many Requests",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        f"Retry-After: {random.randint(1, 5)}",  # noqa: S311  spread, or they all come back at once
        "Cache-Control: no-store",
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
