"""The discussion in a frame on the site's own page."""

import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from moderation.services import connecting, penalising, publishing
from moderation.store.tables import Article, Comment
from moderation.web import embed
from tests.builders import Discussion, a_stored_comment, an_author, stored
from tests.web.conftest import ATTACK, CLEAN
from tests.web.reading import Page
from tests.workbench import rows

ORIGIN = "https://asbarez.com"
STATIC = Path(embed.__file__).parent / "static"
FRAME = f"/embed/thread?site=paper&article=post-1&origin={ORIGIN}&theme=dark"


@pytest.fixture(autouse=True)
def site(tools, newsroom):
    """The site with its origins registered."""
    return connecting.change_site(tools, newsroom.site.id, "cli", origins=[ORIGIN, "https://www.asbarez.com"])


def look(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    page = Page(answer.text)
    page.check()
    return page


def send(client, page, body=CLEAN, **changes):
    """Send the form of the frame as a browser does that keeps no cookie there."""
    form = next(form for form in page.forms if form.method == "post")
    data = form.fields | {"name": "Ann", "email": "ann@example.com", "body": body} | changes
    client.delete_cookie("moderation")
    return client.post(form.action, data=data, headers={"Sec-Fetch-Site": "same-origin"})


def policy_of(answer):
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {part[0]: part[1:] for part in parts}


@pytest.mark.parametrize(
    "named",
    [
        "article=post-1",
        "article=karabakh",
        "url=https://asbarez.com/karabakh/",
        "url=http://asbarez.com/karabakh",
    ],
)
def test_the_frame_shows_the_article_by_its_cms_s_id_its_slug_or_its_address(client, tools, newsroom, named):
    publishing.save_article(
        tools,
        newsroom.site.id,
        publishing.ArticleFields(url="https://asbarez.com/karabakh"),
        article_id=newsroom.article.id,
        actor="cli",
    )
    page = look(client, f"/embed/thread?site=paper&{named}")
    assert "Putin Says Karabakh is Azerbaijan" in page.html
    assert any("/embed/articles/" in form.action for form in page.forms)


@pytest.mark.parametrize(
    "address", [FRAME, "/embed/thread?site=paper&article=nowhere", "/embed/thread?site=paper"]
)
def test_only_pages_of_the_site_may_show_the_frame_and_nothing_runs_in_it_but_our_script(client, address):
    policy = policy_of(client.get(address))
    assert policy["frame-ancestors"] == [ORIGIN, "https://www.asbarez.com"]
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
    assert not any("*" in value or "unsafe" in value for values in policy.values() for value in values)


def test_a_site_without_registered_origins_is_shown_in_no_frame(client, tools, newsroom):
    connecting.change_site(tools, newsroom.site.id, "cli", origins=[])
    assert policy_of(client.get(FRAME))["frame-ancestors"] == ["'none'"]
    assert policy_of(client.get("/embed/thread?site=nobody"))["frame-ancestors"] == ["'none'"]


def test_the_pages_that_stand_alone_are_still_shown_in_no_frame(client):
    for address in ("/", "/articles/karabakh", "/policy", "/desk/sign-in"):
        assert policy_of(client.get(address))["frame-ancestors"] == ["'none'"]


def test_the_frame_speaks_only_to_a_registered_origin(client):
    assert f'data-embedder="{ORIGIN}"' in client.get(FRAME).text
    assert "data-embedder" not in client.get(FRAME.replace(ORIGIN, "https://evil.example")).text


def test_the_theme_is_carried_and_nothing_else_is_taken_for_one(client):
    page = look(client, FRAME)
    assert page.tags[0][1]["data-theme"] == "dark"
    action = parse_qs(urlsplit(page.form("theme=dark").action).query)
    assert action == {"origin": [ORIGIN], "theme": ["dark"]}
    assert 'data-theme="' not in client.get(FRAME.replace("dark", "%22onload=x")).text


def test_a_comment_is_posted_without_any_cookie_and_its_author_reads_what_became_of_it(client, tools):
    answer = send(client, look(client, FRAME))
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    page = look(client, answer.location)
    assert "Your comment is published" in page.text
    assert CLEAN in page.text
    (status,) = [given for _, given in page.tags if given.get("id") == "posted"]
    assert (status["role"], status["tabindex"]) == ("status", "-1")
    (comment,) = rows(tools.database, Comment)
    assert comment.source == "embed"
    full = next(link for link in page.links if "/outcomes/" in link)
    assert "Your comment is published" in client.page(full).text


def test_an_attack_is_shown_to_its_author_once_before_it_is_sent_and_then_refused_with_its_rule(client):
    asked = send(client, look(client, FRAME), ATTACK)
    assert asked.status_code == 422
    page = Page(asked.text)
    page.check()
    assert "No personal attacks" in page.text
    answer = send(client, page, ATTACK)
    assert answer.status_code == 303
    page = look(client, answer.location)
    assert "Your comment was not permitted" in page.text
    assert "No personal attacks" in page.text
    assert any("idiot" in words for words in page.marked)


def test_the_check_before_posting_answers_inside_the_frame(client):
    page = look(client, FRAME)
    (panel,) = [given for _, given in page.tags if "data-check" in given]
    form = page.forms[0]
    data = form.fields | {"name": "Ann", "email": "ann@example.com", "body": ATTACK}
    own = {"Sec-Fetch-Site": "same-origin"}
    part = client.post(panel["data-check"] + "&panel=1", data=data, headers=own)
    assert part.status_code == 200
    assert "No personal attacks" in part.text
    whole = client.post(panel["data-check"], data=data, headers=own)
    assert "No personal attacks" in Page(whole.text).text
    refused = client.post(panel["data-check"] + "&panel=1", data=data | {"csrf_token": "x"}, headers=own)
    assert refused.status_code == 400


@pytest.mark.parametrize("token", ["", "forged", "another article's"])
def test_a_form_without_our_signature_for_this_article_is_not_taken_and_its_text_is_kept(
    client, app, tools, newsroom, token
):
    if token.startswith("another"):
        with app.test_request_context():
            token = embed.signer().dumps({"article": "another"})
    answer = send(client, look(client, FRAME), csrf_token=token)
    assert answer.status_code == 400
    assert CLEAN in Page(answer.text).forms[0].fields["body"]
    assert rows(tools.database, Comment) == []


def test_a_form_that_was_open_for_more_than_half_a_day_is_given_back_with_a_new_signature(
    client, monkeypatch
):
    page = look(client, FRAME)
    later = time.time() + embed.FORM_LASTS + 60
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    answer = send(client, page)
    assert answer.status_code == 400
    assert send(client, Page(answer.text)).status_code == 303


@pytest.mark.parametrize("fetch_site", ["cross-site", "same-site"])
def test_a_form_that_another_page_sends_is_refused_whatever_it_carries(client, tools, fetch_site):
    form = look(client, FRAME).forms[0]
    data = form.fields | {"name": "Ann", "email": "ann@example.com", "body": CLEAN}
    answer = client.post(form.action, data=data, headers={"Sec-Fetch-Site": fetch_site, "Origin": ORIGIN})
    assert answer.status_code == 403
    assert rows(tools.database, Comment) == []


@pytest.mark.parametrize(
    ("field", "value"), [("email", ""), ("name", ""), ("body", ""), ("body", "a\0b"), ("body", "x" * 10_001)]
)
def test_what_is_wrong_is_said_at_the_field_in_the_frame_too(client, field, value):
    answer = send(client, look(client, FRAME), **{"body": CLEAN} | {field: value})
    assert answer.status_code == 422
    page = Page(answer.text)
    page.check()
    given = next(given for _, given in page.tags if given.get("id") == field)
    assert given["aria-invalid"] == "true"


def test_a_blocked_author_and_a_closed_discussion_are_told_in_the_frame_and_the_text_is_kept(
    client, tools, newsroom
):
    page = look(client, FRAME)
    send(client, page)
    (comment,) = rows(tools.database, Comment)
    penalising.block_author(tools, comment.author_id, "cli", "threat", None, "")
    answer = send(client, page, "Let me explain.")
    assert answer.status_code == 403
    assert "No threats" in Page(answer.text).text
    assert Page(answer.text).forms[0].fields["body"] == "Let me explain."
    publishing.set_discussion(tools, newsroom.article.id, "closed", "cli")
    assert send(client, page, email="other@example.com").status_code == 409
    page = look(client, FRAME)
    assert "This discussion is closed" in page.text
    assert page.forms == []


def test_a_page_that_is_not_known_is_said_to_be_so_and_nothing_is_set_up(client, tools):
    page = look(client, f"/embed/thread?site=paper&url={ORIGIN}/new&origin={ORIGIN}", 404)
    assert "There is no discussion of this page yet" in page.text
    assert len(rows(tools.database, Article)) == 1


def test_where_the_site_wishes_the_first_comment_sets_up_the_article_of_its_page(client, tools, newsroom):
    connecting.change_site(tools, newsroom.site.id, "cli", sets_up_articles=True)
    address = f"/embed/thread?site=paper&url={ORIGIN}/new%23top&title=A%20new%20bridge&origin={ORIGIN}"
    page = look(client, address)
    assert len(rows(tools.database, Article)) == 1  # to look at it sets up nothing
    assert send(client, page, "").status_code == 422
    assert len(rows(tools.database, Article)) == 1  # nor does what is no comment
    assert send(client, page).status_code == 303
    assert send(client, page, "Another thought of mine.").status_code == 303
    _, article = sorted(rows(tools.database, Article), key=lambda row: row.id)
    assert (article.title, article.url) == ("A new bridge", f"{ORIGIN}/new")
    assert {comment.article_id for comment in rows(tools.database, Comment)} == {article.id}
    assert CLEAN in look(client, address).text


@pytest.mark.parametrize(
    "url", ["https://evil.example/a", "javascript:alert(1)", "https://asbarez.com.evil.example/", ""]
)
def test_no_article_is_set_up_for_a_page_of_another_site(client, tools, newsroom, url):
    connecting.change_site(tools, newsroom.site.id, "cli", sets_up_articles=True)
    look(client, f"/embed/thread?site=paper&url={url}", 404)
    form = look(client, FRAME).forms[0]
    data = form.fields | {"name": "Ann", "email": "ann@example.com", "body": CLEAN}
    answer = client.post(
        f"/embed/sites/paper/comments?url={url}", data=data, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 404
    assert len(rows(tools.database, Article)) == 1


def test_a_headline_that_is_none_gives_way_to_the_address(client, tools, newsroom):
    connecting.change_site(tools, newsroom.site.id, "cli", sets_up_articles=True)
    page = look(client, f"/embed/thread?site=paper&url={ORIGIN}/new&title=%3Cscript%3Ealert(1)%3C/script%3E")
    assert send(client, page).status_code == 303
    assert {article.title for article in rows(tools.database, Article)} >= {"new"}


def test_replies_paging_and_threads_stay_in_the_frame_and_permalinks_lead_out_of_it(
    client, tools, newsroom, clock
):
    author = an_author(newsroom.site, name="Bedros")
    with tools.database.begin() as store:
        stored(store, author)
        where = Discussion(newsroom.site, newsroom.article, author)
        tops = []
        for _ in range(25):
            clock.advance(minutes=1)
            tops.append(a_stored_comment(store, where, state="published", received_at=clock()))
        for number in range(60):
            clock.advance(minutes=1)
            a_stored_comment(
                store,
                where,
                state="published",
                parent_id=tops[-1].id,
                received_at=clock(),
                body=f"Reply {number}.",
            )
    page = look(client, FRAME)
    inside = [link for link in page.links if link.startswith("/embed/")]
    assert all("theme=dark" in link and "origin=" in link for link in inside)
    thread = look(client, next(link for link in inside if "/threads/" in link))
    assert "Reply 0." in thread.text
    assert "Reply 59." not in thread.text
    rest = look(client, next(link for link in thread.links if "after=" in link))
    assert "Reply 59." in rest.text
    assert "Reply 0." not in rest.text
    older = look(client, next(link for link in inside if "after=" in link))
    assert f'id="c-{tops[0].id}"' in older.html
    answering = look(client, next(link for link in inside if "reply-to" in link))
    assert answering.forms[0].fields["parent"] == tops[-1].id
    outwards = [given for tag, given in page.tags if tag == "a" and "/comments/" in given.get("href", "")]
    assert outwards
    assert all(given["target"] == "_blank" and "noopener" in given["rel"] for given in outwards)


def test_an_article_that_was_withdrawn_has_no_frame(client, tools, newsroom):
    address = look(client, FRAME).forms[0].action.partition("/comments")[0]
    with tools.database.begin() as store:
        article = store.articles.get(newsroom.article.id)
        article.deleted_at = tools.now()
        store.articles.update(article)
    look(client, FRAME, 404)
    look(client, address, 404)


def test_the_script_is_for_every_site_and_small(client):
    answer = client.get("/embed.js")
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    again = client.get("/embed.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    scripts = ("embed.js", "frame.js", "check.js")
    assert sum((STATIC / name).stat().st_size for name in scripts) < 15_000
    assert answer.data == (STATIC / "embed.js").read_bytes()


def test_the_scripts_name_the_origin_they_speak_to_and_check_whom_they_hear():
    for name in ("embed.js", "frame.js"):
        text = (STATIC / name).read_text("utf-8")
        assert not re.search(r"postMessage\([^)]*[\"']\*[\"']", text)
        assert "event.source !==" in text
        assert "event.origin !==" in text
        assert "innerHTML" not in text


def test_a_link_from_the_site_s_page_finds_its_discussion(client, newsroom):
    answer = client.get("/articles?site=paper&article=post-1")
    assert (answer.status_code, answer.location) == (302, "/articles/karabakh")
    client.page(f"/articles?site=paper&url={ORIGIN}/nowhere", 404)
