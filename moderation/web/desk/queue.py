"""The queue of comments, one comment in full, and a moderator's decision on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import InvalidInput, NotFound, StaleVersion
from moderation.services import acting, previewing, reviewing, undoing
from moderation.store.claims import Held
from moderation.store.desk import Item, Wanted
from moderation.store.tables import DecisionRow, Step
from moderation.store.unit_of_work import Store
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import (
    View,
    back,
    blueprint,
    counts,
    me,
    needs,
    title_of,
    wants_json,
    who_is,
    whole_number,
)
from moderation.web.languages import N_
from moderation.web.problems import problem
from moderation.web.toolbox import tools
from moderation.web.wording import said

PAGE = 50
COUNTED: tuple[Literal["clause", "detector", "language"], ...] = ("clause", "detector", "language")
FILTERS = (*COUNTED, "article", "author")


@dataclass(frozen=True, slots=True)
class Kind:
    """A list of the queue: its name, and what it takes from the store."""

    name: str
    only: dict[str, Any]


KINDS = {
    "held": Kind(N_("Waiting for a moderator"), {}),
    "machine": Kind(N_("Rejected by the check"), {"states": ("rejected",), "by_engine": True}),
    "sample": Kind(N_("Published, one in 16"), {"states": ("published",), "sampled": True}),
    "published": Kind(N_("Published"), {"states": ("published",)}),
    "rejected": Kind(N_("Not permitted"), {"states": ("rejected",)}),
    "removed": Kind(N_("Taken down"), {"states": ("removed",)}),
    "withdrawn": Kind(N_("Withdrawn"), {"states": ("withdrawn",)}),
}
DONE = {
    "approve": N_("Approved: the comment is published."),
    "reject": N_("Rejected: the comment is not permitted."),
    "remove": N_("Taken down: readers no longer see it."),
    "restore": N_("Restored: the comment is published again."),
}
VERDICTS = {"publish": N_("Publish"), "hold": N_("Hold"), "reject": N_("Do not permit")}
ACTIONS_DONE = {
    "approve": N_("Approved"),
    "reject": N_("Rejected"),
    "remove": N_("Taken down"),
    "restore": N_("Restored"),
    "pin": N_("Pinned"),
    "unpin": N_("Let go of the top"),
    "block": N_("Blocked"),
    "lift": N_("Block lifted"),
    "granted": N_("Appeal granted"),
    "refused": N_("Appeal refused"),
    "withdrawn": N_("Appeal withdrawn"),
    "open": N_("Open"),
    "held-first": N_("Every comment held first"),
    "closed": N_("Discussion closed"),
    "deleted": N_("Article deleted"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A comment as the desk shows it: with what was seen in it and what this moderator may do.

    `step` is what was done to it last, which `undo` among the actions takes back.
    """

    item: Item
    findings: list[dict[str, Any]]
    actions: tuple[str, ...]
    claim: Held | None = None
    step: Step | None = None

    @property
    def may_decide(self) -> bool:
        """Return whether one of the actions is a decision, which can be taken on many at once."""
        return any(action in acting.LEADS_TO for action in self.actions)


def around(store: Store, items: Sequence[Item]) -> dict[str, acting.Around]:
    """Return what besides the comments decides what may be done with them."""
    return acting.around(store, [(item.comment, item.author) for item in items])


def case(
    item: Item,
    around: acting.Around,
    decisions: list[DecisionRow] | None = None,
    claim: Held | None = None,
) -> Case:
    """Return the comment with all that detectors saw, gravest first, and what this moderator may do.

    A person's decision saw nothing of its own: then it is what the first decision saw.
    """
    seen = next((row.signals for row in [item.decision, *(decisions or [])] if row and row.signals), None)
    findings = seen or (item.decision.public.get("reasons", []) if item.decision else [])
    gravest_first = sorted(findings, key=lambda finding: -float(finding.get("score") or 0))
    actions = acting.actions_for(item.comment, me(), around)
    return Case(item, gravest_first, actions, claim, around.step if "undo" in actions else None)


def wanted_of(values: Mapping[str, str | None]) -> tuple[str, Wanted]:
    """Return the kind of list that filters name, and which comments they choose."""
    state = values.get("state") or "held"
    if state not in KINDS:
        raise InvalidInput("There is no such state.", {"state": [f"Choose one of {', '.join(KINDS)}."]})
    chosen = {name: values.get(name) or None for name in FILTERS}
    return state, Wanted(
        **KINDS[state].only,
        clause=chosen["clause"],
        detector=chosen["detector"],
        language=chosen["language"],
        article_id=chosen["article"],
        author_id=chosen["author"],
    )


