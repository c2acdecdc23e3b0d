"""Where webhooks arrive on this machine: a server that keeps what came, and fails as it is told."""

import json
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Self

LINGER = struct.pack("ii", 1, 0)  # closed with a reset


@dataclass(frozen=True)
class Arrival:
    """A webhook as it came: its id, the comment and revision it tells of."""

    id: str
    event: str
    comment: str | None
    revision: int


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        told = json.loads(body)
        comment = told["data"].get("comment") or {}
        arrival = Arrival(
            self.headers["webhook-id"], told["type"], comment.get("id"), comment.get("revision", 0)
        )
        receiver: Receiver = self.server.receiver
        with receiver.lock:
            receiver.came.append(arrival)
        receiver.on_arrival(arrival)
        self.close_connection = True
        receiver.behaviour(self)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the sender was killed, or had enough
            self.close_connection = True

    def log_message(self, *args) -> None:
        pass


def takes_it(handler: _Handler) -> None:
    handler.answer(204)


def is_broken(handler: _Handler) -> None:
    handler.answer(500)


def is_overrun(handler: _Handler) -> None:
    handler.answer(429, Retry_After="600")


def is_gone(handler: _Handler) -> None:
    handler.answer(410)


def never_answers(handler: _Handler) -> None:
    time.sleep(3)


def redirects(handler: _Handler) -> None:
    handler.answer(307, Location=f"http://127.0.0.1:{handler.server.server_address[1]}/elsewhere")


def drips(handler: _Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _ in range(100):
        handler.wfile.write(b".")
        time.sleep(0.1)


def floods(handler: _Handler) -> None:
    """A gigabyte, of which a sender reads the beginning."""
    handler.wfile.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 1073741824\r\n\r\n")
    for _ in range(1024):
        handler.wfile.write(b"x" * 1_048_576)


def closes_early(handler: _Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    handler.connection.close()


def babbles(handler: _Handler) -> None:
    handler.wfile.write(b"\x00\xff\x80 what is HTTP?\r\n\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 64

    def handle_error(self, *args) -> None:
        pass


@dataclass
class Receiver:
    """A receiver on a free port of this machine while it is used as a context."""

    behaviour: Callable[[_Handler], None] = takes_it
    came: list[Arrival] = field(default_factory=list)
    on_arrival: Callable[[Arrival], None] = lambda arrival: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"
