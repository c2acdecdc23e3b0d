"""Threads counted and paged, pins, discussions that close by themselves, several origins of a site."""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TOPS = """
WITH RECURSIVE below(id, top) AS (
    SELECT reply.id, reply.parent_id FROM comments AS reply
    JOIN comments AS parent ON parent.id = reply.parent_id WHERE parent.parent_id IS NULL
    UNION ALL
    SELECT reply.id, below.top FROM comments AS reply JOIN below ON reply.parent_id = below.id
)
UPDATE comments SET top_id = below.top FROM below WHERE below.id = comments.id
"""
_REPLIES = """
UPDATE comments SET replies = counted.replies FROM (
    SELECT top_id, count(*) AS replies FROM comments
    WHERE top_id IS NOT NULL AND state = 'published' GROUP BY top_id
) AS counted WHERE counted.top_id = comments.id
"""
_TOP_LEVEL = "parent_id IS NULL"
_PINNED = "pinned_at IS NOT NULL"


def upgrade() -> None:
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "top_id",
                sa.String(),
                nullable=True,
                comment="The comment its thread begins with; empty: itself",
            )
        )
        batch_op.add_column(
            sa.Column(
                "replies",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="Published comments in the thread below, counted where the thread begins",
            )
        )
        batch_op.add_column(
            sa.Column(
                "pinned_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When a moderator pinned it to the top of its discussion",
            )
        )
        batch_op.create_foreign_key(batch_op.f("fk_comments_top_id_comments"), "comments", ["top_id"], ["id"])
    op.execute(_TOPS)
    op.execute(_REPLIES)
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_comments_top_id_received_at_id"), ["top_id", "received_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_comments_most_discussed",
            ["article_id", "replies", "received_at", "id"],
            unique=False,
            sqlite_where=sa.text(_TOP_LEVEL),
            postgresql_where=sa.text(_TOP_LEVEL),
        )
        batch_op.create_index(
            "ix_comments_pinned",
            ["article_id", "pinned_at"],
            unique=False,
            sqlite_where=sa.text(_PINNED),
            postgresql_where=sa.text(_PINNED),
        )

    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "closes_after_days",
                sa.Integer(),
                nullable=True,
                comment="Days after publication when it closes by itself; 0: never; empty: as the site says",
            )
        )
        batch_op.create_index(batch_op.f("ix_articles_site_id_url"), ["site_id", "url"], unique=False)

    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "origins",
                sa.JSON(),
                server_default="[]",
                nullable=False,
                comment="Origins of the site's pages, which may show the embed and ask for counts",
            )
        )
        batch_op.add_column(
            sa.Column(
                "closes_after_days",
                sa.Integer(),
                nullable=True,
                comment="Days after publication when discussions close by themselves; empty: they do not",
            )
        )
        batch_op.add_column(
            sa.Column(
                "sets_up_articles",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
                comment="Whether the first comment through the embed sets up an article not known yet",
            )
        )
    sites = sa.table("sites", sa.column("id"), sa.column("origin"), sa.column("origins", sa.JSON()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(sites.c.id, sites.c.origin)).all():
        origin = row.origin.lower().rstrip("/")
        if re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", origin):  # it goes into a header from now on
            connection.execute(sites.update().where(sites.c.id == row.id).values(origins=[origin]))
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.drop_column("origin")


def downgrade() -> None:
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "origin",
                sa.String(),
                server_default="",
                nullable=False,
                comment="Origin of the site's pages, for the embed",
            )
        )
    sites = sa.table("sites", sa.column("id"), sa.column("origin"), sa.column("origins", sa.JSON()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(sites.c.id, sites.c.origins)).all():
        if row.origins:
            connection.execute(sites.update().where(sites.c.id == row.id).values(origin=row.origins[0]))
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.drop_column("sets_up_articles")
        batch_op.drop_column("closes_after_days")
        batch_op.drop_column("origins")

    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_articles_site_id_url"))
        batch_op.drop_column("closes_after_days")

    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index("ix_comments_pinned")
        batch_op.drop_index("ix_comments_most_discussed")
        batch_op.drop_index(batch_op.f("ix_comments_top_id_received_at_id"))
        batch_op.drop_constraint(batch_op.f("fk_comments_top_id_comments"), type_="foreignkey")
        batch_op.drop_column("pinned_at")
        batch_op.drop_column("replies")
        batch_op.drop_column("top_id")
