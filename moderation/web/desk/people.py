"""One author with all that is known, and a block on that author."""

from flask import flash, redirect, render_template, request, url_for

from moderation.errors import NotFound
from moderation.services import penalising
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, back, blueprint, days, me
from moderation.web.toolbox import tools


@blueprint.get("/authors/<author_id>")
def author(author_id: str) -> View:
    """Show an author's comments, strikes and blocks."""
    with tools().database.read() as store:
        dossier = store.dossiers.author(author_id, tools().now(), after=request.args.get("after"), limit=PAGE)
    if dossier is None:
        raise NotFound("There is no such author.")
    return render_template(
        "desk/author.html", dossier=dossier, here=url_for("desk.author", author_id=author_id)
    )


@blueprint.post("/authors/<author_id>/block")
def block_author(author_id: str) -> View:
    """Block an author for some days or for ever."""
    form = request.form
    evidence = (form["comment"],) if form.get("comment") else ()
    penalising.block_author(
        tools(),
        author_id,
        me().id,
        form.get("clause") or None,
        days(),
        form.get("note", "").strip(),
        comment_ids=evidence,
        request_id=current_request_id(),
        covers=form.getlist("covers"),
    )
    flash("The author is blocked.")
    return redirect(back(url_for("desk.author", author_id=author_id)), 303)
