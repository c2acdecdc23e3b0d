"""A newsroom whose service is started, killed and started again, and the clients that write to it meanwhile."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from moderation.classifier import artefact
from moderation.classifier.hashing import Shape
from moderation.protocols.outgoing import moment
from moderation.protocols.standard_webhooks import new_secret, sign
from moderation.store.tables import Moderator, Site
from moderation.store.unit_of_work import Database
from tests.builders import a_moderator, a_site, an_api_key, an_article, an_endpoint, digest_of, stored
from tests.faults.nursery import CLOCK, FILE

ROOT = Path(__file__).resolve().parents[2]
KEY = "mk_faults"
FASTER = 200  # a lease of three minutes is over in a second
ANSWER_WITHIN = 10.0  # seconds: what takes longer hangs
PATIENCE = 30.0  # seconds for which a client goes on trying
UNREAD = "არცახი სომხეთია და მორჩა"


def a_small_model(folder: Path) -> Path:
    """A shipped model that minds nothing: what is decided is not what fault tests are about."""
    shape = Shape(bits=10)
    weights, biases = np.zeros((shape.buckets, 1), np.float32), np.full(1, -4, np.float32)
    artefact.save(
        folder / "first", name="first", labels=("toxicity",), shape=shape, weights=weights, biases=biases
    )
    return folder


class Nursery:
    """The warm process that the services of a test run are forked from."""

    def __init__(self, home: Path) -> None:
        self.home = home
        variables = {
            "MODERATION_MODELS_DIR": str(a_small_model(home / "models")),
            "MODERATION_LEARNED_DIR": str(home / "learned"),
            "MODERATION_ALLOW_PRIVATE_WEBHOOKS": "true",
            "MODERATION_API_LIMIT": "1000000 per minute",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env=os.environ | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()

    def fork(self, argv: list[str], variables: dict[str, str], log: Path) -> int:
        return self._ask({"argv": argv, "variables": variables, "log": str(log)})

    def reap(self, pid: int) -> None:
        """Kill a child with all that it started, and wait until it is gone."""
        self._ask({"reap": pid})

    def _ask(self, what: dict[str, object]) -> int:
        with self._lock:
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


@dataclass
class Newsroom:
    """A site on a database of its own, the service over it, and where its events arrive."""

    nursery: Nursery
    home: Path
    database: Database
    site: Site
    moderator: Moderator
    service_url: str  # of the database, as the service reaches it
    faster: float = FASTER
    port: int = 0
    began: float = field(default_factory=time.time)
    running: set[int] = field(default_factory=set)

    def now(self) -> datetime:
        """The time as the service tells it."""
        return datetime.fromtimestamp(self.began, UTC) + timedelta(
            seconds=(time.time() - self.began) * self.faster
        )

    def serve(self, *, workers: int = 1, delivers: bool = True) -> int:
        """Start the web service and wait until it answers; return the process id of its master."""
        quiet = [] if delivers else ["--no-background"]
        pid = self._fork(["serve", "--workers", str(workers), "--threads", "4", *quiet])
        until = time.monotonic() + PATIENCE
        while not self.answers():
            assert time.monotonic() < until, self.log()
            time.sleep(0.02)
        return pid

    def work(self) -> int:
        """Start `moderation worker`; return its process id."""
        return self._fork(["worker"])

    def _fork(self, argv: list[str]) -> int:
        variables = {
            "MODERATION_DATABASE_URL": self.service_url,
            "MODERATION_PORT": str(self.port),
            "MODERATION_BASE_URL": f"http://127.0.0.1:{self.port}",
            FILE: str(self.home / "crash-at"),
        }
        if self.faster != 1:
            variables[CLOCK] = f"{self.began},{self.began},{self.faster}"
        pid = self.nursery.fork(argv, variables, self._log)
        self.running.add(pid)
        return pid

    def arm(self, point: str) -> None:
        """Let the first process that reaches this point die there."""
        written = self.home / "arming"
        written.write_text(point, "utf-8")
        written.rename(self.home / "crash-at")

    def armed(self) -> bool:
        return (self.home / "crash-at").exists()

    def points(self) -> list[dict[str, list[str]]]:
        """What was recorded since `arm("record")`."""
        path = self.home / "crash-at.points"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def stop(self, pid: int) -> None:
        """Kill a process and all that it started."""
        self.running.discard(pid)
        self.nursery.reap(pid)

    def stop_all(self) -> None:
        for pid in [*self.running]:
            self.stop(pid)

    def children(self, master: int) -> list[int]:
        """The processes that gunicorn's master has forked."""
        with suppress(OSError):
            return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
        return []

    def kill_a_web_process(self, master: int) -> None:
        """Kill -9 one that answers; the master forks another."""
        while not (found := self.children(master)):
            time.sleep(0.005)
        with suppress(ProcessLookupError):
            os.kill(random.choice(found), signal.SIGKILL)

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/health/live")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = ANSWER_WITHIN + 5,
    ) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and headers of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {KEY}"} | (headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        finally:
            connection.close()

    def log(self) -> str:
        """The end of what the service logged."""
        return self._log.read_text("utf-8", "replace")[-4000:] if self._log.exists() else ""

    @property
    def _log(self) -> Path:
        """Not beside the database: that disk may be full."""
        return self.nursery.home / f"service-{self.port}.log"


