"""The parts of a replay or an import that processes have in hand, so that several hosts can decide one together."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BEFORE = "Place of the last comment that is done"
SINCE = "Place up to which comments were given out to be decided"


def upgrade() -> None:
    op.create_table(
        "ranges",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id, by time"),
        sa.Column("job", sa.String(), nullable=False, comment="replay:<id> or import:<id>"),
        sa.Column("after", sa.String(), nullable=False, comment="Place before the first comment"),
        sa.Column("until", sa.String(), nullable=False, comment="Place of the last comment"),
        sa.Column("comments", sa.Integer(), nullable=False, comment="How many comments there are"),
        sa.Column(
            "leased_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Until when a process has them in hand",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranges")),
    )
    with op.batch_alter_table("ranges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ranges_job_leased_until"), ["job", "leased_until"], unique=False)
    with op.batch_alter_table("replays", schema=None) as batch_op:
        batch_op.alter_column(
            "place",
            existing_type=sa.String(),
            existing_nullable=False,
            comment=SINCE,
            existing_comment=BEFORE,
        )


def downgrade() -> None:
    # A replay with parts in hand would miss them: it begins anew. An import is decided anew when that is asked for.
    op.execute(
        "UPDATE replays SET place = first, done = 0, result = '{}'"
        " WHERE 'replay:' || id IN (SELECT job FROM ranges)"
    )
    op.execute("UPDATE imports SET decided = '{}' WHERE 'import:' || id IN (SELECT job FROM ranges)")
    with op.batch_alter_table("replays", schema=None) as batch_op:
        batch_op.alter_column(
            "place",
            existing_type=sa.String(),
            existing_nullable=False,
            comment=BEFORE,
            existing_comment=SINCE,
        )
    op.drop_table("ranges")
