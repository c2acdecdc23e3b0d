"""The tools of a process that serves."""

import logging
from collections.abc import Callable

import structlog

from moderation.bootstrap.engine import adopt_models, build_engine
from moderation.engine import Engine
from moderation.engine.policy import load_policy
from moderation.errors import DatabaseAway, InvalidInput, ModerationError
from moderation.mail import mailer_for
from moderation.safe_http import SafeClient
from moderation.services import Tools
from moderation.services.governing import adopt_published
from moderation.settings import Settings
from moderation.store.unit_of_work import Database
from moderation.telemetry import Metrics, configure

log = structlog.get_logger()


def build_tools(settings: Settings) -> Tools:
    """Return the tools of a process; the database is opened, not migrated."""
    configure(level=getattr(logging, settings.log_level.upper()))
    metrics = Metrics()

    def note_failure(name: str, error: Exception) -> None:
        metrics.detector_failures.labels(name).inc()
        # The kind of error only: its message may hold a reader's words.
        log.error("detector_failed", detector=name, error=type(error).__name__)

    def note_away(cause: str) -> None:
        metrics.database_errors.labels(cause).inc()

    engine = build_engine(settings, note_failure, metrics.second_stage_asked.inc)
    _tell_of_refused(engine)
    return Tools(
        settings=settings,
        database=Database(settings.database_url, on_away=note_away),
        engine=engine,
        http=SafeClient(allow_private=settings.allow_private_webhooks),
        mailer=mailer_for(settings.smtp_url, settings.mail_from),
        metrics=metrics,
    )


def reload_models(tools: Tools) -> bool:
    """Let the engine decide by the models now in force, once all are loaded; return False where it keeps its own."""
    try:
        adopt_models(tools.settings, tools.engine, tools.metrics.second_stage_asked.inc)
    except ModerationError as error:
        log.exception("models_kept", error=error.code, models=dict(tools.engine.model_versions))
        return False
    log.info("models_loaded", models=dict(tools.engine.model_versions))
    _tell_of_refused(tools.engine)
    return True


def reload_policy(tools: Tools) -> bool:
    """Let the engine decide by the policy published last; return False where it keeps its own."""
    return _adopted(tools, "published", lambda: adopt_published(tools))


def reload_files(tools: Tools) -> bool:
    """Read policy, words and models again from their files; return False where something keeps what it has.

    What does not hold is logged and stands in `/health/ready`, and the last good one decides. A policy published at the
    desk goes before the file's, under the words that stand in the files now.
    """

    def adopt() -> None:
        names = frozenset(detector.name for detector in tools.engine.detectors)
        found = load_policy(tools.settings.policy_path, names, tools.engine.policy)
        if adopt_published(tools, afresh=True) is None:
            tools.engine.policy = found

    adopted = _adopted(tools, "file", adopt)
    return reload_models(tools) and adopted


def _adopted(tools: Tools, origin: str, adopt: Callable[[], object]) -> bool:
    engine = tools.engine
    before = engine.policy.version
    try:
        adopt()
    except DatabaseAway as error:  # says nothing of the policy
        log.warning("policy_not_looked_for", error=error.code)
        return False
    except ModerationError as error:
        # A draft's error says where in a field.
        why = " ".join(error.fields.get("text", [])) if isinstance(error, InvalidInput) else str(error)
        if engine.refused_policies.get(origin) != why:  # once, not every second
            engine.refused_policies[origin] = why
            log.error(  # noqa: TRY400  the error says where in the file, not where in the code
                "policy_refused", origin=origin, error=error.code, in_use=before
            )
        return False
    engine.refused_policies.pop(origin, None)
    if engine.policy.version != before:
        log.info("policy_in_force", policy=engine.policy.version)
    return True


def _tell_of_refused(engine: Engine) -> None:
    for version in engine.models.refused:
        log.error("model_refused", model=version, in_use=dict(engine.model_versions))
