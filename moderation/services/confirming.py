"""A guest opens a link: the address is confirmed, and what waited for that is decided; in time, if he never does."""

from datetime import timedelta

from moderation.engine.types import UNCONFIRMED_ADDRESS
from moderation.errors import ModerationError, NotFound, StaleVersion
from moderation.services import Tools
from moderation.services.amending import take_back
from moderation.services.linking import GONE, SCOPE, read_link
from moderation.services.submitting import decide_again
from moderation.store.tables import Author, Comment, DecisionRow


def open_link(tools: Tools, token: str, request_id: str = "") -> Author:
    """Return whose link this is, after using it up; the address is confirmed, and held comments get their verdict.

    Raises:
        NotFound: the link is not ours, has expired, or was used, also by somebody else at this moment.
    """
    link, now = read_link(tools, token), tools.now()
    with tools.database.begin() as store:
        author = store.people.get(link.author_id)
        if author is None or author.erased_at is not None or (author.email_key or "")[:16] != link.address:
            raise NotFound(GONE)
        if not store.readers.spend(SCOPE, link.digest, link.expires_at):
            raise NotFound(GONE)
        newly = store.readers.confirm(author.id, now)
        store.audit.append(
            at=now,
            actor=f"author:{author.id}",
            action="author.confirmed" if newly else "author.signed_in",
            subject=f"author:{author.id}",
            detail={"by": "link"},
            request_id=request_id,
        )
        waiting = store.comments.held_for(author.id, UNCONFIRMED_ADDRESS)
    for comment_id in waiting:
        try:
            decide_again(tools, comment_id, _still_waits, request_id=request_id)
        except ModerationError:
            # Blocked meanwhile, or decided by a moderator: it stays as it is, and held ones are in the queue.
            continue
    return author


def withdraw_unconfirmed(tools: Tools) -> int:
    """Withdraw what has waited for its author's address as long as the policy lets it; return how many."""
    now, days = tools.now(), tools.engine.policy.limits.unconfirmed_days
    if not days:
        return 0
    with tools.database.read() as store:
        due = store.comments.due_unconfirmed(UNCONFIRMED_ADDRESS, now - timedelta(days=days))
    withdrawn = 0
    for comment_id in due:
        try:
            with tools.database.begin() as store:
                comment = store.comments.get(comment_id)
                if comment is None:
                    continue
                _still_waits(comment, store.comments.decision(comment))
                take_back(store, comment, "clock", now, {"because": "unconfirmed"})
        except (NotFound, StaleVersion):  # confirmed, decided or withdrawn at this moment
            continue
        withdrawn += 1
    return withdrawn


def has_lapsed(comment: Comment, decision: DecisionRow) -> bool:
    """Return whether a comment was withdrawn while it waited for the address: its author could not have done that."""
    return comment.state == "withdrawn" and decision.clause == UNCONFIRMED_ADDRESS


def unconfirmed_since(tools: Tools, days: int) -> int:
    """Return how many comments of the last so many days were withdrawn because nobody confirmed the address."""
    with tools.database.read() as store:
        return store.comments.count_withdrawn(UNCONFIRMED_ADDRESS, tools.now() - timedelta(days=days))


def _still_waits(comment: Comment, decision: DecisionRow | None) -> None:
    engine_s = decision is not None and decision.made_by == "engine"
    if comment.state != "held" or not engine_s or decision.clause != UNCONFIRMED_ADDRESS:  # type: ignore[union-attr]
        raise NotFound("This comment waits no more.")
