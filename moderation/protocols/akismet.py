"""Akismet's API 1.1 and 1.2 as its clients read it: forms in, bare words out.

https://akismet.com/developers/detailed-docs/ and the sources of the WordPress plug-in, 5.0.2 and 5.5. Clients compare
the body for equality, so there is no byte more; a body that is none of the words makes WordPress hold the comment and
ask again.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from moderation.errors import InvalidInput
from moderation.protocols.plain_text import line_of, text_of

THANKS = "Thanks for making the web a better place."
VALID, INVALID, SPAM, HAM = "valid", "invalid", "true", "false"
HELD = "held"  # no word of the protocol: the plug-in holds the comment and asks again every 20 minutes
# Seconds. Plug-in 5.5 publishes by itself after twice this time, so it must be longer than any queue of ours.
RECHECK_AFTER = 365 * 24 * 3600
_LONGEST_HELP = 300
_MOST_FIELDS = 1_000
_TEXT_CHARSETS = re.compile(r"utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d|koi8-[ru]")
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w-]+)", re.ASCII)
# WordPress adds backslashes to what a form sent before a plug-in sees it.
_SLASHED = re.compile(r"\\(['\"\\])")
_PLUG_IN = re.compile(r"WordPress/\S+ \| Akismet/")
_SURE_SPAM = ("akismet-guaranteed-spam", "viagra-test-123")
_SURE_SPAM_ADDRESS = "akismet-guaranteed-spam@example.com"
# What one person writes to another, or to nobody: not for a queue that colleagues read.
_PRIVATE = frozenset(("contact-form", "message", "signup"))
_YES = frozenset(("1", "true", "yes", "on"))

Period = Literal["60-days", "6-months", "all"]


@dataclass(frozen=True)
class Call:
    """What a client sent, by the names of the protocol; a field that is absent is an empty text."""

    fields: Mapping[str, str] = field(repr=False)
    host: str = ""
    user_agent: str = ""

    def _line(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    @property
    def key(self) -> str:
        """Return the key: of the body or query, else the first label of a host `KEY.rest...`."""
        given = self._line("api_key") or self._line("key")
        labels = self.host.partition(":")[0].split(".")
        return given or (labels[0] if len(labels) > 2 and labels[1].lower() == "rest" else "")

    @property
    def blog(self) -> str:
        """Return the address of the site's front page."""
        return self._line("blog")

    @property
    def permalink(self) -> str:
        """Return the address of the page under discussion, the front page where none is named."""
        return self._line("permalink") or self.blog

    @cached_property
    def text(self) -> str:
        """Return what is to be decided on, as plain text."""
        return text_of(self._unslashed("comment_content"))

    @cached_property
    def name(self) -> str:
        """Return the author's name as one line of at most 80 characters."""
        return line_of(self._unslashed("comment_author"), 80)

    @property
    def email(self) -> str:
        """Return the author's address as it was given."""
        return self._line("comment_author_email")

    @property
    def user_ip(self) -> str:
        """Return the network address the comment came from, as it was given."""
        return self._line("user_ip")

    @property
    def user_id(self) -> str:
        """Return the id of an author who is signed in there, as the plug-in sends it."""
        given = self._line("user_id") or self._line("user_ID")
        return given if given.isascii() and given.isdigit() and given.strip("0") and len(given) < 20 else ""

    @property
    def post_id(self) -> str:
        """Return WordPress's number of the page, which its webhook wants back."""
        given = self._line("comment_post_ID")
        return given if given.isascii() and given.isdigit() and len(given) < 20 else ""

    @property
    def callback(self) -> str:
        """Return where a later verdict is wanted."""
        return self._line("callback")

    @property
    def guid(self) -> str:
        """Return the guid of an earlier answer."""
        return self._line("guid")

    @property
    def is_test(self) -> bool:
        """Return whether nothing may follow from the call."""
        return self._line("is_test").lower() in _YES

    @property
    def is_recheck(self) -> bool:
        """Return whether the comment was asked about before."""
        return bool(self._line("recheck_reason") or self._line("comment_ID"))

    @property
    def is_private(self) -> bool:
        """Return whether the text is no public comment."""
        return self._line("comment_type").lower() in _PRIVATE

    @property
    def is_sure_spam(self) -> bool:
        """Return whether the protocol says `true` whatever the text is: a test value, or a field no person sees."""
        honeypot = self._line("honeypot_field_name")
        return (
            self._line("comment_author").lower() in _SURE_SPAM
            or self.email.lower() == _SURE_SPAM_ADDRESS
            or bool(honeypot and self._line(honeypot))
        )

    @property
    def is_by_administrator(self) -> bool:
        """Return whether the site vouches for the author, whom the protocol never calls a spammer."""
        return "administrator" in (role.strip().lower() for role in self._line("user_role").split(","))

    @property
    def is_by_plug_in(self) -> bool:
        """Return whether WordPress's own plug-in asks."""
        return _PLUG_IN.match(self.user_agent) is not None

    def _unslashed(self, name: str) -> str:
        given = self.fields.get(name, "")
        return _SLASHED.sub(r"\1", given) if self.is_by_plug_in else given


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to the letter."""

    body: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    mimetype: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Usage:
    """How often a site called, and what came of it."""

    api_calls: int = 0
    spam: int = 0
    missed_spam: int = 0
    false_positives: int = 0
    checks: int = 0

    @property
    def ham(self) -> int:
        """Return how many comments were not called spam."""
        return self.checks - self.spam


def read(body: bytes, query: bytes, content_type: str = "", host: str = "", user_agent: str = "") -> Call:
    """Return the call that a form tells, whatever content type it is sent as: some clients send none.

    Of a name that stands twice the last counts, as in PHP. Raises InvalidInput for too many fields.
    """
    named = _CHARSET.search(content_type.lower())
    charset = named[1] if named and _TEXT_CHARSETS.fullmatch(named[1]) else "utf-8"
    fields: dict[str, str] = {}
    for form in (query, body):
        try:
            fields |= parse_qsl(
                form.decode(charset, "replace"),
                keep_blank_values=True,
                encoding=charset,
                errors="replace",
                max_num_fields=_MOST_FIELDS,
            )
        except LookupError:  # iso-8859-99
            raise InvalidInput("The charset of the content type is not known. Send UTF-8.") from None
        except ValueError:
            raise InvalidInput(f"There are more than {_MOST_FIELDS} fields. Send fewer.") from None
    return Call(fields, host, user_agent)


def host_of(url: str) -> str:
    """Return the host of an address, nothing where it has none."""
    place = _place(url)
    return place[0] if place else ""


def of_the_site(origin: str, url: str) -> bool:
    """Return whether an address lies on a site, with http or https, with or without www."""
    there, here = _place(origin), _place(url)
    return there is not None and there == here


def _place(url: str) -> tuple[str, int | None] | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return None
    return host.removeprefix("www."), None if port in (80, 443) else port


def verified() -> Reply:
    """Return the answer for a key that is this site's."""
    return Reply(VALID)


