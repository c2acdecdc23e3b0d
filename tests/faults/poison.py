"""Files damaged in a thousand ways: a model that is not the promoted one and a policy that does not hold decide nothing."""

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from moderation.bootstrap.engine import adopt_models, build_engine
from moderation.classifier import artefact, ledger
from moderation.classifier.hashing import Shape
from moderation.classifier.ledger import Entry, Ledger
from moderation.engine import Engine
from moderation.engine.types import Context, Submission
from moderation.errors import InvalidInput
from moderation.services import governing
from moderation.settings import Settings
from tests.builders import NOW
from tests.faults.checking import Counts
from tests.faults.service import a_small_model
from tests.workbench import Clock, Receiver, tools_over

_PICKLE = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R."  # runs a program where it is unpickled
_TEXTS = (
    "I see it otherwise.",
    "You are an idiot.",
    "This is fucking bullshit.",
    "Buy now at https://a.example",
)
_RUINOUS = (
    "(a{1,}){1,}!",
    "(a|aa){1,99}!",
    "(a{0,9}){0,9}!",
    ".*.*.*!",
    "(a+)+!",
)  # of exponential or of no bounded cost
Damage = Callable[[bytes, random.Random], bytes]


def flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 8))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def half_written(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def with_a_hole(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    return content[:start] + b"\0" * min(512, len(content) - start) + content[start + 512 :]


def swapped(content: bytes, chance: random.Random) -> bytes:
    middle = chance.randrange(1, len(content))
    return content[middle:] + content[:middle]


def longer(content: bytes, chance: random.Random) -> bytes:
    return content + chance.randbytes(chance.randrange(1, 100))


def pickled(content: bytes, chance: random.Random) -> bytes:
    return _PICKLE


def of_another_version(content: bytes, chance: random.Random) -> bytes:
    return content.replace(b"-1", b"-2", 1) if b"-1" in content else content[1:]


DAMAGES: tuple[Damage, ...] = (
    flipped,
    half_written,
    with_a_hole,
    swapped,
    longer,
    pickled,
    of_another_version,
)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return it damaged in some way, and not the same."""
    while (found := chance.choice(DAMAGES)(content, chance)) == content:
        pass
    return found


def models(place: Path, mutants: int) -> Counts:
    """Damage the promoted model, reload, and see the last good one decide; then mend it."""
    chance, found = random.Random(), Counts()
    learned = place / "learned"
    settings = Settings(models_dir=a_small_model(place / "models"), learned_dir=learned)
    good, newest = (_promoted(learned, weight) for weight in (0.5, 1.0))
    folder = learned / newest.version / newest.name
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    engine = _serving(settings, learned, good)
    before = _decisions(engine)
    ledger.write_ledger(learned, Ledger(promoted=(good, newest)))
    while found.cycles < mutants:
        name = chance.choice([*whole])
        if chance.random() < 0.1:
            _swap_link(folder / name, learned / good.version / good.name / name)
        else:
            (folder / name).write_bytes(damaged(whole[name], chance))
            if chance.random() < 0.3:  # by somebody who knows how it is made
                _sealed_again(folder)
        if all((folder / path).read_bytes() == content for path, content in whole.items()):
            continue  # sealing mended it
        found.cycles += 1
        adopt_models(settings, engine)
        if engine.model_versions["first"] != good.version or newest.version not in engine.models.refused:
            found.wrong.append(f"a damaged {name} was loaded")
        if _decisions(engine) != before:
            found.wrong.append(f"with a damaged {name} the decisions were others")
        found.decisions += len(before)
        for path, content in whole.items():
            (folder / path).unlink(missing_ok=True)
            (folder / path).write_bytes(content)
    adopt_models(settings, engine)
    if engine.model_versions["first"] != newest.version:
        found.wrong.append("what was mended was not loaded")
    return found


def _serving(settings: Settings, learned: Path, good: Entry) -> Engine:
    ledger.write_ledger(learned, Ledger(promoted=(good,)))
    return build_engine(settings)


def _promoted(learned: Path, weight: float) -> Entry:
    shape = Shape(bits=10)
    weights = np.full((shape.buckets, 1), weight, np.float32)
    made = learned / ".made" / "first"
    biases = np.full(1, -6, np.float32)
    artefact.save(made, name="first", labels=("toxicity",), shape=shape, weights=weights, biases=biases)
    version = artefact.load(made).version
    made.parent.rename(learned / version)
    return Entry(name="first", version=version, digest=ledger.digest_of(learned / version / "first"))


def _swap_link(path: Path, target: Path) -> None:
    path.unlink()
    path.symlink_to(target)


def _sealed_again(folder: Path) -> None:
    """Give the folder a manifest that fits what is in it, where it still is one."""
    try:
        artefact.seal(folder)
    except (ValueError, AttributeError, TypeError):
        return


def _decisions(engine: Engine) -> list[object]:
    found = []
    for body in _TEXTS:
        decision = engine.decide(Submission("", body), Context(engine.policy, NOW))
        found.append((decision.verdict, decision.clause, decision.policy_version, dict(decision.scores)))
    return found


def policies(place: Path, mutants: int) -> Counts:
    """Publish damaged texts, and texts while the word lists beside are damaged; see the policy in force decide on."""
    chance, found = random.Random(), Counts()
    shutil.copytree(Settings().policy_path.parent, place / "config")
    shutil.copytree(Settings().policy_path.parents[1] / "seeds", place / "seeds")
    settings = {
        "policy_path": place / "config" / "policy.toml",
        "models_dir": a_small_model(place / "models"),
        "learned_dir": place / "learned",
    }
    engine = build_engine(Settings(**settings))
    tools = replace(tools_over(None, engine, Clock(), Receiver(), **settings))
    text, good, before = engine.policy.source, engine.policy, _decisions(engine)
    lists = sorted((place / "config" / "lexicon").glob("*.toml"))
    for number in range(mutants):
        found.cycles += 1
        if number % 10 != 9:
            draft = damaged(text.encode(), chance).decode("utf-8", "replace")
            what = "policy"
        else:
            path = chance.choice(lists)
            whole, draft, what = path.read_bytes(), f"{text}\n# draft {number}\n", path.name
            path.write_bytes(_ruined(whole, chance) if chance.random() < 0.5 else damaged(whole, chance))
        try:
            read = governing.read_draft(tools, draft)
        except InvalidInput:
            found.acknowledged += 1  # refused, and said why
        except Exception as error:  # noqa: BLE001 - what no fault excuses
            found.wrong.append(f"a damaged {what} ended in {type(error).__name__}")
        else:
            if read.version == good.version:
                found.wrong.append(f"a damaged {what} passed for the policy in force")
            if what != "policy" and any(pattern in path.read_text("utf-8", "ignore") for pattern in _RUINOUS):
                found.wrong.append(f"a pattern of ruinous cost was taken from {what}")
        if what != "policy":
            path.write_bytes(whole)
        if engine.policy is not good or _decisions(engine) != before:
            found.wrong.append(f"with a damaged {what} the decisions were others")
        found.decisions += len(before)
    return found


def _ruined(content: bytes, chance: random.Random) -> bytes:
    """Put a pattern of ruinous cost where a list has one."""
    lines = content.decode("utf-8").splitlines()
    head = next((n for n, line in enumerate(lines) if line.startswith("[inflection")), None)
    if head is None:
        return damaged(content, chance)
    key = next(n for n in range(head + 1, len(lines)) if "=" in lines[n])
    name = lines[key].split("=")[0]
    lines[key] = f"{name}= '{chance.choice(_RUINOUS)}'"
    return "\n".join(lines).encode()
