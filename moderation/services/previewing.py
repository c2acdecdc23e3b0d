"""What a bulk action would change, shown before it is begun: on comments that were ticked, or all that a filter finds.

What a filter finds is noted, by id and version, so that exactly what was shown is changed, and nothing that came since.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from moderation.errors import Conflict, InvalidInput
from moderation.services import Tools, acting, permissions
from moderation.services.acting import actions_for
from moderation.store.desk import Item, Wanted
from moderation.store.tables import Batch, Moderator

MOST = 1000  # comments that are ticked
MOST_FOUND = 20_000  # that a filter finds
SAMPLE = 20
_PART = 1000  # comments of a filter noted in one transaction
_KEPT = timedelta(days=1)  # a preview that nobody confirmed
AGAINST = ("reject", "remove")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a bulk action would change: how many comments, a sample or all of them, for which clauses, of how many authors.

    `strikes` are those that are given, if the rule has points, or taken back. `claimed` are in colleagues' hands.
    """

    items: tuple[Item, ...]
    total: int
    unfit: int
    claimed: int
    authors: int
    clauses: tuple[tuple[str, int], ...]
    strikes: int
    batch: Batch | None = None


def preview(
    tools: Tools, comment_ids: Sequence[str], action: str, clause: str | None, moderator: Moderator
) -> Preview:
    """Return what the action would change on comments that were ticked, and change nothing.

    Raises:
        InvalidInput: nothing or too much is chosen, or there is no such action.
    """
    check(action, comment_ids)
    now = tools.now()
    with tools.database.read() as store:
        items = store.desk.items(list(dict.fromkeys(comment_ids)), now)
        taken = {
            held.comment_id
            for held in store.claims.in_force(now, comment_ids)
            if held.moderator_id != moderator.id
        }
        struck = store.penalties.struck(comment_ids)
    fit = [item for item in items if action in actions_for(item.comment, moderator)]
    free = tuple(item for item in fit if item.comment.id not in taken)
    by_clause = Counter(item.comment.clause or "" for item in free)
    return Preview(
        items=free,
        total=len(free),
        unfit=len(set(comment_ids)) - len(fit),
        claimed=len(fit) - len(free),
        authors=len({item.author.id for item in free}),
        clauses=tuple(by_clause.most_common()),
        strikes=_strikes(tools, action, clause, len(free), len(struck & {item.comment.id for item in free})),
    )


def preview_all(
    tools: Tools, wanted: Wanted, filters: Mapping[str, str], action: str, moderator: Moderator
) -> Preview:
    """Return what the action would change on all comments that a filter finds, which are noted in their versions.

    Raises:
        InvalidInput: none or too many are found, or there is no such action on them. Forbidden.
    """
    permissions.require(moderator, "decide")
    check_action(action)
    now = tools.now()
    with tools.database.begin() as store:
        found = store.desk.count(wanted, MOST_FOUND)
        if any(action not in acting.DECISIONS[state] for state in wanted.states):
            raise InvalidInput("These comments cannot be changed so.", {"action": ["Choose another list."]})
        if not found:
            raise InvalidInput("Nothing matches.", {"comments": ["Choose another filter."]})
        if found > MOST_FOUND:
            raise _too_many()
        store.batches.forget_previews(by=moderator.id)
        batch = store.batches.add(
            Batch(by=moderator.id, action=action, filters=dict(filters), state="previewed", at=now)
        )
    batch = _note_all(tools, wanted, batch.id)
    with tools.database.read() as store:
        items = store.desk.items(store.batches.sample(batch, SAMPLE), now)
        count = store.batches.count(batch.id, moderator.id, now)
    return Preview(
        items=tuple(items),
        total=batch.total,
        unfit=0,
        claimed=count.claimed,
        authors=count.authors,
        clauses=count.clauses,
        strikes=_strikes(tools, action, None, batch.total, count.struck),
        batch=batch,
    )


def _note_all(tools: Tools, wanted: Wanted, batch_id: str) -> Batch:
    """Return the preview with the comments that a filter finds: part by part, so that nobody waits for all of it."""
    after = ""
    while True:
        with tools.database.begin() as store:
            batch = store.batches.get(batch_id)
            if batch is None:
                raise Conflict("Another preview took the place of this one.")
            rows = store.desk.versions(wanted, after=after, limit=_PART)
            store.batches.add_items(batch, rows)
            if batch.total > MOST_FOUND:
                raise _too_many()
        if len(rows) < _PART:
            return batch
        after = rows[-1][0]


def _too_many() -> InvalidInput:
    return InvalidInput(
        f"More than {MOST_FOUND:,} comments match.",
        {"comments": ["Narrow the filter: by rule, detector, language, article or author."]},
    )


def _strikes(tools: Tools, action: str, clause: str | None, comments: int, struck: int) -> int:
    """Return how many strikes are given, as far as the rule is named and has points, or taken back."""
    if action not in AGAINST:
        return struck
    given = tools.engine.policy.clauses.get(clause or "")
    return comments - struck if given is None or given.points() else 0


def forget_previews(tools: Tools) -> int:
    """Delete previews that nobody confirmed in a day; return how many."""
    with tools.database.begin() as store:
        return store.batches.forget_previews(until=tools.now() - _KEPT)


def check(action: str, comment_ids: Sequence[str]) -> None:
    """Raise InvalidInput where there is no such action, or too few or too many comments were ticked."""
    check_action(action)
    if not 1 <= len(set(comment_ids)) <= MOST:
        raise InvalidInput(
            "Choose some comments first.", {"comments": [f"Tick from 1 to {MOST:,} comments."]}
        )


def check_action(action: str) -> None:
    """Raise InvalidInput where there is no such action."""
    if action not in acting.LEADS_TO:
        raise InvalidInput("There is no such action.", {"action": ["Choose approve or reject."]})
