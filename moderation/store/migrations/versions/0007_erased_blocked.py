"""Somebody who is blocked and erases himself stays blocked: a keyed hash goes with the block, until it is over."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("blocks") as blocks:
        blocks.add_column(
            sa.Column(
                "erased_key",
                sa.String(),
                nullable=True,
                comment="Keyed hash by which an author who erased himself is known; empty when it is over",
            )
        )
        blocks.create_index(op.f("ix_blocks_erased_key"), ["erased_key"])


def downgrade() -> None:
    with op.batch_alter_table("blocks") as blocks:
        blocks.drop_index(op.f("ix_blocks_erased_key"))
        blocks.drop_column("erased_key")
