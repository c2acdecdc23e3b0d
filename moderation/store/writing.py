"""Ways to write that are safe while others write the same."""

from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Executable, FromClause
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from moderation.store.tables import Table

R = TypeVar("R", bound=Table)


def added(session: Session, row: R) -> R:
    """Return the row, stored at once, for without relationships nothing else keeps rows in order."""
    session.add(row)
    session.flush()
    return row


def insert_if_absent(session: Session, row: Table) -> bool:
    """Return whether the row went in; False where another row holds one of its unique values.

    On PostgreSQL a conflict inside an open transaction is waited for, and does not break this one.
    """
    values = {column.key: getattr(row, column.key) for column in row.__mapper__.columns}
    insert = _insert(row.__mapper__.local_table, session.get_bind().dialect.name)
    if session.execute(insert, values).first() is None:
        return False
    make_transient_to_detached(row)
    session.add(row)
    # A default is no value of the row yet, and could not be loaded once the transaction is over.
    for name, value in values.items():
        set_committed_value(row, name, value)
    return True


@cache
def _insert(table: FromClause, dialect: str) -> Executable:
    """Return the statement, written once: to write it with all its columns costs more than to carry it out."""
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(cast("Any", table))
    # RETURNING tells what went in on both; the row count of an INSERT is not kept by default.
    made: Executable = insert.on_conflict_do_nothing().returning(*table.primary_key)
    return made


def changed(session: Session, statement: Executable, **options: Any) -> int:
    """Return how many rows the statement changed."""
    result = session.execute(statement, **options)
    assert isinstance(result, CursorResult)
    return result.rowcount
