"""The queue of comments, one comment in full, and a moderator's decision on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from moderation.errors import InvalidInput, NotFound, StaleVersion
from moderation.services import reviewing
from moderation.store.desk import Item
from moderation.store.paging import Page
from moderation.store.tables import DecisionRow
from moderation.store.unit_of_work import Store
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, back, blueprint, clauses, me, whole_number
from moderation.web.toolbox import tools

STATES = {
    "held": "Waiting for a moderator",
    "published": "Published",
    "rejected": "Not permitted",
    "removed": "Taken down",
    "withdrawn": "Withdrawn",
}
DONE = {
    "approve": "Approved: the comment is published.",
    "reject": "Rejected: the comment is not permitted.",
    "remove": "Taken down: readers no longer see it.",
    "restore": "Restored: the comment is published again.",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A comment as the desk shows it: with what was seen in it and what this moderator may do."""

    item: Item
    findings: list[dict[str, Any]]
    actions: tuple[str, ...]


def case(item: Item, decisions: list[DecisionRow] | None = None) -> Case:
    """Return the comment with all that detectors saw, gravest first, and what this moderator may do.

    A person's decision saw nothing of its own: then it is what the first decision saw.
    """
    seen = next((row.signals for row in [item.decision, *(decisions or [])] if row and row.signals), None)
    findings = seen or (item.decision.public.get("reasons", []) if item.decision else [])
    gravest_first = sorted(findings, key=lambda finding: -float(finding.get("score") or 0))
    return Case(item, gravest_first, reviewing.actions_for(item.comment, me()))


@blueprint.get("/")
def queue() -> View:
    """Show comments in one state: held ones gravest first and then oldest, the others newest first."""
    chosen = {
        name: request.args.get(name) or None for name in ("state", "article", "clause", "order", "after")
    }
    state = chosen["state"] or "held"
    if state not in STATES:
        raise InvalidInput("There is no such state.", {"state": [f"Choose one of {', '.join(STATES)}."]})

    def link(**changes: str | None) -> str:
        """Return the address of this list with some filters changed."""
        wanted: dict[str, Any] = {name: value for name, value in {**chosen, **changes}.items() if value}
        return url_for("desk.queue", **wanted)

    gravest = state == "held" and not chosen["clause"] and chosen["order"] != "oldest"
    with tools().database.read() as store:
        held = store.desk.held_by_clause() if state == "held" else {}
        if gravest:
            page = gravest_first(store, held, chosen["article"], chosen["after"])
        else:
            page = store.desk.queue(
                now=tools().now(),
                states=(state,),
                clause=chosen["clause"],
                article_id=chosen["article"],
                after=chosen["after"],
                limit=PAGE,
                newest_first=state != "held",
            )
        counts = store.desk.counts()
        article = store.articles.get(chosen["article"]) if chosen["article"] else None
    return render_template(
        "desk/queue.html",
        cases=[case(item) for item in page.items],
        next=page.next,
        counts=counts,
        held=held,
        states=STATES,
        state=state,
        chosen=chosen,
        gravest=gravest,
        article=article,
        link=link,
        here=link(),
    )


def gravest_first(
    store: Store, held: Mapping[str, int], article_id: str | None, after: str | None
) -> Page[Item]:
    """Return held comments by the severity of their clause, then by age.

    The cursor names the clause it stopped in. Clauses that today's policy does not have come last.
    """
    order = [clause for clause, _ in clauses()]
    order += sorted(clause for clause in held if clause and clause not in order)
    stopped_in, _, inside = (after or "~").partition("~")
    if stopped_in and stopped_in not in order:
        raise InvalidInput("This page does not exist. Start again at the first.")
    items: list[Item] = []
    for number, clause in enumerate(order):
        if clause not in held or number < (order.index(stopped_in) if stopped_in else 0):
            continue
        page = store.desk.queue(
            now=tools().now(),
            clause=clause,
            article_id=article_id,
            after=(inside or None) if clause == stopped_in else None,
            limit=PAGE - len(items),
        )
        items += page.items
        if page.next:
            return Page(items, f"{clause}~{page.next}")
        if len(items) == PAGE:
            following = next((later for later in order[number + 1 :] if later in held), None)
            return Page(items, f"{following}~" if following else None)
    return Page(items)


@blueprint.get("/comments/<comment_id>")
def comment(comment_id: str) -> View:
    """Show one comment with all that was decided on it."""
    return in_full(comment_id, {}), 200


def in_full(comment_id: str, errors: Mapping[str, list[str]]) -> str:
    """Return the page of one comment, with what is wrong in a decision that was sent."""
    with tools().database.read() as store:
        dossier = store.dossiers.comment(comment_id, tools().now())
    if dossier is None:
        raise NotFound("There is no such comment.")
    return render_template(
        "desk/comment.html",
        dossier=dossier,
        case=case(dossier.item, dossier.decisions),
        here=url_for("desk.comment", comment_id=comment_id),
        errors=errors,
        typed=request.form,
    )


@blueprint.post("/comments/<comment_id>")
def review(comment_id: str) -> View:
    """Record what the moderator decided, or show who was faster."""
    form = request.form
    action = form.get("action", "")
    try:
        reviewing.review(
            tools(),
            comment_id,
            action,
            me(),
            whole_number(form.get("version", "")),
            clause=form.get("clause") or None,
            note=form.get("note", "").strip(),
            request_id=current_request_id(),
            severe=form.get("severe") == "yes",
        )
    except StaleVersion as error:
        made_by = str(error.decision.get("made_by", ""))
        with tools().database.read() as store:
            names = store.desk.moderator_names([made_by])
        return render_template(
            "desk/stale.html", comment_id=comment_id, decision=error.decision, names=names
        ), error.status
    except InvalidInput as error:
        return in_full(comment_id, error.fields), error.status
    flash(DONE.get(action, "Done."))
    return redirect(back(url_for("desk.comment", comment_id=comment_id)), 303)
