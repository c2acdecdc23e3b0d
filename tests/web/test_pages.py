"""What readers see and what becomes of what they write."""

import re
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

from moderation.services import publishing
from tests.builders import DAY, Discussion, a_block, a_stored_comment, an_article, an_author, stored
from tests.web.conftest import ATTACK, CLEAN, POLICY, PROFANE


@pytest.fixture
def discussion(tools, newsroom):
    """The article with an author, for comments put straight into the store."""
    author = an_author(newsroom.site, name="Bedros")
    with tools.database.begin() as store:
        stored(store, author)
    return Discussion(newsroom.site, newsroom.article, author)


@pytest.fixture
def put(tools, discussion):
    """Store a comment under the article."""

    def put(**changes):
        with tools.database.begin() as store:
            return a_stored_comment(store, discussion, **{"state": "published"} | changes)

    return put


def followed(client, answer):
    """The page that a form leads to."""
    assert answer.status_code == 303, (answer.status_code, answer.text)
    return client.page(answer.location)


def test_the_front_page_lists_articles_and_leads_to_the_policy(client):
    page = client.page("/")
    assert "Putin Says Karabakh is Azerbaijan" in page.text
    assert "/articles/karabakh" in page.links
    assert "/policy" in page.links


def test_the_policy_stands_in_its_own_words_before_the_form(client):
    html = client.page("/articles/karabakh").html
    assert POLICY in html
    assert html.index(POLICY) < html.index('id="comment-form"')
    assert POLICY in client.page("/policy").html
    assert POLICY in client.page("/").html


def test_the_policy_page_words_every_clause_and_every_rung(client, tools):
    text = client.page("/policy").text
    for clause in tools.engine.policy.clauses.values():
        assert clause.title in text
        assert clause.sentence in text
    for rung in tools.engine.policy.ladder:
        assert rung.sentence in text


def test_an_article_shows_headline_source_date_and_summary(client):
    text = client.page("/articles/karabakh").text
    for part in ("Putin Says Karabakh is Azerbaijan", "Asbarez", "23 November 2026", "said on Thursday"):
        assert part in text


def test_an_article_that_is_not_there_is_404(client):
    assert "no such article" in client.page("/articles/nowhere", 404).text


def test_a_clean_comment_is_published_at_once(client):
    page = followed(client, client.comment(CLEAN))
    assert "Your comment is published" in page.text
    assert CLEAN in client.page("/articles/karabakh").text


def test_an_attack_is_not_permitted_and_its_author_reads_clause_sentence_and_words(client):
    page = followed(client, client.comment("Nonsense. You are an idiot, sir."))
    assert "Your comment was not permitted" in page.text
    assert "No personal attacks. Argue with what was said, not with who said it." in page.text
    assert any("idiot" in words for words in page.marked)
    assert "Nonsense. You are an idiot, sir." in page.text
    assert "idiot" not in client.page("/articles/karabakh").text


def test_profanity_is_not_permitted(client):
    page = followed(client, client.comment(PROFANE))
    assert "No profanity" in page.text
    assert page.marked


def test_a_comment_that_is_held_says_that_a_moderator_will_read_it(client, tools, newsroom):
    publishing.set_discussion(tools, newsroom.article.id, "held-first", "cli")
    page = followed(client, client.comment(CLEAN))
    assert "A moderator will read your comment" in page.text
    assert tools.engine.policy.reserved["held-first"].sentence in page.text
    assert CLEAN not in client.page("/articles/karabakh").text


def test_the_ladder_warns_then_premoderates_then_blocks(client):
    said = [followed(client, client.comment(f"{ATTACK} {number}")).text for number in range(3)]
    assert "This is a warning" in said[0]
    assert "For 14 days a moderator reads your comments" in said[1]
    assert "You are blocked from commenting for 30 days" in said[2]
    answer = client.comment("And another thing.")
    page = client.read(answer)
    assert answer.status_code == 403
    assert "No personal attacks" in page.text
    assert "23 December 2026" in page.text
    assert "And another thing." in page.html


