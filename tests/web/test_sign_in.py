"""Who gets in, for how long, and how a session ends."""

import re

import pytest

from moderation.services import admitting
from moderation.web.sessions import family
from tests.web.conftest import PASSWORD


def sign_in(browser, email="moderator@paper.example", password=PASSWORD, following=""):
    page = browser.page(f"/desk/sign-in?next={following}" if following else "/desk/sign-in")
    return browser.send(page, "/sign-in", email=email, password=password)


@pytest.fixture
def account(moderator, tools):
    """An account with a password, of a moderator who is signed in elsewhere."""
    with tools.database.read() as store:
        return store.moderators.get_by_email("moderator@paper.example")


def test_the_right_password_opens_the_queue(client, account):
    assert sign_in(client).location == "/desk/"
    assert "Moderator, moderator" in client.page("/desk/").text


def test_the_address_counts_in_whatever_case(client, account):
    assert sign_in(client, email=" Moderator@PAPER.example ").status_code == 303


def test_a_wrong_password_and_an_unknown_address_are_told_in_the_same_words(client, account):
    wrong, unknown = sign_in(client, password="no"), sign_in(client, email="nobody@paper.example")
    assert wrong.status_code == unknown.status_code == 401
    pages = [client.read(answer) for answer in (wrong, unknown)]
    assert pages[0].text == pages[1].text
    assert pages[0].form("/sign-in").fields["email"] == "moderator@paper.example"
    assert pages[0].form("/sign-in").fields["password"] == ""


def test_guessing_slows_down_in_the_words_of_every_other_failure(client, account, clock):
    answers = [sign_in(client, password=f"guess {number}") for number in range(12)]
    answers.append(sign_in(client))  # right, but in the pause
    assert {answer.status_code for answer in answers} == {401}
    assert len({client.read(answer).text for answer in answers}) == 1
    clock.advance(minutes=15)
    assert sign_in(client).status_code == 303


def test_signing_in_leads_to_the_page_that_was_asked_for(client, account):
    answer = client.get("/desk/audit?action=comment.approved")
    assert answer.status_code == 303
    page = client.page(answer.location)
    answer = client.send(page, "/sign-in", email=account.email, password=PASSWORD)
    assert answer.location == "/desk/audit?action=comment.approved"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/desk/..//evil.example\r\nX: y",
        "/articles/karabakh",
    ],
)
def test_signing_in_leads_nowhere_else(client, account, elsewhere):
    page = client.page("/desk/sign-in")
    answer = client.send(page, "/sign-in", email=account.email, password=PASSWORD, next=elsewhere)
    assert answer.location == "/desk/"


def test_a_session_is_new_at_sign_in(client, account):
    before = client.page("/desk/sign-in").form("/sign-in").fields["csrf_token"]
    sign_in(client)
    answer = client.post("/desk/sign-out", data={"csrf_token": before})
    assert answer.status_code == 400


def test_signing_out_ends_the_session_on_the_server(moderator):
    stolen = moderator.get_cookie("moderation").value
    assert moderator.send(moderator.page("/desk/"), "/sign-out").location == "/desk/sign-in"
    moderator.set_cookie("moderation", stolen)
    assert moderator.get("/desk/").status_code == 303


def test_a_session_ends_after_half_an_hour_without_a_request(moderator, clock):
    for _ in range(3):
        clock.advance(minutes=29)
        moderator.page("/desk/")
    clock.advance(minutes=31)
    assert moderator.get("/desk/").status_code == 303


def test_a_session_ends_after_twelve_hours_however_busy(moderator, clock):
    for _ in range(24):
        clock.advance(minutes=29)
        moderator.page("/desk/")
    clock.advance(minutes=29)
    assert moderator.get("/desk/").status_code == 303


def test_a_session_ends_when_the_role_changes(moderator, tools, account, administrator):
    admitting.set_role(tools, account.id, "viewer", "cli")
    assert moderator.get("/desk/").status_code == 303


def test_what_is_sent_after_the_session_ended_is_not_done_and_says_so(senior, clock):
    page = senior.page("/desk/blocks")
    clock.advance(hours=1)
    answer = senior.send(page, "/desk/blocks", domain="spam.example", days="7")
    assert answer.status_code == 401
    assert "Your session is over" in senior.read(answer).text


def test_opening_a_link_does_not_use_it_up(app, tools, newsroom):
    token = admitting.invite(tools, "new@paper.example", "viewer", "cli")
    browser = app.test_client()
    browser.page(f"/desk/welcome/{token}")
    page = browser.page(f"/desk/welcome/{token}")
    assert browser.send(page, token, name="New", password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("name", "", id="no name"),
        pytest.param("password", "short", id="short"),
        pytest.param("password", "a" * 20, id="one letter"),
    ],
)
def test_a_weak_password_or_no_name_is_named_at_its_field(app, tools, newsroom, field, value):
    token = admitting.invite(tools, "new@paper.example", "viewer", "cli")
    browser = app.test_client()
    typed = {"name": "New", "password": PASSWORD} | {field: value}
    answer = browser.send(browser.page(f"/desk/welcome/{token}"), token, **typed)
    page = browser.read(answer)
    assert answer.status_code == 422
    assert f"#{field}" in page.links
    assert page.form(token).fields["name"] == typed["name"]
    assert page.form(token).fields["password"] == ""


