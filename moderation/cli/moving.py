"""Commands for a site that moves here: what its old scores and thresholds come to with ours."""

import csv
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from moderation.bootstrap.engine import build_engine
from moderation.errors import InvalidInput
from moderation.protocols.perspective import ATTRIBUTES, Scored
from moderation.services import utc_now
from moderation.services.scoring import equivalents, rank_correlation, score_texts
from moderation.settings import read_settings

perspective = typer.Typer(no_args_is_help=True, help="Moving from the Perspective API.")

_TEXT = "text"
_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
_BATCH = 256
_FEWEST = 20  # rows, beneath which a share says nothing


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(perspective, name="perspective")


@perspective.callback()
def _group() -> None:
    """Keep `compare` a command of its own, though it is the only one yet."""


@perspective.command()
def compare(
    file: Annotated[
        Path, typer.Argument(help="CSV with the column text and one for each attribute, such as TOXICITY.")
    ],
    threshold: Annotated[
        list[float] | None, typer.Option(help="A threshold of yours, from 0 to 1; may be given again.")
    ] = None,
) -> None:
    """Score texts that Perspective scored, and print which threshold of ours lets as many pass as yours did."""
    given = threshold or list(_THRESHOLDS)
    if not all(0 <= one <= 1 for one in given):
        raise InvalidInput("--threshold: is not from 0 to 1. Give it as Perspective gives scores.")
    rows = [*_rows(file)]
    if len(rows) < _FEWEST:
        raise InvalidInput(f"{file}: has {len(rows)} rows. Give {_FEWEST} or more, or no share can be told.")
    engine = build_engine(read_settings())
    scored: list[tuple[Mapping[str, float], Scored]] = []
    unread = 0
    for begin in track(
        range(0, len(rows), _BATCH),
        description="Scoring",
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    ):
        batch = rows[begin : begin + _BATCH]
        found = score_texts(engine, [text for text, _ in batch], utc_now())
        for (_, old), evidence in zip(batch, found, strict=True):
            unread += not evidence.read
            if evidence.read:
                scored.append((old, Scored(0, 0, evidence.scores)))
    print(f"{len(rows)} texts, {unread} in a language that is not read here and left out.\n")
    print("| attribute | texts | rank correlation | your threshold | ours | over it | same side |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for attribute in ATTRIBUTES:
        pairs = [(old[attribute], new.of(attribute)) for old, new in scored if attribute in old]
        if not pairs:
            continue
        old_scores, new_scores = [a for a, _ in pairs], [b for _, b in pairs]
        together = rank_correlation(old_scores, new_scores)
        for one in equivalents(old_scores, new_scores, given):
            print(
                f"| {attribute} | {len(pairs)} | {together:.2f} | {one.old:.2f} | {one.new:.2f} "
                f"| {one.share:.1%} | {one.agreement:.1%} |"
            )


def _rows(file: Path) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Yield (text, old score by attribute) for each row that has a text; an empty cell is no score."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            table = csv.DictReader(opened)
            columns = [name for name in table.fieldnames or () if name in ATTRIBUTES]
            if _TEXT not in (table.fieldnames or ()) or not columns:
                raise InvalidInput(
                    f"{file}: needs the column {_TEXT} and one of {', '.join(ATTRIBUTES)}. Name them in the first line."
                )
            for row in table:
                if (row[_TEXT] or "").strip():
                    yield (
                        row[_TEXT],
                        {
                            name: _score(file, table.line_num, name, row[name])
                            for name in columns
                            if row[name]
                        },
                    )
    except OSError as error:
        raise InvalidInput(f"{file}: cannot be read ({error.strerror}). Name a CSV file.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{file}: is no CSV in UTF-8 ({error}). Save it so.") from None


def _score(file: Path, line: int, name: str, cell: str) -> float:
    try:
        score = float(cell)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise InvalidInput(
            f"{file}, line {line}: {name} is no score from 0 to 1. Correct it or leave it empty."
        )
    return score
