"""The discussion on a page of another origin: with script in a frame, without it by a link."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from moderation.store.unit_of_work import Database
from tests.browser.looking import violations
from tests.browser.states import ATTACK, CLEAN, World

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="{language}"><head><title>A story</title></head><body><h1>A story</h1>
<script async src="{base}/embed.js" data-article="{slug}" data-theme="{theme}"></script>
<noscript><a href="{base}/articles?article={slug}">Read and write comments</a></noscript></body></html>"""


@pytest.fixture(scope="module")
def elsewhere(service):
    """A newspaper's own page, on a port of its own, which is another origin; its address takes language and theme."""

    class Newspaper(BaseHTTPRequestHandler):
        def do_GET(self):
            _, _, language, theme = (
                self.path.split("/") if self.path.count("/") == 3 else ("", "", "en", "light")
            )
            slug = service.article.rpartition("/")[2]
            page = PAGE.format(base=service.base, slug=slug, language=language, theme=theme).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            # What docs/embedding.md says a page must allow.
            self.send_header(
                "Content-Security-Policy",
                f"default-src 'none'; script-src {service.base}; frame-src {service.base}",
            )
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Newspaper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    database = Database(service.database)
    with database.begin() as store:
        store.sites.all()[0].origins = [address]
    database.dispose()
    yield address
    server.shutdown()
    server.server_close()


def frame_of(page):
    page.locator("iframe").scroll_into_view_if_needed()
    return page.frame_locator("iframe")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("language", "heading"),
    [("en", "Your comment is published"), ("hy", "Ձեր մեկնաբանությունը հրապարակված է")],
)
def test_a_comment_is_written_in_the_frame(
    visitor, service, elsewhere, complaints, undecided, language, heading, theme, width
):
    page = visitor(script=True, viewport={"width": width, "height": 900})
    page.goto(f"{elsewhere}/x/{language}/{theme}")
    frame = frame_of(page)
    who = World(service, visitor).somebody()
    for name, value in {**who, "body": CLEAN}.items():
        frame.locator(f"#{name}").fill(value)
    frame.locator("#comment-form .buttons button").first.click()
    assert heading in frame.locator("#posted").inner_text()
    assert frame.locator("html").get_attribute("lang") == language
    assert page.locator("iframe").get_attribute("title")
    height = page.locator("iframe").evaluate("(frame) => frame.getBoundingClientRect().height")
    inside = frame.locator("html").evaluate("(root) => root.scrollHeight")
    assert height >= inside - 1, "the frame is as high as what it holds"
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = page.frames[-1]
    assert violations(found, f"frame {language} {theme} {width}", undecided) == []
    assert complaints == []


def test_a_comment_against_the_policy_is_shown_in_the_frame_before_it_is_sent(
    visitor, service, elsewhere, complaints
):
    page = visitor(script=True)
    page.goto(f"{elsewhere}/x/en/light")
    frame = frame_of(page)
    for name, value in {**World(service, visitor).somebody(), "body": ATTACK}.items():
        frame.locator(f"#{name}").fill(value)
    frame.locator("#check mark").first.wait_for()
    assert "would not be permitted" in frame.locator("#check").inner_text()
    assert complaints == []


def test_without_script_a_link_leads_to_the_plain_page(visitor, service, elsewhere):
    page = visitor()
    page.goto(f"{elsewhere}/x/en/light")
    page.click("noscript a, a")
    assert page.url.startswith(service.base)
    assert page.locator("#comment-form").count() == 1


def test_a_page_of_an_origin_that_is_not_registered_gets_no_frame(visitor, service, elsewhere):
    page = visitor(script=True)
    page.goto(elsewhere.replace("127.0.0.1", "localhost") + "/x/en/light")
    page.locator("iframe").scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    assert page.frame_locator("iframe").locator("#comment-form").count() == 0
