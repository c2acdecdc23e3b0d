"""The tools of a process that serves."""

import logging

import structlog

from moderation.bootstrap.engine import adopt_models, build_engine
from moderation.engine import Engine
from moderation.errors import ModerationError
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
    before = tools.engine.policy.version
    try:
        adopt_published(tools)
    except ModerationError as error:
        log.warning("policy_kept", error=error.code, policy=before)
        return False
    if tools.engine.policy.version != before:
        log.info("policy_in_force", policy=tools.engine.policy.version)
    return True


def _tell_of_refused(engine: Engine) -> None:
    for version in engine.models.refused:
        log.error("model_refused", model=version, in_use=dict(engine.model_versions))
