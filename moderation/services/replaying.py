"""A draft over stored comments, in the background: part by part on several processes, to go on after a kill.

Read are text, language, article and the comment answered; not the author's standing nor what others wrote around it,
so `repetition` and reasons to hold that rest on standing are the same under both policies. Rules and the first stage
decide. Each part's result is stored with the place where it ends: whoever goes on, the sum is the same.
"""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from moderation.engine import Engine
from moderation.engine.policy import Policy, policy_of
from moderation.engine.replaying import Case, compared, together
from moderation.engine.types import Context, Parent, Submission, Verdict
from moderation.errors import InvalidInput, NotFound
from moderation.services import Tools
from moderation.services.submitting import engine_article
from moderation.settings import Settings
from moderation.store.replays import Stored
from moderation.store.tables import NO_PERSONS, Replay
from moderation.store.unit_of_work import Database

PROCESSES = 2
PART = 1000  # comments: some 0.2 seconds of one core
MOST = 1_000_000
_LEASE = timedelta(minutes=2)  # much longer than a round of parts, and renewed by each
Build = Callable[[Settings], Engine]


@dataclass(frozen=True, slots=True)
class Queue:
    """How many of the comments would wait for a moderator, before and after."""

    before: int
    after: int


def start(tools: Tools, draft: Policy, number: int, by: str, request_id: str = "") -> str:
    """Return the id of a new replay of the draft over the last `number` comments; a process that serves runs it.

    Raises:
        InvalidInput: the number is none, or there are no comments.
    """
    if not 1 <= number <= MOST:
        raise InvalidInput(
            "The draft was not replayed.", {"number": [f"Give a number from 1 to {MOST} of comments."]}
        )
    live, now = tools.engine.policy, tools.now()
    with tools.database.begin() as store:
        first, last, total = store.replays.ends_of_last(number)
        if not total:
            raise InvalidInput("There are no comments yet to replay the draft over.")
        replay = store.replays.add(
            Replay(
                live=live.source,
                draft=draft.source,
                live_version=live.version,
                draft_version=draft.version,
                first=first,
                last=last,
                place=first,
                total=total,
                started_by=by,
                started_at=now,
            )
        )
        store.audit.append(
            at=now,
            actor=by,
            action="policy.replayed",
            subject=f"policy:{draft.version}",
            detail={"replay": replay.id, "live": live.version, "comments": total},
            request_id=request_id,
        )
        return replay.id


def run_due(tools: Tools, build: Build) -> int:
    """Return 1 after running a replay that nobody has in hand, 0 where there is none."""
    with tools.database.read() as store:
        due = store.replays.due(tools.now())
    if due is None:
        return 0
    for _ in run(tools, due, build):
        pass
    return 1


def run(tools: Tools, replay_id: str, build: Build, *, processes: int = PROCESSES) -> Iterator[Replay]:
    """Yield the replay after each round of parts, the last time when it is over; nothing where another runs it.

    Raises:
        NotFound: there is no such replay.
    """
    with tools.database.begin() as store:
        replay = store.replays.get(replay_id)
        if replay is None:
            raise NotFound("There is no such replay.")
        if not store.replays.claim(replay_id, tools.now(), _LEASE):
            return
    given = (build, tools.settings, tools.database.url, replay.live, replay.draft)
    try:
        if processes == 1:
            _begin(*given)
            try:
                yield from _rounds(tools, replay_id, _at_once, 1)
            finally:
                _at_work["database"].dispose()
        else:
            # A process of its own forks no thread and no connection of this one.
            with ProcessPoolExecutor(processes, get_context("spawn"), _begin_process, given) as pool:
                yield from _rounds(tools, replay_id, lambda part: pool.submit(_part, *part), processes)
    except Exception:
        with tools.database.begin() as store:
            failed = store.replays.get(replay_id)
            assert failed is not None
            failed.state, failed.finished_at, failed.leased_until = "failed", tools.now(), None
        raise


