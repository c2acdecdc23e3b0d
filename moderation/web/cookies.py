"""Cookies besides the session's: kept from scripts, and in production from plain HTTP and from every other host."""

from apiflask import APIFlask
from flask import current_app, request
from werkzeug.wrappers import Response


def name_of(name: str, *, secure: bool) -> str:
    """Return a cookie's name; in production one that browsers take from this very host over HTTPS alone.

    https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis section 4.1.3.2.
    """
    return f"__Host-{name}" if secure else name


def register(app: APIFlask, *, secure: bool) -> None:
    """Set how the session's cookie, and the others after it, are kept."""
    app.config.update(
        SESSION_COOKIE_NAME=name_of("moderation", secure=secure),
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )


def kept(name: str) -> str | None:
    """Return what the asker's browser keeps under a name, or None."""
    return request.cookies.get(name_of(name, secure=_secure()))


def keep(response: Response, name: str, value: str, seconds: int) -> None:
    """Let the asker's browser keep a value for so long."""
    secure = _secure()
    response.set_cookie(
        name_of(name, secure=secure), value, max_age=seconds, secure=secure, httponly=True, samesite="Lax"
    )


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
