"""Feedback: scores, and the text judged where no comment is stored."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("labelled_decisions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "scores",
                sa.JSON(),
                server_default="{}",
                nullable=False,
                comment="What feedback said: label to share, 0 to 1",
            )
        )
        batch_op.add_column(
            sa.Column(
                "body",
                sa.Text(),
                server_default="",
                nullable=False,
                comment="The text judged where no comment is stored here; empty after erasure or its time",
            )
        )
        batch_op.add_column(
            sa.Column(
                "body_until",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When the text is to be emptied",
            )
        )
        batch_op.alter_column(
            "source", existing_type=sa.String(), existing_nullable=False, comment="moderator or feedback"
        )
        batch_op.create_index(batch_op.f("ix_labelled_decisions_body_until"), ["body_until"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("labelled_decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_labelled_decisions_body_until"))
        batch_op.alter_column(
            "source",
            existing_type=sa.String(),
            existing_nullable=False,
            comment="How the judgement came about",
        )
        batch_op.drop_column("body_until")
        batch_op.drop_column("body")
        batch_op.drop_column("scores")
