"""Webhooks from a CMS: signed, done once, answered the same when they come again."""

import json
from datetime import timedelta

import pytest

from moderation.errors import ArticleClosed, AuthorBlocked, Conflict, InvalidInput, ModerationError, NotFound
from moderation.protocols.standard_webhooks import new_secret, sign
from moderation.services.publishing import set_discussion
from moderation.services.receiving import receive
from moderation.store.tables import Article, AuditEvent, Comment, ReceivedHook
from tests.builders import a_site, stored
from tests.workbench import everything, rows

ARTICLE = {
    "external_id": "post-2",
    "title": "A vote",
    "slug": "a-vote",
    "byline": "Jo",
    "people": ["Ilham Aliyev"],
}
COMMENT = {
    "external_id": "c-1",
    "body": "I see it otherwise.",
    "author": {"name": "Ann", "external_id": "user-7"},
}


@pytest.fixture
def send(tools, newsroom, clock):
    """Send an event as the site's CMS would."""

    def send(event="", data=None, *, message="msg_1", at=None, secret=None, body=None, site="paper"):
        told = {"type": event, "timestamp": "2026-11-23T12:00:00Z", "data": data}
        body = json.dumps(told).encode() if body is None else body
        headers = sign(message, at or clock(), body, secret or newsroom.site.inbound_secrets[0])
        return receive(tools, "standard-webhooks", site, headers, body, "req-1")

    return send


@pytest.fixture
def send_comment(send):
    def send_comment(message="msg_1", **changes):
        return send(
            "comment.submitted",
            {"article": {"external_id": "post-1"}, "comment": COMMENT | changes},
            message=message,
        )

    return send_comment


def test_a_published_article_is_there_with_all_that_was_told(tools, newsroom, send):
    answer = send("article.published", {"article": ARTICLE})
    article = next(row for row in rows(tools.database, Article) if row.external_id == "post-2")
    assert answer == {
        "id": "msg_1",
        "repeated": False,
        "article": {"id": article.id, "external_id": "post-2"},
    }
    assert (article.title, article.slug, article.byline, article.people) == (
        "A vote",
        "a-vote",
        "Jo",
        ["Ilham Aliyev"],
    )
    event = rows(tools.database, AuditEvent)[-1]
    assert (event.action, event.actor, event.request_id) == (
        "article.created",
        f"site:{newsroom.site.id}",
        "req-1",
    )


def test_an_updated_and_a_closed_article_change(tools, send, send_comment):
    send(
        "article.updated", {"article": {"external_id": "post-1", "title": "A new headline"}}, message="msg_1"
    )
    send("article.closed", {"article": {"external_id": "post-1"}}, message="msg_2")
    (article,) = rows(tools.database, Article)
    assert (article.title, article.slug, article.discussion) == ("A new headline", "karabakh", "closed")
    with pytest.raises(ArticleClosed):
        send_comment("msg_3")


def test_a_submitted_comment_is_answered_with_its_decision(tools, send_comment):
    answer = send_comment()
    (comment,) = rows(tools.database, Comment)
    assert (comment.body, comment.source, comment.external_id) == ("I see it otherwise.", "hook", "c-1")
    assert answer["comment"] == {"id": comment.id, "external_id": "c-1", "revision": 1}
    assert (answer["status"], answer["decision"]["verdict"]) == ("published", "publish")
    rejected = send_comment("msg_2", external_id="c-2", parent_external_id="c-1", body="You are an idiot.")
    assert (rejected["status"], rejected["decision"]["clause"]) == ("rejected", "personal-attack")


def test_the_same_message_again_gets_the_same_answer_and_no_second_comment(tools, send_comment, clock):
    first = send_comment()
    before = everything(tools.database)
    clock.advance(minutes=1)
    assert send_comment() == first | {"repeated": True}
    assert everything(tools.database) == before


def test_another_body_under_the_same_id_is_a_conflict(tools, send_comment):
    send_comment()
    before = everything(tools.database)
    with pytest.raises(Conflict):
        send_comment(body="Something else.")
    assert everything(tools.database) == before


def test_a_changed_comment_comes_with_a_higher_revision(tools, send_comment):
    send_comment()
    answer = send_comment("msg_2", body="You are an idiot.", revision=2)
    assert (answer["comment"]["revision"], answer["status"]) == (2, "rejected")
    assert len(rows(tools.database, Comment)) == 1


def test_a_blocked_author_is_refused_and_the_message_may_come_again_later(tools, send_comment, clock):
    for number in range(3):
        send_comment(f"msg_{number}", external_id=f"c-{number}", body=f"You are an idiot. {number}")
    remembered = rows(tools.database, ReceivedHook)
    with pytest.raises(AuthorBlocked):
        send_comment("msg_9", external_id="c-9")
    assert len(rows(tools.database, ReceivedHook)) == len(remembered)
    clock.advance(days=30)
    assert send_comment("msg_9", external_id="c-9")["status"] == "published"


