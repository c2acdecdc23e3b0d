"""One author with all that is known, and the block list."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for

from moderation.errors import InvalidInput, NotFound
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
    )
    flash("The author is blocked.")
    return redirect(back(url_for("desk.author", author_id=author_id)), 303)


@blueprint.get("/blocks")
def blocks() -> View:
    """Show the block list."""
    return block_list({}, {})


def block_list(errors: Mapping[str, list[str]], typed: Mapping[str, str]) -> str:
    """Return the block list with the form for a domain."""
    show = "all" if request.args.get("show") == "all" else ""
    with tools().database.read() as store:
        page = store.desk.block_list(
            now=tools().now(), in_force=None if show else True, after=request.args.get("after"), limit=PAGE
        )
        names = store.desk.moderator_names(
            entry.block.lifted_by for entry in page.items if entry.block.lifted_by
        )
    return render_template(
        "desk/blocks.html",
        entries=page.items,
        next=page.next,
        names=names,
        show=show,
        errors=errors,
        typed=typed,
        here=url_for("desk.blocks", show=show or None),
    )


@blueprint.post("/blocks")
def block_domain() -> View:
    """Block everybody with an address at a domain."""
    form = request.form
    try:
        penalising.block_domain(
            tools(),
            form.get("domain", ""),
            me().id,
            form.get("clause") or None,
            days(),
            form.get("note", "").strip(),
            request_id=current_request_id(),
        )
    except InvalidInput as error:
        return block_list(error.fields or {"domain": [str(error)]}, form), error.status
    flash("The domain is blocked.")
    return redirect(url_for("desk.blocks"), 303)


@blueprint.post("/blocks/<block_id>/lift")
def lift_block(block_id: str) -> View:
    """Lift a block, a warning or the reading before publication."""
    penalising.lift_block(
        tools(), block_id, me().id, request.form.get("note", "").strip(), current_request_id()
    )
    flash("Lifted.")
    return redirect(back(url_for("desk.blocks")), 303)
