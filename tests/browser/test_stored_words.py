"""Words that try to be more than words (xss.toml), in every field, on every page that shows them: they stay words.

A list shows each string by itself. On a page about one thing, such as an article or an author, each field holds the
strings of a whole batch. They are put straight into the database, as an import would, past every check of what comes
in; and each is typed into the form, sent in headers and asked for in an address.
"""

import random
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

from moderation.settings import Settings
from moderation.store.tables import Appeal, AuthorNote, Report, SecondLook
from moderation.store.unit_of_work import Database
from tests.browser.looking import enter
from tests.builders import (
    NOW,
    Discussion,
    a_block,
    a_decision,
    a_delivery,
    a_moderator,
    a_stored_comment,
    a_strike,
    an_article,
    an_author,
    an_endpoint,
    stored,
)

pytestmark = pytest.mark.browser

STRINGS = [
    string
    for group in tomllib.loads((Path(__file__).parent / "xss.toml").read_text("utf-8")).values()
    for string in group
]
BATCH = 25
BATCHES = [STRINGS[start : start + BATCH] for start in range(0, len(STRINGS), BATCH)]

# What a page of ours is made of. Anything else, and anything that runs or leads to a program, came out of words.
STRANGE = """(wanted) => {
  const known = new Set(`html head meta title link body header nav main footer section article aside a ul ol li p
    h1 h2 h3 h4 h5 h6 form fieldset legend label input textarea button select option div span time blockquote bdi mark
    sup strong em code kbd dl dt dd details summary table caption thead tbody tr th td hr br q script noscript`.split(/\\s+/))
  const strange = []
  for (const node of document.querySelectorAll('*')) {
    const name = node.localName
    // A chart of ours has shapes and labels alone; its attributes are looked at as any other's.
    const drawn = node.closest('svg.chart') && ['svg', 'title', 'text', 'rect', 'line', 'circle'].includes(name)
    if (!known.has(name) && !drawn) strange.push(name)
    if (name === 'script' && !(node.src.startsWith(location.origin + '/static/') && !node.textContent)) strange.push(node.outerHTML)
    if (name === 'meta' && node.httpEquiv) strange.push(node.outerHTML)
    if (name === 'link' && !node.href.startsWith(location.origin)) strange.push(node.outerHTML)
    if (name === 'a' && node.hasAttribute('href') && !['http:', 'https:'].includes(node.protocol)) strange.push(node.outerHTML)
    if (name === 'form' && new URL(node.getAttribute('action') ?? '', location).origin !== location.origin) strange.push(node.outerHTML)
    for (const attribute of node.attributes)
      if (/^on|^style$|^srcdoc$|^xmlns/.test(attribute.name) || (attribute.name === 'formaction' && !attribute.value.startsWith('/')))
        strange.push(`${name} ${attribute.name}=${attribute.value}`)
  }
  const page = document.body.cloneNode(true)
  page.querySelectorAll('sup').forEach((number) => number.remove())
  const bare = (text) => text.replace(/\\s+/g, '')
  const typed = [...document.querySelectorAll('input, textarea')].map((node) => node.value)
  const said = bare([page.textContent, ...typed].join('\\n'))
  return [strange, wanted.filter((words) => !said.includes(bare(words)))]
}"""


