"""One action on many comments: what it will change, its progress, and its end."""

from flask import redirect, render_template, request, url_for

from moderation.errors import InvalidInput, NotFound
from moderation.services import bulk
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import View, back, blueprint, me, whole_number
from moderation.web.languages import N_
from moderation.web.toolbox import tools

ACTIONS = {
    "approve": N_("Approve"),
    "reject": N_("Reject"),
    "remove": N_("Take down"),
    "restore": N_("Restore"),
}


def chosen() -> list[tuple[str, int]]:
    """Return ids and versions of the comments that were ticked."""
    pairs = (value.partition(":") for value in request.form.getlist("chosen"))
    return [(key, whole_number(version)) for key, _, version in pairs]


@blueprint.post("/bulk")
def preview_bulk() -> View:
    """Show what an action on the comments that were ticked would change; nothing is changed yet."""
    action, clause = request.form.get("action", ""), request.form.get("clause") or None
    found = bulk.preview(tools(), [key for key, _ in chosen()], action, clause, me())
    versions = dict(chosen())
    return render_template(
        "desk/bulk.html",
        found=found,
        changed=[item for item in found.items if versions[item.comment.id] != item.comment.version],
        chosen=[item for item in found.items if versions[item.comment.id] == item.comment.version],
        action=action,
        label=ACTIONS[action],
        clause=clause,
        errors={},
        back=back(),
    ), 200


@blueprint.post("/batches")
def begin_batch() -> View:
    """Begin a bulk action that was previewed; a worker carries it out."""
    try:
        batch = bulk.begin(
            tools(),
            chosen(),
            request.form.get("action", ""),
            request.form.get("clause") or None,
            me(),
            current_request_id(),
        )
    except InvalidInput as error:
        if "clause" not in error.fields:
            raise
        raise InvalidInput("Go back and choose the rule that was broken.", error.fields) from error
    return redirect(url_for("desk.batch", batch_id=batch.id), 303)


@blueprint.get("/batches/<batch_id>")
def batch(batch_id: str) -> View:
    """Show how far a bulk action is, and offer to undo it as one."""
    with tools().database.read() as store:
        found = store.batches.get(batch_id)
        names = store.desk.moderator_names([found.by]) if found else {}
    if found is None:
        raise NotFound("There is no such bulk action.")
    return render_template("desk/batch.html", batch=found, label=ACTIONS[found.action], names=names)
