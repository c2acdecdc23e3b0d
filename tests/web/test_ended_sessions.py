"""However a session at the desk ends, its cookie opens nothing afterwards and does nothing."""

import pyotp
import pytest

from moderation.services import admitting, second_factor, sessions
from tests.web.conftest import PASSWORD

OTHER = "quite another password, is it not"


def turn_on(tools, account):
    """Turn the second factor on; give the key."""
    second_factor.propose(tools, account.id, PASSWORD)
    with tools.database.read() as store:
        key = second_factor.proposed(tools, store.moderators.get(account.id))
    second_factor.confirm(tools, account.id, pyotp.TOTP(key).at(tools.now()))


def set_by_link(tools, account):
    admitting.accept_link(tools, admitting.request_reset(tools, account.email), "", OTHER)


def end_from_elsewhere(tools, account):
    (session,) = sessions.going(tools, account.id)
    sessions.end(tools, account.id, session.id)


ENDINGS = {
    "signed out": lambda tools, account: None,  # by its own browser, below
    "ended from another browser": end_from_elsewhere,
    "signed out everywhere": lambda tools, account: sessions.end_all(tools, account.id),
    "idle for half an hour": lambda tools, account: tools.now.advance(minutes=31),
    "another role": lambda tools, account: admitting.set_role(tools, account.id, "senior", "cli"),
    "deactivated": lambda tools, account: admitting.deactivate(tools, account.id, "cli"),
    "another password": lambda tools, account: admitting.change_password(tools, account.id, PASSWORD, OTHER),
    "a password by a link": set_by_link,
    "a second factor": turn_on,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ended_session_opens_nothing_and_does_nothing(tools, app, moderator, ending):
    with tools.database.read() as store:
        account = store.moderators.get_by_email("moderator@paper.example")
    page = moderator.page("/desk/")
    cookie = moderator.get_cookie("moderation").value
    if ending == "signed out":
        moderator.send(page, "/sign-out")
    ENDINGS[ending](tools, account)

    def thief():
        browser = app.test_client()
        browser.set_cookie("moderation", cookie)
        return browser

    answer = thief().get("/desk/")
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/desk/sign-in")
    token = page.form("/sign-out").fields["csrf_token"]
    done = thief().post("/desk/undo", data={"csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"})
    assert done.status_code == 401