@dataclass
class Seeded:
    """Where the strings are shown: addresses for readers, addresses for moderators."""

    readers: list[tuple[str, list[str]]] = field(default_factory=list)
    moderators: list[tuple[str, list[str]]] = field(default_factory=list)
    framed: list[tuple[str, str, list[str]]] = field(
        default_factory=list
    )  # with the pass of a reader signed on
    authors: list[str] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def seeded(service) -> Seeded:
    database = Database(service.database)
    seeded = Seeded()
    with database.begin() as store:
        site = store.sites.all()[0]
        site.name = STRINGS[0]
        common = an_article(site, slug="stored-words")
        stored(store, common)
        for number, string in enumerate(STRINGS):
            everywhere(store, site, common, f"single-{number}", string)
        for number, batch in enumerate(BATCHES):
            joined = " ¦ ".join(batch)
            here = an_article(site, slug=f"stored-{number}", **{**ARTICLE(joined), "published_at": NOW})
            stored(store, here)
            author, comments, article = everywhere(store, site, here, f"batch-{number}", joined)
            published, held, refused = comments
            seeded.readers += [
                (f"/articles/{here.slug}", [joined]),
                (f"/articles/{here.slug}?reply-to={published.id}", [joined]),
                (outcome(here.slug, held, joined), [joined]),
                (outcome(here.slug, refused, joined), [joined]),
                (appeal_about(refused), [joined]),
                (f"/comments/{published.id}/report", [joined]),
                (f"/embed/thread?article={here.slug}", [joined]),
            ]
            seeded.moderators += [
                (f"/desk/comments/{held.id}", [joined]),
                (f"/desk/authors/{author.id}", [joined]),
                (f"/desk/authors/{author.id}/history", [joined]),
                (f"/desk/articles/{article.id}", [joined]),
            ]
            mine = f"/embed/articles/{here.id}/mine"
            for address in (mine, f"{mine}/{published.id}"):
                seeded.framed.append((address, pass_of(author), [joined]))
            seeded.authors.append(author.id)
            store.second_looks.add(
                SecondLook(decision_id=held.decision_id, comment_id=held.id, chosen_at=NOW)
            )
            seeded.looked_at.append(joined)
    database.dispose()
    return seeded


def ARTICLE(words: str) -> dict:  # noqa: N802 - the fields of an article, all the same
    fields = ("title", "source", "byline", "url", "summary", "text", "language")
    return dict.fromkeys(fields, words) | {"people": [words]}


def outcome(slug, comment, notice):
    key = Settings().secret_key.get_secret_value()
    token = URLSafeTimedSerializer(key, salt="outcome").dumps({"comment": comment.id, "notice": notice})
    return f"/articles/{slug}/outcomes/{comment.id}?t={token}"


def pass_of(author):
    key = Settings().secret_key.get_secret_value()
    said = {"author": author.id, "epoch": author.session_epoch}
    return URLSafeTimedSerializer(key, salt="reader-in-a-frame").dumps(said)


def appeal_about(comment):
    key = Settings().secret_key.get_secret_value()
    token = URLSafeSerializer(key, salt="appeal").dumps(["decision", comment.decision_id])
    return f"/appeals/{token}"


def everywhere(store, site, common, name, words):
    """Put the words into every field of an article, an author, comments in three states, and all around them."""
    article = an_article(site, slug=name, external_id=f"{name} {words}", **ARTICLE(words))
    author = an_author(site, name=words, email=words, external_id=f"{name} {words}")
    endpoint, moderator = an_endpoint(site, url=words), a_moderator(name=words, email=f"{name} {words}")
    stored(store, article, author, endpoint, moderator)
    discussion = Discussion(site, common, author)
    reason = {
        "clause": words,
        "sentence": words,
        "score": 0.9,
        "target": words,
        "matched_as": words,
        "spans": [[0, 5], [3, 9]],
    }

    def a_comment(state, **changes):
        decision = a_decision(
            clause=words,
            made_by=moderator.id,
            note=words,
            verdict="hold",
            model_versions={words: words},
            policy_version=words,
            engine_version=words,
            public={"verdict": "hold", "clause": words, "reasons": [reason], "scores": {}},
            signals=[reason | {"detector": words, "note": words, "failed": True}],
        )
        fields = {"body": words, "language": words, "source": words, "state": state, "decision": decision}
        return a_stored_comment(store, discussion, **fields | changes)

    published = a_comment("published")
    held = a_comment("held", parent_id=published.id)
    refused = a_comment("rejected", parent_id=published.id)
    store.appeals.add(
        Appeal(
            site_id=site.id,
            author_id=author.id,
            comment_id=refused.id,
            decision_id=refused.decision_id,
            text=words,
            answer=words,
            language="en",
            state="refused" if name.startswith("batch") else "open",
            made_at=NOW,
            settled_at=NOW,
            settled_by=words,
        )
    )
    for reporter in range(3):
        store.reports.add(
            Report(
                site_id=site.id,
                comment_id=published.id,
                revision=published.revision,
                reporter=f"browser:{name}-{reporter}",
                clause=words,
                sentence=words,
                at=NOW,
            )
        )
    store.reports.bring(published.id, published.revision, NOW)
    block = a_block(author, clause=words, note=words, given_by=words, comment_ids=[held.id])
    delivery = a_delivery(endpoint, held, event=words, last_error=words, given_up_at=NOW)
    stored(store, block, delivery, a_strike(held, clause=words))
    store.audit.append(NOW, words, words, f"comment:{words}", request_id=words)
    store.notes.add(AuthorNote(author_id=author.id, note=words, by=moderator.id, at=NOW))
    return author, (published, held, refused), article


