"""A text cut where spans begin and end, so that a template can mark words without touching HTML."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from apiflask import APIFlask
from babel.dates import format_date, format_datetime
from flask_babel import get_locale


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the numbers (from 1) of the findings that cover it."""

    text: str
    marks: tuple[int, ...]


def pieces(text: str, findings: Iterable[Sequence[Sequence[int]]]) -> Iterator[Piece]:
    """Yield the whole text in order, cut at the edges of every span; spans count code points, as Python does.

    `findings` holds the spans `[start, end]` of each finding. Spans may overlap; what is outside is clipped.
    """
    spans = [
        (max(0, start), min(len(text), end), number)
        for number, found in enumerate(findings, start=1)
        for start, end in found
    ]
    spans = [span for span in spans if span[0] < span[1]]
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    for start, end in pairwise(edges):
        marks = sorted({number for first, last, number in spans if first <= start and end <= last})
        yield Piece(text[start:end], tuple(marks))


def marked(text: str, reasons: Iterable[Mapping[str, Any]]) -> list[Piece]:
    """Return the pieces of a text under the reasons or signals of its decision."""
    return list(pieces(text, [reason.get("spans") or [] for reason in reasons]))


def words(text: str, reason: Mapping[str, Any]) -> list[str]:
    """Return the words, as they were written, that a reason or signal points at; each once."""
    return list(dict.fromkeys(text[start:end] for start, end in reason.get("spans") or [] if text[start:end]))


def when(moment: datetime | str | None) -> str:
    """Return a time as people read it, always in UTC and saying so."""
    if not moment:
        return ""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return format_datetime(moment.astimezone(UTC), "d MMMM y, HH:mm 'UTC'", locale=get_locale() or "en")


def day(moment: datetime | str | None) -> str:
    """Return a date as people read it."""
    if not moment:
        return ""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return format_date(moment.astimezone(UTC), "d MMMM y", locale=get_locale() or "en")


def machine_time(moment: datetime | str | None) -> str:
    """Return a time for the `datetime` attribute."""
    return (moment if isinstance(moment, str) else moment.isoformat()) if moment else ""


def register(app: APIFlask) -> None:
    """Give the templates these functions as filters."""
    app.jinja_env.filters.update(marked=marked, words=words, when=when, day=day, machine_time=machine_time)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
