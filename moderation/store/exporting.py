"""All that is kept of one author, as JSON values: every table that names an author is read, new ones too.

Left out is what is not the author's: moderators' ids and notes, secrets, keys and digests, what detectors saw.
"""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import Table as SqlTable

from moderation.store.tables import NO_PERSONS, Article, Author, Block, Comment, DecisionRow, Table

# Columns of no meaning to the author, or that speak of somebody else.
_LEFT_OUT = re.compile(
    r"(.*_)?(by|note|salt|key|digest|hash|network|epoch|secret)|key_id|signals|version|headers|leased_until|given_with"
    r"|attempts|next_attempt_at|last_error|who|site_id|author_id|reporter|trusted|counts|network_key_id"
)
_WITH_TEXT_OF_ITS_OWN = ("comments", "decisions", "blocks", "authors")


def everything_of(session: Session, author: Author) -> dict[str, Any]:
    """Return the author's rows by kind; a decision says whether the engine, an import or a moderator made it."""
    comments = select(Comment, Article).join(Article, Article.id == Comment.article_id)
    written = session.execute(
        comments.where(Comment.author_id == author.id).order_by(Comment.received_at, Comment.id)
    ).all()
    mine = select(Comment.id).where(Comment.author_id == author.id)
    decided: dict[str, list[dict[str, Any]]] = {}
    made = select(DecisionRow).where(DecisionRow.comment_id.in_(mine)).order_by(DecisionRow.number)
    for decision in session.scalars(made):
        decided.setdefault(decision.comment_id, []).append(_decision(decision))
    blocks = select(Block.__table__).where(Block.subject_kind == "author", Block.subject == author.id)
    given: dict[str, Any] = {
        "author": _author(author),
        "comments": [
            _of_row(Comment.__table__, vars(comment))
            | {
                "article": {"title": article.title, "url": article.url, "slug": article.slug},
                "decisions": decided.get(comment.id, []),
            }
            for comment, article in written
        ],
        "blocks": [_of_row(Block.__table__, dict(row)) for row in session.execute(blocks).mappings()],
    }
    for table in Table.metadata.sorted_tables:
        condition = _names(table, author.id)
        if table.name in _WITH_TEXT_OF_ITS_OWN or condition is None:
            continue
        rows = session.execute(select(table).where(condition).order_by(*table.primary_key)).mappings()
        given[table.name] = [_of_row(table, dict(row)) for row in rows]
    return given


def _names(table: SqlTable, author_id: str) -> ColumnElement[bool] | None:
    """Return the condition of a table's rows about an author, or None where no column names one."""
    about = [
        column == author_id
        for column in table.columns
        if any(key.column.table.name == Author.__tablename__ for key in column.foreign_keys)
    ]
    if "reporter" in table.columns:  # a reporter may be a browser too, so the column is no foreign key
        about.append(table.columns["reporter"] == f"author:{author_id}")
    return or_(*about) if about else None


def _author(author: Author) -> dict[str, Any]:
    return _of_row(Author.__table__, vars(author))


def _decision(decision: DecisionRow) -> dict[str, Any]:
    reasons = [
        {name: reason.get(name) for name in ("clause", "sentence", "spans")}
        for reason in decision.public.get("reasons", [])
    ]
    return {
        "verdict": decision.verdict,
        "made_by": decision.made_by if decision.made_by in NO_PERSONS else "moderator",
        "action": decision.action,
        "revision": decision.revision,
        "reasons": reasons,
        "policy_version": decision.policy_version,
        "decided_at": decision.decided_at.isoformat(),
    }


def _of_row(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    return {
        column.name: _plain(row[column.name])
        for column in table.columns
        if not _LEFT_OUT.fullmatch(column.name)
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
