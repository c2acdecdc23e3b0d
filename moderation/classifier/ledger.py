"""Which models learned here are in force: folders of candidates, and the ledger that names those promoted.

<learned>/
  <version>/<name>/    a model folder that replaces the shipped one of that name; gate.json beside its manifest
  ledger.json          the promoted ones, the last in force; what was promoted and rolled back, when and by whom

The ledger is replaced in one step, so a reader sees the old one or the new one. A folder's digest is that of its
manifest, which names the digest of every other file.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moderation.classifier.artefact import MANIFEST, changed_files
from moderation.errors import ModelRefused

LEDGER = "ledger.json"
_Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,80}$")]
_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Strict):
    """A promoted model: its name and version, and the digest its folder had."""

    name: _Word
    version: _Word
    digest: _Digest


class Event(Entry):
    """What was done with it."""

    action: Literal["promoted", "rolled-back"]
    at: datetime
    by: str


class Ledger(_Strict):
    """The promoted models, the last one in force, and all that led there."""

    promoted: tuple[Entry, ...] = ()
    history: tuple[Event, ...] = ()

    def with_promoted(self, entry: Entry, at: datetime, by: str) -> "Ledger":
        """Return the ledger with one more model in force."""
        event = Event(**entry.model_dump(), action="promoted", at=at, by=by)
        return Ledger(promoted=(*self.promoted, entry), history=(*self.history, event))

    def without_last(self, at: datetime, by: str) -> "Ledger":
        """Return the ledger with the model in force taken back."""
        event = Event(**self.promoted[-1].model_dump(), action="rolled-back", at=at, by=by)
        return Ledger(promoted=self.promoted[:-1], history=(*self.history, event))

    def generations(self) -> list[dict[str, Entry]]:
        """Return by name what is in force, then what was before each promotion, at last nothing."""
        return [
            {entry.name: entry for entry in self.promoted[:count]}
            for count in range(len(self.promoted), -1, -1)
        ]


def read_ledger(learned: Path) -> Ledger:
    """Return the ledger of a folder, an empty one where there is none, or refuse it."""
    path = learned / LEDGER
    try:
        return Ledger.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Ledger()
    except (OSError, ValidationError) as error:
        raise ModelRefused(
            f"The ledger {path} cannot be read. Restore it from a backup, or delete it to go back to the shipped models.",
            file=str(path),
        ) from error


def write_ledger(learned: Path, ledger: Ledger) -> None:
    """Replace the ledger in one step that lasts."""
    written = learned / f"{LEDGER}.new"
    with written.open("wb") as file:
        file.write(ledger.model_dump_json(indent=2).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    written.replace(learned / LEDGER)
    folder = os.open(learned, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def changing(learned: Path) -> Iterator[Ledger]:
    """Give the ledger while no other process changes it."""
    learned.mkdir(parents=True, exist_ok=True)
    with (learned / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield read_ledger(learned)


def stamp(learned: Path) -> tuple[int, int] | None:
    """Return what changes whenever the ledger is replaced, None without one."""
    try:
        found = (learned / LEDGER).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def digest_of(folder: Path) -> str:
    """Return the digest of a model folder, or refuse it where a file is gone or not what the manifest names."""
    if changed := changed_files(folder):
        raise ModelRefused(
            f"The model folder {folder} is not as it was made: {', '.join(changed)}.", file=str(folder)
        )
    return manifest_digest(folder)


def manifest_digest(folder: Path) -> str:
    """Return the digest of the manifest; ModelRefused without one."""
    try:
        return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except OSError as error:
        raise ModelRefused(f"The model folder {folder} has no manifest.", file=str(folder)) from error


def folder_of(learned: Path, version: str) -> Path:
    """Return the model folder of a candidate; ModelRefused where there is none."""
    found = (
        [path.parent for path in (learned / version).glob(f"*/{MANIFEST}")] if version.isprintable() else []
    )
    if len(found) != 1 or found[0].parent.parent != learned:
        raise ModelRefused(
            f"There is no candidate {version[:80]!r} in {learned}. `moderation model list` names them.",
            file=str(learned),
        )
    return found[0]


def candidates(learned: Path) -> list[Path]:
    """Return the model folders of all candidates, the oldest first."""
    found = (path.parent for path in learned.glob(f"*/*/{MANIFEST}") if not path.parts[-3].startswith("."))
    return sorted(found, key=lambda folder: ((folder / MANIFEST).stat().st_mtime_ns, folder))


def in_place(shipped: Sequence[Path], learned: Path, generation: dict[str, Entry]) -> list[Path]:
    """Return the shipped folders, each replaced by the model of its name that the generation promotes.

    Raises:
        ModelRefused: a promoted folder is not the one that was promoted.
    """
    return [
        _promoted(learned, generation[folder.name]) if folder.name in generation else folder
        for folder in shipped
    ]


def _promoted(learned: Path, entry: Entry) -> Path:
    folder = learned / entry.version / entry.name
    if manifest_digest(folder) != entry.digest:
        raise ModelRefused(f"The model folder {folder} is not the one that was promoted.", file=str(folder))
    return folder
