"""Readers: confirmed addresses, sessions, sign-on by the site, mail on its way, replies told of."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "spent_tokens",
        sa.Column("scope", sa.String(), nullable=False, comment="link, or sign-on: and the site's id"),
        sa.Column("digest", sa.String(), nullable=False, comment="SHA-256 of the token's own id"),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it would have stopped working",
        ),
        sa.PrimaryKeyConstraint("scope", "digest", name=op.f("pk_spent_tokens")),
    )
    with op.batch_alter_table("spent_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spent_tokens_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "sign_on_keys",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site that signs"),
        sa.Column("kid", sa.String(), nullable=False, comment="The name that a token's header gives it"),
        sa.Column(
            "algorithm",
            sa.String(),
            nullable=False,
            comment="HS256 or RS256; what a token says of it is not believed",
        ),
        sa.Column("secret", sa.Text(), nullable=False, comment="The shared secret, or the public key in PEM"),
        sa.Column(
            "issuer", sa.String(), nullable=False, comment="The iss that tokens must have; empty for any"
        ),
        sa.Column(
            "names_staff", sa.Boolean(), nullable=False, comment="Whether its tokens may say who is staff"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was set"),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True, comment="When it was revoked"),
        sa.CheckConstraint("algorithm IN ('HS256', 'RS256')", name=op.f("ck_sign_on_keys_algorithm_known")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_sign_on_keys_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_on_keys")),
        sa.UniqueConstraint("site_id", "kid", name=op.f("uq_sign_on_keys_site_id_kid")),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site in whose name it is sent"),
        sa.Column("author_id", sa.String(), nullable=True, comment="The author it goes to"),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="What it tells: address.confirm, comments.link, replies ...",
        ),
        sa.Column("to", sa.String(), nullable=False, comment="E-mail address; empty once sent or given up"),
        sa.Column("subject", sa.String(), nullable=False, comment="Subject; empty once sent or given up"),
        sa.Column("text", sa.Text(), nullable=False, comment="Text; empty once sent or given up"),
        sa.Column(
            "headers",
            sa.JSON(),
            nullable=False,
            comment="Headers besides the usual ones; empty once sent or given up",
        ),
        sa.Column(
            "address_key",
            sa.String(),
            nullable=False,
            comment="Keyed hash of the address, to count what it is sent",
        ),
        sa.Column(
            "network_key",
            sa.String(),
            nullable=False,
            comment="Keyed hash of the network that asked, under a key that changes daily",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was written"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="How often sending was begun"),
        sa.Column(
            "next_attempt_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it is due; empty once sent or given up",
        ),
        sa.Column(
            "sent_at", sa.DateTime(timezone=True), nullable=True, comment="When the mail server took it"
        ),
        sa.Column("last_error", sa.String(), nullable=False, comment="What went wrong last"),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_mails_author_id_authors")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_mails_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mails_address_key_created_at"), ["address_key", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_mails_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mails_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_mails_network_key_created_at"), ["network_key", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_mails_next_attempt_at"), ["next_attempt_at"], unique=False)

    op.create_table(
        "reply_watches",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("author_id", sa.String(), nullable=False, comment="Who wishes to be told"),
        sa.Column("article_id", sa.String(), nullable=False, comment="In which discussion"),
        sa.Column("language", sa.String(), nullable=False, comment="Language of the mails"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was wished"),
        sa.Column(
            "ended_at", sa.DateTime(timezone=True), nullable=True, comment="When it was wished no more"
        ),
        sa.Column(
            "told_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Replies that showed up to here were told of",
        ),
        sa.Column(
            "mailed_at", sa.DateTime(timezone=True), nullable=True, comment="When the last mail was written"
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the next is due; empty while there is nothing to tell",
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_reply_watches_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=op.f("fk_reply_watches_author_id_authors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_watches")),
        sa.UniqueConstraint("author_id", "article_id", name=op.f("uq_reply_watches_author_id_article_id")),
    )
    with op.batch_alter_table("reply_watches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_watches_due_at"), ["due_at"], unique=False)

    with op.batch_alter_table("authors", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "confirmed_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When the address was shown to be the author's",
            )
        )
        batch_op.add_column(
            sa.Column(
                "session_epoch",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="Readers' sessions of an earlier epoch have ended",
            )
        )

    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "confirms_addresses",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
                comment="Whether a guest's comments wait until the address is confirmed",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.drop_column("confirms_addresses")

    with op.batch_alter_table("authors", schema=None) as batch_op:
        batch_op.drop_column("session_epoch")
        batch_op.drop_column("confirmed_at")

    with op.batch_alter_table("reply_watches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reply_watches_due_at"))

    op.drop_table("reply_watches")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mails_next_attempt_at"))
        batch_op.drop_index(batch_op.f("ix_mails_network_key_created_at"))
        batch_op.drop_index(batch_op.f("ix_mails_created_at"))
        batch_op.drop_index(batch_op.f("ix_mails_author_id"))
        batch_op.drop_index(batch_op.f("ix_mails_address_key_created_at"))

    op.drop_table("mails")
    op.drop_table("sign_on_keys")
    with op.batch_alter_table("spent_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spent_tokens_expires_at"))

    op.drop_table("spent_tokens")
