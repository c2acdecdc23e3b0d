"""Where the systems of a site send their events: POST /hooks/<protocol>/<site>."""

from flask import Blueprint, request

from moderation.services import receiving
from moderation.web.toolbox import tools

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")

LARGEST = 1024 * 1024  # an article comes with its whole text


@blueprint.before_request
def take_articles() -> None:
    """Let larger bodies in here than elsewhere."""
    request.max_content_length = LARGEST


@blueprint.post("/<protocol>/<site>")
def receive(protocol: str, site: str) -> tuple[dict[str, object], int]:
    """Take an event: the bytes as they came, because the signature is over the bytes."""
    return receiving.receive(tools(), protocol, site, dict(request.headers), request.get_data()), 202
