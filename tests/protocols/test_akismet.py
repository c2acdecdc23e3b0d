"""Akismet's API to the letter: where keys travel, which words are answered, what WordPress reads in a header."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import InvalidInput
from moderation.protocols import akismet

PLUG_IN = "WordPress/6.8.7 | Akismet/5.5"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def call(user_agent="", host="", query=b"", **fields):
    return akismet.read(urlencode(fields).encode(), query, "", host, user_agent)


@pytest.mark.parametrize(
    ("read", "key"),
    [
        (call(api_key="a", key="b", host="c.rest.paper.example"), "a"),
        (call(key="b", host="c.rest.paper.example"), "b"),
        (call(query=b"api_key=q"), "q"),
        (call(host="c0ffee.rest.paper.example:8080"), "c0ffee"),
        (call(host="rest.paper.example"), ""),
        (call(host="www.paper.example"), ""),
        (call(), ""),
    ],
)
def test_the_key_is_found_in_body_query_and_host(read, key):
    assert read.key == key


def test_the_last_of_two_fields_counts_and_the_body_before_the_query():
    read = akismet.read(b"blog=https://a.example&blog=https://b.example", b"blog=https://q.example")
    assert read.blog == "https://b.example"


def test_a_body_is_read_in_the_charset_of_its_content_type():
    assert akismet.read(b"comment_content=%E9t%E9", b"", "x; charset=ISO-8859-1").text == "été"
    assert akismet.read(b"comment_content=%C3%A9t%C3%A9", b"", "charset=utf-8").text == "été"
    assert akismet.read(b"comment_content=%C3%A9", b"", "text/plain; charset=zip").text == "é"
    with pytest.raises(InvalidInput):
        akismet.read(b"a=b", b"", "x; charset=iso-8859-99")


def test_too_many_fields_are_refused():
    with pytest.raises(InvalidInput):
        akismet.read(b"&".join(b"a%d=b" % number for number in range(1001)), b"")


def test_what_wordpress_slashed_is_unslashed_for_its_plug_in_alone():
    slashed = 'It\\\'s \\"so\\" C:\\\\x'
    assert call(PLUG_IN, comment_content=slashed).text == 'It\'s "so" C:\\x'
    assert call(comment_content=slashed).text == slashed


@pytest.mark.parametrize(
    "fields",
    [
        {"comment_author": "akismet-guaranteed-spam"},
        {"comment_author": "viagra-test-123"},
        {"comment_author_email": "akismet-guaranteed-spam@example.com"},
        {"honeypot_field_name": "website2", "website2": "http://bot.example"},
    ],
)
def test_the_protocol_s_own_test_values_are_spam(fields):
    assert call(**fields).is_sure_spam


def test_a_honeypot_that_nobody_filled_is_no_sign():
    assert not call(honeypot_field_name="website2", website2="").is_sure_spam
    assert not call(honeypot_field_name="website2").is_sure_spam


def test_the_site_vouches_for_administrators_alone():
    assert call(user_role="editor,administrator").is_by_administrator
    assert not call(user_role="editor").is_by_administrator
    assert not call(user_role="not-an-administrator").is_by_administrator


@pytest.mark.parametrize(
    ("user_id", "known"), [("7", "7"), ("0", ""), ("", ""), ("x", ""), ("٣", ""), ("1" * 30, "")]
)
def test_only_a_number_is_the_id_of_somebody_signed_in(user_id, known):
    assert call(user_ID=user_id).user_id == known


@pytest.mark.parametrize(
    ("origin", "url", "same"),
    [
        ("https://paper.example", "http://www.paper.example/2026/?p=1", True),
        ("https://www.paper.example", "https://PAPER.example", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/x", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8081/x", False),
        ("https://paper.example", "https://paper.example.evil.example/", False),
        ("https://paper.example", "https://paper.example@evil.example/", False),
        ("https://paper.example", "https://evil.example/#paper.example", False),
        ("https://paper.example", "javascript://paper.example/", False),
        ("https://paper.example", "https://[::1", False),
        ("https://paper.example", "", False),
        ("", "", False),
    ],
)
def test_an_address_is_on_the_site_by_its_host_and_port(origin, url, same):
    assert akismet.of_the_site(origin, url) is same


def test_the_answers_are_the_protocol_s_words():
    assert akismet.verified().body == "valid"
    assert akismet.invalid("No\r\nSet-Cookie: x").headers == {"X-akismet-debug-help": "No Set-Cookie: x"}
    assert akismet.invalid("No").body == "invalid"
    assert akismet.thanked().body == "Thanks for making the web a better place."


def test_spam_and_ham_carry_the_guid_and_only_spam_may_be_discarded():
    spam = akismet.checked(call(), True, "g1", discard=True)
    assert (spam.body, dict(spam.headers)) == (
        "true",
        {"X-akismet-guid": "g1", "X-akismet-pro-tip": "discard"},
    )
    ham = akismet.checked(call(), False, "g1", discard=True)
    assert (ham.body, dict(ham.headers)) == ("false", {"X-akismet-guid": "g1"})


def test_who_can_be_called_back_holds_until_told():
    held = akismet.checked(call(PLUG_IN, callback="https://paper.example/hook"), None, "g1")
    assert held.body == "false"
    assert int(held.headers["X-akismet-recheck-after"]) >= 30 * 24 * 3600


def test_the_older_plug_in_holds_on_a_word_it_does_not_know():
    assert akismet.checked(call("WordPress/6.1.9 | Akismet/5.0.2"), None, "g1").body not in ("true", "false")


def test_the_plug_in_does_not_publish_what_is_still_held_when_it_asks_again():
    again = call(PLUG_IN, callback="https://paper.example/hook", recheck_reason="retry")
    assert akismet.checked(again, None, "g1").body not in ("true", "false")


def test_who_knows_two_answers_alone_gets_the_one_that_shows_nothing():
    assert akismet.checked(call("Generic Node.js/1.0.0 | Akismet/3.1.7"), None, "g1").body == "true"


def test_a_later_verdict_is_what_the_plug_in_s_webhook_reads():
    told = akismet.later_verdict("g1", spam=True, post_id="7", email="a@b.example")
    body, headers = akismet.keyed(told, "c0ffee")
    assert json.loads(body) == {
        "key": "c0ffee",
        "endpoint": "comment-check",
        "comments": [
            {"guid": "g1", "result": "true", "comment_post_ID": "7", "comment_author_email": "a@b.example"}
        ],
    }
    assert headers == {"content-type": "application/json"}
    assert "c0ffee" not in told


USAGE = akismet.Usage(api_calls=14, spam=2, missed_spam=1, false_positives=1, checks=12)


def test_usage_is_told_without_a_limit():
    assert json.loads(akismet.usage_limit(USAGE).body) == {
        "limit": "none",
        "usage": 14,
        "percentage": "0.00",
        "throttled": False,
    }


def test_sites_of_a_key_are_told_as_json_and_as_csv():
    told = json.loads(akismet.key_sites(call(), "paper.example", USAGE, NOW).body)
    assert told == {
        "2026-11": [
            {
                "site": "paper.example",
                "api_calls": "14",
                "spam": "2",
                "ham": "10",
                "missed_spam": "1",
                "false_positives": "1",
                "is_revoked": False,
            }
        ],
        "limit": 500,
        "offset": 0,
        "total": 1,
    }
    csv = akismet.key_sites(call(key="c0ffee", format="csv", month="2026-10"), "paper.example", USAGE, NOW)
    assert csv.body.splitlines() == [
        "Active sites for c0ffee during 2026-10 (limit:500, offset: 0, total: 1)",
        "Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked",
        "paper.example,14,2,10,1,1,false",
    ]
    assert json.loads(akismet.key_sites(call(offset="1"), "paper.example", USAGE, NOW).body)["2026-11"] == []
    assert json.loads(akismet.key_sites(call(filter="zzz"), "paper.example", USAGE, NOW).body)["total"] == 0
    for wrong in ({"month": "2026-13"}, {"limit": "-1"}, {"offset": "x"}):
        with pytest.raises(InvalidInput):
            akismet.key_sites(call(**wrong), "paper.example", USAGE, NOW)


def test_accuracy_is_the_share_that_nobody_corrected():
    assert json.loads(akismet.stats(USAGE).body)["accuracy"] == "83.33"
    assert json.loads(akismet.stats(akismet.Usage()).body)["accuracy"] == "100.00"


@given(st.binary(max_size=300), st.binary(max_size=80), st.text(max_size=60), st.text(max_size=60))
def test_whatever_bytes_come_they_are_read_or_refused(body, query, content_type, host):
    try:
        read = akismet.read(body, query, content_type, host, content_type)
    except InvalidInput:
        return
    for name in ("key", "text", "name", "email", "user_id", "post_id", "permalink", "is_sure_spam"):
        getattr(read, name)
    for spam in (True, False, None):
        reply = akismet.checked(read, spam, "g1", why=host)
        assert all(value.isascii() and value.isprintable() for value in reply.headers.values())
