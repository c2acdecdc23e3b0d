"""One author with all that is known, and a block on that author."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import NotFound
from moderation.services import noting, penalising
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, back, blueprint, days, me, needs, wants_json
from moderation.web.toolbox import tools


@blueprint.get("/authors/<author_id>")
@needs("read")
def author(author_id: str) -> View:
    """Show an author's comments, strikes and blocks."""
    with tools().database.read() as store:
        dossier = store.dossiers.author(author_id, tools().now(), after=request.args.get("after"), limit=PAGE)
    if dossier is None:
        raise NotFound("There is no such author.")
    return render_template(
        "desk/author.html", dossier=dossier, here=url_for("desk.author", author_id=author_id)
    )


@blueprint.get("/authors/<author_id>/history")
@needs("read")
def author_history(author_id: str) -> View:
    """Give the part of a page that tells an author's history: comments, strikes, blocks, appeals, notes."""
    with tools().database.read() as store:
        dossier = store.dossiers.author(author_id, tools().now(), limit=10)
    if dossier is None:
        raise NotFound("There is no such author.")
    return render_template("desk/history.html", dossier=dossier)


@blueprint.post("/authors/<author_id>/notes")
@needs("note")
def note_author(author_id: str) -> View:
    """Keep a note on an author for colleagues."""
    form = request.form
    noting.note(
        tools(),
        author_id,
        form.get("note", ""),
        me(),
        comment_id=form.get("comment") or None,
        request_id=current_request_id(),
    )
    if wants_json():
        return jsonify(said=gettext("The note is kept."))
    flash(gettext("The note is kept."))
    return redirect(back(url_for("desk.author", author_id=author_id)), 303)


@blueprint.post("/authors/<author_id>/block")
@needs("block")
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
    if wants_json():
        return jsonify(said=gettext("The author is blocked."))
    flash(gettext("The author is blocked."))
    return redirect(back(url_for("desk.author", author_id=author_id)), 303)
