"""The desk: the queue's order and filters, steps that can be undone, claims, notes on authors, bulk actions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# As in the policy of this version: what was decided before gets its place in the queue by it.
_SEVERITIES = {
    "threat": 90,
    "identity-attack": 80,
    "sexual": 70,
    "private-details": 60,
    "personal-attack": 50,
    "profanity": 40,
    "spam": 30,
    "flooding": 20,
}


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id, by time"),
        sa.Column("by", sa.String(), nullable=False, comment="The moderator's id"),
        sa.Column("action", sa.String(), nullable=False, comment="approve, reject, remove or restore"),
        sa.Column("clause", sa.String(), nullable=True, comment="The clause that was broken"),
        sa.Column(
            "comments",
            sa.JSON(),
            nullable=False,
            comment="The comments as they were previewed: id and version",
        ),
        sa.Column("done", sa.Integer(), nullable=False, comment="How many of them were gone through"),
        sa.Column(
            "refused",
            sa.Integer(),
            nullable=False,
            comment="How many of these were left as they are: decided or claimed by somebody else",
        ),
        sa.Column("state", sa.String(), nullable=False, comment="waiting, done, undoing or undone"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it was confirmed"),
        sa.Column("undone_by", sa.String(), nullable=True, comment="Who undid it"),
        sa.Column(
            "leased_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until when a worker has it in hand",
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'undoing', 'undone')", name=op.f("ck_batches_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batches_state_id"), ["state", "id"], unique=False)

    op.create_table(
        "author_notes",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id, by time"),
        sa.Column("author_id", sa.String(), nullable=False, comment="Of whom"),
        sa.Column("comment_id", sa.String(), nullable=True, comment="The comment that gave rise to it"),
        sa.Column("note", sa.Text(), nullable=False, comment="What colleagues should know"),
        sa.Column("by", sa.String(), nullable=False, comment="The moderator's id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it was written"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=op.f("fk_author_notes_author_id_authors")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_author_notes_comment_id_comments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author_notes")),
    )
    with op.batch_alter_table("author_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_author_notes_author_id"), ["author_id"], unique=False)

    op.create_table(
        "claims",
        sa.Column("comment_id", sa.String(), nullable=False, comment="The comment"),
        sa.Column("moderator_id", sa.String(), nullable=False, comment="Who has it in hand"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False, comment="When the lease is over"),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_claims_comment_id_comments")),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_claims_moderator_id_moderators")
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_claims")),
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claims_until"), ["until"], unique=False)

    op.create_table(
        "steps",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id, by time"),
        sa.Column("kind", sa.String(), nullable=False, comment="review, block, lift or let-stand"),
        sa.Column(
            "action",
            sa.String(),
            nullable=False,
            comment="approve, reject, remove, restore; else the kind again",
        ),
        sa.Column("by", sa.String(), nullable=False, comment="The moderator's id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it was done"),
        sa.Column("comment_id", sa.String(), nullable=True, comment="The comment it was done to"),
        sa.Column("block_id", sa.String(), nullable=True, comment="The block it gave or lifted"),
        sa.Column("state_before", sa.String(), nullable=False, comment="The comment's state before it"),
        sa.Column("decision_before", sa.String(), nullable=True, comment="The decision in force before"),
        sa.Column("effects", sa.JSON(), nullable=False, comment="Ids of what followed from it, by kind"),
        sa.Column("batch_id", sa.String(), nullable=True, comment="The bulk action it was part of"),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True, comment="When it was undone"),
        sa.Column("undone_by", sa.String(), nullable=True, comment="Who undid it"),
        sa.CheckConstraint(
            "kind IN ('review', 'block', 'lift', 'let-stand')", name=op.f("ck_steps_kind_known")
        ),
        sa.ForeignKeyConstraint(["block_id"], ["blocks.id"], name=op.f("fk_steps_block_id_blocks")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_steps_comment_id_comments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_steps_batch_id_id"), ["batch_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_steps_by_id"), ["by", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_steps_comment_id_id"), ["comment_id", "id"], unique=False)

    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "clause",
                sa.String(),
                nullable=True,
                comment="The clause of the decision in force, by which the queue is filtered",
            )
        )
        batch_op.add_column(
            sa.Column(
                "detector",
                sa.String(),
                nullable=True,
                comment="The detector that decided, by which the queue is filtered",
            )
        )
        batch_op.add_column(
            sa.Column(
                "rank",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="Place in the queue, the smallest first: severity, then reports, then reach",
            )
        )
        batch_op.create_index(
            "ix_comments_waiting",
            ["rank", "received_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.create_index(
            "ix_comments_waiting_clause",
            ["clause", "rank", "received_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.create_index(
            "ix_comments_waiting_detector",
            ["detector", "rank", "received_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.create_index(
            "ix_comments_waiting_language",
            ["language", "rank", "received_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )

    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "severity",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="The clause's severity in the policy decided by, 0 to 100",
            )
        )

    with op.batch_alter_table("moderators", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "seen_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When the account was last heard of at the desk, exact to half a minute",
            )
        )

    # Alembic commands ###

    for clause, severity in _SEVERITIES.items():
        op.execute(
            sa.text("UPDATE decisions SET severity = :severity WHERE clause = :clause").bindparams(
                severity=severity, clause=clause
            )
        )
    op.execute(
        "UPDATE comments SET clause = decisions.clause, rank = -10000 * decisions.severity "
        "FROM decisions WHERE decisions.id = comments.decision_id"
    )


def downgrade() -> None:
    with op.batch_alter_table("moderators", schema=None) as batch_op:
        batch_op.drop_column("seen_at")

    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_column("severity")

    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_comments_waiting_language",
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.drop_index(
            "ix_comments_waiting_detector",
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.drop_index(
            "ix_comments_waiting_clause",
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.drop_index(
            "ix_comments_waiting",
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.drop_column("rank")
        batch_op.drop_column("detector")
        batch_op.drop_column("clause")

    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_steps_comment_id_id"))
        batch_op.drop_index(batch_op.f("ix_steps_by_id"))
        batch_op.drop_index(batch_op.f("ix_steps_batch_id_id"))

    op.drop_table("steps")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claims_until"))

    op.drop_table("claims")
    with op.batch_alter_table("author_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_author_notes_author_id"))

    op.drop_table("author_notes")
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batches_state_id"))

    op.drop_table("batches")
    # ### end Alembic commands ###
