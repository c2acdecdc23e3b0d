"""Drafts, publications and replays of the policy, second looks, alerts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("kind", sa.String(), nullable=False, comment="What happened"),
        sa.Column(
            "subject", sa.String(), nullable=False, comment="To what: kind:id, or a day; told once of each"
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it was noticed"),
        sa.Column("mails", sa.Integer(), nullable=False, comment="To how many editors it was mailed"),
        sa.CheckConstraint(
            "kind IN ('threat-held', 'queue-old', 'rule-braked', 'delivery-given-up', 'digest')",
            name=op.f("ck_alerts_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_alerts_kind_subject")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alerts_at_id"), ["at", "id"], unique=False)

    op.create_table(
        "policy_drafts",
        sa.Column("id", sa.String(), nullable=False, comment="Always draft"),
        sa.Column("text", sa.Text(), nullable=False, comment="The policy file as it may become"),
        sa.Column("based_on", sa.String(), nullable=False, comment="Version of the policy it began with"),
        sa.Column("saved_by", sa.String(), nullable=False, comment="A moderator's id"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False, comment="When it was last saved"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_drafts")),
    )
    op.create_table(
        "replays",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("live", sa.Text(), nullable=False, comment="The policy file it is compared with"),
        sa.Column("draft", sa.Text(), nullable=False, comment="The policy file that is tried"),
        sa.Column("live_version", sa.String(), nullable=False, comment="Version of the policy compared with"),
        sa.Column("draft_version", sa.String(), nullable=False, comment="Version of the policy tried"),
        sa.Column(
            "first",
            sa.String(),
            nullable=False,
            comment="Place before the first comment; empty: from the beginning",
        ),
        sa.Column("last", sa.String(), nullable=False, comment="Place of the last comment"),
        sa.Column("place", sa.String(), nullable=False, comment="Place of the last comment that is done"),
        sa.Column("total", sa.Integer(), nullable=False, comment="How many comments there are to decide"),
        sa.Column("done", sa.Integer(), nullable=False, comment="How many are done"),
        sa.Column("result", sa.JSON(), nullable=False, comment="What was found so far"),
        sa.Column("state", sa.String(), nullable=False, comment="running, done or failed"),
        sa.Column(
            "leased_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until when a process has it in hand",
        ),
        sa.Column("started_by", sa.String(), nullable=False, comment="A moderator's id, or cli"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="When it was asked for"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="When it was finished"),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_replays_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
    )
    with op.batch_alter_table("replays", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_replays_state_leased_until"), ["state", "leased_until"], unique=False
        )

    op.create_table(
        "policy_publications",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="Counts the publications from 1; of two at once one fails",
        ),
        sa.Column("version", sa.String(), nullable=False, comment="The policy"),
        sa.Column("published_by", sa.String(), nullable=False, comment="A moderator's id, cli or brake"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why, in the words of who published it"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When"),
        sa.ForeignKeyConstraint(
            ["version"], ["policies.version"], name=op.f("fk_policy_publications_version_policies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_publications")),
        sa.UniqueConstraint("number", name=op.f("uq_policy_publications_number")),
    )
    op.create_table(
        "second_looks",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("decision_id", sa.String(), nullable=False, comment="The decision looked at again"),
        sa.Column("comment_id", sa.String(), nullable=False, comment="The comment that was decided on"),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False, comment="When it was chosen"),
        sa.Column("who", sa.String(), nullable=True, comment="Id of the moderator who looked"),
        sa.Column("verdict", sa.String(), nullable=True, comment="publish or reject, as he sees it"),
        sa.Column("clause", sa.String(), nullable=True, comment="The clause he names"),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True, comment="When he looked"),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_second_looks_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_second_looks_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_looks")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_second_looks_decision_id")),
    )
    with op.batch_alter_table("second_looks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_second_looks_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_second_looks_looked_at_id"), ["looked_at", "id"], unique=False)

    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comments_received_at_id"), ["received_at", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comments_received_at_id"))

    with op.batch_alter_table("second_looks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_second_looks_looked_at_id"))
        batch_op.drop_index(batch_op.f("ix_second_looks_comment_id"))

    op.drop_table("second_looks")
    op.drop_table("policy_publications")
    with op.batch_alter_table("replays", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_replays_state_leased_until"))

    op.drop_table("replays")
    op.drop_table("policy_drafts")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alerts_at_id"))

    op.drop_table("alerts")
