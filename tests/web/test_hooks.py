"""Webhooks from a site's own system: signed bytes in, an outcome back."""

import json

import pytest

from moderation.protocols.standard_webhooks import new_secret, sign
from tests.web.conftest import CLEAN

SECRET = new_secret()


@pytest.fixture
def send(client, tools, newsroom, clock):
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).inbound_secrets = [SECRET]

    def send(
        event, data, message_id="msg_1", secret=SECRET, path="/hooks/standard-webhooks/paper", **changes
    ):
        body = json.dumps({"type": event, "timestamp": "2026-11-23T12:00:00Z", "data": data}).encode()
        return client.post(path, data=body, headers=sign(message_id, clock(), body, secret) | changes)

    return send


ARTICLE = {
    "article": {
        "external_id": "post-2",
        "title": "Another Story",
        "slug": "another-story",
        "summary": "It goes on.",
    }
}
COMMENT = {
    "article": {"external_id": "post-1"},
    "comment": {"external_id": "c-1", "body": CLEAN, "author": {"name": "Ann"}},
}


def test_an_article_that_is_published_comes_under_discussion(send, client):
    answer = send("article.published", ARTICLE)
    assert answer.status_code == 202
    assert answer.json["article"]["external_id"] == "post-2"
    assert "It goes on." in client.page("/articles/another-story").text


def test_a_comment_that_is_submitted_is_decided(send, client):
    answer = send("comment.submitted", COMMENT)
    assert answer.status_code == 202
    assert answer.json["status"] == "published"
    assert answer.json["decision"]["verdict"] == "publish"
    assert CLEAN in client.page("/articles/karabakh").text


def test_an_article_that_is_closed_takes_no_more_comments(send, client):
    assert send("article.closed", {"article": {"external_id": "post-1"}}).status_code == 202
    assert "This discussion is closed" in client.page("/articles/karabakh").text


def test_a_repetition_changes_nothing_and_is_answered_alike(send):
    first, second = send("comment.submitted", COMMENT), send("comment.submitted", COMMENT)
    assert second.status_code == 202
    assert first.json | {"repeated": True} == second.json


def test_the_same_id_with_another_body_is_409(send):
    send("comment.submitted", COMMENT)
    answer = send("article.published", ARTICLE)
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"secret": new_secret()}, 401, "signature-wrong"),
        ({"webhook-signature": ""}, 401, "signature-missing"),
        ({"webhook-timestamp": "1"}, 401, None),
        ({"path": "/hooks/standard-webhooks/nobody"}, 404, "not-found"),
        ({"path": "/hooks/nothing/paper"}, 404, "not-found"),
    ],
)
def test_what_is_not_signed_or_not_known_is_refused_as_a_problem(send, change, status, code):
    answer = send("comment.submitted", COMMENT, **change)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert code is None or answer.json["code"] == code


def test_what_is_wrong_inside_is_named(send):
    answer = send("comment.submitted", COMMENT | {"comment": COMMENT["comment"] | {"colour": "red"}})
    assert answer.status_code in (400, 422)
    assert any("colour" in field for field in answer.json["errors"])


def test_an_article_may_come_with_its_whole_text(send):
    answer = send("article.published", {"article": ARTICLE["article"] | {"text": "word " * 38_000}})
    assert answer.status_code == 202