@pytest.fixture
def watched(visitor, service, complaints):
    """Open windows in which dialogs, policy reports and requests to other places become complaints."""

    def open_window():
        page = visitor(script=True)

        def refuse(dialog):
            complaints.append(f"dialog {dialog.message}")
            dialog.dismiss()

        page.on("dialog", refuse)
        page.on(
            "request",
            lambda request: request.url.startswith(service.base) or complaints.append(request.url),
        )
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) => "
            "console.error(`policy report: ${event.violatedDirective} ${event.blockedURI}`))"
        )
        return page

    return open_window


def see(page, complaints, wanted=()):
    """Hold the page to showing the words as words, and to doing nothing."""
    strange, missing = page.evaluate(STRANGE, list(wanted))
    assert strange == [], page.url
    assert missing == [], page.url
    assert complaints == [], page.url


def pages_of(page, address, complaints):
    """See a list from its first page to its last; return all that it says."""
    said = []
    while address:
        page.goto(address)
        see(page, complaints)
        said.append(page.evaluate("document.body.textContent"))
        following = page.locator(".paging a").last
        further = following.count() and following.get_attribute("href")
        address = further if further and f"{further}" not in page.url else None
        if len(said) > 60:
            break
    return "".join("".join(said).split())


def test_there_are_strings_enough():
    assert len(STRINGS) >= 150
    assert len(set(STRINGS)) == len(STRINGS)


def test_stored_words_are_inert_on_every_page_for_readers(watched, seeded, complaints):
    page = watched()
    for address, wanted in seeded.readers:
        page.goto(address)
        see(page, complaints, wanted)


def test_stored_words_are_inert_on_every_page_of_the_desk(watched, seeded, complaints, service):
    page = watched()
    enter(page, service)
    for address, wanted in seeded.moderators:
        page.goto(address)
        see(page, complaints, wanted)


def test_stored_words_are_inert_before_a_bulk_action_and_in_a_second_look(
    watched, seeded, complaints, service
):
    page = watched()
    enter(page, service)
    for author in seeded.authors:
        page.goto(f"/desk/?author={author}")
        page.check("[name=chosen]")
        with page.expect_navigation():
            page.click("#bulk [value=approve], [form=bulk][value=approve]")
        see(page, complaints)
        assert page.locator(".plain-list .body").count() == 1
    for words in seeded.looked_at:
        page.goto("/desk/second-look")
        see(page, complaints, [words])
        page.select_option("#verdict", "publish")
        with page.expect_navigation():
            page.click("main form button")


def test_stored_words_are_inert_to_a_reader_signed_on_in_the_frame(watched, seeded, complaints):
    page = watched()
    for address, signed, wanted in seeded.framed:
        page.set_extra_http_headers({"X-Reader": signed})
        page.goto(address)
        see(page, complaints, wanted)


