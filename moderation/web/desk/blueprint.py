"""What all pages of the desk share: who is let in, what the navigation shows, and names for ids."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from apiflask import APIBlueprint
from flask import g, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from moderation.errors import InvalidInput
from moderation.services import acting, permissions
from moderation.services.permissions import PERMISSIONS
from moderation.store.tables import Block, Moderator, Step
from moderation.store.unit_of_work import Store
from moderation.web.languages import N_, language
from moderation.web.sign_in import admit, place_to_return
from moderation.web.toolbox import tools

# Of APIFlask, which looks at every blueprint that has a before_request; it describes nothing of this one.
blueprint = APIBlueprint("desk", __name__, url_prefix="/desk", enable_openapi=False)
blueprint.before_request(admit)

View = str | Response | tuple[str, int]
PAGE = 25
V = TypeVar("V", bound=Callable[..., Any])


def needs(permission: str) -> Callable[[V], V]:
    """Return what declares the permission that a view needs; one that declares none is refused to everybody."""
    known = PERMISSIONS[permission].name

    def declare(view: V) -> V:
        view.permission = known  # type: ignore[attr-defined]
        return view

    return declare


def me() -> Moderator:
    """Return the moderator whose request this is."""
    moderator: Moderator = g.moderator
    return moderator


def may(permission: str) -> bool:
    """Return whether whoever is signed in has a permission."""
    moderator: Moderator | None = g.get("moderator")
    return moderator is not None and permissions.may(moderator, permission)


def back(default: str = "") -> str:
    """Return where the form says it came from, within the desk."""
    return (
        place_to_return(request.form.get("back"))
        if request.form.get("back")
        else default or url_for("desk.queue")
    )


def wants_json() -> bool:
    """Return whether a script of ours asks, which shows the answer on the page it is on."""
    return request.accept_mimetypes.best == "application/json"


def is_in_force(block: Block) -> bool:
    """Return whether a block or warning still holds."""
    return block.lifted_at is None and (block.ends_at is None or block.ends_at > tools().now())


def whole_number(text: str) -> int:
    """Return the number that a form field holds, or -1, which nothing has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def title_of(clause: str | None) -> str:
    """Return the title of a clause; its id where the policy no longer has it."""
    if not clause:
        return ""
    try:
        return tools().engine.policy.clause_title(clause, language())
    except KeyError:
        return clause


def clauses() -> list[tuple[str, str]]:
    """Return ids and titles of the clauses, gravest first."""
    found = tools().engine.policy.clauses.values()
    gravest_first = sorted(found, key=lambda clause: -clause.severity)
    return [(clause.id, title_of(clause.id)) for clause in gravest_first]


def rule_options(chosen: str = "", *, by_digit: bool = False) -> Markup:
    """Return the rules as options, made once for all comments of a page; with the digits that choose them by keyboard."""
    return _options(tuple(clauses()), chosen, by_digit=by_digit)


@lru_cache(maxsize=256)
def _options(rules: tuple[tuple[str, str], ...], chosen: str, *, by_digit: bool) -> Markup:
    option = Markup('<option value="{}"{}>{}</option>\n')
    return Markup("").join(
        option.format(
            value,
            Markup(" selected") if value == chosen else "",
            f"{number}. {title}" if by_digit and number <= 9 else title,
        )
        for number, (value, title) in enumerate(rules, 1)
    )


def durations() -> list[tuple[str, str]]:
    """Return for how long a block may be given, as the forms offer it."""
    return [
        ("7", gettext("7 days")),
        ("30", gettext("30 days")),
        ("365", gettext("a year")),
        ("forever", gettext("for ever, until lifted")),
    ]


def days() -> int | None:
    """Return the days that the form asks for, or None for ever."""
    asked = request.form.get("days", "")
    if asked == "forever":
        return None
    if asked.isascii() and asked.isdigit() and 1 <= int(asked[:6]) <= 3650:
        return int(asked)
    raise InvalidInput(
        "Say for how many days, from 1 to 3650, or for ever.", {"days": ["Choose one of the list."]}
    )