def test_a_block_keeps_its_author_out_and_gives_the_text_back(client, tools, discussion):
    followed(client, client.comment(CLEAN, email="bad@example.com"))
    with tools.database.begin() as store:
        author = store.people.get(store.desk.queue(now=tools.now(), states=("published",)).items[0].author.id)
        store.penalties.add_block(a_block(author, clause="threat", ends_at=None))
    answer = client.comment("Let me explain.\n\n\nSecond <b>thought", email="bad@example.com")
    assert answer.status_code in (403, 422)
    answer = client.comment("Let me explain.", email="bad@example.com")
    page = client.read(answer)
    assert answer.status_code == 403
    assert "No threats" in page.text
    assert "No end is set" in page.text
    assert ">\nLet me explain.</textarea>" in page.html


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("name", "", id="no name"),
        pytest.param("email", "", id="no e-mail"),
        pytest.param("email", "not an address", id="no address"),
        pytest.param("body", "", id="no comment"),
        pytest.param("body", "x" * 10_001, id="too long"),
        pytest.param("body", "a\0b", id="NUL"),
        pytest.param("name", "a\u202eb", id="a name that turns"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(client, field, value):
    typed = {"name": "Ann", "email": "ann@example.com", "body": CLEAN} | {field: value}
    answer = client.send(client.page("/articles/karabakh"), "/comments", **typed)
    page = client.read(answer)
    assert answer.status_code == 422
    given = next(given for _, given in page.tags if given.get("id") == field)
    assert given["aria-invalid"] == "true"
    assert f"{field}-error" in given["aria-describedby"].split()
    summary = next(given for _, given in page.tags if given.get("id") == "errors")
    assert "autofocus" in summary
    assert summary["tabindex"] == "-1"
    assert f"#{field}" in page.links
    form = page.form("/comments")
    for name, text in typed.items():
        assert form.fields[name].replace("\r\n", "\n") == text.replace("\0", "\ufffd") or name == field
    assert page.html.count("<title>Error: ") == 1


def test_a_reply_stands_under_its_parent_and_quotes_it_in_the_form(client, put):
    parent = put(body="The first word.")
    page = client.page(f"/articles/karabakh?reply-to={parent.id}")
    assert page.form("/comments").fields["parent"] == parent.id
    assert page.html.count("The first word.") == 2
    followed(client, client.comment("The second word.", reply_to=parent.id))
    html = client.page("/articles/karabakh").html
    assert html.index("The first word.") < html.index('class="replies"') < html.index("The second word.")


def test_a_reply_to_a_reply_stands_beside_it_and_says_whom_it_answers(client, put):
    top = put(body="One.")
    second = put(body="Two.", parent_id=top.id)
    third = put(body="Three.", parent_id=second.id)
    page = client.page("/articles/karabakh")
    assert page.html.count('class="replies"') == 1
    assert f"/comments/{second.id}" in page.links
    assert "in reply to Bedros" in page.text
    assert f'id="c-{third.id}"' in page.html


@pytest.mark.parametrize("state", ["held", "rejected", "removed"])
def test_a_comment_that_does_not_show_cannot_be_answered(client, put, state):
    comment = put(state=state)
    client.page(f"/articles/karabakh?reply-to={comment.id}", 404)
    page = client.page("/articles/karabakh")
    answer = client.send(
        page, "/comments", name="Ann", email="ann@example.com", body=CLEAN, parent=comment.id
    )
    assert answer.status_code == 404


def test_a_removed_comment_leaves_a_mark_where_it_was_answered(client, put, discussion):
    removed = put(body="Something vile.", state="removed", published_at=discussion.article.published_at)
    put(body="I object.", parent_id=removed.id)
    lonely = put(body="Vile as well.", state="removed", published_at=discussion.article.published_at)
    page = client.page("/articles/karabakh")
    assert "This comment was removed." in page.text
    assert "vile" not in page.text.lower()
    assert "I object." in page.text
    assert lonely.id not in page.html


def test_every_comment_has_an_address_of_its_own_on_whatever_page_it_is(client, put, clock):
    comments = []
    for number in range(70):
        clock.advance(minutes=1)
        comments.append(put(body=f"Comment number {number}.", received_at=clock()))
    for wanted in (comments[0], comments[30], comments[69]):
        answer = client.get(f"/comments/{wanted.id}")
        assert answer.location.endswith(f"#c-{wanted.id}")
        page = client.page(answer.location)
        aimed = next(given for _, given in page.tags if given.get("id") == f"c-{wanted.id}")
        assert aimed["tabindex"] == "-1"
        assert "aimed" in aimed["class"].split()


def test_a_reply_has_its_address_in_its_thread_however_many_there_are(client, put, clock):
    top, replies = put(body="The first word."), []
    for number in range(120):
        clock.advance(minutes=1)
        replies.append(put(body=f"Reply number {number}.", received_at=clock(), parent_id=top.id))
    for wanted in (replies[0], replies[49], replies[50], replies[119]):
        for address in (f"/comments/{wanted.id}", f"/articles/karabakh?around={wanted.id}"):
            page = client.page(client.get(address).location)
            assert f'id="c-{wanted.id}"' in page.html
            assert "The first word." in page.text
            assert len(re.findall(r'id="c-', page.html)) <= 51
    first = client.page("/articles/karabakh")
    assert len(re.findall(r'id="c-', first.html)) == 4
    assert "All 120 replies" in first.text


@pytest.mark.parametrize("state", ["held", "rejected", "removed", "withdrawn"])
def test_a_comment_that_does_not_show_has_no_address(client, put, state):
    client.page(f"/comments/{put(state=state).id}", 404)
    client.page("/comments/nothing", 404)


@pytest.mark.parametrize("order", ["", "oldest", "discussed"])
def test_pages_lead_through_all_comments_and_back_in_every_order(client, put, clock, order):
    comments = []
    for number in range(70):
        clock.advance(minutes=1)
        comments.append(put(body=f"Comment number {number}.", received_at=clock()))
        for _ in range(number % 3):
            put(parent_id=comments[-1].id)

    def shown(page):
        tops = {comment.id for comment in comments}
        return [found for found in re.findall(r'id="c-(\w+)"', page.html) if found in tops]

    def linked(page, word):
        return next((link for link in page.links if f"{word}=" in link), None)

    page = client.page("/articles/karabakh" + (f"?order={order}" if order else ""))
    assert linked(page, "before") is None
    pages = [page]
    while following := linked(pages[-1], "after"):
        pages.append(client.page(following))
    wanted = [comment.id for comment in comments]
    if order == "discussed":
        wanted = [wanted[at] for at in sorted(range(70), key=lambda at: (-(at % 3), -at))]
    elif order != "oldest":
        wanted.reverse()
    assert [found for page in pages for found in shown(page)] == wanted
    assert len(pages) == 4
    for before, page in pairwise(pages):
        assert shown(client.page(linked(page, "before"))) == shown(before)


def test_the_orders_are_links_and_the_one_in_force_is_marked(client, put):
    put()
    put()
    page = client.page("/articles/karabakh?order=discussed")
    orders = {
        given["href"]: given.get("aria-current")
        for tag, given in page.tags
        if "order=" in given.get("href", "") and "hreflang" not in given
    }
    assert orders == {
        "/articles/karabakh?order=oldest#comments": None,
        "/articles/karabakh?order=discussed#comments": "true",
    }
    client.page("/articles/karabakh?order=nonsense")


def test_a_long_discussion_takes_no_more_queries_than_a_short_one(client, tools, put, query_count):
    def queries(address):
        with query_count(tools.database) as statements:
            client.page(address)
        return len(statements)

    top = put(body="The first word.")
    put(parent_id=top.id)
    pages = (
        "/articles/karabakh",
        "/articles/karabakh?order=discussed",
        f"/articles/karabakh/threads/{top.id}",
    )
    short = [queries(page) for page in pages]
    for _ in range(60):
        put(parent_id=put().id)
        put(parent_id=top.id)
    assert [queries(page) for page in pages] == short
    assert max(short) <= 6


def test_pinned_comments_stand_first_and_staff_carries_a_badge(client, tools, put, moderator, newsroom):
    staff = an_author(newsroom.site, name="Editor", role="staff")
    with tools.database.begin() as store:
        stored(store, staff)
    comment = put(body="A word from the paper.", author=staff)
    put(body="A later word.")
    page = moderator.page(f"/desk/comments/{comment.id}")
    answer = moderator.send(page, "/pin", pinned="yes")
    assert answer.status_code == 303
    page = client.page("/articles/karabakh")
    assert f'id="pinned-{comment.id}"' in page.html
    assert page.html.index("A word from the paper.") < page.html.index("A later word.")
    assert "Staff" in page.text
    moderator.send(moderator.page(f"/desk/comments/{comment.id}"), "/pin", pinned="no")
    assert "pinned-" not in client.page("/articles/karabakh").html


def test_a_viewer_pins_nothing(viewer, put):
    comment = put()
    assert "/pin" not in viewer.page(f"/desk/comments/{comment.id}").html


def test_addresses_in_comments_are_links_that_lend_no_weight(client, put):
    put(body='See https://example.com/?a=1&b="2" and <b>now</b>.')
    page = client.page("/articles/karabakh")
    (link,) = [given for tag, given in page.tags if "example.com" in given.get("href", "")]
    assert link["href"] == 'https://example.com/?a=1&b="2"'
    assert set(link["rel"].split()) == {"ugc", "nofollow", "noopener"}
    assert "<b>now</b>" not in page.html


def test_a_discussion_says_when_it_closes_by_itself_and_then_that_it_did(client, signed_in, clock, newsroom):
    administrator = signed_in("administrator")
    page = administrator.page(f"/desk/articles/{newsroom.article.id}")
    answer = administrator.send(page, f"/articles/{newsroom.article.id}", closes_after_days="7")
    assert answer.status_code == 303
    assert "closes by itself on 30 November 2026" in client.page("/articles/karabakh").text
    assert "it closes by itself on 30 November" in administrator.page(answer.location).text
    clock.advance(days=7)
    page = client.page("/articles/karabakh")
    assert "This discussion is closed" in page.text
    assert "discussion closed" in client.page("/").text
    administrator = signed_in("administrator", "another@paper.example")
    desk = administrator.page(answer.location)
    assert "it closed by itself on 30 November" in desk.text
    administrator.send(desk, "/discussion", discussion="open")
    assert client.page("/articles/karabakh").form("/comments")
    wrong = administrator.send(desk, f"/articles/{newsroom.article.id}", closes_after_days="soon")
    assert wrong.status_code == 422


def test_a_place_that_is_none_is_422_not_an_accident(client):
    client.page("/articles/karabakh?after=nonsense", 422)
    client.page("/articles/karabakh?order=discussed&before=1-nonsense", 422)


def test_a_closed_discussion_takes_no_comment_and_gives_the_text_back(client, tools, newsroom):
    page = client.page("/articles/karabakh")
    publishing.set_discussion(tools, newsroom.article.id, "closed", "cli")
    answer = client.send(page, "/comments", name="Ann", email="ann@example.com", body=CLEAN)
    assert answer.status_code == 409
    assert CLEAN in client.read(answer).html
    assert "This discussion is closed" in client.page("/articles/karabakh").text
    assert not [form for form in client.page("/articles/karabakh").forms if form.action.endswith("/comments")]


def test_the_answer_is_for_the_one_who_posted(client, app, put):
    answer = client.comment(ATTACK)
    address = urlsplit(answer.location)
    client.page(address.path, 404)
    client.page(f"{address.path}?t=forged", 404)
    other = put(body="Somebody else's.")
    token = parse_qs(address.query)["t"][0]
    client.page(f"/articles/karabakh/outcomes/{other.id}?t={token}", 404)


def test_the_answer_follows_what_a_moderator_decides_later(client, tools, newsroom, moderator):
    publishing.set_discussion(tools, newsroom.article.id, "held-first", "cli")
    answer = client.comment(CLEAN)
    queue = moderator.page("/desk/")
    comment_id = answer.location.split("/")[-1].partition("?")[0]
    assert moderator.act(queue, comment_id, "approve").status_code == 303
    assert "Your comment is published" in client.page(answer.location).text


def test_the_answer_fades_after_a_month(client, monkeypatch):
    answer = client.comment(CLEAN)
    later = __import__("time").time() + 31 * 24 * 3600
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    page = client.page(answer.location)
    assert "Your comment is published" in page.text
    assert CLEAN not in page.text


def test_a_comment_carries_its_language_and_its_own_direction(client, put):
    comment = put(body="Սա ճիշտ չէ։", language="hy")
    page = client.page("/articles/karabakh")
    (given,) = [given for tag, given in page.tags if given.get("class") == "body"]
    assert given["lang"] == "hy"
    assert given["dir"] == "auto"
    assert comment.body in page.text


def test_line_ends_of_the_browser_are_stored_as_one(client, tools):
    followed(client, client.comment("One line.\r\nAnother line."))
    with tools.database.read() as store:
        (item,) = store.desk.queue(now=tools.now(), states=("published",)).items
    assert item.comment.body == "One line.\nAnother line."


def test_articles_page_on(client, tools, newsroom):
    with tools.database.begin() as store:
        for number in range(40):
            stored(
                store,
                an_article(
                    newsroom.site,
                    title=f"Story {number}",
                    published_at=newsroom.article.published_at - number * DAY,
                ),
            )
    page = client.page("/")
    following = client.page(next(link for link in page.links if "older=" in link))
    assert "Story 39" in following.text


def test_every_error_code_is_explained(client):
    text = client.page("/problems").text
    for code in ("invalid-input", "author-blocked", "article-closed", "stale-version", "database-away"):
        assert code in text
