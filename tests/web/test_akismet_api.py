"""Akismet's API over real tools: exact bodies, whose key opens what, what is kept, what comes of a later verdict."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from moderation.errors import DatabaseAway
from moderation.services import asking, connecting, penalising
from moderation.store.tables import AkismetCall, Article, Author, Comment, LabelledDecision, NetworkSeen
from tests.builders import a_block, a_site, an_api_key, digest_of, stored
from tests.web.conftest import ATTACK, CLEAN, PROFANE
from tests.workbench import rows

BLOG = "https://paper.example"
PAGE = f"{BLOG}/2026/11/karabakh/"
UNREAD = "არცახი სომხეთია და მორჩა"
PLUG_IN = {"User-Agent": "WordPress/6.8.7 | Akismet/5.5"}
KEY = "c0ffee123456"
THANKS = "Thanks for making the web a better place."


@pytest.fixture
def ask(client, tools, newsroom):
    """Call the API as a client does."""
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).origins = [BLOG]
        stored(store, an_api_key(newsroom.site, digest=digest_of(KEY), scopes=["akismet"]))

    def ask(call="comment-check", version="1.1", headers=None, **fields):
        given = {"api_key": KEY, "blog": BLOG, "user_ip": "192.0.2.9", "permalink": PAGE} | fields
        form = {name: value for name, value in given.items() if value is not None}
        return client.post(f"/{version}/{call}", data=form, headers=headers)

    return ask


def said(answer):
    assert answer.status_code == 200
    return answer.text


def by(body, name="Ann", email="ann@example.com", **fields):
    return {
        "comment_content": body,
        "comment_author": name,
        "comment_author_email": email,
        "comment_type": "comment",
    } | fields


def test_a_key_is_valid_for_its_own_site_alone(ask, newsroom):
    assert said(ask("verify-key", api_key=None, key=KEY)) == "valid"
    assert said(ask("verify-key", blog="http://www.paper.example/")) == "valid"
    for wrong in (
        {"api_key": "no"},
        {"api_key": None},
        {"blog": "https://evil.example"},
        {"blog": None},
        {"api_key": "é" * 9},
    ):
        answer = ask("verify-key", **wrong)
        assert said(answer) == "invalid"
        assert answer.headers["X-akismet-debug-help"]


def test_a_key_without_scopes_opens_it_and_one_for_something_else_does_not(ask, tools, newsroom):
    assert said(ask("verify-key", api_key=newsroom.key)) == "valid"
    with tools.database.begin() as store:
        stored(store, an_api_key(newsroom.site, digest=digest_of("mk_other"), scopes=["check"]))
    assert said(ask("verify-key", api_key="mk_other")) == "invalid"


def test_a_key_for_akismet_opens_nothing_else(client, ask):
    answer = client.post("/api/v1/check", json={"body": CLEAN}, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 403


def test_the_key_may_be_the_first_label_of_the_host(ask):
    assert said(ask(api_key=None, headers={"Host": f"{KEY}.rest.paper.example"}, **by(CLEAN))) == "false"
    assert said(ask(api_key=None, headers={"Host": "rest.paper.example"}, **by(CLEAN))) == "invalid"


def test_a_site_without_an_origin_is_told_what_to_do(ask, tools, newsroom):
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).origins = []
    answer = ask(**by(CLEAN))
    assert said(answer) == "invalid"
    assert "origin" in answer.headers["X-akismet-debug-help"]


@pytest.mark.parametrize(("body", "word"), [(CLEAN, "false"), (PROFANE, "true"), (ATTACK, "true")])
def test_a_comment_is_decided_and_kept_with_its_decision(ask, tools, body, word):
    answer = ask(**by(body))
    assert said(answer) == word
    assert "X-akismet-pro-tip" not in answer.headers
    (comment,) = rows(tools.database, Comment)
    assert comment.external_id == answer.headers["X-akismet-guid"]
    assert (comment.body, comment.state) == (body, {"false": "published", "true": "rejected"}[word])
    (author,) = rows(tools.database, Author)
    assert (author.name, author.email) == ("Ann", "ann@example.com")


def test_advertising_that_nobody_need_see_may_be_discarded(ask):
    ad = "Buy cheap viagra online now! http://pills-cheap.example http://casino.example http://loans.example"
    answer = ask(**by(ad, "Pills", "x@pills.example"))
    assert said(answer) == "true"
    assert answer.headers["X-akismet-pro-tip"] == "discard"


def test_html_is_read_as_its_readers_read_it(ask, tools):
    assert said(ask(**by("You are an i<b></b>diot."))) == "true"
    assert said(ask(**by('<p>See <a href="https://paper.example/x">here</a> &amp; there.</p>'))) == "false"
    assert rows(tools.database, Comment)[1].body == "See  https://paper.example/x here & there."


def test_the_article_is_the_one_at_the_permalink(ask, tools, newsroom):
    with tools.database.begin() as store:
        store.articles.get(newsroom.article.id).url = PAGE.rstrip("/")
    ask(**by(CLEAN))
    assert rows(tools.database, Comment)[0].article_id == newsroom.article.id
    assert len(rows(tools.database, Article)) == 1


def test_an_unknown_page_is_set_up_once_and_shown_by_no_page_of_ours(ask, client, tools, administrator):
    ask(**by(CLEAN))
    ask(**by(CLEAN + " Twice.", permalink=PAGE + "#respond"))
    made = [article for article in rows(tools.database, Article) if article.elsewhere]
    assert [(a.url, a.title) for a in made] == [(PAGE, "paper.example/2026/11/karabakh")]
    client.page(f"/articles/{made[0].slug}", 404)
    assert made[0].title not in client.page("/").text
    assert made[0].title in administrator.page("/desk/articles").text


def test_the_desk_leads_to_the_page_that_shows_it_and_to_none_of_ours(ask, administrator):
    answer = ask(**by(UNREAD))
    assert "X-akismet-recheck-after" in answer.headers or answer.text == "true"
    for address in ("/desk/", "/desk/articles"):
        links = [link for link in administrator.page(address).links if "2026/11/karabakh" in link]
        assert links == [PAGE], address
        assert not [
            link for link in administrator.page(address).links if link.startswith("/articles/paper-ex")
        ]


@pytest.mark.parametrize(("user_ip", "seen"), [("192.0.2.9", 1), ("unknown", 0), (None, 0)])
def test_the_network_it_came_from_is_kept_as_blocks_need_it(ask, tools, user_ip, seen):
    assert said(ask(**by(CLEAN, user_ip=user_ip))) == "false"
    assert len(rows(tools.database, NetworkSeen)) == seen


def test_a_block_on_a_network_holds_for_what_akismet_clients_ask(ask, tools, newsroom):
    penalising.block_address(tools, "192.0.2.9", "cli", None, None, "", site_id=newsroom.site.id)
    assert said(ask(**by(CLEAN))) == "true"
    assert said(ask(**by(CLEAN, user_ip="192.0.2.10"))) == "false"


def test_what_another_system_shows_has_no_permalink_frame_feed_count_or_report_here(
    ask, client, tools, newsroom
):
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).sets_up_articles = True
    ask(**by(CLEAN))
    (comment,) = rows(tools.database, Comment)
    (made,) = [article for article in rows(tools.database, Article) if article.elsewhere]
    assert comment.state == "published"
    for address in (
        f"/comments/{comment.id}",
        f"/comments/{comment.id}/report",
        f"/articles/{made.slug}/threads/{comment.id}",
        f"/articles/{made.slug}/comments.atom",
        f"/embed/articles/{made.id}",
        f"/embed/articles/{made.id}/threads/{comment.id}",
        f"/embed/thread?site={newsroom.site.slug}&url={PAGE}",
        f"/embed/thread?site={newsroom.site.slug}&article={made.slug}",
    ):
        assert client.get(address).status_code == 404, address
    form = client.page(f"/embed/thread?site={newsroom.site.slug}&url={BLOG}/new").forms[0]
    first = form.fields | {"name": "Bob", "email": "bob@example.com", "body": CLEAN}
    posted = client.post(f"/embed/sites/{newsroom.site.slug}/comments?url={PAGE}", data=first)
    assert posted.status_code == 404
    assert [kept.id for kept in rows(tools.database, Comment)] == [comment.id]
    for kind in ("atom", "rss"):
        feed = client.get(f"/comments.{kind}?site={newsroom.site.slug}")
        assert feed.status_code == 200
        assert comment.id not in feed.text
        assert CLEAN not in feed.text
    assert client.get(f"/counts?url={PAGE}&slug={made.slug}").json["url"] == {PAGE: 0}


def test_a_site_may_have_several_origins(ask, client, tools, newsroom):
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).origins = [BLOG, "https://old.example"]
    for origin in (BLOG, "https://old.example"):
        assert said(ask("verify-key", blog=origin)) == "valid"
        assert said(ask(blog=origin, permalink=f"{origin}/a", **by(f"{CLEAN} {origin[8:11]}"))) == "false"
    assert said(ask("verify-key", blog="https://evil.example")) == "invalid"
    assert len(rows(tools.database, Comment)) == 2


def test_a_page_of_another_site_is_refused(ask, tools):
    answer = ask(**by(CLEAN, permalink="https://evil.example/x"))
    assert said(answer) == "invalid"
    assert "permalink" in answer.headers["X-akismet-debug-help"]
    assert rows(tools.database, Comment) == []


def test_the_same_call_again_gets_the_same_answer_and_no_second_comment(ask, tools, clock):
    first = ask(**by(PROFANE))
    clock.advance(seconds=30)
    again = ask(**by(PROFANE))
    assert first.headers["X-akismet-guid"] == again.headers["X-akismet-guid"]
    assert said(again) == "true"
    assert len(rows(tools.database, Comment)) == 1


def test_the_same_words_later_are_another_comment_and_a_recheck_is_not(ask, tools, clock):
    first = ask(**by(CLEAN)).headers["X-akismet-guid"]
    clock.advance(days=2)
    assert ask(**by(CLEAN, recheck_reason="retry")).headers["X-akismet-guid"] == first
    second = ask(**by(CLEAN)).headers["X-akismet-guid"]
    assert second != first
    assert ask(**by(CLEAN, recheck_reason="retry")).headers["X-akismet-guid"] == second
    assert len(rows(tools.database, Comment)) == 2


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"is_test": "True", **by(PROFANE)}, "true"),
        ({"is_test": "1", "user_role": "administrator", **by(CLEAN)}, "false"),
        ({"user_role": "administrator", **by(PROFANE)}, "false"),
        (by(CLEAN, "viagra-test-123"), "true"),
        (by(CLEAN, "akismet-guaranteed-spam"), "true"),
        (by(CLEAN, email="akismet-guaranteed-spam@example.com"), "true"),
        (by(CLEAN, honeypot_field_name="hp", hp="x"), "true"),
        (by(CLEAN, comment_type="contact-form"), "false"),
        (by(PROFANE, comment_type="message"), "true"),
        (by(UNREAD, comment_type="signup"), "true"),
        (by(""), "false"),
    ],
)
def test_tests_private_texts_and_what_the_protocol_settles_are_answered_and_not_kept(
    ask, tools, fields, word
):
    answer = ask(**fields)
    assert said(answer) == word
    assert len(answer.headers["X-akismet-guid"]) == 32
    assert rows(tools.database, Comment) == rows(tools.database, AkismetCall) == []


@pytest.mark.parametrize(
    "kind", ["comment", "reply", "forum-post", "blog-post", "trackback", "pingback", "", "x"]
)
def test_every_kind_of_public_text_is_kept(ask, tools, kind):
    assert said(ask(**by(CLEAN, comment_type=kind))) == "false"
    assert len(rows(tools.database, Comment)) == 1


def test_who_gives_neither_name_nor_address_is_anonymous(ask, tools):
    assert said(ask(**by(CLEAN, "", "not an address"))) == "false"
    (author,) = rows(tools.database, Author)
    assert (author.name, author.email) == ("Anonymous", None)


def test_who_is_signed_in_there_is_known_by_that_id(ask, tools):
    ask(**by(CLEAN, user_ID="7"))
    ask(**by(CLEAN + " Again.", "Ann K.", "other@example.com", user_id="7"))
    (author,) = rows(tools.database, Author)
    assert author.external_id == "7"


def test_a_blocked_author_s_comment_is_spam(ask, tools):
    ask(**by(CLEAN))
    (author,) = rows(tools.database, Author)
    with tools.database.begin() as store:
        stored(store, a_block(author))
    answer = ask(**by(CLEAN + " Again."))
    assert said(answer) == "true"
    assert "X-akismet-pro-tip" not in answer.headers
    assert "You cannot comment here" in answer.headers["X-akismet-debug-help"]


@pytest.mark.parametrize(
    ("headers", "fields", "word", "waits"),
    [
        (PLUG_IN, {"callback": f"{BLOG}/wp-json/akismet/v1/webhook"}, "false", True),
        (PLUG_IN, {}, "held", False),
        ({"User-Agent": "akismet.py/25.10.1"}, {}, "true", False),
    ],
)
def test_what_is_held_is_shown_by_nobody_until_it_is_decided(ask, tools, headers, fields, word, waits):
    answer = ask(headers=headers, **by(UNREAD, **fields))
    assert said(answer) == word
    assert ("X-akismet-recheck-after" in answer.headers) is waits
    assert rows(tools.database, Comment)[0].state == "held"


def test_what_nobody_here_could_read_or_keep_is_for_a_person_there(ask, tools):
    answer = ask(headers=PLUG_IN, **by("word " * 4000))
    assert said(answer) == "held"
    assert "Shorten" in answer.headers["X-akismet-debug-help"]
    assert said(ask(**by("word " * 4000))) == "true"
    assert rows(tools.database, Comment) == []


def test_the_plug_in_that_asks_again_is_told_what_a_moderator_decided(ask, moderator):
    guid = ask(headers=PLUG_IN, **by(UNREAD)).headers["X-akismet-guid"]
    page = moderator.page("/desk/")
    moderator.act(page, comment_of(page), "approve")
    again = ask(headers=PLUG_IN, **by(UNREAD, recheck_reason="retry", comment_ID="1"))
    assert (said(again), again.headers["X-akismet-guid"]) == ("false", guid)


def comment_of(page):
    forms = [form for form in page.forms if ("action", "approve") in form.buttons]
    (form,) = [form for form in forms if "/comments/" in form.action]
    return form.action.rpartition("/")[2]


@pytest.mark.parametrize(
    ("callback", "kept"),
    [
        (f"{BLOG}/?rest_route=/akismet/v1/webhook", True),
        ("https://evil.example/webhook", False),
        ("https://paper.example@evil.example/", False),
        ("http://169.254.169.254/latest", False),
        ("https://paper.example:8443/x", False),
        ("file:///etc/passwd", False),
        (f"{BLOG}/{'x' * 2000}", False),
    ],
)
def test_only_the_registered_site_is_called_back(ask, tools, newsroom, callback, kept):
    ask(**by(CLEAN, callback=callback))
    with tools.database.read() as store:
        endpoints = store.sites.endpoints(newsroom.site.id)
    assert [(e.url, e.protocol, e.secret) for e in endpoints] == (
        [(callback, "akismet", KEY)] if kept else []
    )


def test_a_site_cannot_fill_the_table_of_endpoints(ask, tools, newsroom):
    for number in range(25):
        ask(**by(CLEAN, f"Ann {number}", f"ann{number}@example.com", callback=f"{BLOG}/{number}"))
    with tools.database.read() as store:
        assert len(store.sites.endpoints(newsroom.site.id)) == 20


def test_a_key_that_is_revoked_is_no_longer_kept_anywhere(ask, tools, newsroom):
    ask(**by(CLEAN, callback=f"{BLOG}/webhook"))
    with tools.database.read() as store:
        (key_id,) = [key.id for key in store.sites.keys(newsroom.site.id) if key.digest == digest_of(KEY)]
    connecting.revoke_key(tools, newsroom.site.id, key_id, "cli")
    assert said(ask("verify-key")) == "invalid"
    with tools.database.read() as store:
        (endpoint,) = store.sites.endpoints(newsroom.site.id)
    assert (endpoint.secret, endpoint.disabled_because) == ("", "Its key was revoked.")


def test_missed_spam_becomes_a_labelled_decision_on_the_comment(ask, tools):
    ask(**by(CLEAN))
    assert said(ask("submit-spam", **by(CLEAN, reporter="editor"))) == THANKS
    assert said(ask("submit-spam", **by(CLEAN, reporter="editor"))) == THANKS
    (label,) = rows(tools.database, LabelledDecision)
    (comment,) = rows(tools.database, Comment)
    assert (label.comment_id, label.source, label.verdict, label.scores) == (
        comment.id,
        "feedback",
        "reject",
        {"spam": 1.0},
    )
    assert label.who.startswith("key:")


def test_spam_that_we_suspected_of_something_is_a_case_of_that(ask, tools):
    ask(**by(ATTACK))
    ask("submit-spam", **by(ATTACK))
    (label,) = rows(tools.database, LabelledDecision)
    assert label.scores == {"personal-attack": 1.0}


def test_a_false_positive_says_no_to_every_clause_and_takes_the_judgement_before_it_back(ask, tools):
    ask(**by(PROFANE))
    for call in ("submit-spam", "submit-ham", "submit-spam"):
        assert said(ask(call, **by(PROFANE))) == THANKS
    spam, ham, again = rows(tools.database, LabelledDecision)
    assert (spam.verdict, ham.verdict, again.verdict) == ("reject", "publish", "reject")
    assert set(ham.scores.values()) == {0.0}
    assert set(ham.scores) == set(tools.engine.policy.learned)


def test_a_judgement_on_a_comment_we_never_saw_keeps_its_text_for_a_time(ask, tools):
    assert said(ask("submit-ham", **by(CLEAN))) == THANKS
    (label,) = rows(tools.database, LabelledDecision)
    assert (label.comment_id, label.body) == (None, CLEAN)
    assert label.body_until is not None


def test_a_judgement_without_a_text_or_in_a_test_is_no_label(ask, tools):
    assert said(ask("submit-ham", **by(""))) == "invalid"
    assert said(ask("submit-spam", is_test="1", **by(CLEAN))) == THANKS
    assert rows(tools.database, LabelledDecision) == []


def test_what_the_editor_of_another_site_judges_does_not_touch_this_one(ask, tools):
    guid = ask(**by(CLEAN)).headers["X-akismet-guid"]
    other = a_site(origins=["https://other.example"])
    with tools.database.begin() as store:
        stored(store, other, an_api_key(other, digest=digest_of("mk_other"), scopes=[]))
    answer = ask(
        "submit-spam", api_key="mk_other", guid=guid, **by(CLEAN) | {"blog": "https://other.example"}
    )
    assert said(answer) == THANKS
    (label,) = rows(tools.database, LabelledDecision)
    assert label.comment_id is None


def test_usage_counts_what_was_asked_and_judged_this_month(ask, clock):
    for body in (CLEAN, PROFANE, CLEAN + " Again."):
        ask(**by(body))
    ask("submit-spam", **by(CLEAN))
    ask("submit-ham", **by(PROFANE))
    assert ask("usage-limit", "1.2").json == {
        "limit": "none",
        "usage": 5,
        "percentage": "0.00",
        "throttled": False,
    }
    (counts,) = ask("key-sites", "1.2").json["2026-11"]
    assert counts == {
        "site": "paper.example",
        "api_calls": "5",
        "spam": "1",
        "ham": "2",
        "missed_spam": "1",
        "false_positives": "1",
        "is_revoked": False,
    }
    clock.advance(days=10)
    assert ask("usage-limit", "1.2").json["usage"] == 0
    assert ask("key-sites", "1.2", month="2026-11").json["total"] == 1
    assert ask("get-stats", **{"from": "60-days"}).json["spam"] == 1


def test_sites_and_usage_may_be_asked_by_get_and_never_without_a_key(client, ask):
    assert client.get(f"/1.2/usage-limit?api_key={KEY}").json["usage"] == 0
    assert client.get(f"/1.2/key-sites?api_key={KEY}&format=csv").mimetype == "text/csv"
    assert client.get("/1.2/key-sites").text == "invalid"
    assert client.get(f"/1.2/key-sites?api_key={KEY}&month=never").text == "invalid"


def test_what_the_plug_in_s_pages_ask_is_answered(ask, client):
    assert client.get("/1.1/test").text == "connected"
    assert ask("get-subscription").json["status"] == "active"
    assert ask("deactivate").text == "deactivated"
    assert said(ask("verify-wpcom-key")) == said(ask("token")) == "invalid"


def test_an_accident_is_no_word_of_the_protocol(ask, monkeypatch):
    def away(*_, **__):
        raise DatabaseAway("The database is away.")

    monkeypatch.setattr(asking, "check", away)
    answer = ask(**by(CLEAN))
    assert (answer.status_code, answer.text) == (503, "error")
    monkeypatch.setattr(asking, "check", lambda *_: 1 / 0)
    answer = ask(**by(CLEAN))
    assert (answer.status_code, answer.text) == (500, "error")
    assert "division" not in str(answer.headers)


def test_clients_that_name_no_content_type_or_another_are_read(client, ask):
    body = f"key={KEY}&blog={BLOG}"
    for kind in ("charset=utf-8", "", "application/x-www-form-urlencoded; charset=UTF-8", "text/plain"):
        assert client.post("/1.1/verify-key", data=body, headers={"Content-Type": kind}).text == "valid"


def test_a_call_of_another_form_is_answered_in_the_form_of_this_api(client, ask):
    too_large = client.post("/1.1/comment-check", data=b"a=" + b"b" * 1_100_000)
    assert (too_large.status_code, too_large.text) == (413, "error")
    assert client.post("/1.1/comment-check", data={"a": "\0"}).text == "invalid"
    assert client.get("/1.1/comment-check").status_code == 405


def test_an_erased_author_s_comment_is_not_known_again(ask, tools):
    ask(**by(CLEAN))
    ask("submit-spam", **by(CLEAN))
    (author,) = rows(tools.database, Author)
    with tools.database.begin() as store:
        store.people.erase(author.id, tools.now())
    assert {call.digest for call in rows(tools.database, AkismetCall)} == {None}


def test_no_word_of_a_reader_reaches_the_log(ask, log):
    ask(**by(PROFANE, "Zachary Quill", "zachary@quill.example"))
    ask(**by("word " * 4000, "Zachary Quill", "zachary@quill.example"))
    for secret in ("bullshit", "Zachary", "quill", KEY, "word word"):
        assert secret not in log.getvalue()


NAMES = st.sampled_from(
    [
        "api_key",
        "key",
        "blog",
        "permalink",
        "comment_content",
        "comment_author",
        "comment_author_email",
        "comment_type",
        "callback",
        "is_test",
        "user_role",
        "user_id",
        "comment_post_ID",
        "recheck_reason",
        "honeypot_field_name",
        "guid",
        "month",
        "format",
        "limit",
        "offset",
        "filter",
        "from",
        "comment_context[]",
    ]
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from([KEY, BLOG, PAGE, "1", CLEAN, PROFANE, f"{BLOG}/hook", "https://[", ""]),
)
CALLS = [
    "1.1/verify-key",
    "1.1/comment-check",
    "1.1/submit-spam",
    "1.1/submit-ham",
    "1.2/key-sites",
    "1.2/usage-limit",
    "1.1/get-subscription",
    "1.1/get-stats",
    "1.1/deactivate",
    "1.1/token",
]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    call=st.sampled_from(CALLS),
    fields=st.dictionaries(NAMES, VALUES, max_size=8),
    known=st.booleans(),
    host=st.from_regex(r"[a-z0-9.:-]{0,30}", fullmatch=True),
)
@example(call="1.1/comment-check", fields={"comment_content": "x\ud83d"[:1] + "\0"}, known=True, host="")
def test_no_form_leads_to_an_accident(client, ask, call, fields, known, host):
    form = ({"api_key": KEY, "blog": BLOG, "permalink": PAGE} if known else {}) | fields
    answer = client.post(f"/{call}", data=form, headers={"Host": host} if host else {})
    assert answer.status_code < 500, (call, form, answer.headers)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    call=st.sampled_from(CALLS),
    body=st.binary(max_size=200),
    kind=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=40),
)
def test_no_bytes_lead_to_an_accident(client, ask, call, body, kind):
    answer = client.post(f"/{call}?api_key={KEY}&blog={BLOG}", data=body, headers={"Content-Type": kind})
    assert answer.status_code < 500, (call, body, kind)
