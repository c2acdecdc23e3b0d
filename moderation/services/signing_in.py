"""Moderators sign in: a password, then a code where the account has a second factor; both slow to guess."""

from moderation.errors import NotSignedIn
from moderation.services import Tools, passwords, second_factor
from moderation.services.admitting import typed
from moderation.store.tables import Moderator

_WRONG = "E-mail address and password do not fit together. After several failures, wait some minutes."
_WRONG_CODE = "The code does not fit, or was used already. After several failures, wait some minutes."


def sign_in(tools: Tools, email: str, password: str) -> Moderator:
    """Return whose address and password these are; who has a second factor is signed in by `give_code` alone.

    Raises:
        NotSignedIn: in the same words and after the same work for every cause, so that nobody learns who has an
            account; during the pause that follows failures even the right password does not fit.
    """
    now = tools.now()
    with tools.database.read() as store:
        moderator = store.moderators.get_by_email(typed(email))
    usable = moderator is not None and moderator.deactivated_at is None
    kept = moderator.password_hash if moderator is not None and usable else None
    right = passwords.fits(kept or passwords.NOBODYS, password) and kept is not None
    if moderator is None or passwords.is_paused(moderator, now):
        raise NotSignedIn(_WRONG)
    again = passwords.hashed(password) if right and passwords.is_outdated(kept or "") else None
    with tools.database.begin() as store:
        if right:
            if again:
                store.moderators.rehash_password(moderator.id, again)
            # Failures are forgotten only once both fit: a known password must not buy guesses at the code.
            if moderator.second_factor_at is None:
                store.moderators.signed_in(moderator.id, now)
            store.audit.append(
                at=now,
                actor=moderator.id,
                action="moderator.signed_in"
                if moderator.second_factor_at is None
                else "moderator.asked_for_code",
                subject=f"moderator:{moderator.id}",
            )
        else:
            passwords.count_failure(store, moderator.id, now, of="password")
    if not right:
        raise NotSignedIn(_WRONG)
    return moderator


def give_code(tools: Tools, moderator_id: str, epoch: int, code: str) -> Moderator:
    """Return who signs in with a code after the password; `epoch` is that of the account when the password fitted.

    Raises:
        NotSignedIn: the code is wrong or was used, the account pauses, or was changed or closed since.
    """
    now = tools.now()
    with tools.database.begin() as store:
        moderator = store.moderators.get(moderator_id)
        usable = (
            moderator is not None
            and moderator.deactivated_at is None
            and moderator.session_epoch == epoch
            and not passwords.is_paused(moderator, now)
        )
        used = second_factor.use(tools, store, moderator, code, now) if moderator and usable else ""
        if moderator is not None and used:
            store.moderators.signed_in(moderator.id, now)
            store.audit.append(
                at=now,
                actor=moderator.id,
                action="moderator.signed_in",
                subject=f"moderator:{moderator.id}",
                detail={"by": used},
            )
            return moderator
        if moderator is not None and usable:
            passwords.count_failure(store, moderator.id, now, of="code")
    raise NotSignedIn(_WRONG_CODE)
