"""Appeals, reports by readers; blocks on networks, known by keyed hashes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "network_keys",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site it is used for"),
        sa.Column(
            "secret",
            sa.LargeBinary(),
            nullable=False,
            comment="Random bytes; empty once the key is destroyed",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was made"),
        sa.Column(
            "destroyed_at", sa.DateTime(timezone=True), nullable=True, comment="When its secret was deleted"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_network_keys_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_keys")),
    )
    with op.batch_alter_table("network_keys", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_network_keys_site_id_created_at"), ["site_id", "created_at"], unique=False
        )

    op.create_table(
        "networks_seen",
        sa.Column("comment_id", sa.String(), nullable=False, comment="The comment"),
        sa.Column("author_id", sa.String(), nullable=False, comment="Who wrote it"),
        sa.Column("key_id", sa.String(), nullable=False, comment="The key it was hashed with"),
        sa.Column(
            "hash",
            sa.String(),
            nullable=False,
            comment="HMAC-SHA256 of an IPv4 address or of the /64 of an IPv6 one",
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="When the comment arrived"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=op.f("fk_networks_seen_author_id_authors")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_networks_seen_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["network_keys.id"], name=op.f("fk_networks_seen_key_id_network_keys")
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_networks_seen")),
    )
    with op.batch_alter_table("networks_seen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_networks_seen_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_networks_seen_key_id_hash"), ["key_id", "hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_networks_seen_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "reported_comments",
        sa.Column("comment_id", sa.String(), nullable=False, comment="The comment"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="The revision that was reported"),
        sa.Column(
            "since", sa.DateTime(timezone=True), nullable=False, comment="Since when it is in the queue"
        ),
        sa.Column(
            "settled_at", sa.DateTime(timezone=True), nullable=True, comment="When a moderator had looked"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_reported_comments_comment_id_comments")
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_reported_comments")),
    )
    with op.batch_alter_table("reported_comments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reported_comments_settled_at_since_comment_id"),
            ["settled_at", "since", "comment_id"],
            unique=False,
        )

    op.create_table(
        "reports",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site of the comment"),
        sa.Column("comment_id", sa.String(), nullable=False, comment="The comment reported"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="The revision of the body that was read"),
        sa.Column(
            "reporter",
            sa.String(),
            nullable=False,
            comment="author:<id>, or browser:<random id of a signed cookie>",
        ),
        sa.Column(
            "network",
            sa.String(),
            nullable=False,
            comment="Keyed hash of the network, under a key that changes daily",
        ),
        sa.Column(
            "trusted", sa.Boolean(), nullable=False, comment="Whether a trusted or staff author reports"
        ),
        sa.Column(
            "counts",
            sa.Boolean(),
            nullable=False,
            comment="Whether it counts: not where most of the reporter's reports were dismissed",
        ),
        sa.Column("clause", sa.String(), nullable=False, comment="The clause named"),
        sa.Column("sentence", sa.Text(), nullable=False, comment="What the reader adds; empty after erasure"),
        sa.Column("state", sa.String(), nullable=False, comment="open, upheld or dismissed"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it was made"),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name=op.f("ck_reports_state_known")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_reports_comment_id_comments")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_reports_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "comment_id", "revision", "reporter", name=op.f("uq_reports_comment_id_revision_reporter")
        ),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reports_reporter_state"), ["reporter", "state"], unique=False)

    op.create_table(
        "appeals",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site it was made on"),
        sa.Column(
            "author_id",
            sa.String(),
            nullable=True,
            comment="Who appeals; empty for a block on a domain or network",
        ),
        sa.Column("decision_id", sa.String(), nullable=True, comment="The decision appealed"),
        sa.Column("comment_id", sa.String(), nullable=True, comment="The comment that was decided on"),
        sa.Column("block_id", sa.String(), nullable=True, comment="The block appealed"),
        sa.Column("text", sa.Text(), nullable=False, comment="What the reader says; empty after erasure"),
        sa.Column(
            "language", sa.String(), nullable=False, comment="Language in which the reader is answered"
        ),
        sa.Column("state", sa.String(), nullable=False, comment="open, granted, refused or withdrawn"),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="Rises with each change (optimistic lock)"
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="When it was made"),
        sa.Column(
            "settled_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was answered or withdrawn",
        ),
        sa.Column("settled_by", sa.String(), nullable=True, comment="A moderator's id, or reader"),
        sa.Column(
            "answer", sa.Text(), nullable=False, comment="The moderator's sentence; empty after erasure"
        ),
        sa.CheckConstraint(
            "state IN ('open', 'granted', 'refused', 'withdrawn')", name=op.f("ck_appeals_state_known")
        ),
        sa.CheckConstraint(
            "(decision_id IS NULL) <> (block_id IS NULL)", name=op.f("ck_appeals_about_one_thing")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_appeals_author_id_authors")),
        sa.ForeignKeyConstraint(["block_id"], ["blocks.id"], name=op.f("fk_appeals_block_id_blocks")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_appeals_comment_id_comments")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_appeals_decision_id_decisions")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_appeals_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("block_id", name=op.f("uq_appeals_block_id")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeals_decision_id")),
    )
    with op.batch_alter_table("appeals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeals_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeals_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_appeals_state_made_at_id"), ["state", "made_at", "id"], unique=False
        )

    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "network_key_id",
                sa.String(),
                nullable=True,
                comment="The key with which a network was hashed",
            )
        )
        batch_op.add_column(
            sa.Column(
                "given_with",
                sa.String(),
                nullable=True,
                comment="The author's block that this one accompanies; lifted with it",
            )
        )
        batch_op.create_index(batch_op.f("ix_blocks_given_with"), ["given_with"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_blocks_network_key_id_network_keys"), "network_keys", ["network_key_id"], ["id"]
        )
        batch_op.drop_constraint(batch_op.f("ck_blocks_subject_kind_known"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_blocks_subject_kind_known"),
            "subject_kind IN ('author', 'email_domain', 'network')",
        )
        batch_op.alter_column(
            "subject_kind",
            existing_type=sa.String(),
            existing_nullable=False,
            existing_comment="author or email_domain",
            comment="author, email_domain or network",
        )
        batch_op.alter_column(
            "subject",
            existing_type=sa.String(),
            existing_nullable=False,
            existing_comment="The author's id, or the domain in lower case",
            comment="The author's id, the domain in lower case, or the keyed hash of a network address",
        )

    with op.batch_alter_table("labelled_decisions", schema=None) as batch_op:
        batch_op.alter_column(
            "source",
            existing_type=sa.String(),
            existing_nullable=False,
            existing_comment="moderator or feedback",
            comment="moderator, appeal or feedback",
        )


def downgrade() -> None:
    with op.batch_alter_table("labelled_decisions", schema=None) as batch_op:
        batch_op.alter_column(
            "source",
            existing_type=sa.String(),
            existing_nullable=False,
            existing_comment="moderator, appeal or feedback",
            comment="moderator or feedback",
        )
    op.drop_table("appeals")
    op.execute("DELETE FROM blocks WHERE subject_kind = 'network'")
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_blocks_network_key_id_network_keys"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_blocks_given_with"))
        batch_op.drop_column("given_with")
        batch_op.drop_column("network_key_id")
        batch_op.drop_constraint(batch_op.f("ck_blocks_subject_kind_known"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_blocks_subject_kind_known"), "subject_kind IN ('author', 'email_domain')"
        )
        batch_op.alter_column(
            "subject_kind",
            existing_type=sa.String(),
            existing_nullable=False,
            existing_comment="author, email_domain or network",
            comment="author or email_domain",
        )
        batch_op.alter_column(
            "subject",
            existing_type=sa.String(),
            existing_nullable=False,
            existing_comment="The author's id, the domain in lower case, or the keyed hash of a network address",
            comment="The author's id, or the domain in lower case",
        )

    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reports_reporter_state"))

    op.drop_table("reports")
    with op.batch_alter_table("reported_comments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reported_comments_settled_at_since_comment_id"))

    op.drop_table("reported_comments")
    with op.batch_alter_table("networks_seen", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_networks_seen_seen_at"))
        batch_op.drop_index(batch_op.f("ix_networks_seen_key_id_hash"))
        batch_op.drop_index(batch_op.f("ix_networks_seen_author_id"))

    op.drop_table("networks_seen")
    with op.batch_alter_table("network_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_network_keys_site_id_created_at"))

    op.drop_table("network_keys")
