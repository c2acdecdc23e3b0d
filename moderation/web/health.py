"""Whether the service lives, whether it is ready, and its figures."""

import ipaddress

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from moderation.engine import ENGINE_VERSION
from moderation.errors import DatabaseAway
from moderation.web.toolbox import tools

blueprint = Blueprint("health", __name__)


@blueprint.get("/health/live")
def live() -> dict[str, object]:
    """Say that the process answers."""
    return {"status": "live"}


@blueprint.get("/health/ready")
def ready() -> dict[str, object]:
    """Say what is in force, or 503 while the database is away or its schema is behind."""
    if not tools().database.is_current():
        raise DatabaseAway("The schema of the database is behind this version. Run 'moderation db upgrade'.")
    engine = tools().engine
    return {
        "status": "ready",
        "database": "current",
        "policy": engine.policy.version,
        "models": engine.model_versions,
        "engine": ENGINE_VERSION,
        # What was promoted and does not hold; the last good one decides in its place.
        **({"refused_models": [*engine.models.refused]} if engine.models.refused else {}),
    }


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show the figures to this machine alone; to others, and through a proxy, there is nothing here."""
    through_proxy = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "Via"))
    try:
        local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        local = False
    if through_proxy or not local:
        raise NotFound
    figures = tools().metrics
    return Response(figures.exposition(), content_type=figures.content_type)
