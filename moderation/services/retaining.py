"""What is forgotten in time, once a day: words that no reader sees, addresses that nobody writes from, old traffic.

Some rows at a time, each time in a short transaction of its own: whoever writes a comment meanwhile waits for none of
it. What ends by clocks of its own is forgotten elsewhere: feedback (`labelling`), networks, mails, sessions, answers
kept for calls sent again.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from moderation.services import Tools
from moderation.store.retention import HIDDEN, Retention
from moderation.store.unit_of_work import Store

EVENT = "data.forgotten"
_PAUSE = timedelta(days=1)
_AT_ONCE = 20.0  # seconds; other jobs wait for this one
_CLOCK, _LEFT = "clock", "left"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of thing: how some that are over are found, after a key, and how they are forgotten."""

    name: str
    find: Callable[..., Sequence[Any]]
    forget: Callable[..., int]


def forget_due(tools: Tools) -> int:
    """Forget what is due where the last time was a day ago, or left something; return how much was forgotten."""
    with tools.database.read() as store:
        if not _is_time(store, tools.now()):
            return 0
    return sum(forget(tools, _CLOCK, seconds=_AT_ONCE).values())


def forget(tools: Tools, by: str, *, seconds: float = math.inf) -> Mapping[str, int]:
    """Forget now what has been kept long enough and return how much, by kind; in the audit log stand the numbers.

    After so many `seconds` the rest is left for another call, and the log says so.
    """
    counts: Counter[str] = Counter()
    until, left = time.monotonic() + seconds, False
    for kind in _kinds(tools):
        counts[kind.name] += 0
        for keys in _found(tools, kind):
            if left := time.monotonic() > until:
                break
            with tools.database.begin() as store:
                counts[kind.name] += kind.forget(store.retention, keys)
        if left:
            break
    now = tools.now()
    with tools.database.begin() as store:
        # Processes look at the same time: one of them says that there was nothing.
        if by != _CLOCK or any(counts.values()) or _is_time(store, now):
            detail = {**counts, _LEFT: left}
            store.audit.append(at=now, actor=by, action=EVENT, subject="data:retention", detail=detail)
    tools.database.overwrite()
    return counts


def due(tools: Tools) -> Mapping[str, int]:
    """Return how much `forget` would forget now, by kind; nothing is changed."""
    counts: Counter[str] = Counter()
    for kind in _kinds(tools):
        counts[kind.name] += sum(len(keys) for keys in _found(tools, kind))
    return counts


def _is_time(store: Store, now: datetime) -> bool:
    last = store.audit.page(action=EVENT, limit=1).items
    return not last or bool(last[0].detail[_LEFT]) or last[0].at <= now - _PAUSE


def _found(tools: Tools, kind: _Kind) -> Iterator[Sequence[Any]]:
    after = None
    while True:
        with tools.database.read() as store:
            keys = kind.find(store.retention, after=after)
        if not keys:
            return
        yield keys
        after = keys[-1]


def _kinds(tools: Tools) -> Iterator[_Kind]:
    """Yield what has an end under the settings in force."""
    now, settings = tools.now(), tools.settings
    before = now - timedelta(days=settings.traffic_days)
    yield _Kind("deliveries", partial(Retention.ended_deliveries, before=before), Retention.forget_deliveries)
    yield _Kind("hooks", partial(Retention.old_hooks, before=before), Retention.forget_hooks)
    yield _Kind("calls", partial(Retention.old_calls, before=before), Retention.forget_calls)
    yield _Kind("links", partial(Retention.ended_links, before=before), Retention.forget_links)
    yield _Kind("domains", partial(Retention.domains_of_erased, now=now), Retention.forget_domains)
    seen = now - timedelta(days=tools.engine.policy.networks.kept_days)
    yield _Kind("networks", partial(Retention.old_networks, before=seen), Retention.forget_networks)
    if settings.hidden_text_days:
        # What may still be appealed is there to be appealed.
        days = max(settings.hidden_text_days, tools.engine.policy.appeals.days + 1)
        yield from _kinds_of_words(now - timedelta(days=days), now)
    if settings.address_days:
        idle = now - timedelta(days=settings.address_days)
        yield _Kind(
            "addresses",
            partial(Retention.idle_addresses, before=idle, now=now),
            partial(Retention.forget_addresses, before=idle, now=now),
        )


def _kinds_of_words(before: datetime, now: datetime) -> Iterator[_Kind]:
    for state in HIDDEN:
        yield _Kind(
            "comments",
            partial(Retention.hidden_texts, state=state, before=before, now=now),
            partial(Retention.forget_texts, before=before, now=now),
        )
    yield _Kind("appeals", partial(Retention.settled_appeals, before=before), Retention.forget_appeals)
    yield _Kind("reports", partial(Retention.settled_reports, before=before), Retention.forget_reports)
    yield _Kind("notes", partial(Retention.old_notes, before=before, now=now), Retention.forget_notes)
    yield _Kind("notes", partial(Retention.notes_of_blocks, before=before), Retention.forget_notes_of_blocks)
