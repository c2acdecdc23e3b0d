"""What a comment takes of the disk, and how long a database takes to be copied: `python -m bench.footprint --comments 2000`.

Comments are handed in as readers do, under the shipped policy, with an endpoint that is told of each: comment, decision,
audit events, delivery and all indices are counted.
"""

import argparse
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.replay import BAD, CLEAN
from moderation.bootstrap.tools import build_tools
from moderation.services.seeding import seed
from moderation.services.submitting import NewComment, Writer, submit_comment
from moderation.settings import Settings
from moderation.store import copying
from moderation.store.tables import Endpoint
from moderation.store.unit_of_work import Database


def main() -> None:
    """Print bytes a comment and rows a second."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--comments", type=int, default=2000)
    parser.add_argument("--to", default="", help="Where to copy it; another SQLite file if left out.")
    given = parser.parse_args()
    chance = random.Random(20261125)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "moderation.db"
        tools = build_tools(Settings(database_url=f"sqlite:///{path}"))
        tools.database.upgrade()
        article = seed(tools)
        with tools.database.begin() as store:
            store.sites.add_endpoint(
                Endpoint(
                    site_id=article.site_id,
                    url="https://paper.example/hook",
                    secret="",
                    created_at=datetime.now(UTC),
                )
            )
        empty = size(tools.database, path)
        for number in range(given.comments):
            body = (
                f"{chance.choice(BAD if chance.random() < 0.1 else CLEAN)} {chance.choice(CLEAN)} ({number})"
            )
            writer = Writer(f"Reader {number}", f"reader{number}@example.com")
            submit_comment(tools, NewComment(article.site_id, article.id, body, writer))
        taken = size(tools.database, path) - empty
        print(f"{taken / given.comments:,.0f} bytes a comment, {given.comments:,} comments")
        target = Database(given.to or f"sqlite:///{folder}/copy.db")
        target.upgrade()
        begun = time.perf_counter()
        rows = sum(number for _, number in copying.copy(tools.database, target))
        took = time.perf_counter() - begun
        print(f"copied: {rows:,} rows in {took:.1f} s, {rows / took:,.0f} a second")


def size(database: Database, path: Path) -> int:
    """Return the bytes of the file, with nothing left in its log."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


if __name__ == "__main__":
    main()
