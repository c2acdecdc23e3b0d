"""Who is let in: by a password that is slow to guess, and by a code where the account has a second factor."""

from datetime import timedelta

import pytest

from moderation.errors import NotSignedIn
from moderation.services import admitting, passwords, second_factor
from moderation.services.signing_in import give_code, sign_in
from moderation.store.tables import AuditEvent
from tests.services.conftest import OTHER, PASSWORD, account
from tests.workbench import everything, rows


def test_an_unknown_address_a_wrong_password_and_a_closed_account_get_the_same_words(tools, join):
    join("admin@paper.example", "administrator")
    closed = join("gone@paper.example")
    admitting.deactivate(tools, closed.id, "cli")
    words = set()
    for email in ("nobody@paper.example", "admin@paper.example", "gone@paper.example", "a\0b", "\ud800"):
        for password in (OTHER, "\ud800"):
            with pytest.raises(NotSignedIn) as refusal:
                sign_in(tools, email, password)
            words.add(str(refusal.value))
    assert len(words) == 1


def test_guessing_becomes_slower_and_a_success_forgets_it(tools, join, clock):
    mo = join()
    waits = []
    for _ in range(9):
        with pytest.raises(NotSignedIn):
            sign_in(tools, mo.email, OTHER)
        waits.append(account(tools, mo).next_sign_in_at)
        if waits[-1]:
            with pytest.raises(
                NotSignedIn
            ):  # in the words of every other failure, though the password is right
                sign_in(tools, mo.email, PASSWORD)
            assert account(tools, mo).next_sign_in_at == waits[-1]
            waits[-1] -= clock()
            clock.advance(minutes=20)
    assert waits == [None] * 4 + [timedelta(seconds=2**power) for power in range(5)]
    assert sign_in(tools, mo.email, PASSWORD).id == mo.id
    assert (account(tools, mo).failed_sign_ins, account(tools, mo).next_sign_in_at) == (0, None)


def test_the_pause_never_exceeds_a_quarter_of_an_hour(tools, join, clock):
    mo = join()
    with tools.database.begin() as store:
        store.moderators.get(mo.id).failed_sign_ins = 500
    with pytest.raises(NotSignedIn):
        sign_in(tools, mo.email, OTHER)
    assert account(tools, mo).next_sign_in_at == clock() + timedelta(minutes=15)


def wrong_code(tools, phone, code="000000"):
    with pytest.raises(NotSignedIn) as refusal:
        give_code(tools, phone.owner.id, phone.owner.session_epoch, code)
    return str(refusal.value)


def test_with_a_second_factor_the_password_alone_signs_nobody_in(tools, phone):
    before = account(tools, phone.owner).last_signed_in_at
    assert sign_in(tools, phone.owner.email, PASSWORD).second_factor_at is not None
    assert account(tools, phone.owner).last_signed_in_at == before
    assert rows(tools.database, AuditEvent)[-1].action == "moderator.asked_for_code"


def test_with_the_code_of_the_phone_the_owner_is_in(tools, phone, clock):
    owner = sign_in(tools, phone.owner.email, PASSWORD)
    assert give_code(tools, owner.id, owner.session_epoch, phone.code()).id == owner.id
    assert account(tools, owner).last_signed_in_at == clock()
    event = rows(tools.database, AuditEvent)[-1]
    assert (event.action, event.actor, event.detail) == ("moderator.signed_in", owner.id, {"by": "code"})


def test_a_code_from_paper_signs_in_for_a_lost_phone(tools, phone):
    give_code(tools, phone.owner.id, phone.owner.session_epoch, phone.paper[0])
    assert rows(tools.database, AuditEvent)[-1].detail == {"by": "recovery-code"}
    assert "does not fit" in wrong_code(tools, phone, phone.paper[0])


def test_a_code_may_be_typed_with_a_gap(tools, phone):
    code = phone.code()
    assert give_code(tools, phone.owner.id, phone.owner.session_epoch, f" {code[:3]} {code[3:]} ")


def test_wrong_codes_lead_to_the_pause_and_a_right_password_buys_no_more(tools, phone, clock):
    for _ in range(5):
        wrong_code(tools, phone)
        sign_in_or_nothing(tools, phone)
    assert account(tools, phone.owner).failed_sign_ins == 5
    assert account(tools, phone.owner).next_sign_in_at == clock() + timedelta(seconds=1)
    words = {wrong_code(tools, phone), wrong_code(tools, phone, phone.code())}  # right, but in the pause
    assert len(words) == 1
    assert account(tools, phone.owner).failed_sign_ins == 5
    clock.advance(seconds=1)
    give_code(tools, phone.owner.id, phone.owner.session_epoch, phone.code())
    assert account(tools, phone.owner).failed_sign_ins == 0


def sign_in_or_nothing(tools, phone):
    try:
        sign_in(tools, phone.owner.email, PASSWORD)
    except NotSignedIn:
        assert passwords.is_paused(account(tools, phone.owner), tools.now())


def test_the_pause_after_wrong_codes_holds_for_the_password_too(tools, phone):
    for _ in range(5):
        wrong_code(tools, phone)
    with pytest.raises(NotSignedIn):
        sign_in(tools, phone.owner.email, PASSWORD)


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda tools, mo: admitting.set_role(tools, mo.id, "viewer", "cli"), id="another role"),
        pytest.param(
            lambda tools, mo: admitting.change_password(tools, mo.id, PASSWORD, OTHER), id="another password"
        ),
        pytest.param(lambda tools, mo: admitting.deactivate(tools, mo.id, "cli"), id="closed"),
        pytest.param(lambda tools, mo: second_factor.reset(tools, mo.id, "cli"), id="second factor reset"),
    ],
)
def test_a_code_is_void_when_the_account_changed_after_the_password(tools, phone, meanwhile):
    owner = sign_in(tools, phone.owner.email, PASSWORD)
    meanwhile(tools, owner)
    before = everything(tools.database)
    with pytest.raises(NotSignedIn):
        give_code(tools, owner.id, owner.session_epoch, phone.code())
    assert everything(tools.database) == before


@pytest.mark.parametrize("code", ["", "٤٥٦٧٨٩", "\ud800", "a\0b", "0" * 10_000, "aaaaa-aaaaa"])
def test_what_is_no_code_fits_nobody(tools, phone, code):
    assert "does not fit" in wrong_code(tools, phone, code)


def test_nobody_unknown_gives_a_code(tools, phone):
    with pytest.raises(NotSignedIn):
        give_code(tools, "nobody", 0, phone.code())


def test_an_account_without_a_second_factor_takes_no_code(tools, join):
    mo = join()
    with pytest.raises(NotSignedIn):
        give_code(tools, mo.id, mo.session_epoch, "")


def test_the_log_of_signing_in_names_no_secret(tools, phone):
    sign_in(tools, phone.owner.email, PASSWORD)
    wrong_code(tools, phone, "123456")
    give_code(tools, phone.owner.id, phone.owner.session_epoch, phone.code())
    give_code(tools, phone.owner.id, phone.owner.session_epoch, phone.paper[0])
    events = rows(tools.database, AuditEvent)
    assert [event.action for event in events[-5:]] == [
        "moderator.asked_for_code",
        "moderator.sign_in_failed",
        "moderator.signed_in",
        "moderator.recovery_code_used",
        "moderator.signed_in",
    ]
    told = repr(everything(tools.database)["audit_events"])
    for secret in (
        PASSWORD,
        phone.key,
        "123456",
        phone.code(),
        phone.paper[0],
        phone.paper[0].replace("-", ""),
    ):
        assert secret not in told
