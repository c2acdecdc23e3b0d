"""How the service stands for those who run it: what waits, how old it is, when something last went out, what is short."""

import importlib.metadata
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from moderation.engine import ENGINE_VERSION
from moderation.services import Tools
from moderation.store.desk import Wanted
from moderation.store.outbox import MOST_COUNTED, Backlog

VERSION = importlib.metadata.version("moderation")
STALLED = timedelta(minutes=10)  # a due event that nobody has taken for so long: no sender is at work
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Disk:
    """The room on the disk of one of our folders, in bytes."""

    place: str
    free: int
    size: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the service; lengths are counted up to `MOST_COUNTED`.

    `troubles` are codes of what does not keep it from serving but wants somebody: see docs/operating.md.
    """

    at: datetime
    held: int
    held_since: datetime | None
    outbox: Backlog
    mails: int
    disks: tuple[Disk, ...]
    troubles: tuple[str, ...]


def look(tools: Tools) -> Reading:
    """Return how the service stands, by a few bounded queries.

    Raises:
        DatabaseAway: it cannot serve.
    """
    now = tools.now()
    with tools.database.read() as store:
        held = store.desk.count(Wanted(), MOST_COUNTED)
        held_since = store.desk.oldest_held()
        outbox = store.outbox.backlog(now)
        mails = store.mails.waiting(MOST_COUNTED)
    disks = tuple(_disks(tools))
    nearly_full = tools.settings.disk_warning_mb * _MB
    found = {
        "disk-nearly-full": any(disk.free < nearly_full for disk in disks),
        "models-refused": bool(tools.engine.models.refused),
        "policy-refused": bool(tools.engine.refused_policies),
        "deliveries-stalled": outbox.due_since is not None and now - outbox.due_since > STALLED,
    }
    return Reading(
        now, held, held_since, outbox, mails, disks, tuple(code for code, holds in found.items() if holds)
    )


def folders(tools: Tools) -> dict[str, Path]:
    """Return the folders we write to that are there, by what they are for."""
    places = {"database": tools.database.folder, "models": tools.settings.learned_dir}
    return {name: folder for name, folder in places.items() if folder is not None and folder.is_dir()}


def _disks(tools: Tools) -> Iterator[Disk]:
    for place, folder in folders(tools).items():
        room = shutil.disk_usage(folder)
        yield Disk(place, room.free, room.total)


def as_fields(reading: Reading) -> dict[str, object]:
    """Return a reading as the members of `/health/ready`."""
    return {
        "queue": {"held": reading.held, "oldest_seconds": _age(reading.at, reading.held_since)},
        "outbox": {
            "waiting": reading.outbox.waiting,
            "oldest_due_seconds": _age(reading.at, reading.outbox.due_since),
            "last_delivered_at": _moment(reading.outbox.delivered_at),
            "disabled_endpoints": reading.outbox.disabled_endpoints,
        },
        "mails": {"waiting": reading.mails},
        "disks": {
            disk.place: {"free_mb": disk.free // _MB, "size_mb": disk.size // _MB} for disk in reading.disks
        },
    }


def as_metrics(tools: Tools, reading: Reading) -> Iterator[Metric]:
    """Yield a reading, and what is in force, as metrics."""
    engine, outbox = tools.engine, reading.outbox
    for name, what, value in (
        ("queue", "Comments that wait for a moderator.", reading.held),
        ("queue_oldest_seconds", "How long the oldest of them waits.", _age(reading.at, reading.held_since)),
        ("outbox", "Events that wait to be delivered.", outbox.waiting),
        (
            "outbox_oldest_seconds",
            "For how long the oldest event that could go now is due.",
            _age(reading.at, outbox.due_since),
        ),
        ("endpoints_disabled", "Endpoints that nothing is sent to any more.", outbox.disabled_endpoints),
        ("mails_waiting", "Mails that wait to be sent.", reading.mails),
    ):
        yield GaugeMetricFamily(f"moderation_{name}", what, value=value or 0)
    yield _labelled(
        "last_delivery_timestamp_seconds",
        "When an event was last delivered.",
        {(): outbox.delivered_at.timestamp()} if outbox.delivered_at else {},
    )
    yield _labelled(
        "disk_free_bytes",
        "Room on the disk of a folder.",
        {(disk.place,): disk.free for disk in reading.disks},
        "place",
    )
    yield _labelled(
        "trouble",
        "1 for each trouble that /health/ready names.",
        dict.fromkeys(((code,) for code in reading.troubles), 1),
        "code",
    )
    yield _labelled(
        "build_info",
        "What is in force.",
        {(VERSION, ENGINE_VERSION, engine.policy.version): 1},
        *("version", "engine", "policy"),
    )
    yield _labelled(
        "model_info",
        "The learned models in force.",
        dict.fromkeys(engine.model_versions.items(), 1),
        *("model", "version"),
    )


def _labelled(name: str, what: str, values: dict[tuple[str, ...], float], *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"moderation_{name}", what, labels=labels)
    for held, value in values.items():
        family.add_metric(held, value)
    return family


def _age(now: datetime, since: datetime | None) -> int | None:
    return None if since is None else max(0, int((now - since).total_seconds()))


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
