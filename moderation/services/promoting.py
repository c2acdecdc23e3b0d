"""Which model is in force: promoted by one command once the gate was passed, taken back by one command."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from moderation.classifier import artefact, ledger
from moderation.classifier.ledger import Entry, Ledger
from moderation.errors import Conflict, ModelRefused
from moderation.services import Tools
from moderation.services.learning import GATE


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model learned here: where it is, and how far it has come."""

    version: str
    folder: Path
    state: str  # live, earlier, passed, refused (by the gate), not gated, damaged


def promote(tools: Tools, version: str, by: str) -> Entry:
    """Return the candidate's entry after it came into force, in one step.

    Raises:
        ModelRefused: it is not as it was made.
        Conflict: it is in force already, or has not passed the gate as it is, against what is in use.
    """
    now, learned = tools.now(), tools.settings.learned_dir
    folder = ledger.folder_of(learned, version)
    entry = Entry(name=folder.name, version=version, digest=ledger.digest_of(folder))
    artefact.load(folder)
    if problem := _not_promoted_because(tools, folder, entry):
        raise Conflict(f"{version} is not promoted: {problem}")
    with ledger.changing(learned) as before:
        if before.promoted and before.promoted[-1] == entry:
            raise Conflict(f"{version} is in force already.")
        _put_in_force(tools, before, before.with_promoted(entry, now, by), "model.promoted", entry, by)
    return entry


def _not_promoted_because(tools: Tools, folder: Path, entry: Entry) -> str:
    try:
        content = (folder / GATE).read_bytes()
    except OSError:
        return f"it has not been through the gate. Run `moderation model gate {entry.version}`."
    with tools.database.read() as store:
        gated = [e for e in store.audit.of([f"model:{entry.version}"]) if e.action == "model.gated"]
    if not gated or gated[0].detail["gate"] != hashlib.sha256(content).hexdigest():
        return "its gate.json is not what the gate wrote last. Gate it again."
    report = json.loads(content)
    if not report["passed"]:
        return " ".join(check["reason"] for check in report["checks"] if not check["passed"])
    if report["candidate"]["digest"] != entry.digest:
        return "its folder is not the one the gate saw. Gate it again."
    if report["live"] != dict(tools.engine.model_versions) or report["policy"] != tools.engine.policy.version:
        return "it was compared with another live model or policy. Gate it again."
    return ""


def roll_back(tools: Tools, by: str) -> Entry:
    """Return the entry of the model that was in force; what was in force before it is so again.

    Raises:
        Conflict: nothing learned here is in force.
    """
    now, learned = tools.now(), tools.settings.learned_dir
    with ledger.changing(learned) as before:
        if not before.promoted:
            raise Conflict("Nothing to roll back: the shipped models are in force.")
        _put_in_force(
            tools, before, before.without_last(now, by), "model.rolled-back", before.promoted[-1], by
        )
    return before.promoted[-1]


def _put_in_force(tools: Tools, before: Ledger, after: Ledger, action: str, entry: Entry, by: str) -> None:
    """Replace the ledger with the audit event that says so; neither without the other."""
    learned = tools.settings.learned_dir
    replaced = False
    try:
        with tools.database.begin() as store:
            store.audit.append(
                at=tools.now(),
                actor=by,
                action=action,
                subject=f"model:{entry.version}",
                detail={"digest": entry.digest, "in_force": [e.version for e in after.promoted[-1:]]},
            )
            ledger.write_ledger(learned, after)
            replaced = True
    except BaseException:
        if replaced:
            ledger.write_ledger(learned, before)
        raise


def candidates(tools: Tools) -> list[Candidate]:
    """Return the models learned here, the oldest first, and how far each has come."""
    learned = tools.settings.learned_dir
    promoted = ledger.read_ledger(learned).promoted
    return [
        Candidate(folder.parent.name, folder, _state(folder, promoted))
        for folder in ledger.candidates(learned)
    ]


def _state(folder: Path, promoted: Sequence[Entry]) -> str:
    version = folder.parent.name
    try:
        ledger.digest_of(folder)
    except ModelRefused:
        return "damaged"
    if promoted and promoted[-1].version == version:
        return "live"
    if version in {entry.version for entry in promoted}:
        return "earlier"
    try:
        passed = json.loads((folder / GATE).read_bytes())["passed"]
    except (OSError, ValueError, KeyError, TypeError):
        return "not gated"
    return "passed" if passed else "refused"
