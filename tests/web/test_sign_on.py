"""Single sign-on by a form: whose page may send it, where the token stands, what the session is good for."""

import jwt
import pytest

from moderation.services import signing_on
from moderation.store.tables import Author, Comment
from tests.builders import a_moderator, stored
from tests.web.conftest import CLEAN
from tests.workbench import rows

SECRET = "a secret of thirty-two bytes or more"
PAPER = "https://www.paper.example"
USER = {"id": "user-1", "email": "zabel@quillfeather.example", "username": "Zabel Quillfeather"}


@pytest.fixture
def token(tools, newsroom, clock):
    """A token for Zabel, each with a jti of its own."""
    signing_on.set_key(tools, newsroom.site.id, "k1", "cli", secret=SECRET)
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).origins = [PAPER]
    made = []

    def token(**user) -> str:
        now = int(clock().timestamp())
        made.append(now)
        claims = {"user": USER | user, "jti": f"t{len(made)}", "iat": now, "exp": now + 60, "aud": "paper"}
        return jwt.encode(claims, SECRET, headers={"kid": "k1"})

    return token


@pytest.fixture
def post(client):
    """Send the form as the paper's page does."""

    def post(token, origin=PAPER, fetch_site="cross-site", **fields):
        headers = {"Origin": origin, "Sec-Fetch-Site": fetch_site} if origin else {}
        return client.post("/sso", data={"site": "paper", "token": token} | fields, headers=headers)

    return post


def test_the_paper_s_page_signs_its_reader_on(client, tools, token, post):
    answer = post(token(), next="/articles/karabakh")
    assert (answer.status_code, answer.location) == (303, "/articles/karabakh")
    page = client.page(answer.location)
    assert "You write as Zabel Quillfeather" in page.text
    form = page.form("/comments")
    assert set(form.fields) == {"csrf_token", "body"}
    assert client.send(page, "/comments", body=CLEAN).status_code == 303
    (comment,) = rows(tools.database, Comment)
    assert (comment.state, comment.author_id) == ("published", rows(tools.database, Author)[0].id)
    assert CLEAN in client.page("/mine").text


def test_who_is_signed_on_is_nobody_else_whatever_the_form_says(client, tools, token, post):
    post(token())
    page = client.page("/articles/karabakh")
    client.send(page, "/comments", body=CLEAN, name="Bedros", email="bedros@example.com")
    assert [author.name for author in rows(tools.database, Author)] == ["Zabel Quillfeather"]


def test_a_reader_without_an_address_comments_too(client, tools, token, post):
    post(token(email=None))
    assert client.send(client.page("/articles/karabakh"), "/comments", body=CLEAN).status_code == 303


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", f"{PAPER}.evil.example"])
def test_another_page_signs_nobody_on(client, tools, token, post, origin):
    answer = post(token(), origin=origin)
    assert answer.status_code == 403
    assert rows(tools.database, Author) == []


def test_the_page_for_the_fragment_sends_the_form_itself(client, token, post):
    page = client.page("/sso/paper?next=/articles/karabakh")
    form = page.form("/sso")
    assert form.fields["next"] == "/articles/karabakh"
    answer = post(token(), origin="http://localhost", fetch_site="same-origin", next=form.fields["next"])
    assert answer.location == "/articles/karabakh"


def test_a_token_in_the_address_is_not_taken(client, token):
    answer = client.post(f"/sso?token={token()}", data={"site": "paper"}, headers={"Origin": PAPER})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "place",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "/a\nb"],
)
def test_nobody_is_led_elsewhere(token, post, place):
    assert post(token(), next=place).location == "/mine"


def test_a_used_token_is_refused_in_words_and_without_a_session(client, token, post, log):
    used = token()
    post(used)
    other = client.application.test_client()
    answer = other.post("/sso", data={"site": "paper", "token": used}, headers={"Origin": PAPER})
    assert answer.status_code == 401
    assert "used before" in other.read(answer).text
    assert "You write as" not in other.page("/articles/karabakh").text


def test_a_name_of_the_staff_signs_nobody_on(tools, token, post):
    with tools.database.begin() as store:
        stored(store, a_moderator(name="Ara Kochar"))
    answer = post(token(username="Ara Kосhar"))  # Cyrillic о, с
    assert answer.status_code == 422
    assert "Choose another" in answer.text


def test_a_moderator_of_the_paper_is_none_here(client, token, post):
    post(token(role="ADMIN"))
    assert "/desk/sign-in" in client.get("/desk/", follow_redirects=True).request.full_path


def test_an_unknown_site_is_not_found(client):
    assert client.get("/sso/nowhere").status_code == 404
    assert client.post("/sso", data={"site": "nowhere"}, headers={"Origin": PAPER}).status_code == 404


def test_the_token_is_never_logged(tools, token, post, log):
    for given in (token(), token(), "eyJhbGciOi.nonsense.token"):
        post(given)
        post(given)
        assert given not in log.getvalue()
        assert given.split(".")[1] not in log.getvalue()
    assert "zabel" not in log.getvalue().lower()
    assert "quillfeather" not in log.getvalue().lower()
