"""Moderators' sign-in, one-time links, and who may do what at the desk."""

import hashlib
from datetime import datetime, timedelta

from apiflask import APIFlask
from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from moderation.errors import Forbidden, InvalidInput, ModerationError, NotFound
from moderation.services import admitting
from moderation.store.tables import Moderator, OneTimeLink
from moderation.web.limiting import network_key
from moderation.web.toolbox import tools

blueprint = Blueprint("sign_in", __name__, url_prefix="/desk")

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)  # a day's shift; then the password again

View = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


class SignedIn(UserMixin):  # type: ignore[misc]
    """A moderator as Flask-Login carries one; the session names the epoch too, so that it can be ended."""

    def __init__(self, moderator: Moderator) -> None:
        self.moderator = moderator

    def get_id(self) -> str:
        """Return the id that the session keeps."""
        return f"{self.moderator.id}.{self.moderator.session_epoch}"


def load(session_id: str) -> SignedIn | None:
    """Return who a session belongs to, or None once it is over: signed out, idle, too old, deactivated."""
    moderator_id, _, epoch = session_id.partition(".")
    now = tools().now()
    try:
        began, seen = datetime.fromisoformat(session["began_at"]), datetime.fromisoformat(session["seen_at"])
    except (KeyError, ValueError, TypeError):
        return None
    if now - seen > IDLE or now - began > LONGEST:
        return None
    with tools().database.read() as store:
        moderator = store.moderators.get(moderator_id)
    if moderator is None or moderator.deactivated_at is not None or str(moderator.session_epoch) != epoch:
        return None
    if now - seen > timedelta(minutes=1):
        session["seen_at"] = now.isoformat()
    return SignedIn(moderator)


def register(app: APIFlask) -> None:
    """Let Flask-Login load moderators; it must not hash addresses into a cookie that can be read."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(load)


def who() -> Moderator | None:
    """Return the moderator who is signed in, or None."""
    return current_user.moderator if isinstance(current_user._get_current_object(), SignedIn) else None  # noqa: SLF001 - the proxy has no other door


def begin_session(moderator: Moderator) -> None:
    """Start a new session: nothing of the one before remains, its CSRF token neither."""
    session.clear()
    g.pop("csrf_token", None)
    now = tools().now().isoformat()
    session["began_at"] = session["seen_at"] = now
    login_user(SignedIn(moderator))


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
    """Sign in, or say in the same words for every cause that it did not work."""
    email, wanted = request.form.get("email", ""), request.form.get("next", "")
    try:
        moderator = admitting.sign_in(tools(), email, request.form.get("password", ""), network_key())
    except ModerationError as error:
        if error.status >= 500:
            raise
        page = render_template("desk/sign_in.html", email=email, next=wanted, problem=str(error))
        wait = getattr(error, "retry_after", None)
        return page, error.status, {"Retry-After": str(wait)} if wait else {}
    begin_session(moderator)
    return redirect(place_to_return(wanted), 303)


@blueprint.post("/sign-out")
def sign_out() -> View:
    """End the session here and on the server."""
    moderator = who()
    if moderator is not None:
        admitting.sign_out(tools(), moderator.id)
    logout_user()
    session.clear()
    g.pop("csrf_token", None)
    flash(gettext("You are signed out."))
    return redirect(url_for("sign_in.sign_in_page"), 303)


@blueprint.get("/welcome/<token>")
def welcome_page(token: str) -> View:
    """Show the form that sets name and password; opening the link does not use it up."""
    return render_template("desk/welcome.html", token=token, link=find_link(token), typed={}, errors={})


@blueprint.post("/welcome/<token>")
def welcome(token: str) -> View:
    """Use the one-time link: set name and password and sign in."""
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
    begin_session(moderator)
    return redirect(url_for("desk.queue"), 303)


def find_link(token: str) -> OneTimeLink:
    """Return the link that this token opens, while it works."""
    digest = hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
    with tools().database.read() as store:
        link = store.moderators.find_link(digest, tools().now())
    if link is None:
        raise NotFound("This link was used or has expired. Ask an administrator for another.")
    return link


def admit() -> View | None:
    """Let in who is signed in; a viewer reads, a moderator acts, an administrator also decides who may enter.

    Deny by default: it runs before every view of the desk, and whatever is not GET or HEAD is a change.
    """
    moderator = who()
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
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    view = current_app.view_functions[request.endpoint or ""]
    allowed = (
        ("administrator",) if getattr(view, "administrators_only", False) else ("administrator", "moderator")
    )
    if moderator.role not in allowed:
        raise Forbidden(f"Your role is {moderator.role}; this needs the role {' or '.join(allowed)}.")
    return None
