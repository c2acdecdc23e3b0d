"""The check before posting: what a reader is told of a text, and what became of it, counted without the text.

What a reader was told of travels as a signed token in the form: a keyed digest of the text that was warned of, and
nothing is kept here. Whoever changes the text before sending it has reworded it.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from moderation.engine.types import Verdict
from moderation.services import Tools
from moderation.services.checking import Writer
from moderation.services.submitting import check_text

_TOKEN_HOLDS = 24 * 3600  # seconds: a day to think
STATES = ("published", "held", "rejected")
DAYS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader was told while writing: digest of the text last warned of, and whether sending was halted once."""

    article: str
    warned: str = ""
    halted: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell of a text: the verdict, its public reasons, and the token that the form sends along."""

    verdict: str
    reasons: list[dict[str, Any]]
    can_reword: bool
    token: str


@dataclass(frozen=True, slots=True)
class Days:
    """What became of the texts that were warned of, by day, and all together."""

    days: Mapping[str, "Results"]
    total: "Results"


@dataclass(frozen=True, slots=True)
class Results:
    """How many were warned of, and how many of these were sent, by what was done and what became of them."""

    warned: int
    reworded: Mapping[str, int]
    unchanged: Mapping[str, int]

    @property
    def abandoned(self) -> int:
        """Return how many were not sent, or not yet."""
        return max(0, self.warned - sum(self.reworded.values()) - sum(self.unchanged.values()))


def advise(
    tools: Tools, site_id: str, article_id: str, body: str, parent_id: str | None, name: str, token: str
) -> Advice:
    """Return what to tell a reader of a text that is not sent yet; nothing of the text is stored.

    The name counts, the e-mail address does not: else anybody could ask how the owner of an address stands.

    Raises:
        InvalidInput, NotFound: as for a comment.
    """
    writer = Writer(name) if name.strip() else None
    decision = check_text(tools, site_id, body, article_id=article_id, parent_id=parent_id, writer=writer)
    return advice_on(tools, site_id, article_id, body, decision.as_public(), token)


def advice_on(
    tools: Tools,
    site_id: str,
    article_id: str,
    body: str,
    decision: Mapping[str, Any],
    token: str,
    *,
    halted: bool = False,
) -> Advice:
    """Return what to tell a reader of a decision that was not carried out; the first warning is counted."""
    told = _read(tools, token, article_id)
    verdict, reasons = decision["verdict"], list(decision["reasons"])
    if verdict == Verdict.PUBLISH:
        reasons = []
    # Nobody can reword what waits for another cause, such as a discussion that is read first.
    can_reword = any(reason["clause"] in tools.engine.policy.clauses for reason in reasons)
    if can_reword:
        if not told.warned:
            _count(tools, site_id, "warned")
        told = replace(told, warned=_digest(tools, body), halted=told.halted or halted)
    signed = _signer(tools).dumps({"a": told.article, "w": told.warned, "h": told.halted})
    return Advice(verdict, reasons, can_reword, signed)


def must_ask(tools: Tools, article_id: str, body: str, token: str) -> bool:
    """Return whether a text that would be refused is to be shown before it is sent: once, and not what was shown."""
    told = _read(tools, token, article_id)
    return not told.halted and told.warned != _digest(tools, body)


def count_sent(tools: Tools, site_id: str, article_id: str, body: str, token: str, state: str) -> None:
    """Count what became of a text that was warned of; one that was not is not counted."""
    told = _read(tools, token, article_id)
    if told.warned and state in STATES:
        done = "unchanged" if told.warned == _digest(tools, body) else "reworded"
        _count(tools, site_id, f"{done}-{state}")


def last_days(tools: Tools) -> Days:
    """Return what became of the texts that were warned of in the last 30 days."""
    first = (tools.now() - timedelta(days=DAYS_SHOWN - 1)).date()
    with tools.database.read() as store:
        counted = store.rewordings.since(first)
    together: dict[str, int] = {}
    for numbers in counted.values():
        for what, number in numbers.items():
            together[what] = together.get(what, 0) + number
    return Days({day: _results(numbers) for day, numbers in counted.items()}, _results(together))


def _results(numbers: Mapping[str, int]) -> Results:
    reworded, unchanged = (
        {state: numbers.get(f"{done}-{state}", 0) for state in STATES} for done in ("reworded", "unchanged")
    )
    return Results(numbers.get("warned", 0), reworded, unchanged)


def _count(tools: Tools, site_id: str, what: str) -> None:
    with tools.database.begin() as store:
        store.rewordings.add(site_id, tools.now().date(), what)


def _read(tools: Tools, token: str, article_id: str) -> Told:
    """Return what the token says, or that nothing was told where there is none that holds."""
    try:
        held = _signer(tools).loads(token, max_age=_TOKEN_HOLDS)
    except BadData:
        return Told(article_id)
    return Told(article_id, held["w"], held["h"]) if held["a"] == article_id else Told(article_id)


def _signer(tools: Tools) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(tools.settings.secret_key.get_secret_value(), salt="rewording")


def _digest(tools: Tools, body: str) -> str:
    key = tools.settings.secret_key.get_secret_value().encode()
    text = body.replace("\r\n", "\n").strip().encode("utf-8", "surrogatepass")
    return hmac.new(key, b"rewording:" + text, hashlib.sha256).hexdigest()[:32]
