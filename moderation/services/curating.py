"""What the paper puts forward: comments pinned to the top of their discussion, authors known as its staff."""

from moderation.errors import Conflict, InvalidInput, NotFound
from moderation.services import Tools, acting, permissions
from moderation.services.recording import keep_step
from moderation.store.tables import PUBLISHED, Author, Moderator

PINS = 3  # of one article: more would hide the discussion beneath
ROLES = ("reader", "trusted", "staff")


def pin(
    tools: Tools, comment_id: str, moderator: Moderator, *, pinned: bool = True, request_id: str = ""
) -> None:
    """Pin a published comment to the top of its discussion, or let it go; doing it twice changes nothing.

    Raises:
        NotFound, Forbidden; Conflict where readers do not see the comment; InvalidInput where the article has as many pins as it may.
    """
    now, action = tools.now(), "pin" if pinned else "unpin"
    with tools.database.begin() as store:
        comment = store.comments.get(comment_id)
        if comment is None:
            raise NotFound("There is no such comment.")
        permissions.require(moderator, "pin")
        if pinned and comment.state != PUBLISHED:
            raise Conflict(f"A comment that is {comment.state} cannot be pinned. Publish it first.")
        if pinned == (comment.pinned_at is not None):
            return
        acting.check_on_comment(store, comment, action, moderator)
        if pinned and len(store.threads.pinned(comment.article_id)) >= PINS:
            raise InvalidInput(
                "The comment could not be pinned.",
                {"pinned": [f"The article has {PINS} pinned comments already. Let one of them go first."]},
            )
        before = comment.pinned_at
        store.comments.pin(comment_id, now if pinned else None)
        store.audit.append(
            at=now,
            actor=moderator.id,
            action="comment.pinned" if pinned else "comment.unpinned",
            subject=f"comment:{comment_id}",
            detail={"article": comment.article_id},
            request_id=request_id,
        )
        keep_step(
            store,
            "pin",
            moderator.id,
            now,
            action=action,
            comment=comment,
            more={"pinned_at": before.isoformat()} if before else {},
        )


def set_role(tools: Tools, author_id: str, role: str, by: str, request_id: str = "") -> Author:
    """Return the author as a reader, trusted or staff."""
    if role not in ROLES:
        raise InvalidInput("The role could not be given.", {"role": [f"One of {', '.join(ROLES)}."]})
    now = tools.now()
    with tools.database.begin() as store:
        author = store.people.get(author_id)
        if author is None or author.erased_at is not None:
            raise NotFound("There is no such author.")
        before = author.role
        store.people.set_role(author_id, role)
        store.audit.append(
            at=now,
            actor=by,
            action="author.role",
            subject=f"author:{author_id}",
            detail={"before": before, "after": role},
            request_id=request_id,
        )
        return author
