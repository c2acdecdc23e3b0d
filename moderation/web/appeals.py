"""The reader's appeal: one page by a signed link, to write it, see what became of it, and withdraw it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from apiflask import APIFlask
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from moderation.errors import AppealClosed, Conflict, InvalidInput, StaleVersion
from moderation.services import appeal_links, appealing
from moderation.services.appeal_links import About
from moderation.services.appealing import Matter
from moderation.store.tables import Comment
from moderation.telemetry import current_request_id
from moderation.web import languages
from moderation.web.toolbox import tools
from moderation.web.wording import said, worded

blueprint = Blueprint("appeals", __name__)
View = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class WayToAppeal:
    """Where something can be appealed and until when, or, if it was, where the answer will be."""

    address: str
    until: datetime
    made: bool


@blueprint.get("/appeals/<token>")
def page(token: str) -> View:
    """Show what was decided, the appeal where there is one, or the form to write it."""
    return shown(token, appeal_links.read(tools(), token))


@blueprint.post("/appeals/<token>")
def send(token: str) -> View:
    """Take an appeal and lead to the page where its answer will be."""
    about = appeal_links.read(tools(), token)
    text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        made = appealing.appeal(tools(), about, text, languages.language(), current_request_id())
    except InvalidInput as error:
        return shown(token, about, text, error.fields, error.status)
    except (AppealClosed, Conflict) as error:  # the page says which of them
        return shown(token, about, status=error.status)
    return redirect(appeal_links.path_of(tools(), "appeal", made.id), 303)


@blueprint.post("/appeals/<token>/withdraw")
def withdraw(token: str) -> View:
    """Withdraw an appeal that is not answered yet."""
    about = appeal_links.read(tools(), token)
    with tools().database.read() as store:
        matter = appealing.matter_of(tools(), store, about)
    version = request.form.get("version", "")
    if matter.appeal is None or not is_private(about):
        return shown(token, about, status=409)
    try:
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1
        appealing.withdraw(tools(), matter.appeal.id, number, current_request_id())
    except StaleVersion as error:
        return shown(token, about, status=error.status)
    return redirect(appeal_links.path_of(tools(), "appeal", matter.appeal.id), 303)


def is_private(about: About) -> bool:
    """Return whether only the author has this link; that of a block stands where others may see it."""
    return about.kind != "block"


def shown(
    token: str,
    about: About,
    typed: str = "",
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> tuple[str, int]:
    """Return the page about a decision, a block or an appeal."""
    policy = tools().engine.policy
    with tools().database.read() as store:
        matter = appealing.matter_of(tools(), store, about)
    languages.of_site(matter.site)
    page = render_template(
        "appeal.html",
        site=matter.site,
        matter=matter,
        token=token,
        private=is_private(about),
        title=title_of(matter),
        rule=worded(matter.clause) if matter.clause else None,
        reasons=matter.decision.public.get("reasons", []) if matter.decision else [],
        typed=typed,
        errors={name: [said(one) for one in sentences] for name, sentences in (errors or {}).items()},
        longest=policy.appeals.longest,
    )
    return page, status


def title_of(matter: Matter) -> str:
    """Return what the page is called."""
    if matter.appeal is None:
        return str(gettext("Appeal a block") if matter.block else gettext("Appeal a decision"))
    titles = {
        "open": gettext("Your appeal is waiting for an answer"),
        "granted": gettext("Your appeal was granted"),
        "refused": gettext("Your appeal was refused"),
        "withdrawn": gettext("You withdrew your appeal"),
    }
    return str(titles[matter.appeal.state])


def appeal_of(comment: Comment | None = None, block_id: str | None = None) -> WayToAppeal | None:
    """Return the way to appeal the decision in force on a comment, or a block; None where there is nothing to appeal."""
    if block_id:
        about = About("block", block_id)
    elif comment is not None and comment.decision_id and comment.state in appealing.REFUSED_STATES:
        about = About("decision", comment.decision_id)
    else:
        return None
    with tools().database.read() as store:
        matter = appealing.matter_of(tools(), store, about)
    if matter.closed_because is not None:
        return None
    return WayToAppeal(
        appeal_links.path_of(tools(), about.kind, about.id), matter.until, matter.appeal is not None
    )


def register(app: APIFlask) -> None:
    """Let the pages that tell of a decision lead to its appeal."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["appeal_of"] = appeal_of
