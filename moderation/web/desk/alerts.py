"""What editors were told of."""

from flask import render_template

from moderation.services import alerting
from moderation.web.desk.blueprint import View, blueprint, needs
from moderation.web.toolbox import tools


@blueprint.get("/alerts")
@needs("read")
def alerts() -> View:
    """Show the alerts, the newest first, in both languages."""
    with tools().database.read() as store:
        rows = store.alerts.latest()
    return render_template("desk/alerts.html", rows=rows, words=alerting.WORDS, place_of=alerting.place_of)
