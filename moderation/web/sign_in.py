"""Moderators' sign-in, one-time links, and who may do what at the desk."""

import contextlib
import hashlib

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from moderation.errors import Forbidden, InvalidInput, ModerationError, NotFound
from moderation.services import admitting, permissions, second_factor, signing_in
from moderation.services import sessions as desk_sessions
from moderation.store.tables import Moderator, OneTimeLink
from moderation.telemetry import current_request_id
from moderation.web import sessions
from moderation.web.toolbox import tools

blueprint = Blueprint("sign_in", __name__, url_prefix="/desk")

View = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


def place_to_return(asked: str | None) -> str:
    """Return the page of the desk that was asked for, or the queue: never an address elsewhere."""
    if (
        asked
        and asked.startswith("/desk")
        and not asked.startswith("/desk/sign-")
        and "\\" not in asked
        and asked.isprintable()
    ):
        return asked
    return url_for("desk.queue")


@blueprint.get("/sign-in")
def sign_in_page() -> View:
    """Show the sign-in form."""
    return render_template("desk/sign_in.html", email="", next=request.args.get("next", ""))


@blueprint.post("/sign-in")
def sign_in() -> View:
    """Sign in, or ask for the code, or say in the same words for every cause that it did not work."""
    email, wanted = request.form.get("email", ""), request.form.get("next", "")
    try:
        moderator = signing_in.sign_in(tools(), email, request.form.get("password", ""))
    except ModerationError as error:
        if error.status >= 500:
            raise
        page = render_template("desk/sign_in.html", email=email, next=wanted, problem=str(error))
        return page, error.status
    return let_in(moderator, wanted)


def let_in(moderator: Moderator, wanted: str = "") -> View:
    """Begin the session of who gave the right password; with a second factor, first ask for the code."""
    if moderator.second_factor_at is not None:
        sessions.begin_halfway(moderator, wanted)
        return redirect(url_for("sign_in.code_page"), 303)
    sessions.begin(moderator)
    return redirect(place_to_return(wanted), 303)


@blueprint.get("/sign-in/code")
def code_page() -> View:
    """Show the form that asks for the code."""
    if sessions.halfway() is None:
        return redirect(url_for("sign_in.sign_in_page"), 303)
    return render_template("desk/code.html")


@blueprint.post("/sign-in/code")
def code() -> View:
    """Sign in with the code that the second factor shows, or a recovery code."""
    owing = sessions.halfway()
    if owing is None:
        flash(gettext("That took too long. Begin again with your password."))
        return redirect(url_for("sign_in.sign_in_page"), 303)
    try:
        moderator = signing_in.give_code(
            tools(), owing.moderator_id, owing.epoch, request.form.get("code", "")
        )
    except ModerationError as error:
        if error.status >= 500:
            raise
        return render_template("desk/code.html", problem=str(error)), error.status
    sessions.begin(moderator)
    return redirect(place_to_return(owing.wanted), 303)


@blueprint.post("/sign-out")
def sign_out() -> View:
    """End this session, here and on the server; others of the account go on."""
    moderator = sessions.who()
    if moderator is not None:
        with contextlib.suppress(NotFound):  # it ended at this moment
            desk_sessions.end(tools(), moderator.id, sessions.here(), current_request_id())
    sessions.forget()
    flash(gettext("You are signed out."))
    return redirect(url_for("sign_in.sign_in_page"), 303)


@blueprint.get("/welcome/<token>")
def welcome_page(token: str) -> View:
    """Show the form that sets name and password; opening the link does not use it up."""
    return render_template("desk/welcome.html", token=token, link=find_link(token), typed={}, errors={})


@blueprint.post("/welcome/<token>")
def welcome(token: str) -> View:
    """Use the one-time link: set name and password and sign in; a second factor is asked for all the same."""
    form = request.form
    try:
        moderator = admitting.accept_link(
            tools(), token, form.get("name", ""), form.get("password", ""), form.get("email", "")
        )
    except InvalidInput as error:
        page = render_template(
            "desk/welcome.html", token=token, link=find_link(token), typed=form, errors=error.fields
        )
        return page, error.status
    return let_in(moderator)


def find_link(token: str) -> OneTimeLink:
    """Return the link that this token opens, while it works."""
    digest = hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
    with tools().database.read() as store:
        link = store.moderators.find_link(digest, tools().now())
    if link is None:
        raise NotFound("This link was used or has expired. Ask an administrator for another.")
    return link


def admit() -> View | None:
    """Let in who is signed in and has the permission that the view declares with `needs`.

    Deny by default: it runs before every view of the desk, and one that declares nothing is refused to everybody.
    """
    moderator = sessions.who()
    if moderator is None:
        if request.method in ("GET", "HEAD"):
            return redirect(url_for("sign_in.sign_in_page", next=request.full_path.rstrip("?")), 303)
        return render_template(
            "error.html",
            status=401,
            code="not-signed-in",
            title="Your session is over",
            detail="Sign in again, then repeat what you did.",
        ), 401
    g.moderator = moderator
    view = current_app.view_functions[request.endpoint or ""]
    permission = getattr(view, "permission", None)
    if permission is None:
        raise Forbidden("Nobody may do this: the page declares no permission.")
    permissions.require(moderator, permission)
    if permission != "own_account" and second_factor.is_missing(tools(), moderator):
        if request.method in ("GET", "HEAD"):
            return redirect(url_for("desk.second_factor"), 303)
        raise Forbidden(f"The role {moderator.role} needs a second factor here. Turn it on first.")
    return None
