"""Whether the service lives, whether it is ready, and its figures.

Who asks every second costs little: one look is kept for a second, and while one thread looks the others give what was
seen last. Details and figures are for this machine and for whoever has the token; a stranger learns the status alone.
"""

import hmac
import ipaddress
import threading
import time
from collections.abc import Callable

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from moderation.engine import ENGINE_VERSION
from moderation.errors import DatabaseAway, ModerationError
from moderation.services import overseeing
from moderation.services.overseeing import Reading
from moderation.web import limiting
from moderation.web.toolbox import tools

blueprint = Blueprint("health", __name__)
_KEPT = 1.0  # seconds that a look is good for
_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


class Lookout:
    """The last look at the service, taken anew by one thread at a time; a failure is kept as long as a look."""

    def __init__(self, look: Callable[[], Reading]) -> None:
        self._look = look
        self._turn = threading.Lock()
        self._seen: Reading | ModerationError | None = None
        self._until = 0.0

    def reading(self) -> Reading:
        """Return what was seen within the last second.

        Raises:
            DatabaseAway: the last look failed.
        """
        if time.monotonic() >= self._until and self._turn.acquire(blocking=self._seen is None):
            try:
                if time.monotonic() >= self._until:
                    self._seen = self._looked()
                    self._until = time.monotonic() + _KEPT
            finally:
                self._turn.release()
        seen = self._seen
        assert seen is not None
        if isinstance(seen, ModerationError):
            raise seen
        return seen

    def _looked(self) -> Reading | ModerationError:
        try:
            return self._look()
        except ModerationError as error:
            return error.with_traceback(None)  # it is raised again for each who asks


def register(app: APIFlask) -> None:
    """Add the health doors."""
    held = app.extensions["moderation.tools"]

    def look() -> Reading:
        if not held.database.is_current():
            raise DatabaseAway(
                "The schema of the database is behind this version. Run 'moderation db upgrade'.",
                cause="schema-behind",
            )
        return overseeing.look(held)

    app.extensions["moderation.lookout"] = Lookout(look)
    app.register_blueprint(blueprint)


@blueprint.get("/health/live")
def live() -> dict[str, object]:
    """Say that the process answers."""
    return {"status": "live"}


@blueprint.get("/health/ready")
def ready() -> dict[str, object]:
    """Say what is in force and how the service stands, or 503 while the database is away or its schema is behind."""
    reading = _lookout().reading()
    troubles = [*reading.troubles, *(["rate-limits-alone"] if limiting.is_alone() else [])]
    status = {"status": "degraded" if troubles else "ready"}
    if not _may_see_details():
        return {**status}
    engine = tools().engine
    refused = {
        # What was promoted and does not hold; the last good one decides in its place.
        "refused_models": [*engine.models.refused],
        "refused_policies": engine.refused_policies,
    }
    return {
        **status,
        "troubles": troubles,
        "database": "current",
        "version": overseeing.VERSION,
        "policy": engine.policy.version,
        "models": engine.model_versions,
        "engine": ENGINE_VERSION,
        **overseeing.as_fields(reading),
        **{name: value for name, value in refused.items() if value},
    }


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show the figures to those who may see them; to others, and through a proxy without the token, there is nothing here."""
    if not _may_see_details():
        raise NotFound
    figures = tools().metrics
    try:
        readings = [*overseeing.as_metrics(tools(), _lookout().reading())]
    except DatabaseAway:
        readings = []  # what was counted is told all the same
    return Response(figures.exposition(readings), content_type=figures.content_type)


def _lookout() -> Lookout:
    lookout: Lookout = current_app.extensions["moderation.lookout"]
    return lookout


def _may_see_details() -> bool:
    """Tell whether the asker is on this machine, and no proxy's client, or has the token of the settings."""
    token = tools().settings.health_token.get_secret_value()
    sent = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        return True
    try:
        local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        local = False
    return local and not any(name in request.headers for name in _PROXIED)
