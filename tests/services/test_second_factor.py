"""The second factor: codes that work once, paper for a lost phone, on and off by its owner alone."""

from datetime import UTC, datetime

import pyotp
import pytest

from moderation.errors import Conflict, Forbidden, InvalidInput, NotFound
from moderation.services import second_factor
from moderation.services.signing_in import give_code
from moderation.store.tables import AuditEvent, RecoveryCode
from tests.services.conftest import OTHER, PASSWORD, account
from tests.workbench import everything, rows

# RFC 6238, appendix B, SHA-1, by the last six of its eight digits; the key is "12345678901234567890".
RFC_KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
}


def fits(tools, phone, code) -> bool:
    with tools.database.begin() as store:
        owner = store.moderators.get(phone.owner.id)
        return bool(second_factor.use(tools, store, owner, code, tools.now()))


@pytest.fixture
def proposed(tools, join):
    """A moderator with a key that waits for its first code."""
    mo = join()
    second_factor.propose(tools, mo.id, PASSWORD)
    return account(tools, mo)


def first_code(tools, proposed):
    return pyotp.TOTP(second_factor.proposed(tools, proposed)).at(tools.now())


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES.items())
def test_codes_are_those_of_the_standard(tools, join, clock, monkeypatch, seconds, code):
    mo = join()
    monkeypatch.setattr(pyotp, "random_base32", lambda: RFC_KEY)
    second_factor.propose(tools, mo.id, PASSWORD)
    clock.time = datetime.fromtimestamp(seconds, UTC)
    assert len(second_factor.confirm(tools, mo.id, code)) == 10


def test_the_address_for_the_app_names_account_service_and_key(tools, proposed):
    key = second_factor.proposed(tools, proposed)
    read = pyotp.parse_uri(second_factor.address(tools, proposed, key))
    assert (read.secret, read.name, read.issuer) == (key, "mo@paper.example", "127.0.0.1:8000")
    assert len(key) == 32


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step_and_no_more(tools, phone, clock, steps, counts):
    clock.advance(minutes=5)
    assert fits(tools, phone, phone.code(steps=steps)) is counts


def test_a_code_works_once_and_none_of_an_earlier_step_after_it(tools, phone):
    code, earlier, later = phone.code(), phone.code(steps=-1), phone.code(steps=1)
    assert [fits(tools, phone, one) for one in (code, code, earlier, later, code)] == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_the_code_that_turned_it_on_does_not_sign_in(tools, proposed):
    code = first_code(tools, proposed)
    second_factor.confirm(tools, proposed.id, code)
    with tools.database.begin() as store:
        owner = store.moderators.get(proposed.id)
        assert second_factor.use(tools, store, owner, code, tools.now()) == ""


def test_the_key_is_kept_encrypted_and_the_paper_as_hashes(tools, phone):
    kept = repr(everything(tools.database))
    for secret in (phone.key, *phone.paper, *(code.replace("-", "") for code in phone.paper)):
        assert secret not in kept


def test_what_is_copied_to_another_account_does_not_work_there(tools, phone, join):
    other = join("other@paper.example")
    with tools.database.begin() as store:
        mine, theirs = store.moderators.get(phone.owner.id), store.moderators.get(other.id)
        theirs.second_factor_secret, theirs.second_factor_at = (
            mine.second_factor_secret,
            mine.second_factor_at,
        )
        for row in store.sites._session.query(RecoveryCode).all():
            store.sites._session.add(RecoveryCode(moderator_id=other.id, digest=row.digest))
    with tools.database.begin() as store:
        theirs = store.moderators.get(other.id)
        for code in (phone.code(), phone.paper[0]):
            assert second_factor.use(tools, store, theirs, code, tools.now()) == ""


def test_until_a_code_confirms_it_nothing_changes(tools, proposed):
    assert (proposed.second_factor_at, proposed.session_epoch) == (None, 0)
    before = everything(tools.database)
    for code in ("000000", "", first_code(tools, proposed)[:5]):
        with pytest.raises(InvalidInput) as refusal:
            second_factor.confirm(tools, proposed.id, code)
        assert [*refusal.value.fields] == ["code"]
    assert everything(tools.database) == before


def test_turning_it_on_ends_all_sessions_and_says_so_in_the_log(tools, proposed):
    second_factor.confirm(tools, proposed.id, first_code(tools, proposed), "request-1")
    now = account(tools, proposed)
    assert (now.second_factor_at, now.session_epoch) == (tools.now(), proposed.session_epoch + 1)
    event = rows(tools.database, AuditEvent)[-1]
    assert (event.action, event.actor, event.request_id) == (
        "moderator.second_factor_on",
        proposed.id,
        "request-1",
    )


def test_a_newer_key_replaces_the_one_proposed(tools, proposed):
    older = first_code(tools, proposed)
    second_factor.propose(tools, proposed.id, PASSWORD)
    with pytest.raises(InvalidInput):
        second_factor.confirm(tools, proposed.id, older)


