"""Pages that go on where the last one ended, however much was added meanwhile."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from moderation.errors import InvalidInput

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the cursor of the page after them (None: there are no more)."""

    items: list[T]
    next: str | None = None


def cursor(at: datetime, row_id: str) -> str:
    """Return the place after this row as an opaque word that is safe in an address."""
    return f"{int(at.timestamp() * 1_000_000):x}-{row_id}"
