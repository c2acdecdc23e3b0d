"""The rooms of the desk in a real Chromium: through axe, narrow and wide, light and dark; a draft checked while typed."""

import re

import pyotp
import pytest

from tests.browser.looking import PASSWORD, THEMES, enter, look, post, violations

pytestmark = pytest.mark.browser

WIDTHS = (320, 1280)
IN_ARMENIAN = (
    "",
    "policy",
    "figures",
    "report",
    "second-look",
    "blocks",
    "steps",
    "moderators",
    "articles/new",
    "permissions",
    "account",
    "account/second-factor",
)
ROOMS = (
    "policy",
    "figures",
    "report",
    "second-look",
    "models",
    "alerts",
    "audit?action=comment.decided",
    "moderators",
    "permissions",
    "account",
)


@pytest.fixture
def desk(visitor, service):
    """A window at the desk of a service with some comments and a draft that was replayed."""
    page = visitor(script=True)
    for number, body in enumerate(("You are an idiot.", "Pashinyan is an idiot", "I see it otherwise.")):
        page.goto(service.article)
        post(page, body, email=f"reader{number}@example.com")
    enter(page, service)
    return page


def seen(page, name, shots, undecided):
    look(page, f"room-{name}", shots, WIDTHS)
    for width in WIDTHS:
        for theme in THEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            assert violations(page, f"{name} {width} {theme}", undecided) == []


def test_every_room_can_be_read_and_pressed(desk, shots, undecided, complaints):
    for room in ROOMS:
        desk.goto(f"/desk/{room}")
        desk.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        seen(desk, room.partition("?")[0], shots, undecided)
    assert complaints == []


def test_the_longer_words_of_armenian_fit(desk, shots, undecided, complaints):
    desk.goto("/desk/?lang=hy")
    for room in IN_ARMENIAN:
        desk.goto(f"/desk/{room}")
        assert desk.evaluate("document.documentElement.lang") == "hy"
        desk.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        seen(desk, f"armenian-{room.replace('/', '-') or 'queue'}", shots, undecided)
    desk.goto("/desk/")
    desk.keyboard.press("r")
    assert "Ո՞ր կանոնը" in desk.inner_text("#said")
    assert complaints == []


def test_the_second_factor_is_turned_on_and_off(visitor, service, shots, undecided, complaints):
    """Under its own account, so that other tests find the first administrator without one."""
    boss, desk = visitor(), visitor(script=True)
    enter(boss, service)
    boss.goto("/desk/moderators")
    boss.fill("#email", "nare@paper.example")
    boss.select_option("#role", "senior")
    boss.click("form[action$='/invite'] button")
    desk.goto(re.search(r"http\S+/desk/welcome/[\w-]+", boss.inner_text("main"))[0])
    desk.fill("#name", "Nare")
    desk.fill("#password", PASSWORD)
    desk.click("main button")
    desk.wait_for_url("**/desk/")

    desk.goto("/desk/account/second-factor")
    seen(desk, "factor-off", shots, undecided)
    desk.fill("#begin-password", "wrong")
    desk.click("main form button")
    assert "not your password" in desk.inner_text("main")
    seen(desk, "factor-mistaken", shots, undecided)
    desk.fill("#begin-password", PASSWORD)
    desk.click("main form button")
    desk.wait_for_selector(".qr svg")
    seen(desk, "factor-key", shots, undecided)
    code = pyotp.TOTP(desk.inner_text(".one-time").replace(" ", ""))
    desk.fill("#confirm-code", code.now())
    desk.click("form[action$='/confirm'] button")
    desk.wait_for_selector(".codes")
    paper = desk.locator(".codes code").all_inner_texts()
    seen(desk, "factor-paper", shots, undecided)

    desk.click("main a.button")
    desk.fill("#email", "nare@paper.example")
    desk.fill("#password", PASSWORD)
    desk.click("main button")
    desk.wait_for_url("**/desk/sign-in/code")
    seen(desk, "code", shots, undecided)
    desk.fill("#code", "000000")
    desk.click("main button")
    desk.wait_for_selector("[role=alert]:focus")
    seen(desk, "code-mistaken", shots, undecided)
    desk.fill("#code", paper[0])
    desk.click("main button")
    desk.wait_for_url("**/desk/")

    desk.goto("/desk/account")
    seen(desk, "account-with-factor", shots, undecided)
    desk.click("a[href$='/second-factor']")
    seen(desk, "factor-on", shots, undecided)
    desk.fill("#off-password", PASSWORD)
    desk.fill("#off-code", paper[1])
    desk.click("form[action$='/off'] button")
    desk.wait_for_url("**/desk/sign-in")
    assert complaints == []


def test_a_draft_is_checked_while_typed_replayed_and_published(desk, shots, undecided, complaints):
    desk.goto("/desk/policy")
    text = desk.input_value("#text")
    desk.fill("#text", text.replace("hold_at = 0.45", "hold_at = 7", 1))
    desk.wait_for_selector("#draft-check .bad")
    assert "clauses.threat.hold_at" in desk.inner_text("#draft-check")
    seen(desk, "draft-wrong", shots, undecided)
    desk.fill("#text", text.replace("hold_at = 0.45", "hold_at = 0.4", 1))
    desk.wait_for_selector("#draft-check .good")
    assert "0.45 -> 0.4" in desk.inner_text("#draft-check")
    with desk.expect_navigation():
        desk.click("form.draft button >> nth=0")
    desk.wait_for_selector("[role=status]:focus >> text=The draft is kept")
    desk.fill("#body", "You are an idiot.")
    with desk.expect_navigation():
        desk.click("form[action*='/policy/try'] button")
    desk.wait_for_selector("[role=status]:focus")
    assert "reject" in desk.inner_text("#try ~ .box")
    seen(desk, "tried", shots, undecided)
    with desk.expect_navigation():
        desk.click("form[action$='/replays'] button")
    desk.wait_for_selector("text=Done:", timeout=120_000)
    seen(desk, "replay", shots, undecided)
    desk.goto("/desk/policy")
    desk.fill("#reason", "To see it in force.")
    with desk.expect_navigation():
        desk.click("form[action$='/publish'] button")
    assert "is in force" in desk.inner_text("[role=status]")
    desk.click("#versions + table tbody th a")
    desk.wait_for_selector("text=It is in force.")
    seen(desk, "version", shots, undecided)
    assert complaints == []