def invalid(why: str) -> Reply:
    """Return the answer for a wrong key or site, or for a call that cannot be read."""
    return Reply(INVALID, {"X-akismet-debug-help": _header(why)})


def failed(why: str) -> Reply:
    """Return the answer for an accident: no word of the protocol, so that the plug-in holds and asks again."""
    return Reply("error", {"X-akismet-debug-help": _header(why)})


def checked(call: Call, spam: bool | None, guid: str, *, discard: bool = False, why: str = "") -> Reply:
    """Return the answer to a check; None: a person will decide.

    Who sent a callback holds the comment until told. The plug-in before 5.3 holds it on any unknown word, and asks
    again. Who has but two answers gets `true`: it waits where the site keeps its spam.
    """
    headers = {"X-akismet-guid": guid}
    if why:
        headers["X-akismet-debug-help"] = _header(why)
    if spam is None and call.callback and not call.is_recheck:
        return Reply(HAM, headers | {"X-akismet-recheck-after": str(RECHECK_AFTER)})
    if spam is None and call.is_by_plug_in:
        return Reply(HELD, headers)
    if spam is False:
        return Reply(HAM, headers)
    return Reply(SPAM, headers | ({"X-akismet-pro-tip": "discard"} if discard else {}))


def thanked() -> Reply:
    """Return the answer to a judgement that was taken."""
    return Reply(THANKS)


