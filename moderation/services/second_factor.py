"""The second factor of an account: codes of the hour (RFC 6238) from a phone, and ten codes on paper for its loss.

The secret is kept encrypted and the paper's codes as hashes, both under keys of the service's secret and of the
account: a copied database opens nothing, and what is moved to another account does not work there.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import urlsplit

import pyotp
from cryptography.fernet import Fernet, InvalidToken

from moderation.errors import Conflict, Forbidden, InvalidInput, NotFound
from moderation.services import Tools, passwords
from moderation.store.tables import Moderator
from moderation.store.unit_of_work import Store

STEP = 30  # seconds; a code of the step before or after fits too, for clocks that differ
CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read for another
_LONGEST_TYPED = 64
_WRONG = "The code does not fit, or was used already. Wait for the next one and type it."


def is_missing(tools: Tools, moderator: Moderator) -> bool:
    """Return whether the settings ask for a second factor in this role and the account has none."""
    return moderator.role in tools.settings.second_factor_for and moderator.second_factor_at is None


def propose(tools: Tools, moderator_id: str, password: str) -> None:
    """Make a secret that its owner confirms by a code; until then nothing changes.

    Raises:
        InvalidInput: the password is wrong. Conflict: the second factor is on already.
    """
    passwords.prove(tools, moderator_id, password)
    kept = _box(tools, moderator_id).encrypt(pyotp.random_base32().encode()).decode()
    with tools.database.begin() as store:
        if not store.second_factors.propose(moderator_id, kept):
            raise Conflict("The second factor is on already. Turn it off first.")


def proposed(tools: Tools, moderator: Moderator) -> str:
    """Return the key that waits to be confirmed, or nothing."""
    return _key(tools, moderator) if moderator.second_factor_at is None else ""


def address(tools: Tools, moderator: Moderator, key: str) -> str:
    """Return the key as the address that an app reads from a QR code."""
    host = urlsplit(tools.settings.base_url).netloc
    return pyotp.TOTP(key).provisioning_uri(name=moderator.email, issuer_name=host)


def confirm(tools: Tools, moderator_id: str, code: str, request_id: str = "") -> list[str]:
    """Return the recovery codes of a second factor that is on from now; all sessions end.

    Raises:
        InvalidInput: the code does not fit. Conflict: there is nothing to confirm.
    """
    now = tools.now()
    with tools.database.begin() as store:
        moderator = store.moderators.get(moderator_id)
        key = proposed(tools, moderator) if moderator is not None else ""
        if moderator is None or not key:
            raise Conflict("There is no key to confirm. Begin again on the page of your account.")
        step = _step_of(key, _typed(code), now)
        if step is None:
            raise InvalidInput("Correct what is named.", {"code": [_WRONG]})
        if not store.second_factors.turn_on(moderator_id, moderator.second_factor_secret or "", step, now):
            raise Conflict("Another key was made in the meantime. Begin again on the page of your account.")
        _note(store, now, moderator_id, moderator_id, "moderator.second_factor_on", request_id)
        return _new_codes(tools, store, moderator_id)


def use(tools: Tools, store: Store, moderator: Moderator, code: str, now: datetime) -> str:
    """Return what was used up in the open transaction, "code" or "recovery-code", or nothing where it does not fit.

    A code works once, and so none of an earlier time step works after it.
    """
    code = _typed(code)
    key = _key(tools, moderator) if moderator.second_factor_at is not None else ""
    if not key:
        return ""
    step = _step_of(key, code, now)
    if step is not None:
        return "code" if store.second_factors.use_step(moderator.id, step) else ""
    if not store.second_factors.use_code(moderator.id, _digest(tools, moderator.id, code), now):
        return ""
    left = store.second_factors.codes_left(moderator.id)
    _note(store, now, moderator.id, moderator.id, "moderator.recovery_code_used", "", left=left)
    return "recovery-code"


def renew_codes(tools: Tools, moderator_id: str, password: str, code: str, request_id: str = "") -> list[str]:
    """Return new recovery codes; the earlier ones work no more.

    Raises:
        InvalidInput: password or code is wrong, which counts as a failed sign-in.
    """
    moderator = _with_factor(passwords.prove(tools, moderator_id, password))
    now, made = tools.now(), []
    with tools.database.begin() as store:
        if use(tools, store, moderator, code, now):
            made = _new_codes(tools, store, moderator_id)
            _note(store, now, moderator_id, moderator_id, "moderator.recovery_codes_made", request_id)
        else:
            passwords.count_failure(store, moderator_id, now, of="code")
    if not made:
        raise InvalidInput("Correct what is named.", {"code": [_WRONG]})
    return made


def turn_off(tools: Tools, moderator_id: str, password: str, code: str, request_id: str = "") -> None:
    """Turn one's own second factor off; all sessions end.

    Raises:
        InvalidInput: password or code is wrong, which counts as a failed sign-in.
    """
    moderator = _with_factor(passwords.prove(tools, moderator_id, password))
    now = tools.now()
    with tools.database.begin() as store:
        used = use(tools, store, moderator, code, now)
        if used:
            store.second_factors.turn_off(moderator_id)
            _note(store, now, moderator_id, moderator_id, "moderator.second_factor_off", request_id)
        else:
            passwords.count_failure(store, moderator_id, now, of="code")
    if not used:
        raise InvalidInput("Correct what is named.", {"code": [_WRONG]})


def reset(tools: Tools, moderator_id: str, by: str, request_id: str = "") -> None:
    """Turn a colleague's second factor off, whose phone and codes are lost; all sessions end.

    Raises:
        NotFound: there is no such account. Forbidden: it is one's own. Conflict: it is off.
    """
    if by == moderator_id:
        raise Forbidden("Turn off your own second factor on the page of your account, with a code.")
    now = tools.now()
    with tools.database.begin() as store:
        if store.moderators.get(moderator_id) is None:
            raise NotFound("There is no such account.")
        if not store.second_factors.turn_off(moderator_id):
            raise Conflict("This account has no second factor.")
        _note(store, now, by, moderator_id, "moderator.second_factor_reset", request_id)


def _with_factor(moderator: Moderator) -> Moderator:
    if moderator.second_factor_at is None:
        raise Conflict("The second factor is off.")
    return moderator


def _note(
    store: Store, now: datetime, by: str, whose: str, action: str, request_id: str, **detail: int
) -> None:
    store.audit.append(
        at=now, actor=by, action=action, subject=f"moderator:{whose}", detail=detail, request_id=request_id
    )


def _new_codes(tools: Tools, store: Store, moderator_id: str) -> list[str]:
    made = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(CODES)]
    store.second_factors.keep_codes(moderator_id, [_digest(tools, moderator_id, code) for code in made])
    return [f"{code[:5]}-{code[5:]}" for code in made]


def _step_of(key: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is, of the three that count now."""
    here = int(now.timestamp()) // STEP
    one = pyotp.TOTP(key, interval=STEP)
    fitting = (
        step for step in (here, here - 1, here + 1) if hmac.compare_digest(one.generate_otp(step), code)
    )
    return next(fitting, None)


def _typed(code: str) -> str:
    """Return a code without the gaps and hyphens that people type."""
    kept = "".join(char for char in code[:_LONGEST_TYPED] if char.isalnum()).lower()
    return kept if kept.isascii() else ""


def _key(tools: Tools, moderator: Moderator) -> str:
    """Return the secret in the clear, or nothing: there is none, or the service's own secret is another since."""
    try:
        return _box(tools, moderator.id).decrypt((moderator.second_factor_secret or "").encode()).decode()
    except InvalidToken:
        return ""


def _box(tools: Tools, moderator_id: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_keyed(tools, f"second factor:{moderator_id}")))


def _digest(tools: Tools, moderator_id: str, code: str) -> str:
    return _keyed(tools, f"recovery code:{moderator_id}:{code}").hex()


def _keyed(tools: Tools, what: str) -> bytes:
    secret = tools.settings.secret_key.get_secret_value().encode()
    return hmac.new(secret, what.encode(), hashlib.sha256).digest()
