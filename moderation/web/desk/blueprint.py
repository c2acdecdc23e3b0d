"""What all pages of the desk share: who is let in, what the navigation shows, and names for ids."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from moderation.errors import InvalidInput
from moderation.store.tables import Block, Moderator
from moderation.web.sign_in import admit, place_to_return
from moderation.web.toolbox import tools

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
blueprint.before_request(admit)

View = str | Response | tuple[str, int]
PAGE = 25
V = TypeVar("V", bound=Callable[..., Any])


def administrators_only(view: V) -> V:
    """Mark a view whose changes only an administrator may make."""
    view.administrators_only = True  # type: ignore[attr-defined]
    return view


def me() -> Moderator:
    """Return the moderator whose request this is."""
    moderator: Moderator = g.moderator
    return moderator


def may_act() -> bool:
    """Return whether the moderator may change anything; a viewer may not."""
    return me().role != "viewer"


def back(default: str = "") -> str:
    """Return where the form says it came from, within the desk."""
    return place_to_return(request.form.get("back")) if request.form.get("back") else default or url_for("desk.queue")


def is_in_force(block: Block) -> bool:
    """Return whether a block or warning still holds."""
    now: datetime = tools().now()
    return block.lifted_at is None and block.expired_at is None and (block.ends_at is None or block.ends_at > now)


def title_of(clause: str | None) -> str:
    """Return the title of a clause; its id where the policy no longer has it."""
    if not clause:
        return ""
    try:
        return tools().engine.policy.clause_title(clause)
    except KeyError:
        return clause


def clauses() -> list[tuple[str, str]]:
    """Return ids and titles of the clauses, gravest first."""
    found = tools().engine.policy.clauses.values()
    return [(clause.id, clause.title) for clause in sorted(found, key=lambda clause: -clause.severity)]


def days() -> int | None:
    """Return the days that the form asks for, or None for ever."""
    asked = request.form.get("days", "")
    if asked == "forever":
        return None
    if asked.isascii() and asked.isdigit() and 1 <= int(asked[:6]) <= 3650:
        return int(asked)
    raise InvalidInput("Say for how many days, from 1 to 3650, or for ever.", {"days": ["Choose one of the list."]})
