"""Comments pinned to the top of their discussion."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext

from moderation.services import curating
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import View, back, blueprint, me, needs
from moderation.web.toolbox import tools


@blueprint.post("/comments/<comment_id>/pin")
@needs("pin")
def pin(comment_id: str) -> View:
    """Pin a comment, or let it go."""
    pinned = request.form.get("pinned") == "yes"
    curating.pin(tools(), comment_id, me(), pinned=pinned, request_id=current_request_id())
    flash(
        gettext("Pinned: the comment stands first.")
        if pinned
        else gettext("Let go: the comment stands in its place only.")
    )
    return redirect(back(url_for("desk.comment", comment_id=comment_id)), 303)
