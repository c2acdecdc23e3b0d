"""A draft over stored comments, in the background: part by part on several processes or hosts, to go on after a kill.

Read are text, language, article and the comment answered; not the author's standing nor what others wrote around it,
so `repetition` and reasons to hold that rest on standing are the same under both policies. Rules and the first stage
decide, and the second one where that is asked for. A part is a range of keys that one process has in hand for a while; what is
found on it is counted in the transaction that takes it off the list. Whoever decides it, and however often, the sum is the same.
"""

import gc
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
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
from moderation.errors import DatabaseAway, InvalidInput, NotFound, PolicyInvalid
from moderation.services import Tools
from moderation.services.submitting import engine_article
from moderation.settings import Settings
from moderation.store.replays import Stored
from moderation.store.tables import NO_PERSONS, Range, Replay
from moderation.store.unit_of_work import Database

PROCESSES = 2
PART = 1000  # comments: some 0.2 seconds of one core
MOST = 1_000_000
SMALL_PART = 100  # with the second stage, which reads some of them for 20 ms and more
ATTEMPTS = 5
_FIRST_PAUSE, _LONGER = timedelta(seconds=10), 4  # before a failed one goes on: 10 s, 40 s, 160 s, 640 s
_LEASE = timedelta(minutes=2)  # much longer than a part, and renewed by each
_BECAUSE: tuple[tuple[type[Exception], str], ...] = (
    (PolicyInvalid, "policy"),
    (DatabaseAway, "database"),
    (BrokenExecutor, "process"),  # it was killed, most likely for want of memory
)
Build = Callable[[Settings], Engine]


@dataclass(frozen=True, slots=True)
class Queue:
    """How many of the comments would wait for a moderator, before and after."""

    before: int
    after: int


