"""The desk: every step undone, bulk actions over a filter, replays begun again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KINDS = ("review", "block", "lift", "let-stand")
_MORE_KINDS = (*_KINDS, "import", "appeal", "note", "pin", "discussion")
_STATES = ("waiting", "done", "undoing", "undone")
_MORE_STATES = ("previewed", "waiting", "stopped", "done", "undoing", "undone")


def upgrade() -> None:
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "subject",
                sa.String(),
                server_default="",
                nullable=False,
                comment="What else it was done to, as the audit log names it: article:<id>, author:<id> ...",
            )
        )
        batch_op.alter_column(
            "kind",
            existing_type=sa.String(),
            existing_nullable=False,
            comment="review, block, lift, let-stand, import, appeal, note, pin or discussion",
        )
        batch_op.alter_column(
            "action",
            existing_type=sa.String(),
            existing_nullable=False,
            comment="What of this kind: approve, refuse, unpin ...; else the kind again",
        )
        batch_op.drop_constraint(batch_op.f("ck_steps_kind_known"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_steps_kind_known"), _one_of("kind", _MORE_KINDS))

    op.create_table(
        "batch_items",
        sa.Column("batch_id", sa.String(), nullable=False, comment="The bulk action"),
        sa.Column("number", sa.Integer(), nullable=False, comment="Its place, from 0"),
        sa.Column("comment_id", sa.String(), nullable=False, comment="The comment"),
        sa.Column("version", sa.Integer(), nullable=False, comment="Its version when it was previewed"),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_items_batch_id_batches")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_batch_items_comment_id_comments")
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_batch_items")),
    )
    _lists_to_items()
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.drop_column("comments")
        batch_op.add_column(
            sa.Column(
                "filters",
                sa.JSON(),
                server_default="{}",
                nullable=False,
                comment="The filter of the queue that chose the comments; empty: ticked ones",
            )
        )
        for name, comment in (
            ("total", "How many comments it is about"),
            ("undone", "How many of the decisions were taken back"),
        ):
            batch_op.add_column(
                sa.Column(name, sa.Integer(), server_default="0", nullable=False, comment=comment)
            )
        batch_op.add_column(
            sa.Column(
                "place",
                sa.String(),
                server_default="",
                nullable=False,
                comment="Id of the step at which the undoing is; empty: at the last",
            )
        )
        batch_op.alter_column(
            "state",
            existing_type=sa.String(),
            existing_nullable=False,
            comment="previewed, waiting, stopped, done, undoing or undone",
        )
        batch_op.alter_column(
            "at",
            existing_type=sa.DateTime(timezone=True),
            existing_nullable=False,
            comment="When it was previewed or confirmed",
        )
        batch_op.drop_constraint(batch_op.f("ck_batches_state_known"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_batches_state_known"), _one_of("state", _MORE_STATES))
    op.execute(
        "UPDATE batches SET total = (SELECT count(*) FROM batch_items WHERE batch_id = batches.id), "
        "undone = CASE WHEN state = 'undone' THEN done - refused ELSE 0 END"
    )

    with op.batch_alter_table("replays", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "second_stage",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
                comment="Whether the second model decides too, which is slow",
            )
        )
        batch_op.add_column(
            sa.Column(
                "attempts",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="How often it failed and was begun again",
            )
        )
        batch_op.add_column(
            sa.Column(
                "failed_because",
                sa.String(),
                server_default="",
                nullable=False,
                comment="Why it failed last: policy, database, process or the kind of error",
            )
        )


def _one_of(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


_BATCHES = sa.table("batches", sa.column("id", sa.String), sa.column("comments", sa.JSON))
_ITEMS = sa.table(
    "batch_items",
    sa.column("batch_id", sa.String),
    sa.column("number", sa.Integer),
    sa.column("comment_id", sa.String),
    sa.column("version", sa.Integer),
)


def _lists_to_items() -> None:
    connection = op.get_bind()
    for batch_id, comments in connection.execute(sa.select(_BATCHES.c.id, _BATCHES.c.comments)).all():
        rows = [
            {"batch_id": batch_id, "number": number, "comment_id": one["id"], "version": one["version"]}
            for number, one in enumerate(comments)
        ]
        if rows:
            connection.execute(sa.insert(_ITEMS), rows)


def _items_to_lists() -> None:
    connection = op.get_bind()
    for batch_id in connection.execute(sa.select(_BATCHES.c.id)).scalars().all():
        items = sa.select(_ITEMS.c.comment_id, _ITEMS.c.version).where(_ITEMS.c.batch_id == batch_id)
        found = connection.execute(items.order_by(_ITEMS.c.number)).all()
        comments = [{"id": key, "version": version} for key, version in found]
        connection.execute(sa.update(_BATCHES).where(_BATCHES.c.id == batch_id).values(comments=comments))


def downgrade() -> None:
    with op.batch_alter_table("replays", schema=None) as batch_op:
        for column in ("failed_because", "attempts", "second_stage"):
            batch_op.drop_column(column)

    # What the older version does not know goes; what was stopped counts there as done.
    op.execute("DELETE FROM batch_items WHERE batch_id IN (SELECT id FROM batches WHERE state = 'previewed')")
    op.execute("DELETE FROM batches WHERE state = 'previewed'")
    op.execute("UPDATE batches SET state = 'done' WHERE state = 'stopped'")
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "comments",
                sa.JSON(),
                server_default="[]",
                nullable=False,
                comment="The comments as they were previewed: id and version",
            )
        )
        batch_op.drop_constraint(batch_op.f("ck_batches_state_known"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_batches_state_known"), _one_of("state", _STATES))
        for column in ("place", "undone", "total", "filters"):
            batch_op.drop_column(column)
    _items_to_lists()
    op.drop_table("batch_items")

    op.execute(f"DELETE FROM steps WHERE NOT {_one_of('kind', _KINDS)}")  # noqa: S608  words of this file
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_steps_kind_known"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_steps_kind_known"), _one_of("kind", _KINDS))
        batch_op.drop_column("subject")
