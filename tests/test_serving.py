"""`moderation serve` as it runs: several processes that count together, reload in place and turn away who waited too long."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from moderation.settings import Settings

PROCESSES = 2
LONGEST_WAIT = 0.4
DEADLINE = 40.0


@dataclass(frozen=True)
class Service:
    """A running service with files of its own."""

    port: int
    master: int
    policy: Path
    log: Path

    def ask(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes, dict]:
        """Ask on a connection of its own, so that any process may answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers={"Connection": "close"} | (headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.headers)
        finally:
            connection.close()

    def ready(self) -> dict:
        return json.loads(self.ask("/health/ready")[1])

    def figures(self) -> dict[str, float]:
        """Return every series and its value."""
        lines = self.ask("/metrics")[1].decode().splitlines()
        return {
            name: float(value)
            for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
        }

    def workers(self) -> set[int]:
        """Return the processes that serve."""
        tasks = Path(f"/proc/{self.master}/task/{self.master}/children")
        return {int(pid) for pid in tasks.read_text().split()}

    def reload(self) -> None:
        os.kill(self.master, signal.SIGHUP)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let no process come to its work for a while; what arrives waits in the kernel's queue."""
        for pid in self.workers():
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in self.workers():
                os.kill(pid, signal.SIGCONT)


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < end, "did not come about"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("service")
    shipped = Settings()
    shutil.copytree(shipped.policy_path.parent, home / "config")
    shutil.copytree(shipped.seeds_dir, home / "seeds")
    shutil.copytree(shipped.models_dir / "first", home / "models" / "first")  # one stage: it starts sooner
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "MODERATION_DATABASE_URL": f"sqlite:///{home}/moderation.db",
        "MODERATION_PORT": str(port),
        "MODERATION_POLICY_PATH": f"{home}/config/policy.toml",
        "MODERATION_MODELS_DIR": f"{home}/models",
        "MODERATION_LEARNED_DIR": f"{home}/learned",
        "MODERATION_LONGEST_WAIT": f"{LONGEST_WAIT}",
        "MODERATION_LOG_LEVEL": "info",
    }
    command = [sys.executable, "-m", "moderation", "serve", "--workers", f"{PROCESSES}", "--threads", "2"]
    with (home / "log").open("wb") as log, (home / "printed").open("wb") as printed:
        process = subprocess.Popen(command, env=environment, stderr=log, stdout=printed)
    service = Service(port, process.pid, home / "config" / "policy.toml", home / "log")

    def answers() -> bool:
        assert process.poll() is None, service.log.read_text()
        try:
            return service.ask("/health/live")[0] == 200
        except OSError:
            return False

    try:
        until(answers)
        until(lambda: len(places(service.figures())) == PROCESSES)
        yield service
    finally:
        process.terminate()
        process.wait(30)


def places(figures: dict[str, float]) -> set[str]:
    """Return the places of the processes that hold memory."""
    return {name for name, value in figures.items() if "process_memory" in name and value > 50_000_000}


LIVE = 'moderation_requests_total{endpoint="health.live",method="GET",status="2xx"}'


def test_the_figures_of_all_processes_are_one_count(service):
    before = service.figures()[LIVE]
    for _ in range(20):
        service.ask("/health/live")
    seen = {service.figures()[LIVE] - before for _ in range(8)}  # whichever process is asked
    assert seen == {20.0}


def test_what_killed_processes_counted_stays_and_the_next_ones_take_their_places(service):
    for _ in range(20):
        service.ask("/health/live")
    before, killed = service.figures(), service.workers()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert service.ask("/")[0] == 200  # it waited for a process to start, which is no overload
    until(lambda: len(places(service.figures())) == PROCESSES)
    after = service.figures()
    assert after[LIVE] >= before[LIVE]
    assert places(after) == places(before)
    assert not service.workers() & killed


def test_a_signal_brings_a_changed_policy_into_force_in_every_process_and_restarts_none(service):
    at_work, before = service.workers(), service.ready()["policy"]
    text = service.policy.read_text("utf-8")
    service.policy.write_text(
        text.replace("strikes_expire_after_days = ", "strikes_expire_after_days = 1"), "utf-8"
    )
    service.reload()
    statuses, versions = [], []

    def everywhere() -> bool:
        status, body, _ = service.ask("/health/ready")
        statuses.append(status)
        versions.append(json.loads(body)["policy"])
        return len(versions) > 12 and len({*versions[-12:]}) == 1 and versions[-1] != before

    until(everywhere)
    assert {*statuses} == {200}
    assert service.workers() == at_work
    killed = at_work.pop()
    os.kill(
        killed, signal.SIGKILL
    )  # what takes its place decides as the others do, not as all did at the start
    until(
        lambda: len(service.workers() - {killed}) == PROCESSES and len(places(service.figures())) == PROCESSES
    )
    assert {service.ready()["policy"] for _ in range(12)} == {versions[-1]}
    service.policy.write_text(text, "utf-8")
    service.reload()
    until(lambda: {service.ready()["policy"] for _ in range(8)} == {before})


