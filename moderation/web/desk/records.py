"""What was done, and what could not be delivered."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import InvalidInput
from moderation.services import delivering
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, blueprint, me, needs
from moderation.web.toolbox import tools

FILTERS = ("subject", "actor", "action", "request_id")


@blueprint.get("/audit")
@needs("read")
def audit() -> View:
    """Show the audit log, newest first, and whether its chain is unbroken."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 18):
        raise InvalidInput("This page does not exist. Start again at the first.")
    chosen: dict[str, Any] = {name: request.args[name].strip() for name in FILTERS if request.args.get(name)}
    days = {name: request.args[name] for name in ("since", "until") if request.args.get(name)}
    with tools().database.read() as store:
        broken = None if before else store.audit.verify()  # it reads the whole log: once is enough
        page = store.audit.page(
            before_seq=int(before) if before else None, limit=PAGE * 2, **chosen, **between(days)
        )
        names = store.desk.moderator_names(event.actor.rpartition(":")[2] for event in page.items)
    return render_template(
        "desk/audit.html", events=page.items, next=page.next, broken=broken, chosen=chosen | days, names=names
    )


def between(days: Mapping[str, str]) -> dict[str, Any]:
    """Return the times that a search names by their days; the last day counts whole."""
    try:
        found = {name: datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) for name, day in days.items()}
    except ValueError:
        raise InvalidInput(
            "There is no such day.", {"since": ["Write it as year, month and day: 2026-11-23."]}
        ) from None
    if "until" in found:
        found["until"] += timedelta(days=1)
    return found


@blueprint.get("/deliveries")
@needs("read")
def deliveries() -> View:
    """Show deliveries that were given up."""
    with tools().database.read() as store:
        page = store.outbox.given_up(after=request.args.get("after"), limit=PAGE)
    return render_template("desk/deliveries.html", rows=page.items, next=page.next)


@blueprint.post("/deliveries/<delivery_id>/replay")
@needs("replay_deliveries")
def replay_delivery(delivery_id: str) -> View:
    """Put a delivery that was given up back on its way."""
    delivering.replay(tools(), delivery_id, me().id, current_request_id())
    flash(gettext("It is on its way again."))
    return redirect(url_for("desk.deliveries"), 303)
