"""Only what a site's CMS signed, just now, is read; and only what is documented."""

import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import BadSignature, InvalidInput, Misconfigured
from moderation.protocols.standard_webhooks import EVENTS, PROTOCOL, key_of, new_secret, sign
from moderation.protocols.types import ArticleClosed, ArticlePublished, ArticleUpdated, CommentSubmitted

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
OTHER = "whsec_" + "Zm9v" * 8
THEN = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)  # 1700000000
BODY = b'{"hello":"world"}'
# The vector of the specification's libraries.
HEADERS = {
    "webhook-id": "msg_1",
    "webhook-timestamp": "1700000000",
    "webhook-signature": "v1,N4VuOc8xMNoE+yrhEX7t5ONBmcIkcPCHLlVYetoqPA4=",
}


def verify(headers=HEADERS, body=BODY, secrets=(SECRET,), now=THEN):
    return PROTOCOL.verify(headers, body, secrets, now)


def code_of(call, *arguments, **named):
    with pytest.raises(BadSignature) as refused:
        call(*arguments, **named)
    assert refused.value.status == 401
    assert refused.value.public() == {}
    return refused.value.code


# --- verifying


def test_a_well_signed_message_gives_its_id():
    assert verify() == "msg_1"


def test_header_names_are_read_in_any_case():
    assert verify({name.title(): value for name, value in HEADERS.items()}) == "msg_1"


def test_any_of_several_secrets_may_have_signed():
    assert verify(secrets=(OTHER, SECRET)) == "msg_1"
    assert verify(secrets=(SECRET, OTHER)) == "msg_1"


def test_any_of_several_signatures_may_fit():
    signature = f"v1a,{'A' * 88} v2,nonsense v1,{'A' * 43}= junk {HEADERS['webhook-signature']}"
    assert verify(HEADERS | {"webhook-signature": signature}) == "msg_1"


@pytest.mark.parametrize("missing", sorted(HEADERS))
def test_each_header_must_be_there(missing):
    assert (
        code_of(verify, {name: value for name, value in HEADERS.items() if name != missing})
        == "signature-missing"
    )
    assert code_of(verify, HEADERS | {missing: " "}) == "signature-missing"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"webhook-timestamp": "1700000000.0"}, id="a fraction"),
        pytest.param({"webhook-timestamp": "-1700000000"}, id="a sign"),
        pytest.param({"webhook-timestamp": "١٧٠٠٠٠٠٠٠٠"}, id="other digits"),
        pytest.param({"webhook-timestamp": "1" * 400}, id="endless digits"),
        pytest.param({"webhook-id": "x" * 201}, id="an id longer than we can keep"),
        pytest.param({"webhook-id": "msg\n1"}, id="a line break in the id"),
    ],
)
def test_headers_of_another_form_count_as_missing(changed):
    assert code_of(verify, HEADERS | changed) == "signature-missing"


@pytest.mark.parametrize(
    ("headers", "body", "secrets"),
    [
        pytest.param(HEADERS, BODY + b" ", (SECRET,), id="another body"),
        pytest.param(HEADERS | {"webhook-id": "msg_2"}, BODY, (SECRET,), id="another id"),
        pytest.param(HEADERS | {"webhook-timestamp": "1700000001"}, BODY, (SECRET,), id="another time"),
        pytest.param(HEADERS, BODY, (OTHER,), id="another secret"),
        pytest.param(HEADERS, BODY, (), id="no secret at all"),
        pytest.param(
            HEADERS | {"webhook-signature": HEADERS["webhook-signature"][3:]}, BODY, (SECRET,), id="bare"
        ),
        pytest.param(HEADERS | {"webhook-signature": "v1,"}, BODY, (SECRET,), id="empty"),
        pytest.param(HEADERS | {"webhook-signature": "v1,ü\udc80"}, BODY, (SECRET,), id="odd letters"),
        pytest.param(
            HEADERS | {"webhook-signature": HEADERS["webhook-signature"].replace("v1", "v1a")},
            BODY,
            (SECRET,),
            id="v1a",
        ),
    ],
)
def test_a_signature_that_does_not_fit_is_wrong(headers, body, secrets):
    assert code_of(verify, headers, body, secrets) == "signature-wrong"


@given(st.integers(min_value=0, max_value=8 * len(BODY) - 1))
def test_no_flipped_bit_of_the_body_passes(bit):
    flipped = bytearray(BODY)
    flipped[bit // 8] ^= 1 << bit % 8
    assert code_of(verify, body=bytes(flipped)) == "signature-wrong"


@given(st.integers(min_value=0, max_value=8 * 47 - 1))
def test_no_flipped_bit_of_the_signature_passes(bit):
    flipped = bytearray(HEADERS["webhook-signature"].encode())
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadSignature):
        verify(HEADERS | {"webhook-signature": flipped.decode("latin-1")})


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_tolerated(seconds):
    assert verify(now=THEN + timedelta(seconds=seconds)) == "msg_1"