def test_a_policy_that_does_not_hold_is_refused_and_said_and_the_last_good_one_decides(service):
    at_work, before = service.workers(), service.ready()["policy"]
    text = service.policy.read_text("utf-8")
    service.policy.write_text(text.replace("hold_at = 0.45", "hold_at = 0.99"), "utf-8")
    try:
        service.reload()
        until(lambda: {service.ready()["status"] for _ in range(8)} == {"degraded"})
        ready = service.ready()
        assert ready["troubles"] == ["policy-refused"]
        assert "hold_at 0.99 is above" in ready["refused_policies"]["file"]
        assert ready["policy"] == before
        assert 'moderation_trouble{code="policy-refused"}' in service.figures()
    finally:
        service.policy.write_text(text, "utf-8")
        service.reload()
    until(lambda: {service.ready()["status"] for _ in range(8)} == {"ready"})
    assert service.workers() == at_work


def after_a_pause(service, paths) -> dict[object, tuple[int, bytes, dict]]:
    """Ask while nobody answers for longer than one may wait; return what is answered then, by path and number."""
    answers, connections = {}, []
    with service.stopped():
        for path in paths:
            connections.append(http.client.HTTPConnection("127.0.0.1", service.port, timeout=30))
            connections[-1].request("GET", path)
        time.sleep(LONGEST_WAIT + 0.3)
    for number, (path, connection) in enumerate(zip(paths, connections, strict=True)):
        answer = connection.getresponse()
        answers[path if path not in answers else number] = (
            answer.status,
            answer.read(),
            dict(answer.headers),
        )
        connection.close()
    return answers


def test_a_request_that_waited_too_long_is_turned_away_and_health_is_not(service):
    """No process accepts anything for a while, so all of the waiting is in the kernel's queue."""
    before = service.figures()["moderation_requests_shed_total"]
    # Who waited through a pause is answered: each process is late for the first time.
    assert {status for status, _, _ in after_a_pause(service, ["/"] * 16).values()} == {200}
    for _ in range(8):  # until both of them have been late before
        answers = after_a_pause(service, ["/api/v1/articles", "/", "/health/ready", "/metrics"])
        if answers["/"][0] == answers["/api/v1/articles"][0]:
            break
    assert {path: status for path, (status, _, _) in answers.items()} == {
        "/api/v1/articles": 429,
        "/": 429,
        "/health/ready": 200,
        "/metrics": 200,
    }
    _, body, headers = answers["/api/v1/articles"]
    assert json.loads(body)["code"] == "overloaded"
    assert headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(headers["Retry-After"]) <= 5
    assert "go back: it is still there" in answers["/"][1].decode()
    until(lambda: service.figures()["moderation_requests_shed_total"] - before >= 2)
    assert service.ask("/")[0] == 200  # at once after


def test_connections_that_send_nothing_take_no_thread(service):
    """Browsers open some ahead; more of them than there are threads must keep nobody waiting."""
    silent = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(12)]
    try:
        began = time.monotonic()
        assert service.ask("/health/live")[0] == 200
        assert time.monotonic() - began < 3
    finally:
        for connection in silent:
            connection.close()


def test_more_headers_than_any_browser_sends_are_refused(service):
    status, _, _ = service.ask("/health/live", headers={f"X-Header-{number}": "x" for number in range(150)})
    assert status in (400, 431)
    status, _, _ = service.ask("/health/live", headers={"X-Long": "x" * 20_000})
    assert status in (400, 431)


def test_every_line_logged_is_json_gunicorn_s_too_and_names_no_address(service):
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(b"no request at all\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")

    def lines() -> list[dict]:
        return [json.loads(line) for line in service.log.read_text("utf-8").splitlines()]

    until(lambda: any(line.get("logger") == "gunicorn.error" for line in lines()))
    assert all("request_id" in line for line in lines() if line["event"] == "answered")
    assert "127.0.0.1" not in service.log.read_text("utf-8")
