"""Answers kept for calls with an Idempotency-Key, API keys that end after another took their place, lists by site."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("site_id", sa.String(), nullable=False, comment="The site whose key was sent"),
        sa.Column("name", sa.String(), nullable=False, comment="The Idempotency-Key"),
        sa.Column("digest", sa.String(), nullable=False, comment="Keyed hash of method, path and body"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When the call came"),
        sa.Column(
            "status",
            sa.Integer(),
            nullable=False,
            comment="The status answered; 0 while the call is running",
        ),
        sa.Column(
            "body",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="The answer; empty while it is running, and after an erasure",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_kept_answers_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "name", name=op.f("pk_kept_answers")),
    )
    with op.batch_alter_table("kept_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_answers_at"), ["at"], unique=False)
    # They were kept here, of each the id alone and for good.
    op.execute("DELETE FROM received_hooks WHERE protocol = 'api'")

    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "rotated_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When another took its place",
            )
        )
        batch_op.add_column(
            sa.Column(
                "ends_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When it opens nothing more, because another took its place",
            )
        )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_comments_site_id_received_at_id"), ["site_id", "received_at", "id"], unique=False
        )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_decided_at_id"), ["decided_at", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decisions_decided_at_id"))
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comments_site_id_received_at_id"))
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        for column in ("ends_at", "rotated_at"):
            batch_op.drop_column(column)
    op.drop_table("kept_answers")
