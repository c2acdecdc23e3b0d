"""Plain text out of the HTML that other systems send: no less than a reader of their page would see."""

import html
import re

# No `<` inside: each place is looked at once, and what opens and never ends stays as it is.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^<>]*)>", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*[\"']?([^\"'\s]+)", re.IGNORECASE)
_BREAKS = frozenset(
    "address article blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre section table td th tr ul".split()  # noqa: SIM905
)
# Overrides turn the reading order of what follows; a replacement character is what decoding could not read.
_REPLACED: dict[int, str | None] = {0x202D: None, 0x202E: None, 0xFFFD: "?"}
_REPLACED |= {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}


def text_of(markup: str) -> str:
    """Return the text of a piece of HTML, or of plain text, with the addresses of its links.

    Control characters go. What stands in comments, scripts and styles stays: a site that strips their tags shows it.
    """
    text = html.unescape(_TAG.sub(_instead, markup.replace("\r\n", "\n").replace("\r", "\n")))
    return text.translate(_REPLACED).strip()


def typed(text: str) -> str:
    """Return a text that is plain already without the signs that no field takes."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_REPLACED).strip()


def line_of(markup: str, longest: int) -> str:
    """Return the text of a name as one line of at most `longest` characters without angle brackets."""
    return " ".join(text_of(markup).replace("<", " ").replace(">", " ").split())[:longest].rstrip()


def _instead(tag: re.Match[str]) -> str:
    """Return what stands in a tag's place: the address of a link, the break of a block, nothing."""
    closing, name, rest = tag[1], tag[2].lower(), tag[3]
    if name == "a" and not closing and (address := _HREF.search(rest)):
        return f" {address[1]} "
    return "\n" if name in _BREAKS else ""