@contextmanager
def a_newsroom(
    nursery: Nursery, home: Path, database: Database, receiver_url: str, service_url: str = "", **changes
) -> Iterator[Newsroom]:
    """A newsroom on an empty database with the newest schema; whatever runs at the end is killed."""
    home.mkdir(parents=True, exist_ok=True)
    site = a_site(slug="paper", inbound_secrets=[new_secret()])
    article = an_article(site, slug="story", external_id="post-1", published_at=datetime.now(UTC))
    endpoint, moderator = an_endpoint(site, secret=new_secret(), url=receiver_url), a_moderator(role="senior")
    with database.begin() as store:
        stored(store, site, article, endpoint, moderator)
        stored(store, an_api_key(site, digest=digest_of(KEY), scopes=[]))
    newsroom = Newsroom(
        nursery, home, database, site, moderator, service_url or database.url, port=a_free_port(), **changes
    )
    try:
        yield newsroom
    finally:
        newsroom.stop_all()


@contextmanager
def on_sqlite(
    nursery: Nursery, home: Path, migrated: Path, receiver_url: str, **changes
) -> Iterator[Newsroom]:
    """A newsroom on a copy of a migrated SQLite file."""
    home.mkdir(parents=True)
    shutil.copy(migrated, home / "moderation.db")
    database = Database(f"sqlite:///{home / 'moderation.db'}")
    try:
        with a_newsroom(nursery, home, database, receiver_url, **changes) as newsroom:
            yield newsroom
    finally:
        database.dispose()


def a_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@dataclass(frozen=True)
class Acknowledged:
    """What a client was told: this revision of this comment is taken. Kept outside the process that told it."""

    writer: str
    comment: str
    revision: int
    external_id: str | None


@dataclass
class Oracle:
    """All that clients were told, and what they were not to be told."""

    file: Path
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)  # statuses after which a client tried again
    wrong: list[str] = field(default_factory=list)  # answers that no fault excuses
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def was_told(self, told: Acknowledged) -> None:
        with self.lock, self.file.open("a", encoding="utf-8") as file:
            self.acknowledged.append(told)
            file.write(json.dumps(asdict(told)) + "\n")

    def took(self, seconds: float) -> None:
        with self.lock:
            self.slowest = max(self.slowest, seconds)


def an_oracle(newsroom: Newsroom) -> Oracle:
    """An oracle whose file lies where no fault reaches it."""
    return Oracle(newsroom.nursery.home / f"acknowledged-{newsroom.port}.jsonl")


