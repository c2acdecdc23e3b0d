"""The engine, built of what the settings name."""

from collections.abc import Callable
from pathlib import Path

from moderation.classifier.cascade import load_scorers
from moderation.engine import Engine
from moderation.engine.detectors import find_detectors
from moderation.engine.policy import Policy, load_policy
from moderation.engine.text import Text
from moderation.errors import Misconfigured
from moderation.settings import Settings


def build_engine(
    settings: Settings, on_failure: Callable[[str, Exception], None] = lambda name, error: None
) -> Engine:
    """Return the engine with the policy and every model of the settings.

    Raises:
        PolicyInvalid, ModelRefused: nothing is decided by a file that does not hold.
    """
    detectors = find_detectors()
    policy = load_policy(settings.policy_path, frozenset(d.name for d in detectors))
    scorers = load_scorers(_models(settings.models_dir), first_reads(policy))
    return Engine(policy, scorers, detectors, on_failure)


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
