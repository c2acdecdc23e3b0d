"""Who may enter the desk: invited, in a role, and let go at once."""

import pytest

from moderation.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from moderation.services.admitting import (
    accept_link,
    deactivate,
    first_administrator_link,
    invite,
    request_reset,
    set_role,
)
from moderation.services.signing_in import sign_in
from moderation.store.tables import AuditEvent, Moderator, OneTimeLink
from tests.services.conftest import OTHER, PASSWORD, account
from tests.workbench import everything, rows


def test_an_invitation_opens_an_account_that_signs_in(tools, join, clock):
    joined = join("Mo@Paper.example", "viewer")
    assert (joined.email, joined.name, joined.role) == ("mo@paper.example", "Mo", "viewer")
    assert sign_in(tools, " MO@paper.example ", PASSWORD).id == joined.id
    assert account(tools, joined).last_signed_in_at == clock()
    actions = [event.action for event in rows(tools.database, AuditEvent)]
    assert actions == ["moderator.invited", "moderator.joined", "moderator.signed_in"]


def test_neither_a_password_nor_a_token_is_kept_as_it_is(tools, join):
    join()
    token = invite(tools, "another@paper.example", "moderator", "cli")
    kept = repr(everything(tools.database))
    assert PASSWORD not in kept
    assert token not in kept
    assert rows(tools.database, Moderator)[0].password_hash.startswith("$argon2id$")


def test_a_one_time_link_works_once(tools, clock):
    token = invite(tools, "mo@paper.example", "moderator", "cli")
    accept_link(tools, token, "Mo", PASSWORD)
    before = everything(tools.database)
    with pytest.raises(NotFound):
        accept_link(tools, token, "Eve", OTHER)
    assert everything(tools.database) == before


@pytest.mark.parametrize("token", ["", "guessed", "\ud800", "a\0"])
def test_a_guessed_link_opens_nothing(tools, token):
    with pytest.raises(NotFound):
        accept_link(tools, token, "Eve", PASSWORD)


def test_an_invitation_ends_after_a_week_and_a_newer_one_replaces_it(tools, clock):
    older, newer = (invite(tools, "mo@paper.example", "moderator", "cli") for _ in range(2))
    with pytest.raises(NotFound):
        accept_link(tools, older, "Mo", PASSWORD)
    clock.advance(days=7)
    with pytest.raises(NotFound):
        accept_link(tools, newer, "Mo", PASSWORD)


def test_who_has_an_account_is_not_invited_again(tools, join):
    token = invite(tools, "eve@paper.example", "moderator", "cli")
    join()
    with pytest.raises(InvalidInput):
        invite(tools, "MO@paper.example", "administrator", "cli")
    assert accept_link(tools, token, "Eve", PASSWORD).role == "moderator"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "M\0"}),
        ("name", {"name": "M" * 81}),
        ("password", {"password": "eleven char"}),
        ("password", {"password": "x" * 201}),
        ("password", {"password": "password1234"}),
        ("password", {"password": "aaaaaaaaaaaaaaaa"}),
        ("password", {"password": "a.moderator.mo"}),
        ("password", {"password": "a surrogate \ud800"}),
    ],
)
def test_a_wrong_name_or_password_leaves_the_link_as_it_was(tools, field, given):
    token = invite(tools, "a.moderator.mo@paper.example", "moderator", "cli")
    before = everything(tools.database)
    with pytest.raises(InvalidInput) as refusal:
        accept_link(tools, token, **{"name": "Mo", "password": PASSWORD} | given)
    assert [*refusal.value.fields] == [field]
    assert everything(tools.database) == before
    accept_link(tools, token, "Mo", PASSWORD)


def test_a_reset_sets_a_new_password_ends_sessions_and_earlier_links(tools, join, clock):
    mo = join()
    earlier, token = request_reset(tools, mo.email), request_reset(tools, "MO@paper.example")
    with pytest.raises(NotFound):
        accept_link(tools, earlier, "", OTHER)
    assert accept_link(tools, token, "", OTHER).session_epoch > mo.session_epoch
    assert account(tools, mo).name == "Mo"
    assert sign_in(tools, mo.email, OTHER).id == mo.id
    with pytest.raises(NotSignedIn):
        sign_in(tools, mo.email, PASSWORD)


def test_a_reset_ends_after_two_hours_and_nobody_unknown_gets_one(tools, join, clock):
    token = request_reset(tools, join().email)
    clock.advance(hours=2)
    with pytest.raises(NotFound):
        accept_link(tools, token, "", OTHER)
    for unknown in ("nobody@paper.example", "a\0"):
        with pytest.raises((NotFound, InvalidInput)):
            request_reset(tools, unknown)


def test_a_closed_account_is_out_until_it_is_invited_again(tools, join):
    join("admin@paper.example", "administrator")
    mo = join()
    token = request_reset(tools, mo.email)
    deactivate(tools, mo.id, "cli")
    assert account(tools, mo).session_epoch > mo.session_epoch
    with pytest.raises(NotSignedIn):
        sign_in(tools, mo.email, PASSWORD)
    with pytest.raises(NotFound):
        accept_link(tools, token, "", OTHER)
    with pytest.raises(NotFound):
        deactivate(tools, mo.id, "cli")
    again = accept_link(tools, invite(tools, mo.email, "viewer", "cli"), "Moses", OTHER)
    assert (again.id, again.name, again.role) == (mo.id, "Moses", "viewer")
    assert sign_in(tools, mo.email, OTHER).role == "viewer"


def test_the_last_administrator_stays(tools, join):
    first = join("admin@paper.example", "administrator")
    for attempt in (
        lambda: deactivate(tools, first.id, "cli"),
        lambda: set_role(tools, first.id, "viewer", "cli"),
    ):
        with pytest.raises(Conflict):
            attempt()
    second = join("other@paper.example", "administrator")
    set_role(tools, first.id, "moderator", second.id)
    with pytest.raises(Conflict):
        deactivate(tools, second.id, first.id)


def test_the_first_administrator_comes_in_by_the_latest_link_and_names_the_address(tools):
    stale, token = first_administrator_link(tools), first_administrator_link(tools)
    with pytest.raises(NotFound):
        accept_link(tools, stale, "Eve", PASSWORD, "eve@paper.example")
    with pytest.raises(InvalidInput):
        accept_link(tools, token, "Ada", PASSWORD, "")
    ada = accept_link(tools, token, "Ada", PASSWORD, "ada@paper.example")
    assert (ada.role, ada.email) == ("administrator", "ada@paper.example")
    assert first_administrator_link(tools) is None


def test_the_first_administrators_link_opens_nothing_once_there_is_one(tools, join):
    token = first_administrator_link(tools)
    join("ada@paper.example", "administrator")
    with pytest.raises(NotFound):
        accept_link(tools, token, "Eve", PASSWORD, "eve@paper.example")
    assert [moderator.email for moderator in rows(tools.database, Moderator)] == ["ada@paper.example"]


@pytest.mark.parametrize(
    ("email", "role", "field"), [("nobody", "viewer", "email"), ("a@b.example", "emperor", "role")]
)
def test_an_invitation_with_a_wrong_field_is_not_made(tools, email, role, field):
    with pytest.raises(InvalidInput) as refusal:
        invite(tools, email, role, "cli")
    assert [*refusal.value.fields] == [field]
    assert rows(tools.database, OneTimeLink) == []
