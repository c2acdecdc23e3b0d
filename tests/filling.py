"""Rows for every table of a schema, made of nothing but what the schema says: types, keys, constraints.

What a schema cannot say, such as the shape of a JSON value, is given by `table.column`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, inspect

ROWS = 2
_BEGINNING = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
Row = dict[str, Any]
Rows = dict[str, list[Row]]
Given = Mapping[str, Any]


def fill(
    connection: Connection,
    metadata: MetaData,
    given: Given | None = None,
    *,
    first: int = 0,
    count: int = ROWS,
) -> Rows:
    """Store rows numbered from `first` in each table, in the order of the foreign keys, and return them by table.

    `given` has by `table.column` a value, or a function of the row's number, the row so far and all rows so far.
    """
    stored: Rows = {}
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        choices = _choices(connection, table)
        stored[table.name] = []
        for place in range(count):
            row: Row = {}
            for column in table.columns:
                row[column.name] = _value(column, place, first + place, row, stored, choices, given or {})
            stored[table.name].append(row)
            connection.execute(table.insert(), row)
    return stored


def _value(
    column: Column[Any],
    place: int,
    number: int,
    row: Row,
    stored: Rows,
    choices: Mapping[str, list[str]],
    given: Given,
) -> Any:
    name = f"{column.table.name}.{column.name}"
    if name in given:
        return given[name](number, row, stored) if isinstance(given[name], Callable) else given[name]
    if column.foreign_keys:
        key = next(iter(column.foreign_keys)).column
        # A row that points into its own table points at the one before it; the first at nothing.
        there = place - 1 if key.table is column.table else place
        return stored[key.table.name][there][key.name] if there >= 0 else None
    if column.name in choices:
        return choices[column.name][number % len(choices[column.name])]
    kind = getattr(column.type, "impl_instance", column.type).python_type
    if kind is datetime:
        return _BEGINNING + timedelta(days=number)
    made = {bool: bool(number % 2), int: number + 1, float: number + 0.5, object: {}}
    made |= {bytes: f"{name} {number}".encode(), str: f"{name} {number}"}
    return made[kind]


def _choices(connection: Connection, table: Table) -> dict[str, list[str]]:
    """Return which values a column may have, by column, from the checks of the table as the database has them."""
    found: dict[str, list[str]] = {}
    for check in inspect(connection).get_check_constraints(table.name):
        values = re.findall(r"'([^']*)'", check["sqltext"])
        names = {*re.findall(r"\w+", re.sub(r"'[^']*'|::[a-z ]+", "", check["sqltext"]))}
        about = names & {*table.columns.keys()}
        if values and len(about) == 1:
            found[about.pop()] = values
    return found
