"""The reader's appeal over HTTP: one link, without an account."""

import pytest

from moderation.services import appeal_links, penalising
from moderation.store.tables import Appeal, Block, Comment
from tests.web.conftest import ATTACK, CLEAN
from tests.workbench import rows

WHY = "It was a quotation."


@pytest.fixture
def refused(client):
    """The page that tells of a refused comment."""
    return client.page(client.comment(ATTACK).location)


def appeal_link(page) -> str:
    (link,) = [link for link in page.links if link.startswith("/appeals/")]
    return link


def test_the_notice_leads_to_the_appeal_and_the_appeal_to_its_answer(client, refused, app):
    link = appeal_link(refused)
    stranger = app.test_client()
    page = stranger.page(link)
    assert "No personal attacks" in page.text
    assert page.marked == refused.marked
    answer = stranger.send(page, link, text=WHY)
    assert answer.status_code == 303
    page = stranger.page(answer.location)
    assert WHY in page.text
    assert "waiting for an answer" in page.text
    again = stranger.send(client.page(appeal_link(refused)), "/withdraw")
    assert again.status_code in (303, 400)  # the other browser's token is not this one's


def test_a_published_or_held_comment_has_nothing_to_appeal(client):
    for body in (CLEAN, "Pashinyan is an idiot"):
        page = client.page(client.comment(body).location)
        assert not [link for link in page.links if link.startswith("/appeals/")]


def test_what_is_wrong_is_said_beside_the_text_which_stays(client, refused):
    link = appeal_link(refused)
    answer = client.send(client.page(link), link, text="a\x00b " + "x" * 2001)
    assert answer.status_code == 422
    page = client.read(answer)
    assert "Shorten it to 2,000" in page.text
    assert "x" * 2001 in page.html


def test_an_appeal_is_shown_as_text(client, refused):
    link = appeal_link(refused)
    typed = "\"><x onload=alert(1)> & 'quoted' {{ 7 * 7 }}"
    answer = client.send(client.page(link), link, text=typed)
    page = client.page(answer.location)
    assert "<x onload" not in page.html
    assert typed in page.text


def test_a_second_appeal_is_refused_and_the_first_shown(client, refused, tools):
    link = appeal_link(refused)
    page = client.page(link)
    assert client.send(page, link, text=WHY).status_code == 303
    answer = client.send(page, link, text="Again.")
    assert answer.status_code == 409
    assert "waiting for an answer" in client.read(answer).text
    assert len(rows(tools.database, Appeal)) == 1


def test_an_open_appeal_can_be_withdrawn(client, refused, tools):
    link = appeal_link(refused)
    client.send(client.page(link), link, text=WHY)
    page = client.page(link)
    assert client.send(page, "/withdraw").status_code == 303
    assert client.send(page, "/withdraw").status_code == 409
    page = client.page(link)
    assert "You withdrew" in page.text
    assert not page.forms
    assert rows(tools.database, Appeal)[0].state == "withdrawn"


def test_after_its_time_the_link_says_so(client, refused, clock):
    link = appeal_link(refused)
    clock.advance(days=31)
    page = client.page(link)
    assert "That time is over" in page.text
    assert not page.forms


def test_a_forged_link_opens_nothing(client, refused):
    link = appeal_link(refused)
    for wrong in (link[:-3], link + "x", "/appeals/", "/appeals/WyJhcHBlYWwiLCAieCJd.x"):
        client.page(wrong, 404)


def test_the_refusal_of_a_blocked_author_leads_to_an_appeal_that_shows_nothing_written(client, tools, app):
    client.comment(CLEAN)
    (comment,) = rows(tools.database, Comment)
    penalising.block_author(tools, comment.author_id, "m1", "spam", 30)
    answer = client.comment("Once more.")
    assert answer.status_code == 403
    link = appeal_link(client.read(answer))
    made = client.send(client.page(link), link, text=WHY)
    assert WHY in client.page(made.location).text
    # Whoever types the blocked address sees this link too.
    other = app.test_client()
    page = other.page(appeal_link(other.read(other.comment("It is me."))))
    assert WHY not in page.html
    assert "waiting for an answer" in page.text
    assert not page.forms
    assert rows(tools.database, Block)[0].lifted_at is None


def test_the_pages_speak_armenian(client, refused, tools):
    (comment,) = rows(tools.database, Comment)
    page = client.page(appeal_links.path_of(tools, "decision", comment.decision_id) + "?lang=hy")
    assert "Ձեր բողոքը" in page.text
    assert page.tags[0][1]["lang"] == "hy"
