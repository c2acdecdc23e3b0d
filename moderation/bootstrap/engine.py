"""The engine, built of what the settings name and of the models promoted since."""

from collections.abc import Callable, Sequence
from pathlib import Path

from moderation.classifier import ledger
from moderation.classifier.cascade import is_encoder, load_scorers
from moderation.engine import Engine
from moderation.engine.detectors import find_detectors
from moderation.engine.policy import Policy, load_policy
from moderation.engine.text import Text
from moderation.engine.types import Scorer
from moderation.errors import Misconfigured, ModelRefused
from moderation.settings import Settings


def build_engine(
    settings: Settings,
    on_failure: Callable[[str, Exception], None] = lambda name, error: None,
    on_asked: Callable[[int], None] = lambda texts: None,
) -> Engine:
    """Return the engine with the policy and the models in force; `on_asked` hears of how many texts a second stage was asked.

    Raises:
        PolicyInvalid, ModelRefused: nothing is decided by a file that does not hold.
    """
    detectors = find_detectors()
    policy = load_policy(settings.policy_path, frozenset(d.name for d in detectors))
    engine = Engine(policy, {}, detectors, on_failure)
    adopt_models(settings, engine, on_asked)
    return engine


def adopt_models(
    settings: Settings, engine: Engine, on_asked: Callable[[int], None] = lambda texts: None
) -> None:
    """Let the engine decide by the models in force; what does not hold is refused and the last good one taken.

    Raises:
        ModelRefused: not even the shipped models hold; the engine keeps those it has.
    """
    shipped, learned = _models(settings.models_dir), settings.learned_dir
    refused: list[str] = []
    try:
        generations = ledger.read_ledger(learned).generations()
    except ModelRefused:
        if engine.scorers:
            engine.adopt(engine.scorers, [ledger.LEDGER])
            return
        refused, generations = [ledger.LEDGER], [{}]
    for generation in generations:
        try:
            scorers = _load(ledger.in_place(shipped, learned, generation), engine.policy, on_asked)
        except ModelRefused:
            if not generation:
                raise
            refused.append([*generation.values()][-1].version)
        else:
            engine.adopt(scorers, refused)
            return


def build_first_stage(settings: Settings) -> Engine:
    """Return the engine with its rules and first stages in force alone, which is quick, as a replay decides.

    Raises:
        PolicyInvalid, ModelRefused: as `build_engine`.
    """
    detectors = find_detectors()
    policy = load_policy(settings.policy_path, frozenset(d.name for d in detectors))
    in_force = ledger.read_ledger(settings.learned_dir).generations()[0]
    folders = ledger.in_place(_models(settings.models_dir), settings.learned_dir, in_force)
    return Engine(policy, _load([folder for folder in folders if not is_encoder(folder)], policy), detectors)


def engine_with(settings: Settings, engine: Engine, candidate: Path) -> Engine:
    """Return the engine as it would decide with the model of this folder in place of the one of its name.

    Raises:
        ModelRefused: it does not hold, or replaces none.
    """
    others = ledger.read_ledger(settings.learned_dir).generations()[0]
    others.pop(candidate.name, None)
    folders = {
        folder.name: folder
        for folder in ledger.in_place(_models(settings.models_dir), settings.learned_dir, others)
    }
    if candidate.name not in folders:
        raise ModelRefused(
            f"The model folder {candidate} replaces none of {settings.models_dir}.", file=str(candidate)
        )
    folders[candidate.name] = candidate
    return Engine(engine.policy, _load([*folders.values()], engine.policy), engine.detectors)


def _load(
    folders: Sequence[Path], policy: Policy, on_asked: Callable[[int], None] = lambda texts: None
) -> dict[str, Scorer]:
    return load_scorers(folders, first_reads(policy), on_asked)


def first_reads(policy: Policy) -> Callable[[Text], bool]:
    """Return what tells whether a first stage, which learned English alone, can read a text."""
    return lambda text: policy.languages.language_of(text) == "en"


def _models(models_dir: Path) -> list[Path]:
    """Return the model folders, or raise where there is none: nothing is decided without what the policy counts on."""
    found = sorted(path for path in models_dir.glob("*") if path.is_dir()) if models_dir.is_dir() else []
    if not found:
        raise Misconfigured(
            f"{models_dir}: no model folder found. Set MODERATION_MODELS_DIR to the folder that holds them."
        )
    return found