@pytest.mark.parametrize("token", ["unknown", "%ED%A0%80", "a" * 500])
def test_a_link_that_is_none_is_404(client, token):
    client.page(f"/desk/welcome/{token}", 404)


def test_a_link_expires(app, tools, newsroom, clock):
    token = admitting.invite(tools, "new@paper.example", "viewer", "cli")
    clock.advance(days=8)
    app.test_client().page(f"/desk/welcome/{token}", 404)


def test_a_session_that_was_tampered_with_is_none(moderator):
    moderator.set_cookie("moderation", moderator.get_cookie("moderation").value[:-2] + "xx")
    assert moderator.get("/desk/").status_code == 303


def test_each_browser_has_its_session_and_signs_out_alone(app, moderator, account):
    other = app.test_client()
    sign_in(other)
    assert "this one" in moderator.page("/desk/account").text
    assert len(sessions_on(moderator)) == 2
    moderator.send(moderator.page("/desk/"), "/sign-out")
    other.page("/desk/")
    assert len(sessions_on(other)) == 1
    assert moderator.get("/desk/").status_code == 303


def sessions_on(browser):
    """The addresses that end one of the account's sessions, the one used last first."""
    forms = browser.page("/desk/account").forms
    return [form.action for form in forms if re.search(r"/sessions/\w+/end$", form.action)]


def test_another_browser_is_signed_out_from_here(app, moderator, account, clock):
    other = app.test_client()
    sign_in(other)
    clock.advance(minutes=2)
    page = moderator.page("/desk/account")
    _, others = sessions_on(moderator)
    assert moderator.send(page, others).location == "/desk/account"
    assert other.get("/desk/").status_code == 303
    assert len(sessions_on(moderator)) == 1


def test_the_session_here_may_be_ended_from_the_list_too(moderator):
    page = moderator.page("/desk/account")
    assert moderator.send(page, sessions_on(moderator)[0]).location == "/desk/sign-in"
    assert moderator.get("/desk/").status_code == 303


def test_signing_out_everywhere_ends_every_browser(app, moderator, account):
    other = app.test_client()
    sign_in(other)
    assert moderator.send(moderator.page("/desk/account"), "/sessions/end").location == "/desk/sign-in"
    assert [browser.get("/desk/").status_code for browser in (moderator, other)] == [303, 303]


def test_another_password_keeps_this_browser_and_ends_the_others(app, moderator, account):
    other, before = app.test_client(), moderator.get_cookie("moderation").value
    sign_in(other)
    page = moderator.page("/desk/account")
    answer = moderator.send(page, "/account/password", old=PASSWORD, password="several other words")
    assert answer.location == "/desk/account"
    moderator.page("/desk/")
    assert other.get("/desk/").status_code == 303
    assert sign_in(other).status_code == 401
    assert sign_in(other, password="several other words").status_code == 303
    moderator.set_cookie("moderation", before)
    assert moderator.get("/desk/").status_code == 303


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("old", {"old": "wrong", "password": "several other words"}),
        ("password", {"old": PASSWORD, "password": "x"}),
    ],
)
def test_a_password_that_is_not_changed_is_named_at_its_field(moderator, field, typed):
    answer = moderator.send(moderator.page("/desk/account"), "/account/password", **typed)
    page = moderator.read(answer)
    assert answer.status_code == 422
    assert f"#{field}" in page.links
    assert page.form("/account/password").fields["password"] == ""
    moderator.page("/desk/")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("<script>alert(1)</script>", "A browser"),
        ("", "A browser"),
    ],
)
def test_of_a_browser_only_its_family_is_known(told, shown):
    assert family(told) == shown


def test_where_a_password_is_typed_nobody_reads_along_and_a_password_manager_may_help(app, moderator, tools):
    token = admitting.invite(tools, "new@paper.example", "viewer", "cli")
    asked = []
    for browser, address in (
        (app.test_client(), "/desk/sign-in"),
        (app.test_client(), f"/desk/welcome/{token}"),
        (moderator, "/desk/account"),
        (moderator, "/desk/account/second-factor"),
    ):
        page = browser.page(address)
        fields = [
            given
            for tag, given in page.tags
            if tag == "input" and "password" in given.get("name", "") + given["type"]
        ]
        assert fields, address
        asked += fields
    assert {given["type"] for given in asked} == {"password"}
    assert {given["autocomplete"] for given in asked} == {"current-password", "new-password"}
    assert not [given for given in asked if {"maxlength", "pattern", "onpaste", "readonly"} & given.keys()]
