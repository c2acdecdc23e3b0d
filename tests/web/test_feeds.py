"""Counts, Atom and RSS."""

from xml.etree import ElementTree as ET

import pytest

from moderation.services import connecting
from tests.builders import Discussion, a_stored_comment, an_article, an_author, stored

ATOM = "{http://www.w3.org/2005/Atom}"
NASTY = "<script>alert(1)</script> & ]]> \ufffe \u2028 ԱԲԳ \U0001f600"


@pytest.fixture
def put(tools, newsroom):
    author = an_author(newsroom.site, name="<b>Bedros</b> & co")
    with tools.database.begin() as store:
        stored(store, author)

    def put(article=newsroom.article, **changes):
        with tools.database.begin() as store:
            where = Discussion(newsroom.site, article, author)
            return a_stored_comment(store, where, **{"state": "published"} | changes)

    return put


@pytest.fixture
def second(tools, newsroom):
    with tools.database.begin() as store:
        article = an_article(newsroom.site, slug="bridge", url="https://asbarez.com/bridge/")
        stored(store, article)
    return article


def test_many_articles_are_counted_in_one_call_by_whatever_name(client, put, second):
    put()
    put()
    put(second)
    put(second, state="held")
    answer = client.get(
        "/counts?slug=karabakh&slug=nowhere&external_id=post-1&url=http://asbarez.com/bridge%23top"
        "&url=https://asbarez.com/other"
    )
    assert answer.json == {
        "slug": {"karabakh": 2, "nowhere": 0},
        "external_id": {"post-1": 2},
        "url": {"http://asbarez.com/bridge#top": 1, "https://asbarez.com/other": 0},
    }


def test_counting_takes_the_same_queries_for_one_article_as_for_many(client, tools, put, second, query_count):
    def queries(address):
        with query_count(tools.database) as statements:
            assert client.get(address).status_code == 200
        return len(statements)

    names = "&".join(f"slug=s{n}&external_id=e{n}&url=https://asbarez.com/{n}" for n in range(30))
    assert queries("/counts?slug=karabakh") == queries(f"/counts?slug=bridge&{names}") <= 3


@pytest.mark.parametrize("query", ["", "?slug=", "?" + "&".join(f"slug={n}" for n in range(101))])
def test_a_call_for_nothing_or_for_too_much_is_refused(client, query):
    answer = client.get("/counts" + query)
    assert answer.status_code == (200 if query == "?slug=" or query.endswith("100") else 400)


def test_only_pages_of_registered_origins_may_read_the_counts_from_a_script(client, tools, newsroom):
    connecting.change_site(tools, newsroom.site.id, "cli", origins=["https://asbarez.com"])
    ours = client.get("/counts?slug=karabakh", headers={"Origin": "https://asbarez.com"})
    assert ours.headers["Access-Control-Allow-Origin"] == "https://asbarez.com"
    assert "Access-Control-Allow-Credentials" not in ours.headers
    for origin in ("https://evil.example", "null", "https://asbarez.com.evil.example", ""):
        answer = client.get("/counts?slug=karabakh", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "address", ["/counts?slug=karabakh", "/comments.atom", "/articles/karabakh/comments.rss"]
)
def test_what_is_read_by_programs_may_be_kept_a_minute_and_is_asked_for_again_cheaply(
    client, put, clock, address
):
    put()
    first = client.get(address)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in first.headers
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    clock.advance(minutes=1)
    put(received_at=clock())
    later = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200


@pytest.mark.parametrize("address", ["/comments.atom", "/articles/karabakh/comments.atom"])
def test_atom_has_what_the_standard_asks_for_and_every_word_as_text(client, put, newsroom, address):
    comment = put(body=NASTY, language="hy")
    put(state="held", body="not yet")
    answer = client.get(address)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(answer.data)
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(root.findall(ATOM + name)) == 1
        assert root.findtext(ATOM + name).strip()
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"http://127.0.0.1:8000{address}"
    assert links["alternate"].startswith("http://127.0.0.1:8000/")
    (entry,) = root.findall(f"{ATOM}entry")
    for name in ("id", "title", "updated", "published"):
        assert entry.findtext(ATOM + name).strip()
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "<b>Bedros</b> & co"
    content = entry.find(f"{ATOM}content")
    assert content.get("type") == "text"
    assert content.get("{http://www.w3.org/XML/1998/namespace}lang") == "hy"
    assert content.text == NASTY.replace("\ufffe", "\ufffd")
    link = entry.find(f"{ATOM}link").get("href")
    assert link == f"http://127.0.0.1:8000/comments/{comment.id}"
    assert client.get(link).status_code == 302


def test_rss_escapes_the_words_once_more_for_they_are_read_as_html(client, put):
    put(body=NASTY)
    root = ET.fromstring(client.get("/articles/karabakh/comments.rss").data)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    channel = root.find("channel")
    for name in ("title", "link", "description"):
        assert channel.findtext(name)
    item = channel.find("item")
    assert item.findtext("description").startswith("&lt;script&gt;alert(1)&lt;/script&gt; &amp; ")
    assert item.find("guid").get("isPermaLink") == "false"


def test_a_feed_has_the_latest_comments_first_and_no_more_than_thirty(client, put, clock):
    for number in range(33):
        clock.advance(minutes=1)
        put(body=f"Number {number}", received_at=clock())
    root = ET.fromstring(client.get("/comments.atom?site=paper").data)
    bodies = [entry.findtext(f"{ATOM}content") for entry in root.findall(f"{ATOM}entry")]
    assert bodies == [f"Number {number}" for number in range(32, 2, -1)]


def test_pages_lead_to_their_feeds(client):
    for page, feed in (("/", "/comments.atom"), ("/articles/karabakh", "/articles/karabakh/comments.atom")):
        tags = client.page(page).tags
        assert feed in [given.get("href") for tag, given in tags if tag == "link"]


@pytest.mark.parametrize(
    "address", ["/articles/nowhere/comments.atom", "/comments.atom?site=nobody", "/counts?site=x&slug=a"]
)
def test_what_is_not_there_is_404(client, address):
    assert client.get(address).status_code == 404
