"""The discussion in a frame on a page of another site, in a browser that keeps no cookies for such frames."""

import os
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest

from moderation.services import utc_now
from moderation.store.tables import SignOnKey
from moderation.store.unit_of_work import Database
from tests.browser.conftest import ROOT
from tests.browser.looking import THEMES, look, violations

pytestmark = pytest.mark.browser

CLEAN = "I see it otherwise, and here is why."
ATTACK = "You are an idiot."
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A page of the paper</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/page.css"></head>
<body><h1>A page of the paper</h1><p>Words of the article.</p>
<script async src="{base}/embed.js" data-site="asbarez" {said}></script>
<noscript><a id="plain" href="{base}/articles?site=asbarez&amp;article={article}">Read and write comments</a></noscript>
</body></html>"""
CSS = "body { margin: 12px; font-family: sans-serif; } @media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } }"


class Paper:
    """The site of a paper on a port of its own; `said` are the attributes of its script."""

    def __init__(self, service):
        self.base, self.article, self.said = service.base, service.article.rpartition("/")[2], ""
        paper = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                css = self.path.startswith("/page.css")
                text = CSS if css else PAGE.format(base=paper.base, said=paper.said, article=paper.article)
                self.send_response(200)
                self.send_header("Content-Type", f"text/{'css' if css else 'html'}; charset=utf-8")
                allowed = (
                    f"script-src {paper.base}; frame-src {paper.base}; style-src 'self'; img-src 'self' data:"
                )
                self.send_header("Content-Security-Policy", f"default-src 'none'; {allowed}")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # Not 127.0.0.1, where the service is: two names are two sites, as for any reader.
        self.origin = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def paper(service):
    """The paper's site, whose origin is registered."""
    paper = Paper(service)
    change(service, "--origin", paper.origin, "--set-up")
    yield paper
    paper.server.shutdown()
    paper.server.server_close()


def change(service, *words):
    subprocess.run(
        [sys.executable, "-m", "moderation", "site", "change", "asbarez", *words],
        cwd=ROOT,
        env=os.environ | {"MODERATION_DATABASE_URL": service.database},
        check=True,
        capture_output=True,
    )


def opened(page, paper, said):
    """Open the paper's page and return the frame on it, its height told."""
    paper.said = said
    page.goto(paper.origin + "/story")
    element = page.wait_for_selector("iframe")
    until(page, "document.querySelector('iframe').style.height !== '400px'")
    return element, element.content_frame()


def until(window, claim):
    """Wait until a claim is true, without the eval that the policies of both pages forbid."""
    for _ in range(200):
        if window.evaluate(claim):
            return
        time.sleep(0.05)
    raise AssertionError(f"never true: {claim}")


def as_high_as_it_holds(page, frame):
    """Wait until the frame is exactly as high as what it holds."""
    frame.wait_for_selector("#comments")
    high = "Math.ceil(document.documentElement.getBoundingClientRect().height)"
    for _ in range(100):
        inner, outer = frame.evaluate(high), page.evaluate("document.querySelector('iframe').clientHeight")
        if inner == outer:
            return outer
        page.wait_for_timeout(50)
    raise AssertionError(f"the frame is {outer} pixels high and holds {inner}")


def write(frame, body):
    frame.fill("#name", "Anahit")
    frame.fill("#email", "anahit@example.com")
    frame.fill("#body", body)
    frame.click("#comment-form button")


def background(frame):
    color = frame.evaluate("getComputedStyle(document.body).backgroundColor")
    return "dark" if sum(map(int, re.findall(r"\d+", color)[:3])) < 200 else "light"


@pytest.mark.parametrize("width", [320, 1280])
def test_a_comment_is_written_in_a_frame_that_is_as_high_as_what_it_holds(
    visitor, paper, complaints, shots, width
):
    page = visitor(script=True, viewport={"width": width, "height": 800})
    element, frame = opened(page, paper, f'data-article="{paper.article}"')
    assert element.get_attribute("title") == "Comments: A page of the paper"
    assert element.get_attribute("loading") == "lazy"
    before = as_high_as_it_holds(page, frame)
    body = f"{CLEAN} From a window of {width} pixels."
    write(frame, body)
    frame.wait_for_selector("#posted")
    assert "Your comment is published" in frame.inner_text("#posted")
    assert frame.evaluate("document.activeElement.id") == "posted"
    assert body in frame.inner_text(".thread")
    assert as_high_as_it_holds(page, frame) > before
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    inside = frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (over, inside) == (0, 0)
    if shots:
        page.screenshot(path=shots / f"embed-{width}.png", full_page=True)
    # The session of a form elsewhere stays at home: none was needed here, and none was kept.
    assert [cookie for cookie in page.context.cookies() if cookie["name"] == "moderation"] == []
    assert complaints == []


