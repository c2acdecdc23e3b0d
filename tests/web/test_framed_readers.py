"""Who writes in a frame: a pass for the site's token, good for what a session is good for and for nothing else."""

import pytest

from moderation.services import connecting
from moderation.store.tables import Author, Comment
from tests.web.conftest import CLEAN
from tests.web.test_embed import FRAME, look, send
from tests.web.test_sign_on import token  # noqa: F401  a fixture
from tests.workbench import rows

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def framed(client, tools, newsroom, token):  # noqa: F811
    """The frame as the paper's page shows it, and a pass for Zabel."""
    connecting.change_site(tools, newsroom.site.id, "cli", origins=["https://asbarez.com"])
    answer = client.post("/embed/sites/paper/reader", data={"token": token()}, headers=OURS)
    return look(client, FRAME), answer.json


def test_the_token_becomes_a_pass_by_which_its_reader_writes_without_a_cookie(client, tools, framed):
    page, said = framed
    assert said["name"] == "Zabel Quillfeather"
    answer = send(client, page, name="", email="", **{"pass": said["pass"]})
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    (comment,) = rows(tools.database, Comment)
    (author,) = rows(tools.database, Author)
    assert (comment.author_id, author.external_id, comment.state) == (author.id, "user-1", "published")


def test_who_is_signed_on_is_nobody_else_whatever_stands_in_the_form(client, tools, framed):
    page, said = framed
    send(client, page, name="Somebody", email="else@example.com", **{"pass": said["pass"]})
    (author,) = rows(tools.database, Author)
    assert author.name == "Zabel Quillfeather"


def test_a_token_makes_one_pass(client, token):  # noqa: F811
    once = token()
    first, again = (
        client.post("/embed/sites/paper/reader", data={"token": once}, headers=OURS) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (200, 401)
    assert "used before" in again.json["detail"]


def test_neither_is_taken_from_another_page(client, framed, token):  # noqa: F811
    _, said = framed
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    for address, form in (
        ("/embed/sites/paper/reader", {"token": token()}),
        ("/embed/mine", {"pass": said["pass"]}),
    ):
        assert client.post(address, data=form, headers=elsewhere).status_code == 403


def test_a_pass_that_does_not_hold_never_makes_a_guest_and_the_text_is_kept(client, tools, framed, clock):
    page, said = framed
    for wrong in ("", "x", said["pass"][:-2]):
        answer = send(client, page, **{"pass": wrong})
        assert answer.status_code == 401
        assert "Your sign-in is over" in answer.text
        assert CLEAN in answer.text
    clock.advance(hours=12, seconds=1)
    late = look(client, FRAME)
    assert send(client, late, **{"pass": said["pass"]}).status_code == 401
    assert rows(tools.database, Comment) == []


def test_signing_out_everywhere_ends_a_pass(client, tools, framed):
    page, said = framed
    (author,) = rows(tools.database, Author)
    with tools.database.begin() as store:
        store.readers.end_sessions(author.id)
    assert send(client, page, **{"pass": said["pass"]}).status_code == 401


def test_a_pass_opens_one_s_own_comments_in_a_window_of_its_own(client, framed):
    page, said = framed
    send(client, page, **{"pass": said["pass"]})
    answer = client.post("/embed/mine", data={"pass": said["pass"]}, headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/mine")
    assert CLEAN in client.page("/mine").text
