"""Who may enter the desk: invitations, one-time links, roles, accounts closed. Signing in: `signing_in.py`."""

import hashlib
import secrets
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email

from moderation.errors import Conflict, InvalidInput, NotFound
from moderation.services import Tools, passwords
from moderation.services.checking import LONGEST_NAME
from moderation.services.permissions import ROLES
from moderation.store.tables import Moderator, OneTimeLink
from moderation.store.unit_of_work import Store

INVITATION_LASTS, RESET_LASTS = timedelta(days=7), timedelta(hours=2)


def first_administrator_link(tools: Tools) -> str | None:
    """Return the token of a fresh link for the first administrator, or None when there is one; earlier ones end."""
    now = tools.now()
    with tools.database.begin() as store:
        if store.moderators.count_administrators():
            return None
        for link in store.moderators.links_open(now):
            if not link.email:
                store.moderators.revoke_links(now, link_id=link.id)
        return _link(store, "invite", "", "administrator", "cli", now, INVITATION_LASTS)


def invite(tools: Tools, email: str, role: str, by: str, request_id: str = "") -> str:
    """Return the token of an invitation; whoever opens it sets name and password."""
    email = _email(email)
    if role not in ROLES:
        raise InvalidInput("The invitation could not be made.", {"role": [f"One of {', '.join(ROLES)}."]})
    now = tools.now()
    with tools.database.begin() as store:
        known = store.moderators.get_by_email(email)
        if known is not None and known.deactivated_at is None:
            raise InvalidInput(
                "The invitation could not be made.", {"email": ["This address has an account already."]}
            )
        store.moderators.revoke_links(now, email=email)
        token = _link(store, "invite", email, role, by, now, INVITATION_LASTS)
        store.audit.append(
            at=now,
            actor=by,
            action="moderator.invited",
            subject="desk:invitation",
            detail={"role": role},
            request_id=request_id,
        )
        return token


def request_reset(tools: Tools, email: str, by: str = "cli", request_id: str = "") -> str:
    """Return the token of a link that sets a new password; earlier links stop working."""
    now = tools.now()
    with tools.database.begin() as store:
        moderator = store.moderators.get_by_email(typed(email))
        if moderator is None or moderator.deactivated_at is not None:
            raise NotFound("There is no such account.")
        store.moderators.revoke_links(now, moderator_id=moderator.id)
        token = _link(store, "reset", moderator.email, moderator.role, by, now, RESET_LASTS, moderator.id)
        store.audit.append(
            at=now,
            actor=by,
            action="moderator.reset",
            subject=f"moderator:{moderator.id}",
            request_id=request_id,
        )
        return token


def accept_link(tools: Tools, token: str, name: str, password: str, email: str = "") -> Moderator:
    """Return the account that a one-time link opens with this name and password; the link works no more.

    The first administrator's link is bound to no address, so `email` names it.
    """
    now = tools.now()
    digest = _digest(token)
    with tools.database.read() as store:
        link = store.moderators.find_link(digest, now)
    if link is None:
        raise NotFound("This link was used or has expired. Ask an administrator for another.")
    address = link.email or _email(email)
    _check(name, password, address, new=link.purpose == "invite")
    hashed = passwords.hashed(password)  # slow on purpose, so outside the transaction
    with tools.database.begin() as store:
        taken = store.moderators.take_link(digest, now)
        # Whoever kept the first administrator's link must not become a second one by it.
        if taken is None or (not taken.email and store.moderators.count_administrators()):
            raise NotFound("This link was used or has expired. Ask an administrator for another.")
        moderator = _opened(store, link, address, name.strip(), hashed, now)
        action = "moderator.joined" if link.purpose == "invite" else "moderator.password_set"
        store.audit.append(
            at=now,
            actor=moderator.id,
            action=action,
            subject=f"moderator:{moderator.id}",
            detail={"role": moderator.role},
        )
        return moderator


def _opened(store: Store, link: OneTimeLink, email: str, name: str, hashed: str, now: datetime) -> Moderator:
    """Return the account behind a link that was just taken, with its new password."""
    moderator = (
        store.moderators.get(link.moderator_id) if link.moderator_id else store.moderators.get_by_email(email)
    )
    if moderator is None:
        moderator = Moderator(email=email, name=name, password_hash=hashed, role=link.role, created_at=now)
        if not store.moderators.add(moderator):
            raise Conflict("This address has an account already.")
        return moderator
    if link.purpose == "invite":
        if moderator.deactivated_at is None:
            raise Conflict("This address has an account already.")
        store.moderators.reopen(moderator.id, name=name, role=link.role)
    elif moderator.deactivated_at is not None:
        raise NotFound("This account is closed. Ask an administrator.")
    store.moderators.set_password(moderator.id, hashed)
    return _reread(store, moderator.id)