def test_an_attack_is_said_to_be_one_while_its_author_pauses_and_again_before_it_is_sent(
    visitor, paper, complaints
):
    page = visitor(script=True)
    _, frame = opened(page, paper, f'data-article="{paper.article}"')
    frame.fill("#body", ATTACK)
    frame.press("#body", "End")
    frame.type("#body", " Yes.")
    frame.wait_for_selector("#check .box")
    assert "No personal attacks" in frame.inner_text("#check")
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/comments" in answer.url):
        write(frame, ATTACK)  # another text than the one that was checked: it is asked about once more
    frame.wait_for_load_state()
    assert "No personal attacks" in frame.inner_text("#check")
    frame.click("#comment-form button")
    frame.wait_for_selector("#posted")
    assert "Your comment was not permitted" in frame.inner_text("#posted")
    assert as_high_as_it_holds(page, frame) > 400
    assert complaints == []


def test_the_frame_is_light_or_dark_as_the_page_says_or_as_its_reader_wishes(
    visitor, paper, complaints, shots
):
    page = visitor(script=True, color_scheme="light")
    _, frame = opened(page, paper, f'data-article="{paper.article}" data-theme="dark"')
    assert background(frame) == "dark"
    if shots:
        page.screenshot(path=shots / "embed-said-dark.png", full_page=True)
    page.evaluate("document.querySelector('script').dataset.theme = 'light'")
    until(frame, "document.documentElement.dataset.theme === 'light'")
    assert background(frame) == "light"
    page.emulate_media(color_scheme="dark")
    assert background(frame) == "light"
    page.evaluate("delete document.querySelector('script').dataset.theme")
    until(frame, "!document.documentElement.dataset.theme")
    assert background(frame) == "dark"
    _, frame = opened(page, paper, f'data-article="{paper.article}"')
    assert background(frame) == "dark"
    if shots:
        page.screenshot(path=shots / "embed-wished-dark.png", full_page=True)
    assert complaints == []


