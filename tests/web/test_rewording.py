"""The check before posting: what a reader is told, that nothing of the text stays, and what is counted."""

import re

import pytest
from sqlalchemy import text

from moderation.settings import Settings
from moderation.store.tables import Table
from tests.builders import a_site, an_article, stored
from tests.web.conftest import ATTACK, CLEAN, PROFANE

HELD = "Pashinyan is an idiot"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def form(client):
    """The comment form as a browser fills it in."""
    return client.page("/articles/karabakh").form("/comments").fields | {
        "name": "Ann",
        "email": "ann@example.com",
    }


@pytest.fixture
def check(client, form):
    """Press "Check first", or ask as the script does while a reader pauses."""

    def check(body, query="", **fields):
        data = form | {"body": body} | fields
        return client.post(f"/articles/karabakh/check{query}", data=data, headers=SAME_SITE)

    return check


@pytest.fixture
def send(client, form):
    def send(body, **fields):
        data = form | {"body": body} | fields
        return client.post("/articles/karabakh/comments", data=data, headers=SAME_SITE)

    return send


@pytest.fixture
def counted(tools):
    """What was counted, of all days together."""

    def counted():
        with tools.database.read() as store:
            days = store.rewordings.since(tools.now().date())
        return dict(next(iter(days.values()), {}))

    return counted


def token_in(answer):
    return re.search(r'name="checked" value="([^"]+)"', answer.text)[1]


def test_the_check_names_rule_sentence_and_words(client, check):
    page = client.read(check(f"Well. {ATTACK}"))
    assert "As it stands, this comment would not be permitted." in page.text
    assert "No personal attacks. Argue with what was said, not with who said it." in page.text
    assert any("idiot" in words for words in page.marked)
    assert (
        len([form for form in page.forms if form.action.endswith("/comments")]) == 2
    )  # reword, or send as it is


def test_the_check_of_a_clean_text_says_so(client, check):
    assert "finds nothing against the policy" in client.read(check(CLEAN)).text


def test_the_check_of_what_would_be_held_says_that_a_moderator_reads_it(client, check):
    page = client.read(check(HELD))
    assert "A moderator would read this comment before it shows." in page.text
    assert "does not show until a moderator has read it" in page.text


def test_the_check_speaks_armenian(client, check):
    client.page("/?lang=hy")
    page = client.read(check(ATTACK))
    assert "Այս տեսքով մեկնաբանությունը չի թույլատրվի։" in page.text
    assert "Ոչ մի անձնական հարձակում. Վիճե՛ք ասվածի, ոչ թե ասողի հետ։" in page.text


@pytest.mark.parametrize("query", ["", "?panel=1"])
@pytest.mark.parametrize("body", [ATTACK, PROFANE, HELD, CLEAN])
def test_the_check_shows_no_score_and_no_threshold(check, tools, body, query):
    """A text could be turned until it just passes."""
    html = re.sub(r'value="[^"]+"', "", check(body, query).text)
    html = re.sub(r"[?&]v=\w+", "", html)
    assert not re.search(r"\d\.\d", html)
    assert "score" not in html


def test_the_script_gets_the_panel_alone(check):
    answer = check(ATTACK, "?panel=1")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "<mark" in answer.text
    assert token_in(answer)


def test_nothing_typed_becomes_markup(check):
    for query in ("", "?panel=1"):
        assert "<svg" not in check('You are an idiot"><svg/onload=alert(1) x', query).text


def test_a_text_that_would_be_refused_is_shown_once_before_it_is_sent(client, send, counted):
    answer = send(ATTACK)
    assert answer.status_code == 422
    page = client.read(answer)
    assert "Nothing has been sent yet" in page.text
    assert any("idiot" in words for words in page.marked)
    assert client.insist(answer).status_code == 303
    assert counted() == {"warned": 1, "unchanged-rejected": 1}


def test_nothing_is_stored_and_no_strike_given_until_it_is_sent(client, send, check, tools):
    send(ATTACK)
    check(ATTACK)
    with tools.database.read() as store:
        assert store.desk.counts() == {}
        assert store.audit.page(limit=10).items == []


def test_a_reworded_text_is_published_and_counted(client, send, counted):
    page = client.read(send(ATTACK))
    form = page.forms[0].fields | {"body": CLEAN}
    answer = client.post("/articles/karabakh/comments", data=form, headers=SAME_SITE)
    assert "Your comment is published" in client.page(answer.location).text
    assert counted() == {"warned": 1, "reworded-published": 1}


@pytest.mark.parametrize(("body", "state"), [(PROFANE, "rejected"), (HELD, "held")])
def test_who_rewords_is_not_asked_a_second_time(client, send, counted, body, state):
    form = client.read(send(ATTACK)).forms[0].fields | {"body": body}
    answer = client.post("/articles/karabakh/comments", data=form, headers=SAME_SITE)
    assert answer.status_code == 303
    assert counted() == {"warned": 1, f"reworded-{state}": 1}


