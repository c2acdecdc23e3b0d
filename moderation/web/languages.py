"""The languages there are: which one a page is in, how to change it, and sentences said in it.

A reader's choice (`?lang=hy`) goes before the language of the site, and that before what the browser asks for. The
choice is kept in a cookie of its own, which says nothing of anybody; where the browser keeps none, as in a frame on
another site, the links of the page carry it on. At the desk the language of the site does not count: whoever moderates
an Armenian paper chooses Armenian, or has a browser that asks for it. Doors for programs speak English.

`translations/<language>/LC_MESSAGES/messages.po` holds the words (`make translations`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from apiflask import APIFlask
from flask import current_app, g, request
from flask_babel import Babel, get_locale, get_translations
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from moderation.errors import ModerationError
from moderation.store.tables import Site
from moderation.web import cookies
from moderation.web.problems import FOR_PROGRAMS
from moderation.web.toolbox import tools

LANGUAGES = {"en": "English", "hy": "Հայերեն"}  # each in its own words
DEFAULT = "en"
COOKIE, KEPT_FOR = "language", 365 * 24 * 3600


def N_(sentence: str) -> str:  # noqa: N802 - the usual name, which the extractor knows
    """Mark a sentence for the catalogue and return it as it is."""
    return sentence


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A language this page can be read in; `address` is the page itself in that language."""

    code: str
    name: str
    address: str
    chosen: bool


def register(app: APIFlask) -> None:
    """Let `app` speak every language there is a catalogue for."""
    Babel(app, default_locale=DEFAULT, locale_selector=select)
    # A page of the desk says some 3,000 words: the catalogue is looked up once for a request, not for each of them.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of jinja2.ext.i18n, which Babel adds
        gettext=lambda one: _catalogue().ugettext(one),
        ngettext=lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
    )
    app.url_defaults(carry_choice)
    app.after_request(keep_choice)
    app.jinja_env.globals.update(language=language, direction=direction, language_links=language_links)


def _catalogue() -> Any:
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def select() -> str:
    """Return the language of the page that was asked for."""
    if speaks_english_only():
        return DEFAULT
    asked_for = (chosen(), cookies.kept(COOKIE))
    found = next((code for code in asked_for if code in LANGUAGES), None)
    if found is None and not request.path.startswith("/desk/"):
        of_the_site = _primary(_language_of_the_site())
        found = of_the_site if of_the_site in LANGUAGES else None
    return found or request.accept_languages.best_match(LANGUAGES, DEFAULT) or DEFAULT


def speaks_english_only() -> bool:
    """Return whether this is a door for programs."""
    return request.path.startswith(FOR_PROGRAMS)


def chosen() -> str | None:
    """Return the language that the address asks for, or None."""
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else None


def of_site(site: Site | None) -> None:
    """Remember whose page this is: its language counts where the reader chose none."""
    g.language_of_the_site = site.language if site else ""


def _language_of_the_site() -> str:
    """Return the language of the site, of the oldest one where the page belongs to none."""
    if "language_of_the_site" not in g:
        try:
            with tools().database.read() as store:
                of_site(next(iter(store.sites.all()), None))
        except ModerationError:  # a page that says that the database is away must not need it
            of_site(None)
    return str(g.language_of_the_site)


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()


def language() -> str:
    """Return the code of the page's language, for `lang`."""
    locale = get_locale()
    return locale.language if locale else DEFAULT


def direction() -> str:
    """Return `ltr` or `rtl`, for `dir`."""
    locale = get_locale()
    return locale.text_direction if locale else "ltr"


def language_links() -> list[LanguageLink]:
    """Return this page in every language; none where it speaks English only."""
    if speaks_english_only():
        return []
    return [
        LanguageLink(code, name, _here(lang=code), code == language()) for code, name in LANGUAGES.items()
    ]


def _here(**changes: str) -> str:
    """Return the address of this page, or, of one that answers a form, of the page above it."""
    path, query = request.path, request.args.to_dict(flat=False)
    if request.method not in ("GET", "HEAD"):
        query = {}
        path = next(filter(_can_be_opened, _upwards(path)), "/")
    # One slash: two would lead to another host.
    address = request.script_root + "/" + quote(path.lstrip("/"))
    return f"{address}?{urlencode({**query, **changes}, doseq=True)}"


def _upwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]


def _can_be_opened(path: str) -> bool:
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return False
    return True


def carry_choice(endpoint: str, values: dict[str, Any]) -> None:
    """Add the choice to the addresses of a page whose browser has not shown that it keeps it.

    The desk needs no such help: nobody is signed in there without a browser that keeps cookies.
    """
    if not request or endpoint == "static" or endpoint.startswith(("desk.", "sign_in.")):
        return
    if (code := chosen()) and cookies.kept(COOKIE) != code:
        values.setdefault("lang", code)


def keep_choice(response: Response) -> Response:
    """Keep what the address asked for until the reader chooses again."""
    code = chosen()
    if code and not speaks_english_only() and cookies.kept(COOKIE) != code:
        cookies.keep(response, COOKIE, code, KEPT_FOR)
    return response
