"""A long discussion in a real browser: orders, pages, threads, pins and the address of each comment."""

from datetime import UTC, datetime, timedelta

import pytest

from moderation.store.unit_of_work import Database
from tests.browser.looking import THEMES, look, violations
from tests.builders import Discussion, a_stored_comment, an_author, stored

pytestmark = pytest.mark.browser

BEGUN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def told(service):
    """A discussion of 45 threads, one with 60 replies, with words from the paper pinned; ids by what they are."""
    database = Database(service.database)
    with database.begin() as store:
        site = store.sites.all()[0]
        article = store.articles.page().items[0]
        reader = an_author(site, name="Անահիտ Գրիգորյան")
        staff = an_author(site, name="The editor", role="staff")
        stored(store, reader, staff)
        where = Discussion(site, article, reader)

        def say(minute, body, **changes):
            at = BEGUN + timedelta(minutes=minute)
            fields = {"state": "published", "received_at": at, "published_at": at, "body": body}
            return a_stored_comment(store, where, **fields | changes)

        tops = [say(n, f"Comment number {n}. See https://example.com/plan/{n} for it.") for n in range(45)]
        replies, parent = [], tops[20]
        for n in range(60):
            replies.append(say(100 + n, f"Reply number {n}.", parent_id=parent.id))
            parent = replies[-1] if n % 3 else tops[20]
        pinned = say(200, "A word from the paper: the plan is public.", author=staff, language="en")
        say(201, "Սա ճիշտ չէ։", parent_id=pinned.id, language="hy")
        store.comments.pin(pinned.id, BEGUN)
    database.dispose()
    return {"oldest": tops[0].id, "top": tops[20].id, "last": replies[-1].id, "pinned": pinned.id}


@pytest.mark.parametrize("language", ["en", "hy"])
def test_every_page_of_a_discussion_can_be_read_and_pressed(
    visitor, service, told, complaints, shots, undecided, language
):
    page = visitor(script=True)
    pages = {
        "newest": service.article,
        "discussed": f"{service.article}?order=discussed",
        "thread": f"{service.article}/threads/{told['top']}",
        "frame-thread": f"/embed/articles/{{}}/threads/{told['top']}",
    }
    page.goto(f"/embed/thread?site=asbarez&article={service.article.rpartition('/')[2]}")
    action = page.get_attribute("#comment-form", "action")
    pages["frame-thread"] = pages["frame-thread"].format(action.split("/")[3])
    for name, address in pages.items():
        page.goto(address + ("&" if "?" in address else "?") + f"lang={language}")
        look(page, f"discussion-{name}-{language}", shots, (320, 1280))
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            assert violations(page, f"{name} {language} {theme}", undecided) == []
    assert complaints == []


def test_the_address_of_a_comment_leads_to_it_in_its_place(visitor, service, told):
    page = visitor()
    for name in ("oldest", "top", "last", "pinned"):
        page.goto(f"/comments/{told[name]}")
        comment = page.locator(f"#c-{told[name]}")
        assert comment.count() == 1
        box = comment.bounding_box()
        assert 0 <= box["y"] < page.viewport_size["height"], name
        page.keyboard.press("Tab")
        assert page.evaluate(
            "(id) => document.getElementById(id).contains(document.activeElement)", f"c-{told[name]}"
        )


def test_every_comment_is_reached_by_links_alone(visitor, service, told):
    page = visitor()
    page.goto(service.article)
    assert page.locator("article.comment").first.get_attribute("id") == f"pinned-{told['pinned']}"
    seen = set()
    while True:
        seen |= {node.get_attribute("id") for node in page.query_selector_all(".thread > li > article")}
        following = page.query_selector("nav[aria-label='Older comments'] a")
        if following is None:
            break
        following.click()
        page.wait_for_load_state()
    assert len(seen) == 46
    page.goto(f"{service.article}?order=discussed")
    assert page.locator(".thread > li > article").first.get_attribute("id") == f"c-{told['top']}"
    page.click("text=All 60 replies")
    page.wait_for_url("**/threads/**")
    replies = page.locator(".replies article").count()
    page.click("text=Later replies")
    page.wait_for_load_state()
    assert replies + page.locator(".replies article").count() == 60
