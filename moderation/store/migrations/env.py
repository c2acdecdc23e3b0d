"""Runs migrations: with the connection the service hands over, or for a developer's `alembic` command.

The command works on MODERATION_DATABASE_URL, or on `alembic -x url=...`.
"""

import os
from typing import Literal

from alembic import context
from sqlalchemy import Connection

from moderation.store.columns import UtcDateTime
from moderation.store.connections import open_engine
from moderation.store.tables import Table


def _render(kind: str, thing: object, _context: object) -> str | Literal[False]:
    # A migration means the same for ever, so it imports nothing that may change.
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, UtcDateTime) else False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


if given := context.config.attributes.get("connection"):
    _run(given)
else:
    url = context.get_x_argument(as_dictionary=True).get("url") or os.environ["MODERATION_DATABASE_URL"]
    engine = open_engine(url, wait_seconds=5)
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()
