"""What moderators did, latest first, and its undoing: the last step by one key, any step from the list."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import NotFound, StaleVersion
from moderation.services import undoing
from moderation.store.tables import Step
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, back, blueprint, me, needs, wants_json
from moderation.web.desk.queue import what_was_decided
from moderation.web.languages import N_
from moderation.web.problems import problem
from moderation.web.toolbox import tools
from moderation.web.wording import said


@blueprint.get("/steps")
@needs("read")
def steps() -> View:
    """Show what was done last, by everybody or by oneself."""
    mine = request.args.get("by") == "me"
    with tools().database.read() as store:
        done = store.steps.last(limit=PAGE * 2, by=me().id if mine else None)
        batches = store.batches.last(limit=10)
        names = store.desk.moderator_names([who for step in done for who in (step.by, step.undone_by) if who])
        names |= store.desk.moderator_names([batch.by for batch in batches])
    return render_template(
        "desk/steps.html", steps=done, batches=batches, names=names, mine=mine, here=request.full_path
    )


@blueprint.post("/steps/<step_id>/undo")
@needs("decide")
def undo_step(step_id: str) -> View:
    """Undo one step, whoever took it."""
    return undone(step_id)


@blueprint.post("/undo")
@needs("decide")
def undo_last() -> View:
    """Undo the last thing one did in this shift that still stands."""
    step = undoing.last_step(tools(), me())
    if step is None:
        raise NotFound("There is nothing of yours to undo.")
    return undone(step.id)


def undone(step_id: str) -> View:
    """Undo a step and show how the comment stands, or what was decided on it since."""
    try:
        step = undoing.undo(tools(), step_id, me(), current_request_id())
    except StaleVersion as error:
        with tools().database.read() as store:
            names = store.desk.moderator_names([str(error.decision.get("made_by", ""))])
        why = gettext(
            "Not undone, for something else was decided since: %(what)s",
            what=what_was_decided(error.decision, names),
        )
        if wants_json():
            return problem(error.status, error.code, said(error.title), why, {"version": error.current})
        return render_template(
            "error.html", status=error.status, code=error.code, title=gettext("Not undone"), detail=why
        ), error.status
    if wants_json():
        return jsonify(said=what_was_undone(step), **state_after(step))
    flash(what_was_undone(step))
    return redirect(back(url_for("desk.steps")), 303)


SAID = {
    "approve": N_("the approval"),
    "reject": N_("the rejection"),
    "remove": N_("the taking down"),
    "restore": N_("the restoring"),
    "block": N_("the block"),
    "block-domain": N_("the block of a domain"),
    "block-address": N_("the block of an address"),
    "lift": N_("the lifting of a block"),
    "import": N_("the import of blocks"),
    "let-stand": N_("the dismissal of reports"),
    "grant": N_("the granting of an appeal"),
    "refuse": N_("the refusal of an appeal"),
    "note": N_("the note"),
    "pin": N_("the pin"),
    "unpin": N_("the letting go of the top"),
    "open": N_("the opening of a discussion"),
    "held-first": N_("the holding of a discussion"),
    "closed": N_("the closing of a discussion"),
}


def what_was_undone(step: Step) -> str:
    """Return in words what was undone, and what cannot be."""
    done = str(gettext("Undone: %(what)s.", what=gettext(SAID[step.action])))
    if step.kind == "appeal":
        left = gettext("The appeal waits again. A mail that has left for the reader cannot be called back.")
        return f"{done} {left}"
    return done


def state_after(step: Step) -> dict[str, object]:
    """Return which comment a step was about, its version and state now, and whether a decision on it was undone."""
    with tools().database.read() as store:
        comment = store.comments.get(step.comment_id) if step.comment_id else None
    if comment is None:
        return {}
    decided = bool(step.effects.get("decision")) or step.kind == "let-stand"
    return {"comment": comment.id, "version": comment.version, "state": comment.state, "decided": decided}
