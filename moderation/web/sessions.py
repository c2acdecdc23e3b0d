"""A moderator's browser: signed in by a token in its cookie, or half way there and owing a code."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apiflask import APIFlask
from flask import g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from moderation.services import sessions
from moderation.store.tables import DeskSession, Moderator
from moderation.web.toolbox import tools

CODE_LASTS = timedelta(minutes=5)  # from the password to the code
# Names that browsers and systems give themselves, the more particular first: Edge calls itself Chrome too.
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


class SignedIn(UserMixin):  # type: ignore[misc]
    """A moderator as Flask-Login carries one, with the session and, where it is known, its token."""

    def __init__(self, moderator: Moderator, token: str, row: DeskSession | None = None) -> None:
        self.moderator, self.token, self.row = moderator, token, row

    def get_id(self) -> str:
        """Return what the cookie keeps."""
        return self.token


@dataclass(frozen=True, slots=True)
class Halfway:
    """Who gave the right password and owes a code, and where to go afterwards."""

    moderator_id: str
    epoch: int
    wanted: str


def register(app: APIFlask) -> None:
    """Let Flask-Login load moderators; it must not hash addresses into a cookie that can be read."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(load)


def load(token: str) -> SignedIn | None:
    """Return who a session belongs to, or None once it is over."""
    found = sessions.find(tools(), token)
    return SignedIn(found[1], token, found[0]) if found else None


def who() -> Moderator | None:
    """Return the moderator who is signed in, or None."""
    signed_in = _signed_in()
    return signed_in.moderator if signed_in else None


def here() -> str:
    """Return the id of this browser's session, or nothing."""
    signed_in = _signed_in()
    return signed_in.row.id if signed_in and signed_in.row else ""


def begin(moderator: Moderator) -> None:
    """Start a new session: nothing of the one before remains, its CSRF token neither."""
    forget()
    login_user(SignedIn(moderator, sessions.begin(tools(), moderator, family(request.user_agent.string))))
    session.pop("_id", None)  # Flask-Login's hash of the address


def begin_halfway(moderator: Moderator, wanted: str = "") -> None:
    """Remember who gave the right password, until the code: nothing opens by that."""
    forget()
    session["halfway"] = {
        "id": moderator.id,
        "epoch": moderator.session_epoch,
        "at": tools().now().isoformat(),
        "wanted": wanted,
    }


def halfway() -> Halfway | None:
    """Return who owes a code here, or None: nobody, or the time is over."""
    kept = session.get("halfway")
    if kept is None or tools().now() - datetime.fromisoformat(kept["at"]) > CODE_LASTS:
        return None
    return Halfway(kept["id"], kept["epoch"], kept["wanted"])


def forget() -> None:
    """Empty the cookie."""
    logout_user()
    session.clear()
    g.pop("csrf_token", None)


def family(user_agent: str) -> str:
    """Return the family of browser and system, by which people know their own; versions are not kept."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def _signed_in() -> SignedIn | None:
    found = current_user._get_current_object()  # noqa: SLF001 - the proxy has no other door
    return found if isinstance(found, SignedIn) else None
