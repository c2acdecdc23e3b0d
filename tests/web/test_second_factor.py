"""The second factor in a browser: turned on by its owner, asked for after the password, required where it is set so."""

import re

import pyotp
import pytest

from moderation.services import admitting, second_factor
from moderation.settings import Settings
from tests.web.conftest import PASSWORD
from tests.web.test_sign_in import sign_in

EMAIL = "moderator@paper.example"


class Phone:
    """What shows the codes, and the paper beside it."""

    def __init__(self, key, clock, paper):
        self.key, self.clock, self.paper = key, clock, paper

    def code(self):
        return pyotp.TOTP(self.key).at(self.clock())


def turn_on(browser, clock) -> Phone:
    """Go through the pages as their reader does."""
    page = browser.page("/desk/account/second-factor")
    assert browser.send(page, "/second-factor", password=PASSWORD).status_code == 303
    page = browser.page("/desk/account/second-factor")
    key = re.search(r'class="one-time">([A-Z2-7 ]+)<', page.html)[1].replace(" ", "")
    answer = browser.send(page, "/confirm", code=pyotp.TOTP(key).at(clock()))
    assert answer.status_code == 200, answer.text
    clock.advance(minutes=1)
    return Phone(key, clock, re.findall(r"<code>(\w{5}-\w{5})</code>", browser.read(answer).html))


@pytest.fixture
def phone(moderator, clock) -> Phone:
    """The phone of the moderator, who has turned it on and was signed out by that."""
    return turn_on(moderator, clock)


@pytest.fixture
def halfway(client, phone):
    """A browser in which the moderator's password was given, and no code yet."""
    assert sign_in(client).location == "/desk/sign-in/code"
    return client


