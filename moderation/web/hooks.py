"""Where the systems of a site send their events: POST /hooks/<protocol>/<site>."""

from flask import Blueprint, request

from moderation.services import receiving
from moderation.telemetry import current_request_id
from moderation.web.toolbox import tools

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")


@blueprint.post("/<protocol>/<site>")
def receive(protocol: str, site: str) -> tuple[dict[str, object], int]:
    """Take an event: the bytes as they came, because the signature is over the bytes."""
    answer = receiving.receive(
        tools(),
        protocol,
        site,
        dict(request.headers),
        request.get_data(),
        current_request_id(),
        request.path,
    )
    return answer, 202
