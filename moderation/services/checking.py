"""What is handed in, and what is wrong with it: each field checked before anything is looked up."""

import re
import unicodedata
from dataclasses import dataclass, field

from moderation.engine.text import unreadable_because
from moderation.errors import InvalidInput
from moderation.services import addresses
from moderation.services.networks import network_of

LONGEST_NAME, LONGEST_ID, HIGHEST_REVISION = 80, 200, 2_147_483_647
FORMS = ("form", "embed")  # sources where a reader types name and address
_MARKS_IN_A_ROW = 12  # no orthography we know piles up more; a wall of them hides other comments
# Overrides turn the reading order of everything after them; marks and isolates, which honest text needs, do not.
_OVERRIDES = "\u202d\u202e"
_TAG = re.compile(
    r"</?(?:a|abbr|address|applet|article|aside|audio|b|base|blockquote|body|br|button|canvas|center|code|div|embed|"
    r"em|font|form|frame|frameset|h[1-6]|head|hr|html|i|iframe|img|input|li|link|marquee|math|meta|object|ol|option|p|"
    r"pre|s|script|select|source|span|strong|style|sub|sup|svg|table|tbody|td|template|textarea|th|title|tr|u|ul|video)"
    r"(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who hands a comment in: a guest by e-mail address, or somebody the site knows by its own id.

    `proven`: whether the writer has shown to be that person, by a link or by single sign-on.
    `address` is the network address the comment was sent from, where it is known.
    """

    name: str
    email: str | None = None
    external_id: str | None = None
    proven: bool = False
    # Hashed with a key and forgotten (services/networks.py).
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment as it is handed in.

    `id`: what it will be called here, where the call that hands it in has a key; the same id is the same comment.
    `notify`: whether its author wishes a mail about replies, in `page_language`; `network`: the keyed hash of the
    network it came from, by which mails are counted.
    """

    site_id: str
    article_id: str
    body: str
    writer: Writer
    parent_id: str | None = None
    language: str | None = None
    source: str = "form"
    id: str | None = None
    external_id: str | None = None
    revision: int = 1
    request_id: str = ""
    notify: bool = False
    page_language: str = "en"
    network: str = ""


def check_fields(new: NewComment, longest: int, *, writer_known: bool = True) -> None:
    """Raise InvalidInput naming each field that is wrong, why, and what to do."""
    problems: dict[str, list[str]] = {}
    problem = unreadable_because(new.body, longest) or unfit(new.body, lines=True)
    if problem:
        problems["body"] = [f"The comment {problem}."]
    if writer_known:
        name, email = new.writer.name, new.writer.email
        problem = unreadable_because(name, LONGEST_NAME) or unfit(name, lines=False)
        if problem:
            problems["name"] = [f"The name {problem}."]
        if email is not None and (problem := addresses.problem_with(email)):
            problems["email"] = [problem]
        if new.source in FORMS and not (email or "").strip() and new.writer.external_id is None:
            problems["email"] = ["The e-mail address is missing. It is not shown to anyone."]
    if new.source == "api" and new.writer.address is not None and not network_of(new.writer.address):
        problems["author.address"] = [
            "This is no network address. Write one such as 192.0.2.7 or 2001:db8::1."
        ]
    ids = {
        "external_id": new.external_id,
        "language": new.language,
        "parent_id": new.parent_id,
        "author_external_id": new.writer.external_id,
    }
    for name, value in ids.items():
        if value is not None and not (value.isprintable() and 1 <= len(value) <= LONGEST_ID):
            problems[name] = [f"{name} must be 1 to {LONGEST_ID} printable characters."]
    if not 1 <= new.revision <= HIGHEST_REVISION:
        problems["revision"] = [f"revision must be a number from 1 to {HIGHEST_REVISION}."]
    if problems:
        raise InvalidInput(
            "The comment could not be taken. Correct what is named and send it again.", problems
        )


def unfit(text: str, *, lines: bool) -> str:
    """Return what must not stand in a field: signs that hide or turn other text, and markup."""
    for char in text:
        if char in _OVERRIDES:
            return "has a sign that turns the direction of writing (U+202D, U+202E). Remove it"
        if unicodedata.category(char) == "Cc" and not (lines and char in "\n\r\t"):
            return "has a control character. Remove it"
    run = 0
    for char in text if not text.isascii() else "":
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run > _MARKS_IN_A_ROW:
            return f"has more than {_MARKS_IN_A_ROW} marks on one letter. Remove them"
    if "\ufffd" in text:
        return "did not arrive whole (U+FFFD). Write it again"
    tag = _TAG.search(text)
    if tag or (not lines and ("<" in text or ">" in text)):
        return f"has markup ({tag.group()[:20]}). Write plain text" if tag else "has < or >. Remove them"
    return ""
