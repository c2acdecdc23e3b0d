"""How costs grow with what is stored, to a million comments: one table, one chart.

    make bench-curves        (python -m bench.curves [--sizes 1000,10000,100000,1000000] --chart docs/cost-curves.svg)

For each size a SQLite file of its own, asked in this process through the application's test client, as `bench.desk` and
`bench.threads` do; p50 of processor milliseconds, which other work on the machine changes least:

    the queue        its first page of 50, where so many wait
    a discussion     its first page, where so many stand under one article, in threads of ten
    a comment        handed in under an article of the site that has so many held, decision, both models and commit included
    a replay         a comment of it: rules and first stage over all that are stored, two processes, their start (4 s) included
    a decision       of one comment of 100 to 10,000 characters: its own column, for size here is its length
"""

import argparse
import gc
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from itertools import islice
from os import environ
from pathlib import Path

from sqlalchemy import select

from bench import desk, replay, threads
from bench.comments import comments
from moderation.bootstrap.tools import build_tools
from moderation.engine.types import Context, Submission
from moderation.services.submitting import NewComment, Writer, submit_comment
from moderation.settings import Settings
from moderation.store.tables import Article
from moderation.telemetry import configure
from moderation.web import create_app

SIZES = (1_000, 10_000, 100_000, 1_000_000)
LENGTHS = (100, 300, 1_000, 3_000, 10_000)
REQUESTS = 60
Point = tuple[str, int, float]


def main() -> None:
    """Print the table and draw the chart."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--chart", type=Path)
    asked = parser.parse_args()
    points: list[Point] = [*decision()]
    for size in map(int, asked.sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            points += stored(Path(folder), size)
    print("| what | size | ms |")
    print("| --- | --: | --: |")
    for what, size, taken in points:
        print(f"| {what} | {size:,} | {taken:.3f} |")
    if asked.chart:
        asked.chart.write_text(drawn(points) + "\n", "utf-8")


def stored(folder: Path, size: int) -> list[Point]:
    """Return what pages, a comment and a replay cost where so many comments are stored."""
    points: list[Point] = []
    tools = build_tools(Settings(database_url=f"sqlite:///{folder}/queue.db", live_streams=0))
    tools.database.upgrade()
    desk.fill(tools, size)
    gc.freeze()
    configure(StringIO())
    client = desk.entered(tools)
    points.append(("queue, first page", size, threads.times(lambda: client.get("/desk/"), REQUESTS)[2]))
    with tools.database.read() as store:
        article = store.articles._session.scalar(select(Article).limit(1))  # noqa: SLF001
    assert article is not None
    bodies = enumerate(comments(size))

    def hand_in() -> None:
        number, body = next(bodies)
        new = NewComment(
            article.site_id, article.id, body, Writer(f"Reader {number}", external_id=f"r-{number}")
        )
        submit_comment(tools, replace(new, source="api", external_id=f"c-{number}"))

    points.append(("comment handed in", size, threads.times(hand_in, REQUESTS)[2]))
    tools.database.dispose()

    url = f"sqlite:///{folder}/threads.db"
    places = threads.fill(url, size, ("500 threads of ten",))
    reader = create_app(build_tools(Settings(database_url=url))).test_client()
    configure(StringIO())
    ((slug, _),) = places.values()
    points.append(
        ("discussion, first page", size, threads.times(lambda: reader.get(f"/articles/{slug}"), REQUESTS)[2])
    )

    url = f"sqlite:///{folder}/replay.db"
    replay.fill(url, size)
    printed, took = replay.run(
        environ | {"MODERATION_DATABASE_URL": url}, f"{replay.a_draft(folder)}", "--last", f"{size}"
    )
    assert replay.digest(printed), printed
    points.append(("replay, per comment", size, 1000 * took / size))
    print(json.dumps(points[-4:]), file=sys.stderr, flush=True)
    return points


def decision() -> list[Point]:
    """Return what one decision costs by the length of its text."""
    tools = build_tools(Settings(database_url="sqlite://"))
    now, points = datetime.now(UTC), []
    for length in LENGTHS:
        bodies = iter([" ".join(islice(comments(seed), 80))[:length] for seed in range(REQUESTS + 10)])

        def decide(bodies: Iterator[str] = bodies) -> None:
            submission = Submission(site_id="", body=next(bodies), received_at=now)
            tools.engine.decide(submission, Context(policy=tools.engine.policy, now=now))

        points.append(("decision, by characters", length, threads.times(decide, REQUESTS)[2]))
    return points


def drawn(points: list[Point]) -> str:
    """Return the chart: a panel for each thing, both axes in powers of ten, so that twice as much is as steep everywhere."""
    import altair as alt  # noqa: PLC0415  only where charts are drawn
    import vl_convert  # noqa: PLC0415

    rows = [{"what": what, "size": size, "ms": taken} for what, size, taken in points]
    base = alt.Chart().encode(
        x=alt.X(
            "size:Q",
            title="stored comments, or characters",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=[10**n for n in range(2, 7)], format="~s"),
        ),
        y=alt.Y(
            "ms:Q",
            title="milliseconds",
            scale=alt.Scale(type="log", domain=[0.05, 500]),
            axis=alt.Axis(values=[0.1, 1, 10, 100], format="~g"),
        ),
    )
    layers = alt.layer(base.mark_line(color="#0072b2"), base.mark_point(color="#0072b2", filled=True))
    chart = layers.properties(width=170, height=150).facet(
        facet=alt.Facet("what:N", title=None), columns=3, data=alt.Data(values=rows)
    )
    return str(vl_convert.vegalite_to_svg(chart.resolve_scale(x="independent").to_dict()))


if __name__ == "__main__":
    main()
