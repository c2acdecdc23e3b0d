"""GitHub's kind of signature, Ghost, Contentful, Coral: only what they signed is read, as our events."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from moderation.errors import BadSignature, InvalidInput
from moderation.protocols import contentful, coral, coral_webhook, ghost, hub_signature
from moderation.protocols.signatures import hex_digest, id_of_body
from moderation.protocols.types import ArticleDeleted, ArticlePublished, NothingForUs

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
MS = 1_700_000_000_000
PATH = "/hooks/contentful/paper"


def code_of(call, *arguments):
    with pytest.raises(BadSignature) as refused:
        call(*arguments)
    return refused.value.code


# GitHub's own example: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
HUB = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
HUB_SECRET = "It's a Secret to Everybody"


def hub(body=b"Hello, World!", secrets=(HUB_SECRET,), header=HUB):
    return hub_signature.PROTOCOL.verify({"X-Hub-Signature-256": header}, body, secrets, NOW)


def test_githubs_own_example_is_accepted_and_the_body_is_its_id():
    assert hub() == id_of_body(b"Hello, World!")
    assert hub(secrets=("another", HUB_SECRET)) == hub()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"body": b"Hello, World?"}, "signature-wrong"),
        ({"secrets": ("another",)}, "signature-wrong"),
        ({"secrets": ()}, "signature-wrong"),
        ({"header": ""}, "signature-missing"),
        ({"header": HUB.replace("sha256", "sha1")}, "signature-missing"),
        ({"header": HUB[:-1]}, "signature-wrong"),
        ({"header": HUB + "é\udce9"}, "signature-wrong"),
    ],
)
def test_what_github_did_not_sign_is_refused(changes, code):
    with pytest.raises(BadSignature) as refused:
        hub(**changes)
    assert refused.value.code == code


POST = {
    "id": "6552e1",
    "title": "Council votes on the new bridge",
    "status": "published",
    "url": "https://news.example.org/bridge/",
    "html": "<p>The council &amp; the mayor.</p>",
    "custom_excerpt": None,
    "excerpt": "The council votes.",
    "primary_author": {"name": "Jo Writer"},
    "published_at": "2023-11-14T22:00:00.000Z",
    "updated_at": "2023-11-14T22:13:00.000Z",
}


def from_ghost(current, previous=None, ms=MS, secret="ghostsecret", **changes):
    body = json.dumps({"post": {"current": current, "previous": previous or {}}}).encode()
    signature = hex_digest(body + str(ms).encode(), secret)
    headers = {"X-Ghost-Signature": f"sha256={signature}, t={ms}"} | changes
    ghost.PROTOCOL.verify(headers, body, ["old", "ghostsecret"], NOW)
    return ghost.PROTOCOL.read(body)


def test_ghosts_vector_is_accepted():
    body = b'{"hello":"world"}'
    signature = hex_digest(body + b"1700000000000", "ghostsecret")
    assert (signature[:8], signature[-8:]) == ("309b37f5", "5db68efc")
    headers = {"x-ghost-signature": f"sha256={signature}, t={MS}"}
    assert ghost.PROTOCOL.verify(headers, body, ["ghostsecret"], NOW) == id_of_body(body)


def test_a_post_of_ghost_is_an_article():
    event = from_ghost(POST, {"status": "draft"})
    assert isinstance(event, ArticlePublished)
    article = event.article
    assert (article.external_id, article.title, article.byline) == ("6552e1", POST["title"], "Jo Writer")
    assert (article.text, article.summary) == ("The council & the mayor.", "The council votes.")
    assert (event.timestamp.isoformat(), event.elsewhere) == ("2023-11-14T22:13:00+00:00", False)


@pytest.mark.parametrize(
    ("current", "previous"), [(POST | {"status": "draft"}, {"status": "published"}), ({}, POST)]
)
def test_a_post_taken_back_or_deleted_is_a_deleted_article(current, previous):
    event = from_ghost(current, previous)
    assert isinstance(event, ArticleDeleted)
    assert event.article.external_id == "6552e1"


def test_drafts_and_pages_of_ghost_are_nothing_for_us():
    assert from_ghost(POST | {"status": "draft"}) == NothingForUs()
    assert ghost.PROTOCOL.read(b'{"page":{"current":{}}}') == NothingForUs()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ms": MS - 301_000}, "timestamp-old"),
        ({"ms": MS + 301_000}, "timestamp-ahead"),
        ({"secret": "another"}, "signature-wrong"),
        ({"X-Ghost-Signature": f"sha256={'0' * 64}, t={MS}"}, "signature-wrong"),
        ({"X-Ghost-Signature": f"sha256={'0' * 64}"}, "signature-missing"),
        ({"X-Ghost-Signature": ""}, "signature-missing"),
    ],
)
def test_what_ghost_did_not_sign_just_now_is_refused(changes, code):
    assert code_of(lambda: from_ghost(POST, **changes)) == code


ENTRY = {
    "sys": {"type": "Entry", "id": "5KsDBWse", "revision": 3, "updatedAt": "2023-11-14T22:13:00.000Z"},
    "fields": {
        "title": {"en-US": "Council votes on the new bridge"},
        "body": {
            "en-US": {
                "nodeType": "document",
                "content": [
                    {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": "The council."}]}
                ],
            }
        },
        "url": {"en-US": "https://news.example.org/bridge"},
    },
}


def from_contentful(entry, ms=MS, secret="c" * 64, path=PATH, signed=None, **changes):
    body = json.dumps(entry).encode()
    names = signed or "x-contentful-signed-headers,x-contentful-timestamp"
    headers = {"x-contentful-signed-headers": names, "x-contentful-timestamp": str(ms)}
    told = ";".join(f"{name}:{headers.get(name, '')}" for name in names.split(","))
    headers["x-contentful-signature"] = hex_digest(f"POST\n{path}\n{told}\n".encode() + body, secret)
    contentful.PROTOCOL.verify(headers | changes, body, ["c" * 64], NOW, PATH)
    return contentful.PROTOCOL.read(body)


def test_an_entry_of_contentful_is_an_article():
    event = from_contentful(ENTRY)
    assert isinstance(event, ArticlePublished)
    article = event.article
    assert (article.external_id, article.text) == ("5KsDBWse", "The council.")
    assert (article.title, article.url) == (
        "Council votes on the new bridge",
        "https://news.example.org/bridge",
    )


def test_an_unpublished_entry_is_deleted_and_the_rest_is_nothing_for_us():
    gone = {"sys": {"type": "DeletedEntry", "id": "5KsDBWse", "deletedAt": "2023-11-14T22:13:10.000Z"}}
    assert isinstance(from_contentful(gone), ArticleDeleted)
    saved = ENTRY | {"sys": {"type": "Entry", "id": "5KsDBWse", "version": 4}}
    assert from_contentful(saved) == NothingForUs()
    assert from_contentful({"sys": {"type": "Asset", "id": "a", "revision": 1}}) == NothingForUs()
    assert from_contentful(ENTRY | {"fields": {"name": {"en-US": "Jo"}}}) == NothingForUs()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ms": MS - 301_000}, "timestamp-old"),
        ({"ms": MS + 301_000}, "timestamp-ahead"),
        ({"secret": "d" * 64}, "signature-wrong"),
        ({"path": "/hooks/contentful/other"}, "signature-wrong"),
        ({"x-contentful-timestamp": str(MS + 1)}, "signature-wrong"),
        ({"signed": "x-contentful-signed-headers"}, "signature-missing"),
        ({"signed": "x-contentful-timestamp"}, "signature-missing"),
        ({"x-contentful-signature": "0"}, "signature-missing"),
    ],
)
def test_what_contentful_did_not_sign_just_now_is_refused(changes, code):
    assert code_of(lambda: from_contentful(ENTRY, **changes)) == code


def test_a_story_of_coral_is_an_article_that_coral_shows():
    told = {
        "id": "e-1",
        "type": "STORY_CREATED",
        "createdAt": "2023-11-14T22:13:00.000Z",
        "data": {"storyID": "s-1", "storyURL": "https://news.example.org/bridge"},
        "tenantID": "t",
        "tenantDomain": "coral.news.example.org",
    }
    body = json.dumps(told, indent=2).encode()
    headers = {"X-Coral-Signature": coral.sign(body, "whsec_coral")}
    assert coral_webhook.PROTOCOL.verify(headers, body, ["x", "whsec_coral"], NOW) == id_of_body(body)
    event = coral_webhook.PROTOCOL.read(body)
    assert isinstance(event, ArticlePublished)
    assert (event.article.external_id, event.elsewhere) == ("s-1", True)
    comment = json.dumps(told | {"type": "COMMENT_CREATED"}).encode()
    assert coral_webhook.PROTOCOL.read(comment) == NothingForUs()


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        (ghost.PROTOCOL, {"post": {"current": POST | {"title": None}}}),
        (ghost.PROTOCOL, {"post": {"current": POST | {"updated_at": "yesterday"}}}),
        (ghost.PROTOCOL, {"post": 1}),
        (contentful.PROTOCOL, ENTRY | {"sys": ENTRY["sys"] | {"id": 7}}),
        (coral_webhook.PROTOCOL, {"type": "STORY_CREATED", "data": []}),
    ],
)
def test_what_is_missing_is_named_without_what_was_sent(protocol, body):
    with pytest.raises(InvalidInput) as refused:
        protocol.read(json.dumps(body).encode())
    assert refused.value.fields
    assert "yesterday" not in str(refused.value.fields)


def test_the_longest_texts_are_cut_to_what_an_article_holds():
    event = from_ghost(POST | {"title": "t" * 900, "html": "w " * 300_000, "url": "x" * 3_000})
    assert len(event.article.title) == 500
    assert len(event.article.text) <= 200_000
    assert event.article.url is None


def test_the_time_window_is_five_minutes_both_ways():
    for seconds in (-299, 299):
        from_ghost(POST, ms=MS + int(timedelta(seconds=seconds).total_seconds() * 1000))