def test_a_message_older_than_five_minutes_is_old():
    assert code_of(verify, now=THEN + timedelta(seconds=301)) == "timestamp-old"


def test_a_message_more_than_five_minutes_ahead_is_ahead():
    assert code_of(verify, now=THEN - timedelta(seconds=301)) == "timestamp-ahead"


def test_a_stranger_does_not_learn_our_time():
    """With a wrong signature an old message is told to be wrong, not old."""
    assert code_of(verify, secrets=(OTHER,), now=THEN + timedelta(days=1)) == "signature-wrong"


def test_the_clock_of_the_caller_may_be_in_any_zone():
    assert verify(now=THEN.astimezone(timezone(timedelta(hours=4)))) == "msg_1"


# --- signing


def test_what_we_sign_is_the_vector_of_the_specification():
    assert sign("msg_1", THEN, BODY, SECRET) == HEADERS | {"content-type": "application/json"}


def test_signing_in_another_zone_gives_the_same_seconds():
    assert (
        sign("msg_1", THEN.astimezone(timezone(timedelta(hours=-7))), BODY, SECRET)["webhook-timestamp"]
        == "1700000000"
    )


@given(
    message_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64),
    body=st.text(st.characters(exclude_categories=["Cs"])),
    key=st.binary(min_size=24, max_size=64),
)
def test_we_and_the_library_agree_on_every_signature(message_id, body, key):
    library = standardwebhooks.Webhook(key)
    now = datetime.now(UTC)  # the library asks the clock itself
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = sign(message_id, now, body.encode(), secret)
    library.verify(body, headers, json_parse=False)
    theirs = headers | {"webhook-signature": library.sign(message_id, now, body)}
    assert PROTOCOL.verify(theirs, body.encode(), [secret], now) == message_id


def test_a_new_secret_is_usable_and_new():
    assert len(key_of(new_secret())) == 32
    assert new_secret() != new_secret()


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", SECRET.removeprefix("whsec_"), "whsec_AAEC", "whsec_" + "A" * 88, "whsec_" + "ü" * 32],
)
def test_a_weak_or_broken_secret_is_refused_without_being_repeated(secret):
    with pytest.raises(Misconfigured) as refused:
        verify(secrets=(secret,))
    assert len(secret) < 8 or secret not in str(refused.value)


# --- reading


def a_payload(event="comment.submitted", **data):
    data = data or {
        "article": {"external_id": "story"},
        "comment": {"external_id": "c1", "body": "Well put.", "author": {"name": "Sam"}},
    }
    return {"type": event, "timestamp": "2026-11-23T12:50:00Z", "data": data}


def read(payload):
    return PROTOCOL.read(json.dumps(payload).encode())


def refusal_of(payload):
    with pytest.raises(InvalidInput) as refused:
        read(payload)
    return refused.value


def test_a_comment_is_read_with_what_was_left_out_as_none():
    event = read(a_payload())
    assert isinstance(event, CommentSubmitted)
    assert event.timestamp == datetime(2026, 11, 23, 12, 50, tzinfo=UTC)
    assert (event.article.external_id, event.comment.external_id, event.comment.revision) == (
        "story",
        "c1",
        1,
    )
    assert (event.comment.parent_external_id, event.comment.author.email) == (None, None)


def test_a_published_article_is_read_whole():
    event = read(
        a_payload(
            "article.published",
            article={
                "external_id": "story",
                "slug": "the-bridge",
                "title": "The bridge",
                "url": "https://news.example.org/1",
                "summary": "",
                "text": "Long.",
                "byline": "Jo",
                "people": ["Ann", "Ben"],
                "language": "hy-Latn",
                "published_at": "2026-11-23T16:00:00+04:00",
                "discussion": "held-first",
            },
        )
    )
    assert isinstance(event, ArticlePublished)
    assert event.article.people == ("Ann", "Ben")
    assert event.article.published_at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_an_update_keeps_apart_what_is_empty_and_what_is_not_said():
    event = read(a_payload("article.updated", article={"external_id": "story", "title": "T", "byline": ""}))
    assert isinstance(event, ArticleUpdated)
    assert (event.article.byline, event.article.summary, event.article.discussion) == ("", None, None)


def test_a_closed_article_is_named_by_its_id():
    event = read(a_payload("article.closed", article={"external_id": "story"}))
    assert isinstance(event, ArticleClosed)
    assert event.article.external_id == "story"


