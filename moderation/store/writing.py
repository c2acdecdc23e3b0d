"""Ways to write that are safe while others write the same."""

from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable
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
    table = row.__mapper__.local_table
    values = {column.key: getattr(row, column.key) for column in row.__mapper__.columns}
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    # RETURNING tells what went in on both; the row count of an INSERT is not kept by default.
    insert = dialect.insert(table).values(values).on_conflict_do_nothing().returning(*table.primary_key)
    if session.execute(insert).first() is None:
        return False
    make_transient_to_detached(row)
    session.add(row)
    # A default is no value of the row yet, and could not be loaded once the transaction is over.
    for name, value in values.items():
        set_committed_value(row, name, value)
    return True


def changed(session: Session, statement: Executable, **options: Any) -> int:
    """Return how many rows the statement changed."""
    result = session.execute(statement, **options)
    assert isinstance(result, CursorResult)
    return result.rowcount
