"""Who may sign in and do what: the list of permissions; invite, give roles, reset, deactivate."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import InvalidInput, NotFound
from moderation.services import admitting, second_factor
from moderation.services.permissions import PERMISSIONS, ROLES, has
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import View, blueprint, me, needs
from moderation.web.languages import N_
from moderation.web.toolbox import tools

ROLE_SENTENCES = {
    "viewer": N_("Viewer: reads and changes nothing"),
    "moderator": N_("Moderator: decides"),
    "senior": N_("Senior: decides, blocks widely, publishes the policy"),
    "administrator": N_("Administrator: all that, models and accounts"),
}


@blueprint.get("/moderators")
@needs("read")
def moderators() -> View:
    """Show who may sign in."""
    return the_list()


def the_list(*, token: str = "", link_for: str = "", errors: dict[str, list[str]] | None = None) -> str:
    """Return the page, with a fresh one-time link where there is one: it can never be shown again."""
    with tools().database.read() as store:
        everybody = store.moderators.all()
    return render_template(
        "desk/moderators.html",
        moderators=everybody,
        roles=[(role, gettext(ROLE_SENTENCES[role])) for role in ROLES],
        link=tools().settings.base_url.rstrip("/") + url_for("sign_in.welcome_page", token=token)
        if token
        else "",
        link_for=link_for,
        errors=errors or {},
        typed=request.form,
    )


@blueprint.post("/moderators/invite")
@needs("manage_accounts")
def invite_moderator() -> View:
    """Make an invitation and show its link once."""
    email = request.form.get("email", "").strip()
    try:
        token = admitting.invite(tools(), email, request.form.get("role", ""), me().id, current_request_id())
    except InvalidInput as error:
        return the_list(errors=dict(error.fields) or {"email": [str(error)]}), error.status
    return the_list(token=token, link_for=email)


@blueprint.post("/moderators/<moderator_id>/reset")
@needs("manage_accounts")
def reset_moderator(moderator_id: str) -> View:
    """Make a link that sets a new password and show it once."""
    with tools().database.read() as store:
        moderator = store.moderators.get(moderator_id)
    if moderator is None:
        raise NotFound("There is no such moderator.")
    token = admitting.request_reset(tools(), moderator.email, me().id, current_request_id())
    return the_list(token=token, link_for=moderator.email)


@blueprint.post("/moderators/<moderator_id>/deactivate")
@needs("manage_accounts")
def deactivate_moderator(moderator_id: str) -> View:
    """Close an account; its sessions end at once."""
    admitting.deactivate(tools(), moderator_id, me().id, current_request_id())
    flash(gettext("Deactivated. Sessions of this account have ended."))
    return redirect(url_for("desk.moderators"), 303)


@blueprint.post("/moderators/<moderator_id>/role")
@needs("manage_accounts")
def set_moderator_role(moderator_id: str) -> View:
    """Give an account another role; its sessions end at once, one's own too."""
    try:
        admitting.set_role(tools(), moderator_id, request.form.get("role", ""), me().id, current_request_id())
    except InvalidInput as error:
        return the_list(errors=error.fields), error.status
    flash(gettext("The role is given. Sessions of this account have ended."))
    return redirect(url_for("desk.moderators"), 303)


@blueprint.post("/moderators/<moderator_id>/second-factor")
@needs("manage_accounts")
def reset_second_factor(moderator_id: str) -> View:
    """Turn off the second factor of a colleague who lost phone and codes; the sessions end at once."""
    second_factor.reset(tools(), moderator_id, me().id, current_request_id())
    flash(gettext("The second factor of this account is off. Its sessions have ended."))
    return redirect(url_for("desk.moderators"), 303)


@blueprint.get("/permissions", endpoint="permissions")
@needs("read")
def show_permissions() -> View:
    """Show who may do what, from the list that also decides it."""
    rows = [(one.sentence, [(role, has(role, one.name)) for role in ROLES]) for one in PERMISSIONS.values()]
    return render_template("desk/permissions.html", rows=rows, roles=ROLES)
