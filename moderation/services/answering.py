"""A moderator answers an appeal: a colleague's decision, where there is a colleague; all that follows at once."""

from datetime import datetime

from moderation.engine.text import unreadable_because
from moderation.errors import Forbidden, InvalidInput, NotFound, StaleVersion
from moderation.services import Tools, acting, appealing, penalising, permissions, reviewing, striking
from moderation.services.checking import unfit
from moderation.services.recording import keep_label, keep_step
from moderation.store.appeals import AppealCase
from moderation.store.tables import Appeal, Moderator
from moderation.store.unit_of_work import Store

SOURCE = "appeal"  # of the labelled decision
LONGEST_ANSWER = 1000
_TAKEN_BACK_BY = {"rejected": "approve", "removed": "restore"}


def answer(
    tools: Tools,
    appeal_id: str,
    moderator: Moderator,
    version: int,
    *,
    grant: bool,
    sentence: str = "",
    request_id: str = "",
) -> Appeal:
    """Return the appeal, answered.

    Granted: the comment is published unless its article is gone, its strike overruled and what rested on it lifted; or
    the block is lifted. Refused: the sentence says why. Either is one transaction with events, mail and a labelled
    decision.

    Raises:
        NotFound, Forbidden, InvalidInput; StaleVersion: it was answered or withdrawn in the meantime.
    """
    sentence = sentence.strip()
    _check(sentence, needed=not grant)
    now = tools.now()
    with tools.database.begin() as store:
        case = store.appeals.case(appeal_id, now)
        if case is None:
            raise NotFound("There is no such appeal.")
        if case.appeal.version != version or case.appeal.state != "open":
            raise StaleVersion(
                "This appeal was answered or withdrawn in the meantime.",
                current=case.appeal.version,
                decision={"state": case.appeal.state, "made_by": case.appeal.settled_by or ""},
            )
        permissions.require(moderator, acting.permission_on_appeal(case))
        if not acting.actions_on_appeal(store, case, moderator):
            raise Forbidden("This was your decision. A colleague answers the appeal.")
        published = grant and _will_be_published(case)
        before = (case.item.comment.state, case.item.comment.decision_id) if case.item else ("", None)
        settled = appealing.settle(
            tools,
            store,
            appeal_id,
            version,
            "granted" if grant else "refused",
            moderator.id,
            now,
            answer=sentence,
            published=published,
            request_id=request_id,
        )
        if case.item is not None:
            _carry_out(tools, store, case, moderator, now, request_id, grant=grant, publish=published)
        elif grant and case.block is not None and not case.block.is_over(now):
            penalising.lift(tools, store, case.block.id, moderator.id, now, None, request_id)
        keep_step(
            store,
            "appeal",
            moderator.id,
            now,
            action="grant" if grant else "refuse",
            comment=case.item.comment if case.item else None,
            state_before=before[0],
            decision_before=before[1],
            block_id=case.block.id if case.block else None,
            subject=f"appeal:{appeal_id}",
        )
        return settled


def _will_be_published(case: AppealCase) -> bool:
    """Tell whether granting publishes: what was decided still stands, and the article is there."""
    item = case.item
    return (
        item is not None
        and item.comment.decision_id == case.appeal.decision_id
        and item.comment.state in _TAKEN_BACK_BY
        and item.article.deleted_at is None
    )


def _carry_out(
    tools: Tools,
    store: Store,
    case: AppealCase,
    moderator: Moderator,
    now: datetime,
    request_id: str,
    *,
    grant: bool,
    publish: bool,
) -> None:
    assert case.item is not None and case.decision is not None  # noqa: PT018  a comment's appeal has both
    comment = case.item.comment
    if publish:
        action = _TAKEN_BACK_BY[comment.state]
        reviewing.carry_out(tools, store, comment, action, moderator.id, now, request_id, source=SOURCE)
    elif grant:
        striking.overrule(tools, store, comment, moderator.id, now, request_id)
        keep_label(store, comment, moderator.id, "publish", None, SOURCE, now)
    else:
        keep_label(store, comment, moderator.id, "reject", case.decision.clause, SOURCE, now)


def _check(sentence: str, *, needed: bool) -> None:
    if not sentence and not needed:
        return
    if problem := unreadable_because(sentence, LONGEST_ANSWER) or unfit(sentence, lines=True):
        raise InvalidInput("The appeal could not be answered.", {"sentence": [f"The sentence {problem}."]})
