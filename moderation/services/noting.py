"""What moderators note of an author for colleagues; readers never see it, and an erasure deletes it."""

from moderation.errors import InvalidInput, NotFound
from moderation.services import Tools, acting, permissions
from moderation.services.penalising import check_note
from moderation.services.recording import keep_step
from moderation.store.tables import AuthorNote, Moderator


def note(
    tools: Tools,
    author_id: str,
    text: str,
    moderator: Moderator,
    *,
    comment_id: str | None = None,
    request_id: str = "",
) -> AuthorNote:
    """Return the note, kept with the author.

    Raises:
        InvalidInput: it is empty, too long or holds what cannot be kept. NotFound, Forbidden.
    """
    text = text.strip()
    permissions.require(moderator, "note")
    if not text:
        raise InvalidInput("The note is empty.", {"note": ["Write what colleagues should know."]})
    check_note(text)
    now = tools.now()
    with tools.database.begin() as store:
        author = store.people.get(author_id)
        comment = store.comments.get(comment_id) if comment_id else None
        if author is None or author.erased_at is not None or (comment and comment.author_id != author_id):
            raise NotFound("There is no such author.")
        if "note" not in acting.actions_on_author(author, moderator):
            raise acting.refused("note", moderator)
        kept = store.notes.add(
            AuthorNote(author_id=author_id, comment_id=comment_id, note=text, by=moderator.id, at=now)
        )
        store.audit.append(
            at=now,
            actor=moderator.id,
            action="author.noted",
            subject=f"author:{author_id}",
            detail={"note": kept.id, "comment": comment_id},
            request_id=request_id,
        )
        keep_step(store, "note", moderator.id, now, comment=comment, subject=f"author:{author_id}")
        return kept
