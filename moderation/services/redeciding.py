"""The engine over comments that were imported as they stood: what it would do, and, if that is wished, held for a person.

Nothing is rejected and nobody is told: what the engine would hold or reject waits at the desk with its reasons. Read
are text, language, article and the comment answered, as in a replay; not what its author or others wrote around it. Parts
are ranges of keys, as those of a replay (`store/ranges.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from moderation.engine.types import Context, Decision, Parent, Submission, Verdict
from moderation.errors import Conflict, NotFound, StaleVersion
from moderation.services import Tools
from moderation.services.recording import decision_row, digest_of_state
from moderation.services.submitting import engine_article
from moderation.store.imports import ToDecide
from moderation.store.tables import IMPORT, PUBLISHED, Import, Range
from moderation.store.unit_of_work import Store

PART = 200
_LEASE = timedelta(minutes=2)  # much longer than a part


def redecide_imported(tools: Tools, import_id: str, by: str, *, apply: bool = False) -> Iterator[Import]:
    """Yield the import after each part of its comments, with what was found so far in `decided`; it goes on after a kill.

    Comments that somebody decided on here are left out. Without `apply` nothing is changed. Workers may help.

    Raises:
        NotFound: there is no such import. Conflict: it is not read to its end yet, or others have the last parts in hand.
    """
    begun = _begin(tools, import_id, by, apply=apply)
    while not begun.decided["over"]:
        begun, part = _give_out(tools, begun)
        if part is not None:
            begun, _ = _decide(tools, begun, part)
        elif not begun.decided["over"]:
            raise Conflict("Other processes have the last comments in hand. Ask again in two minutes.")
        yield begun


def decide_due(tools: Tools) -> int:
    """Return how many comments were decided now: a part of an import over which somebody asked the engine here."""
    with tools.database.read() as store:
        asked = [found for found in store.imports.latest() if not found.decided.get("over", True)]
    for found in reversed(asked):  # the oldest first
        if found.decided["policy"] == tools.engine.policy.version:
            begun, part = _give_out(tools, found)
            if part is not None:
                return _decide(tools, begun, part)[1]
    return 0


def _job_of(begun: Import) -> str:
    return f"import:{begun.id}"


def _give_out(tools: Tools, seen: Import) -> tuple[Import, Range | None]:
    """Return the import and a part of it for this process; where there is none and nobody has one, it is over."""
    now, job = tools.now(), _job_of(seen)
    with tools.database.begin() as store:
        begun = store.imports.lock(seen.id)
        assert begun is not None
        if begun.decided["over"]:
            return begun, None
        parts = store.ranges.take_over(job, now, now + _LEASE, 1)
        if not parts:
            new = store.imports.range_to_decide(begun.id, begun.decided["place"], PART)
            parts = store.ranges.give_out(job, new, now + _LEASE)
            begun.decided = {**begun.decided, "place": new[-1][1] if new else begun.decided["place"]}
        if not parts and not store.ranges.in_hand(job):
            begun.decided = {**begun.decided, "over": True}
        return begun, parts[0] if parts else None


def _decide(tools: Tools, begun: Import, part: Range) -> tuple[Import, int]:
    """Return the import after a part of it was decided, and of how many comments that was."""
    with tools.database.read() as store:
        rows = store.imports.to_decide(begun.id, part.after, part.until)
    pairs = [_pair(tools, row) for row in rows]
    decisions = tools.engine.decide_many(pairs) if pairs else []
    return _store(tools, part, begun, rows, decisions), len(rows)


def _begin(tools: Tools, import_id: str, by: str, *, apply: bool) -> Import:
    """Return the import with where to go on: from the beginning, unless the same was cut off."""
    policy, now = tools.engine.policy, tools.now()
    same = {"apply": apply, "policy": policy.version}
    with tools.database.begin() as store:
        begun = store.imports.lock(import_id)
        if begun is None:
            raise NotFound("There is no such import. `moderation import list` names them.")
        if begun.state == "running":
            raise Conflict("The archive is not read to its end yet. Import it again, and it goes on.")
        if begun.decided.get("over", True) or any(begun.decided.get(key) != same[key] for key in same):
            start = {
                "place": "",
                "done": 0,
                "held": 0,
                "left": 0,
                "verdicts": {},
                "clauses": {},
                "over": False,
                "by": by,
            }
            begun.decided = same | start
            store.ranges.forget(_job_of(begun))  # what another asked for is not counted here
            store.policies.remember(policy.version, policy.source, now)
            store.audit.append(
                at=now,
                actor=by,
                action="import.decided",
                subject=f"import:{import_id}",
                detail=same,
            )
        return begun


def _pair(tools: Tools, row: ToDecide) -> tuple[Submission, Context]:
    comment = row.comment
    context = Context(
        policy=tools.engine.policy,
        now=comment.received_at,
        article=engine_article(row.article),
        parent=Parent(row.parent_author or "", row.parent_body) if row.parent_body else None,
        author_name=row.author_name,
        language=comment.language,
    )
    return Submission(comment.site_id, comment.body, source=IMPORT, received_at=comment.received_at), context


def _store(
    tools: Tools, part: Range, seen: Import, rows: Sequence[ToDecide], decisions: Sequence[Decision]
) -> Import:
    with tools.database.begin() as store:
        begun = store.imports.lock(seen.id)
        assert begun is not None
        if not store.ranges.count_once(part.id):
            return begun  # another process had it too, and was quicker
        found = {**begun.decided, "done": begun.decided["done"] + len(rows)}
        for row, decision in zip(rows, decisions, strict=True):
            _add(found, "verdicts", f"{row.comment.state}>{decision.verdict.value}")
            if decision.verdict is Verdict.PUBLISH:
                continue
            _add(found, "clauses", decision.clause or "")
            if found["apply"]:
                held = _hold(tools, store, row, decision, found.get("by", "cli"))
                found["held" if held else "left"] += 1
        begun.decided = found
        return begun


def _add(found: dict[str, Any], what: str, name: str) -> None:
    found[what] = {**found[what], name: found[what].get(name, 0) + 1}


def _hold(tools: Tools, store: Store, row: ToDecide, decision: Decision, by: str) -> bool:
    """Hold a comment for the engine's reasons; return False where somebody was quicker."""
    now = tools.now()
    held = decision_row(replace(decision, verdict=Verdict.HOLD), tools.engine.policy)
    held.decided_at = now
    stands = store.comments.get(row.comment.id)
    if stands is None or stands.decision_id != row.comment.decision_id:
        return False
    before = digest_of_state(row.comment)
    try:
        comment = store.comments.set_state(
            stands.id, version=row.comment.version, state="held", decision=held
        )
    except StaleVersion:
        return False
    comment.language = comment.language or tools.engine.language_of(comment.body) or None
    author = store.people.get(comment.author_id)
    store.audit.append(
        at=now,
        actor="engine",
        action="comment.decided",
        subject=f"comment:{comment.id}",
        before=before,
        after=digest_of_state(comment),
        salt=author.salt if author else None,
        detail={
            "verdict": held.verdict,
            "clause": held.clause,
            "decision": held.id,
            "author": comment.author_id,
            "policy": held.policy_version,
            "by": by,
            "was_published": row.comment.state == PUBLISHED,
        },
    )
    return True
