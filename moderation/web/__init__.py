"""The web edge: parse, call one service, render.

pages.py     home, article, comment form, outcome, policy      api.py      JSON API v1, its OpenAPI document
sign_in.py   moderators' sign-in, one-time links, roles        hooks.py    POST /hooks/<protocol>/<site>
desk/        queue, comment, author, blocks, articles, audit   health.py   live, ready, metrics
problems.py  every error, for programs and for people          limiting.py rate limits by network
akismet.py   Akismet's API for the clients sites have           coral.py    Coral's external moderation phase
marking.py   a text cut where spans begin and end              toolbox.py  the tools of the application
feeds.py     counts, Atom and RSS                             embed.py   the frame on a site's own pages
linking.py   addresses in readers' words made clickable
appeals.py   a reader's appeal, by a signed link             reports.py  readers report comments
languages.py the language of a page, translations/ its words   wording.py  what services and policy say, in that language
rewording.py the check before posting                          readers.py  a reader's session
mine.py      what one wrote; unsubscribing                     sign_on.py  single sign-on by a site's token
cookies.py   what browsers keep for us
embed_mine.py  a reader signed on in the frame     discussions.py which part of one a page shows
sessions.py  a moderator's browser, signed in or owing a code
overload.py  gunicorn's threads: who waited too long is turned away; SIGHUP
compatible.py  Perspective and OpenAI moderations at their own addresses
"""

import hashlib
import time
from pathlib import Path

import structlog
from apiflask import APIFlask
from flask import Response, g, request
from flask.json.provider import DefaultJSONProvider
from flask_wtf.csrf import CSRFProtect
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from moderation.bootstrap.tools import build_tools
from moderation.errors import Forbidden, InvalidInput
from moderation.services import Tools
from moderation.settings import read_settings
from moderation.telemetry import current_request_id, new_request_id
from moderation.web import (
    akismet,
    api,
    api_document,
    api_lists,
    api_page,
    appeals,
    compatible,
    cookies,
    coral,
    desk,
    embed,
    embed_mine,
    feeds,
    health,
    hooks,
    languages,
    limiting,
    linking,
    marking,
    mine,
    pages,
    problems,
    readers,
    reports,
    rewording,
    sessions,
    sign_in,
    sign_on,
    toolbox,
    wording,
)

log = structlog.get_logger(__name__)
KIB = 1024
# Bytes a request may have, by blueprint. A form takes up to 12 bytes a character: UTF-8, percent-encoded.
LARGEST = {
    "api": 256 * KIB,
    "hooks": 1024 * KIB,
    "desk": 2048 * KIB,
    "openai": 8192 * KIB,
    "akismet": 1024 * KIB,
    "coral": 1024 * KIB,
}
LARGEST_ELSEWHERE = 256 * KIB
MOST_FIELDS = 1_000  # of a form, as Werkzeug has it for multipart
# Doors for programs: they carry a key or a signature, and no cookie counts.
PROGRAMS = (
    api_lists.blueprint,
    hooks.blueprint,
    compatible.perspective,
    compatible.openai,
    akismet.blueprint,
    coral.blueprint,
)
PROGRAM_NAMES = frozenset(blueprint.name for blueprint in PROGRAMS)
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
FROM_OTHER_SITES = ("sign_on.sign_on", "mine.unsubscribe")  # a token counts there, no cookie does
# Fields that the service itself checks, by endpoint: it names the field and the page gives the text back.
_COMMENT = ("body", "name", "email")
KEPT_WITH_NUL = {
    "pages.post_comment": _COMMENT,
    "rewording.check": _COMMENT,
    "embed.post_comment": _COMMENT,
    "embed.post_first_comment": _COMMENT,
    "embed.check": _COMMENT,
    "mine.edit": _COMMENT,
    "embed.edit": _COMMENT,
    "appeals.send": ("text",),
    "reports.send": ("sentence",),
}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
METHODS = (*SAFE_METHODS, "POST", "PUT", "PATCH", "DELETE")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)

FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # not no-referrer: browsers then send 'Origin: null' with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    # Pages load nothing but our own; with this a site whose pages ask for it can still show the embed's frame.
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class StrictJSON(DefaultJSONProvider):
    """JSON as RFC 8259 means it: no NaN, no name twice; too deep to read is malformed, not an accident."""

    def loads(self, s: str | bytes, **kwargs: object) -> object:
        """Return the value, or raise ValueError."""
        try:
            return super().loads(s, parse_constant=_refuse, object_pairs_hook=_without_repetition, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    once = dict(pairs)
    if len(once) < len(pairs):
        raise ValueError("a name stands twice")
    return once


def create_app(tools: Tools | None = None) -> APIFlask:
    """Return the application over `tools`, or over tools built from the environment."""
    tools = tools or build_tools(read_settings())
    settings = tools.settings
    secure = settings.environment == "production"

    app = APIFlask(
        __name__,
        title="Comment moderation",
        version="1",
        spec_path="/openapi.json",
        docs_path=None,
        json_errors=False,
    )
    app.extensions["moderation.tools"] = tools
    app.json = StrictJSON(app)
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SEND_FILE_MAX_AGE_DEFAULT=86_400,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a reader may think before answering
        WTF_CSRF_SSL_STRICT=False,  # refuse_other_sites() asks Sec-Fetch-Site and Origin instead of Referer
    )
    cookies.register(app, secure=secure)
    api_document.describe(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    for check in (name_the_request, limit_the_body, refuse_nul, refuse_other_sites, refuse_other_types):
        app.before_request(check)
    csrf = CSRFProtect(app)
    for blueprint in (*PROGRAMS, embed.blueprint):
        csrf.exempt(blueprint)  # a key, a signature, a signed form: no cookie counts
    for view in (sign_on.sign_on, mine.unsubscribe):
        csrf.exempt(view)  # a signed token says who and what; sign_on.py looks whose page sent it
    sessions.register(app)
    for blueprint in (
        pages.blueprint,
        feeds.blueprint,
        embed_mine.blueprint,
        rewording.blueprint,
        sign_in.blueprint,
        sign_on.blueprint,
        mine.blueprint,
        desk.blueprint,
        api_page.blueprint,
        *PROGRAMS,
        reports.blueprint,
    ):
        app.register_blueprint(blueprint)
    appeals.register(app)
    health.register(app)
    limiting.register(
        app,
        {
            "pages.post_comment": settings.posting_limit,
            "embed.post_comment": settings.posting_limit,
            "embed.post_first_comment": settings.posting_limit,
            "rewording.check": settings.checking_limit,
            "embed.check": settings.checking_limit,
            "embed.sign_on": settings.checking_limit,  # once for every page that a signed-on reader looks at
            "embed.edit": settings.posting_limit,
            "sign_in.sign_in": settings.sign_in_limit,
            "sign_in.code": settings.sign_in_limit,
            "sign_in.welcome": settings.sign_in_limit,
            "sign_on.sign_on": settings.sign_in_limit,
            "mine.ask": settings.sign_in_limit,
            "mine.open_link": settings.sign_in_limit,
            "mine.edit": settings.posting_limit,
            "appeals.send": settings.posting_limit,
            "reports.send": settings.posting_limit,
        },
    )
    problems.register(app)
    marking.register(app)
    readers.register(app)
    linking.register(app)
    languages.register(app)
    app.jinja_env.filters["said"] = wording.said
    static = Path(app.static_folder or "")
    versions = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in static.iterdir()}
    app.jinja_env.globals.update(version_of=versions.get, style_version=versions["style.css"])

    def add_headers(response: Response) -> Response:
        """Add what every answer carries."""
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.update(FIXED_HEADERS)
        headers["X-Request-Id"] = current_request_id()
        took = time.perf_counter() - g.get("began", time.perf_counter())
        count_the_answer(response, took)
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
            log.info(
                "answered",
                endpoint=request.endpoint,
                method=request.method,
                status=response.status_code,
                ms=round(1000 * took, 1),
            )
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response

    app.after_request(add_headers)
    app.teardown_request(let_go)
    return app


def name_the_request() -> None:
    """Give the request an id of our own; one sent from outside could write into our logs."""
    clear_contextvars()
    bind_contextvars(request_id=new_request_id())
    g.began = time.perf_counter()
    toolbox.tools().metrics.requests_in_hand.inc()


def let_go(_error: BaseException | None) -> None:
    """Count the request as out of hand, and forget its id: the thread may log something else next."""
    if "began" in g:
        toolbox.tools().metrics.requests_in_hand.dec()
    clear_contextvars()


def count_the_answer(response: Response, seconds: float) -> None:
    """Count an answer by what is ours alone: a path, or a method that somebody made up, could have no end."""
    metrics, endpoint = toolbox.tools().metrics, request.endpoint or ""
    method = request.method if request.method in METHODS else "other"
    metrics.requests.labels(endpoint, method, f"{response.status_code // 100}xx").inc()
    metrics.request_seconds.labels(endpoint).observe(seconds)
    if response.status_code == 429:
        metrics.requests_limited.labels(endpoint).inc()


def limit_the_body() -> None:
    """Set how much of the body is read, before anything reads it; an announced excess is refused unread."""
    largest = LARGEST.get(request.blueprint or "", LARGEST_ELSEWHERE)
    request.max_content_length = request.max_form_memory_size = largest
    if (request.content_length or 0) > largest:
        raise RequestEntityTooLarge
    # Werkzeug bounds the parts of multipart alone; 2 MB of "a&" take half a second to read.
    if request.mimetype == FORM_TYPES[0] and request.get_data().count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge


def refuse_nul() -> None:
    """Refuse U+0000 in address and form: nobody types it, and PostgreSQL cannot even be asked for it.

    What a reader writes is left to the service, which names the field and keeps the text.
    """
    kept = KEPT_WITH_NUL.get(request.endpoint or "", ())
    typed = request.form.items(multi=True) if request.blueprint not in PROGRAM_NAMES else ()
    texts = [request.path, *request.args.values(), *(value for name, value in typed if name not in kept)]
    if any("\0" in text for text in texts):
        raise InvalidInput("Has the character U+0000. Leave it out.", status=400, code="malformed")


def refuse_other_types() -> None:
    """Refuse what is neither a form nor, at the doors for programs, JSON."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    if request.blueprint in (api.blueprint.name, akismet.blueprint.name):
        return
    kind = request.mimetype
    programs = request.blueprint in PROGRAM_NAMES
    fits = kind.endswith(("/json", "+json")) if programs else kind in FORM_TYPES
    if not fits and (programs or request.content_length):
        wanted = "application/json" if programs else FORM_TYPES[0]
        raise InvalidInput(
            f"The content type is not one we read here. Send {wanted}.",
            status=415,
            code="unsupported-media-type",
        )


def refuse_other_sites() -> None:
    """Refuse a form that a page of another site sent, whatever token it carries."""
    if request.endpoint in FROM_OTHER_SITES:
        return
    if request.method in SAFE_METHODS or request.blueprint in PROGRAM_NAMES:
        return
    fetch_site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if fetch_site is not None:
        ours = fetch_site in ("same-origin", "none")
    else:  # an older browser; a client that sends neither header is no browser and holds no cookie of ours
        ours = origin in (None, request.host_url.rstrip("/"), toolbox.tools().settings.base_url.rstrip("/"))
    if not ours:
        raise Forbidden("This form was sent from another site. Open the page here and send it again.")