def ways_into_the_desk(app, unless=()):
    """Method and address of every route of the desk but those whose views declare one of these permissions."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk.")]
    with app.test_request_context():
        return [
            (
                method,
                app.url_for(
                    rule.endpoint, **{name: {"form": "csv"}.get(name, "none") for name in rule.arguments}
                ),
            )
            for rule in rules
            if app.view_functions[rule.endpoint].permission not in unless
            for method in sorted(rule.methods & {"GET", "POST"})
        ]


def give(browser, code):
    return browser.send(browser.page("/desk/sign-in/code"), "/sign-in/code", code=code)


def test_turned_on_it_shows_ten_codes_once_and_every_session_is_over(moderator, phone):
    assert len({*phone.paper}) == 10
    assert moderator.get("/desk/").status_code == 303
    assert sign_in(moderator).location == "/desk/sign-in/code"


def test_the_key_and_the_paper_are_on_no_page_afterwards(halfway, phone):
    give(halfway, phone.code())
    for address in ("/desk/account", "/desk/account/second-factor", "/desk/moderators", "/desk/audit"):
        html = halfway.page(address).html
        assert not [secret for secret in (phone.key, *phone.paper) if secret in html.replace(" ", "")], (
            address
        )
    assert "still work: 10." in halfway.page("/desk/account/second-factor").text


def test_a_page_with_the_key_or_the_codes_is_kept_nowhere(moderator, clock):
    moderator.send(moderator.page("/desk/account/second-factor"), "/second-factor", password=PASSWORD)
    answer = moderator.get("/desk/account/second-factor")
    assert "no-store" in answer.headers["Cache-Control"]
    page = moderator.read(answer)
    key = re.search(r'class="one-time">([A-Z2-7 ]+)<', page.html)[1].replace(" ", "")
    answer = moderator.send(page, "/confirm", code=pyotp.TOTP(key).at(clock()))
    assert "recovery codes" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_password_then_code_lead_to_the_page_that_was_asked_for(client, phone):
    assert sign_in(client, following="/desk/audit").location == "/desk/sign-in/code"
    assert give(client, phone.code()).location == "/desk/audit"
    client.page("/desk/audit")


def test_a_wrong_code_says_so_and_a_code_from_paper_will_do(halfway, phone):
    answer = give(halfway, "000000")
    assert answer.status_code == 401
    assert "does not fit" in halfway.read(answer).text
    assert give(halfway, phone.paper[0]).location == "/desk/"
    assert "still work: 9." in halfway.page("/desk/account/second-factor").text


def test_halfway_no_page_of_the_desk_opens(app, halfway):
    token = halfway.page("/desk/sign-in/code").form("/code").fields["csrf_token"]
    for method, address in ways_into_the_desk(app):
        data = {"csrf_token": token} if method == "POST" else None
        answer = halfway.open(address, method=method, data=data)
        assert answer.status_code == (303 if method == "GET" else 401), (method, address)
        assert "/desk/sign-in?" in answer.headers.get("Location", "/desk/sign-in?"), address


def test_halfway_ends_after_five_minutes(halfway, phone, clock):
    page = halfway.page("/desk/sign-in/code")
    clock.advance(minutes=5)
    halfway.page("/desk/sign-in/code")
    clock.advance(seconds=1)
    answer = halfway.send(page, "/sign-in/code", code=phone.code())
    assert answer.location == "/desk/sign-in"
    assert "took too long" in halfway.page("/desk/sign-in").text
    assert halfway.get("/desk/").status_code == 303
    assert halfway.get("/desk/sign-in/code").location == "/desk/sign-in"


def test_halfway_is_void_when_the_account_was_changed(halfway, phone, tools):
    with tools.database.read() as store:
        account = store.moderators.get_by_email(EMAIL)
    admitting.set_role(tools, account.id, "viewer", "cli")
    assert give(halfway, phone.code()).status_code == 401
    assert halfway.get("/desk/").status_code == 303


def test_without_a_password_no_code_is_asked_for(client, phone):
    assert client.get("/desk/sign-in/code").location == "/desk/sign-in"
    token = client.page("/desk/sign-in").form("/sign-in").fields["csrf_token"]
    answer = client.post("/desk/sign-in/code", data={"csrf_token": token, "code": phone.code()})
    assert answer.location == "/desk/sign-in"
    assert client.get("/desk/").status_code == 303


def test_a_link_that_sets_a_password_does_not_get_round_the_code(client, phone, tools):
    token = admitting.request_reset(tools, EMAIL)
    page = client.page(f"/desk/welcome/{token}")
    answer = client.send(page, token, password="yet another long password")
    assert answer.location == "/desk/sign-in/code"
    assert client.get("/desk/").status_code == 303
    assert give(client, phone.code()).location == "/desk/"


def test_a_copy_of_the_halfway_cookie_needs_a_code_of_its_own(halfway, phone, app):
    stolen = halfway.get_cookie("moderation").value
    code = phone.code()
    page = halfway.page("/desk/sign-in/code")
    assert halfway.send(page, "/sign-in/code", code=code).location == "/desk/"
    thief = app.test_client()
    thief.set_cookie("moderation", stolen)
    assert give(thief, code).status_code == 401
    assert thief.get("/desk/").status_code == 303


def test_new_paper_and_turning_off_ask_for_both(halfway, phone, clock):
    give(halfway, phone.code())
    clock.advance(minutes=1)
    for ending, identity in (("/codes", "codes"), ("/off", "off")):
        for typed, field in (
            ({"password": "wrong", "code": phone.code()}, "password"),
            ({"password": PASSWORD, "code": ""}, "code"),
        ):
            answer = halfway.send(halfway.page("/desk/account/second-factor"), ending, **typed)
            assert answer.status_code == 422
            assert f"#{identity}-{field}" in halfway.read(answer).links
    page = halfway.page("/desk/account/second-factor")
    renewed = halfway.read(halfway.send(page, "/codes", password=PASSWORD, code=phone.code()))
    paper = re.findall(r"<code>(\w{5}-\w{5})</code>", renewed.html)
    assert len(paper) == 10
    answer = halfway.send(page, "/off", password=PASSWORD, code=paper[0])
    assert answer.location == "/desk/sign-in"
    assert sign_in(halfway).location == "/desk/"


def test_an_administrator_resets_a_colleague_s(halfway, phone, administrator):
    page = administrator.page("/desk/moderators")
    assert administrator.send(page, "/second-factor").location == "/desk/moderators"
    assert give(halfway, phone.code()).status_code == 401
    assert sign_in(halfway).location == "/desk/"


class TestWhereItIsRequired:
    """Moderators have to turn it on; viewers need not."""

    @pytest.fixture
    def settings(self):
        return Settings(
            posting_limit="1000 per minute",
            sign_in_limit="1000 per minute",
            live_streams=0,
            second_factor_for="moderator, administrator",
        )

    def test_who_has_none_reaches_the_way_to_it_and_nothing_else(self, app, moderator):
        token = moderator.page("/desk/account").form("/sessions/end").fields["csrf_token"]
        for method, address in ways_into_the_desk(app, unless=("own_account",)):
            if method == "GET":
                assert moderator.get(address).location == "/desk/account/second-factor", address
            else:
                assert moderator.post(address, data={"csrf_token": token}).status_code == 403, address
        assert "Your role needs it here" in moderator.page("/desk/account/second-factor").text

    def test_once_it_is_on_the_desk_opens(self, moderator, clock):
        phone = turn_on(moderator, clock)
        assert sign_in(moderator).location == "/desk/sign-in/code"
        assert give(moderator, phone.code()).location == "/desk/"
        moderator.page("/desk/")

    def test_who_turns_it_off_is_led_back_to_it(self, moderator, clock):
        phone = turn_on(moderator, clock)
        sign_in(moderator)
        give(moderator, phone.code())
        clock.advance(minutes=1)
        page = moderator.page("/desk/account/second-factor")
        moderator.send(page, "/off", password=PASSWORD, code=phone.code())
        sign_in(moderator)
        assert moderator.get("/desk/").location == "/desk/account/second-factor"

    def test_other_roles_need_none(self, viewer):
        viewer.page("/desk/")

    def test_who_gets_such_a_role_is_led_there(self, viewer, tools):
        with tools.database.read() as store:
            account = store.moderators.get_by_email("viewer@paper.example")
        admitting.set_role(tools, account.id, "administrator", "cli")
        sign_in(viewer, email="viewer@paper.example")
        assert viewer.get("/desk/moderators").location == "/desk/account/second-factor"


def test_the_qr_code_is_drawn_from_the_key_and_names_nobody_else(moderator, tools):
    moderator.send(moderator.page("/desk/account/second-factor"), "/second-factor", password=PASSWORD)
    page = moderator.page("/desk/account/second-factor")
    assert page.html.count("<svg") == 1
    with tools.database.read() as store:
        account = store.moderators.get_by_email(EMAIL)
    key = second_factor.proposed(tools, account)
    assert " ".join(key[at : at + 4] for at in range(0, len(key), 4)) in page.text
