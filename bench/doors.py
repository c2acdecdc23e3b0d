"""How fast the foreign APIs answer: `python -m bench.doors [--callers 20] [--seconds 20] [--comments FILE]`.

Starts `moderation serve` on a database of its own and asks as Coral does, as a client of Perspective and as one of Akismet do, each
comment once. FILE has a text a line in a JSON object under `text`; without it a few sentences with a number are sent.
"""

import argparse
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import httpx

from moderation.protocols import coral

TEXTS = (
    "I think the ceasefire terms are unfair to Armenia and the mediators know it.",
    "You clearly have not read the article.",
    "What a moron.",
    "Это неправда, и вы это знаете.",
    "Այս որոշումը սխալ է։",
    "The corridor must stay open, whatever Baku says, and the peacekeepers should say so.",
)
Ask = Callable[[httpx.Client], str]
BLOG, SECRET = "https://paper.example", "empsec_" + secrets.token_hex(16)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--callers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--comments", type=Path)
    asked = parser.parse_args()
    texts = TEXTS
    if asked.comments:
        texts = tuple(json.loads(line)["text"] for line in asked.comments.read_text("utf-8").splitlines())
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = os.environ | {
            "MODERATION_DATABASE_URL": f"sqlite:///{folder}/moderation.db",
            "MODERATION_PORT": str(port),
            "MODERATION_BASE_URL": f"http://127.0.0.1:{port}",
        }

        def command(*words: str, told: str = "") -> str:
            run = [sys.executable, "-m", "moderation", *words]
            return subprocess.run(
                run, env=environment, input=told, check=True, capture_output=True, text=True
            ).stdout.strip()

        command("site", "add", "paper", "--name", "Paper", "--origin", BLOG)
        key = command("site", "key", "paper", "--akismet")
        open_key = command("site", "key", "paper")
        command("site", "coral", "paper", told=SECRET)
        serve = [sys.executable, "-m", "moderation", "serve", "--workers", str(asked.workers)]
        with (Path(folder) / "log").open("w") as log:
            server = subprocess.Popen(serve, env=environment, stderr=log, stdout=log)
        try:
            wait_for(port)
            print("| door | calls a second | p50 ms | p99 ms | slowest ms | answers |")
            print("| --- | --: | --: | --: | --: | --- |")
            for name, ask in (
                ("Coral phase", ask_as_coral(texts)),
                ("Perspective", ask_as_perspective(texts, open_key)),
                ("Akismet", ask_as_akismet(texts, key)),
            ):
                measure(name, port, ask, asked.callers, asked.seconds)
        finally:
            server.terminate()
            server.wait()


def ask_as_coral(texts: Sequence[str]) -> Ask:
    number = count()

    def ask(client: httpx.Client) -> str:
        one = next(number)
        call = {
            "action": "NEW",
            "comment": {"body": f"{texts[one % len(texts)]} {one}", "parentID": None},
            "author": {"id": f"a-{one}", "role": "COMMENTER"},
            "story": {"id": f"s-{one % 50}", "url": f"{BLOG}/{one % 50}"},
            "site": {"id": "1"},
            "tenantID": "1",
            "tenantDomain": "coral.paper.example",
        }
        body = json.dumps(call, indent=2).encode()
        headers = {"X-Coral-Signature": coral.sign(body, SECRET), "Content-Type": "application/json"}
        answer = client.post("/coral/phase/paper", content=body, headers=headers)
        return answer.json()["status"] if answer.status_code == 200 else str(answer.status_code)

    return ask


def ask_as_akismet(texts: Sequence[str], key: str) -> Ask:
    number = count()

    def ask(client: httpx.Client) -> str:
        one = next(number)
        form = {
            "api_key": key,
            "blog": BLOG,
            "permalink": f"{BLOG}/{one % 50}",
            "user_ip": "192.0.2.9",
            "comment_author": f"Ann {one}",
            "comment_author_email": f"ann{one}@example.com",
            "comment_content": f"{texts[one % len(texts)]} {one}",
        }
        answer = client.post("/1.1/comment-check", data=form)
        return answer.text if answer.status_code == 200 else str(answer.status_code)

    return ask


def ask_as_perspective(texts: Sequence[str], key: str) -> Ask:
    number = count()

    def ask(client: httpx.Client) -> str:
        one = next(number)
        call = {
            "comment": {"text": f"{texts[one % len(texts)]} {one}"},
            "requestedAttributes": {"TOXICITY": {}},
            "doNotStore": True,
        }
        answer = client.post(f"/v1alpha1/comments:analyze?key={key}", json=call)
        return str(answer.status_code)

    return ask


def measure(name: str, port: int, ask: Ask, callers: int, seconds: float) -> None:
    took: list[float] = []
    answers: Counter[str] = Counter()
    lock = threading.Lock()
    until = time.monotonic() + seconds

    def call() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            ask(client)  # warm
            while time.monotonic() < until:
                began = time.perf_counter()
                said = ask(client)
                with lock:
                    took.append(1000 * (time.perf_counter() - began))
                    answers[said] += 1

    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    told = ", ".join(f"{said} {100 * times / len(took):.1f} %" for said, times in answers.most_common())
    print(
        f"| {name} | {len(took) / seconds:.0f} | {took[len(took) // 2]:.0f} | {took[int(len(took) * 0.99)]:.0f} "
        f"| {took[-1]:.0f} | {told} |"
    )


def wait_for(port: int) -> None:
    for _ in range(240):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit("the service did not start")


if __name__ == "__main__":
    main()
