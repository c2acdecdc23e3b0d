"""Limits count networks without keeping addresses."""

import pytest

from moderation.services import admitting
from moderation.settings import Settings
from moderation.web.limiting import network_key
from tests.web.conftest import ATTACK, CLEAN


@pytest.fixture
def settings():
    return Settings(posting_limit="3 per minute", sign_in_limit="4 per minute")


def test_posting_too_fast_is_429_with_the_time_to_wait(client):
    different = (CLEAN, "The committee meets on Thursday.", "My uncle was in that school.")
    assert [client.comment(body).status_code for body in different] == [303] * 3
    answer = client.comment("One too many.")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    page = client.read(answer)
    assert "One too many." in page.html
    assert "Wait" in page.text


def test_another_network_is_not_held_up(client, app):
    for number in range(4):
        client.comment(f"{CLEAN} {number}")
    other = app.test_client()
    form = other.page("/articles/karabakh").form("/comments")
    fields = form.fields | {"name": "Bedros", "email": "bedros@example.com", "body": CLEAN}
    answer = other.post(form.action, data=fields, environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
    assert answer.status_code == 303


def test_reading_is_not_limited(client):
    for number in range(4):
        client.comment(f"{ATTACK} {number}")
    client.page("/articles/karabakh")


def test_guessing_passwords_is_limited_by_network_too(client):
    statuses = []
    for number in range(5):
        page = client.page("/desk/sign-in")
        statuses.append(
            client.send(page, "/sign-in", email=f"{number}@paper.example", password="x").status_code
        )
    assert statuses == [401] * 4 + [429]


def test_trying_links_is_limited_by_network_too(client, tools):
    token = admitting.invite(tools, "new@paper.example", "viewer", "cli")
    page = client.page(f"/desk/welcome/{token}")
    statuses = [client.send(page, token, name="New", password="short").status_code for _ in range(5)]
    assert statuses == [422] * 4 + [429]


def test_a_key_leads_back_to_no_address_and_changes_every_day(app, clock):
    def key(address):
        with app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
            return network_key()

    today = key("192.0.2.1")
    assert "192" not in today[:3]
    assert len(today) == 64
    assert today == key("192.0.2.1") == key("::ffff:192.0.2.1")
    assert today != key("192.0.2.2")
    assert key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9")
    assert key("2001:db8:1:2::1") != key("2001:db8:1:3::1")
    clock.advance(days=1)
    assert today != key("192.0.2.1")


def test_a_counter_that_breaks_lets_pass(client, app, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("no memory")

    monkeypatch.setattr(app.extensions["moderation.limiter"].limiter, "hit", broken)
    assert client.comment(CLEAN).status_code == 303


def test_posting_too_fast_from_a_frame_is_429_and_the_text_is_kept(client, newsroom):
    for status, body in (
        (303, "The bridge is needed."),
        (303, "Who pays for all this, and when?"),
        (303, "My grandmother remembers the old one."),
        (429, "One too many."),
    ):
        page = client.page(f"/embed/articles/{newsroom.article.id}")
        answer = client.send(page, "/comments", name="Ann", email="ann@example.com", body=body)
        assert answer.status_code == status
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert client.read(answer).forms[0].fields["body"] == "One too many."


def test_posting_too_fast_to_what_is_not_there_is_no_accident(client, newsroom, log):
    data = {"csrf_token": "none", "body": CLEAN}
    asked = [client.post("/embed/articles/nothing/comments", data=data).status_code for _ in range(5)]
    assert asked == [404] * 5
    assert '"accident"' not in log.getvalue()
