"""Who is reading: a reader's session after a link or single sign-on, beside a moderator's and apart from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apiflask import APIFlask
from flask import g, request, session
from itsdangerous import BadData, URLSafeTimedSerializer

from moderation.errors import NotSignedIn
from moderation.services import addresses
from moderation.services.checking import Writer
from moderation.store.tables import Author
from moderation.web.toolbox import tools

LASTS = timedelta(hours=12)  # then the link or the site's token again
_KEY = "reader"
PASS_LASTS = 2 * 3600  # seconds
HEADER = "X-Reader"  # a header: no form and no script of another site can send it


def register(app: APIFlask) -> None:
    """Let templates ask who is reading."""
    app.jinja_env.globals.update(reader=current, reader_of=reader_of)


def begin(author: Author) -> None:
    """Start a reader's session: nothing of the one before remains, its CSRF token neither."""
    session.pop(_KEY, None)
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    g.pop("reader", None)
    session[_KEY] = {
        "author": author.id,
        "epoch": author.session_epoch,
        "began_at": tools().now().isoformat(),
    }


def end() -> None:
    """End the session here; `store.readers.end_sessions` ends it everywhere."""
    session.pop(_KEY, None)
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    g.pop("reader", None)


def current() -> Author | None:
    """Return who is reading, or None: nobody known, signed out, too long ago, erased."""
    if "reader" not in g:
        g.reader = _load()
    found: Author | None = g.reader
    return found


def reader_of(site_id: str) -> Author | None:
    """Return who is reading, if known to this site."""
    author = current()
    return author if author is not None and author.site_id == site_id else None


def pass_for(author: Author) -> str:
    """Return what says who is reading to the pages of one frame: signed, for two hours, kept by our script there."""
    return _signer().dumps({"author": author.id, "epoch": author.session_epoch})


def know_by_pass() -> bool:
    """Take who is reading from the pass of this request and from no cookie; return False where it is over."""
    g.reader, sent = None, request.headers.get(HEADER, "")
    if not sent:
        return True
    try:
        said = _signer().loads(sent, max_age=PASS_LASTS)
    except BadData:
        return False
    g.reader = _find(said["author"], said["epoch"])
    return g.reader is not None


def need() -> Author:
    """Return who is reading, or raise NotSignedIn."""
    author = current()
    if author is None:
        raise NotSignedIn("Your session is over. Ask for another link under My comments.")
    return author


def writer(site_id: str, name: str, email: str) -> Writer:
    """Return who hands a comment in: the reader of this session, or the guest who typed name and address."""
    author = reader_of(site_id)
    if author is not None and author.external_id is not None:
        return Writer(author.name, author.email, author.external_id, proven=True, address=request.remote_addr)
    same = (
        author is not None
        and not addresses.problem_with(email)
        and author.email_key == addresses.email_key(tools(), email)
    )
    return Writer(name, email or None, proven=same, address=request.remote_addr)


@dataclass(frozen=True, slots=True)
class _Kept:
    author_id: str
    epoch: int
    began_at: datetime


def _load() -> Author | None:
    try:
        said = session[_KEY]
        kept = _Kept(str(said["author"]), int(said["epoch"]), datetime.fromisoformat(said["began_at"]))
    except (KeyError, TypeError, ValueError):
        return None
    if tools().now() - kept.began_at > LASTS:
        return None
    return _find(kept.author_id, kept.epoch)


def _find(author_id: str, epoch: int) -> Author | None:
    with tools().database.read() as store:
        author = store.people.get(author_id)
    if author is None or author.erased_at is not None or author.session_epoch != epoch:
        return None
    return author


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(tools().settings.secret_key.get_secret_value(), salt="reader-in-a-frame")
