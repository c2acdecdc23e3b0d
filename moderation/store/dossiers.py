"""One comment or one author in full, as a moderator sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation.store.appeals import Appeals
from moderation.store.audit import Audit
from moderation.store.comments import Comments
from moderation.store.desk import Desk, Item, items_of, with_surroundings
from moderation.store.notes import Notes
from moderation.store.paging import LIMIT, Page
from moderation.store.penalties import Penalties
from moderation.store.people import People, Standing
from moderation.store.tables import AuditEvent, Author, AuthorNote, Block, Comment, DecisionRow, Strike


@dataclass(frozen=True, slots=True)
class CommentDossier:
    """A comment with its whole history; `names` are those of the moderators who appear in it."""

    item: Item
    decisions: list[DecisionRow]
    strikes: list[Strike]
    blocks: list[Block]
    replies: int
    events: list[AuditEvent]
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class AuthorDossier:
    """An author with comments, strikes, entries of the block list, and what was done about them."""

    author: Author
    standing: Standing
    comments: Page[Comment]
    strikes: list[Strike]
    blocks: list[Block]
    events: list[AuditEvent]
    names: dict[str, str]
    notes: Sequence[AuthorNote]
    appeals: dict[str, int]


class Dossiers:
    """Everything about one subject."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def comment(self, comment_id: str, now: datetime) -> CommentDossier | None:
        """Return all about a comment."""
        rows = self._session.execute(with_surroundings().where(Comment.id == comment_id)).all()
        if not rows:
            return None
        (item,) = items_of(self._session, rows, now)
        decisions = Comments(self._session).decisions(comment_id)
        strikes = Penalties(self._session).strikes_for(comment_id)
        blocks = Penalties(self._session).blocks_resting_on(comment_id, now)
        replies = len(self._session.scalars(select(Comment.id).where(Comment.parent_id == comment_id)).all())
        events = Audit(self._session).of([f"comment:{comment_id}"])
        ids = [decision.made_by for decision in decisions] + [event.actor for event in events]
        ids += [who for strike in strikes for who in (strike.given_by, strike.overruled_by) if who]
        names = Desk(self._session).moderator_names(ids)
        return CommentDossier(item, decisions, strikes, blocks, replies, events, names)

    def author(
        self, author_id: str, now: datetime, *, after: str | None = None, limit: int = LIMIT
    ) -> AuthorDossier | None:
        """Return all about an author."""
        author = self._session.get(Author, author_id)
        if author is None:
            return None
        comments = Comments(self._session).by_author(author_id, after=after, limit=limit)
        strikes = Penalties(self._session).strikes(author_id)
        blocks = Penalties(self._session).blocks_of(author_id)
        events = Audit(self._session).of([f"author:{author_id}", *(f"block:{block.id}" for block in blocks)])
        notes = Notes(self._session).of_author(author_id)
        appeals = Appeals(self._session).count_of_author(author_id)
        ids = [event.actor for event in events] + [note.by for note in notes]
        ids += [who for strike in strikes for who in (strike.given_by, strike.overruled_by) if who]
        ids += [who for block in blocks for who in (block.given_by, block.lifted_by) if who]
        standing = People(self._session).standing(author_id, now)
        names = Desk(self._session).moderator_names(ids)
        return AuthorDossier(author, standing, comments, strikes, blocks, events, names, notes, appeals)
