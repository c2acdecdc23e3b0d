"""From a reader's first comment to a moderator's decision, in a real browser over the real service."""

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

CLEAN, PROFANE, ATTACK = (
    "I see it otherwise, and here is why.",
    "This is fucking bullshit.",
    "You are an idiot.",
)
HELD = "Pashinyan is an idiot"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
PASSWORD = "several words make a good one"
WIDTHS, THEMES = (320, 720, 1280), ("light", "dark")

# Contrast of every text against what is behind it, as WCAG 2 counts it.
CONTRAST = """() => {
  const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number)
  const shade = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }
  const light = ([r, g, b]) => 0.2126 * shade(r) + 0.7152 * shade(g) + 0.0722 * shade(b)
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = parse(getComputedStyle(node).backgroundColor)
      if (color.length === 3 || color[3] === 1) return color
    }
    return parse(getComputedStyle(document.documentElement).backgroundColor)
  }
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement
    if (!walk.currentNode.data.trim() || !node.getClientRects().length) continue
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x)
    const ratio = (a + 0.05) / (b + 0.05)
    if (ratio < 4.5) found.push(`${walk.currentNode.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`)
  }
  return found
}"""
# Links inside a sentence are exempt (WCAG 2.5.8); everything else to press measures 24 pixels at least.
PRESSED = "button, input:not([type=hidden]), select, textarea, summary, nav a, .reply"
SMALL = """(pressed) => [...document.querySelectorAll(pressed)]
  .filter((node) => node.getClientRects().length)
  .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""


def look(page, name, shots):
    """See the page at every width in both themes: nothing sticks out, everything can be read and pressed."""
    for width in WIDTHS:
        for theme in THEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=shots / f"{name}-{width}-{theme}.png", full_page=True)
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 0, f"{name} at {width}: {over} pixels stick out"
            assert page.evaluate(CONTRAST) == [], f"{name} in {theme}"
            assert page.evaluate(SMALL, PRESSED) == [], f"{name} at {width}"


@pytest.fixture(scope="session")
def shots(tmp_path_factory) -> Path:
    """Where the pictures go: MODERATION_SCREENSHOTS, or a folder that is thrown away."""
    folder = Path(os.environ.get("MODERATION_SCREENSHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def post(page, body, name="Anahit", email="anahit@example.com"):
    page.fill("#name", name)
    page.fill("#email", email)
    page.fill("#body", body)
    page.click("#comment-form button")
    page.wait_for_url("**/outcomes/**")


def enter(page, service):
    """Open the desk: by the first administrator's link, or by the password that was set with it."""
    if page.goto(service.welcome).status == 200:
        page.fill("#name", "Armine")
    else:
        page.goto("/desk/sign-in")
    page.fill("#email", "armine@paper.example")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/desk/")


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
    desk.click("text=Approve")
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
    page.click("#comment-form button")
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
    page.click("#comment-form button")
    page.wait_for_selector("#errors")
    assert page.evaluate("document.activeElement.id") == "errors"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'name'")
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
