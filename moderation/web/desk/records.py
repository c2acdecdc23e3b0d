"""What was done, and what could not be delivered."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from moderation.errors import InvalidInput
from moderation.services import delivering
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, blueprint, me
from moderation.web.toolbox import tools

FILTERS = ("subject", "actor", "action")


@blueprint.get("/audit")
def audit() -> View:
    """Show the audit log, newest first, and whether its chain is unbroken."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 18):
        raise InvalidInput("This page does not exist. Start again at the first.")
    chosen: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    with tools().database.read() as store:
        broken = None if before else store.audit.verify()  # it reads the whole log: once is enough
        page = store.audit.page(before_seq=int(before) if before else None, limit=PAGE * 2, **chosen)
        names = store.desk.moderator_names(event.actor.rpartition(":")[2] for event in page.items)
    return render_template(
        "desk/audit.html", events=page.items, next=page.next, broken=broken, chosen=chosen, names=names
    )


@blueprint.get("/deliveries")
def deliveries() -> View:
    """Show deliveries that were given up."""
    with tools().database.read() as store:
        page = store.outbox.given_up(after=request.args.get("after"), limit=PAGE)
    return render_template("desk/deliveries.html", rows=page.items, next=page.next)


@blueprint.post("/deliveries/<delivery_id>/replay")
def replay_delivery(delivery_id: str) -> View:
    """Put a delivery that was given up back on its way."""
    delivering.replay(tools(), delivery_id, me().id, current_request_id())
    flash("It is on its way again.")
    return redirect(url_for("desk.deliveries"), 303)