def _at_once(part: tuple[str, str]) -> "Future[dict[str, Any]]":
    future: Future[dict[str, Any]] = Future()
    future.set_result(_part(*part))
    return future


def _rounds(
    tools: Tools,
    replay_id: str,
    submit: Callable[[tuple[str, str]], "Future[dict[str, Any]]"],
    processes: int,
) -> Iterator[Replay]:
    while True:
        with tools.database.read() as store:
            replay = store.replays.get(replay_id)
            assert replay is not None
            # Twice as many parts as processes: who is done early has another one.
            parts = store.replays.ranges(replay.place, replay.last, PART, 2 * processes)
        results = [submit((after, end)) for after, end, _ in parts]
        for (_, end, count), result in zip(parts, results, strict=True):
            _checkpoint(tools, replay_id, end, count, result.result())
        if not parts:
            with tools.database.begin() as store:
                replay = store.replays.get(replay_id)
                assert replay is not None
                replay.state, replay.finished_at, replay.leased_until = "done", tools.now(), None
            yield replay
            return
        with tools.database.read() as store:
            seen = store.replays.get(replay_id)
            assert seen is not None
        yield seen


def _checkpoint(tools: Tools, replay_id: str, end: str, count: int, found: dict[str, Any]) -> None:
    with tools.database.begin() as store:
        replay = store.replays.get(replay_id)
        assert replay is not None
        replay.place, replay.done = end, replay.done + count
        replay.result = together(replay.result, found)
        replay.leased_until = tools.now() + _LEASE


def queue_of(result: dict[str, Any]) -> Queue:
    """Return how many comments each policy holds."""
    counted = result.get("verdicts", {}).items()
    before = sum(number for change, number in counted if change.startswith(f"{Verdict.HOLD.value}>"))
    after = sum(number for change, number in counted if change.endswith(f">{Verdict.HOLD.value}"))
    return Queue(before, after)


# In a process that decides parts.

_at_work: dict[str, Any] = {}


def _begin_process(build: Build, settings: Settings, url: str, live: str, draft: str) -> None:
    _begin(build, settings, url, live, draft)
    gc.freeze()  # as `moderation decide`: what was loaded stays, and decisions hold no cycles
    gc.set_threshold(500_000)


def _begin(build: Build, settings: Settings, url: str, live: str, draft: str) -> None:
    engine = build(settings)
    names = frozenset(detector.name for detector in engine.detectors)
    _at_work.update(
        engine=engine,
        database=Database(url),
        live=_policy(live, settings.policy_path, names, engine.policy),
        draft=_policy(draft, settings.policy_path, names, engine.policy),
    )


def _policy(text: str, path: Path, detectors: frozenset[str], known: Policy) -> Policy:
    return policy_of(text.encode(), path, detectors, known)


def _part(after: str, end: str) -> dict[str, Any]:
    live, draft = _at_work["live"], _at_work["draft"]
    with _at_work["database"].read() as store:
        rows = [row for row in store.replays.comments(after, end) if row.body]
        articles = store.replays.articles(sorted({row.article_id for row in rows}))
    read = cache(lambda article_id: engine_article(articles[article_id]))
    cases = [_case(row, read(row.article_id), live) for row in rows]
    return compared(_at_work["engine"], live, draft, cases)


def _case(row: Stored, article: Any, live: Policy) -> Case:
    by_moderator = row.made_by not in (None, *NO_PERSONS)
    context = Context(
        policy=live,
        now=row.received_at,  # not the clock: the same result twice
        article=article,
        parent=Parent(row.parent_author or "", row.parent_body) if row.parent_body else None,
        author_name=row.author_name,
        language=row.language,
    )
    submission = Submission(row.site_id, row.body, received_at=row.received_at)
    return Case(row.id, submission, context, (row.verdict or "") if by_moderator else "")