def matching_of(
    store: Store,
    wanted: Wanted,
    filters: Mapping[str, str | None],
    held: Mapping[Literal["clause", "detector", "language"], Mapping[str, int]],
    numbers: Mapping[str, int],
) -> int:
    """Return how many comments the filters choose: where the page counted them already, they are not counted again."""
    only = [name for name in filters if name != "state"]
    if held and not only:
        return numbers.get("held", 0)
    if held and len(only) == 1 and only[0] in COUNTED:
        return held[only[0]].get(str(filters[only[0]]), 0)
    return store.desk.count(wanted, previewing.MOST_FOUND)


@blueprint.get("/")
@needs("read")
def queue() -> View:
    """Show comments of one kind: held ones by rank (severity, reports, reach) and age, the others newest first."""
    chosen = {name: request.args.get(name) or None for name in (*FILTERS, "state", "order", "after")}
    state, wanted = wanted_of(chosen)

    def link(**changes: str | None) -> str:
        """Return the address of this list with some filters changed."""
        wanted: dict[str, Any] = {name: value for name, value in {**chosen, **changes}.items() if value}
        return url_for("desk.queue", **wanted)

    by_rank = state == "held" and chosen["order"] != "oldest"
    filters = {name: chosen[name] for name in (*FILTERS, "state") if chosen[name]}
    with tools().database.read() as store:
        page = store.desk.queue(
            now=tools().now(),
            wanted=wanted,
            after=chosen["after"],
            limit=PAGE,
            newest_first=state != "held",
            by_rank=by_rank,
        )
        held = {name: store.desk.held_by(name) for name in COUNTED} if state == "held" else {}
        near = around(store, page.items)
        claims = store.claims.in_force(tools().now(), [item.comment.id for item in page.items])
        numbers = counts(store)
        matching = matching_of(store, wanted, filters, held, numbers)
        article = store.articles.get(chosen["article"]) if chosen["article"] else None
        author = store.people.get(chosen["author"]) if chosen["author"] else None
        last = store.steps.latest(me().id, since=tools().now() - undoing.SESSION)
    taken = {held.comment_id: held for held in claims if held.moderator_id != me().id}
    return render_template(
        "desk/queue.html",
        cases=[case(item, near[item.comment.id], claim=taken.get(item.comment.id)) for item in page.items],
        matching=matching,
        most=previewing.MOST_FOUND,
        in_bulk=[*acting.DECISIONS[wanted.states[0]]],
        filters=filters,
        next=page.next,
        counts=numbers,
        held=held,
        kinds=KINDS,
        state=state,
        chosen=chosen,
        by_rank=by_rank,
        article=article,
        author=author,
        last=last,
        done=DONE,
        link=link,
        here=link(after=None),
    )


@blueprint.get("/comments/<comment_id>")
@needs("read")
def comment(comment_id: str) -> View:
    """Show one comment with all that was decided on it."""
    return in_full(comment_id, {}), 200


def in_full(comment_id: str, errors: Mapping[str, list[str]]) -> str:
    """Return the page of one comment, with what is wrong in a decision that was sent."""
    with tools().database.read() as store:
        dossier = store.dossiers.comment(comment_id, tools().now())
        undone = store.steps.of_decisions(comment_id)
        near = around(store, [dossier.item]) if dossier else {}
    if dossier is None:
        raise NotFound("There is no such comment.")
    return render_template(
        "desk/comment.html",
        dossier=dossier,
        undone=undone,
        case=case(dossier.item, near[comment_id], dossier.decisions),
        here=url_for("desk.comment", comment_id=comment_id),
        errors=errors,
        typed=request.form,
    )


def what_was_decided(decision: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return in words what somebody decided: what, by which rule, by whom."""
    verdict = str(decision.get("action") or decision.get("verdict") or "")
    word = {**VERDICTS, **ACTIONS_DONE}.get(verdict)
    parts = [
        gettext(word) if word else verdict,
        title_of(decision.get("clause")),
        gettext("by %(name)s", name=who_is(decision.get("made_by"), names))
        if decision.get("made_by")
        else "",
    ]
    return " · ".join(part for part in parts if part)


@blueprint.post("/comments/<comment_id>")
@needs("decide")
def review(comment_id: str) -> View:
    """Record what the moderator decided, or show who was faster."""
    form = request.form
    action = form.get("action", "")
    try:
        outcome = reviewing.review(
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
        if wants_json():
            title = said(error.title)
            decided = what_was_decided(error.decision, names)
            return problem(error.status, error.code, title, f"{title}: {decided}", {"version": error.current})
        return render_template(
            "desk/stale.html", comment_id=comment_id, decision=error.decision, names=names
        ), error.status
    except InvalidInput as error:
        if wants_json():
            raise
        return in_full(comment_id, error.fields), error.status
    if wants_json():
        return jsonify(
            comment=comment_id,
            step=outcome.step,
            said=gettext(DONE.get(action, N_("Done."))),
            version=outcome.comment.version,
        )
    flash(gettext(DONE.get(action, N_("Done."))))
    return redirect(back(url_for("desk.comment", comment_id=comment_id)), 303)
