"""The one place that builds everything: settings in, engine and tools out."""

from collections.abc import Callable
from pathlib import Path

import structlog

from moderation.classifier.cascade import load_scorers
from moderation.engine import Engine
from moderation.engine.detectors import find_detectors
from moderation.engine.policy import Policy, load_policy
from moderation.engine.text import Text
from moderation.errors import Misconfigured
from moderation.mail import mailer_for
from moderation.safe_http import SafeClient
from moderation.services import Tools
from moderation.settings import Settings
from moderation.store.unit_of_work import Database
from moderation.telemetry import Metrics, configure

log = structlog.get_logger()


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


def build_tools(settings: Settings) -> Tools:
    """Return the tools of a process; the database is opened, not migrated."""
    configure()
    metrics = Metrics()

    def note_failure(name: str, error: Exception) -> None:
        metrics.detector_failures.labels(name).inc()
        # The kind of error only: its message may hold a reader's words.
        log.error("detector_failed", detector=name, error=type(error).__name__)

    return Tools(
        settings=settings,
        database=Database(settings.database_url),
        engine=build_engine(settings, note_failure),
        http=SafeClient(allow_private=settings.allow_private_webhooks),
        mailer=mailer_for(settings.smtp_url, settings.mail_from),
        metrics=metrics,
    )


def _models(models_dir: Path) -> list[Path]:
    """Return the model folders, or raise where there is none: nothing is decided without what the policy counts on."""
    found = sorted(path for path in models_dir.glob("*") if path.is_dir()) if models_dir.is_dir() else []
    if not found:
        raise Misconfigured(
            f"{models_dir}: no model folder found. Set MODERATION_MODELS_DIR to the folder that holds them."
        )
    return found
