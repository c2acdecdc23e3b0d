"""What a page of the moderators' queue costs: p50 and p99 of pages of 50 in a queue of 100,000, and its queries.

    python -m bench.desk [--comments 100000] [--requests 100]

Every comment is held, under eight rules, three detectors and three languages, by 2,000 authors under 100 articles. The
pages go through the application's test client, signed in, one process, SQLite in a file: template, navigation and
answer included, network not. The processor's time is beside the wall clock's, for on a machine that does other work
the clock counts that too.
"""

import argparse
import gc
import re
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import event, insert

from bench.threads import times
from moderation.bootstrap.tools import build_tools
from moderation.services import Tools, admitting
from moderation.settings import Settings
from moderation.store.comments import rank_of
from moderation.store.tables import Article, Author, Comment, DecisionRow, Site
from moderation.store.tables import new_id as new
from moderation.telemetry import configure
from moderation.web import create_app

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = "You are a fool, and here is why: the council promised a bridge, and the plan of 2019 shows it. "
AUTHORS, ARTICLES, BATCH = 2000, 100, 10_000
LANGUAGES, DETECTORS = ("en", "hy", "ru"), ("personal_attack", "profanity", "learned")
PASSWORD = "a password for the bench alone"


def fill(tools: Tools, comments: int) -> None:
    """Store the queue."""
    rules = [*tools.engine.policy.clauses.values()]
    site = {"id": new(), "slug": "paper", "name": "The Paper", "language": "en", "created_at": BEGUN}
    authors, articles = [new() for _ in range(AUTHORS)], [new() for _ in range(ARTICLES)]
    with tools.database.engine.begin() as connection:
        connection.execute(
            insert(Site), site | {"inbound_secrets": [], "origins": [], "sets_up_articles": False}
        )
        connection.execute(
            insert(Author),
            [
                {"id": key, "site_id": site["id"], "name": f"Reader {n}", "role": "reader"}
                | {"created_at": BEGUN}
                for n, key in enumerate(authors)
            ],
        )
        connection.execute(
            insert(Article),
            [
                {"id": key, "site_id": site["id"], "slug": f"article-{n}", "title": f"Article {n}"}
                | {"people": [], "published_at": BEGUN, "updated_at": BEGUN}
                for n, key in enumerate(articles)
            ],
        )
        for first in range(0, comments, BATCH):
            numbers = range(first, min(first + BATCH, comments))
            keys = [(new(), new()) for _ in numbers]
            held, decided = [], []
            for n, (comment, decision) in zip(numbers, keys, strict=True):
                rule, detector = rules[n % len(rules)], DETECTORS[n % len(DETECTORS)]
                at = BEGUN + timedelta(seconds=n)
                signal = {"detector": detector, "clause": rule.id, "score": 0.6, "spans": [[10, 14]]}
                signal |= {"target": "reader", "matched_as": None, "note": "", "failed": False}
                public = {"verdict": "hold", "clause": rule.id, "reasons": [], "scores": {}}
                held.append(
                    {
                        "id": comment,
                        "site_id": site["id"],
                        "article_id": articles[n % ARTICLES],
                        "author_id": authors[n % AUTHORS],
                        "body": WORDS * (1 + n % 4),
                        "language": LANGUAGES[n % len(LANGUAGES)],
                        "source": "form",
                        "state": "held",
                        "received_at": at,
                        "decision_id": decision,
                        "clause": rule.id,
                        "detector": detector,
                        "rank": rank_of(rule.severity, n % 3, n % 7),
                    }
                )
                decided.append(
                    {
                        "id": decision,
                        "comment_id": comment,
                        "number": 1,
                        "made_by": "engine",
                        "verdict": "hold",
                        "clause": rule.id,
                        "severity": rule.severity,
                        "public": public | {"policy_version": "bench", "model_versions": {}},
                        "signals": [signal],
                        "policy_version": "bench",
                        "model_versions": {},
                        "decided_at": at,
                    }
                )
            connection.execute(insert(Comment), held)
            connection.execute(insert(DecisionRow), decided)


def entered(tools: Tools) -> FlaskClient:
    """Return the browser of a moderator who is signed in."""
    token = admitting.invite(tools, "bench@paper.example", "moderator", "cli")
    client = create_app(tools).test_client()
    page = client.get(f"/desk/welcome/{token}").text
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert csrf is not None
    fields = {"csrf_token": csrf[1], "name": "Bench", "password": PASSWORD}
    assert client.post(f"/desk/welcome/{token}", data=fields).status_code == 303
    return client


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=100)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tools = build_tools(Settings(database_url=f"sqlite:///{Path(folder)}/bench.db", live_streams=0))
        tools.database.upgrade()
        fill(tools, asked.comments)
        gc.freeze()  # as a process that serves does
        configure(StringIO())  # a line for every request is written as in service, and not shown
        client = entered(tools)
        first = client.get("/desk/").text
        following = re.search(r'href="(/desk/\?after=[^"]+)"', first)
        assert following is not None
        pages = {
            "gravest first": "/desk/",
            "its second page": following[1],
            "oldest first": "/desk/?order=oldest",
            "one rule": "/desk/?clause=spam",
            "one detector": "/desk/?detector=learned",
            "one language": "/desk/?language=hy",
            "one rule in one language": "/desk/?clause=spam&language=hy",
        }
        queries: list[str] = []

        def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            queries.append(statement)

        event.listen(tools.database.engine, "before_cursor_execute", count)
        print(f"{asked.comments:,} comments held, {asked.requests} requests each\n")
        print("| page of 50 | queries | p50 ms | p99 ms | p50 ms of processor | p99 ms of processor |")
        print("|---|---:|---:|---:|---:|---:|")
        for name, address in pages.items():
            queries.clear()
            assert client.get(address).text.count('class="case"') == min(50, asked.comments)
            number = len([one for one in queries if one.startswith("SELECT")])
            taken = times(partial(client.get, address), asked.requests, 0.99)
            print(
                f"| {name} | {number} | " + " | ".join(f"{value:.0f}" for value in taken) + " |", flush=True
            )


if __name__ == "__main__":
    main()
