"""Akismet's API at its own paths, for the clients that sites already have; docs/akismet.md says what it does here."""

import structlog
from apiflask import APIBlueprint
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from moderation.errors import Forbidden, InvalidInput, ModerationError, NotSignedIn
from moderation.protocols import akismet
from moderation.protocols.akismet import Call, Reply
from moderation.services import asking
from moderation.store.tables import AKISMET, ApiKey, Site
from moderation.telemetry import current_request_id
from moderation.web.api import find_key
from moderation.web.toolbox import tools

blueprint = APIBlueprint("akismet", __name__, enable_openapi=False)
log = structlog.get_logger(__name__)

EITHER = ["GET", "POST"]


@blueprint.before_request
def read_the_call() -> None:
    """Read the form as bytes: clients name many content types, or none."""
    g.call = akismet.read(
        request.get_data(),
        request.query_string,
        request.headers.get("Content-Type", ""),
        request.headers.get("Host", ""),
        request.headers.get("User-Agent", ""),
    )


def asker() -> tuple[ApiKey, Site, Call]:
    """Return whose key was sent, for which site, and the call; raise what is wrong with it."""
    key, call = known_key(), g.call
    return key, asking.scope_of(tools(), key, call), call


def known_key() -> ApiKey:
    """Return the key that was sent, or raise why it opens nothing."""
    call: Call = g.call
    given = call.key
    if not given:
        raise NotSignedIn("There is no key. Send it as api_key, as key, or as the first label of the host.")
    key = find_key(given)
    if key is None:
        raise NotSignedIn("The key is not known, or was revoked.")
    if key.scopes and AKISMET not in key.scopes:
        raise Forbidden(f"The key may not do this; it has no scope '{AKISMET}'.")
    return key


def site_of(key: ApiKey) -> Site:
    """Return the site of a key."""
    with tools().database.read() as store:
        site = store.sites.get(key.site_id)
    assert site is not None  # foreign key
    return site


def answer(reply: Reply, status: int = 200) -> Response:
    """Return a reply with not one byte more than it has."""
    response = Response(reply.body, status, mimetype=reply.mimetype)
    response.headers.extend(dict(reply.headers))
    return response


@blueprint.post("/1.1/verify-key")
def verify_key() -> Response:
    """Tell whether a key is this site's."""
    asker()
    return answer(akismet.verified())


@blueprint.post("/1.1/comment-check")
def comment_check() -> Response:
    """Tell whether a comment is spam."""
    return answer(asking.check(tools(), *asker(), current_request_id()))


@blueprint.post("/1.1/submit-spam")
def submit_spam() -> Response:
    """Take the judgement that a comment is spam."""
    return answer(asking.judge(tools(), *asker(), spam=True, request_id=current_request_id()))


@blueprint.post("/1.1/submit-ham")
def submit_ham() -> Response:
    """Take the judgement that a comment is none."""
    return answer(asking.judge(tools(), *asker(), spam=False, request_id=current_request_id()))


@blueprint.route("/1.2/key-sites", methods=EITHER)
def key_sites() -> Response:
    """List the sites of the key, which is one."""
    key, call, now = known_key(), g.call, tools().now()
    site = site_of(key)
    usage = asking.usage_of_month(tools(), site.id, akismet.month_of(call, now))
    name = next(map(akismet.host_of, site.origins), site.slug)
    return answer(akismet.key_sites(call, name, usage, now))


@blueprint.route("/1.2/usage-limit", methods=EITHER)
def usage_limit() -> Response:
    """Tell how many calls this month had."""
    key = known_key()
    usage = asking.usage_of_month(tools(), key.site_id, f"{tools().now():%Y-%m}")
    return answer(akismet.usage_limit(usage))


@blueprint.post("/1.1/get-subscription")
def get_subscription() -> Response:
    """Tell the plug-in's page that the account is active."""
    return answer(akismet.subscription(site_of(known_key()).name))


@blueprint.post("/1.1/get-stats")
def get_stats() -> Response:
    """Tell the plug-in's page what was done in a period."""
    key = known_key()
    return answer(akismet.stats(asking.usage_of_period(tools(), key.site_id, akismet.period_of(g.call))))


@blueprint.post("/1.1/deactivate")
def deactivate() -> Response:
    """Take note that a plug-in was switched off: its key stays until it is revoked here."""
    known_key()
    return answer(Reply("deactivated"))


@blueprint.post("/1.1/token")
@blueprint.post("/1.1/verify-wpcom-key")
def account_elsewhere() -> Response:
    """Say that there are no accounts of WordPress.com here."""
    return answer(akismet.invalid("There are no accounts of WordPress.com here. Enter a key by hand."))


@blueprint.get("/1.1/test")
def connected() -> Response:
    """Tell the plug-in that it reaches us."""
    return answer(Reply("connected"))


@blueprint.errorhandler(ModerationError)
def from_service(error: ModerationError) -> Response:
    """Return `invalid` for what the client must mend, and what makes the plug-in ask again for the rest."""
    level = log.error if error.status >= 500 else log.info
    level("refused", **{**error.private, "code": error.code, "status": error.status})
    if isinstance(error, InvalidInput | NotSignedIn | Forbidden):
        return answer(akismet.invalid(str(error)))
    return answer(akismet.failed(str(error)), error.status)


@blueprint.errorhandler(HTTPException)
def from_framework(error: HTTPException) -> Response:
    """Return an error of the framework in the form that clients of this API read."""
    return answer(akismet.failed(error.name), error.code or 500)


@blueprint.errorhandler(Exception)
def from_accident(error: Exception) -> Response:
    """Return 500 with nothing of the cause, which the log has."""
    log.error("accident", exc_info=error)
    return answer(akismet.failed("Something went wrong on our side. Ask again later."), 500)
