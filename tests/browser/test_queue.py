"""The queue by keyboard alone, by two moderators at once, and through the eyes of axe."""

import pytest

from moderation.services import utc_now
from moderation.store.unit_of_work import Database
from tests.browser.looking import PASSWORD, THEMES, enter, look, violations
from tests.builders import Discussion, a_decision, a_stored_comment, an_author, stored

pytestmark = pytest.mark.browser

MANY, WIDTHS = 100, (320, 1280)
WORDS = "Pashinyan is an idiot, says number"


@pytest.fixture
def seed(service):
    """Store held comments, each by an author of its own; none that waited before waits any more."""

    def seed(number, words=WORDS):
        database = Database(service.database)
        made = []
        with database.begin() as store:
            for item in store.desk.queue(now=utc_now(), limit=500).items:
                store.comments.withdraw(item.comment.id, version=item.comment.version)
            site = store.sites.all()[0]
            article = store.articles.page(site_id=site.id).items[0]
            for count in range(number):
                author = an_author(site, name=f"Reader {count}")
                stored(store, author)
                public = {"verdict": "hold", "clause": "personal-attack", "scores": {}, "policy_version": "p"}
                public |= {"model_versions": {}, "reasons": []}
                signal = {"detector": "personal_attack", "clause": "personal-attack", "score": 0.6}
                signal |= {"spans": [[16, 21]], "target": "public_figure", "matched_as": None, "note": ""}
                decision = a_decision(public=public, signals=[signal], severity=50)
                comment = a_stored_comment(
                    store,
                    Discussion(site, article, author),
                    body=f"{words} {count}",
                    received_at=utc_now(),
                    decision=decision,
                )
                made.append(comment.id)
        database.dispose()
        return made

    return seed


def states(service, ids):
    database = Database(service.database)
    with database.read() as store:
        found = {key: store.comments.get(key).state for key in ids}
    database.dispose()
    return found


