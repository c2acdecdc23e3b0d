"""One action on many comments: previewed, carried out in the background one by one, undone as one.

Each comment is decided by the same service as by hand, under the version that was previewed: what somebody else
decided or has in hand stays as it is and is counted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from moderation.errors import Claimed, Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from moderation.services import Tools, permissions, undoing
from moderation.services.reviewing import actions_for, review
from moderation.store.desk import Item
from moderation.store.tables import Batch, Moderator

MOST = 1000
_LEASE = timedelta(minutes=2)
_AGAINST = ("reject", "remove")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a bulk action would change: the comments it fits, by clause held for, by how many authors, and the rest."""

    items: tuple[Item, ...]
    unfit: int
    claimed: int
    authors: int
    clauses: tuple[tuple[str, int], ...]
    strikes: int


def preview(
    tools: Tools, comment_ids: Sequence[str], action: str, clause: str | None, moderator: Moderator
) -> Preview:
    """Return what the action would change, and change nothing.

    Raises:
        InvalidInput: nothing or too much is chosen, or there is no such action.
    """
    _check(action, comment_ids)
    now = tools.now()
    with tools.database.read() as store:
        items = store.desk.items(list(dict.fromkeys(comment_ids)), now)
        taken = {
            held.comment_id
            for held in store.claims.in_force(now, comment_ids)
            if held.moderator_id != moderator.id
        }
    fit = [item for item in items if action in actions_for(item.comment, moderator)]
    free = tuple(item for item in fit if item.comment.id not in taken)
    by_clause = Counter(item.comment.clause or "" for item in free)
    given = tools.engine.policy.clauses.get(clause or "")
    return Preview(
        items=free,
        unfit=len(set(comment_ids)) - len(fit),
        claimed=len(fit) - len(free),
        authors=len({item.author.id for item in free}),
        clauses=tuple(by_clause.most_common()),
        strikes=len(free) if given is not None and action in _AGAINST and given.points() else 0,
    )


def begin(
    tools: Tools,
    chosen: Sequence[tuple[str, int]],
    action: str,
    clause: str | None,
    moderator: Moderator,
    request_id: str = "",
) -> Batch:
    """Return the bulk action on comments in the versions that were previewed; a worker carries it out.

    Raises:
        InvalidInput, Forbidden.
    """
    _check(action, [key for key, _ in chosen])
    permissions.require(moderator, "decide")
    if action in _AGAINST and clause not in tools.engine.policy.clauses:
        raise InvalidInput(
            "Name the clause that was broken.",
            {"clause": [f"One of {', '.join(tools.engine.policy.clauses)}."]},
        )
    now = tools.now()
    with tools.database.begin() as store:
        batch = store.batches.add(
            Batch(
                by=moderator.id,
                action=action,
                clause=clause if action in _AGAINST else None,
                comments=[{"id": key, "version": version} for key, version in dict(chosen).items()],
                at=now,
            )
        )
        store.audit.append(
            at=now,
            actor=moderator.id,
            action="batch.begun",
            subject=f"batch:{batch.id}",
            detail={"action": action, "clause": batch.clause, "comments": len(batch.comments)},
            request_id=request_id,
        )
        return batch


def run_due(tools: Tools) -> int:
    """Carry out or undo the bulk action that waits longest; return how many comments were gone through.

    A worker that dies loses its lease, and another goes on where it was: what is decided is stale, and counted once.
    """
    now = tools.now()
    with tools.database.read() as store:
        if not store.batches.has_due(now):
            return 0
    with tools.database.begin() as store:
        batch = store.batches.lease(now, _LEASE)
    if batch is None:
        return 0
    return _undo(tools, batch) if batch.state == "undoing" else _carry_out(tools, batch)


def _carry_out(tools: Tools, batch: Batch) -> int:
    with tools.database.read() as store:
        moderator = store.moderators.get(batch.by)
    if moderator is None:
        raise NotFound("There is no such moderator.")
    done, refused = batch.done, batch.refused
    for chosen in batch.comments[batch.done :]:
        try:
            review(
                tools,
                chosen["id"],
                batch.action,
                moderator,
                chosen["version"],
                clause=batch.clause,
                batch_id=batch.id,
            )
        except (StaleVersion, Claimed, NotFound, Forbidden, InvalidInput):  # the rule may be gone since
            refused += 1
        done += 1
        with tools.database.begin() as store:
            store.batches.went_on(batch.id, done=done, refused=refused, leased_until=tools.now() + _LEASE)
    with tools.database.begin() as store:
        store.batches.move(batch.id, "waiting", "done")
    return done


def permission_to_undo(batch: Batch, moderator: Moderator) -> str:
    """Return the permission that undoing this bulk action needs: a colleague's needs more than one's own."""
    return "decide" if batch.by == moderator.id else "undo_bulk"


def undo(tools: Tools, batch_id: str, moderator: Moderator, request_id: str = "") -> Batch:
    """Return the bulk action, whose undoing waits for a worker.

    Raises:
        NotFound, Forbidden; Conflict: it is not done yet, or was undone.
    """
    now = tools.now()
    with tools.database.begin() as store:
        batch = store.batches.get(batch_id)
        if batch is None:
            raise NotFound("There is no such bulk action.")
        permissions.require(moderator, permission_to_undo(batch, moderator))
        if not store.batches.move(batch_id, "done", "undoing", undone_by=moderator.id):
            raise Conflict("It is not done yet, or it was undone already.")
        store.audit.append(
            at=now,
            actor=moderator.id,
            action="batch.undone",
            subject=f"batch:{batch_id}",
            detail={"action": batch.action},
            request_id=request_id,
        )
        return batch


def _undo(tools: Tools, batch: Batch) -> int:
    """Take back all steps of a bulk action in one transaction, the last first; what was decided since stays."""
    now = tools.now()
    undone = 0
    with tools.database.begin() as store:
        for step in store.steps.of_batch(batch.id):
            comment = store.comments.get(step.comment_id) if step.comment_id else None
            if comment is None or not undoing.stands(step, comment):
                continue
            undoing.take_back(tools, store, step, batch.undone_by or batch.by, now)
            undone += 1
        store.batches.move(batch.id, "undoing", "undone")
    return undone


def _check(action: str, comment_ids: Sequence[str]) -> None:
    if action not in ("approve", "reject", "remove", "restore"):
        raise InvalidInput("There is no such action.", {"action": ["Choose approve or reject."]})
    if not 1 <= len(set(comment_ids)) <= MOST:
        raise InvalidInput(
            "Choose some comments first.", {"comments": [f"Tick from 1 to {MOST:,} comments."]}
        )