def test_the_old_and_the_new_secret_are_accepted_while_one_is_changed(tools, newsroom, send):
    newer = new_secret()
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).inbound_secrets = [newer, *newsroom.site.inbound_secrets]
    assert send("article.published", {"article": ARTICLE}, secret=newer)["repeated"] is False
    assert send("article.published", {"article": ARTICLE})["repeated"] is True


WELL = {"article": ARTICLE}
REFUSED = [
    pytest.param("signature-wrong", 401, {"secret": new_secret()}, id="another's signature"),
    pytest.param("timestamp-old", 401, {"late": timedelta(seconds=-301)}, id="old"),
    pytest.param("timestamp-ahead", 401, {"late": timedelta(seconds=301)}, id="from the future"),
    pytest.param("unknown-event", 422, {"event": "article.burnt"}, id="unknown event"),
    pytest.param("malformed-body", 400, {"body": b"{"}, id="no JSON"),
    pytest.param("malformed-body", 400, {"body": b"[]"}, id="no object"),
    pytest.param(
        "malformed-body", 400, {"data": {"article": ARTICLE | {"colour": "red"}}}, id="unknown field"
    ),
    pytest.param("malformed-body", 400, {"data": {"article": {"external_id": "post-2"}}}, id="missing field"),
    pytest.param("malformed-body", 400, {"data": {"article": ARTICLE | {"title": "a\0"}}}, id="NUL"),
    pytest.param("not-found", 404, {"site": "elsewhere"}, id="unknown site"),
]


@pytest.mark.parametrize(("code", "status", "given"), REFUSED)
def test_each_refusal_has_its_own_code_and_changes_nothing(tools, send, clock, code, status, given):
    before = everything(tools.database)
    given = {"event": "article.published", "data": WELL, "late": timedelta()} | given
    at = clock() + given.pop("late")
    with pytest.raises(ModerationError) as refusal:
        send(**given, at=at)
    assert (refusal.value.code, refusal.value.status) == (code, status)
    assert everything(tools.database) == before


def test_a_message_without_a_signature_is_refused_as_such(tools, newsroom):
    with pytest.raises(ModerationError) as refusal:
        receive(tools, "standard-webhooks", "paper", {"webhook-id": "msg_1"}, b"{}")
    assert refusal.value.code == "signature-missing"


def test_a_site_cannot_speak_for_another(tools, newsroom, send):
    other = a_site(slug="other", inbound_secrets=[new_secret()])
    with tools.database.begin() as store:
        stored(store, other)
    with pytest.raises(ModerationError) as refusal:
        send("article.published", WELL, site="other")
    assert refusal.value.code == "signature-wrong"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"article": {"external_id": "nowhere"}, "comment": COMMENT}, NotFound),
        (
            {"article": {"external_id": "post-1"}, "comment": COMMENT | {"parent_external_id": "nowhere"}},
            NotFound,
        ),
        ({"article": {"external_id": "post-1"}, "comment": COMMENT | {"body": ""}}, InvalidInput),
    ],
)
def test_a_comment_that_cannot_be_placed_changes_nothing_and_may_come_again(tools, send, data, error):
    before = everything(tools.database)
    with pytest.raises(error):
        send("comment.submitted", data)
    assert everything(tools.database) == before


def test_a_wrong_field_is_named_by_its_place_in_the_message(send_comment):
    with pytest.raises(InvalidInput) as refusal:
        send_comment(
            body="a \u202e b", author={"name": "<b>Ann</b>", "email": "ann", "external_id": "\u200b"}
        )
    assert [*refusal.value.fields] == [
        "data.comment.body",
        "data.comment.author.name",
        "data.comment.author.email",
        "data.comment.author.external_id",
    ]


def test_a_crash_before_the_answer_was_kept_ends_in_the_same_answer(
    tools, newsroom, send_comment, monkeypatch
):
    attacks = [{"external_id": f"c-{number}", "body": f"You are an idiot. {number}"} for number in range(3)]
    for number, attack in enumerate(attacks[:2]):
        send_comment(f"msg_{number}", **attack)
    with monkeypatch.context() as crashing, pytest.raises(RuntimeError):
        crashing.setattr("moderation.store.inbox.Inbox.answer", _crash)
        send_comment("msg_2", **attacks[2])
    set_discussion(tools, newsroom.article.id, "closed", "cli")
    answer = send_comment("msg_2", **attacks[2])
    assert (answer["status"], len(rows(tools.database, Comment))) == ("rejected", 3)


def _crash(*_, **__):
    raise RuntimeError
