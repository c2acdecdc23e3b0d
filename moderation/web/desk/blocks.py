"""The block list: whom, why, by whom, until when; chosen by filters, given, lifted, exported and imported."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from moderation.errors import InvalidInput
from moderation.services import acting, listing, penalising
from moderation.store.penalties import Which
from moderation.store.tables import Block
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, back, blueprint, clauses, days, me, needs
from moderation.web.languages import N_
from moderation.web.toolbox import tools

SHOWN = {"": N_("in force"), "past": N_("lifted and past"), "all": N_("all")}
PENALTIES = {"block": N_("Blocked"), "premoderate": N_("Read first"), "warn": N_("Warning")}
KINDS = {
    "author": N_("An author"),
    "email_domain": N_("An e-mail domain"),
    "network": N_("A network address"),
}
GIVERS = {"ladder": N_("the ladder"), "people": N_("moderators, keys, the command line")}
LABELS = {
    "domain": ("domain", N_("Domain")),
    "address": ("address", N_("Network address")),
    "file": ("file", N_("File")),
    "clause": ("domain-clause", N_("Rule")),
    "note": ("domain-note", N_("Note")),
    "days": ("domain-days", N_("For how long")),
}


@blueprint.get("/blocks")
@needs("read")
def blocks() -> View:
    """Show the block list."""
    return block_list()


def chosen() -> tuple[dict[str, Any], Which]:
    """Return the filters of the address, and what they choose."""
    known: dict[str, list[str]] = {
        "show": [*SHOWN],
        "penalty": [*PENALTIES],
        "kind": [*KINDS],
        "clause": [clause for clause, _ in clauses()],
        "by": [*GIVERS],
    }
    filters = {name: request.args.get(name, "") for name in known}
    for name, value in filters.items():
        if value and value not in known[name]:
            raise InvalidInput("There is no such filter.", {name: ["Choose one of the list."]})
    which = Which(
        in_force={"": True, "past": False, "all": None}[filters["show"]],
        penalty=filters["penalty"] or None,
        kind=filters["kind"] or None,
        clause=filters["clause"] or None,
        given_by=filters["by"] or None,
        subject=request.args.get("subject") or None,
    )
    return {name: value for name, value in filters.items() if value}, which


def block_list(errors: Mapping[str, list[str]] | None = None, typed: Mapping[str, str] | None = None) -> str:
    """Return the block list with its forms, and what is wrong in one that was sent."""
    filters, which = chosen()
    with tools().database.read() as store:
        page = store.desk.block_list(
            now=tools().now(), which=which, after=request.args.get("after"), limit=PAGE
        )
        names = store.desk.moderator_names(
            entry.block.lifted_by for entry in page.items if entry.block.lifted_by
        )
    return render_template(
        "desk/blocks.html",
        entries=page.items,
        actions=acting.actions_on_list(me()),
        next=page.next,
        names=names,
        filters=filters,
        choices={
            "show": (gettext("Which"), options(SHOWN), None),
            "penalty": (gettext("Penalty"), options(PENALTIES), gettext("every penalty")),
            "kind": (gettext("On"), options(KINDS), gettext("everything")),
            "clause": (gettext("Rule"), clauses(), gettext("every rule")),
            "by": (gettext("By"), options(GIVERS), gettext("everybody")),
        },
        errors=errors or {},
        # What is wrong in a line of a file is wrong in the file.
        labels={name: ("file", name) for name in errors or {}}
        | {name: (field, gettext(label)) for name, (field, label) in LABELS.items()},
        typed=typed or {},
        here=url_for("desk.blocks", **filters),
    )


def options(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a filter offers, in the language of the page."""
    return [(value, gettext(word)) for value, word in words.items()]


@blueprint.get("/blocks/export.<any(csv, json):form>")
@needs("read")
def export_blocks(form: str) -> View:
    """Give the block list as a file, chosen by the same filters."""
    _, which = chosen()
    rows = listing.entries(tools(), which)
    body, kind = (
        (listing.as_csv(rows), "text/csv") if form == "csv" else (listing.as_json(rows), "application/json")
    )
    answer: Response = make_response(body)
    answer.headers["Content-Type"] = f"{kind}; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="blocks-{tools().now():%Y-%m-%d}.{form}"'
    return answer


@blueprint.post("/blocks/import")
@needs("block_widely")
def import_blocks() -> View:
    """Add the entries of a file: all, or none and what is wrong in which line."""
    sent = request.files.get("file")
    data = sent.read() if sent else b""
    try:
        done = listing.import_blocks(tools(), data, me().id, request_id=current_request_id())
    except InvalidInput as error:
        return block_list(error.fields or {"file": [str(error)]}), error.status
    flash(
        gettext(
            "%(added)s added, %(unchanged)s were in the list already or are past.",
            added=done.added,
            unchanged=done.unchanged,
        )
    )
    return redirect(url_for("desk.blocks"), 303)


@blueprint.post("/blocks")
@needs("block_widely")
def block_domain() -> View:
    """Block everybody with an address at a domain."""
    return given("domain", penalising.block_domain, gettext("The domain is blocked."))


@blueprint.post("/blocks/address")
@needs("block_widely")
def block_address() -> View:
    """Block a network address; only its keyed hash is kept."""
    return given("address", penalising.block_address, gettext("The address is blocked."))


def given(field: str, block: Callable[..., Block], done: str) -> View:
    """Give the block that the form asks for, or show what is wrong in it."""
    form = request.form
    try:
        block(
            tools(),
            form.get(field, ""),
            me().id,
            form.get("clause") or None,
            days(),
            form.get("note", "").strip(),
            request_id=current_request_id(),
        )
    except InvalidInput as error:
        return block_list(error.fields or {field: [str(error)]}, form), error.status
    flash(done)
    return redirect(url_for("desk.blocks"), 303)


@blueprint.post("/blocks/<block_id>/lift")
@needs("block")
def lift_block(block_id: str) -> View:
    """Lift a block, a warning or the reading before publication, with what was given with it."""
    penalising.lift_block(
        tools(), block_id, me().id, request.form.get("note", "").strip(), current_request_id()
    )
    flash(gettext("Lifted."))
    return redirect(back(url_for("desk.blocks")), 303)
