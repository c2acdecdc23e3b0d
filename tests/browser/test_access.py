"""Every page and state of the reader's side for everybody: both languages, with and without script, narrow and wide,
light and dark, by keyboard, in large letters, and through the eyes of axe."""

import pytest

from tests.browser.looking import THEMES, look, violations
from tests.browser.states import ATTACK, CLEAN, HELD, STATES, World, article

pytestmark = pytest.mark.browser

WIDTHS = (320, 1280)
ON_THE_STATUS = "() => document.activeElement.getAttribute('role') === 'status'"


@pytest.fixture
def world(service, visitor):
    return World(service, visitor)


@pytest.fixture
def open_window(visitor):
    """Give a window of a visitor who reads in this language."""

    def open_window(language, *, script):
        page = visitor(script=script)
        page.goto(f"/policy?lang={language}")
        return page

    return open_window


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("script", [False, True], ids=["plain", "script"])
@pytest.mark.parametrize("language", ["en", "hy"])
def test_every_state_can_be_reached_read_and_pressed(
    open_window, world, complaints, shots, undecided, language, script, name
):
    page = open_window(language, script=script)
    state = STATES[name]
    state.lead(page, world)
    assert page.get_attribute("html", "lang") == language
    assert page.inner_text("h1").startswith(getattr(state, language))
    look(page, f"{name}-{language}-{'script' if script else 'plain'}", shots, WIDTHS)
    if script:  # axe is one; the page is the same without
        for width in WIDTHS:
            for theme in THEMES:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=theme)
                assert violations(page, f"{name} {language} {width} {theme}", undecided) == []
    large(page, name)
    assert complaints == []


def large(page, name):
    """Letters of twice the size push nothing out of a window of 640 pixels, as wide as 320 of theirs."""
    page.set_viewport_size({"width": 640, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{name} in large letters: {over} pixels stick out"


@pytest.mark.parametrize(("language", "words"), [("en", "would not be permitted"), ("hy", "չի թույլատրվի")])
def test_while_a_reader_pauses_the_panel_says_which_words_break_which_rule(
    open_window, world, complaints, shots, undecided, language, words
):
    page = open_window(language, script=True)
    article(page, world)
    page.fill("#name", "Anahit")
    page.locator("#body").press_sequentially(f"Well. {ATTACK}", delay=5)
    panel = page.locator("#check")
    panel.locator("mark").first.wait_for()
    assert words in panel.inner_text()
    assert "idiot" in panel.locator("mark").first.inner_text()
    assert panel.get_attribute("role") == "status"
    assert page.evaluate("document.activeElement.id") == "body"  # the reader goes on writing
    look(page, f"panel-{language}", shots, WIDTHS)
    assert violations(page, f"panel {language}", undecided) == []
    page.fill("#body", CLEAN)
    panel.locator("mark").first.wait_for(state="detached")
    page.fill("#email", "anahit-pauses@example.com")
    with page.expect_navigation():
        page.click("#comment-form .buttons button")
    assert "/outcomes/" in page.url
    assert complaints == []


def test_what_the_panel_has_said_is_not_said_again_on_sending(open_window, world):
    page = open_window("en", script=True)
    article(page, world)
    for name, value in {**world.somebody(), "body": ATTACK}.items():
        page.fill(f"#{name}", value)
    page.locator("#check mark").first.wait_for()
    with page.expect_navigation():
        page.click("#comment-form .buttons button")
    assert "/outcomes/" in page.url


def test_a_script_that_is_away_hinders_nobody(open_window, world):
    page = open_window("en", script=True)
    page.route("**/check.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.route("**/check?panel=1", lambda route: route.abort())
    article(page, world)
    for name, value in {**world.somebody(), "body": ATTACK}.items():
        page.fill(f"#{name}", value)
    with page.expect_navigation():
        page.click("#comment-form .buttons button")
    assert page.inner_text("h1") == "Before you post"


def typed(page, *values):
    """Type into the fields of the form one after the other, by keyboard, up to the button behind them."""
    page.focus("#name")
    for value in values:
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the wish to be told of replies


@pytest.mark.parametrize(("body", "heading"), [(CLEAN, "published"), (HELD, "moderator will read")])
def test_by_keyboard_a_comment_is_sent_and_the_focus_is_on_its_answer(open_window, world, body, heading):
    page = open_window("en", script=True)
    article(page, world)
    who = world.somebody()
    typed(page, who["name"], who["email"], body)
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert heading in page.inner_text("h1")
    page.wait_for_function(ON_THE_STATUS)


def test_by_keyboard_a_comment_is_checked_reworded_and_sent(open_window, world):
    page = open_window("en", script=True)
    article(page, world)
    who = world.somebody()
    typed(page, who["name"], who["email"], ATTACK)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_function(ON_THE_STATUS)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "body"
    page.keyboard.press("Control+a")
    page.keyboard.type(CLEAN)
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "published" in page.inner_text("h1")


def test_who_wants_less_motion_gets_none(open_window, world):
    page = open_window("en", script=True)
    page.emulate_media(reduced_motion="reduce")
    article(page, world)
    moving = """[...document.querySelectorAll('*')].filter((node) => {
      const style = getComputedStyle(node)
      return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0
    }).length + (getComputedStyle(document.documentElement).scrollBehavior === 'smooth')"""
    assert page.evaluate(moving) == 0


def test_a_comment_carries_its_language_and_its_direction(open_window, world, service):
    page = open_window("en", script=True)
    for name, body, language, direction in [
        ("Lusine", "Թող բոլորը լսեն, որ մենք այստեղ ենք։", "hy", "ltr"),
        ("Noa", "שלום לכולם, אני לא מסכים", "he", "rtl"),
        ("Garo", "Menq petq e ujex banak unenanq, urish elq chka", "hy-Latn", "ltr"),
    ]:
        article(page, world)
        with page.expect_navigation():
            for field, value in {"name": name, "email": f"{name}@example.com", "body": body}.items():
                page.fill(f"#{field}", value)
            page.click("#comment-form .buttons button")
        written = page.locator(".body").first
        assert written.get_attribute("lang") == language
        assert written.evaluate("(node) => getComputedStyle(node).direction") == direction