def test_what_the_panel_has_shown_is_not_shown_again(check, send):
    assert send(ATTACK, checked=token_in(check(ATTACK, "?panel=1"))).status_code == 303


def test_what_the_panel_has_not_shown_is_shown(check, send):
    assert send(PROFANE, checked=token_in(check(ATTACK, "?panel=1"))).status_code == 422


def test_a_reader_who_pauses_often_is_counted_once(check, counted):
    token = ""
    for body in (ATTACK, f"{ATTACK} And", f"{ATTACK} And more."):
        token = token_in(check(body, "?panel=1", checked=token))
    assert counted() == {"warned": 1}


@pytest.mark.parametrize("token", ["", "nonsense", "eyJhIjoxfQ.x.y"])
def test_a_token_that_is_none_tells_nothing(send, token):
    assert send(ATTACK, checked=token).status_code == 422


def test_the_token_of_another_article_tells_nothing(client, check, tools, newsroom, send):
    with tools.database.begin() as store:
        stored(store, an_article(newsroom.site, slug="other"))
    token = token_in(check(ATTACK))
    form = client.page("/articles/other").form("/comments").fields
    data = form | {"name": "A", "email": "a@example.com", "body": ATTACK, "checked": token}
    assert client.post("/articles/other/comments", data=data, headers=SAME_SITE).status_code == 422


def test_held_first_cannot_be_reworded_away_and_is_no_warning(client, check, tools, newsroom, counted):
    with tools.database.begin() as store:
        store.articles.get(newsroom.article.id).discussion = "held-first"
    page = client.read(check(CLEAN))
    assert "Read before it shows." in page.text
    assert "You can reword it" not in page.text
    assert counted() == {}


def test_no_text_is_kept_logged_or_measured(check, send, tools, log):
    """Neither in a table, nor in the log, nor in a metric."""
    secret = "Xylophonist"
    check(f"You are an idiot, {secret}.")
    check(f"You are an idiot, {secret}.", "?panel=1")
    send(f"You are an idiot, {secret}.")
    with tools.database.engine.connect() as connection:
        for table in Table.metadata.sorted_tables:
            rows = connection.execute(text(f"SELECT * FROM {table.name}")).all()
            assert secret.lower() not in repr(rows).lower(), table.name
    assert secret.lower() not in log.getvalue().lower()
    assert secret.lower() not in tools.metrics.exposition().decode().lower()


def test_the_check_does_not_tell_how_the_owner_of_an_address_stands(client, check, tools):
    """Else anybody could ask about anybody."""
    client.comment(ATTACK, email="bad@example.com")
    client.comment(f"{ATTACK} Again.", email="bad@example.com")  # now premoderated
    assert "finds nothing" in client.read(check(CLEAN, email="bad@example.com")).text


@pytest.mark.parametrize(("body", "status"), [("", 422), ("x" * 10_001, 422), ("a\0b", 422)])
def test_a_text_that_cannot_be_checked_says_what_is_wrong_with_it(client, check, body, status):
    answer = check(body)
    assert answer.status_code == status
    assert "Please correct this" in client.read(answer).text
    assert check(body, "?panel=1").status_code == status


def test_the_check_of_an_answer_to_nothing_gives_the_text_back(client, check):
    answer = check(CLEAN, parent="nobody")
    assert answer.status_code == 404
    assert CLEAN in client.read(answer).html


class TestTooMany:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(checking_limit="2 per minute")

    def test_checks_are_limited_and_say_when_to_go_on(self, client, check):
        assert [check(CLEAN).status_code for _ in range(3)] == [200, 200, 429]
        assert int(check(CLEAN, "?panel=1").headers["Retry-After"]) > 0


def test_the_desk_shows_what_became_of_the_warnings(client, send, moderator):
    form = client.read(send(ATTACK)).forms[0].fields | {"body": CLEAN}
    client.post("/articles/karabakh/comments", data=form, headers=SAME_SITE)
    client.comment(PROFANE)
    send(f"{ATTACK} Not sent.")
    page = moderator.page("/desk/rewording")
    assert "Rewording" in moderator.page("/desk/").text
    cells = re.findall(r'<td class="number" data-name="([^"]+)">(\d+)', page.html)[:8]
    assert dict(cells) == {
        "Warned of": "3",
        "Reworded: published": "1",
        "Reworded: held": "0",
        "Reworded: not permitted": "0",
        "Sent unchanged: published": "0",
        "Sent unchanged: held": "0",
        "Sent unchanged: not permitted": "1",
        "Not sent": "1",
    }


def test_counts_are_of_a_day_and_a_site(tools, database):
    site, other = a_site(), a_site()
    with database.begin() as store:
        stored(store, site, other)
        for where in (site, site, other):
            store.rewordings.add(where.id, tools.now().date(), "warned")
    with database.read() as store:
        assert store.rewordings.since(tools.now().date()) == {tools.now().date().isoformat(): {"warned": 3}}
