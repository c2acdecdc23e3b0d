"""What a moderator may do now: buttons are made of these lists, and the services refuse what they do not give.

actions_for         on a comment        actions_on_author   on an author
actions_on_block    on a block          actions_on_appeal   on an appeal
actions_on_article  on a discussion     actions_on_batch    on a bulk action
actions_on_list     on the block list   may_undo            on something done before
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from moderation.errors import Forbidden
from moderation.services.permissions import may
from moderation.store.appeals import AppealCase
from moderation.store.tables import Author, Batch, Block, Comment, Moderator, Step
from moderation.store.unit_of_work import Store

# What may be decided in each state, and where it leads.
DECISIONS: dict[str, dict[str, str]] = {
    "held": {"approve": "published", "reject": "rejected"},
    "rejected": {"approve": "published"},
    "published": {"remove": "removed"},
    "removed": {"restore": "published"},
    "withdrawn": {},
}
LEADS_TO = {action: state for leads in DECISIONS.values() for action, state in leads.items()}
_DISCUSSIONS = ("open", "held-first", "closed")
_TO_UNDO = {"import": "block_widely", "block": "block", "lift": "block"}
_TO_UNDO |= {"note": "note", "pin": "pin", "discussion": "edit_articles"}
WIDELY = "widely"  # among the effects of a step: it was about more than an author


@dataclass(frozen=True, slots=True)
class Around:
    """What besides a comment decides what may be done: its author, reports that wait, the last step on it that stands."""

    author: Author | None = None
    reported: bool = False
    step: Step | None = None


def around(store: Store, comments: Sequence[tuple[Comment, Author | None]]) -> dict[str, Around]:
    """Return what surrounds these comments, by id, in a constant number of queries."""
    ids = [comment.id for comment, _ in comments]
    reported, steps = store.reports.waiting(ids), store.steps.standing(ids)
    return {
        comment.id: Around(author, comment.id in reported, steps.get(comment.id))
        for comment, author in comments
    }


def actions_for(comment: Comment, moderator: Moderator, around: Around | None = None) -> tuple[str, ...]:
    """Return what this moderator may do with the comment now; every service refuses what is not in it."""
    around = around or Around()
    decides = may(moderator, "decide")
    # What has lost its words (`retaining`) can be shown to nobody any more.
    actions = [*DECISIONS[comment.state]] if decides and comment.body else []
    if may(moderator, "pin"):
        if comment.pinned_at is not None:
            actions.append("unpin")
        elif comment.state == "published":
            actions.append("pin")
    if decides and comment.state == "published" and around.reported:
        actions.append("let-stand")
    if around.author is not None:
        actions += actions_on_author(around.author, moderator)
    if around.step is not None and may_undo(around.step, moderator) and stands(around.step, comment):
        actions.append("undo")
    return tuple(actions)


def actions_on_author(author: Author, moderator: Moderator) -> tuple[str, ...]:
    """Return what this moderator may do with an author."""
    if author.erased_at is not None:
        return ()
    return tuple(name for name in ("block", "note") if may(moderator, name))


def permission_on_block(block: Block) -> str:
    """Return the permission that giving or lifting this block needs."""
    return "block" if block.subject_kind == "author" else "block_widely"


def actions_on_block(block: Block, moderator: Moderator, now: datetime) -> tuple[str, ...]:
    """Return what this moderator may do with an entry of the block list."""
    return ("lift",) if may(moderator, permission_on_block(block)) and not block.is_over(now) else ()


def actions_on_list(moderator: Moderator) -> tuple[str, ...]:
    """Return what this moderator may add to the block list."""
    return ("block-domain", "block-address", "import") if may(moderator, "block_widely") else ()


def permission_on_appeal(case: AppealCase) -> str:
    """Return the permission that answering this appeal needs."""
    return "answer_appeals" if case.item is not None else "answer_block_appeals"


def actions_on_appeal(store: Store, case: AppealCase, moderator: Moderator) -> tuple[str, ...]:
    """Return how this moderator may answer: not on the own decision, unless there is nobody else."""
    needed = permission_on_appeal(case)
    if case.appeal.state != "open" or not may(moderator, needed):
        return ()
    own = case.decided_by == moderator.id
    if own and any(other.id != moderator.id and may(other, needed) for other in store.moderators.all()):
        return ()
    return "grant", "refuse"


def actions_on_article(discussion: str, moderator: Moderator) -> tuple[str, ...]:
    """Return what may become of a discussion that stands like this."""
    return tuple(one for one in _DISCUSSIONS if one != discussion) if may(moderator, "edit_articles") else ()


def permission_on_batch(batch: Batch, action: str, moderator: Moderator) -> str:
    """Return the permission that this needs on a bulk action: undoing a colleague's needs more than one's own."""
    return "undo_bulk" if action == "undo" and batch.by != moderator.id else "decide"


def actions_on_batch(batch: Batch, moderator: Moderator) -> tuple[str, ...]:
    """Return what this moderator may do with a bulk action; who previewed it alone may begin it."""
    given = {"waiting": "stop", "stopped": "undo", "done": "undo"}
    if batch.by == moderator.id:
        given["previewed"] = "begin"
    action = given.get(batch.state)
    if action is None or not may(moderator, permission_on_batch(batch, action, moderator)):
        return ()
    return (action,)


def permission_to_undo(step: Step) -> str:
    """Return the permission that undoing a step needs: the one that taking it needed."""
    if step.effects.get(WIDELY):
        return "block_widely"
    if step.kind == "appeal":
        return "answer_appeals" if step.comment_id else "answer_block_appeals"
    return _TO_UNDO.get(step.kind, "decide")


def may_undo(step: Step, moderator: Moderator) -> bool:
    """Return whether this moderator may undo a step, whoever took it."""
    return step.undone_at is None and may(moderator, permission_to_undo(step))


def stands(step: Step, comment: Comment) -> bool:
    """Tell whether the comment is as the step left it, whatever was done and undone since."""
    if not comment.body:  # its time was over, or it was erased
        return False
    if step.kind == "pin":
        return (comment.pinned_at is not None) == (step.action == "pin")
    if "decision" in step.effects:
        left = step.effects["decision"], LEADS_TO.get(step.action, "published")
    elif step.kind in ("let-stand", "appeal") and step.comment_id:
        left = step.decision_before, step.state_before
    else:
        return True
    return (comment.decision_id, comment.state) == left


def check(store: Store, by: str, action: str, given: Callable[[Moderator], tuple[str, ...]]) -> None:
    """Raise Forbidden where `by` is a moderator to whom this is not given.

    Keys, the command line and the engine are none: what they may do is asked elsewhere.
    """
    moderator = store.moderators.get(by)
    if moderator is not None and action not in given(moderator):
        raise refused(action, moderator)


def check_on_comment(store: Store, comment: Comment, action: str, moderator: Moderator) -> None:
    """Raise Forbidden where this is not among what the moderator may do with the comment now."""
    near = around(store, [(comment, store.people.get(comment.author_id))])[comment.id]
    if action not in actions_for(comment, moderator, near):
        raise refused(action, moderator, f"with a comment that is {comment.state} ")


def refused(action: str, moderator: Moderator, what: str = "") -> Forbidden:
    """Return the error that says what cannot be done."""
    return Forbidden(f"'{action[:20]}' cannot be done {what}in the role {moderator.role}.")