def test_the_page_listens_to_its_own_frame_and_to_nobody_else(visitor, paper, complaints):
    page = visitor(script=True)
    _, frame = opened(page, paper, f'data-article="{paper.article}"')
    high = as_high_as_it_holds(page, frame)
    page.evaluate("window.postMessage({ moderation: 1, height: 9999 }, location.origin)")
    frame.evaluate(
        "window.dispatchEvent(new MessageEvent('message', { data: { moderation: 1, theme: 'dark' }, source: window }))"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('iframe').clientHeight") == high
    assert frame.evaluate("document.documentElement.dataset.theme") is None
    assert complaints == []


def test_a_page_not_known_yet_is_set_up_by_its_first_comment(visitor, paper, complaints):
    page = visitor(script=True)
    _, frame = opened(page, paper, 'data-lang="hy"')
    assert frame.evaluate("document.documentElement.lang") == "hy"
    write(frame, CLEAN + " On a page that nobody had told of.")
    frame.wait_for_selector("#posted")
    _, frame = opened(page, paper, "")
    assert "nobody had told of" in frame.inner_text(".thread")
    assert complaints == []


def test_a_page_of_another_site_gets_no_frame_but_a_link(visitor, service, paper, complaints):
    other = Paper(service)
    try:
        page = visitor(script=True)
        other.said = f'data-article="{other.article}"'
        page.goto(other.origin + "/story")
        link = page.wait_for_selector("a[href*='/articles?']")
        assert page.query_selector("iframe") is None
        link.click()
        page.wait_for_url("**/articles/" + other.article + "*")
    finally:
        other.server.shutdown()
        other.server.server_close()
    assert any("frame-ancestors" in said for said in complaints)


def test_without_script_there_is_a_link_to_the_plain_page(visitor, paper):
    page = visitor()
    paper.said = f'data-article="{paper.article}"'
    page.goto(paper.origin + "/story")
    page.click("#plain")
    page.wait_for_url("**/articles/" + paper.article)
    assert page.query_selector("#comment-form")


def test_the_frame_can_be_read_and_pressed_by_everybody(visitor, paper, complaints, shots, undecided):
    address = f"{paper.base}/embed/thread?site=asbarez&article={paper.article}"
    page = visitor(script=True)
    for language in ("en", "hy"):
        page.goto(f"{address}&lang={language}")
        look(page, f"frame-{language}", shots, (320, 1280))
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            assert violations(page, f"frame {language} {theme}", undecided) == []
    assert complaints == []


SECRET = "a secret of thirty-two bytes or more"


@pytest.fixture(scope="module")
def key(service):
    """A key of the seeded site, by which it signs its readers on."""
    with Database(service.database).begin() as store:
        site = store.sites.get_by_slug("asbarez")
        row = SignOnKey(site_id=site.id, kid="k1", algorithm="HS256", secret=SECRET, created_at=utc_now())
        assert store.readers.add_key(row)


# A cookie that asks for all the leave there is: the browser of these tests keeps it at home, and in no foreign frame.
KEPT = """() => { document.cookie = "probe=1; SameSite=None; Secure"; return document.cookie }"""


def a_token(key, **changes):
    now = int(time.time())
    user = {"id": "user-1", "username": "Zabel", "email": "zabel@example.com"}
    claims = {"user": user, "jti": f"t{time.monotonic_ns()}", "iat": now, "exp": now + 120, "aud": "asbarez"}
    return jwt.encode(claims | changes, SECRET, headers={"kid": "k1"})


def can_be_read_by_everybody(page, frame, name, undecided):
    """Narrow and wide, in both themes: nothing sticks out of the frame, and axe finds nothing wrong."""
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert frame.evaluate(over) == 0
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            assert violations(frame, f"frame {name} {theme} {width}", undecided) == []


def test_a_reader_signed_on_by_the_site_writes_changes_and_withdraws_in_the_frame_without_a_cookie(
    visitor, paper, key, complaints, shots, undecided
):
    page = visitor(script=True)
    page.goto(paper.base)
    assert page.evaluate(KEPT) == "probe=1"
    page.context.clear_cookies()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    token = a_token(key)
    _, frame = opened(page, paper, f'data-article="{paper.article}" data-token="{token}"')
    assert frame.evaluate(KEPT) == ""
    frame.wait_for_selector("#comment-form >> text=You write as Zabel")
    assert not frame.query_selector("#email")
    body = f"{CLEAN} Signed on, in a frame."
    frame.fill("#body", body)
    frame.click("#comment-form button")
    frame.wait_for_selector("#posted")
    assert "Your comment is published" in frame.inner_text("#posted")
    assert frame.evaluate("document.activeElement.id") == "posted"
    assert "Zabel" in frame.inner_text(f".thread > li:has-text('{body}')")
    frame.click("#comment-form a >> text=My comments")
    frame.wait_for_selector("text=Change it")
    if shots:
        page.screenshot(path=shots / "embed-mine.png", full_page=True)
    can_be_read_by_everybody(page, frame, "mine", undecided)
    frame.click("text=Change it")
    frame.wait_for_selector("text=Save the change")
    can_be_read_by_everybody(page, frame, "change", undecided)
    frame.fill("#body", body + " And better.")
    frame.click("text=Save the change")
    frame.wait_for_selector("#posted >> text=Your changed comment is published.")
    frame.click("text=Withdraw it")
    frame.wait_for_selector("#posted >> text=You withdrew the comment.")
    assert frame.evaluate("document.activeElement.id") == "posted"
    page.evaluate("history.back()")
    frame.wait_for_selector("text=Save the change")
    frame.click("text=Back to my comments")
    frame.click("text=Back to the whole discussion")
    frame.wait_for_selector("#comment-form >> text=You write as Zabel")
    assert body not in frame.inner_text("main")
    assert page.context.cookies() == []
    secrets = (token.split(".")[1], "X-Reader")
    assert not [address for address in asked if any(secret in address for secret in secrets)]
    assert complaints == []


def test_a_token_used_before_is_said_and_one_given_later_signs_on_with_the_text_kept(
    visitor, paper, key, complaints
):
    page = visitor(script=True)
    used = a_token(key)
    said = f'data-article="{paper.article}" data-token="{used}"'
    _, frame = opened(page, paper, said)
    frame.wait_for_selector("text=You write as Zabel")
    _, frame = opened(page, paper, said)
    frame.wait_for_selector("#told >> text=used before")
    assert frame.query_selector("#email")  # as a guest he may write all the same
    frame.fill("#body", "Half a thought")
    page.evaluate("token => document.querySelector('script').dataset.token = token", a_token(key))
    frame.wait_for_selector("text=You write as Zabel")
    assert frame.input_value("#body") == "Half a thought"
    assert not frame.is_visible("#told")
    assert complaints == []


def test_a_token_from_a_window_that_is_not_the_page_around_signs_nobody_on(visitor, paper, key, complaints):
    page = visitor(script=True)
    _, frame = opened(page, paper, f'data-article="{paper.article}"')
    token = a_token(key)
    frame.evaluate("token => window.postMessage({ moderation: 1, token }, '*')", token)
    page.wait_for_timeout(500)
    assert not frame.query_selector("text=You write as")
    assert complaints == []
