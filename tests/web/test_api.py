"""The JSON API: what a site's own systems are answered."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from moderation.services import publishing
from moderation.store.tables import Comment
from moderation.web import api, create_app
from tests.builders import DAY, a_block, a_site, an_api_key, an_article, digest_of, stored
from tests.web.conftest import ATTACK, CLEAN
from tests.workbench import rows

AUTHOR = {"name": "Ann", "external_id": "user-1"}


@pytest.fixture
def call(client, newsroom):
    """Call the API with the site's key."""

    def call(method, path, body=None, **options):
        options.setdefault("headers", newsroom.bearer)
        return client.open(f"/api/v1{path}", method=method, json=body, **options)

    return call


@pytest.fixture
def comment(call):
    def comment(body=CLEAN, **changes):
        return call(
            "POST",
            "/comments",
            {"article": {"external_id": "post-1"}, "body": body, "author": AUTHOR} | changes,
        )

    return comment


def assert_problem(answer, status, code, field=None):
    """The one shape of every error."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    document = answer.json
    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= set(document)
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"].endswith(f"/problems#{code}")
    assert document["instance"] == answer.request.path
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert document["title"]
    assert document["detail"]
    if field:
        (sentence,) = document["errors"][field]
        assert sentence.count(".") >= 1


def test_a_clean_comment_is_201_published(comment, client):
    answer = comment(external_id="c-1")
    assert answer.status_code == 201
    assert answer.json["status"] == "published"
    assert answer.json["external_id"] == "c-1"
    assert answer.json["notice"] is None
    assert answer.json["decision"]["verdict"] == "publish"
    assert CLEAN in client.page("/articles/karabakh").text


def test_an_attack_is_201_rejected_with_clause_sentence_spans_and_notice(comment):
    answer = comment(ATTACK)
    assert answer.status_code == 201
    assert answer.json["status"] == "rejected"
    decision = answer.json["decision"]
    assert decision["clause"] == "personal-attack"
    reason = decision["reasons"][0]
    assert reason["sentence"] == "Argue with what was said, not with who said it."
    start, end = reason["spans"][0]
    assert "idiot" in ATTACK[start:end]
    assert "warning" in answer.json["notice"]


def test_a_held_comment_is_202(comment, tools, newsroom):
    publishing.set_discussion(tools, newsroom.article.id, "held-first", "cli")
    answer = comment()
    assert answer.status_code == 202
    assert answer.json["status"] == "held"


@pytest.mark.parametrize("name", ["external_id", "slug", "id"])
def test_an_article_is_named_in_three_ways(comment, newsroom, name):
    assert comment(article={name: getattr(newsroom.article, name)}).status_code == 201


@pytest.mark.parametrize("article", [{}, {"slug": "karabakh", "external_id": "post-1"}])
def test_an_article_is_named_once(comment, article):
    assert_problem(comment(article=article), 422, "invalid-input", "article")


def test_a_repetition_gets_the_same_answer_and_another_content_409(comment):
    first, second = comment(external_id="c-1"), comment(external_id="c-1")
    assert first.json == second.json
    assert first.status_code == second.status_code
    assert_problem(comment("Something else.", external_id="c-1"), 409, "conflict")


def test_a_reply_names_its_parent_by_either_id(comment, call):
    parent = comment(external_id="c-1").json["id"]
    for way in ({"parent_id": parent}, {"parent_external_id": "c-1"}):
        answer = comment("I agree with that.", author={"name": "Bedros"}, **way)
        assert call("GET", f"/comments/{answer.json['id']}").json["parent_id"] == parent
    assert_problem(
        comment(parent_id=parent, parent_external_id="c-1"), 422, "invalid-input", "parent_external_id"
    )
    assert_problem(comment(parent_external_id="c-9"), 404, "not-found")


def test_a_blocked_author_is_403_with_clause_and_end(comment, tools):
    comment()
    with tools.database.begin() as store:
        author = store.people.find(site_id=store.sites.get_by_slug("paper").id, external_id="user-1")
        stored(store, a_block(author, clause="threat", ends_at=tools.now() + 2 * DAY))
    answer = comment("More.")
    assert_problem(answer, 403, "author-blocked")
    assert answer.json["clause"] == "threat"
    assert answer.json["until"] == "2026-11-25T12:00:00+00:00"


def test_a_closed_discussion_is_409(comment, tools, newsroom):
    publishing.set_discussion(tools, newsroom.article.id, "closed", "cli")
    assert_problem(comment(), 409, "article-closed")


def test_a_check_answers_the_decision_and_stores_nothing(call, database):
    with database.engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM audit_events").scalar()
    answer = call("POST", "/check", {"body": ATTACK, "article": {"slug": "karabakh"}, "author": AUTHOR})
    assert answer.status_code == 200
    assert answer.json["verdict"] == "reject"
    assert set(answer.json) == {"verdict", "clause", "reasons", "scores", "policy_version", "model_versions"}
    with database.engine.connect() as connection:
        for table in ("comments", "authors", "strikes", "decisions"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_events").scalar() == before


def test_a_check_needs_nothing_but_a_text(call):
    assert call("POST", "/check", {"body": CLEAN}).json["verdict"] == "publish"


def test_a_comment_is_read_with_the_decision_in_force(comment, call):
    made = comment(ATTACK, external_id="c-1", language="en").json
    answer = call("GET", f"/comments/{made['id']}")
    assert answer.status_code == 200
    assert answer.json["decision"] == made["decision"]
    assert answer.json["body"] == ATTACK
    assert answer.json["language"] == "en"
    assert answer.json["received_at"] == "2026-11-23T12:00:00Z"


def test_blocks_are_given_listed_and_lifted(comment, call):
    made = comment().json
    given = call(
        "POST",
        "/blocks",
        {
            "author_external_id": "user-1",
            "clause": "spam",
            "days": 7,
            "note": "Farm.",
            "comment_ids": [made["id"]],
        },
    )
    assert given.status_code == 201
    assert given.json["ends_at"] == "2026-11-30T12:00:00Z"
    assert given.json["comment_ids"] == [made["id"]]
    assert given.json["author_external_id"] == "user-1"
    assert_problem(comment("More."), 403, "author-blocked")
    assert call("GET", "/blocks").json == {"blocks": [given.json], "next": None}
    lifted = call("POST", f"/blocks/{given.json['id']}/lift", {"note": "A mistake."})
    assert lifted.status_code == 200
    assert lifted.json["lifted_at"] == "2026-11-23T12:00:00Z"
    assert comment("More.").status_code == 201
    assert call("GET", "/blocks").json["blocks"] == []
    assert len(call("GET", "/blocks?in_force=false").json["blocks"]) == 1
    assert_problem(call("POST", f"/blocks/{given.json['id']}/lift", {}), 404, "not-found")


def test_the_block_list_pages_on(call):
    given = [
        call("POST", "/blocks", {"email_domain": f"spam{number}.example"}).json["id"] for number in range(5)
    ]
    seen, after = [], None
    while True:
        page = call("GET", f"/blocks?limit=2{f'&after={after}' if after else ''}").json
        seen += [block["id"] for block in page["blocks"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == sorted(given)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"author_id": "a", "email_domain": "b.example"},
        {"author_id": "a", "days": 0},
        {"email_domain": "nonsense"},
        {"author_id": "a", "clause": "x", "days": "7"},
    ],
)
def test_a_block_that_is_wrong_is_422(call, body):
    assert call("POST", "/blocks", body).status_code == 422


def test_another_site_sees_nothing_of_this_one(comment, call, client, tools):
    made = comment().json["id"]
    block = call("POST", "/blocks", {"author_external_id": "user-1"}).json
    other = a_site(slug="other")
    with tools.database.begin() as store:
        stored(
            store,
            other,
            an_article(other, external_id="post-2"),
            an_api_key(other, digest=digest_of("mk_other"), scopes=[]),
        )
    theirs = {"headers": {"Authorization": "Bearer mk_other"}}
    assert_problem(call("GET", f"/comments/{made}", **theirs), 404, "not-found")
    assert call("GET", "/blocks?in_force=false", **theirs).json["blocks"] == []
    assert_problem(call("POST", f"/blocks/{block['id']}/lift", {}, **theirs), 404, "not-found")
    assert_problem(call("POST", "/blocks", {"author_id": block["subject"]}, **theirs), 404, "not-found")
    body = {"article": {"external_id": "post-1"}, "body": CLEAN, "author": AUTHOR}
    assert_problem(call("POST", "/comments", body, **theirs), 404, "not-found")
    assert_problem(
        call("POST", "/check", {"body": CLEAN, "article": {"slug": "karabakh"}}, **theirs), 404, "not-found"
    )


@pytest.mark.parametrize(
    "header", [None, "Bearer mk_wrong", "Basic bWtfdGVzdA==", "Bearer", "Bearer mk_t\u00e9st", "mk_test"]
)
def test_without_a_key_that_is_known_nothing_is_answered(call, header):
    answer = call("GET", "/blocks", headers={"Authorization": header} if header else {})
    assert_problem(answer, 401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_is_none(call, tools, newsroom):
    with tools.database.begin() as store:
        store.sites.revoke_key(store.sites.find_key(digest_of(newsroom.key), tools.now()).id, tools.now())
    assert_problem(call("GET", "/blocks"), 401, "not-signed-in")


def test_a_key_may_do_no_more_than_its_scopes(call, tools, newsroom):
    with tools.database.begin() as store:
        stored(store, an_api_key(newsroom.site, digest=digest_of("mk_small"), scopes=["check"]))
    small = {"headers": {"Authorization": "Bearer mk_small"}}
    assert call("POST", "/check", {"body": CLEAN}, **small).status_code == 200
    assert_problem(call("GET", "/blocks", **small), 403, "forbidden")


def test_every_route_has_its_scope(app):
    routes = {
        rule.endpoint.removeprefix("api.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }
    assert routes == set(api.SCOPES)


def test_a_session_of_the_desk_is_no_key(administrator):
    assert administrator.get("/api/v1/blocks").status_code == 401


def test_the_use_of_a_key_is_noted_once_a_minute(call, tools, newsroom, clock):
    def noted():
        with tools.database.read() as store:
            return store.sites.find_key(digest_of(newsroom.key), tools.now()).last_used_at

    call("GET", "/blocks")
    first = noted()
    clock.advance(seconds=30)
    call("GET", "/blocks")
    assert noted() == first == clock() - 30 * (DAY / 86400)
    clock.advance(seconds=60)
    call("GET", "/blocks")
    assert noted() == clock()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"titel": 1}, "titel", id="unknown"),
        pytest.param({"author": {"name": "Ann", "rank": 1}}, "author.rank", id="unknown inside"),
        pytest.param({"body": None}, "body", id="null"),
        pytest.param({"body": 7}, "body", id="number"),
        pytest.param({"body": ["x"]}, "body", id="list"),
        pytest.param({"body": ""}, "body", id="empty"),
        pytest.param({"body": "x" * 10_001}, "body", id="too long"),
        pytest.param({"body": "a\0b"}, "body", id="NUL"),
        pytest.param({"body": "a\ud800b"}, "body", id="half a pair"),
        pytest.param({"author": {"name": ""}}, "author.name", id="no name"),
        pytest.param({"author": "Ann"}, "author", id="no object"),
        pytest.param({"author": {"name": "Ann", "email": "nonsense"}}, "email", id="no address"),
        pytest.param({"external_id": "x" * 201}, "external_id", id="long id"),
        pytest.param({"external_id": "a\nb"}, "external_id", id="line in id"),
        pytest.param({"language": "<b>"}, "language", id="no language"),
        pytest.param({"article": {"slug": 1}}, "article.slug", id="number for slug"),
    ],
)
def test_what_is_wrong_is_named_with_reason_and_remedy(comment, change, field):
    assert_problem(comment(**change), 422, "invalid-input", field)


def test_a_missing_field_is_named(call):
    answer = call("POST", "/comments", {})
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"article", "author", "body"}
    assert answer.json["errors"]["body"] == ["Missing. Add it."]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"body": NaN}',
        b"\xff\xfe{}",
        b"[" * 60_000,
        b'{"body": 1, "body": 2}',
        b'{"n": ' + b"1" * 5000 + b"}",
    ],
    ids=["empty", "cut off", "no JSON", "NaN", "no UTF-8", "deep", "twice", "long number"],
)
def test_what_is_not_json_is_400(call, newsroom, body):
    answer = call("POST", "/check", headers=newsroom.bearer | {"Content-Type": "application/json"}, data=body)
    assert_problem(answer, 400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"7"])
def test_json_that_is_no_object_is_422(call, newsroom, body):
    answer = call("POST", "/check", headers=newsroom.bearer | {"Content-Type": "application/json"}, data=body)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_another_content_type_is_415(call, newsroom, kind):
    headers = newsroom.bearer | ({"Content-Type": kind} if kind else {})
    assert_problem(call("POST", "/check", headers=headers, data=b'{"body": "x"}'), 415, "wrong-content-type")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=", "after=nonsense", "page=2", "in_force=perhaps"]
)
def test_a_query_that_is_wrong_is_422(call, query):
    assert_problem(call("GET", f"/blocks?{query}"), 422, "invalid-input", query.partition("=")[0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "article",
    "body",
    "author",
    "parent_id",
    "parent_external_id",
    "language",
    "external_id",
    "days",
    "note",
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(["/comments", "/check", "/blocks"]), st.dictionaries(st.sampled_from(NAMES), JSON) | JSON
)
def test_whatever_is_sent_is_answered_as_documented(call, newsroom, path, body):
    headers = newsroom.bearer | {"Content-Type": "application/json"}
    answer = call("POST", path, headers=headers, data=json.dumps(body))
    assert answer.status_code in (200, 400, 404, 422), answer.text


def test_an_address_that_is_none_is_a_problem_too(call):
    assert_problem(call("GET", "/nothing"), 404, "not-found")


def test_the_openapi_document_describes_every_route_and_every_error(client):
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    document = answer.json
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/api/v1/comments",
        "/api/v1/batch",
        "/api/v1/comments/{comment_id}",
        "/api/v1/check",
        "/api/v1/decisions",
        "/api/v1/articles",
        "/api/v1/articles/{article_id}",
        "/api/v1/blocks",
        "/api/v1/blocks/{block_id}",
        "/api/v1/blocks/check",
        "/api/v1/blocks/{block_id}/lift",
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["security"] == [{"SiteKey": []}], path
            assert operation["summary"]
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], (path, method, status)
    assert document["components"]["securitySchemes"]["SiteKey"]["scheme"] == "bearer"
    assert "202" in document["paths"]["/api/v1/comments"]["post"]["responses"]
    references = [
        part.split('"')[0] for part in json.dumps(document).split('"$ref": "#/components/schemas/')[1:]
    ]
    assert set(references) <= set(document["components"]["schemas"])


def test_a_batch_takes_and_refuses_each_by_itself(call, tools):
    one = {"article": {"external_id": "post-1"}, "author": AUTHOR}
    answer = call(
        "POST",
        "/batch",
        {
            "comments": [
                one | {"body": CLEAN, "external_id": "c-1"},
                one | {"body": "", "external_id": "c-2"},
                one | {"body": ATTACK, "external_id": "c-3"},
                one | {"body": CLEAN, "article": {"slug": "nowhere"}},
            ]
        },
    )
    assert answer.status_code == 200
    results = answer.json["results"]
    assert [r["comment"] and r["comment"]["status"] for r in results] == ["published", None, "rejected", None]
    assert [r["problem"] and r["problem"]["status"] for r in results] == [None, 422, None, 404]
    assert results[1]["problem"]["errors"]["body"]
    assert len(rows(tools.database, Comment)) == 2


@pytest.mark.parametrize("number", [0, 51])
def test_a_batch_has_1_to_50_comments(call, number):
    one = {"article": {"external_id": "post-1"}, "body": CLEAN, "author": AUTHOR}
    assert_problem(call("POST", "/batch", {"comments": [one] * number}), 422, "invalid-input", "comments")


def test_every_answer_tells_how_many_calls_are_left(tools, newsroom):
    few = replace(tools, settings=tools.settings.model_copy(update={"api_limit": "3 per minute"}))
    client = create_app(few).test_client()
    left = []
    for _ in range(3):
        answer = client.post("/api/v1/check", json={"body": CLEAN}, headers=newsroom.bearer)
        assert answer.headers["RateLimit-Policy"] == '"default";q=3;w=60'
        left.append(answer.headers["RateLimit"].partition(";t=")[0])
    assert left == ['"default";r=2', '"default";r=1', '"default";r=0']
    refused = client.post("/api/v1/check", json={"body": CLEAN}, headers=newsroom.bearer)
    assert_problem(refused, 429, "too-many-requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"default";r=0;')


def test_every_call_answer_and_error_of_the_document_has_an_example_of_its_shape(client):
    document = client.get("/openapi.json").json
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            if "requestBody" in operation:
                assert operation["requestBody"]["required"] is True, where
                sent = operation["requestBody"]["content"]["application/json"]
                assert fits(document, sent["schema"], sent["example"]), where
            for status, answer in operation["responses"].items():
                ((media, told),) = answer["content"].items()
                if int(status) < 400:
                    assert media == "application/json", where
                    assert fits(document, told["schema"], told["example"]), (where, status)
                    continue
                for code, example in told["examples"].items():
                    shown = example["value"]
                    assert (shown["status"], shown["code"]) == (int(status), code), (where, status)
                    assert fits(document, told["schema"], shown), (where, status)


def fits(document, schema, example):
    """Tell whether an example is of its shape."""
    whole = {"$defs": document["components"]["schemas"], **schema}
    Draft202012Validator(json.loads(json.dumps(whole).replace("#/components/schemas/", "#/$defs/"))).validate(
        example
    )
    return True


def test_the_document_names_every_way_to_be_refused_that_was_ever_met(client):
    """What the other tests of this file provoke, by operation."""
    document = client.get("/openapi.json").json["paths"]
    codes = {
        (method, path): {
            code
            for answer in operation["responses"].values()
            for told in answer["content"].values()
            for code in told.get("examples", {})
        }
        for path, operations in document.items()
        for method, operation in operations.items()
    }
    everywhere = {"malformed", "not-signed-in", "forbidden", "too-many-requests", "database-away", "error"}
    assert all(everywhere <= found for found in codes.values())
    posts = [found for (method, _), found in codes.items() if method == "post"]
    assert all({"too-large", "wrong-content-type", "invalid-input", "conflict"} <= found for found in posts)
    assert {"author-blocked", "article-closed", "not-found"} <= codes["post", "/api/v1/comments"]
    assert "not-found" in codes["get", "/api/v1/blocks/{block_id}"]
    assert "invalid-input" in codes["get", "/api/v1/comments"]


def test_people_read_the_same_document_as_a_page_that_loads_nothing_from_elsewhere(client):
    page = client.page("/docs")
    document = client.get("/openapi.json").json
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert f"{method.upper()} {path}" in page.text
            assert operation["summary"] in page.text
            for answer in operation["responses"].values():
                for told in answer["content"].values():
                    for code in told.get("examples", {}):
                        assert f"#{code}" in page.text
    assert not [link for link in page.links if link.startswith(("http://", "https://", "//"))]
