"""Archives read in: which records are here already, many rows stored at once, answers tied to late parents."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.schema import Table as SqlTable

from moderation.store.tables import (
    IMPORT,
    PUBLISHED,
    Article,
    Author,
    Comment,
    DecisionRow,
    Import,
    ImportedAuthor,
    ImportedComment,
    SkippedRecord,
    Table,
)
from moderation.store.writing import added, changed

_APART: dict[str, Any] = {"execution_options": {"synchronize_session": False}}


@dataclass(frozen=True, slots=True)
class Known:
    """A comment that is here: what it became by, and its place in its thread."""

    comment_id: str
    article_id: str
    top_id: str | None
    import_id: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class ToDecide:
    """An imported comment that nobody has decided on here, with what the engine reads beside it."""

    comment: Comment
    article: Article
    author_name: str
    parent_body: str | None
    parent_author: str | None


class Imports:
    """Imports, and what their records became."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, begun: Import) -> Import:
        """Store a new import."""
        return added(self._session, begun)

    def get(self, import_id: str) -> Import | None:
        """Return the import with this id."""
        return self._session.get(Import, import_id)

    def lock(self, import_id: str) -> Import | None:
        """Return the import, held against other transactions until this one ends."""
        query = select(Import).where(Import.id == import_id).with_for_update()
        return self._session.scalar(query.execution_options(populate_existing=True))

    def latest(self, site_id: str | None = None, limit: int = 50) -> list[Import]:
        """Return the latest imports, the newest first."""
        query = select(Import).order_by(Import.started_at.desc(), Import.id.desc()).limit(limit)
        if site_id is not None:
            query = query.where(Import.site_id == site_id)
        return [*self._session.scalars(query)]

    def unfinished(self, site_id: str, source: str, digest: str) -> Import | None:
        """Return the import of this very file that was begun and not finished."""
        mine = (Import.site_id == site_id, Import.source == source, Import.digest == digest)
        return self._session.scalar(select(Import).where(*mine, Import.state == "running").limit(1))

    def go_on(self, begun: Import, done: int, read: int) -> bool:
        """Note how far an import is; return False where another process has taken it further."""
        here = (Import.id == begun.id, Import.done == begun.done, Import.state == "running")
        return changed(self._session, update(Import).where(*here).values(done=done, read=read), **_APART) == 1

    def known(self, site_id: str, source: str, ids: Collection[str]) -> dict[str, Known]:
        """Return the comments here that an archive means by these ids."""
        query = (
            select(
                ImportedComment.foreign_id,
                Comment.id,
                Comment.article_id,
                Comment.top_id,
                ImportedComment.import_id,
                ImportedComment.digest,
            )
            .join(Comment, Comment.id == ImportedComment.comment_id)
            .where(
                ImportedComment.site_id == site_id,
                ImportedComment.source == source,
                ImportedComment.foreign_id.in_(ids),
            )
        )
        return {row[0]: Known(*row[1:]) for row in self._session.execute(query)}

    def own(self, site_id: str, ids: Collection[str]) -> dict[str, Known]:
        """Return the comments of a site that have these ids of ours."""
        query = select(Comment.id, Comment.article_id, Comment.top_id)
        found = self._session.execute(query.where(Comment.site_id == site_id, Comment.id.in_(ids)))
        return {row[0]: Known(*row) for row in found}

    def taken(self, site_id: str, external_ids: Collection[str]) -> set[str]:
        """Return which of these external ids comments of the site have."""
        mine = (Comment.site_id == site_id, Comment.external_id.in_(external_ids))
        return {key for key in self._session.scalars(select(Comment.external_id).where(*mine)) if key}

    def authors_of(self, site_id: str, source: str, ids: Collection[str]) -> dict[str, str]:
        """Return the ids of the authors that an archive means by these ids."""
        mine = (ImportedAuthor.site_id == site_id, ImportedAuthor.source == source)
        query = select(ImportedAuthor.foreign_id, ImportedAuthor.author_id)
        return dict(self._session.execute(query.where(*mine, ImportedAuthor.foreign_id.in_(ids))).all())

    def authors_by(self, what: str, site_id: str, keys: Collection[str]) -> dict[str, str]:
        """Return the ids of a site's authors by `email_key` or `external_id`."""
        column = getattr(Author, what)
        query = select(column, Author.id).where(Author.site_id == site_id, column.in_(keys))
        return dict(self._session.execute(query).all())

    def store(self, *kinds: Sequence[Table]) -> None:
        """Store rows, each kind in one statement; a kind that points at another comes after it."""
        for rows in kinds:
            if rows:
                columns = rows[0].__mapper__.columns.keys()
                values = [{name: getattr(row, name) for name in columns} for row in rows]
                self._session.execute(insert(type(rows[0])), values)

    def unlinked(self, site_id: str, source: str, after: str, limit: int) -> list[ImportedComment]:
        """Return records whose parent was not there yet, in the order of their comments."""
        waiting = (
            ImportedComment.site_id == site_id,
            ImportedComment.source == source,
            ImportedComment.parent.is_not(None),
            ImportedComment.comment_id > after,
        )
        query = select(ImportedComment).where(*waiting).order_by(ImportedComment.comment_id).limit(limit)
        return [*self._session.scalars(query)]

    def link(self, answers: Sequence[tuple[ImportedComment, Known]]) -> None:
        """Let comments answer others; not those of another article, nor what stands below them already.

        Each begins a thread so far: what stands in it moves with it.
        """
        ids = {child.comment_id for child, _ in answers} | {parent.comment_id for _, parent in answers}
        places = select(Comment.id, Comment.article_id, Comment.top_id).where(Comment.id.in_(ids))
        place = {row.id: row for row in self._session.execute(places)}
        moved: dict[str, str] = {}

        def top_of(comment_id: str) -> str:
            top = place[comment_id].top_id or comment_id if comment_id in place else comment_id
            while top in moved:
                top = moved[top]
            return top

        linked: list[tuple[str, str]] = []
        for child, parent in answers:
            top = top_of(parent.comment_id)
            if place[child.comment_id].article_id == parent.article_id and top != child.comment_id:
                moved[child.comment_id] = top
                linked.append((child.comment_id, parent.comment_id))
                child.parent = None
        if not linked:
            return
        tops = {key: top_of(key) for key, _ in linked}
        rows = [{"id": key, "parent_id": to, "top_id": tops[key], "replies": 0} for key, to in linked]
        self._session.execute(update(Comment), rows)
        comments = cast("SqlTable", Comment.__table__)
        below = update(comments).where(comments.c.top_id == bindparam("was")).values(top_id=bindparam("now"))
        self._session.connection().execute(below, [{"was": key, "now": top} for key, top in tops.items()])
        self._recount(set(tops.values()))

    def recount(self, import_id: str, after: str, limit: int) -> str:
        """Count the answers in the threads of an import's next comments; return the last of these, empty for none."""
        mine = (ImportedComment.import_id == import_id, ImportedComment.comment_id > after)
        query = (
            select(Comment.id, Comment.top_id)
            .join(ImportedComment, ImportedComment.comment_id == Comment.id)
            .where(*mine)
            .order_by(ImportedComment.comment_id)
            .limit(limit)
        )
        rows = self._session.execute(query).all()
        self._recount({row.top_id for row in rows if row.top_id})
        return rows[-1].id if rows else ""

    def _recount(self, tops: Iterable[str]) -> None:
        reply = aliased(Comment)
        shown = select(func.count()).where(reply.top_id == Comment.id, reply.state == PUBLISHED)
        counted = update(Comment).where(Comment.id.in_(tops)).values(replies=shown.scalar_subquery())
        self._session.execute(counted, **_APART)

    def counts(self, import_id: str) -> dict[str, Any]:
        """Return how many comments an import brought, by state, and how many records it left out, by reason."""
        mine = ImportedComment.import_id == import_id
        joined = select(Comment.state, func.count()).join(
            ImportedComment, ImportedComment.comment_id == Comment.id
        )
        states = dict(self._session.execute(joined.where(mine).group_by(Comment.state)).all())
        reasons = select(SkippedRecord.reason, func.count()).where(SkippedRecord.import_id == import_id)
        number = select(func.count()).select_from(ImportedComment).where(mine)
        of = select(func.count(Comment.article_id.distinct()), func.count(Comment.author_id.distinct()))
        articles, authors = self._session.execute(
            of.join(ImportedComment, ImportedComment.comment_id == Comment.id).where(mine)
        ).one()
        return {
            "imported": sum(states.values()),
            "states": states,
            "skipped": dict(self._session.execute(reasons.group_by(SkippedRecord.reason)).all()),
            "orphans": self._session.scalar(number.where(ImportedComment.parent.is_not(None))) or 0,
            "undated": self._session.scalar(number.where(ImportedComment.undated)) or 0,
            "articles": articles,
            "authors": authors,
        }

    def skipped(self, import_id: str, *, after: int = -1, limit: int = 500) -> list[SkippedRecord]:
        """Return the records that were left out, in the order of the file."""
        mine = (SkippedRecord.import_id == import_id, SkippedRecord.number > after)
        query = select(SkippedRecord).where(*mine).order_by(SkippedRecord.number).limit(limit)
        return [*self._session.scalars(query)]

    def range_to_decide(self, import_id: str, after: str, limit: int) -> list[tuple[str, str, int]]:
        """Return the range of an import's next comments as `to_decide` finds them: one, or none where there are no more."""
        ids = [*self._session.scalars(_undecided(select(Comment.id), import_id, after).limit(limit))]
        return [(after, ids[-1], len(ids))] if ids else []

    def to_decide(self, import_id: str, after: str, until: str) -> list[ToDecide]:
        """Return the comments of a range that show or wait, and that nobody has decided on here."""
        parent, writer = aliased(Comment), aliased(Author)
        query = (
            _undecided(select(Comment, Article, Author.name, parent.body, writer.name), import_id, after)
            .join(Article, Article.id == Comment.article_id)
            .join(Author, Author.id == Comment.author_id)
            .join(parent, parent.id == Comment.parent_id, isouter=True)
            .join(writer, writer.id == parent.author_id, isouter=True)
            .where(ImportedComment.comment_id <= until)
        )
        return [ToDecide(*row) for row in self._session.execute(query)]


def _undecided(query: Any, import_id: str, after: str) -> Any:
    return (
        query.join(ImportedComment, ImportedComment.comment_id == Comment.id)
        .join(DecisionRow, DecisionRow.id == Comment.decision_id)
        .where(
            ImportedComment.import_id == import_id,
            ImportedComment.comment_id > after,
            Comment.state.in_((PUBLISHED, "held")),
            Comment.body != "",
            DecisionRow.made_by == IMPORT,
        )
        .order_by(ImportedComment.comment_id)
    )
