"""Ten times more than can be answered: `python -m bench.overload [--seconds 10] [--times 10] [--workers 2]`.

Starts `moderation serve` on a database of its own and sends comments by the API, each on a connection of its own and whether
or not earlier ones were answered, as many strangers do. First the rate that 16 callers reach who wait for their answer;
then `--times` that rate; then half of it, until all is as before. The sender shares the machine's processors, so what it
could not send in time is printed too.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.doors import TEXTS, wait_for

PATIENCE = 15.0  # seconds after which a sender gives up
CALLERS = 16
WELL = (200, 201, 202)
GOOD_FOR = 1.0  # seconds without a refusal that count as recovered


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request: HTTP status (0: none), when it was sent, for how many seconds it took."""

    status: int
    sent: float
    took: float


class Sender:
    """Sends comments that are all different."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key = port, key
        self.number = 0
        self.answers: list[Answer] = []
        self.health: list[Answer] = []

    def comment(self) -> bytes:
        self.number += 1
        one = self.number
        body = json.dumps(
            {
                "article": {"slug": "putin-says-karabakh-is-azerbaijan"},
                "author": {"name": f"Reader {one}", "email": f"reader{one}@example.com"},
                "body": f"{TEXTS[one % len(TEXTS)]} {one}",
            }
        ).encode()
        head = (
            "POST /api/v1/comments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self.key}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def send(self, request: bytes, to: list[Answer]) -> None:
        sent = time.monotonic()
        status = 0
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    writer.write(request)
                    line = await reader.readline()
                    status = int(line.split()[1]) if line else 0
                    await reader.read()
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            pass
        to.append(Answer(status, sent, time.monotonic() - sent))

    async def closed(self, seconds: float) -> float:
        """Return the rate that callers reach who wait for each answer."""
        until = time.monotonic() + seconds

        async def call() -> None:
            while time.monotonic() < until:
                await self.send(self.comment(), self.answers)

        await asyncio.gather(*(call() for _ in range(CALLERS)))
        return len(self.answers) / seconds

    async def opened(self, rate: float, seconds: float) -> float:
        """Send at a rate, answered or not; return the rate that was reached. Health is asked every half second."""
        began, sent, asked = time.monotonic(), 0, 0
        tasks: set[asyncio.Task[None]] = set()
        while (now := time.monotonic() - began) < seconds:
            while sent < rate * now:
                tasks.add(asyncio.create_task(self.send(self.comment(), self.answers)))
                sent += 1
                if sent % 50 == 0:
                    await asyncio.sleep(0)
            if asked < 2 * now:
                asked += 1
                probe = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                tasks.add(asyncio.create_task(self.send(probe, self.health)))
            await asyncio.sleep(0.002)
        took = time.monotonic() - began
        await asyncio.gather(*tasks)
        return sent / took


def told(name: str, rate: float, answers: Sequence[Answer]) -> str:
    """Return a line of the table."""
    counted = Counter(answer.status for answer in answers)
    shares = ", ".join(
        f"{status or 'none'} {100 * n / len(answers):.1f} %" for status, n in sorted(counted.items())
    )
    good = [answer.took for answer in answers if answer.status in WELL]
    refused = [answer.took for answer in answers if answer.status == 429]
    return f"| {name} | {rate:.0f} | {shares} | {_percentiles(good)} | {_percentiles(refused)} |"


def _percentiles(took: Sequence[float]) -> str:
    if not took:
        return "–"
    ordered = sorted(took)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"{1000 * p50:.0f} / {1000 * p99:.0f}"


def recovery(answers: Sequence[Answer], since: float) -> float | None:
    """Return after how many seconds everything sent for `GOOD_FOR` seconds was answered well, None if never."""
    bad = [answer.sent for answer in answers if answer.status not in WELL or answer.took > 1]
    last = max(bad, default=since)
    ended = max(answer.sent for answer in answers)
    return last - since if ended - last >= GOOD_FOR else None


async def measure(port: int, key: str, seconds: float, times: float) -> None:
    sender = Sender(port, key)
    await sender.closed(2)  # warm
    sender.answers = []
    sustained = await sender.closed(seconds)
    print("| load | sent a second | answers | accepted: p50 / p99 ms | turned away: p50 / p99 ms |")
    print("| --- | --: | --- | --: | --: |")
    print(told(f"{CALLERS} callers who wait", sustained, sender.answers))
    sender.answers = []
    sender.health = []
    reached = await sender.opened(sustained * times, seconds)
    print(told(f"{times:g} times that", reached, sender.answers))
    accepted = sum(answer.status in WELL for answer in sender.answers)
    print(told("health meanwhile", 2, sender.health))
    sender.answers = []
    since = time.monotonic()
    reached = await sender.opened(sustained / 2, 12)
    print(told("half of it, at once after", reached, sender.answers))
    seconds_to = recovery(sender.answers, since)
    print(
        f"\nAccepted a second under overload: {accepted / seconds:.0f} of {sustained:.0f}. Recovered after "
        + ("more than 11 s." if seconds_to is None else f"{seconds_to:.1f} s.")
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--times", type=float, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--longest-wait", default="0.4")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = os.environ | {
            "MODERATION_DATABASE_URL": f"sqlite:///{folder}/moderation.db",
            "MODERATION_PORT": str(port),
            "MODERATION_API_LIMIT": "10000000 per minute",
            "MODERATION_LONGEST_WAIT": asked.longest_wait,
        }
        run = [sys.executable, "-m", "moderation"]
        subprocess.run([*run, "seed"], env=environment, check=True, capture_output=True)
        key = subprocess.run(
            [*run, "site", "key", "asbarez"], env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()
        with (Path(folder) / "log").open("w") as log:
            server = subprocess.Popen(
                [*run, "serve", "--workers", str(asked.workers)], env=environment, stderr=log, stdout=log
            )
        try:
            wait_for(port)
            asyncio.run(measure(port, key, asked.seconds, asked.times))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
