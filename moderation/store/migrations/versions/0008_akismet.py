"""Calls of the Akismet API, endpoints that hear of their own comments, articles discussed elsewhere, Coral's secrets."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "coral_secrets",
                sa.JSON(),
                server_default="[]",
                nullable=False,
                comment="Secrets with which the site's Coral signs; several during a change",
            )
        )
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "elsewhere",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
                comment="Whether another system shows the discussion, and no page of ours does",
            )
        )
    with op.batch_alter_table("endpoints", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "protocol",
                sa.String(),
                server_default="standard-webhooks",
                nullable=False,
                comment="standard-webhooks; or akismet, which hears of its own comments alone and whose secret is its key",
            )
        )
        batch_op.create_check_constraint(
            op.f("ck_endpoints_protocol_known"), "protocol IN ('standard-webhooks', 'akismet')"
        )
    op.create_table(
        "akismet_calls",
        sa.Column(
            "id", sa.String(), nullable=False, comment="The guid; the external id of the comment asked about"
        ),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site whose key was sent"),
        sa.Column("kind", sa.String(), nullable=False, comment="check, or the judgement: spam or ham"),
        sa.Column(
            "digest",
            sa.String(),
            nullable=True,
            comment="Keyed hash of what was sent, to know it again; empty after erasure or a later one",
        ),
        sa.Column("spam", sa.Boolean(), nullable=False, comment="Whether the answer was spam"),
        sa.Column("endpoint_id", sa.String(), nullable=True, comment="Where a later verdict is wanted"),
        sa.Column("post_id", sa.String(), nullable=False, comment="The client's number of the page"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it came"),
        sa.CheckConstraint("kind IN ('check', 'spam', 'ham')", name=op.f("ck_akismet_calls_kind_known")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoints.id"], name=op.f("fk_akismet_calls_endpoint_id_endpoints")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_akismet_calls_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_akismet_calls")),
        sa.UniqueConstraint("site_id", "kind", "digest", name=op.f("uq_akismet_calls_site_id_kind_digest")),
    )
    with op.batch_alter_table("akismet_calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_akismet_calls_site_id_at"), ["site_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_akismet_calls_digest"), ["digest"], unique=False)


def downgrade() -> None:
    op.drop_table("akismet_calls")
    # What was to be told to a callback has no place in the older schema.
    op.execute(
        "DELETE FROM deliveries WHERE endpoint_id IN (SELECT id FROM endpoints WHERE protocol = 'akismet')"
    )
    op.execute("DELETE FROM endpoints WHERE protocol = 'akismet'")
    with op.batch_alter_table("endpoints", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_endpoints_protocol_known"), type_="check")
        batch_op.drop_column("protocol")
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.drop_column("elsewhere")
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.drop_column("coral_secrets")
