"""Secrets of the systems that send to us, news in order, endpoints that rest, secrets changed without a gap."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "sender_secrets",
                sa.JSON(),
                server_default="{}",
                nullable=False,
                comment="Secrets with which the site's other systems sign, by protocol; several during a change",
            )
        )
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "told_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When what the site's own system told last had happened; older news changes nothing",
            )
        )
    with op.batch_alter_table("endpoints", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "former_secret",
                sa.String(),
                server_default="",
                nullable=False,
                comment="The secret before this one, which signs too until the receiver has changed over",
            )
        )
        batch_op.add_column(
            sa.Column(
                "former_until",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="Until when the former secret signs",
            )
        )
        batch_op.add_column(
            sa.Column(
                "failures",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="Attempts that failed since one last arrived",
            )
        )
        batch_op.add_column(
            sa.Column(
                "rests_until",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="Until when nothing is sent, because too much failed",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("endpoints", schema=None) as batch_op:
        for column in ("rests_until", "failures", "former_until", "former_secret"):
            batch_op.drop_column(column)
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.drop_column("told_at")
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.drop_column("sender_secrets")
