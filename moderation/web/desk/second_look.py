"""The second look: a comment without its decision, and what comes of the comparison."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import InvalidInput
from moderation.services import second_looking
from moderation.telemetry import current_request_id
from moderation.web import drawing
from moderation.web.desk.blueprint import View, blueprint, may, me, needs, title_of
from moderation.web.toolbox import tools
from moderation.web.wording import said

DAYS = 90


@blueprint.get("/second-look")
@needs("read")
def second_look() -> View:
    """Show the next comment to look at again, and how far second looks agreed with first decisions."""
    return the_page({})


def the_page(errors: dict[str, list[str]]) -> str:
    """Return the page, with what is wrong in what was sent."""
    now = tools().now()
    with tools().database.read() as store:
        found = store.second_looks.next_for(me().id) if may("second_look") else None
        comment = found[1] if found else None
        article = store.articles.get(comment.article_id) if comment else None
        parent = store.comments.get(comment.parent_id) if comment and comment.parent_id else None
    measured = second_looking.measured(tools(), now - timedelta(days=DAYS), now + timedelta(microseconds=1))
    tables = {
        gettext("By who decided first"): {
            said(name.capitalize()): one for name, one in measured.by_who.items()
        },
        gettext("By clause"): {title_of(name): one for name, one in measured.by_clause.items()},
        gettext("By detector"): measured.by_detector,
    }
    return render_template(
        "desk/second_look.html",
        look=found[0] if found else None,
        comment=comment,
        article=article,
        parent=parent,
        measured=measured,
        tables=tables,
        chart=drawing.shares(
            gettext("Share that agrees, with its 95 %\N{NO-BREAK SPACE}interval"),
            [
                (name, one.agreed / one.looks, *one.between)
                for table in tables.values()
                for name, one in table.items()
            ],
        ),
        days=DAYS,
        errors=errors,
        typed=request.form,
    )


@blueprint.post("/second-look/<look_id>")
@needs("second_look")
def look_again(look_id: str) -> View:
    """Record what the moderator says of the comment."""
    form = request.form
    try:
        second_looking.look(
            tools(), look_id, form.get("verdict", ""), form.get("clause") or None, me(), current_request_id()
        )
    except InvalidInput as error:
        return the_page({name: [*sentences] for name, sentences in error.fields.items()}), error.status
    flash(gettext("Recorded. The comment stays as it is."))
    return redirect(url_for("desk.second_look"), 303)