def usage_limit(usage: Usage) -> Reply:
    """Return how much of the month's limit is used: there is none."""
    return _json({"limit": "none", "usage": usage.api_calls, "percentage": "0.00", "throttled": False})


def key_sites(call: Call, site: str, usage: Usage, now: datetime) -> Reply:
    """Return the sites of a key for the month that is asked for: a key is one site's, so there is one."""
    month, limit, offset = month_of(call, now), _number(call, "limit", 500), _number(call, "offset", 0)
    wanted = call.fields.get("filter", "").strip().lower() in site.lower() and usage.api_calls > 0
    shown = wanted and offset == 0 and limit > 0
    counts = {
        "site": site,
        "api_calls": str(usage.api_calls),
        "spam": str(usage.spam),
        "ham": str(usage.ham),
        "missed_spam": str(usage.missed_spam),
        "false_positives": str(usage.false_positives),
        "is_revoked": False,
    }
    if call.fields.get("format", "json").strip().lower() == "csv":
        lines = [
            f"Active sites for {call.key} during {month} (limit:{limit}, offset: {offset}, total: {int(wanted)})",
            "Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked",
            *([",".join([*map(str, [*counts.values()][:-1]), "false"])] if shown else []),
        ]
        return Reply("\n".join(lines) + "\n", mimetype="text/csv")
    return _json({month: [counts] if shown else [], "limit": limit, "offset": offset, "total": int(wanted)})


def month_of(call: Call, now: datetime) -> str:
    """Return the month that is asked for as YYYY-MM, this month where none is; InvalidInput where it is none."""
    month = call.fields.get("month", "").strip() or f"{now:%Y-%m}"
    if not re.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])", month, re.ASCII):
        raise InvalidInput("month: Not a month. Write it as YYYY-MM.")
    return month


def _number(call: Call, name: str, default: int) -> int:
    given = call.fields.get(name, "").strip()
    if given and not (given.isascii() and given.isdigit() and len(given) < 10):
        raise InvalidInput(f"{name}: Not a whole number. Send digits alone.")
    return int(given) if given else default


def subscription(site: str) -> Reply:
    """Return what the plug-in's page shows of an account: the site, and that it is active."""
    return _json(
        {
            "account_id": 0,
            "account_name": site,
            "account_type": "comment moderation",
            "status": "active",
            "user_email": "",
            "user_login": site,
            "user_id": 0,
            "next_billing_date": None,
            "limit_reached": False,
        }
    )


def stats(usage: Usage) -> Reply:
    """Return what the plug-in's page shows of a period: accuracy is the share of comments that nobody corrected."""
    wrong = min(usage.checks, usage.missed_spam + usage.false_positives)
    accuracy = 100 * (1 - wrong / usage.checks) if usage.checks else 100.0
    return _json(
        {
            "spam": usage.spam,
            "ham": usage.ham,
            "missed_spam": usage.missed_spam,
            "false_positives": usage.false_positives,
            "accuracy": f"{accuracy:.2f}",
            "time_saved": 0,
        }
    )


def period_of(call: Call) -> Period:
    """Return the period that get-stats asks for."""
    periods: dict[str, Period] = {"60-days": "60-days", "6-months": "6-months"}
    return periods.get(call.fields.get("from", "").strip(), "all")


def later_verdict(guid: str, *, spam: bool, post_id: str, email: str) -> str:
    """Return what became of a comment, as the plug-in's webhook takes it, without the key it wants beside it."""
    told = {"guid": guid, "result": SPAM if spam else HAM}
    if post_id:
        told["comment_post_ID"] = post_id
    if email:
        told["comment_author_email"] = email
    return json.dumps({"endpoint": "comment-check", "comments": [told]}, ensure_ascii=False)


def keyed(payload: str, key: str) -> tuple[bytes, dict[str, str]]:
    """Return body and headers that carry a later verdict; the key is what the plug-in knows us by."""
    body = json.dumps({"key": key, **json.loads(payload)}, ensure_ascii=False).encode()
    return body, {"content-type": "application/json"}


def _json(value: Mapping[str, object]) -> Reply:
    return Reply(json.dumps(value, separators=(",", ":")), mimetype="application/json")


def _header(sentence: str) -> str:
    """Return a sentence that may stand in a header."""
    return re.sub(r"[^ -~]+", " ", sentence)[:_LONGEST_HELP].strip()
