"""The indexes of what waits begin with the state, without which SQLite sorted the whole queue, and hold all filters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_HELD = sa.text("state = 'held'")
_FILTERS = ("clause", "detector", "language")
_ORDER = ("rank", "received_at", "id")


def upgrade() -> None:
    _index("ix_comments_waiting", "state", *_ORDER)
    for column in _FILTERS:
        others = (other for other in _FILTERS if other != column)
        _index(f"ix_comments_waiting_{column}", "state", column, *_ORDER, *others)


def downgrade() -> None:
    _index("ix_comments_waiting", *_ORDER)
    for column in _FILTERS:
        _index(f"ix_comments_waiting_{column}", column, *_ORDER)


def _index(name: str, *columns: str) -> None:
    op.drop_index(name, "comments", sqlite_where=_HELD, postgresql_where=_HELD)
    op.create_index(name, "comments", columns, sqlite_where=_HELD, postgresql_where=_HELD)
