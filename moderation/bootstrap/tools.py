"""The tools of a process that serves."""

import structlog

from moderation.bootstrap.engine import build_engine
from moderation.mail import mailer_for
from moderation.safe_http import SafeClient
from moderation.services import Tools
from moderation.settings import Settings
from moderation.store.unit_of_work import Database
from moderation.telemetry import Metrics, configure

log = structlog.get_logger()


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
