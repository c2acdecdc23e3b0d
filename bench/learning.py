"""Learning tried: dev rows stand for comments, their raters for moderators; a candidate is made and led to the gate.

`python -m bench.learning --data DATA` prints what the gate found. Database and candidate are in a folder that goes.
The candidate has seen dev rows, so no other figure may be taken from it.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pyarrow import parquet

from moderation.bootstrap.engine import engine_with
from moderation.bootstrap.tools import build_tools
from moderation.classifier import ledger
from moderation.classifier.datasets import CLEAN_BELOW, POSITIVE_FROM
from moderation.services import learning
from moderation.settings import Settings
from moderation.store.tables import Article, Author, Comment, DecisionRow, LabelledDecision, Site
from moderation.store.unit_of_work import Store

SOURCES = ("toxic_spans", "insults_impermium", "cad_reddit")
AUTHORS, MODERATORS = 300, 3
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def judged(data: Path) -> Iterator[tuple[str, bool]]:
    """Yield texts on whose attacks raters agreed, in random order, and whether they are some."""
    rows = parquet.read_table(data / "dev.parquet", columns=["text", "source", "lang", "attack"]).to_pylist()
    for number in np.random.default_rng(3).permutation(len(rows)).tolist():
        row = rows[number]
        text, share = row["text"].replace("\0", " ").strip(), row["attack"]
        if row["source"] not in SOURCES or row["lang"] != "en" or share is None or not 0 < len(text) <= 5000:
            continue
        if share < CLEAN_BELOW or share >= POSITIVE_FROM:
            yield text, share >= POSITIVE_FROM


def fill(store: Store, data: Path) -> int:
    """Store comments with a moderator's decision on each; return how many."""
    site = store.sites.add(Site(slug="paper", name="The Paper", created_at=NOW))
    article = store.articles.add(
        Article(site_id=site.id, slug="article", title="A headline", published_at=NOW, updated_at=NOW)
    )
    authors = [
        store.people.add(Author(site_id=site.id, name=f"A{n}", created_at=NOW)) for n in range(AUTHORS)
    ]
    count = 0
    for count, (text, attack) in enumerate(judged(data), 1):
        comment = Comment(
            id=f"c{count}",  # so that the same ones are held out each time
            site_id=site.id,
            article_id=article.id,
            author_id=authors[count % AUTHORS].id,
            body=text,
            source="import",
            state="rejected" if attack else "published",
            received_at=NOW,
        )
        verdict, clause = ("reject", "personal-attack") if attack else ("publish", None)
        decided = DecisionRow(
            comment_id=comment.id,
            made_by="engine",
            verdict="hold",
            public={},
            policy_version="",
            decided_at=NOW,
        )
        store.comments.add(comment, decided)
        who = f"m{count % MODERATORS}"
        store.comments.add_label(
            LabelledDecision(
                comment_id=comment.id, revision=1, who=who, verdict=verdict, clause=clause, at=NOW
            )
        )
    return count


def main() -> None:
    """Fill, learn, gate; print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--recipe", type=Path, default=Path("models/first/recipe.toml"))
    given = parser.parse_args()
    with TemporaryDirectory() as place:
        settings = Settings(
            database_url=f"sqlite:///{place}/moderation.db", learned_dir=Path(place) / "models"
        )
        tools = build_tools(settings)
        tools.database.upgrade()
        with tools.database.begin() as store:
            count = fill(store, given.data)
        started = time.perf_counter()
        version = learning.learn(tools, given.recipe, given.data, "bench", progress=False)
        trained = time.perf_counter()
        found = learning.lessons(tools)
        print(
            f"{count} decisions: {len(found.training)} train, {len(found.held_out)} are held out, {dict(found.left_out)}"
        )
        folder = ledger.folder_of(settings.learned_dir, version)
        checks = learning.gate(tools, version, engine_with(settings, tools.engine, folder), "bench")
        print(f"learned in {trained - started:.0f} s, compared in {time.perf_counter() - trained:.0f} s")
        for check in checks:
            print(f"{'passed' if check.passed else 'FAILED'}  {check.name:8} {check.reason}")
        for turned in next(check for check in checks if check.name == "golden").figures["turned"]:
            print(f"        {turned['before']} -> {turned['after']}: {turned['body']!r}")
        tools.database.dispose()


if __name__ == "__main__":
    main()