@pytest.mark.parametrize("address", ["/", "/articles/stored-words"])
def test_each_string_is_inert_in_the_lists_for_readers(watched, seeded, complaints, address):
    said = pages_of(watched(), address, complaints)
    assert [string for string in STRINGS if "".join(string.split()) not in said] == []


@pytest.mark.parametrize(
    "address",
    [
        "/desk/",
        "/desk/?state=published",
        "/desk/?state=rejected",
        "/desk/blocks?show=all",
        "/desk/appeals",
        "/desk/appeals?state=refused",
        "/desk/reported",
        "/desk/articles",
        "/desk/deliveries",
        "/desk/moderators",
        "/desk/audit",
        "/desk/rewording",
        "/desk/steps",
        "/desk/alerts",
        "/desk/figures",
    ],
)
def test_each_string_is_inert_in_the_lists_of_the_desk(watched, seeded, complaints, service, address):
    page = watched()
    enter(page, service)
    pages_of(page, address, complaints)


def test_each_string_is_inert_in_the_form(watched, seeded, complaints, service):
    """In every field at once, which comes back with what is wrong; then in the comment alone, which is checked."""
    page = watched()
    page.goto(service.article)
    for string in STRINGS:
        for name in ("name", "email", "body"):
            page.fill(f"#{name}", string)
        with page.expect_navigation():
            page.click("#comment-form .buttons button")
        page.wait_for_selector("#errors:focus")  # what is wrong has the focus before anything is typed again
        see(page, complaints, [string])
    for string in STRINGS[::4]:
        page.goto(service.article)
        page.fill("#name", "Anahit")
        page.fill("#email", "anahit@example.com")
        page.fill("#body", f"You are an idiot. {string}")
        with page.expect_navigation():
            page.click("#comment-form .buttons button >> nth=1")
        see(page, complaints, [string])


def test_each_string_is_inert_in_headers_and_addresses(watched, seeded, complaints):
    page = watched()
    for string in STRINGS:
        plain = "".join(char for char in string if " " <= char <= "~")
        page.set_extra_http_headers(
            dict.fromkeys(("Accept-Language", "X-Forwarded-For", "X-Request-Id", "X-Forwarded-Host"), plain)
        )
        escaped = quote(string, safe="")
        page.goto(f"/{escaped}?lang={escaped}&{escaped}={escaped}&t={escaped}")
        see(page, complaints)


GENERATED, IN_ONE = 10_000, 10


def generated(number: int) -> str:
    """Pieces of several strings put together: what no list has."""
    draw = random.Random(number)
    pieces = []
    for _ in range(draw.randrange(2, 5)):
        string = draw.choice(STRINGS)
        start = draw.randrange(len(string))
        pieces.append(string[start : start + draw.randrange(3, 60)])
    return draw.choice(["", " ", "\n", "\"'>", "</textarea>", "-->"]).join(pieces)


def test_ten_thousand_strings_made_of_pieces_are_inert_to_readers_and_at_the_desk(
    watched, service, complaints
):
    """Ten in each of a thousand comments, on as many pages as that takes, for readers and for moderators."""
    made = [generated(number).replace("\0", "") for number in range(GENERATED)]
    database = Database(service.database)
    with database.begin() as store:
        site = store.sites.all()[0]
        article, author = an_article(site, slug="generated-words"), an_author(site)
        stored(store, article, author)
        for start in range(0, GENERATED, IN_ONE):
            body = " ¦ ".join(made[start : start + IN_ONE])
            a_stored_comment(store, Discussion(site, article, author), body=body, state="published")
    page = watched()
    said = pages_of(page, "/articles/generated-words", complaints)
    assert said.count("¦") >= GENERATED - GENERATED // IN_ONE
    enter(page, service)
    said = pages_of(page, f"/desk/?state=published&article={article.id}", complaints)
    assert said.count("¦") >= GENERATED - GENERATED // IN_ONE
    database.dispose()
