"""What the check before posting led to."""

from flask import render_template

from moderation.services import confirming, rewording
from moderation.web.desk.blueprint import View, blueprint, needs
from moderation.web.toolbox import tools


@blueprint.get("/rewording")
@needs("read")
def rewording_counts() -> View:
    """Show what became of texts that were warned of, by day, and how many comments nobody stood for."""
    return render_template(
        "desk/rewording.html",
        counted=rewording.last_days(tools()),
        days=rewording.DAYS_SHOWN,
        unconfirmed=confirming.unconfirmed_since(tools(), rewording.DAYS_SHOWN),
    )
