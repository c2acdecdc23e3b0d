"""A second factor: codes that work once, codes on paper for a lost phone, and no way around either."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from moderation.errors import Conflict, Forbidden, InvalidInput, NotSignedIn
from moderation.services import second_factor
from moderation.services.admitting import accept_link, invite, request_reset, set_role
from moderation.services.second_factor import (
    CODES,
    STEP,
    confirm,
    propose,
    proposed,
    renew_codes,
    reset,
    turn_off,
)
from moderation.services.signing_in import give_code, sign_in
from moderation.store.tables import AuditEvent, Moderator
from tests.workbench import everything, rows

PASSWORD, WRONG = "a long enough password", "quite another password"


def account(tools, moderator: Moderator) -> Moderator:
    with tools.database.read() as store:
        return store.moderators.get(moderator.id)


@pytest.fixture
def mo(tools):
    return accept_link(tools, invite(tools, "mo@paper.example", "moderator", "cli"), "Mo", PASSWORD)


class Phone:
    """An app for one-time codes, of which the key was typed in."""

    def __init__(self, tools, moderator, clock):
        propose(tools, moderator.id, PASSWORD)
        self.key, self._clock = proposed(tools, account(tools, moderator)), clock

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.key).at(self._clock() + timedelta(seconds=STEP * steps))


@pytest.fixture
def phone(tools, mo, clock):
    return Phone(tools, mo, clock)


@pytest.fixture
def recovery(tools, mo, phone, clock) -> list[str]:
    codes = confirm(tools, mo.id, phone.code())
    clock.advance(seconds=STEP)
    return codes


def enter(tools, mo, code) -> Moderator:
    halfway = sign_in(tools, mo.email, PASSWORD)
    return give_code(tools, halfway.id, halfway.session_epoch, code)


def test_codes_are_those_of_the_standard():
    """RFC 6238, appendix B: the shared secret of its table at 59 s and at 1234567890 s, the last six digits of eight."""
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, code in ((59, "287082"), (1_234_567_890, "005924")):
        moment = datetime.fromtimestamp(second, UTC)
        assert second_factor._step_of(key, code, moment) == second // STEP


def test_nothing_changes_until_a_code_shows_that_the_key_arrived(tools, mo, phone):
    assert enter_without_code(tools, mo)
    with pytest.raises(InvalidInput):
        confirm(tools, mo.id, "000000" if phone.code() != "000000" else "000001")
    assert account(tools, mo).second_factor_at is None
    confirm(tools, mo.id, phone.code())
    assert account(tools, mo).second_factor_at is not None
    assert account(tools, mo).session_epoch > mo.session_epoch


def enter_without_code(tools, mo) -> bool:
    return sign_in(tools, mo.email, PASSWORD).second_factor_at is None


def test_a_code_works_once_and_none_before_it_after_it(tools, mo, phone, recovery):
    earlier, code = phone.code(-1), phone.code()
    assert enter(tools, mo, f" {code[:3]} {code[3:]} ").id == mo.id
    for used in (code, earlier):
        with pytest.raises(NotSignedIn):
            enter(tools, mo, used)


def test_the_code_that_turned_it_on_is_used(tools, mo, phone):
    code = phone.code()
    confirm(tools, mo.id, code)
    with pytest.raises(NotSignedIn):
        enter(tools, mo, code)


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (1, True), (2, False)])
def test_a_clock_may_differ_by_one_step(tools, mo, phone, recovery, clock, steps, fits):
    clock.advance(minutes=5)
    if fits:
        assert enter(tools, mo, phone.code(steps)).id == mo.id
    else:
        with pytest.raises(NotSignedIn):
            enter(tools, mo, phone.code(steps))


def test_the_same_code_sent_twice_at_once_signs_in_once(tools, mo, phone, recovery):
    halfway, code = sign_in(tools, mo.email, PASSWORD), phone.code()

    def give(_):
        try:
            return give_code(tools, halfway.id, halfway.session_epoch, code).id
        except NotSignedIn:
            return None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(give, range(4)), key=str) == sorted([mo.id, None, None, None], key=str)


def test_recovery_codes_are_ten_and_each_works_once(tools, mo, recovery):
    assert len({*recovery}) == CODES
    assert enter(tools, mo, recovery[3].upper().replace("-", " ")).id == mo.id
    with pytest.raises(NotSignedIn):
        enter(tools, mo, recovery[3])
    assert enter(tools, mo, recovery[4]).id == mo.id


def test_new_recovery_codes_end_the_old_ones(tools, mo, phone, recovery, clock):
    with pytest.raises(InvalidInput):
        renew_codes(tools, mo.id, PASSWORD, "000000")
    again = renew_codes(tools, mo.id, PASSWORD, phone.code())
    assert not {*again} & {*recovery}
    with pytest.raises(NotSignedIn):
        enter(tools, mo, recovery[0])
    assert enter(tools, mo, again[0]).id == mo.id


def test_neither_key_nor_codes_stand_in_the_database_or_the_audit_log(tools, mo, phone, recovery):
    code = phone.code()
    enter(tools, mo, code)
    enter(tools, mo, recovery[0])
    kept = repr(everything(tools.database))
    for secret in (phone.key, *(one.replace("-", "") for one in recovery), *recovery, f"'{code}'"):
        assert secret not in kept


def test_a_key_moved_to_another_account_opens_nothing_there(tools, mo, phone, recovery, clock):
    eve = accept_link(tools, invite(tools, "eve@paper.example", "moderator", "cli"), "Eve", PASSWORD)
    with tools.database.begin() as store:
        store.moderators.get(eve.id).second_factor_secret = account(tools, mo).second_factor_secret
        store.moderators.get(eve.id).second_factor_at = clock()
    with pytest.raises(NotSignedIn):
        enter(tools, eve, phone.code())


def test_a_known_password_buys_no_guesses_at_the_code(tools, mo, phone, recovery):
    for _ in range(5):
        halfway = sign_in(tools, mo.email, PASSWORD)  # fits each time, and forgets no failure
        with pytest.raises(NotSignedIn):
            give_code(tools, halfway.id, halfway.session_epoch, "000000")
    assert account(tools, mo).failed_sign_ins == 5
    with pytest.raises(NotSignedIn):
        sign_in(tools, mo.email, PASSWORD)
    with pytest.raises(NotSignedIn):
        give_code(tools, mo.id, account(tools, mo).session_epoch, phone.code())


def test_half_a_sign_in_is_void_once_the_account_changes(tools, mo, phone, recovery):
    halfway = sign_in(tools, mo.email, PASSWORD)
    set_role(tools, mo.id, "viewer", "cli")
    with pytest.raises(NotSignedIn):
        give_code(tools, halfway.id, halfway.session_epoch, phone.code())


def test_a_new_password_by_link_leaves_the_second_factor_on(tools, mo, phone, recovery):
    accept_link(tools, request_reset(tools, mo.email), "", WRONG)
    assert account(tools, mo).second_factor_at is not None


def test_turning_off_asks_for_password_and_code(tools, mo, phone, recovery, clock):
    for password, code in ((WRONG, phone.code()), (PASSWORD, "000000")):
        with pytest.raises(InvalidInput):
            turn_off(tools, mo.id, password, code)
    assert account(tools, mo).failed_sign_ins == 2
    turn_off(tools, mo.id, PASSWORD, phone.code())
    assert enter_without_code(tools, mo)
    with pytest.raises(Conflict):
        turn_off(tools, mo.id, PASSWORD, phone.code())


def test_a_lost_phone_is_reset_by_a_colleague_and_not_by_oneself(tools, mo, phone, recovery):
    with pytest.raises(Forbidden):
        reset(tools, mo.id, mo.id)
    before = account(tools, mo).session_epoch
    reset(tools, mo.id, "cli")
    assert account(tools, mo).session_epoch > before
    assert enter_without_code(tools, mo)
    with pytest.raises(Conflict):
        reset(tools, mo.id, "cli")


def test_each_step_is_in_the_audit_log(tools, mo, phone, recovery, clock):
    enter(tools, mo, recovery[0])
    turn_off(tools, mo.id, PASSWORD, phone.code())
    actions = [event.action for event in rows(tools.database, AuditEvent)]
    assert actions[2:] == [
        "moderator.second_factor_on",
        "moderator.asked_for_code",
        "moderator.recovery_code_used",
        "moderator.signed_in",
        "moderator.second_factor_off",
    ]
