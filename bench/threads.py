"""What the pages of a long discussion cost: p50 and p95 of 200 requests each, through the application's test client.

    make bench-threads        (python -m bench.threads [--comments 5000] [--requests 200])

Three discussions of 5,000 published comments: all on the top level, all below one comment, and 500 threads of ten.
One process, SQLite in a file, template and answer included, network not. The processor's time is beside the wall
clock's, for on a machine that does other work the clock counts that too.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from moderation.bootstrap.tools import build_tools
from moderation.settings import Settings
from moderation.store.tables import Article, Author, Comment, Site
from moderation.store.tables import new_id as new
from moderation.telemetry import configure
from moderation.web import create_app

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = "I see it otherwise, and here is why: the council promised a bridge, and the plan of 2019 shows it. "
LINK = "https://example.com/plan"
AUTHORS = 200
SHAPES: dict[str, Callable[[int], int | None]] = {  # number of a comment -> number of the one it answers
    "all on the top level": lambda number: None,
    "all below one": lambda number: 0 if number else None,
    "500 threads of ten": lambda number: number - number % 10 if number % 10 else None,
}


def fill(database_url: str, comments: int, shapes: Collection[str] = SHAPES) -> dict[str, tuple[str, str]]:
    """Store a discussion of every shape; return slug and article id of each."""
    tools = build_tools(Settings(database_url=database_url))
    tools.database.upgrade()
    places = {}
    with tools.database.engine.begin() as connection:
        site = {"id": new(), "slug": "paper", "name": "The Paper", "language": "en", "created_at": BEGUN}
        connection.execute(
            insert(Site), site | {"inbound_secrets": [], "origins": [], "sets_up_articles": False}
        )
        authors = [new() for _ in range(AUTHORS)]
        rows = [
            {"id": key, "site_id": site["id"], "name": f"Reader {n}", "role": "reader", "created_at": BEGUN}
            for n, key in enumerate(authors)
        ]
        connection.execute(insert(Author), rows)
        for number, shape in enumerate(shapes):
            answers = SHAPES[shape]
            article = new()
            fields = {"id": article, "site_id": site["id"], "slug": f"article-{number}", "title": shape}
            fields |= {"people": [], "published_at": BEGUN, "updated_at": BEGUN}
            connection.execute(insert(Article), fields)
            ids = [new() for _ in range(comments)]
            parents = [answers(n) for n in range(comments)]
            answered = Counter(parents)
            rows = [
                {
                    "id": ids[n],
                    "site_id": site["id"],
                    "article_id": article,
                    "author_id": authors[n % AUTHORS],
                    "parent_id": None if parent is None else ids[parent],
                    "top_id": None if parent is None else ids[parent],
                    "replies": answered[n],
                    "body": WORDS * (1 + n % 4) + LINK * (n % 4 == 0),
                    "source": "form",
                    "state": "published",
                    "received_at": BEGUN + timedelta(seconds=n),
                    "published_at": BEGUN + timedelta(seconds=n),
                }
                for n, parent in enumerate(parents)
            ]
            connection.execute(insert(Comment), rows)
            places[shape] = (f"article-{number}", article)
    tools.database.dispose()
    return places


def times(ask: Callable[[], object], requests: int, rare: float = 0.95) -> list[float]:
    """Return p50 and a rare quantile of a request in milliseconds: of the wall clock, then of the processor; ten warm up."""
    for _ in range(10):
        ask()
    wall, processor = [], []
    for _ in range(requests):
        began, worked = time.perf_counter(), time.process_time()
        ask()
        wall.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - worked))
    return [float(np.quantile(taken, share)) for taken in (wall, processor) for share in (0.5, rare)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--comments", type=int, default=5000)
    parser.add_argument("--requests", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/bench.db"
        places = fill(url, asked.comments)
        client = create_app(build_tools(Settings(database_url=url))).test_client()
        configure(StringIO())  # a line for every request is written as in service, and not shown
        print(f"{asked.comments:,} comments, {asked.requests} requests each\n")
        print("| discussion | page | p50 ms | p95 ms | p50 ms of processor | p95 ms of processor | kB |")
        print("|---|---|---:|---:|---:|---:|---:|")
        for shape, (slug, article) in places.items():
            oldest = client.get(f"/articles/{slug}?order=oldest").text.partition('id="c-')[2][:32]
            pages = {
                "first, newest": f"/articles/{slug}",
                "first, oldest": f"/articles/{slug}?order=oldest",
                "first, most discussed": f"/articles/{slug}?order=discussed",
                "in the frame": f"/embed/articles/{article}",
                "a permalink": f"/articles/{slug}?around={oldest}",
                "a thread": f"/articles/{slug}/threads/{oldest}",
                "Atom": f"/articles/{slug}/comments.atom",
                "counts": f"/counts?slug={slug}",
            }
            for name, address in pages.items():

                def ask(address: str = address) -> object:
                    answer = client.get(address)
                    assert answer.status_code == 200, (address, answer.status_code)
                    return answer

                figures = " | ".join(f"{taken:.1f}" for taken in times(ask, asked.requests))
                size = len(client.get(address).data) / 1000
                print(f"| {shape} | {name} | {figures} | {size:.0f} |", flush=True)


if __name__ == "__main__":
    main()
