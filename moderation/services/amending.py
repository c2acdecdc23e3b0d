"""An author changes or withdraws what he wrote; the links and the permission come from one list."""

from collections.abc import Mapping
from datetime import datetime

from moderation.engine.policy import Limits
from moderation.errors import Conflict, Forbidden, NotFound
from moderation.services import Tools
from moderation.services.checking import FORMS
from moderation.services.delivering import tell_of_withdrawal
from moderation.services.recording import digest_of_state
from moderation.services.submitting import Outcome, decide_again
from moderation.store.tables import Comment, DecisionRow
from moderation.store.unit_of_work import Store


def open_to_author(
    comment: Comment, decision: DecisionRow | None, limits: Limits, now: datetime
) -> tuple[str, ...]:
    """Return what its author may do with a comment now: edit, withdraw; `edit_comment` refuses everything else."""
    if comment.state not in ("published", "held"):
        return ()
    # What came from a CMS is changed there, or the two would differ.
    unread = decision is None or decision.made_by == "engine"
    early = now - comment.received_at < limits.edit_within
    if unread and early and comment.source in FORMS:
        return ("edit", "withdraw")
    return ("withdraw",)


def edit_comment(tools: Tools, author_id: str, comment_id: str, body: str, request_id: str = "") -> Outcome:
    """Return what became of a comment with another text: its next revision, decided anew.

    Raises:
        NotFound: it is not this author's. Forbidden: the time is over, or a moderator has decided.
        InvalidInput, AuthorBlocked: nothing was changed.
    """
    limits = tools.engine.policy.limits

    def check(comment: Comment, decision: DecisionRow | None) -> None:
        if comment.author_id != author_id:
            raise NotFound("There is no such comment of yours.")
        if "edit" not in open_to_author(comment, decision, limits, tools.now()):
            raise Forbidden(
                f"A comment can be changed for {limits.edit_minutes} minutes, while no moderator has decided on it."
                " Withdraw it and write another."
            )
        if comment.body == body:
            raise Conflict("Nothing was changed in the text.")

    return decide_again(tools, comment_id, check, body=body, request_id=request_id)


def withdraw_comment(tools: Tools, author_id: str, comment_id: str, request_id: str = "") -> Comment:
    """Return the comment, withdrawn: it shows no more, replies stay; done before, it stays so.

    Raises:
        NotFound: it is not this author's. Forbidden: it was refused or removed. StaleVersion: a moderator was quicker.
    """
    now = tools.now()
    with tools.database.begin() as store:
        comment = store.comments.get(comment_id)
        if comment is None or comment.author_id != author_id:
            raise NotFound("There is no such comment of yours.")
        if comment.state == "withdrawn":
            return comment
        decision = store.comments.decision(comment)
        if "withdraw" not in open_to_author(comment, decision, tools.engine.policy.limits, now):
            raise Forbidden(
                f"A comment that is {comment.state} shows to nobody; there is nothing to withdraw."
            )
        return take_back(store, comment, f"author:{author_id}", now, {}, request_id)


def delete_at_site(tools: Tools, site_id: str, external_id: str, request_id: str = "") -> Comment:
    """Return the comment that was deleted at its site: withdrawn, whatever was decided; no later revision is taken.

    Raises:
        NotFound: it is not known. StaleVersion: a moderator was quicker.
    """
    with tools.database.begin() as store:
        comment = store.comments.get_by_external_id(site_id, external_id)
        if comment is None:
            raise NotFound("The comment is not known here. Send comment.submitted first.")
        if comment.state == "withdrawn":
            return comment
        return take_back(store, comment, f"site:{site_id}", tools.now(), {}, request_id)


def take_back(
    store: Store,
    comment: Comment,
    by: str,
    now: datetime,
    detail: Mapping[str, str],
    request_id: str = "",
) -> Comment:
    """Return the comment, withdrawn in the open transaction; its site is told. StaleVersion: it was changed meanwhile."""
    author, site = store.people.get(comment.author_id), store.sites.get(comment.site_id)
    article = store.articles.get(comment.article_id)
    assert author is not None and site is not None and article is not None  # noqa: PT018  foreign keys
    before = digest_of_state(comment)
    comment = store.comments.withdraw(comment.id, version=comment.version)
    store.audit.append(
        at=now,
        actor=by,
        action="comment.withdrawn",
        subject=f"comment:{comment.id}",
        before=before,
        after=digest_of_state(comment),
        salt=author.salt,
        detail={"author": author.id, **detail},
        request_id=request_id,
    )
    tell_of_withdrawal(store, site, article, comment, now)
    return comment
