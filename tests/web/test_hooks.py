"""Webhooks from a site's own system: signed bytes in, an outcome back."""

import base64
import hmac
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.protocols import coral, protocols
from moderation.protocols.signatures import hex_digest
from moderation.protocols.standard_webhooks import key_of, new_secret, sign
from tests.web.conftest import CLEAN

SECRET, OTHER_SECRET = new_secret(), "a-secret-of-sixteen-or-more-characters-as-long-as-contentful-64"


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


@pytest.fixture
def secrets(newsroom, tools):
    """The site with a secret for every system that may send."""
    with tools.database.begin() as store:
        site = store.sites.get(newsroom.site.id)
        site.inbound_secrets, site.coral_secrets = [SECRET], [OTHER_SECRET]
        site.sender_secrets = {name: [OTHER_SECRET] for name in ("ghost", "contentful", "hub-signature")}


def signed(protocol, body, now, path):
    """Return the headers with which a sender of this protocol would sign these very bytes."""
    if protocol == "standard-webhooks":
        name, at = f"msg_{hex_digest(body, SECRET)}", int(now.timestamp())
        signature = hmac.digest(key_of(SECRET), f"{name}.{at}.".encode() + body, "sha256")
        return {
            "webhook-id": name,
            "webhook-timestamp": str(at),
            "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
        }
    if protocol == "coral":
        return {"X-Coral-Signature": coral.sign(body, OTHER_SECRET), "X-Coral-Event": "COMMENT_CREATED"}
    if protocol == "hub-signature":
        return {"X-Hub-Signature-256": f"sha256={hex_digest(body, OTHER_SECRET)}"}
    moment = str(int(now.timestamp() * 1000))
    if protocol == "ghost":
        return {"X-Ghost-Signature": f"sha256={hex_digest(body + moment.encode(), OTHER_SECRET)}, t={moment}"}
    names = "x-contentful-signed-headers,x-contentful-timestamp"
    signed_headers = f"x-contentful-signed-headers:{names};x-contentful-timestamp:{moment}"
    text = f"POST\n{path}\n{signed_headers}\n".encode() + body
    return {
        "X-Contentful-Signature": hex_digest(text, OTHER_SECRET),
        "X-Contentful-Signed-Headers": names,
        "X-Contentful-Timestamp": moment,
    }


NAMES = st.sampled_from(
    [
        "type",
        "timestamp",
        "data",
        "article",
        "comment",
        "author",
        "external_id",
        "title",
        "body",
        "name",
        "revision",
        "event",
        "post",
        "current",
        "id",
        "slug",
        "sys",
        "fields",
        "url",
        "createdAt",
        "tenantID",
        "story",
        "status",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["article.published", "comment.submitted", "post.published", "2026-11-23T12:00:00Z", "post-1"]
    )
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)
BODIES = ANYTHING.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=100)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(protocol=st.sampled_from(sorted(protocols())), body=BODIES)
@pytest.mark.usefixtures("secrets")
def test_no_signed_bytes_lead_to_an_accident(client, newsroom, clock, log, protocol, body):
    path = f"/hooks/{protocol}/paper"
    headers = signed(protocol, body, clock(), path) | {"Content-Type": "application/json"}
    answer = client.post(path, data=body, headers=headers)
    assert answer.status_code < 500, log.getvalue()[-2000:]
    assert answer.status_code != 401, (protocol, answer.json)
    assert answer.status_code == 202 or answer.mimetype == "application/problem+json"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    protocol=st.sampled_from(sorted(protocols())),
    body=BODIES,
    said=st.dictionaries(
        st.sampled_from(
            [
                "webhook-id",
                "webhook-timestamp",
                "webhook-signature",
                "X-Coral-Signature",
                "X-Hub-Signature-256",
                "X-Ghost-Signature",
                "X-Contentful-Signature",
                "X-Contentful-Signed-Headers",
                "X-Contentful-Timestamp",
            ]
        ),
        st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60),
    ),
)
@pytest.mark.usefixtures("secrets")
def test_no_signature_that_is_none_opens_anything_or_leads_to_an_accident(
    client, newsroom, protocol, body, said
):
    answer = client.post(
        f"/hooks/{protocol}/paper", data=body, headers=said | {"Content-Type": "application/json"}
    )
    assert 400 <= answer.status_code < 500