def who_is(actor: str | None, names: Mapping[str, str]) -> str:
    """Return who did something, in words; `names` are those of moderators by id."""
    actor = actor or ""
    kind, _, rest = actor.partition(":")
    by_kind = {
        "engine": gettext("the automatic check"),
        "ladder": gettext("the ladder"),
        "cli": gettext("the command line"),
        "key": gettext("an API key"),
        "hook": gettext("a webhook"),
        "reader": gettext("the reader"),
        "reports": gettext("readers’ reports"),
        "clock": gettext("the clock"),
        "import": gettext("an import"),
    }
    return names.get(actor) or names.get(rest) or by_kind.get(kind, actor)


def counts(store: Store) -> dict[str, int]:
    """Return how many comments are in each state; the queue and the navigation of one page count once."""
    if "counts" not in g:
        g.counts = store.desk.counts()
    return dict(g.counts)


STEP_WORDS = {
    ("review", "approve"): N_("Approved"),
    ("review", "reject"): N_("Rejected"),
    ("review", "remove"): N_("Taken down"),
    ("review", "restore"): N_("Restored"),
    ("block", "block"): N_("Blocked"),
    ("block", "block-domain"): N_("Domain blocked"),
    ("block", "block-address"): N_("Address blocked"),
    ("lift", "lift"): N_("Block lifted"),
    ("import", "import"): N_("Blocks imported"),
    ("let-stand", "let-stand"): N_("Reports dismissed"),
    ("appeal", "grant"): N_("Appeal granted"),
    ("appeal", "refuse"): N_("Appeal refused"),
    ("note", "note"): N_("Noted"),
    ("pin", "pin"): N_("Pinned"),
    ("pin", "unpin"): N_("Let go of the top"),
    ("discussion", "open"): N_("Discussion opened"),
    ("discussion", "held-first"): N_("Discussion held first"),
    ("discussion", "closed"): N_("Discussion closed"),
}


def step_words(step: Step) -> str:
    """Return in words what a step did."""
    return str(gettext(STEP_WORDS[step.kind, step.action]))


def navigation() -> list[tuple[str, str, int]]:
    """Return the pages of the desk, with how much waits there."""
    with tools().database.read() as store:
        held, given_up = counts(store).get("held", 0), store.desk.given_up_count()
        appeals, reported = store.appeals.count_open(), store.reports.count_waiting()
    return [
        ("queue", gettext("Queue"), held),
        ("reported", gettext("Reported"), reported),
        ("appeals", gettext("Appeals"), appeals),
        ("steps", gettext("Done and undo"), 0),
        ("blocks", gettext("Block list"), 0),
        ("articles", gettext("Articles"), 0),
        ("rewording_counts", gettext("Rewording"), 0),
        ("policy_room", gettext("Policy"), 0),
        ("learning_room", gettext("Models"), 0),
        ("second_look", gettext("Second look"), 0),
        ("figures", gettext("Figures"), 0),
        ("alerts", gettext("Alerts"), 0),
        ("deliveries", gettext("Deliveries"), given_up),
        ("audit", gettext("Audit log"), 0),
        ("moderators", gettext("Moderators"), 0),
    ]


@blueprint.context_processor
def words_of_the_desk() -> dict[str, object]:
    """Give the templates of the desk what they all use."""
    return {
        "navigation": navigation,
        "may": may,
        "title_of": title_of,
        "clauses": clauses,
        "rule_options": rule_options,
        "durations": durations,
        "is_in_force": is_in_force,
        "actions_on_author": lambda author: acting.actions_on_author(author, me()),
        "actions_on_block": lambda block: acting.actions_on_block(block, me(), tools().now()),
        "may_undo": lambda step: acting.may_undo(step, me()),
        "step_words": step_words,
        "who_is": who_is,
    }
