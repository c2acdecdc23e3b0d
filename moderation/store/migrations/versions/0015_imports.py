"""Archives read in: imports, which comment and author a record became, what was left out."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COMMENTS = (
    ("decisions", "made_by", "engine, or a moderator's id", "engine, import, or a moderator's id"),
    (
        "labelled_decisions",
        "source",
        "moderator, appeal or feedback",
        "moderator, appeal, feedback or import",
    ),
)


def upgrade() -> None:
    _say(after=True)
    op.create_table(
        "imports",
        sa.Column("id", sa.String(), nullable=False, comment="Opaque id, by time"),
        sa.Column("site_id", sa.String(), nullable=False, comment="The site it is read into"),
        sa.Column(
            "source",
            sa.String(),
            nullable=False,
            comment="Name of the archive; within one, ids mean one comment",
        ),
        sa.Column("format", sa.String(), nullable=False, comment="wxr, disqus, isso or jsonl"),
        sa.Column("name", sa.String(), nullable=False, comment="Name of the file"),
        sa.Column(
            "digest", sa.String(), nullable=False, comment="SHA-256 of the file, by which it is known again"
        ),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="Bytes of the file"),
        sa.Column("read", sa.BigInteger(), nullable=False, comment="Bytes read of them"),
        sa.Column("done", sa.Integer(), nullable=False, comment="Records gone through"),
        sa.Column("state", sa.String(), nullable=False, comment="running, done or broken"),
        sa.Column("broke", sa.String(), nullable=False, comment="Where the file broke, and how"),
        sa.Column(
            "report", sa.JSON(), nullable=False, comment="What was imported and what was not, in numbers"
        ),
        sa.Column(
            "decided",
            sa.JSON(),
            nullable=False,
            comment="What the engine said of its comments so far, and where to go on",
        ),
        sa.Column("started_by", sa.String(), nullable=False, comment="A moderator's id, or cli"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="When it was begun"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="When it was finished"),
        sa.CheckConstraint(
            "format IN ('wxr', 'disqus', 'isso', 'jsonl')", name=op.f("ck_imports_format_known")
        ),
        sa.CheckConstraint("state IN ('running', 'done', 'broken')", name=op.f("ck_imports_state_known")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_imports_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_imports_site_id_started_at"), ["site_id", "started_at"], unique=False
        )

    op.create_table(
        "imported_authors",
        sa.Column("site_id", sa.String(), nullable=False, comment="The site"),
        sa.Column("source", sa.String(), nullable=False, comment="Name of the archive"),
        sa.Column("foreign_id", sa.String(), nullable=False, comment="The author's id there"),
        sa.Column("author_id", sa.String(), nullable=False, comment="The author here"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=op.f("fk_imported_authors_author_id_authors")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_imported_authors_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "source", "foreign_id", name=op.f("pk_imported_authors")),
    )
    with op.batch_alter_table("imported_authors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_authors_author_id"), ["author_id"], unique=False)

    op.create_table(
        "skipped_records",
        sa.Column("import_id", sa.String(), nullable=False, comment="The import it was left out of"),
        sa.Column("number", sa.Integer(), nullable=False, comment="Counts the records of the file from 0"),
        sa.Column("place", sa.String(), nullable=False, comment="Where it stands in the file"),
        sa.Column("foreign_id", sa.String(), nullable=False, comment="Its id there; may be empty"),
        sa.Column("reason", sa.String(), nullable=False, comment="Why it was left out, as a code"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_skipped_records_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_skipped_records")),
    )
    op.create_table(
        "imported_comments",
        sa.Column("site_id", sa.String(), nullable=False, comment="The site"),
        sa.Column("source", sa.String(), nullable=False, comment="Name of the archive"),
        sa.Column("foreign_id", sa.String(), nullable=False, comment="The comment's id there"),
        sa.Column("comment_id", sa.String(), nullable=False, comment="The comment here"),
        sa.Column("import_id", sa.String(), nullable=False, comment="The import that brought it"),
        sa.Column(
            "parent",
            sa.String(),
            nullable=True,
            comment="Id there of the comment it answers, until that one is here",
        ),
        sa.Column("undated", sa.Boolean(), nullable=False, comment="Whether the archive gave no date"),
        sa.Column(
            "digest",
            sa.String(),
            nullable=False,
            comment="Keyed hash of page, date and text, to tell archives apart; empty after erasure",
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_imported_comments_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_imported_comments_import_id_imports")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_imported_comments_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "source", "foreign_id", name=op.f("pk_imported_comments")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_imported_comments_comment_id")),
    )
    with op.batch_alter_table("imported_comments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_imported_comments_import_id_comment_id"), ["import_id", "comment_id"], unique=False
        )
        batch_op.create_index(
            "ix_imported_comments_unlinked",
            ["site_id", "source", "comment_id"],
            unique=False,
            sqlite_where=sa.text("parent IS NOT NULL"),
            postgresql_where=sa.text("parent IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_table("skipped_records")
    with op.batch_alter_table("imported_comments", schema=None) as batch_op:
        batch_op.drop_index("ix_imported_comments_unlinked")
        batch_op.drop_index(batch_op.f("ix_imported_comments_import_id_comment_id"))
    op.drop_table("imported_comments")
    with op.batch_alter_table("imported_authors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imported_authors_author_id"))
    op.drop_table("imported_authors")
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imports_site_id_started_at"))
    op.drop_table("imports")
    _say(after=False)


def _say(*, after: bool) -> None:
    """Change what two columns say of themselves: SQLite keeps no such words, and would copy the whole tables."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column, old, new in _COMMENTS:
        op.alter_column(
            table,
            column,
            existing_type=sa.String(),
            existing_nullable=False,
            existing_comment=old if after else new,
            comment=new if after else old,
        )
