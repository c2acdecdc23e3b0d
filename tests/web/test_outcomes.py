"""What the author of a comment is told of it, at one address for as long as it is there: always the true state."""

import re

import pytest

from moderation.services import publishing
from tests.web.conftest import ATTACK, CLEAN, PROFANE

ARMENIAN = re.compile("[Ա-և]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture
def written(client):
    """Post a comment, and give the address of its author's page."""

    def written(body, **who):
        answer = client.comment(body, **who)
        assert answer.status_code == 303
        return answer.location

    return written


@pytest.fixture
def act(moderator, tools):
    """Let a moderator act on the newest comment in a state."""

    def act(state, action, **fields):
        page = moderator.page(f"/desk/?state={state}")
        with tools.database.read() as store:
            (item, *_) = store.desk.queue(now=tools.now(), states=(state,), newest_first=True).items
        assert moderator.act(page, item.comment.id, action, **fields).status_code == 303

    return act


def test_the_link_tells_the_true_state_from_held_to_removed_and_back(client, tools, newsroom, written, act):
    publishing.set_discussion(tools, newsroom.article.id, "held-first", "cli")
    link = written(CLEAN)
    assert "A moderator will read your comment" in client.page(link).text
    act("held", "approve")
    assert "Your comment is published" in client.page(link).text
    act("published", "remove", clause="spam")
    page = client.page(link)
    assert "Your comment was removed" in page.text
    assert "A moderator decided this on 23 November 2026, 12:00 UTC." in page.text
    assert tools.engine.policy.clauses["spam"].sentence in page.text
    assert CLEAN in page.text
    act("removed", "restore")
    assert "Your comment is published" in client.page(link).text


def test_a_held_comment_that_a_moderator_refuses_says_why(client, written, act):
    link = written("Pashinyan is an idiot")
    assert "No personal attacks" in client.page(link).text
    act("held", "reject", clause="personal-attack")
    text = client.page(link).text
    assert "Your comment was not permitted" in text
    assert "A moderator decided this" in text
    assert "No personal attacks. Argue with what was said, not with who said it." in text


def test_a_refusal_by_the_check_says_that_no_person_decided_it(client, written):
    text = client.page(written(ATTACK)).text
    assert "The automatic check decided this on" in text
    assert "Write it again" in text


@pytest.mark.parametrize("body", [CLEAN, ATTACK, PROFANE, "Pashinyan is an idiot"])
def test_nobody_is_said_to_have_flagged_anybody(client, written, body):
    """Others decide nothing; the policy does, and says so."""
    text = client.page(written(body)).text.casefold()
    assert not re.search("flagged|the community|violat|shadow", text)


def test_a_rejected_comment_shows_to_its_author_as_to_everybody(client, written):
    """No shadow ban: the author does not see it in the discussion either, and is told so."""
    link = written(ATTACK)
    assert "Other readers do not see it." in client.page(link).text
    assert ATTACK not in client.page("/articles/karabakh").text


@pytest.mark.parametrize(
    ("body", "sentences"),
    [
        (CLEAN, ["Ձեր մեկնաբանությունը հրապարակված է"]),
        (
            "Pashinyan is an idiot",
            ["Ձեր մեկնաբանությունը կկարդա խմբագիրը", "Վիճե՛ք ասվածի, ոչ թե ասողի հետ։"],
        ),
        (
            ATTACK,
            ["Ձեր մեկնաբանությունը չի թույլատրվել", "Վիճե՛ք ասվածի, ոչ թե ասողի հետ։", "Սա նախազգուշացում է"],
        ),
    ],
)
def test_an_armenian_reader_is_told_in_armenian(client, written, body, sentences):
    client.page("/?lang=hy")
    page = client.page(written(body))
    for sentence in sentences:
        assert sentence in page.text
    said = page.text.replace(body, "").replace("Asbarez", "").replace("UTC", "").replace("English", "")
    assert not LATIN_WORD.findall(said)


def test_a_block_is_told_in_armenian_with_rule_and_end(client, written):
    client.page("/?lang=hy")
    for number in range(3):
        written(f"{ATTACK} {number}")
    answer = client.comment(CLEAN)
    page = client.read(answer)
    assert answer.status_code == 403
    assert "Ձեզ արգելված է մեկնաբանել" in page.text
    assert "մինչև 23 դեկտեմբերի 2026, 12:00 UTC" in page.text
    assert "Ոչ մի անձնական հարձակում" in page.text
    said = page.text.replace(CLEAN, "").replace("Asbarez", "").replace("UTC", "").replace("English", "")
    assert not LATIN_WORD.findall(said)


@pytest.mark.parametrize(
    "typed",
    [
        {"body": ""},
        {"body": "x" * 10_001},
        {"body": "a\0b"},
        {"body": "a\u0007b"},
        {"body": "a\u202eb"},
        {"body": "a" + "\u0301" * 13},
        {"body": "a\ufffdb"},
        {"body": "<script>x</script>"},
        {"name": ""},
        {"name": "y" * 81},
        {"name": "a<b"},
        {"name": "<b>Ann</b>"},
        {"name": "a\tb"},
        {"name": "a\u202db"},
        {"email": ""},
        {"email": "nobody"},
        {"email": "a" * 330 + "@example.com"},
        {"parent": "x" * 300},
        {"surprise": "x"},
        {"csrf_token": "nonsense"},
    ],
)
def test_what_is_wrong_is_said_in_armenian(client, typed):
    client.page("/?lang=hy")
    form = client.page("/articles/karabakh")
    answer = client.send(
        form, "/comments", **({"name": "Ann", "email": "ann@example.com", "body": CLEAN} | typed)
    )
    page = client.read(answer)
    assert answer.status_code in (400, 404, 422)
    errors = re.findall(r'<span class="error"[^>]*>(.*?)</span>\s*(?:<input|<textarea)', page.html, re.DOTALL)
    summary = re.findall(r'<div class="box errors".*?</div>', page.html, re.DOTALL)
    for said in errors + summary:
        plain = re.sub(
            r"<[^>]+>|&\w+;|&#\d+;|name@example\.com|U\+\w+|NUL|surrogate|parent_id|script|surprise",
            " ",
            said,
        )
        assert ARMENIAN.search(plain)
        assert not LATIN_WORD.findall(plain), plain


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nowhere", 404),
        ("/articles/nowhere", 404),
        ("/articles/karabakh?reply-to=nobody", 404),
        ("/articles/karabakh/outcomes/x", 404),
    ],
)
def test_a_page_that_is_not_there_says_so_in_armenian(client, address, status):
    client.page("/?lang=hy")
    page = client.page(address, status)
    assert ARMENIAN.search(page.text)
    heading = re.search("<h1>(.*?)</h1>\\s*<p>(.*?)</p>", page.html, re.DOTALL)
    assert not LATIN_WORD.findall(" ".join(heading.groups()))


def test_the_policy_is_worded_in_armenian_first(client, tools):
    page = client.page("/policy?lang=hy")
    for clause in tools.engine.policy.clauses.values():
        assert page.text.index(clause.title_hy) < page.text.index(clause.sentence)
        assert clause.sentence_hy in page.text
    for rung in tools.engine.policy.ladder:
        assert rung.sentence_hy in page.text
