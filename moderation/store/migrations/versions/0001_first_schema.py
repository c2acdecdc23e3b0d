"""The first schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
            comment="Position in the log",
        ),
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it was done"),
        sa.Column(
            "actor",
            sa.String(),
            nullable=False,
            comment="Who did it: a moderator's id, engine, ladder, api key ...",
        ),
        sa.Column("action", sa.String(), nullable=False, comment="What was done"),
        sa.Column("subject", sa.String(), nullable=False, comment="To what, as kind:id"),
        sa.Column(
            "before", sa.String(), nullable=False, comment="Salted digest of the earlier state, or empty"
        ),
        sa.Column("after", sa.String(), nullable=False, comment="Salted digest of the later state, or empty"),
        sa.Column("detail", sa.JSON(), nullable=False, comment="Ids, codes and numbers only"),
        sa.Column("request_id", sa.String(), nullable=False, comment="The request it was done in"),
        sa.Column(
            "chain", sa.String(), nullable=False, comment="SHA-256 of the chain before and of this event"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_events_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_events_action_seq"), ["action", "seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_events_actor_seq"), ["actor", "seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_events_subject_seq"), ["subject", "seq"], unique=False)

    op.create_table(
        "moderators",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("email", sa.String(), nullable=False, comment="E-mail address in lower case"),
        sa.Column("name", sa.String(), nullable=False, comment="Name shown to colleagues"),
        sa.Column("password_hash", sa.String(), nullable=True, comment="argon2id; empty: cannot sign in yet"),
        sa.Column("role", sa.String(), nullable=False, comment="administrator, moderator or viewer"),
        sa.Column(
            "session_epoch", sa.Integer(), nullable=False, comment="Sessions of an earlier epoch have ended"
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="When the account was made"
        ),
        sa.Column(
            "deactivated_at", sa.DateTime(timezone=True), nullable=True, comment="When the account was closed"
        ),
        sa.Column(
            "last_signed_in_at", sa.DateTime(timezone=True), nullable=True, comment="Last successful sign-in"
        ),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False, comment="Failures since the last success"),
        sa.Column(
            "next_sign_in_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="No attempt is heard before this",
        ),
        sa.CheckConstraint(
            "role IN ('administrator', 'moderator', 'viewer')", name=op.f("ck_moderators_role_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderators")),
        sa.UniqueConstraint("email", name=op.f("uq_moderators_email")),
    )
    op.create_table(
        "policies",
        sa.Column("version", sa.String(), nullable=False, comment="Hash of the content"),
        sa.Column("text", sa.Text(), nullable=False, comment="The policy file as it was"),
        sa.Column(
            "first_used_at", sa.DateTime(timezone=True), nullable=False, comment="When it was first in force"
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policies")),
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("slug", sa.String(), nullable=False, comment="Short name in addresses"),
        sa.Column("name", sa.String(), nullable=False, comment="Name shown to readers"),
        sa.Column("origin", sa.String(), nullable=False, comment="Origin of the site's pages, for the embed"),
        sa.Column("language", sa.String(), nullable=False, comment="Language of the site's pages"),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="When the site was set up"
        ),
        sa.Column(
            "inbound_secrets",
            sa.JSON(),
            nullable=False,
            comment="Secrets (whsec_...) that sign webhooks from the site; several during a change",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("slug", name=op.f("uq_sites_slug")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site it speaks for"),
        sa.Column("name", sa.String(), nullable=False, comment="What it is used for"),
        sa.Column("prefix", sa.String(), nullable=False, comment="First characters, to recognise it by"),
        sa.Column(
            "digest", sa.String(), nullable=False, comment="SHA-256 of the key; the key itself is not kept"
        ),
        sa.Column("scopes", sa.JSON(), nullable=False, comment="What it may do"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was made"),
        sa.Column(
            "last_used_at", sa.DateTime(timezone=True), nullable=True, comment="Last use, exact to a minute"
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True, comment="When it was revoked"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_api_keys_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_keys_site_id"), ["site_id"], unique=False)

    op.create_table(
        "articles",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site that published it"),
        sa.Column("external_id", sa.String(), nullable=True, comment="Id in the site's own system"),
        sa.Column("slug", sa.String(), nullable=False, comment="Short name in addresses"),
        sa.Column("title", sa.String(), nullable=False, comment="Headline"),
        sa.Column("source", sa.String(), nullable=False, comment="Who published it first"),
        sa.Column("byline", sa.String(), nullable=False, comment="Who wrote it"),
        sa.Column("url", sa.String(), nullable=False, comment="Where the whole article is"),
        sa.Column("summary", sa.Text(), nullable=False, comment="Text shown above the discussion"),
        sa.Column("text", sa.Text(), nullable=False, comment="Text for the engine; may be empty"),
        sa.Column("people", sa.JSON(), nullable=False, comment="Names of people the article is about"),
        sa.Column("language", sa.String(), nullable=False, comment="Language of the article"),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), nullable=False, comment="When it was published"
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), nullable=False, comment="When it was last changed here"
        ),
        sa.Column("discussion", sa.String(), nullable=False, comment="open, held-first or closed"),
        sa.Column(
            "closed_at", sa.DateTime(timezone=True), nullable=True, comment="When the discussion was closed"
        ),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the site withdrew the article",
        ),
        sa.CheckConstraint(
            "discussion IN ('open', 'held-first', 'closed')", name=op.f("ck_articles_discussion_known")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_articles_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_articles_site_id_external_id")),
        sa.UniqueConstraint("site_id", "slug", name=op.f("uq_articles_site_id_slug")),
    )
    op.create_table(
        "authors",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site the author writes on"),
        sa.Column("external_id", sa.String(), nullable=True, comment="Id in the site's own system"),
        sa.Column(
            "email_key", sa.String(), nullable=True, comment="Keyed hash of the normalised e-mail address"
        ),
        sa.Column("name", sa.String(), nullable=False, comment="Display name; empty after erasure"),
        sa.Column("email", sa.String(), nullable=True, comment="E-mail address; empty after erasure"),
        sa.Column("role", sa.String(), nullable=False, comment="reader, trusted or staff"),
        sa.Column(
            "salt", sa.LargeBinary(), nullable=True, comment="Salt of the audit digests; empty after erasure"
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="When the first comment arrived"
        ),
        sa.Column(
            "erased_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When all personal data were erased",
        ),
        sa.CheckConstraint("role IN ('reader', 'trusted', 'staff')", name=op.f("ck_authors_role_known")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_authors_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("site_id", "email_key", name=op.f("uq_authors_site_id_email_key")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_authors_site_id_external_id")),
    )
    op.create_table(
        "blocks",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site it holds on"),
        sa.Column("subject_kind", sa.String(), nullable=False, comment="author or email_domain"),
        sa.Column(
            "subject", sa.String(), nullable=False, comment="The author's id, or the domain in lower case"
        ),
        sa.Column("penalty", sa.String(), nullable=False, comment="warn, premoderate or block"),
        sa.Column("clause", sa.String(), nullable=True, comment="The clause that was broken"),
        sa.Column("strike_ids", sa.JSON(), nullable=False, comment="Evidence: the strikes it rests on"),
        sa.Column("comment_ids", sa.JSON(), nullable=False, comment="Evidence: the comments it rests on"),
        sa.Column("given_by", sa.String(), nullable=False, comment="ladder, or a moderator's id"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False, comment="When it begins"),
        sa.Column(
            "ends_at", sa.DateTime(timezone=True), nullable=True, comment="When it ends; empty: until lifted"
        ),
        sa.Column(
            "expired_at", sa.DateTime(timezone=True), nullable=True, comment="When its end was recorded"
        ),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True, comment="When it was lifted"),
        sa.Column("lifted_by", sa.String(), nullable=True, comment="Who lifted it"),
        sa.Column("note", sa.Text(), nullable=False, comment="The moderator's note; empty after erasure"),
        sa.CheckConstraint(
            "penalty IN ('warn', 'premoderate', 'block')", name=op.f("ck_blocks_penalty_known")
        ),
        sa.CheckConstraint(
            "subject_kind IN ('author', 'email_domain')", name=op.f("ck_blocks_subject_kind_known")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_blocks_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blocks_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_blocks_site_id_subject_kind_subject"),
            ["site_id", "subject_kind", "subject"],
            unique=False,
        )

    op.create_table(
        "endpoints",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site that listens"),
        sa.Column("url", sa.String(), nullable=False, comment="Where events are sent"),
        sa.Column(
            "secret", sa.String(), nullable=False, comment="Secret (whsec_...) that signs what is sent"
        ),
        sa.Column("events", sa.JSON(), nullable=False, comment="Events wanted; empty for all"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was set up"),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True, comment="When sending stopped"),
        sa.Column("disabled_because", sa.String(), nullable=False, comment="Why sending stopped"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_endpoints_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoints")),
    )
    with op.batch_alter_table("endpoints", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_endpoints_site_id"), ["site_id"], unique=False)

    op.create_table(
        "one_time_links",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column(
            "digest",
            sa.String(),
            nullable=False,
            comment="SHA-256 of the token; the token itself is not kept",
        ),
        sa.Column("purpose", sa.String(), nullable=False, comment="invite or reset"),
        sa.Column("moderator_id", sa.String(), nullable=True, comment="Whose password it resets"),
        sa.Column("email", sa.String(), nullable=False, comment="E-mail address in lower case"),
        sa.Column("role", sa.String(), nullable=False, comment="The role the account gets or has"),
        sa.Column("created_by", sa.String(), nullable=False, comment="Who made it: a moderator's id, or cli"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was made"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="When it stops working"),
        sa.Column(
            "used_at", sa.DateTime(timezone=True), nullable=True, comment="When it was used or revoked"
        ),
        sa.CheckConstraint("purpose IN ('invite', 'reset')", name=op.f("ck_one_time_links_purpose_known")),
        sa.CheckConstraint(
            "role IN ('administrator', 'moderator', 'viewer')", name=op.f("ck_one_time_links_role_known")
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_one_time_links_moderator_id_moderators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_links_digest")),
    )
    with op.batch_alter_table("one_time_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_links_moderator_id"), ["moderator_id"], unique=False)

    op.create_table(
        "received_hooks",
        sa.Column("site_id", sa.String(), nullable=False, comment="The site it came from"),
        sa.Column("protocol", sa.String(), nullable=False, comment="The protocol it spoke"),
        sa.Column("message_id", sa.String(), nullable=False, comment="The sender's id of the message"),
        sa.Column("body_digest", sa.String(), nullable=False, comment="SHA-256 of the bytes that arrived"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, comment="When it first arrived"),
        sa.Column(
            "outcome",
            sa.JSON(),
            nullable=False,
            comment="The answer that was given: ids, codes and numbers only",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_received_hooks_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "protocol", "message_id", name=op.f("pk_received_hooks")),
    )
    with op.batch_alter_table("received_hooks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_received_hooks_received_at"), ["received_at"], unique=False)

    op.create_table(
        "comments",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site it was written on"),
        sa.Column("article_id", sa.String(), nullable=False, comment="The article it discusses"),
        sa.Column("author_id", sa.String(), nullable=False, comment="Who wrote it"),
        sa.Column("parent_id", sa.String(), nullable=True, comment="The comment it answers"),
        sa.Column("external_id", sa.String(), nullable=True, comment="Id in the site's own system"),
        sa.Column("body", sa.Text(), nullable=False, comment="Text as typed; empty after erasure"),
        sa.Column("language", sa.String(), nullable=True, comment="Language, as said or found"),
        sa.Column("source", sa.String(), nullable=False, comment="form, embed, api, hook or import"),
        sa.Column(
            "state", sa.String(), nullable=False, comment="published, held, rejected, withdrawn or removed"
        ),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="Rises with each change of state (optimistic lock)",
        ),
        sa.Column("revision", sa.Integer(), nullable=False, comment="Rises with each change of the body"),
        sa.Column(
            "submitted_digest",
            sa.String(),
            nullable=False,
            comment="SHA-256 of what was handed in, to know a repetition; empty after erasure",
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, comment="When it arrived"),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When readers could first see it",
        ),
        sa.Column("decision_id", sa.String(), nullable=True, comment="The decision in force"),
        sa.CheckConstraint(
            "state IN ('published', 'held', 'rejected', 'withdrawn', 'removed')",
            name=op.f("ck_comments_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_comments_article_id_articles")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_comments_author_id_authors")),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id_comments")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_comments_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_comments_site_id_external_id")),
    )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_comments_article_id_state_received_at_id"),
            ["article_id", "state", "received_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_comments_author_id_received_at_state"),
            ["author_id", "received_at", "state"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_comments_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_comments_state_received_at_id"), ["state", "received_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_comments_top_level",
            ["article_id", "received_at", "id"],
            unique=False,
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        )

    op.create_table(
        "decisions",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("comment_id", sa.String(), nullable=False, comment="The comment decided on"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="The revision of the body decided on"),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="Counts the decisions on this comment from 1"
        ),
        sa.Column("made_by", sa.String(), nullable=False, comment="engine, or a moderator's id"),
        sa.Column(
            "action",
            sa.String(),
            nullable=True,
            comment="What the moderator did: approve, reject, remove or restore",
        ),
        sa.Column("verdict", sa.String(), nullable=False, comment="publish, hold or reject"),
        sa.Column("clause", sa.String(), nullable=True, comment="The deciding clause of the policy"),
        sa.Column(
            "public", sa.JSON(), nullable=False, comment="The decision as the public contract shows it"
        ),
        sa.Column("signals", sa.JSON(), nullable=False, comment="All that detectors saw"),
        sa.Column("policy_version", sa.String(), nullable=False, comment="Version of the policy decided by"),
        sa.Column("model_versions", sa.JSON(), nullable=False, comment="Versions of the models"),
        sa.Column("engine_version", sa.String(), nullable=False, comment="Version of the engine"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False, comment="When it was decided"),
        sa.Column("duration_ms", sa.Double(), nullable=False, comment="How long the engine took"),
        sa.Column("note", sa.Text(), nullable=True, comment="The moderator's note; empty after erasure"),
        sa.CheckConstraint(
            "verdict IN ('publish', 'hold', 'reject')", name=op.f("ck_decisions_verdict_known")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_decisions_comment_id_comments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("comment_id", "number", name=op.f("uq_decisions_comment_id_number")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id, sent as webhook-id"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site that is told"),
        sa.Column("endpoint_id", sa.String(), nullable=False, comment="Where it is sent"),
        sa.Column("event", sa.String(), nullable=False, comment="Name of the event"),
        sa.Column("comment_id", sa.String(), nullable=True, comment="The comment it tells of"),
        sa.Column("payload", sa.Text(), nullable=False, comment="The JSON that is sent; empty after erasure"),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="When the event happened"
        ),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="How often sending was begun"),
        sa.Column(
            "next_attempt_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it is due; empty once it is delivered or given up",
        ),
        sa.Column(
            "leased_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until when a sender has it in hand",
        ),
        sa.Column(
            "delivered_at", sa.DateTime(timezone=True), nullable=True, comment="When the endpoint took it"
        ),
        sa.Column(
            "given_up_at", sa.DateTime(timezone=True), nullable=True, comment="When sending was given up"
        ),
        sa.Column("last_error", sa.String(), nullable=False, comment="What went wrong last"),
        sa.Column("last_status", sa.Integer(), nullable=True, comment="The last HTTP status"),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_deliveries_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoints.id"], name=op.f("fk_deliveries_endpoint_id_endpoints")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_deliveries_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_deliveries_endpoint_id_comment_id_id"),
            ["endpoint_id", "comment_id", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_deliveries_next_attempt_at"), ["next_attempt_at"], unique=False)

    op.create_table(
        "labelled_decisions",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("comment_id", sa.String(), nullable=True, comment="The comment, where it is stored here"),
        sa.Column("revision", sa.Integer(), nullable=True, comment="The revision of the body that was read"),
        sa.Column("who", sa.String(), nullable=False, comment="Id of the person who judged"),
        sa.Column("verdict", sa.String(), nullable=False, comment="publish, hold or reject"),
        sa.Column("clause", sa.String(), nullable=True, comment="The clause named"),
        sa.Column("source", sa.String(), nullable=False, comment="How the judgement came about"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it was made"),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_labelled_decisions_comment_id_comments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labelled_decisions")),
    )
    with op.batch_alter_table("labelled_decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_labelled_decisions_comment_id"), ["comment_id"], unique=False)

    op.create_table(
        "strikes",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id"),
        sa.Column("author_id", sa.String(), nullable=False, comment="Against whom"),
        sa.Column("comment_id", sa.String(), nullable=False, comment="For which comment"),
        sa.Column("clause", sa.String(), nullable=False, comment="For breaking which clause"),
        sa.Column("points", sa.Integer(), nullable=False, comment="How much it weighs"),
        sa.Column("given_by", sa.String(), nullable=False, comment="engine, or a moderator's id"),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False, comment="When it was given"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="When it stops counting"),
        sa.Column(
            "overruled_at", sa.DateTime(timezone=True), nullable=True, comment="When it was taken back"
        ),
        sa.Column("overruled_by", sa.String(), nullable=True, comment="Who took it back"),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_strikes_author_id_authors")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_strikes_comment_id_comments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strikes")),
    )
    with op.batch_alter_table("strikes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_strikes_author_id_expires_at"), ["author_id", "expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_strikes_comment_id"), ["comment_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("strikes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_strikes_comment_id"))
        batch_op.drop_index(batch_op.f("ix_strikes_author_id_expires_at"))

    op.drop_table("strikes")
    with op.batch_alter_table("labelled_decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_labelled_decisions_comment_id"))

    op.drop_table("labelled_decisions")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliveries_next_attempt_at"))
        batch_op.drop_index(batch_op.f("ix_deliveries_endpoint_id_comment_id_id"))
        batch_op.drop_index(batch_op.f("ix_deliveries_comment_id"))

    op.drop_table("deliveries")
    op.drop_table("decisions")
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_comments_top_level",
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_comments_state_received_at_id"))
        batch_op.drop_index(batch_op.f("ix_comments_parent_id"))
        batch_op.drop_index(batch_op.f("ix_comments_author_id_received_at_state"))
        batch_op.drop_index(batch_op.f("ix_comments_article_id_state_received_at_id"))

    op.drop_table("comments")
    with op.batch_alter_table("received_hooks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_received_hooks_received_at"))

    op.drop_table("received_hooks")
    with op.batch_alter_table("one_time_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_links_moderator_id"))

    op.drop_table("one_time_links")
    with op.batch_alter_table("endpoints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_endpoints_site_id"))

    op.drop_table("endpoints")
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blocks_site_id_subject_kind_subject"))
        batch_op.drop_index(batch_op.f("ix_blocks_ends_at"))

    op.drop_table("blocks")
    op.drop_table("authors")
    op.drop_table("articles")
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_keys_site_id"))

    op.drop_table("api_keys")
    op.drop_table("sites")
    op.drop_table("policies")
    op.drop_table("moderators")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_events_subject_seq"))
        batch_op.drop_index(batch_op.f("ix_audit_events_actor_seq"))
        batch_op.drop_index(batch_op.f("ix_audit_events_action_seq"))

    op.drop_table("audit_events")