@dataclass
class Client:
    """A site's own system: hands in comments in all the ways there are, and sends again what it got no answer to."""

    newsroom: Newsroom
    oracle: Oracle
    name: str
    patience: float = PATIENCE
    number: int = 0

    def write(self) -> bool:
        """Hand in one comment, or one and its next revision; return whether it was acknowledged."""
        self.number += 1
        writer = f"{self.name}-{self.number}"
        return (self._by_id, self._by_key, self._by_hook)[self.number % 3](writer)

    def _by_id(self, writer: str) -> bool:
        """By the API, under the site's own id, and sometimes twice at the same moment."""
        body = self._comment(writer) | {"external_id": writer}
        if self.number % 2:
            return self._post(writer, "/api/v1/comments", body, external_id=writer)
        twin = threading.Thread(
            target=self._post, args=(writer, "/api/v1/comments", body), kwargs={"external_id": writer}
        )
        twin.start()
        done = self._post(writer, "/api/v1/comments", body, external_id=writer)
        twin.join()
        return done

    def _by_key(self, writer: str) -> bool:
        """By the API, without an id of the comment: the call has a key."""
        headers = {"Idempotency-Key": f'"{writer}"'}
        return self._post(writer, "/api/v1/comments", self._comment(writer), headers)

    def _by_hook(self, writer: str) -> bool:
        """By a signed webhook, and once more with another text."""
        return all(self._revision(writer, revision) for revision in (1, 2))

    def _revision(self, writer: str, revision: int) -> bool:
        comment = {
            "external_id": writer,
            "revision": revision,
            "body": f"{self._text()} Revision {revision}.",
            "author": {"name": writer, "external_id": writer},
        }
        event = {
            "type": "comment.submitted" if revision == 1 else "comment.edited",
            "timestamp": moment(self.newsroom.now()),
            "data": {"article": {"external_id": "post-1"}, "comment": comment},
        }
        path, key = "/hooks/standard-webhooks/paper", f"{writer}-r{revision}"
        return self._post(writer, path, event, external_id=writer, revision=revision, message=key)

    def _comment(self, writer: str) -> dict[str, object]:
        author = {"name": writer, "external_id": writer}
        return {"article": {"external_id": "post-1"}, "body": self._text(), "author": author}

    def _text(self) -> str:
        said = ("I see it otherwise", UNREAD, "The council should vote again", "You are an idiot")
        return f"{said[self.number % 4]}, for reason {self.name} {self.number}."

    def _post(
        self,
        writer: str,
        path: str,
        body: dict[str, object],
        headers: dict[str, str] | None = None,
        *,
        external_id: str | None = None,
        revision: int = 1,
        message: str = "",
    ) -> bool:
        content = json.dumps(body).encode()
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            sent = {"content-type": "application/json"} | (headers or {})
            if message:
                sent |= sign(message, self.newsroom.now(), content, self.newsroom.site.inbound_secrets[0])
            began = time.monotonic()
            try:
                status, answer, told = self.newsroom.ask("POST", path, content, sent)
            except (OSError, http.client.HTTPException):
                status, answer, told = 0, b"", {}
            self.oracle.took(time.monotonic() - began)
            if status in (201, 202):
                given = json.loads(answer)
                comment = given["comment"]["id"] if message else given["id"]
                self.oracle.was_told(Acknowledged(writer, comment, revision, external_id))
                return True
            if status in (503, 507) and "retry-after" not in told:
                self.oracle.wrong.append(f"{status} without Retry-After")
            # Under a clock that goes a thousand times as fast, a third of a second in a queue makes a signature old.
            late = status == 401 and b"timestamp-old" in answer and self.newsroom.faster > 1
            if status not in (0, 409, 503, 507) and not late:
                self.oracle.wrong.append(f"{status} {answer[:300]!r}")
                return False
            self.oracle.refused.append(status)
            time.sleep(0.03)
        return False
