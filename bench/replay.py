"""A replay over stored comments: fill a database, run `moderation policy replay`, kill it once, go on, compare digests.

    python bench/replay.py --comments 100000 --url sqlite:////tmp/replay.db

Texts are made of stock sentences, a tenth of them against the rules, each with a number so that none is like another.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from moderation.settings import Settings
from moderation.store.tables import Article, Author, Comment, DecisionRow, Site, new_id
from moderation.store.unit_of_work import Database

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CLEAN = (
    "The vote was postponed again and nobody in Yerevan explained why it had to be.",
    "My grandparents came from Kharpert, and articles like this one bring their stories back.",
    "I disagree with the author on the pipeline, but the figures in the second half are right.",
    "Ես համաձայն չեմ այս հոդվածի հետ, բայց շնորհակալ եմ տեղեկութեան համար։",
    "How much of the budget goes to the schools in the region? The text does not say.",
    "Thank you for covering the commemoration in Montebello, it was moving.",
    "If the ceasefire holds until spring, the road may open; I would not bet on it.",
    "Glendale needs more parking before it needs another mall, as everybody knows.",
    "This is a fair summary, though the minister's own words would have been better.",
)
BAD = (
    "You are an idiot and so is whoever taught you to read.",
    "What a load of bullshit, shame on this paper.",
    "Go back to where you came from, you people are animals.",
)


def fill(url: str, number: int) -> None:
    """Store that many comments of 500 authors under 40 articles, each with a decision."""
    database = Database(url)
    database.upgrade()
    chance = random.Random(20261125)
    site = Site(slug="bench", name="Bench", created_at=BEGIN)
    with database.begin() as store:
        store.sites.add(site)
        articles = [
            Article(
                site_id=site.id,
                slug=f"a{n}",
                title=f"Headline {n}",
                byline="Jo Writer",
                people=["Nikol Pashinyan"],
                published_at=BEGIN,
                updated_at=BEGIN,
            )
            for n in range(40)
        ]
        for article in articles:
            store.articles.add(article)
        authors = [Author(site_id=site.id, name=f"Reader {n}", created_at=BEGIN) for n in range(500)]
        for author in authors:
            store.people.add(author)
    # In one go: what a comment costs to hand in is measured elsewhere.
    with database.engine.begin() as connection:
        for start in range(0, number, 5000):
            comments, decisions = [], []
            for n in range(start, min(start + 5000, number)):
                bad = chance.random() < 0.1
                body = f"{chance.choice(BAD if bad else CLEAN)} {chance.choice(CLEAN)} ({n})"
                comment_id, decision_id, at = new_id(), new_id(), BEGIN + timedelta(seconds=n)
                comments.append(
                    {
                        "id": comment_id,
                        "site_id": site.id,
                        "article_id": chance.choice(articles).id,
                        "author_id": chance.choice(authors).id,
                        "body": body,
                        "source": "form",
                        "state": "rejected" if bad else "published",
                        "version": 1,
                        "revision": 1,
                        "replies": 0,
                        "submitted_digest": "",
                        "received_at": at,
                        "decision_id": decision_id,
                    }
                )
                decisions.append(
                    {
                        "id": decision_id,
                        "comment_id": comment_id,
                        "number": 1,
                        "revision": 1,
                        "made_by": "engine" if n % 20 else "m1",
                        "verdict": "reject" if bad else "publish",
                        "public": {},
                        "signals": [],
                        "policy_version": "bench",
                        "model_versions": {},
                        "engine_version": "1",
                        "decided_at": at,
                        "duration_ms": 0.2,
                    }
                )
            connection.execute(insert(Comment.__table__), comments)
            connection.execute(insert(DecisionRow.__table__), decisions)
    database.dispose()


def a_draft(folder: Path) -> Path:
    """Return the file of a draft that holds more under one clause than the policy does."""
    text = Settings().policy_path.read_text("utf-8")
    draft = folder / "draft.toml"
    head = text.index("[clauses.profanity]")
    draft.write_text(text[:head] + text[head:].replace("hold_at = 0.45", "hold_at = 0.35", 1), "utf-8")
    return draft


def run(environment: dict[str, str], *arguments: str, kill_after: float = 0.0) -> tuple[str, float]:
    """Return what the command printed and how long it took; killed after so many seconds if that is asked for."""
    command = [sys.executable, "-m", "moderation", "policy", "replay", *arguments]
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    if kill_after:
        time.sleep(kill_after)
        os.killpg(process.pid, signal.SIGKILL)
    printed, _ = process.communicate()
    return printed, time.perf_counter() - begun


def digest(printed: str) -> str:
    """Return the digest of all verdicts that a replay printed."""
    found = re.search(r"digest (\w+)", printed)
    return found[1] if found else ""


def main() -> None:
    """Print wall time, comments a second, whether it is the same twice and after a kill."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--kill-after", type=float, default=20.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/replay.db"
        fill(url, given.comments)
        draft = a_draft(Path(folder))
        environment = os.environ | {"MODERATION_DATABASE_URL": url}
        last = ("--last", str(given.comments))
        first, took = run(environment, str(draft), *last)
        print(first, f"all in all {took:.1f} s, start of the processes included", sep="\n")
        killed, _ = run(environment, str(draft), *last, kill_after=given.kill_after)
        replay_id = re.search(r"Replay (\w+)", killed)
        if replay_id is None:
            raise SystemExit("It was killed before it began: raise --kill-after.")
        time.sleep(125)  # until its lease is over
        resumed, _ = run(environment, "--resume", replay_id[1])
        print(f"killed after {given.kill_after:.0f} s and resumed:", resumed, sep="\n")
        print("same result:", digest(first) == digest(resumed) != "")


if __name__ == "__main__":
    main()
