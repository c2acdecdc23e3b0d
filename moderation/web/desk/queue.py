"""The queue of comments, one comment in full, and a moderator's decision on it."""

from flask import flash, g, redirect, render_template, request, url_for

from moderation.errors import InvalidInput, NotFound, StaleVersion
from moderation.services import reviewing
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, back, blueprint, me
from moderation.web.toolbox import tools

STATES = ("held", "published", "rejected", "removed", "withdrawn")
DONE = {
    "approve": "Approved: the comment is published.",
    "reject": "Rejected: the comment is not permitted.",
    "remove": "Taken down: readers see that a moderator removed it.",
    "restore": "Restored: the comment is published again.",
}


@blueprint.get("/")
def queue() -> View:
    """Show comments in one state, held ones most severe and oldest first."""
    chosen = {name: request.args.get(name) or None for name in ("state", "article", "clause", "after")}
    chosen["state"] = chosen["state"] or "held"
    if chosen["state"] not in STATES:
        raise InvalidInput("There is no such state.", {"state": [f"Choose one of {', '.join(STATES)}."]})

    def link(**changes: str | None) -> str:
        """Return the address of this list with some filters changed."""
        return url_for("desk.queue", **{name: value for name, value in {**chosen, **changes}.items() if value})

    with tools().database.read() as store:
        page = store.desk.queue(
            state=chosen["state"], article_id=chosen["article"], clause=chosen["clause"], after=chosen["after"], limit=PAGE, now=tools().now()
        )
        counts = store.desk.counts()
        article = store.articles.get(chosen["article"]) if chosen["article"] else None
    return render_template("desk/queue.html", rows=page.items, next=page.next, counts=counts, chosen=chosen, article=article, link=link)


@blueprint.get("/comments/<comment_id>")
def comment(comment_id: str) -> View:
    """Show one comment with all that was decided on it."""
    with tools().database.read() as store:
        dossier = store.dossiers.comment(comment_id, now=tools().now())
    if dossier is None:
        raise NotFound("There is no such comment.")
    return render_template("desk/comment.html", dossier=dossier)


@blueprint.post("/comments/<comment_id>")
def review(comment_id: str) -> View:
    """Record what the moderator decided, or show who was faster."""
    form = request.form
    version = form.get("version", "")
    try:
        reviewing.review(
            tools(),
            comment_id,
            form.get("action", ""),
            me(),
            int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1,
            clause=form.get("clause") or None,
            note=form.get("note", "").strip(),
            request_id=current_request_id(),
        )
    except StaleVersion as error:
        return render_template("desk/stale.html", comment_id=comment_id, decision=error.decision), 409
    flash(DONE.get(form.get("action", ""), "Done."))
    return redirect(back(url_for("desk.comment", comment_id=comment_id)), 303)
