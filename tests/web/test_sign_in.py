"""Who gets in, for how long, and how a session ends."""

import pytest

from moderation.services import admitting
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


def test_a_session_ends_after_a_day_of_work_however_busy(moderator, clock):
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
