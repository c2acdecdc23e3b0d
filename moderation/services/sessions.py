"""Sessions at the desk: each browser that signs in has one, and it can be ended alone."""

import contextlib
import hashlib
import secrets
from datetime import timedelta

from moderation.errors import DatabaseAway, NotFound
from moderation.services import Tools
from moderation.store.tables import DeskSession, Moderator
from moderation.store.unit_of_work import BRIEFLY

IDLE = timedelta(minutes=30)
SKEW = timedelta(minutes=5)  # seen later than now by more: by a clock that has been set back since
LONGEST = timedelta(hours=12)  # a day's shift; then the password again
NOTED = timedelta(minutes=1)  # so exact is it known when a session was last used
KEPT = timedelta(days=30)  # from its beginning


def begin(tools: Tools, moderator: Moderator, browser: str) -> str:
    """Return the token of a new session of whoever has just signed in; it stands in the cookie and nowhere else."""
    token, now = secrets.token_urlsafe(32), tools.now()
    with tools.database.begin() as store:
        store.sessions.add(
            DeskSession(
                digest=_digest(token),
                moderator_id=moderator.id,
                epoch=moderator.session_epoch,
                browser=browser,
                began_at=now,
                seen_at=now,
            )
        )
    return token


def find(tools: Tools, token: str) -> tuple[DeskSession, Moderator] | None:
    """Return the session of a token and whose it is, or None once it is over: ended, idle, too old, account closed."""
    now = tools.now()
    with tools.database.read() as store:
        found = store.sessions.find(_digest(token))
    if found is None:
        return None
    session, _ = found
    if session.seen_at - now > SKEW or now - session.seen_at > IDLE or now - session.began_at > LONGEST:
        return None
    if now - session.seen_at > NOTED:
        # Whoever reads goes on reading while the database cannot write; the session only seems idle for longer.
        with contextlib.suppress(DatabaseAway), tools.database.begin(wait_seconds=BRIEFLY) as store:
            store.sessions.saw(session.id, now)
    return found


def going(tools: Tools, moderator_id: str) -> list[DeskSession]:
    """Return an account's sessions that go on, the one used last first."""
    now = tools.now()
    with tools.database.read() as store:
        return store.sessions.of(moderator_id, seen_since=now - IDLE, began_since=now - LONGEST)


def end(tools: Tools, moderator_id: str, session_id: str, request_id: str = "") -> None:
    """End one session of an account.

    Raises:
        NotFound: the account has no such session, or it has ended.
    """
    now = tools.now()
    with tools.database.begin() as store:
        if not store.sessions.end(session_id, moderator_id, now):
            raise NotFound("There is no such session of yours.")
        store.audit.append(
            at=now,
            actor=moderator_id,
            action="moderator.signed_out",
            subject=f"moderator:{moderator_id}",
            detail={"session": session_id},
            request_id=request_id,
        )


def end_all(tools: Tools, moderator_id: str, request_id: str = "") -> None:
    """End all sessions of an account."""
    with tools.database.begin() as store:
        store.moderators.end_sessions(moderator_id)
        store.audit.append(
            at=tools.now(),
            actor=moderator_id,
            action="moderator.signed_out_everywhere",
            subject=f"moderator:{moderator_id}",
            request_id=request_id,
        )


def forget_old_sessions(tools: Tools) -> int:
    """Delete the sessions that began too long ago to be of use; return how many."""
    before = tools.now() - KEPT
    with tools.database.read() as store:
        if not store.sessions.has_old(before):
            return 0
    with tools.database.begin() as store:
        return store.sessions.forget(before)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
