"""Figures of the last days, the report of a month, both as tables with a chart beside each, and as CSV."""

from datetime import timedelta

from flask import make_response, render_template, request
from flask_babel import gettext

from moderation.services import counting, second_looking
from moderation.web import drawing
from moderation.web.desk.blueprint import View, blueprint, needs, title_of
from moderation.web.languages import N_
from moderation.web.toolbox import tools

DAYS = 30
LABELS = {"publish": N_("Published"), "hold": N_("Held"), "reject": N_("Not permitted")}


def in_words(seconds: float | None) -> str:
    """Return a wait as a person would say it."""
    if seconds is None:
        return str(gettext("none was decided"))
    if seconds < 90:
        return str(gettext("%(number)s seconds", number=f"{seconds:.0f}"))
    if seconds < 5400:
        return str(gettext("%(number)s minutes", number=f"{seconds / 60:.0f}"))
    return str(gettext("%(number)s hours", number=f"{seconds / 3600:.1f}"))


def last_days() -> counting.Figures:
    """Return the figures of the last thirty days."""
    now = tools().now()
    return counting.figures(tools(), now - timedelta(days=DAYS - 1), now + timedelta(microseconds=1))


def charts(found: counting.Figures) -> dict[str, str]:
    """Return the charts of the figures by name."""
    return {
        "days": drawing.stacked_bars(
            gettext("Comments by day: published, held, not permitted"),
            [(day[5:], numbers) for day, numbers in found.days.items()],
            counting.VERDICTS,
        ),
        "clauses": drawing.bars(
            gettext("Held and not permitted by clause"),
            [(title_of(clause), sum(numbers.values())) for clause, numbers in found.clauses.items()],
        ),
        "detectors": drawing.shares(
            gettext("Share overturned by detector, with its 95 %\N{NO-BREAK SPACE}interval"),
            [(name, share.share, *share.between) for name, share in found.detectors.items()],
        ),
        "languages": drawing.bars(
            gettext("Comments by language"),
            [(language or gettext("not known"), number) for language, number in found.languages.items()][:12],
        ),
    }


@blueprint.get("/figures")
@needs("read")
def figures() -> View:
    """Show the figures of the last days."""
    return page_of(last_days(), "desk/figures.html")


def page_of(found: counting.Figures, template: str) -> str:
    """Return a page of figures."""
    return render_template(
        template,
        found=found,
        charts=charts(found),
        labels=LABELS,
        in_words=in_words,
        days=DAYS,
        named_clauses=[(title_of(clause), numbers) for clause, numbers in found.clauses.items()],
        named_languages=[(name or gettext("not known"), number) for name, number in found.languages.items()],
        looks=second_looking.measured(tools(), found.since, found.until),
    )


@blueprint.get("/figures.csv")
@needs("read")
def export_figures() -> View:
    """Give the figures of a month, or of the last days, as CSV."""
    month = request.args.get("month")
    found = (
        last_days() if month is None else counting.figures(tools(), *counting.month_of(month, tools().now()))
    )
    answer = make_response(counting.as_csv(found))
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f"attachment; filename=figures-{found.since:%Y-%m-%d}.csv"
    return answer


@blueprint.get("/report")
@needs("read")
def report() -> View:
    """Show the transparency report of a month, on one page that can be printed and published."""
    since, until = counting.month_of(request.args.get("month", ""), tools().now())
    return page_of(counting.figures(tools(), since, until), "desk/transparency.html")
