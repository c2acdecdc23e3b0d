"""A reader signed on in the frame by the site's token: known by a pass in a header, never by a cookie."""

import time

import jwt
import pytest

from moderation.services import connecting, remembering, signing_on
from moderation.store.tables import AuditEvent, Comment
from moderation.web import readers
from tests.web.conftest import ATTACK, CLEAN
from tests.web.reading import Page
from tests.workbench import rows

ORIGIN = "https://asbarez.com"
SECRET = "a secret of thirty-two bytes or more"
FRAME = f"/embed/thread?site=paper&article=post-1&origin={ORIGIN}"
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def token(tools, newsroom, clock):
    """A token of the site for Zabel, each with a jti of its own."""
    connecting.change_site(tools, newsroom.site.id, "cli", origins=[ORIGIN])
    signing_on.set_key(tools, newsroom.site.id, "k1", "cli", secret=SECRET)
    made = []

    def token(**user) -> str:
        now = int(clock().timestamp())
        made.append(now)
        said = {"id": "user-1", "email": "zabel@quillfeather.example", "username": "Zabel Quillfeather"}
        claims = {"user": said | user, "jti": f"t{len(made)}", "iat": now, "exp": now + 60, "aud": "paper"}
        return jwt.encode(claims, SECRET, headers={"kid": "k1"})

    return token


def exchange(client, token, headers=OWN):
    return client.post("/embed/sites/paper/sign-on", data={"token": token}, headers=headers)


@pytest.fixture
def known(client, token):
    """The headers with which the frame's script asks once Zabel is signed on."""
    return {"X-Reader": exchange(client, token()).json["pass"]} | OWN


def look(client, address, headers, status=200):
    answer = client.get(address, headers=headers)
    assert answer.status_code == status, answer.text
    assert "Set-Cookie" not in answer.headers
    page = Page(answer.text)
    page.check()
    return page


def send(client, form, headers, **fields):
    return client.post(form.action, data=form.fields | fields, headers=headers)


def test_a_token_becomes_a_pass_once_and_no_cookie_is_set(client, token):
    sent = token()
    answer = exchange(client, sent)
    assert answer.status_code == 200
    assert answer.json["pass"]
    assert "Set-Cookie" not in answer.headers
    again = exchange(client, sent)
    assert again.status_code == 401
    assert "used before" in again.json["detail"]
    assert "pass" not in again.json


@pytest.mark.parametrize("sent", ["", "forged", "a.b.c"])
def test_what_is_no_token_gives_no_pass_and_the_reason(client, token, sent):
    answer = exchange(client, sent)
    assert (answer.status_code, [*answer.json]) == (401, ["detail"])


@pytest.mark.parametrize("fetch_site", ["cross-site", "same-site"])
def test_a_page_of_another_site_gets_no_pass_whatever_token_it_has(client, token, fetch_site):
    headers = {"Sec-Fetch-Site": fetch_site, "Origin": ORIGIN}
    assert exchange(client, token(), headers).status_code == 403


def test_who_is_signed_on_writes_by_that_name_and_whatever_name_the_form_says(client, tools, known):
    page = look(client, FRAME, known)
    assert "You write as Zabel Quillfeather" in page.text
    (form,) = page.forms
    assert {"name", "email"}.isdisjoint(form.fields)
    answer = send(client, form, known, body=CLEAN, name="The Editor", email="other@example.com")
    assert answer.status_code == 303
    (comment,) = rows(tools.database, Comment)
    with tools.database.read() as store:
        author = store.people.get(comment.author_id)
    assert (author.external_id, author.name, comment.source) == ("user-1", "Zabel Quillfeather", "embed")
    assert "Your comment is published" in look(client, answer.location, known).text


def test_without_the_pass_the_same_browser_is_a_guest_and_a_session_elsewhere_does_not_count(
    client, token, known
):
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}
    client.post("/sso", data={"site": "paper", "token": token()}, headers=headers)
    assert "You write as Zabel" in client.page("/articles/karabakh").text
    page = Page(client.get(FRAME).text)
    assert "You write as" not in page.text
    assert "name" in page.forms[0].fields


