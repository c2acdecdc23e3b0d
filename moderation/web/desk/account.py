"""One's own account: password, second factor, sessions; nobody else's can be reached from here."""

import segno
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from moderation.errors import InvalidInput
from moderation.services import admitting, second_factor
from moderation.services import sessions as desk_sessions
from moderation.telemetry import current_request_id
from moderation.web import sessions
from moderation.web.desk.blueprint import View, blueprint, me, needs
from moderation.web.toolbox import tools

Errors = dict[str, list[str]]


@blueprint.get("/account")
@needs("own_account")
def account() -> View:
    """Show one's own account."""
    return account_page()


def account_page(errors: Errors | None = None) -> str:
    """Return the page of one's account, with what is wrong in the password form."""
    return render_template(
        "desk/account.html",
        sessions=desk_sessions.going(tools(), me().id),
        here=sessions.here(),
        required=second_factor.is_missing(tools(), me()),
        errors=errors or {},
    )


@blueprint.post("/account/password")
@needs("own_account")
def change_password() -> View:
    """Set another password; this browser goes on with a new session, all others are signed out."""
    form = request.form
    try:
        moderator = admitting.change_password(
            tools(), me().id, form.get("old", ""), form.get("password", ""), current_request_id()
        )
    except InvalidInput as error:
        return account_page(error.fields), error.status
    sessions.begin(moderator)
    flash(gettext("The password is changed. All other sessions have ended."))
    return redirect(url_for("desk.account"), 303)


@blueprint.post("/account/sessions/<session_id>/end")
@needs("own_account")
def end_session(session_id: str) -> View:
    """Sign one of one's own browsers out."""
    desk_sessions.end(tools(), me().id, session_id, current_request_id())
    if session_id == sessions.here():
        return signed_out(gettext("You are signed out."))
    flash(gettext("That session has ended."))
    return redirect(url_for("desk.account"), 303)


@blueprint.post("/account/sessions/end")
@needs("own_account")
def end_sessions() -> View:
    """Sign all of one's own browsers out, this one too."""
    desk_sessions.end_all(tools(), me().id, current_request_id())
    return signed_out(gettext("You are signed out everywhere."))


@blueprint.get("/account/second-factor", endpoint="second_factor")
@needs("own_account")
def show_second_factor() -> View:
    """Show how the second factor stands, and the next step."""
    return second_factor_page()


def second_factor_page(wrong: str = "", errors: Errors | None = None) -> str:
    """Return the page of the second factor, with what is wrong in the form `wrong`."""
    key = second_factor.proposed(tools(), me())
    with tools().database.read() as store:
        left = store.second_factors.codes_left(me().id)
    return render_template(
        "desk/second_factor.html",
        key=" ".join(key[at : at + 4] for at in range(0, len(key), 4)),
        picture=picture_of(second_factor.address(tools(), me(), key)) if key else "",
        left=left,
        required=second_factor.is_missing(tools(), me()),
        wrong=wrong,
        errors=errors or {},
    )


def picture_of(address: str) -> Markup:
    """Return an address as a QR code, black on white in every theme, as cameras want it."""
    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(border=4, dark="#000", light="#fff", omitsize=True))  # noqa: S704  drawn here, squares alone


@blueprint.post("/account/second-factor")
@needs("own_account")
def begin_second_factor() -> View:
    """Make a key for the second factor, which a code confirms."""
    try:
        second_factor.propose(tools(), me().id, request.form.get("password", ""))
    except InvalidInput as error:
        return second_factor_page("begin", error.fields), error.status
    return redirect(url_for("desk.second_factor"), 303)


@blueprint.post("/account/second-factor/confirm")
@needs("own_account")
def confirm_second_factor() -> View:
    """Turn the second factor on and show the recovery codes once; all sessions have ended."""
    try:
        codes = second_factor.confirm(tools(), me().id, request.form.get("code", ""), current_request_id())
    except InvalidInput as error:
        return second_factor_page("confirm", error.fields), error.status
    sessions.forget()
    return render_template("desk/recovery_codes.html", codes=codes, turned_on=True)


@blueprint.post("/account/second-factor/codes")
@needs("own_account")
def renew_recovery_codes() -> View:
    """Make the recovery codes anew and show them once."""
    form = request.form
    try:
        codes = second_factor.renew_codes(
            tools(), me().id, form.get("password", ""), form.get("code", ""), current_request_id()
        )
    except InvalidInput as error:
        return second_factor_page("codes", error.fields), error.status
    return render_template("desk/recovery_codes.html", codes=codes, turned_on=False)


@blueprint.post("/account/second-factor/off")
@needs("own_account")
def turn_off_second_factor() -> View:
    """Turn the second factor off; all sessions have ended."""
    form = request.form
    try:
        second_factor.turn_off(
            tools(), me().id, form.get("password", ""), form.get("code", ""), current_request_id()
        )
    except InvalidInput as error:
        return second_factor_page("off", error.fields), error.status
    return signed_out(gettext("The second factor is off. Sign in again."))


def signed_out(said: str) -> View:
    """Empty the cookie of a session that has ended, and lead to the sign-in."""
    sessions.forget()
    flash(said)
    return redirect(url_for("sign_in.sign_in_page"), 303)
