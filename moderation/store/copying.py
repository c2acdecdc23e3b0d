"""Everything stored, copied into an empty database: for a newsroom that grows from SQLite to PostgreSQL, or moves back."""

from collections.abc import Iterator
from typing import cast

from sqlalchemy import Connection, Integer, func, insert, select, text
from sqlalchemy import Table as SqlTable

from moderation.errors import Conflict
from moderation.store.connections import reading_twin
from moderation.store.tables import Table
from moderation.store.unit_of_work import Database

_PART = 500  # rows of one statement


def copy(source: Database, target: Database) -> Iterator[tuple[str, int]]:
    """Yield each table's name and number of rows once it is copied; the target has all of them in the end, or none.

    Read is one moment of the source. The target must have the newest schema, which `upgrade` gives it.

    Raises:
        Conflict: there is something in the target.
    """
    with reading_twin(source.engine).connect() as reader, target.engine.begin() as writer:
        tables = Table.metadata.sorted_tables
        if any(writer.execute(select(*table.primary_key).limit(1)).first() for table in tables):
            raise Conflict("There is something in that database. Name one that is empty.")
        _let_rows_point_ahead(writer, tables)
        for table in tables:
            rows = reader.execution_options(yield_per=_PART).execute(select(table)).mappings()
            number = 0
            for part in rows.partitions():
                writer.execute(insert(table), [dict(row) for row in part])
                number += len(part)
            yield table.name, number
        _settle(writer, tables)


def _let_rows_point_ahead(writer: Connection, tables: list[SqlTable]) -> None:
    """Check foreign keys at the end: an answer may be stored before what it answers."""
    if writer.dialect.name == "sqlite":
        writer.execute(text("PRAGMA defer_foreign_keys = ON"))
        return
    for name in ("lock_timeout", "statement_timeout"):
        writer.execute(
            text(f"SET LOCAL {name} = 0")
        )  # requests are cut off after a while; this takes the time it takes
    for table, name in _foreign_keys(tables):
        writer.execute(text(f"ALTER TABLE {table} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED"))


def _settle(writer: Connection, tables: list[SqlTable]) -> None:
    """Check the foreign keys now, and let numbers that PostgreSQL gives go on after those that were copied."""
    if writer.dialect.name == "sqlite":
        return
    writer.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for table, name in _foreign_keys(tables):
        writer.execute(text(f"ALTER TABLE {table} ALTER CONSTRAINT {name} NOT DEFERRABLE"))
    for sql in tables:
        column = sql.autoincrement_column
        if column is None or not isinstance(column.type, Integer):
            continue
        last = writer.scalar(select(func.max(column)))
        if last is not None:
            sequence = select(func.setval(func.pg_get_serial_sequence(sql.name, column.name), last))
            writer.execute(sequence)


def _foreign_keys(tables: list[SqlTable]) -> Iterator[tuple[str, str]]:
    for table in tables:
        for key in table.foreign_key_constraints:
            yield table.name, cast("str", key.name)
