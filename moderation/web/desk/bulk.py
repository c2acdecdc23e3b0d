"""One action on many comments: what it will change, its progress, its stop and its undoing."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import InvalidInput, NotFound
from moderation.services import acting, bulk, previewing
from moderation.store.desk import Item
from moderation.store.tables import Batch
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import View, back, blueprint, me, needs, whole_number
from moderation.web.desk.queue import FILTERS, wanted_of
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
@needs("decide")
def preview_bulk() -> View:
    """Show what an action on the comments that were ticked would change; nothing is changed yet."""
    action, clause = request.form.get("action", ""), request.form.get("clause") or None
    found = previewing.preview(tools(), [key for key, _ in chosen()], action, clause, me())
    versions = dict(chosen())
    fit = [item for item in found.items if versions[item.comment.id] == item.comment.version]
    return the_preview(found, fit, action), 200


@blueprint.post("/bulk/all")
@needs("decide")
def preview_all() -> View:
    """Show what an action on all comments that the filter of the queue finds would change; they stay as they are."""
    action = request.form.get("action", "")
    filters = {name: request.form[name] for name in (*FILTERS, "state") if request.form.get(name)}
    _, wanted = wanted_of(filters)
    found = previewing.preview_all(tools(), wanted, filters, action, me())
    return the_preview(found, [*found.items], action), 200


def the_preview(found: previewing.Preview, shown: list[Item], action: str) -> str:
    """Return the page that asks whether to begin."""
    return render_template(
        "desk/bulk.html",
        found=found,
        shown=shown,
        number=found.total if found.batch else len(shown),
        changed=0 if found.batch else found.total - len(shown),
        action=action,
        label=ACTIONS[action],
        back=back(),
    )


@blueprint.post("/batches")
@needs("decide")
def begin_batch() -> View:
    """Begin a bulk action that was previewed; a worker carries it out."""
    form = request.form
    clause = form.get("clause") or None
    try:
        if preview := form.get("preview"):
            batch = bulk.confirm(tools(), preview, clause, me(), current_request_id())
        else:
            batch = bulk.begin(tools(), chosen(), form.get("action", ""), clause, me(), current_request_id())
    except InvalidInput as error:
        if "clause" not in error.fields:
            raise
        raise InvalidInput("Go back and choose the rule that was broken.", error.fields) from error
    return to(batch)


def to(batch: Batch) -> View:
    """Return the way to the page of a bulk action."""
    return redirect(url_for("desk.batch", batch_id=batch.id), 303)


@blueprint.get("/batches/<batch_id>")
@needs("read")
def batch(batch_id: str) -> View:
    """Show how far a bulk action is, and offer to stop it, or to undo it as one."""
    with tools().database.read() as store:
        found = store.batches.get(batch_id)
        names = store.desk.moderator_names([found.by]) if found else {}
    if found is None or found.state == "previewed":
        raise NotFound("There is no such bulk action.")
    return render_template(
        "desk/batch.html",
        batch=found,
        actions=acting.actions_on_batch(found, me()),
        label=ACTIONS[found.action],
        names=names,
        said=said_of(found),
    )


def said_of(batch: Batch) -> str:
    """Return in words how a bulk action stands."""
    words = {
        "waiting": N_("It is on its way."),
        "stopped": N_("Stopped: what was decided stays decided until it is undone, the rest is as it was."),
        "done": N_("Done."),
        "undoing": N_("It is being undone."),
        "undone": N_("Undone: every comment that nobody has decided on since is as it was."),
    }
    return str(gettext(words[batch.state]))


@blueprint.post("/batches/<batch_id>/stop")
@needs("decide")
def stop_batch(batch_id: str) -> View:
    """Stop a bulk action on its way."""
    return to(bulk.stop(tools(), batch_id, me(), current_request_id()))


@blueprint.post("/batches/<batch_id>/undo")
@needs("decide")
def undo_batch(batch_id: str) -> View:
    """Undo a bulk action as one."""
    return to(bulk.undo(tools(), batch_id, me(), current_request_id()))