def _reread(store: Store, moderator_id: str) -> Moderator:
    found = store.moderators.get(moderator_id)
    assert found is not None
    return found


def set_role(tools: Tools, moderator_id: str, role: str, by: str, request_id: str = "") -> None:
    """Give an account another role; its sessions end. The last administrator stays one.

    Raises:
        InvalidInput: there is no such role. NotFound: the account is closed. Conflict: it is the last administrator.
    """
    if role not in ROLES:
        raise InvalidInput("The role could not be given.", {"role": [f"One of {', '.join(ROLES)}."]})
    with tools.database.begin() as store:
        moderator = _open_account(store, moderator_id)
        if moderator.role == role:
            return
        if moderator.role == "administrator":
            _keep_one_administrator(store)
        store.moderators.set_role(moderator_id, role)
        store.audit.append(
            at=tools.now(),
            actor=by,
            action="moderator.role",
            subject=f"moderator:{moderator_id}",
            detail={"before": moderator.role, "after": role},
            request_id=request_id,
        )


def change_password(tools: Tools, moderator_id: str, old: str, new: str, request_id: str = "") -> Moderator:
    """Return the account with another password, chosen by its owner; its sessions and links end.

    Raises:
        InvalidInput: the old one is wrong, which counts as a failed sign-in, or the new one is not good enough.
    """
    moderator = passwords.prove(tools, moderator_id, old, "old")
    problem = passwords.problem_with(new, moderator.email)
    if not problem and new == old:
        problem = "This is the password you have. Choose another."
    if problem:
        raise InvalidInput("Correct what is named.", {"password": [problem]})
    now = tools.now()
    hashed = passwords.hashed(new)
    with tools.database.begin() as store:
        _open_account(store, moderator_id)
        store.moderators.set_password(moderator_id, hashed)
        store.moderators.revoke_links(now, moderator_id=moderator_id)
        store.audit.append(
            at=now,
            actor=moderator_id,
            action="moderator.password_changed",
            subject=f"moderator:{moderator_id}",
            request_id=request_id,
        )
        return _reread(store, moderator_id)


def deactivate(tools: Tools, moderator_id: str, by: str, request_id: str = "") -> None:
    """Close an account: its sessions and links end; an invitation opens it again. The last administrator stays."""
    now = tools.now()
    with tools.database.begin() as store:
        moderator = _open_account(store, moderator_id)
        if moderator.role == "administrator":
            _keep_one_administrator(store)
        store.moderators.deactivate(moderator_id, now)
        store.audit.append(
            at=now,
            actor=by,
            action="moderator.deactivated",
            subject=f"moderator:{moderator_id}",
            request_id=request_id,
        )


def _open_account(store: Store, moderator_id: str) -> Moderator:
    moderator = store.moderators.get(moderator_id)
    if moderator is None or moderator.deactivated_at is not None:
        raise NotFound("There is no such account, or it is closed.")
    return moderator


def _keep_one_administrator(store: Store) -> None:
    if store.moderators.lock_administrators() <= 1:
        raise Conflict("This is the last administrator. Make another one first.")


def _link(
    store: Store,
    purpose: str,
    email: str,
    role: str,
    by: str,
    now: datetime,
    lasts: timedelta,
    moderator_id: str | None = None,
) -> str:
    token = secrets.token_urlsafe(32)
    store.moderators.add_link(
        OneTimeLink(
            digest=_digest(token),
            purpose=purpose,
            moderator_id=moderator_id,
            email=email,
            role=role,
            created_by=by,
            created_at=now,
            expires_at=now + lasts,
        )
    )
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def typed(email: str) -> str:
    """Return the address to look for; what no address can hold is nobody's, and no error that would tell so."""
    return email.strip()[:320] if email.isprintable() else ""


def _email(email: str) -> str:
    try:
        return validate_email(
            email.strip(), check_deliverability=False, test_environment=True
        ).normalized.lower()
    except (EmailNotValidError, ValueError):
        raise InvalidInput(
            "The address does not look right.", {"email": ["Write it like name@example.com."]}
        ) from None


def _check(name: str, password: str, email: str, *, new: bool) -> None:
    problems: dict[str, list[str]] = {}
    if new and (not name.strip() or len(name) > LONGEST_NAME or not name.isprintable()):
        problems["name"] = [f"Give a name of 1 to {LONGEST_NAME} characters."]
    if problem := passwords.problem_with(password, email):
        problems["password"] = [problem]
    if problems:
        raise InvalidInput("Correct what is named.", problems)
