"""Passwords: another one is chosen by who knows the old, and guessing is slow wherever one is asked for."""

import subprocess
import sys

import pytest

from moderation.errors import InvalidInput, NotFound, NotSignedIn
from moderation.services import admitting, passwords
from moderation.services.admitting import change_password
from moderation.services.signing_in import sign_in
from moderation.store.tables import AuditEvent
from tests.services.conftest import OTHER, PASSWORD, account
from tests.workbench import everything, rows


def test_the_owner_chooses_another_and_signs_in_with_it_alone(tools, join):
    mo = join()
    changed = change_password(tools, mo.id, PASSWORD, OTHER, "request-1")
    assert (changed.id, changed.session_epoch) == (mo.id, mo.session_epoch + 1)
    event = rows(tools.database, AuditEvent)[-1]
    assert (event.action, event.actor, event.request_id) == ("moderator.password_changed", mo.id, "request-1")
    assert sign_in(tools, mo.email, OTHER).id == mo.id
    with pytest.raises(NotSignedIn):
        sign_in(tools, mo.email, PASSWORD)


def test_links_that_set_a_password_end_with_the_change(tools, join):
    mo = join()
    token = admitting.request_reset(tools, mo.email)
    change_password(tools, mo.id, PASSWORD, OTHER)
    with pytest.raises(NotFound):
        admitting.accept_link(tools, token, "", "a third password, quite long")


@pytest.mark.parametrize(
    "new", ["short", "password1234", "a" * 20, "x" * 201, "half \ud800 of a pair", PASSWORD]
)
def test_a_new_one_that_is_not_good_enough_changes_nothing(tools, join, new):
    mo = join()
    before = everything(tools.database)
    with pytest.raises(InvalidInput) as refusal:
        change_password(tools, mo.id, PASSWORD, new)
    assert [*refusal.value.fields] == ["password"]
    assert everything(tools.database) == before


def test_a_wrong_old_one_counts_as_a_failed_sign_in(tools, join):
    mo = join()
    for _ in range(5):
        with pytest.raises(InvalidInput) as refusal:
            change_password(tools, mo.id, OTHER, "a third password, quite long")
        assert [*refusal.value.fields] == ["old"]
    assert account(tools, mo).failed_sign_ins == 5
    with pytest.raises(InvalidInput):  # right, but in the pause
        change_password(tools, mo.id, PASSWORD, OTHER)
    with pytest.raises(NotSignedIn):
        sign_in(tools, mo.email, PASSWORD)
    event = rows(tools.database, AuditEvent)[-1]
    assert (event.action, event.detail) == ("moderator.sign_in_failed", {"failures": 5, "of": "password"})


def test_a_closed_account_proves_nothing(tools, join):
    mo = join()
    admitting.deactivate(tools, mo.id, "cli")
    with pytest.raises(NotSignedIn):
        passwords.prove(tools, mo.id, PASSWORD)


def test_no_password_stands_in_the_log(tools, join):
    mo = join()
    with pytest.raises(InvalidInput):
        change_password(tools, mo.id, "a wrong password of mine", OTHER)
    change_password(tools, mo.id, PASSWORD, OTHER)
    kept = repr(everything(tools.database))
    for password in (PASSWORD, OTHER, "a wrong password of mine"):
        assert password not in kept


def test_what_serves_hashes_slowly_enough():
    """The tests hash cheaply (tests/conftest.py); OWASP's minimum is argon2id with 19 MiB and 2 passes."""
    script = "from moderation.services.passwords import hashed; print(hashed('a long enough password'))"
    kept = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert kept.startswith("$argon2id$v=19$m=32768,t=2,p=1$")