class Keys:
    """A keyboard that counts."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def press(self, key):
        self.page.keyboard.press(key)
        self.count += 1


def settled(page):
    """Wait until the last answer has come and a comment is marked, or none waits."""
    page.wait_for_function(
        "() => document.querySelector('.case[aria-current]') || !document.querySelector('.case:not(.done)')"
    )


def colleague(visitor, service, desk, name="Bedros", script=True):
    """Invite a second moderator and let him in."""
    desk.goto("/desk/moderators")
    desk.fill("#email", f"{name.lower()}@paper.example")
    desk.select_option("#role", "moderator")
    desk.click("main form[action$='/invite'] button")
    link = desk.inner_text(".one-time")
    other = visitor(script=script)
    other.goto(link)
    other.fill("#name", name)
    other.fill("#password", PASSWORD)
    other.click("main button")
    other.wait_for_url("**/desk/")
    return other


def test_a_hundred_comments_are_cleared_by_keyboard_with_two_undone(visitor, service, seed, complaints):
    page = visitor(script=True)
    enter(page, service)
    ids = seed(MANY)
    page.goto("/desk/")
    keys = Keys(page)
    cleared = undone = 0
    regrets = {10, 60}  # after so many, the last is undone
    while cleared < MANY:
        settled(page)
        keys.press("a")
        cleared += 1
        if cleared in regrets:
            regrets.remove(cleared)
            keys.press("u")
            cleared, undone = cleared - 1, undone + 1
            page.wait_for_function("() => document.querySelector('#said').textContent.startsWith('Undone')")
        if cleared % 50 == 0 and not page.locator(".case:not(.done)").count():
            page.wait_for_function(
                "() => !document.querySelector('.case.done')"  # the next fifty, or that nothing waits
            )
    page.wait_for_selector("text=Nothing is waiting.")
    found = states(service, ids)
    print(f"{keys.count} key presses for {MANY} comments: {keys.count / MANY:.2f} each, {undone} undone")
    assert set(found.values()) == {"published"}
    assert undone == 2
    assert keys.count <= 1.3 * MANY
    assert complaints == []


def test_a_rule_is_named_by_its_digit(visitor, service, seed, complaints):
    page = visitor(script=True)
    enter(page, service)
    ids = seed(2)
    page.goto("/desk/")
    settled(page)
    page.keyboard.press("r")
    page.keyboard.press("1")
    page.wait_for_function("() => document.querySelector('#said').textContent.startsWith('Rejected')")
    database = Database(service.database)
    with database.read() as store:
        assert store.comments.get(ids[0]).clause == "threat"  # the gravest rule has the first number
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.case.done .notice').length === 2")
    with database.read() as store:
        assert store.comments.get(ids[1]).clause == "personal-attack"
    database.dispose()
    assert complaints == []


def test_every_key_finds_its_button_and_letters_typed_are_letters(visitor, service, seed, complaints):
    page = visitor(script=True)
    enter(page, service)
    ids = seed(5)
    page.goto("/desk/")
    settled(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.get_attribute(f"#comment-{ids[3]}", "aria-current") == "true"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") == f"comment-{ids[2]}"
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.type("He wrote to us about jokes.")  # j, k, a and the rest are letters here
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The note is kept.")
    page.keyboard.press("h")
    page.wait_for_selector(f"#comment-{ids[2]} .drawer >> text=He wrote to us about jokes.")
    page.keyboard.press("b")
    assert page.evaluate("document.activeElement.name") == "clause"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#keys[open]").count() == 1
    page.uncheck("#keys-on")
    page.focus(f"#comment-{ids[2]}")
    page.keyboard.press("a")
    assert states(service, [ids[2]]) == {ids[2]: "held"}
    assert complaints == []


def test_what_is_ticked_by_key_is_previewed_carried_out_and_undone_as_one(visitor, service, seed, complaints):
    page = visitor(script=True)
    enter(page, service)
    ids = seed(4)
    page.goto("/desk/")
    settled(page)
    for _ in range(2):
        page.keyboard.press("x")
        page.keyboard.press("j")
    page.keyboard.press("Shift+A")
    page.wait_for_selector("h1:has-text('Approve 2 comments?')")
    assert set(states(service, ids).values()) == {"held"}
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Done.")
    assert [*states(service, ids).values()] == ["published"] * 2 + ["held"] * 2
    page.click("button:has-text('Undo')")
    page.wait_for_selector("text=Undone: every comment")
    assert set(states(service, ids).values()) == {"held"}
    assert complaints == []


def test_two_moderators_never_have_the_same_comment_and_see_what_the_other_does(
    visitor, service, seed, complaints
):
    one = visitor(script=True)
    enter(one, service)
    two = colleague(visitor, service, one)
    ids = seed(12)
    one.goto("/desk/")
    settled(one)
    one.wait_for_timeout(500)  # the claim is on its way
    two.goto("/desk/")
    settled(two)
    mine = one.get_attribute(".case[aria-current]", "data-comment")
    two.wait_for_function(
        "(mine) => document.querySelector('.case[aria-current]')?.dataset.comment !== mine", arg=mine
    )
    assert two.locator(f"#comment-{mine}").inner_text().count("in hand of Armine")
    # Whoever presses the button all the same is told, and nothing is changed.
    two.evaluate(
        "(mine) => document.querySelector(`#comment-${mine} button[value=approve]`).click()", arg=mine
    )
    two.wait_for_selector(f"#comment-{mine} .notice >> text=Armine has this comment in hand")
    assert states(service, [mine]) == {mine: "held"}
    one.keyboard.press("a")
    two.wait_for_selector(f"#comment-{mine} .notice >> text=Approved by Armine.")
    one.wait_for_selector("#present >> text=Also at the desk: Bedros")
    # A page from before the other's decision: 409, with what was decided, by whom.
    plain = visitor()
    enter(plain, service)
    plain.goto("/desk/")
    last = ids[-1]
    two.goto(f"/desk/comments/{last}")
    two.click("button[value=approve]")
    two.wait_for_selector("[role=status]")
    plain.click(f"#comment-{last} button[value=approve]")
    assert "Somebody else decided first" in plain.inner_text("h1")
    assert "by Bedros" in plain.inner_text("main")
    assert complaints == []


def test_a_browser_that_gets_no_stream_asks_instead(visitor, service, seed):
    one = visitor(script=True)
    enter(one, service)
    ids = seed(3)
    one.route("**/desk/stream", lambda route: route.fulfill(status=503, body=""))
    asked = []
    one.on("request", lambda request: asked.append(request.url) if request.url.endswith("/live") else None)
    one.goto("/desk/")
    settled(one)
    one.wait_for_timeout(6500)
    assert len(asked) >= 2
    assert one.locator(".case").count() == len(ids)


@pytest.mark.parametrize("name", ["queue", "open", "steps", "bulk", "batch", "stale"])
def test_every_page_of_the_queue_can_be_read_and_pressed(
    visitor, service, seed, shots, undecided, complaints, name
):
    page = visitor(script=True)
    enter(page, service)
    ids = seed(3)
    page.goto("/desk/steps" if name == "steps" else "/desk/")
    if name == "open":
        page.click("#keys summary")
        for summary in page.locator(".case >> nth=0 >> details > summary").all():
            summary.click()
        page.wait_for_selector(".drawer ul")
    if name in ("bulk", "batch"):
        page.check(f"#chosen-{ids[0]}")
        page.click("#bulk button[value=approve]")
        page.wait_for_selector("h1:has-text('Approve 1 comment')")
    if name == "batch":
        page.click("main form.stacked button")
        page.wait_for_selector("text=Done.")
    if name == "stale":
        form = f"form:has(button[value=approve])[action$='{ids[0]}']"
        page.evaluate("(form) => { document.querySelector(form + ' [name=version]').value = 7 }", arg=form)
        page.evaluate(
            "(form) => HTMLFormElement.prototype.submit.call(Object.assign("
            "document.querySelector(form), {}))",
            arg=form,
        )
        page.wait_for_load_state()
    look(page, f"desk-{name}", shots, WIDTHS)
    for width in WIDTHS:
        for theme in THEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            assert violations(page, f"desk {name} {width} {theme}", undecided) == []
    assert complaints == []


def test_all_that_match_a_filter_are_changed_and_undone_as_one(visitor, service, seed, complaints):
    page = visitor(script=True)
    enter(page, service)
    ids = seed(3)
    page.goto("/desk/?clause=personal-attack")
    settled(page)
    page.click("#bulk-all button[value=approve]")
    page.wait_for_selector("h1:has-text('Approve 3 comments?')")
    assert set(states(service, ids).values()) == {"held"}
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Done.")
    assert set(states(service, ids).values()) == {"published"}
    page.click("button:has-text('Undo')")
    page.wait_for_selector("text=3 of 3 taken back")
    page.wait_for_selector("text=Undone: every comment")
    assert set(states(service, ids).values()) == {"held"}
    assert complaints == []


def test_u_undoes_a_block_and_a_pin(visitor, service, seed, complaints):
    page = visitor(script=True)
    enter(page, service)
    ids = seed(2)
    page.goto("/desk/")
    settled(page)
    page.click(f"#comment-{ids[0]} summary:has-text('Block the author')")
    page.click(f"#comment-{ids[0]} form[action$='/block'] button")
    page.wait_for_selector("#said:has-text('The author is blocked.')")
    page.focus(f"#comment-{ids[0]}")
    page.keyboard.press("u")
    page.wait_for_selector("#said:has-text('Undone: the block.')")
    assert states(service, ids) == dict.fromkeys(ids, "held")
    page.focus(f"#comment-{ids[0]}")
    page.keyboard.press("a")
    page.wait_for_selector("#said:has-text('Approved')")
    page.goto(f"/desk/?state=published&author={author_of(service, ids[0])}")
    settled(page)
    with page.expect_navigation():
        page.keyboard.press("p")
    page.wait_for_selector("[role=status]:has-text('Pinned')")
    page.wait_for_selector("button:has-text('Let go of the top')")
    page.focus(f"#comment-{ids[0]}")
    with page.expect_navigation():
        page.keyboard.press("u")
    page.wait_for_selector("button:has-text('Pin to the top')")
    assert complaints == []


def author_of(service, comment_id):
    database = Database(service.database)
    with database.read() as store:
        found = store.comments.get(comment_id).author_id
    database.dispose()
    return found
