"""Runs migrations: with the connection the service hands over, or for a developer's `alembic` command.

The command works on MODERATION_DATABASE_URL, or on `alembic -x url=...`.
"""

import os

from alembic import context
from sqlalchemy import Connection

from moderation.store.connections import open_engine
from moderation.store.tables import Table


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
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
