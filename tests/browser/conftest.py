"""A real service on a port of its own, and the system's Chromium."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).parents[2]
NETWORKS = count()  # a newcomer from the network of a blocked reader is held


@dataclass(frozen=True)
class Service:
    """Where it listens, the address of its article, of the first administrator's link, of its database; what it says."""

    base: str
    article: str
    welcome: str
    database: str
    said: Path


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The service as `make run` starts it, on an empty database."""
    folder = tmp_path_factory.mktemp("service")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    settings = {
        "MODERATION_DATABASE_URL": f"sqlite:///{folder}/moderation.db",
        "MODERATION_PORT": str(port),
        "MODERATION_BASE_URL": base,
        "MODERATION_POSTING_LIMIT": "10000 per minute",
        "MODERATION_CHECKING_LIMIT": "10000 per minute",
        "MODERATION_TRUSTED_PROXIES": "1",  # every visitor comes from a network of his own
    }
    said = folder / "said"
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "moderation", "serve", "--seed"],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_ready(base, process, said)
            text = said.read_text()
            article = re.search(r"http\S+/articles/\S+", text)[0]
            welcome = re.search(r"http\S+/desk/welcome/\S+", text)[0]
            yield Service(base, article, welcome, settings["MODERATION_DATABASE_URL"], said)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def wait_until_ready(base, process, said):
    deadline = time.monotonic() + 240  # a busy machine takes its time
    while time.monotonic() < deadline:
        assert process.poll() is None, said.read_text()
        try:
            if httpx.get(f"{base}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(said.read_text())


@pytest.fixture(scope="module")
def chromium():
    """The system's Chromium."""
    assert Path(CHROMIUM).exists(), f"{CHROMIUM} is not installed: make test-browser brings it"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shots() -> Path | None:
    """Where the pictures go: MODERATION_SCREENSHOTS. Without it none are taken."""
    if "MODERATION_SCREENSHOTS" not in os.environ:
        return None
    folder = Path(os.environ["MODERATION_SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


UNDECIDED = pytest.StashKey[dict[str, set[str]]]()


@pytest.fixture(scope="session")
def undecided(pytestconfig) -> dict[str, set[str]]:
    """What axe could not decide by itself, by rule: it stands at the end of the report, for a person to look at."""
    return pytestconfig.stash.setdefault(UNDECIDED, {})


def pytest_terminal_summary(terminalreporter, config):
    found = config.stash.get(UNDECIDED, {})
    if found:
        terminalreporter.section("axe: incomplete, for a person to look at")
    for rule, places in sorted(found.items()):
        terminalreporter.line(f"{rule} ({len(places)}): {'; '.join(sorted(places)[:4])}")


@pytest.fixture
def complaints():
    """What the browser complained of: errors on its console, violations of the Content-Security-Policy."""
    return []


@pytest.fixture
def visitor(chromium, service, complaints):
    """Give a window of a new visitor; without script, unless asked for."""
    contexts = []
    # Chromium tells on its console of every answer from 400 up, which a form with mistakes gets on purpose; and
    # a page that is left before its icon came has lost nothing.
    expected = ("the server responded with a status of", "net::ERR_ABORTED")

    def note(*words):
        if not any(part in word for part in expected for word in words):
            complaints.append(" ".join(words))

    def visit(*, script: bool = False, **options):
        number = next(NETWORKS)
        context = chromium.new_context(
            base_url=service.base,
            java_script_enabled=script,
            extra_http_headers={"X-Forwarded-For": f"198.18.{number // 250}.{number % 250 + 1}"},
            **options,
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: note(request.failure, request.url))
        page.on("console", lambda message: note(message.text))
        return page

    yield visit
    for context in contexts:
        context.close()
