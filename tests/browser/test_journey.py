"""From a reader's first comment to a moderator's decision, in a real browser over the real service."""

import pytest

from tests.browser.looking import enter, look, post

pytestmark = pytest.mark.browser

CLEAN, PROFANE, ATTACK = (
    "I see it otherwise, and here is why.",
    "This is fucking bullshit.",
    "You are an idiot.",
)
HELD = "Pashinyan is an idiot"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3


def test_a_reader_writes_and_a_moderator_decides(visitor, service, complaints, shots):
    """Nothing here needs script: the reader's and the moderator's browser run none."""
    reader = visitor()
    reader.goto(service.article)
    assert "Comments are welcomed and encouraged." in reader.inner_text("main")

    post(reader, CLEAN)
    assert "Your comment is published" in reader.inner_text("h1")
    reader.click("text=See it in the discussion")
    assert CLEAN in reader.inner_text(".thread")

    reader.goto(service.article)
    post(reader, PROFANE)
    assert "not permitted" in reader.inner_text("h1")
    assert "No profanity" in reader.inner_text("main")
    assert "fucking" in reader.inner_text("mark >> nth=0")

    reader.goto(service.article)
    reader.click(".reply")
    assert CLEAN in reader.inner_text("blockquote.quoted")
    post(reader, ATTACK)
    assert "No personal attacks" in reader.inner_text("main")
    assert "warning" in reader.inner_text("main")

    other = visitor()
    other.goto(service.article)
    post(other, HELD, name="Bedros", email="bedros@example.com")
    assert "A moderator will read your comment" in other.inner_text("h1")
    answer = other.url

    desk = visitor()
    enter(desk, service)
    assert "idiot" in desk.inner_text(".case mark")
    desk.click('.case button[value="approve"]')
    assert "Approved" in desk.inner_text("[role=status]")
    assert "Nothing is waiting" in desk.inner_text("main")

    other.goto(answer)
    assert "Your comment is published" in other.inner_text("h1")

    desk.goto("/desk/?state=published")
    case = desk.locator(".case", has_text="Anahit")
    case.locator("summary", has_text="Take down").click()
    case.locator("select[name=clause]").first.select_option("spam")
    case.locator("button", has_text="Take the comment down").click()
    reader.goto(service.article)
    assert CLEAN not in reader.inner_text("main")
    assert complaints == []


def test_every_page_can_be_read_and_pressed_at_every_width_in_both_themes(
    visitor, service, complaints, shots
):
    page = visitor(script=True)  # only to measure; the pages carry none
    page.goto(service.article)
    post(page, f"{LONG}\n\n{CLEAN}", name="Lusine " + "x" * 60, email="lusine@example.com")
    look(page, "published", shots)
    page.goto("/")
    look(page, "home", shots)
    page.goto(service.article)
    look(page, "article", shots)
    page.click("#comment-form .buttons button")
    look(page, "errors", shots)
    page.goto(service.article)
    post(page, f"{ATTACK} {PROFANE}", email="lusine@example.com")
    look(page, "rejected", shots)
    for name in ("policy", "problems", "nowhere"):
        page.goto(f"/{name}")
        look(page, name, shots)
    page.goto("/desk/sign-in")
    look(page, "sign-in", shots)
    enter(page, service)
    for name in (
        "",
        "?state=published",
        "?state=rejected",
        "blocks?show=all",
        "articles",
        "articles/new",
        "moderators",
        "audit",
        "deliveries",
    ):
        page.goto(f"/desk/{name}")
        look(page, "desk-" + (name.replace("?", "-").replace("/", "-") or "queue"), shots)
    page.goto("/desk/?state=rejected")
    for summary in page.locator(".case >> nth=0 >> details > summary").all():
        summary.click()
    look(page, "desk-open", shots)
    page.click("text=in full >> nth=0")
    page.wait_for_url("**/desk/comments/**")
    look(page, "desk-comment", shots)
    page.click(".beside a[href*='/authors/']")
    page.wait_for_url("**/desk/authors/**")
    look(page, "desk-author", shots)
    assert complaints == []


def test_what_is_wrong_takes_the_focus_and_leads_to_its_field(visitor, service):
    page = visitor(script=True)
    page.goto(service.article)
    page.fill("#body", CLEAN)
    page.click("#comment-form .buttons button")
    page.wait_for_selector("#errors")
    assert page.evaluate("document.activeElement.id") == "errors"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'name'")
    assert page.input_value("#body") == CLEAN


def test_a_comment_is_written_with_the_keyboard_alone(visitor, service):
    page = visitor(script=True)
    page.goto(service.article)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#name")
    page.keyboard.type("Karine")
    page.keyboard.press("Tab")
    page.keyboard.type("karine@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("By keyboard alone, and slowly.")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/outcomes/**")
    assert "published" in page.inner_text("h1")


def test_an_override_in_a_comment_does_not_reorder_the_page(visitor, service):
    """Marks that honest Arabic and Hebrew need are let through; they turn nothing outside the comment."""
    page = visitor(script=True)
    page.goto(service.article)
    post(page, "\u2067שלום\u2066 abc", name="Noa", email="noa@example.com")
    page.goto(service.article)
    isolated = page.evaluate(
        "[...document.querySelectorAll('.body, .who')].map((n) => getComputedStyle(n).unicodeBidi)"
    )
    assert set(isolated) <= {"isolate", "plaintext", "isolate-override"}