def start(
    tools: Tools, draft: Policy, number: int, by: str, request_id: str = "", *, second_stage: bool = False
) -> str:
    """Return the id of a new replay of the draft over the last `number` comments; a process that serves runs it.

    With the `second_stage` it decides as comments are decided when they come, which takes many times longer.

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
                second_stage=second_stage,
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


def job_of(replay: Replay) -> str:
    """Return the name under which ranges of a replay are in hand."""
    return f"replay:{replay.id}"


def run_due(tools: Tools, build: Build, build_whole: Build) -> int:
    """Return 1 after running a replay that nobody has in hand, 0 where there is none.

    `build_whole` makes the engine for a replay with the second stage.
    """
    with tools.database.read() as store:
        due = store.replays.due(tools.now())
        replay = store.replays.get(due) if due is not None else None
    if replay is None:
        return 0
    for _ in run(tools, replay.id, build_whole if replay.second_stage else build):
        pass
    return 1


def run(tools: Tools, replay_id: str, build: Build, *, processes: int = PROCESSES) -> Iterator[Replay]:
    """Yield the replay after each part, the last time when it is over; nothing where another runs it.

    What fails goes on from its last part after a while, `ATTEMPTS` times in all; a policy that does not hold never will.

    Raises:
        NotFound: there is no such replay. Whatever went wrong, after that is noted.
    """
    with tools.database.begin() as store:
        replay = store.replays.get(replay_id)
        if replay is None:
            raise NotFound("There is no such replay.")
        if not store.replays.claim(replay_id, tools.now(), _LEASE):
            return
    held: set[str] = set()
    try:
        names = frozenset(detector.name for detector in tools.engine.detectors)
        for text in (replay.live, replay.draft):  # here, for a process that cannot begin does not say why
            _policy(text, tools.settings.policy_path, names, tools.engine.policy)
        if processes == 1:
            _begin(build, tools.settings, tools.database, replay)
            yield from _parts(tools, replay, held, _at_once, 1)
        else:
            given = (build, tools.settings, tools.database.url, replay)
            # A process of its own forks no thread and no connection of this one.
            with ProcessPoolExecutor(processes, get_context("spawn"), _begin_process, given) as pool:
                yield from _parts(tools, replay, held, lambda part: pool.submit(_part, *part), processes)
    except Exception as error:
        _note_failure(tools, replay, held, error)
        raise


def run_part(tools: Tools, build: Build, build_whole: Build) -> int:
    """Return how many comments were decided now, of a replay that many processes decide together: one range of it.

    Raises:
        Whatever went wrong, after that is noted as in `run`.
    """
    with tools.database.read() as store:
        due = store.replays.due(tools.now())
        replay = store.replays.get(due) if due is not None else None
    if replay is None:
        return 0
    held: set[str] = set()
    try:
        if _at_work.get("replay") != replay.id:
            _begin(build_whole if replay.second_stage else build, tools.settings, tools.database, replay)
        for part in _give_out(tools, replay, held, 1):
            _checkpoint(tools, replay, part, held, _part(part.after, part.until))
            return part.comments
    except Exception as error:
        _note_failure(tools, replay, held, error)
        raise
    return 0


def _note_failure(tools: Tools, begun: Replay, held: set[str], error: Exception) -> None:
    """Give back what this process held; count the failure once, however many processes failed with it."""
    now = tools.now()
    with tools.database.begin() as store:
        failed = store.replays.lock(begun.id)
        assert failed is not None
        store.ranges.give_back([*held], now)
        if failed.attempts != begun.attempts:
            return
        failed.attempts += 1
        failed.failed_because = next((name for kind, name in _BECAUSE if isinstance(error, kind)), "")
        failed.failed_because = failed.failed_because or type(error).__name__
        if failed.attempts >= ATTEMPTS or failed.failed_because == "policy":
            failed.state, failed.finished_at, failed.leased_until = "failed", now, None
        else:
            failed.leased_until = now + _FIRST_PAUSE * _LONGER ** (failed.attempts - 1)


def _at_once(part: tuple[str, str]) -> "Future[dict[str, Any]]":
    future: Future[dict[str, Any]] = Future()
    try:
        future.set_result(_part(*part))
    except Exception as error:  # noqa: BLE001  as a process would: what came before it is kept
        future.set_exception(error)
    return future


def _parts(
    tools: Tools,
    replay: Replay,
    held: set[str],
    submit: Callable[[tuple[str, str]], "Future[dict[str, Any]]"],
    processes: int,
) -> Iterator[Replay]:
    begun: deque[tuple[Range, Future[dict[str, Any]]]] = deque()
    while True:
        if len(begun) <= processes:  # a process that is done has its next part already
            for part in _give_out(tools, replay, held, processes, alone=True):
                begun.append((part, submit((part.after, part.until))))
        if not begun:
            break
        part, found = begun.popleft()
        yield _checkpoint(tools, replay, part, held, found.result(), alone=True)
    with tools.database.read() as store:
        over = store.replays.get(replay.id)
    assert over is not None
    yield over


def _give_out(
    tools: Tools, replay: Replay, held: set[str], count: int, *, alone: bool = False
) -> list[Range]:
    """Return up to `count` parts for this process; where there is none and nobody has one, the replay is over.

    Who runs it `alone` keeps the replay itself in hand as well.
    """
    now, size = tools.now(), SMALL_PART if replay.second_stage else PART
    with tools.database.begin() as store:
        stands = store.replays.lock(replay.id)
        assert stands is not None
        if stands.state != "running":
            return []
        parts = store.ranges.take_over(job_of(stands), now, now + _LEASE, count)
        new = store.replays.ranges(stands.place, stands.last, size, count - len(parts))
        parts += store.ranges.give_out(job_of(stands), new, now + _LEASE)
        if new:
            stands.place = new[-1][1]
        if alone:
            stands.leased_until = now + _LEASE
        if not parts and not store.ranges.in_hand(job_of(stands)):
            stands.state, stands.finished_at, stands.leased_until = "done", now, None
    held.update(part.id for part in parts)
    return parts


def _checkpoint(
    tools: Tools, begun: Replay, part: Range, held: set[str], found: dict[str, Any], *, alone: bool = False
) -> Replay:
    """Return the replay with what was found on a part, unless another process counted that part already."""
    with tools.database.begin() as store:
        replay = store.replays.lock(begun.id)
        assert replay is not None
        if store.ranges.count_once(part.id):
            replay.done += part.comments
            replay.result = together(replay.result, found)
        if alone:
            replay.leased_until = tools.now() + _LEASE
    held.discard(part.id)
    return replay


def queue_of(result: dict[str, Any]) -> Queue:
    """Return how many comments each policy holds."""
    counted = result.get("verdicts", {}).items()
    before = sum(number for change, number in counted if change.startswith(f"{Verdict.HOLD.value}>"))
    after = sum(number for change, number in counted if change.endswith(f">{Verdict.HOLD.value}"))
    return Queue(before, after)


# In a process that decides parts.

_at_work: dict[str, Any] = {}


def _begin_process(build: Build, settings: Settings, url: str, replay: Replay) -> None:
    _begin(build, settings, Database(url), replay)
    gc.freeze()  # as `moderation decide`: what was loaded stays, and decisions hold no cycles
    gc.set_threshold(500_000)


def _begin(build: Build, settings: Settings, database: Database, replay: Replay) -> None:
    engine = build(settings)
    names = frozenset(detector.name for detector in engine.detectors)
    _at_work.update(
        replay=replay.id,
        engine=engine,
        database=database,
        live=_policy(replay.live, settings.policy_path, names, engine.policy),
        draft=_policy(replay.draft, settings.policy_path, names, engine.policy),
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
