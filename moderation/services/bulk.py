"""One action on many comments: begun, carried out in the background one by one, stopped, undone as one.

Chosen are comments that were ticked, or all that a filter of the queue finds (`previewing.py`). Each is decided by the
same service as by hand, under the version that was previewed: what somebody else decided or has in hand stays as it is
and is counted. A decision and its count are one transaction, and so are a chunk of undone steps and the place where it
ends: a worker may be killed anywhere, and whoever goes on does nothing twice.
"""

from collections.abc import Sequence
from datetime import timedelta

from moderation.errors import Claimed, Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from moderation.services import Tools, acting, permissions, undoing
from moderation.services.previewing import AGAINST, check
from moderation.services.reviewing import review_in
from moderation.store.tables import Batch, Moderator, Step
from moderation.store.unit_of_work import Store

CHUNK = 200  # comments read, or steps undone, at once: one transaction of about a second
_LEASE = timedelta(minutes=2)
_REFUSALS = (StaleVersion, Claimed, NotFound, Forbidden, InvalidInput)  # the rule may be gone since


class _HaltedError(Exception):
    """The bulk action was stopped, or another worker has it: what was just done is rolled back."""


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
    check(action, [key for key, _ in chosen])
    permissions.require(moderator, "decide")
    clause = _rule(tools, action, clause)
    now = tools.now()
    with tools.database.begin() as store:
        # A comment that is not there could not be noted; it would be refused all the same.
        there = {*store.desk.waiting([key for key, _ in chosen])}
        batch = store.batches.add(Batch(by=moderator.id, action=action, clause=clause, at=now))
        store.batches.add_items(batch, [(key, v) for key, v in dict(chosen).items() if key in there])
        _audit_begun(store, batch, moderator, request_id)
        return batch


def confirm(
    tools: Tools, batch_id: str, clause: str | None, moderator: Moderator, request_id: str = ""
) -> Batch:
    """Return the bulk action that was previewed over a filter, on its way.

    Raises:
        NotFound, Forbidden, InvalidInput; Conflict: it was begun already.
    """
    with tools.database.begin() as store:
        batch = _the_batch(store, batch_id)
        if batch.state != "previewed":
            raise Conflict("It was begun already.")
        if "begin" not in acting.actions_on_batch(batch, moderator):
            raise acting.refused("begin", moderator)
        clause = _rule(tools, batch.action, clause)
        store.batches.move(batch_id, ("previewed",), "waiting", clause=clause, at=tools.now())
        batch = _the_batch(store, batch_id)
        _audit_begun(store, batch, moderator, request_id)
        return batch


def _rule(tools: Tools, action: str, clause: str | None) -> str | None:
    if action not in AGAINST:
        return None
    if clause not in tools.engine.policy.clauses:
        raise InvalidInput(
            "Name the clause that was broken.",
            {"clause": [f"One of {', '.join(tools.engine.policy.clauses)}."]},
        )
    return clause


def _audit_begun(store: Store, batch: Batch, moderator: Moderator, request_id: str) -> None:
    store.audit.append(
        at=batch.at,
        actor=moderator.id,
        action="batch.begun",
        subject=f"batch:{batch.id}",
        detail={
            "action": batch.action,
            "clause": batch.clause,
            "comments": batch.total,
            "filters": sorted(batch.filters),
        },
        request_id=request_id,
    )


def _the_batch(store: Store, batch_id: str) -> Batch:
    batch = store.batches.get(batch_id)
    if batch is None:
        raise NotFound("There is no such bulk action.")
    return batch


def stop(tools: Tools, batch_id: str, moderator: Moderator, request_id: str = "") -> Batch:
    """Return the bulk action, stopped: what is decided stays until it is undone, and the rest is left as it is.

    Raises:
        NotFound, Forbidden; Conflict: it is over already.
    """
    return _move(tools, batch_id, moderator, "stop", ("waiting",), "stopped", request_id)