def test_a_pass_that_is_over_keeps_the_text_and_writes_nothing(client, tools, known, monkeypatch):
    (form,) = look(client, FRAME, known).forms
    later = time.time() + readers.PASS_LASTS + 60
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    answer = send(client, form, known, body=CLEAN)
    assert answer.status_code == 401
    page = Page(answer.text)
    assert "Your sign-in on this page is over" in page.text
    assert page.forms[0].fields["body"] == CLEAN
    assert rows(tools.database, Comment) == []


def test_a_pass_is_void_when_the_reader_signs_out_everywhere_is_erased_or_it_is_forged(client, tools, known):
    look(client, FRAME, known)
    assert "You write as" not in look(client, FRAME, known | {"X-Reader": known["X-Reader"][:-2]}).text
    with tools.database.begin() as store:
        author = store.people.find(
            site_id=store.sites.get_by_slug("paper").id, external_id="user-1", email_key=None
        )
        store.readers.end_sessions(author.id)
    assert "You write as" not in look(client, FRAME, known).text
    remembering.erase_author(tools, author.id, "cli")
    assert "You write as" not in look(client, FRAME, known).text


def test_a_comment_is_changed_and_withdrawn_inside_the_frame(client, tools, known):
    page = look(client, FRAME, known)
    send(client, page.forms[0], known, body=CLEAN)
    (comment,) = rows(tools.database, Comment)
    own = look(client, next(link for link in page.links if link.split("?")[0].endswith("/mine")), known)
    assert CLEAN in own.text
    edit = look(client, next(link for link in own.links if comment.id in link and "/mine/" in link), known)
    answer = send(client, edit.forms[0], known, body=CLEAN + " Better said.")
    assert answer.status_code == 303
    own = look(client, answer.location, known)
    assert "Your changed comment is published." in own.text
    assert "Better said." in own.text
    answer = send(client, own.form("/withdraw?origin=https://asbarez.com"), known)
    own = look(client, answer.location, known)
    assert "You withdrew the comment." in own.text
    assert rows(tools.database, Comment)[0].state == "withdrawn"
    actions = [event.action for event in rows(tools.database, AuditEvent)]
    assert "comment.withdrawn" in actions


def test_a_changed_comment_is_decided_anew_in_the_frame_too(client, tools, known):
    page = look(client, FRAME, known)
    send(client, page.forms[0], known, body=CLEAN)
    own = look(client, next(link for link in page.links if link.split("?")[0].endswith("/mine")), known)
    edit = look(client, next(link for link in own.links if "/mine/" in link), known)
    same = send(client, edit.forms[0], known, body=CLEAN)
    assert same.status_code == 409
    assert Page(same.text).forms[0].fields["body"] == CLEAN
    answer = send(client, edit.forms[0], known, body=ATTACK)
    assert "was not permitted" in look(client, answer.location, known).text


def test_nobody_changes_or_withdraws_what_another_wrote_or_without_our_signature(client, tools, known, token):
    page = look(client, FRAME, known)
    send(client, page.forms[0], known, body=CLEAN)
    (comment,) = rows(tools.database, Comment)
    place = f"/embed/articles/{comment.article_id}/mine/{comment.id}"
    other = exchange(client, token(id="user-2", username="Aram", email="aram@example.com")).json["pass"]
    signed = look(client, place, known).forms[0].fields["csrf_token"]
    for headers in (OWN, {"X-Reader": other} | OWN):
        for address, status in ((place, 404), (f"{place}/withdraw", 404)):
            data = {"csrf_token": signed, "body": "Mine now."}
            answer = client.post(address, data=data, headers=headers)
            assert answer.status_code == (status if "X-Reader" in headers else 401)
    unsigned = client.post(place, data={"csrf_token": "x", "body": "Mine now."}, headers=known)
    assert unsigned.status_code == 400
    assert rows(tools.database, Comment)[0].body == CLEAN
