"""The check before posting: a panel under the form while a reader pauses, a page for browsers without script."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from moderation.errors import InvalidInput, NotFound, Reconsider
from moderation.services import rewording
from moderation.web import discussions, marking, pages
from moderation.web.toolbox import tools
from moderation.web.wording import worded

blueprint = Blueprint("rewording", __name__)

View = str | Response | tuple[str, int]


@blueprint.post("/articles/<slug>/check")
def check(slug: str) -> View:
    """Tell which words of a text break which sentence of the policy; as a part of the page for our script."""
    typed = discussions.Typed.of_the_form()
    with tools().database.read() as store:
        site, shown = discussions.find_article(store, slug)
    try:
        advice = rewording.advise(
            tools(), site.id, shown.id, typed.body, typed.parent or None, typed.name, token_sent()
        )
    except InvalidInput as error:
        if is_for_script():
            return "", error.status
        return pages.discussion(slug, typed, error.fields or {"body": [str(error)]}, error.status)
    except NotFound as error:
        return pages.not_posted(error, slug, typed.body)
    given = facts(advice, typed.body)
    if is_for_script():
        return render_template("check_panel.html", **given)
    return render_template("check.html", site=site, article=shown, typed=typed, asked=True, **given)


@pages.blueprint.errorhandler(Reconsider)
def reconsider(error: Reconsider) -> tuple[str, int]:
    """Show a comment that would be refused to its author once before it is sent."""
    typed = discussions.Typed.of_the_form()
    with tools().database.read() as store:
        site, shown = discussions.find_article(store, (request.view_args or {})["slug"])
    advice = rewording.advice_on(
        tools(), site.id, shown.id, typed.body, error.decision, token_sent(), halted=True
    )
    page = render_template("check.html", site=site, article=shown, typed=typed, **facts(advice, typed.body))
    return page, error.status


@blueprint.errorhandler(RateLimitExceeded)
def too_many(error: RateLimitExceeded) -> Response:
    """Return 429 with the seconds to wait; the text is given back."""
    return pages.too_fast(error)


@blueprint.errorhandler(CSRFError)
def form_expired(error: CSRFError) -> tuple[str, int] | Response:
    """Return the form as it was typed, with a token of this session."""
    return pages.form_expired(error)


def is_for_script() -> bool:
    """Return whether our script asks, which wants a part of the page."""
    return "panel" in request.args


def token_sent() -> str:
    """Return the token that the form carries of earlier checks."""
    return request.form.get("checked", "")


def facts(advice: rewording.Advice, body: str) -> dict[str, Any]:
    """Return what the templates show: rules in words, the words they point at; no score and no threshold."""
    reasons = [
        {
            **worded(reason["clause"], reason["sentence"]),
            "spans": reason["spans"],
            "words": marking.words(body, reason) if advice.can_reword else [],
        }
        for reason in advice.reasons
    ]
    return {
        "verdict": advice.verdict,
        "reasons": reasons,
        "can_reword": advice.can_reword,
        "token": advice.token,
    }
