"""What the check before posting led to."""

from flask import render_template

from moderation.services import rewording
from moderation.web.desk.blueprint import View, blueprint
from moderation.web.toolbox import tools


@blueprint.get("/rewording")
def rewording_counts() -> View:
    """Show by day how many texts were warned of, how many of them were reworded, and what became of them."""
    return render_template(
        "desk/rewording.html", counted=rewording.last_days(tools()), days=rewording.DAYS_SHOWN
    )
