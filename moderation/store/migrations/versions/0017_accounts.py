"""A senior role, a second factor with recovery codes, a row for every session at the desk."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BEFORE = "role IN ('administrator', 'moderator', 'viewer')"
SINCE = "role IN ('administrator', 'senior', 'moderator', 'viewer')"


def upgrade() -> None:
    with op.batch_alter_table("moderators", schema=None) as batch_op:
        batch_op.drop_constraint("role_known", type_="check")
        batch_op.create_check_constraint("role_known", SINCE)
        batch_op.alter_column(
            "role",
            existing_type=sa.String(),
            existing_nullable=False,
            comment="administrator, senior, moderator or viewer",
            existing_comment="administrator, moderator or viewer",
        )
        batch_op.add_column(
            sa.Column(
                "second_factor_secret",
                sa.String(),
                nullable=True,
                comment="Secret of the second factor, encrypted under a key of the service's own secret",
            )
        )
        batch_op.add_column(
            sa.Column(
                "second_factor_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When the second factor was turned on; empty: off, or not confirmed yet",
            )
        )
        batch_op.add_column(
            sa.Column(
                "second_factor_step",
                sa.BigInteger(),
                server_default="0",
                nullable=False,
                comment="Time step of the last code that was used; none up to it works again",
            )
        )
    with op.batch_alter_table("one_time_links", schema=None) as batch_op:
        batch_op.drop_constraint("role_known", type_="check")
        batch_op.create_check_constraint("role_known", SINCE)
    op.create_table(
        "desk_sessions",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id, by time"),
        sa.Column(
            "digest",
            sa.String(),
            nullable=False,
            comment="SHA-256 of the token in the cookie; the token itself is not kept",
        ),
        sa.Column("moderator_id", sa.String(), nullable=False, comment="Who is signed in"),
        sa.Column(
            "epoch",
            sa.Integer(),
            nullable=False,
            comment="The account's session_epoch when it began; over once that goes on",
        ),
        sa.Column(
            "browser",
            sa.String(),
            nullable=False,
            comment="Family of browser and system, such as Firefox on Linux",
        ),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, comment="When it began"),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was last used, exact to a minute",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="When it was signed out"),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_desk_sessions_moderator_id_moderators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_desk_sessions_digest")),
    )
    with op.batch_alter_table("desk_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_sessions_moderator_id"), ["moderator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_desk_sessions_began_at"), ["began_at"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("moderator_id", sa.String(), nullable=False, comment="Whose account"),
        sa.Column(
            "digest",
            sa.String(),
            nullable=False,
            comment="Keyed hash of the code; the code itself is not kept",
        ),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True, comment="When it was used"),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_recovery_codes_moderator_id_moderators")
        ),
        sa.PrimaryKeyConstraint("moderator_id", "digest", name=op.f("pk_recovery_codes")),
    )


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("desk_sessions")
    for table in ("one_time_links", "moderators"):
        op.execute(sa.text(f"UPDATE {table} SET role = 'moderator' WHERE role = 'senior'"))  # noqa: S608  our own names
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint("role_known", type_="check")
            batch_op.create_check_constraint("role_known", BEFORE)
            if table == "moderators":
                for column in ("second_factor_step", "second_factor_at", "second_factor_secret"):
                    batch_op.drop_column(column)
                batch_op.alter_column(
                    "role",
                    existing_type=sa.String(),
                    existing_nullable=False,
                    comment="administrator, moderator or viewer",
                    existing_comment="administrator, senior, moderator or viewer",
                )
