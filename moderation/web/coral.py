"""Where a site's Coral asks about comments before it stores them: POST /coral/phase/<site>."""

from flask import Blueprint, Response, g, request

from moderation.services import phasing
from moderation.web.toolbox import tools

blueprint = Blueprint("coral", __name__, url_prefix="/coral")


@blueprint.post("/phase/<site>")
def phase(site: str) -> Response:
    """Answer a phase: the bytes as they came, because the signature is over the bytes."""
    signature = request.headers.get("X-Coral-Signature", "")
    body = phasing.answer(tools(), site, signature, request.get_data(), g.began)
    return Response(body, 200 if body else 204, mimetype="application/json")
