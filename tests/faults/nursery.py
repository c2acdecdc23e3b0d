"""The service as fault tests start it: forked from a warm process that has built the engine once.

What runs in the child is `moderation serve` or `moderation worker` and nothing else, but for two things that stand
in this file alone: a clock that goes faster, so that a lease of minutes is over in a second; and points at which the
process kills itself.

A point is `scope.event:number`: in a request (`accept`) or in a round of the relay (`deliver`), when something happens
for the number-th time: a `statement` is about to be sent, a transaction about to be `commit`ted or just `committed`, the
text about to be `decide`d, a webhook about to be `send`, and so on. Whoever waits for it writes it into the file that
MODERATION_CRASH_AT names; the process that reaches it deletes the file, and is dead. `record` in its place has all
points that one comment passes written down, so that a test need not know them.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections import Counter
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import partial, wraps
from pathlib import Path

import sqlalchemy
from sqlalchemy.engine.default import DefaultDialect

from moderation import web, worker
from moderation.bootstrap import tools as building
from moderation.bootstrap.engine import build_engine
from moderation.cli import build_app
from moderation.engine import Engine
from moderation.safe_http import SafeClient
from moderation.services import Tools
from moderation.settings import read_settings

FILE = "MODERATION_CRASH_AT"
CLOCK = (
    "MODERATION_TEST_CLOCK"  # when it began (real and shown, in seconds), and how many times as fast it goes
)
RECORD = "record"
COMMENTS = ("/api/v1/comments", "/hooks/")


class Passage:
    """One comment on its way in, or one round of the relay, and what happens in it."""

    def __init__(self, scope: str) -> None:
        self.file, self.scope = Path(os.environ[FILE]), scope
        try:
            self.fatal = self.file.read_text("utf-8")
        except FileNotFoundError:
            self.fatal = ""
        self.counts: Counter[str] = Counter()
        self.points: list[str] = []

    def reached(self, event: str) -> None:
        self.counts[event] += 1
        point = f"{self.scope}.{event}:{self.counts[event]}"
        self.points.append(point)
        if point == self.fatal:
            try:
                self.file.unlink()
            except FileNotFoundError:  # another process was quicker to die
                self.fatal = ""
            else:
                os.kill(os.getpid(), signal.SIGKILL)

    def over(self) -> None:
        if self.fatal == RECORD and (self.scope == "accept" or self.counts["send"]):
            with self.file.with_suffix(".points").open("a", encoding="utf-8") as file:
                file.write(json.dumps({self.scope: self.points}) + "\n")


PASSAGE: ContextVar[Passage | None] = ContextVar("passage", default=None)


def reached(event: str, *_: object) -> None:
    if (passage := PASSAGE.get()) is not None:
        passage.reached(event)


@contextmanager
def passing(scope: str):
    passage = Passage(scope)
    token = PASSAGE.set(passage)
    try:
        yield
    finally:
        PASSAGE.reset(token)
        passage.over()


def around(owner: object, name: str, before: str, after: str) -> None:
    whole = getattr(owner, name)

    @wraps(whole)
    def told(*args, **named):
        reached(before)
        answer = whole(*args, **named)
        reached(after)
        return answer

    setattr(owner, name, told)


def lay_points() -> None:
    """Let the process see where it is, and die there if somebody waits for it."""
    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", partial(reached, "statement"))
    around(DefaultDialect, "do_commit", "commit", "committed")
    around(Engine, "decide", "decide", "decided")
    around(SafeClient, "post", "send", "sent")
    due, create_app = worker.deliver_due, web.create_app

    def deliver_due(tools: Tools) -> int:
        with passing("deliver"):
            return due(tools)

    def create_dying_app(tools: Tools | None = None):
        app = create_app(tools)
        inner = app.wsgi_app

        def wsgi(environ, start_response):
            if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].startswith(COMMENTS):
                return inner(environ, start_response)
            with passing("accept"):
                answer = b"".join(inner(environ, start_response))
                reached("answer")
            return [answer]

        app.wsgi_app = wsgi
        return app

    worker.STEADY = tuple(deliver_due if job is due else job for job in worker.STEADY)
    web.create_app = create_dying_app


def hurry(clock: str) -> None:
    """Let the clock of all tools go so many times as fast."""
    began, shown, factor = map(float, clock.split(","))

    def now() -> datetime:
        return datetime.fromtimestamp(shown, UTC) + timedelta(seconds=(time.time() - began) * factor)

    building.Tools = partial(Tools, now=now)


def child(argv: list[str], variables: dict[str, str], log: str) -> None:
    """Become the service."""
    os.setsid()
    with Path(log).open("ab") as file, Path(os.devnull).open("rb") as nothing:
        for number, stream in enumerate((nothing, file, file)):
            os.dup2(stream.fileno(), number)
    os.environ.update(variables)
    if variables.get(CLOCK):
        hurry(variables[CLOCK])
    if variables.get(FILE):
        lay_points()
    build_app()(argv, standalone_mode=False)


def main() -> None:
    """Fork what is asked for on standard input, a JSON object a line; end with all children when it ends."""
    engine = build_engine(read_settings())
    building.build_engine = lambda settings, on_failure, on_asked: Engine(
        engine.policy, engine.scorers, engine.detectors, on_failure
    )
    children: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if "reap" in asked:
            with suppress(ProcessLookupError):
                os.killpg(asked["reap"], signal.SIGKILL)
            with suppress(ProcessLookupError):
                os.kill(asked["reap"], signal.SIGKILL)  # it may not have made a group of its own yet
            os.waitpid(asked["reap"], 0)
            children.discard(asked["reap"])
            answer = 0
        elif not (answer := os.fork()):
            try:
                child(asked["argv"], asked["variables"], asked["log"])
            except Exception:  # noqa: BLE001 - told in the child's own log
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(1)
        children |= {answer} - {0}
        print(answer, flush=True)
    for pid in children:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
