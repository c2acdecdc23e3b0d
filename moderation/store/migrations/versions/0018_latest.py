"""The latest comments of a discussion, whatever became of them, are found by an index."""

from collections.abc import Sequence

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NAME = "ix_comments_article_id_received_at_id"


def upgrade() -> None:
    op.create_index(_NAME, "comments", ["article_id", "received_at", "id"])


def downgrade() -> None:
    op.drop_index(_NAME, "comments")
