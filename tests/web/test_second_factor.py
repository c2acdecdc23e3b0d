"""The second factor and the account page, in a browser without script."""

import re
from dataclasses import replace

import pyotp
import pytest

from moderation.services import admitting
from moderation.web import create_app
from tests.web.conftest import PASSWORD, Browser

FACTOR, CODE = "/desk/account/second-factor", "/desk/sign-in/code"
STEP = 30


class Phone:
    def __init__(self, browser, clock):
        page = browser.page(FACTOR)
        assert browser.send(page, "/second-factor", password=PASSWORD).status_code == 303
        page = browser.page(FACTOR)
        assert "<svg" in page.html
        self.key = re.search(r'class="one-time">([^<]+)<', page.html)[1].replace(" ", "")
        self._clock, self._page, self._browser = clock, page, browser

    def code(self) -> str:
        return pyotp.TOTP(self.key).at(self._clock())

    def turn_on(self) -> list[str]:
        answer = self._browser.send(self._page, "/confirm", code=self.code())
        assert answer.status_code == 200
        self._clock.advance(seconds=STEP)
        return re.findall(r"\b[a-z2-9]{5}-[a-z2-9]{5}\b", answer.text)


@pytest.fixture
def phone(moderator, clock):
    return Phone(moderator, clock)


@pytest.fixture
def recovery(phone):
    return phone.turn_on()


def give_password(browser: Browser, email="moderator@paper.example", wanted=""):
    page = browser.page("/desk/sign-in" + (f"?next={wanted}" if wanted else ""))
    return browser.send(page, "/sign-in", email=email, password=PASSWORD)


def test_turning_it_on_signs_out_and_from_then_on_a_code_is_asked_for(moderator, client, phone, recovery):
    assert len(recovery) == 10
    assert moderator.get("/desk/").status_code == 303
    answer = give_password(client, wanted="/desk/audit")
    assert answer.location == CODE
    answer = client.send(client.page(CODE), CODE, code=phone.code())
    assert (answer.status_code, answer.location) == (303, "/desk/audit")
    client.page("/desk/audit")


def test_a_recovery_code_opens_the_desk_when_the_phone_is_lost(client, recovery):
    give_password(client)
    assert client.send(client.page(CODE), CODE, code=recovery[0]).status_code == 303
    assert "9" in client.page(FACTOR).text


def test_half_a_sign_in_opens_nothing_at_all(app, client, recovery):
    give_password(client)
    token = client.page(CODE).form(CODE).fields["csrf_token"]
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("desk."):
            continue
        address = re.sub(r"<[^>]+>", "none", rule.rule.replace("<any(csv, json):form>", "csv"))
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            data = {"csrf_token": token} if method == "POST" else None
            answer = client.open(address, method=method, data=data)
            refused = answer.status_code == 401 or "/desk/sign-in" in answer.headers.get("Location", "")
            assert refused, (method, address, answer.status_code)


def test_half_a_sign_in_is_over_after_five_minutes(client, clock, phone, recovery):
    give_password(client)
    page = client.page(CODE)
    clock.advance(minutes=5, seconds=1)
    assert client.send(page, CODE, code=phone.code()).location == "/desk/sign-in"
    assert client.get(CODE).location == "/desk/sign-in"
    assert client.get("/desk/").status_code == 303


def test_a_wrong_code_says_so_and_lets_nobody_in(client, recovery):
    give_password(client)
    answer = client.send(client.page(CODE), CODE, code="000000")
    assert answer.status_code == 401
    assert "does not fit" in client.read(answer).text
    assert client.get("/desk/").status_code == 303


def test_codes_are_limited_by_network_too(tools, newsroom, clock):
    strict = replace(tools, settings=tools.settings.model_copy(update={"sign_in_limit": "2 per hour"}))
    app = create_app(strict)
    app.test_client_class = Browser
    browser = app.test_client()
    token = browser.page("/desk/sign-in").form("/sign-in").fields["csrf_token"]
    answers = [browser.post(CODE, data={"csrf_token": token, "code": "1"}).status_code for _ in range(3)]
    assert answers == [303, 303, 429]


def test_a_link_that_sets_a_new_password_does_not_pass_by_the_code(client, tools, phone, recovery):
    token = admitting.request_reset(tools, "moderator@paper.example")
    answer = client.send(client.page(f"/desk/welcome/{token}"), token, password=f"{PASSWORD} Now another.")
    assert answer.location == CODE
    assert client.get("/desk/").status_code == 303
    assert client.send(client.page(CODE), "/code", code=phone.code()).location == "/desk/"
    client.page("/desk/")


def test_a_role_that_must_have_it_is_led_there_and_nowhere_else(tools, newsroom, signed_in, clock):
    tools.settings.__dict__["second_factor_for"] = ("moderator",)
    browser, viewer = signed_in("moderator"), signed_in("viewer")
    assert browser.get("/desk/audit").location == FACTOR
    token = browser.page(FACTOR).form("/sign-out").fields["csrf_token"]
    assert browser.post("/desk/undo", data={"csrf_token": token}).status_code == 403
    browser.page("/desk/account")
    viewer.page("/desk/audit")
    phone = Phone(browser, clock)
    phone.turn_on()
    give_password(browser)
    browser.send(browser.page(CODE), CODE, code=phone.code())
    browser.page("/desk/audit")


def test_an_administrator_resets_the_second_factor_of_a_colleague(administrator, client, recovery):
    page = administrator.page("/desk/moderators")
    (form,) = [form for form in page.forms if form.action.endswith("/second-factor")]
    assert administrator.send(page, form.action).status_code == 303
    assert give_password(client).location == "/desk/"


def test_one_of_ones_sessions_is_ended_alone(moderator, client):
    client.environ_base["HTTP_USER_AGENT"] = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    )
    give_password(client)
    page = moderator.page("/desk/account")
    assert "Firefox on Linux" in page.text
    endings = [form.action for form in page.forms if re.search(r"/sessions/\w+/end$", form.action)]
    assert len(endings) == 2
    here = [form for form in page.forms if form.action in endings]
    for form in here:
        moderator.post(form.action, data=form.fields)
        break
    assert sorted([moderator.get("/desk/").status_code, client.get("/desk/").status_code]) == [200, 303]


def test_another_password_keeps_this_browser_and_ends_the_others(moderator, client):
    give_password(client)
    page = moderator.page("/desk/account")
    answer = moderator.send(
        page, "/password", old="not it, not it, not it", password="quite another password"
    )
    assert answer.status_code == 422
    assert (
        moderator.send(page, "/password", old=PASSWORD, password="quite another password").status_code == 303
    )
    moderator.page("/desk/account")
    assert client.get("/desk/").status_code == 303


def test_a_copied_cookie_is_dead_after_signing_out(app, moderator):
    cookie = moderator.get_cookie("session") or next(iter(moderator._cookies.values()))
    thief = app.test_client()
    thief.set_cookie(cookie.key, cookie.value)
    thief.page("/desk/")
    moderator.send(moderator.page("/desk/"), "/sign-out")
    assert thief.get("/desk/").status_code == 303