def test_where_it_is_on_no_other_key_can_be_made_or_confirmed(tools, phone):
    before = everything(tools.database)
    with pytest.raises(Conflict):
        second_factor.propose(tools, phone.owner.id, PASSWORD)
    with pytest.raises(Conflict):
        second_factor.confirm(tools, phone.owner.id, phone.code())
    assert second_factor.proposed(tools, account(tools, phone.owner)) == ""
    assert everything(tools.database) == before


def test_a_key_is_made_for_the_password_alone(tools, join):
    mo = join()
    with pytest.raises(InvalidInput) as refusal:
        second_factor.propose(tools, mo.id, OTHER)
    assert [*refusal.value.fields] == ["password"]
    assert account(tools, mo).second_factor_secret is None


def test_ten_codes_on_paper_work_once_each(tools, phone):
    assert len({*phone.paper}) == 10
    assert [fits(tools, phone, code) for code in phone.paper] == [True] * 10
    assert [fits(tools, phone, code) for code in phone.paper] == [False] * 10


def test_a_code_from_paper_may_be_typed_as_people_type(tools, phone):
    first, second = phone.paper[:2]
    assert fits(tools, phone, first.replace("-", " ").upper())
    assert fits(tools, phone, second.replace("-", ""))


def test_the_log_tells_how_many_codes_on_paper_are_left(tools, phone):
    fits(tools, phone, phone.paper[3])
    event = rows(tools.database, AuditEvent)[-1]
    assert (event.action, event.detail) == ("moderator.recovery_code_used", {"left": 9})


def test_new_paper_ends_the_old(tools, phone):
    renewed = second_factor.renew_codes(tools, phone.owner.id, PASSWORD, phone.code())
    assert not {*renewed} & {*phone.paper}
    assert [fits(tools, phone, code) for code in phone.paper] == [False] * 10
    assert [fits(tools, phone, code) for code in renewed] == [True] * 10
    assert "moderator.recovery_codes_made" in [event.action for event in rows(tools.database, AuditEvent)]


@pytest.mark.parametrize("change", [second_factor.renew_codes, second_factor.turn_off])
def test_new_paper_and_turning_off_take_password_and_code(tools, phone, change):
    for password, code, field in (
        (OTHER, phone.code(), "password"),
        (PASSWORD, "000000", "code"),
        (PASSWORD, "", "code"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            change(tools, phone.owner.id, password, code)
        assert [*refusal.value.fields] == [field]
    now = account(tools, phone.owner)
    assert (now.failed_sign_ins, now.second_factor_at) == (3, phone.owner.second_factor_at)
    assert fits(tools, phone, phone.code())  # a wrong password has used up no code
    assert fits(tools, phone, phone.paper[0])


@pytest.mark.parametrize("change", [second_factor.renew_codes, second_factor.turn_off])
def test_where_it_is_off_there_is_nothing_to_renew_or_turn_off(tools, join, change):
    with pytest.raises(Conflict):
        change(tools, join().id, PASSWORD, "000000")


def test_turned_off_it_is_forgotten_and_sessions_end(tools, phone):
    second_factor.turn_off(tools, phone.owner.id, PASSWORD, phone.code())
    now = account(tools, phone.owner)
    assert (now.second_factor_at, now.second_factor_secret) == (None, None)
    assert now.session_epoch == phone.owner.session_epoch + 1
    assert rows(tools.database, RecoveryCode) == []
    assert rows(tools.database, AuditEvent)[-1].action == "moderator.second_factor_off"


def test_the_code_of_a_phone_turns_off_though_sign_in_used_an_earlier_one(tools, phone, clock):
    give_code(tools, phone.owner.id, phone.owner.session_epoch, phone.code())
    with pytest.raises(InvalidInput):
        second_factor.turn_off(tools, phone.owner.id, PASSWORD, phone.code())
    clock.advance(seconds=second_factor.STEP)
    second_factor.turn_off(tools, phone.owner.id, PASSWORD, phone.code())


def test_a_colleague_resets_a_lost_one_and_its_sessions_end(tools, phone, join):
    boss = join("boss@paper.example", "administrator")
    second_factor.reset(tools, phone.owner.id, boss.id, "request-2")
    now = account(tools, phone.owner)
    assert (now.second_factor_at, now.session_epoch) == (None, phone.owner.session_epoch + 1)
    event = rows(tools.database, AuditEvent)[-1]
    assert (event.action, event.actor, event.subject, event.request_id) == (
        "moderator.second_factor_reset",
        boss.id,
        f"moderator:{phone.owner.id}",
        "request-2",
    )
    with pytest.raises(Conflict):
        second_factor.reset(tools, phone.owner.id, boss.id)


def test_nobody_resets_ones_own_or_that_of_nobody(tools, phone):
    with pytest.raises(Forbidden):
        second_factor.reset(tools, phone.owner.id, phone.owner.id)
    with pytest.raises(NotFound):
        second_factor.reset(tools, "nobody", "cli")
    assert account(tools, phone.owner).second_factor_at is not None
