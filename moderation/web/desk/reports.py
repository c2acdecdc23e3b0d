"""Published comments that readers' reports brought to the queue."""

from collections import Counter

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import StaleVersion
from moderation.services import reporting
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, back, blueprint, me, needs, whole_number
from moderation.web.desk.queue import around, case
from moderation.web.toolbox import tools


@blueprint.get("/reported")
@needs("read")
def reported() -> View:
    """Show the comments that wait for a look, the longest first, with the reasons that readers gave."""
    with tools().database.read() as store:
        page = store.reports.queue(now=tools().now(), after=request.args.get("after"), limit=PAGE)
        near = around(store, [row.item for row in page.items])
    return render_template(
        "desk/reported.html",
        rows=[
            (
                case(row.item, near[row.item.comment.id]),
                row,
                Counter(report.clause for report in row.reports).most_common(),
            )
            for row in page.items
        ],
        next=page.next,
        here=url_for("desk.reported"),
    )


@blueprint.post("/comments/<comment_id>/reports")
@needs("decide")
def let_stand(comment_id: str) -> View:
    """Let a reported comment stand: its reports are dismissed until it is changed."""
    form = request.form
    try:
        reporting.let_stand(
            tools(), comment_id, me(), whole_number(form.get("version", "")), current_request_id()
        )
    except StaleVersion as error:
        with tools().database.read() as store:
            names = store.desk.moderator_names([str(error.decision.get("made_by", ""))])
        return render_template(
            "desk/stale.html", comment_id=comment_id, decision=error.decision, names=names
        ), error.status
    flash(gettext("It stands. Its reports are dismissed."))
    return redirect(back(url_for("desk.reported")), 303)
