"""Rewording: what the check before posting led to, counted by day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "rewording_counts",
        sa.Column("site_id", sa.String(), nullable=False, comment="The site commented on"),
        sa.Column("day", sa.String(), nullable=False, comment="The day in UTC, as YYYY-MM-DD"),
        sa.Column(
            "what",
            sa.String(),
            nullable=False,
            comment="warned, or how the text was sent and what became of it",
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="How often on that day"),
        sa.CheckConstraint(
            "what IN ('warned', 'reworded-published', 'reworded-held', 'reworded-rejected', "
            "'unchanged-published', 'unchanged-held', 'unchanged-rejected')",
            name=op.f("ck_rewording_counts_what_known"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_rewording_counts_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "day", "what", name=op.f("pk_rewording_counts")),
    )


def downgrade() -> None:
    op.drop_table("rewording_counts")
