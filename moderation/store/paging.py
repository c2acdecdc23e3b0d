"""Pages that go on where the last one ended, however much was added meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar, TypeVarTuple

from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from moderation.errors import InvalidInput
from moderation.store.columns import UtcDateTime

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

LIMIT = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the cursor of the page after them (None: there are no more)."""

    items: list[T]
    next: str | None = None


def cursor(at: datetime, row_id: str) -> str:
    """Return the place after this row as an opaque word that is safe in an address."""
    return f"{(at - _EPOCH) // _TICK:x}-{row_id}"


def place(text: str) -> tuple[datetime, str]:
    """Return time and id of a cursor; InvalidInput for what is none."""
    ticks, dash, row_id = text.partition("-")
    try:
        at = _EPOCH + int(ticks, 16) * _TICK
    except (ValueError, OverflowError):
        at = None
    if at is None or not dash or not row_id.isalnum():
        raise InvalidInput(
            "This page does not exist. Start again at the first.", {"after": ["Not a known place."]}
        )
    return at, row_id


def keyset(
    query: Select[*Ts],
    at: InstrumentedAttribute[datetime],
    row_id: InstrumentedAttribute[str],
    *,
    after: str | None,
    limit: int,
    newest_first: bool = False,
) -> Select[*Ts]:
    """Return the query for the rows after the cursor, one more than `limit` to see whether others follow."""
    if after is not None:
        moment, last = place(after)
        here = tuple_(literal(moment, UtcDateTime()), literal(last))
        query = query.where(tuple_(at, row_id) < here if newest_first else tuple_(at, row_id) > here)
    order = (at.desc(), row_id.desc()) if newest_first else (at, row_id)
    return query.order_by(*order).limit(limit + 1)


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], tuple[datetime, str]]) -> Page[T]:
    """Return the page of rows that `keyset` asked for."""
    items = list(rows[:limit])
    return Page(items, cursor(*key(items[-1])) if len(rows) > limit else None)


def ranked(
    query: Select[*Ts],
    rank: InstrumentedAttribute[int],
    at: InstrumentedAttribute[datetime],
    row_id: InstrumentedAttribute[str],
    *,
    after: str | None,
    limit: int,
) -> Select[*Ts]:
    """Return the query for the rows after the cursor by rank, then age, one more than `limit`."""
    if after is not None:
        number, _, rest = after.partition("~")
        moment, last = place(rest)
        digits = number.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 9):
            raise InvalidInput(
                "This page does not exist. Start again at the first.", {"after": ["Not a known place."]}
            )
        here = tuple_(literal(int(number)), literal(moment, UtcDateTime()), literal(last))
        query = query.where(tuple_(rank, at, row_id) > here)
    return query.order_by(rank, at, row_id).limit(limit + 1)


def page_of_ranked(rows: Sequence[T], limit: int, key: Callable[[T], tuple[int, datetime, str]]) -> Page[T]:
    """Return the page of rows that `ranked` asked for."""
    items = list(rows[:limit])
    if len(rows) <= limit:
        return Page(items)
    rank, at, row_id = key(items[-1])
    return Page(items, f"{rank}~{cursor(at, row_id)}")