def test_events_cannot_be_changed_after_reading():
    with pytest.raises(AttributeError):
        read(a_payload()).timestamp = None


def test_an_unknown_event_is_told_which_are_known():
    refusal = refusal_of(a_payload("post.published"))
    assert (refusal.status, refusal.code) == (422, "unknown-event")
    assert all(event in str(refusal) for event in EVENTS)


def changed(path, value):
    payload = a_payload()
    *steps, last = path.split(".")
    place = payload
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return payload


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        pytest.param("type", ..., "Missing or not a string", id="no type"),
        pytest.param("type", 7, "Missing or not a string", id="a number as type"),
        pytest.param("data", ..., "Missing or not an object", id="no data"),
        pytest.param("data", [], "Missing or not an object", id="a list as data"),
        pytest.param("timestamp", ..., "Write it as RFC 3339", id="no time"),
        pytest.param("timestamp", 1700000000, "Write it as RFC 3339", id="seconds"),
        pytest.param("timestamp", "2026-11-23T12:50:00", "Write it as RFC 3339", id="no zone"),
        pytest.param("timestamp", "2026-11-23", "Write it as RFC 3339", id="a day"),
        pytest.param("timestamp", "2026-02-30T12:50:00Z", "Write it as RFC 3339", id="no such day"),
        pytest.param("timestamp", "0001-01-01T00:00:00+10:00", "Write it as RFC 3339", id="before all time"),
        pytest.param("extra", 1, "Unknown field. Remove it.", id="an unknown field"),
        pytest.param(
            "data.timestamp", "2026-11-23T12:50:00Z", "Unknown field", id="the time in the wrong place"
        ),
        pytest.param("data.comment.state", "published", "Unknown field", id="a field of ours"),
        pytest.param("data.comment.author.role", "staff", "Unknown field", id="a role of ours"),
        pytest.param("data.comment.body", ..., "Missing. Add it.", id="no body"),
        pytest.param("data.comment.body", None, "Not a string", id="null as body"),
        pytest.param("data.comment.body", ["x"], "Not a string", id="a list as body"),
        pytest.param("data.comment.body", "\ud800", "Send both halves or neither.", id="half a pair"),
        pytest.param("data.comment.external_id", "", "Shorter than 1", id="an empty id"),
        pytest.param(
            "data.comment.external_id", "x" * 201, "Longer than 200 characters. Shorten it.", id="a long id"
        ),
        pytest.param("data.comment.external_id", 5, "Not a string", id="a number as id"),
        pytest.param("data.comment.revision", 0, "Less than 1", id="revision 0"),
        pytest.param("data.comment.revision", "2", "Not a whole number", id="a revision in quotes"),
        pytest.param("data.comment.revision", True, "Not a whole number", id="true as revision"),
        pytest.param(
            "data.comment.revision", 2**31, "More than 2147483647", id="a revision no database holds"
        ),
        pytest.param("data.comment.language", "English language", "documented form", id="no language tag"),
        pytest.param("data.comment.language", "en\n", "documented form", id="a line break after the tag"),
        pytest.param(
            "data.comment.author", "Sam", "Not an object. Send a JSON object.", id="a text as author"
        ),
        pytest.param("data.article.title", "T", "Unknown field", id="an article with a comment"),
    ],
)
def test_a_malformed_body_is_told_its_field_reason_and_remedy(path, value, sentence):
    refusal = refusal_of(changed(path, value))
    assert (refusal.status, refusal.code) == (400, "malformed-body")
    assert sentence in refusal.fields[path][0]
    assert str(refusal).startswith(path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "javascript:alert(1)"),
        ("url", "https://a.example/ b"),
        ("slug", "../admin"),
        ("slug", "A-b"),
        ("discussion", "on"),
        ("people", "Ann"),
        ("people", ["Ann"] * 201),
        ("people", {"Ann": 1}),
        ("published_at", "yesterday"),
        ("title", ""),
    ],
)
def test_an_article_field_of_another_form_is_refused(field, value):
    article = {"external_id": "story", "title": "T"} | {field: value}
    assert f"data.article.{field}" in refusal_of(a_payload("article.published", article=article)).fields


def test_every_wrong_field_is_told_at_once():
    payload = changed("data.comment.revision", "2") | {"extra": 1}
    del payload["data"]["comment"]["body"]
    assert set(refusal_of(payload).fields) == {"extra", "data.comment.body", "data.comment.revision"}


def test_a_refusal_does_not_repeat_what_a_reader_wrote():
    refusal = refusal_of(changed("data.comment.author.email", "sam@reader.example" + "x" * 400))
    assert "reader.example" not in str(refusal) + str(refusal.fields)
    assert refusal.__cause__ is None
    assert refusal.__suppress_context__
