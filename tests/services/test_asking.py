"""A later verdict reaches the client that asked, on SQLite and on PostgreSQL: once, in its own words, and nobody else."""

import json
import threading
from urllib.parse import urlencode

import httpx
import pytest

from moderation.protocols import akismet
from moderation.services import asking, remembering
from moderation.services.delivering import deliver_due
from moderation.store.tables import AkismetCall, Comment, Delivery
from tests.builders import an_api_key, digest_of, stored
from tests.workbench import rows

BLOG, KEY = "https://paper.example", "c0ffee123456"
CALLBACK = f"{BLOG}/wp-json/akismet/v1/webhook"
CLEAN, UNREAD = "I see it otherwise, and here is why.", "არცახი სომხეთია და მორჩა"


@pytest.fixture
def ask(tools, newsroom):
    key = an_api_key(newsroom.site, digest=digest_of(KEY), scopes=["akismet"])
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).origins = [BLOG]
        stored(store, key)

    def ask(body, name="Ann", **fields):
        given = {
            "api_key": KEY,
            "blog": BLOG,
            "permalink": f"{BLOG}/?p=1",
            "comment_content": body,
            "comment_author": name,
            "comment_author_email": f"{name.lower()}@example.com",
            "comment_post_ID": "1",
            "callback": CALLBACK,
        } | fields
        call = akismet.read(urlencode(given).encode(), b"", "", "", "WordPress/6.8.7 | Akismet/5.5")
        return asking.check(tools, key, asking.scope_of(tools, key, call), call)

    return ask


def sent_back(tools, receiver):
    while deliver_due(tools):
        pass
    return [json.loads(request.content) for request in receiver.came if str(request.url) == CALLBACK]


@pytest.mark.parametrize(("action", "result"), [("approve", "false"), ("reject", "true")])
def test_a_moderator_s_verdict_on_a_held_comment_is_called_back(tools, ask, review, receiver, action, result):
    reply = ask(UNREAD)
    assert reply.body == "false"
    assert "X-akismet-recheck-after" in reply.headers
    guid = reply.headers["X-akismet-guid"]
    assert sent_back(tools, receiver) == []  # the answer told already what the engine decided
    (comment,) = rows(tools.database, Comment)
    review(comment, action, **({"clause": "spam"} if action == "reject" else {}))
    assert sent_back(tools, receiver) == [
        {
            "key": KEY,
            "endpoint": "comment-check",
            "comments": [
                {
                    "guid": guid,
                    "result": result,
                    "comment_post_ID": "1",
                    "comment_author_email": "ann@example.com",
                }
            ],
        }
    ]
    (request,) = [request for request in receiver.came if str(request.url) == CALLBACK]
    assert request.headers["content-type"] == "application/json"
    assert "webhook-signature" not in request.headers


def test_what_was_published_and_is_removed_and_restored_is_called_back_each_time(
    tools, ask, review, receiver
):
    ask(CLEAN)
    (comment,) = rows(tools.database, Comment)
    review(comment, "remove", clause="spam")
    review(comment, "restore")
    told = [news["comments"][0]["result"] for news in sent_back(tools, receiver)]
    assert told == ["true", "false"]


def test_a_site_s_webhooks_are_signed_as_ever_and_hear_of_these_comments_too(
    tools, ask, review, receiver, newsroom
):
    ask(UNREAD)
    (comment,) = rows(tools.database, Comment)
    review(comment, "approve")
    sent_back(tools, receiver)
    hooks = [request for request in receiver.came if str(request.url) == newsroom.endpoint.url]
    assert [json.loads(hook.content)["type"] for hook in hooks] == ["comment.held", "comment.published"]
    assert all(hook.headers["webhook-signature"] for hook in hooks)


def test_who_asked_for_no_callback_gets_none(tools, ask, review, receiver, submit, newsroom):
    ask(UNREAD, callback="")
    ask(UNREAD + "!", "Bob", callback="https://evil.example/webhook")
    submit(UNREAD, by="Cyd", external_id="c-1")
    for comment in rows(tools.database, Comment):
        review(comment, "approve")
    assert sent_back(tools, receiver) == []
    with tools.database.read() as store:
        assert {endpoint.protocol for endpoint in store.sites.endpoints(newsroom.site.id)} == {
            "standard-webhooks"
        }


def test_a_callback_that_fails_is_tried_again_with_the_key_of_that_time(tools, ask, review, receiver, clock):
    ask(UNREAD)
    (comment,) = rows(tools.database, Comment)
    receiver.answers = [httpx.Response(500), httpx.Response(500)]
    review(comment, "approve")
    sent_back(tools, receiver)
    with tools.database.begin() as store:
        (endpoint,) = [e for e in store.sites.endpoints(comment.site_id) if e.protocol == "akismet"]
        endpoint.secret = "another12345"
    clock.advance(minutes=10)
    assert [news["key"] for news in sent_back(tools, receiver)] == [KEY, "another12345"]


def test_the_key_is_not_kept_with_what_is_sent(tools, ask, review):
    ask(UNREAD)
    (comment,) = rows(tools.database, Comment)
    review(comment, "approve")
    assert all(KEY not in delivery.payload for delivery in rows(tools.database, Delivery))


def test_of_a_person_who_was_erased_nothing_is_called_back(tools, ask, review, receiver):
    ask(UNREAD)
    (comment,) = rows(tools.database, Comment)
    review(comment, "approve")
    remembering.erase_author(tools, comment.author_id, "cli")
    assert sent_back(tools, receiver) == []
    (call,) = rows(tools.database, AkismetCall)
    assert call.digest is None


def test_of_the_same_call_twice_at_once_one_comment_comes(tools, ask):
    replies, errors = [], []

    def once():
        try:
            replies.append(ask(CLEAN))
        except Exception as error:  # noqa: BLE001  told to the test
            errors.append(error)

    threads = [threading.Thread(target=once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {reply.body for reply in replies} == {"false"}
    assert len({reply.headers["X-akismet-guid"] for reply in replies}) == 1
    assert len(rows(tools.database, Comment)) == 1
