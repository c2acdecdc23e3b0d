"""The indexes of what waits begin with the state: SQLite sorted the whole queue rather than use them without it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_HELD = sa.text("state = 'held'")


def upgrade() -> None:
    _indexes_begin_with("state")


def downgrade() -> None:
    _indexes_begin_with()


def _indexes_begin_with(*first: str) -> None:
    for column in ((), ("clause",), ("detector",), ("language",)):
        name = "_".join(("ix_comments_waiting", *column))
        op.drop_index(name, "comments", sqlite_where=_HELD, postgresql_where=_HELD)
        columns = [*first, *column, "rank", "received_at", "id"]
        op.create_index(name, "comments", columns, sqlite_where=_HELD, postgresql_where=_HELD)
