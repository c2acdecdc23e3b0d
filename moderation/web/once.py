"""Idempotency-Key: a call of our API that is sent again is done once, and answered as it was."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from apiflask import HTTPError
from flask import Response, g, make_response, request
from werkzeug.exceptions import HTTPException

from moderation.errors import ArticleClosed, AuthorBlocked, InvalidInput, ModerationError, NotFound
from moderation.services import repeating
from moderation.services.repeating import Answered
from moderation.store.tables import ApiKey
from moderation.web import problems
from moderation.web.toolbox import tools

# Refusals that are an answer. What could not be read or taken just then did not begin, and may come with its key again.
_ANSWERS = (ArticleClosed, AuthorBlocked, NotFound)
PATTERN = r'^("[!#-~]{1,200}"|[!#-~][!-~]{0,199})$'  # quoted, as the draft says, or bare
View = Callable[..., Any]


def done_once(view: View) -> View:
    """Return the view that does a call under an Idempotency-Key once and answers it the same for a day."""

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        given = request.headers.get("Idempotency-Key")
        if given is None:
            return view(*args, **kwargs)
        name = given.removeprefix('"').removesuffix('"')  # bare, many clients send it
        if not re.fullmatch(PATTERN, given):
            raise InvalidInput(
                "The Idempotency-Key cannot be read.",
                {"Idempotency-Key": ["Not 1 to 200 visible ASCII characters. Send such a key, or none."]},
            )
        bundle, site_id = tools(), cast("ApiKey", g.key).site_id
        call = f"{request.method} {request.path}\n".encode() + request.get_data()
        g.once = (name, call)
        if (earlier := repeating.begin(bundle, site_id, name, call)) is not None:
            return _again(earlier)
        try:
            response = make_response(view(*args, **kwargs))
        except _ANSWERS as error:
            response = problems.from_service(error)
        except (ModerationError, HTTPError, HTTPException):
            repeating.forget(bundle, site_id, name)
            raise
        repeating.keep(bundle, site_id, name, Answered(response.status_code, response.get_json()))
        return response

    return once


def id_under_key(place: int) -> str | None:
    """Return the id of the comment in this place of a call with an Idempotency-Key; None for a call without."""
    if "once" not in g:
        return None
    name, call = g.once
    return repeating.id_of(tools(), cast("ApiKey", g.key).site_id, name, call, place)


def _again(answered: Answered) -> Response:
    response = make_response(answered.body, answered.status)
    if answered.status >= 400:
        response.mimetype = "application/problem+json"
    response.headers["Idempotent-Replayed"] = "true"
    return response
