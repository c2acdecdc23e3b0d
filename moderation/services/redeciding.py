"""The engine over comments that were imported as they stood: what it would do, and, if that is wished, held for a person.

Nothing is rejected and nobody is told: what the engine would hold or reject waits at the desk with its reasons. Read
are text, language, article and the comment answered, as in a replay; not what its author or others wrote around it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from moderation.engine.types import Context, Decision, Parent, Submission, Verdict
from moderation.errors import Conflict, NotFound, StaleVersion
from moderation.services import Tools
from moderation.services.recording import decision_row, digest_of_state
from moderation.services.submitting import engine_article
from moderation.store.imports import ToDecide
from moderation.store.tables import IMPORT, PUBLISHED, Import
from moderation.store.unit_of_work import Store

PART = 200


def redecide_imported(tools: Tools, import_id: str, by: str, *, apply: bool = False) -> Iterator[Import]:
    """Yield the import after each part of its comments, with what was found so far in `decided`; it goes on after a kill.

    Comments that somebody decided on here are left out. Without `apply` nothing is changed.

    Raises:
        NotFound: there is no such import. Conflict: it is not read to its end yet, or another process decides.
    """
    begun = _begin(tools, import_id, by, apply=apply)
    while not begun.decided["over"]:
        after = begun.decided["place"]
        with tools.database.read() as store:
            rows = store.imports.to_decide(import_id, after, PART)
        pairs = [_pair(tools, row) for row in rows]
        decisions = tools.engine.decide_many(pairs) if pairs else []
        begun = _store(tools, begun, rows, decisions, by)
        yield begun


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
            }
            begun.decided = same | start
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
    tools: Tools, seen: Import, rows: Sequence[ToDecide], decisions: Sequence[Decision], by: str
) -> Import:
    with tools.database.begin() as store:
        begun = store.imports.lock(seen.id)
        assert begun is not None
        if begun.decided != seen.decided:
            raise Conflict("Another process decides on this import.")
        found = {**begun.decided, "done": begun.decided["done"] + len(rows), "over": not rows}
        for row, decision in zip(rows, decisions, strict=True):
            _add(found, "verdicts", f"{row.comment.state}>{decision.verdict.value}")
            if decision.verdict is Verdict.PUBLISH:
                continue
            _add(found, "clauses", decision.clause or "")
            if found["apply"]:
                held = _hold(tools, store, row, decision, by)
                found["held" if held else "left"] += 1
        found["place"] = rows[-1].comment.id if rows else found["place"]
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
