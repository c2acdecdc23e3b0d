"""What moderators note of authors, for colleagues."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from moderation.store.tables import AuthorNote
from moderation.store.writing import added


class Notes:
    """Notes on authors."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, note: AuthorNote) -> AuthorNote:
        """Store a note."""
        return added(self._session, note)

    def get(self, note_id: str) -> AuthorNote | None:
        """Return the note with this id."""
        return self._session.get(AuthorNote, note_id)

    def delete(self, note_id: str) -> None:
        """Delete a note; one that is gone stays gone."""
        self._session.execute(delete(AuthorNote).where(AuthorNote.id == note_id))

    def of_author(self, author_id: str) -> Sequence[AuthorNote]:
        """Return the notes on an author, latest first."""
        notes = select(AuthorNote).where(AuthorNote.author_id == author_id)
        return self._session.scalars(notes.order_by(AuthorNote.id.desc())).all()
