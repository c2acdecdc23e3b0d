"""Appeals that wait for an answer, oldest first, and the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import InvalidInput, NotFound, StaleVersion
from moderation.services import acting, answering
from moderation.store.appeals import AppealCase
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, blueprint, may, me, needs, whole_number
from moderation.web.languages import N_
from moderation.web.toolbox import tools

STATES = {
    "open": N_("Waiting"),
    "granted": N_("Granted"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An appeal as the desk shows it; `actions` are none on one's own decision where there is a colleague.

    `may_after_all` tells whether the role would do.
    """

    case: AppealCase
    findings: list[dict[str, Any]]
    actions: tuple[str, ...]
    may_after_all: bool


@blueprint.get("/appeals")
@needs("read")
def appeals() -> View:
    """Show the appeals in one state: waiting ones oldest first, the others newest first."""
    return the_list()


def the_list(
    wrong: str = "", errors: Mapping[str, list[str]] | None = None, typed: Mapping[str, str] | None = None
) -> str:
    """Return the list, with what is wrong in the answer to the appeal `wrong`."""
    state = request.args.get("state", "open")
    if state not in STATES:
        raise InvalidInput("There is no such state.", {"state": [f"Choose one of {', '.join(STATES)}."]})
    with tools().database.read() as store:
        page = store.appeals.page(
            now=tools().now(),
            states=(state,),
            after=request.args.get("after"),
            limit=PAGE,
            newest_first=state != "open",
        )
        shown = [
            Shown(
                case,
                findings_of(case),
                acting.actions_on_appeal(store, case, me()),
                may(acting.permission_on_appeal(case)),
            )
            for case in page.items
        ]
        names = store.desk.moderator_names(
            name for case in page.items for name in (case.decided_by, case.appeal.settled_by) if name
        )
    return render_template(
        "desk/appeals.html",
        appeals=shown,
        next=page.next,
        state=state,
        states=STATES,
        names=names,
        wrong=wrong,
        errors=errors or {},
        typed=typed or {},
        longest=answering.LONGEST_ANSWER,
    )


def findings_of(case: AppealCase) -> list[dict[str, Any]]:
    """Return what the decision marked in the comment; its spans count only where the text is still the same."""
    if case.decision is None or case.item is None or case.item.comment.revision != case.decision.revision:
        return []
    return list(case.decision.public.get("reasons", []))


@blueprint.post("/appeals/<appeal_id>")
@needs("answer_appeals")
def answer_appeal(appeal_id: str) -> View:
    """Grant or refuse an appeal, or show who was faster."""
    form = request.form
    verdict = form.get("verdict", "")
    try:
        if verdict not in ("grant", "refuse"):
            raise InvalidInput("Say what the answer is.", {"sentence": ["Press one of the two buttons."]})
        answering.answer(
            tools(),
            appeal_id,
            me(),
            whole_number(form.get("version", "")),
            grant=verdict == "grant",
            sentence=form.get("sentence", "").replace("\r\n", "\n"),
            request_id=current_request_id(),
        )
    except StaleVersion as error:
        with tools().database.read() as store:
            case = store.appeals.case(appeal_id, tools().now())
            names = store.desk.moderator_names([str(error.decision.get("made_by", ""))])
        if case is None:
            raise NotFound("There is no such appeal.") from error
        return render_template(
            "desk/appeal_settled.html", case=case, states=STATES, names=names
        ), error.status
    except InvalidInput as error:
        return the_list(appeal_id, error.fields, form), error.status
    flash(
        gettext("Granted: what was decided is taken back.")
        if verdict == "grant"
        else gettext("Refused: the decision stands.")
    )
    return redirect(url_for("desk.appeals"), 303)
