"""What a look at the service costs: `python -m bench.health [--held 100000] [--waiting 50000]`.

`/health/ready` and `/metrics` take one a second in each process that is asked. SQLite in a file; p50 and p95 of 50 looks.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import insert

from moderation.bootstrap.tools import build_tools
from moderation.services import overseeing
from moderation.settings import Settings
from moderation.store.tables import Article, Author, Comment, Delivery, Endpoint, Site
from moderation.store.tables import new_id as new
from moderation.telemetry import configure

LOOKS = 50


def fill(url: str, held: int, waiting: int) -> None:
    """Store comments that are held, and events that wait for an endpoint and rest behind it."""
    tools = build_tools(Settings(database_url=url))
    tools.database.upgrade()
    began = datetime.now(UTC) - timedelta(days=1)
    site, article, author, endpoint = new(), new(), new(), new()
    with tools.database.engine.begin() as connection:
        fields = {"id": site, "slug": "paper", "name": "The Paper", "language": "en", "created_at": began}
        connection.execute(
            insert(Site), fields | {"inbound_secrets": [], "origins": [], "sets_up_articles": False}
        )
        fields = {"id": article, "site_id": site, "slug": "article", "title": "Article", "people": []}
        connection.execute(insert(Article), fields | {"published_at": began, "updated_at": began})
        fields = {"id": author, "site_id": site, "name": "Reader", "role": "reader", "created_at": began}
        connection.execute(insert(Author), fields)
        fields = {"id": endpoint, "site_id": site, "url": "https://paper.example", "secret": "whsec_x"}
        connection.execute(insert(Endpoint), fields | {"created_at": began, "events": []})
        rows = (
            {
                "id": new(),
                "site_id": site,
                "article_id": article,
                "author_id": author,
                "body": "The council promised a bridge, and the plan of 2019 shows it. " * 3,
                "state": "held",
                "received_at": began + timedelta(milliseconds=number),
                "source": "api",
                "rank": 0,
            }
            for number in range(held)
        )
        connection.execute(insert(Comment), [*rows])
        rows = (
            {
                "id": f"msg_{new()}",
                "site_id": site,
                "endpoint_id": endpoint,
                "event": "comment.held",
                "payload": "x" * 1500,
                "created_at": began,
                "next_attempt_at": began + timedelta(milliseconds=number),
            }
            for number in range(waiting)
        )
        connection.execute(insert(Delivery), [*rows])
    tools.database.dispose()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--held", type=int, default=100_000)
    parser.add_argument("--waiting", type=int, default=50_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/moderation.db"
        fill(url, asked.held, asked.waiting)
        tools = build_tools(Settings(database_url=url))
        configure()
        took, used = [], []
        for _ in range(LOOKS):
            began, clock = time.perf_counter(), time.process_time()
            reading = overseeing.look(tools)
            took.append(1000 * (time.perf_counter() - began))
            used.append(1000 * (time.process_time() - clock))
        print(f"{reading.held} held, {reading.outbox.waiting} waiting")
        print(f"a look: p50 {np.percentile(took, 50):.1f} ms, p95 {np.percentile(took, 95):.1f} ms;", end=" ")
        print(f"of the processor: p50 {np.percentile(used, 50):.1f} ms")
        tools.database.dispose()


if __name__ == "__main__":
    main()