def undo(tools: Tools, batch_id: str, moderator: Moderator, request_id: str = "") -> Batch:
    """Return the bulk action, whose undoing waits for a worker.

    Raises:
        NotFound, Forbidden; Conflict: it is not done yet, or was undone.
    """
    return _move(tools, batch_id, moderator, "undo", ("done", "stopped"), "undoing", request_id)


_MOVED = {"stop": "batch.stopped", "undo": "batch.undone"}
_CANNOT = {"stop": "It is over already.", "undo": "It is not done yet, or it was undone already."}


def _move(
    tools: Tools,
    batch_id: str,
    moderator: Moderator,
    action: str,
    before: Sequence[str],
    after: str,
    request_id: str,
) -> Batch:
    with tools.database.begin() as store:
        batch = _the_batch(store, batch_id)
        permissions.require(moderator, acting.permission_on_batch(batch, action, moderator))
        values = {"undone_by": moderator.id} if action == "undo" else {}
        if action not in acting.actions_on_batch(batch, moderator) or not store.batches.move(
            batch_id, before, after, **values
        ):
            raise Conflict(_CANNOT[action])
        store.audit.append(
            at=tools.now(),
            actor=moderator.id,
            action=_MOVED[action],
            subject=f"batch:{batch_id}",
            detail={"action": batch.action},
            request_id=request_id,
        )
        return _the_batch(store, batch_id)


def run_due(tools: Tools) -> int:
    """Carry out or undo the bulk action that waits longest; return how many comments were gone through.

    A worker that dies loses its lease, and another goes on where it was.
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
    place = batch.done
    while True:
        with tools.database.read() as store:
            items = store.batches.items(batch.id, start=place, limit=CHUNK)
        for place, comment_id, version in items:
            if not _go_through(tools, batch, moderator, place, comment_id, version):
                return place - batch.done
        if not items:
            with tools.database.begin() as store:
                store.batches.move(batch.id, ("waiting",), "done")
            return place - batch.done
        place += 1


def _go_through(
    tools: Tools, batch: Batch, moderator: Moderator, place: int, comment_id: str, version: int
) -> bool:
    """Decide on one comment and count it, both or neither; return False where the bulk action does not go on."""

    def counted(store: Store, *, refused: bool) -> bool:
        until = tools.now() + _LEASE
        return store.batches.went_on(batch.id, place=place, refused=refused, leased_until=until)

    try:
        with tools.database.begin() as store:
            review_in(
                tools,
                store,
                comment_id,
                batch.action,
                moderator,
                version,
                clause=batch.clause,
                batch_id=batch.id,
            )
            if not counted(store, refused=False):
                raise _HaltedError
    except _HaltedError:
        return False
    except _REFUSALS:
        with tools.database.begin() as store:
            return counted(store, refused=True)
    return True


def _undo(tools: Tools, batch: Batch) -> int:
    """Take back the steps of a bulk action chunk by chunk, the last first; what was decided since stays."""
    place, undone = batch.place, 0
    while True:
        with tools.database.begin() as store:
            steps = store.steps.of_batch(batch.id, before=place, limit=CHUNK)
            taken = sum(_taken_back(tools, store, batch, step) for step in steps)
            if not steps:
                store.batches.move(batch.id, ("undoing",), "undone")
                return undone
            end, until = steps[-1].id, tools.now() + _LEASE
            if not store.batches.went_back(
                batch.id, before=place, place=end, undone=taken, leased_until=until
            ):
                raise Conflict("Another worker undoes this bulk action.")
        place, undone = end, undone + taken


def _taken_back(tools: Tools, store: Store, batch: Batch, step: Step) -> bool:
    comment = store.comments.get(step.comment_id) if step.comment_id else None
    if comment is None or not acting.stands(step, comment):
        return False
    undoing.take_back(tools, store, step, batch.undone_by or batch.by, tools.now())
    return True
