"""Errors become RFC 9457 problem documents for programs and a plain page for people."""

import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, make_response, render_template, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from moderation.errors import ModerationError
from moderation.protocols import strict_json
from moderation.telemetry import current_request_id
from moderation.web import limiting
from moderation.web.toolbox import tools

log = structlog.get_logger(__name__)

# Paths where a program asks, whatever its Accept header says.
FOR_PROGRAMS = (
    "/api/",
    "/hooks/",
    "/health/",
    "/openapi.json",
    "/metrics",
    "/counts",
    "/v1/",
    "/v1alpha1/",
    "/$discovery/",
    "/1.1/",
    "/1.2/",
    "/coral/",
)

# What to say where the framework, not a service, refused: status -> (code, sentence).
SENTENCES = {
    400: ("malformed", "The request could not be read. Send well-formed data and try again."),
    401: ("not-signed-in", "Sign in first, or send the key of the site as 'Authorization: Bearer mk_...'."),
    403: ("forbidden", "This is not allowed."),
    404: ("not-found", "There is nothing at this address."),
    405: (
        "method-not-allowed",
        "This address does not take that method; the Allow header names those it takes.",
    ),
    408: ("too-slow", "The request did not arrive in time. Send it again."),
    413: ("too-large", "The request is larger than this address takes. Shorten it and send it again."),
    415: ("wrong-content-type", "Send the body as application/json and say so in Content-Type."),
    429: ("too-many-requests", "Too many requests in a short time. Wait a little and send it again."),
    500: ("error", "Something went wrong on our side. It was recorded; try again later."),
    503: ("unavailable", "The service cannot answer just now. Try again in a moment."),
}


# What to say of a field of the API: pydantic's type of error -> reason and remedy.
FAULTS = {
    "extra_forbidden": "Unknown field. Remove it; /openapi.json lists those there are.",
    "missing": "Missing. Add it.",
    "string_type": "Not a string. Send a JSON string.",
    "string_unicode": "Has half of a surrogate pair. Send both halves or neither.",
    "string_too_short": "Shorter than {min_length} characters. Fill it in or leave the field out.",
    "string_too_long": "Longer than {max_length} characters. Shorten it.",
    "string_pattern_mismatch": "Not in the documented form. It must match {pattern}",
    "int_type": "Not a whole number. Send one without quotes.",
    "int_parsing": "Not a whole number. Send digits alone.",
    "bool_parsing": "Neither true nor false. Send one of them.",
    "greater_than_equal": "Less than {ge}. Send a greater number.",
    "less_than_equal": "More than {le}. Send a smaller number.",
    "list_type": "Not a list. Send a JSON array.",
    "too_short": "Fewer than {min_length} entries. Send more.",
    "too_long": "More than {max_length} entries. Send fewer.",
    "model_type": "Not an object. Send a JSON object.",
    "model_attributes_type": "Not an object. Send a JSON object.",
    "value_error": "{error}.",
}


def speaks_to_a_program() -> bool:
    """Return whether the asker reads problem documents rather than pages."""
    ours = request.path.startswith("/desk/") and request.accept_mimetypes.best == "application/json"
    return ours or request.path.startswith(FOR_PROGRAMS)


def document(
    status: int, code: str, title: str, detail: str, members: dict[str, object]
) -> dict[str, object]:
    """Return a problem document; `type` leads to the page that lists every code."""
    return {
        "type": f"{tools().settings.base_url.rstrip('/')}/problems#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "request_id": current_request_id(),
        **members,
    }


def problem(status: int, code: str, title: str, detail: str, members: dict[str, object]) -> Response:
    """Return the answer that is a problem document."""
    response = make_response(document(status, code, title, detail, members), status)
    response.mimetype = "application/problem+json"
    return response


def answer(
    status: int, code: str, title: str, detail: str, members: dict[str, object] | None = None
) -> Response:
    """Return the error in the form that the asker reads."""
    if speaks_to_a_program():
        from moderation.web.wording import said  # noqa: PLC0415 - it needs this file to know what a program is

        return problem(status, code, said(title), said(detail), members or {})
    page = render_template(
        "error.html",
        status=status,
        code=code,
        title=title,
        detail=detail,
        errors=(members or {}).get("errors"),
        request_id=current_request_id(),
    )
    return make_response(page, status)


def from_service(error: ModerationError) -> Response:
    """Return the answer for an error that a service raised on purpose."""
    level = log.error if error.status >= 500 else log.info
    level("refused", **{**error.private, "code": error.code, "status": error.status})
    response = answer(error.status, error.code, error.title, str(error), dict(error.public()))
    wait = getattr(error, "retry_after", None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    if error.status == 401 and speaks_to_a_program():
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def from_framework(error: HTTPException) -> Response:
    """Return the answer for an error that Werkzeug raised, keeping headers such as Allow."""
    status = error.code or 500
    if status < 400:  # a redirect to the canonical address is an answer, not an error
        return make_response(error.get_response())
    code, sentence = SENTENCES.get(status, ("error", HTTP_STATUS_CODES.get(status, "Error")))
    response = answer(status, code, HTTP_STATUS_CODES.get(status, "Error"), sentence)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def from_limiter(error: RateLimitExceeded) -> Response:
    """Return 429 with the seconds to wait."""
    response = from_framework(error)
    response.headers["Retry-After"] = str(limiting.seconds_to_wait())
    return response


def from_csrf(error: CSRFError) -> Response:  # noqa: ARG001 - the reason is for the log of Flask-WTF, not for a forger
    """Return 400 for a form without a valid token of this session."""
    return answer(
        400,
        "form-expired",
        "The form could not be checked",
        "It was open for too long, or the browser keeps no cookies for this site. "
        "Go back, reload the page and send it again.",
    )


def from_body(error: HTTPError) -> Response:
    """Return the answer for an error of the API layer; a validation error names field, reason and remedy."""
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return answer(
            422,
            "invalid-input",
            "What was sent is not valid",
            "See 'errors': each field with its reason and remedy.",
            {"errors": by_field(cause)},
        )
    code, sentence = SENTENCES.get(error.status_code, ("error", str(error.message)))
    response = answer(error.status_code, code, HTTP_STATUS_CODES.get(error.status_code, "Error"), sentence)
    response.headers.extend(dict(error.headers))
    return response


def by_field(error: ValidationError) -> dict[str, list[str]]:
    """Return sentences of reason and remedy by the dotted name of the field, without what was sent."""
    fields: dict[str, list[str]] = {}
    for fault in error.errors(include_url=False, include_input=False):
        name = ".".join(strict_json.printable(str(step)) for step in fault["loc"]) or strict_json.WHOLE
        template = FAULTS.get(fault["type"])
        sentence = template.format_map(fault.get("ctx", {})) if template else fault["msg"]
        fields.setdefault(name, []).append(sentence)
    return fields


def from_accident(error: Exception) -> Response:
    """Return 500 with nothing of the cause, which the log has."""
    log.error("accident", exc_info=error)
    code, sentence = SENTENCES[500]
    return answer(500, code, "Something went wrong", sentence)


def register(app: APIFlask) -> None:
    """Make every error of `app` pass through this file."""
    app.register_error_handler(ModerationError, from_service)
    app.register_error_handler(HTTPError, from_body)
    app.register_error_handler(RateLimitExceeded, from_limiter)
    app.register_error_handler(CSRFError, from_csrf)
    app.register_error_handler(HTTPException, from_framework)
    app.register_error_handler(Exception, from_accident)
    # Flask's own line names the address, and that may hold a token.
    app.log_exception = lambda exc_info: log.error("accident", exc_info=exc_info)  # type: ignore[method-assign]
