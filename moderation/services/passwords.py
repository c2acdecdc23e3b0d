"""Passwords: hashed slowly, good enough or not, and guessed slowly."""

import re
import secrets
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from moderation.errors import InvalidInput, NotSignedIn
from moderation.services import Tools
from moderation.store.tables import Moderator
from moderation.store.unit_of_work import Store

SHORTEST, LONGEST = 12, 200
# OWASP's minimum for argon2id is 19 MiB, 2 passes; this takes about 50 ms on one core.
_HASHER = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
NOBODYS = _HASHER.hash(secrets.token_urlsafe(16))  # checked for unknown accounts, so that they take as long
_FREE_TRIES = (
    5  # then each failure doubles the pause, up to the longest: slow for guessers, no lock-out for ever
)
_LONGEST_PAUSE = timedelta(minutes=15)
_FEWEST_GUESSES = 1e8  # zxcvbn's "safely unguessable" against guesses that are slowed down
_LOOKED_AT = 40  # characters: what follows can only make it harder, and reading all takes half a second
_OF_THIS_HOUSE = ("moderation", "moderator", "comments", "asbarez", "correcthorsebatterystaple")
# Argon2 takes memory and a core for its time; who signs in meanwhile waits, pages go on being served.
_AT_ONCE = BoundedSemaphore(2)


def hashed(password: str) -> str:
    """Return what is kept of a password; it takes its time, so ask outside of transactions."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(kept: str, password: str) -> bool:
    """Return whether this is the password of which that was kept."""
    try:
        with _AT_ONCE:
            return _HASHER.verify(kept, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def is_outdated(kept: str) -> bool:
    """Return whether what is kept was made under weaker settings than today's."""
    return _HASHER.check_needs_rehash(kept)


def problem_with(password: str, email: str) -> str:
    """Return the sentence that tells what is wrong with a new password, or nothing."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"Choose a password of {SHORTEST} to {LONGEST} characters."
    if any("\ud800" <= char <= "\udfff" for char in password):
        return "The password has half of a surrogate pair. Type it again."
    if _guesses(password, email) < _FEWEST_GUESSES:
        return "This password is too easy to guess. Several words make a good one."
    return ""


def _guesses(password: str, email: str) -> float:
    """Return how many guesses find it: by the commonest passwords, words, names, keys in a row, dates, and its owner."""
    from zxcvbn import zxcvbn  # noqa: PLC0415  its lists take memory, and only who sets a password needs them

    name = email.casefold().partition("@")[0]
    owner = [name, *re.split(r"[.+_-]", name)]
    found = zxcvbn(password[:_LOOKED_AT], user_inputs=[*owner, *_OF_THIS_HOUSE])
    return float(found["guesses"])


def is_paused(moderator: Moderator, now: datetime) -> bool:
    """Return whether an account hears neither password nor code yet, because too many were wrong."""
    return moderator.next_sign_in_at is not None and moderator.next_sign_in_at > now


def count_failure(store: Store, moderator_id: str, now: datetime, *, of: str) -> None:
    """Count a wrong password or code (`of`); after some each doubles the pause before the next is heard."""
    failures = store.moderators.sign_in_failed(moderator_id, None)
    if failures >= _FREE_TRIES:
        pause = min(_LONGEST_PAUSE, timedelta(seconds=2 ** min(20, failures - _FREE_TRIES)))
        store.moderators.pause_sign_in(moderator_id, now + pause)
    store.audit.append(
        at=now,
        actor="unknown",
        action="moderator.sign_in_failed",
        subject=f"moderator:{moderator_id}",
        detail={"failures": failures, "of": of},
    )


def prove(tools: Tools, moderator_id: str, password: str, field: str = "password") -> Moderator:
    """Return the account as it is now, once its owner has shown that he knows its password.

    Raises:
        InvalidInput: he does not; it counts as a failed sign-in, and in the pause that follows none fits.
        NotSignedIn: the account is closed.
    """
    now = tools.now()
    with tools.database.read() as store:
        moderator = store.moderators.get(moderator_id)
    if moderator is None or moderator.deactivated_at is not None:
        raise NotSignedIn("This account is closed.")
    right = fits(moderator.password_hash or NOBODYS, password)
    if right and not is_paused(moderator, now):
        return moderator
    if not is_paused(moderator, now):
        with tools.database.begin() as store:
            count_failure(store, moderator_id, now, of="password")
    raise InvalidInput(
        "Correct what is named.",
        {field: ["This is not your password. After several failures, wait some minutes."]},
    )
