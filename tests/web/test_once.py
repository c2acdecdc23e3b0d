"""Idempotency-Key on every call of the API that does something: done once, answered the same for a day."""

import threading

import pytest

from moderation.services import amending, penalising, remembering, repeating
from moderation.store.tables import Author, Block, Comment, KeptAnswer
from tests.builders import a_site, an_api_key, an_article, digest_of, stored
from tests.web.conftest import ATTACK, CLEAN
from tests.workbench import rows

COMMENT = {
    "article": {"external_id": "post-1"},
    "body": CLEAN,
    "author": {"name": "Ann", "external_id": "user-1"},
}
CALLS = {
    "/comments": COMMENT,
    "/batch": {"comments": [COMMENT, COMMENT | {"body": ""}]},
    "/check": {"body": ATTACK},
    "/blocks": {"email_domain": "spam.example", "days": 7},
    "/blocks/check": {"email": "ann@spam.example"},
}


@pytest.fixture
def send(client, newsroom):
    def send(path="/comments", body=COMMENT, key='"k-1"', bearer=None):
        headers = (bearer or newsroom.bearer) | ({"Idempotency-Key": key} if key is not None else {})
        return client.post(f"/api/v1{path}", json=body, headers=headers)

    return send


def assert_problem(answer, status, code):
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert answer.json["code"] == code


@pytest.mark.parametrize("path", CALLS)
def test_the_same_call_again_is_answered_as_it_was_and_does_nothing(send, tools, clock, path):
    first = send(path, CALLS[path])
    assert first.status_code in (200, 201)
    assert "Idempotent-Replayed" not in first.headers
    before = [rows(tools.database, table) for table in (Comment, Block)]
    clock.advance(hours=23)
    again = send(path, CALLS[path], "k-1")  # bare, as many clients send it
    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    after = [rows(tools.database, table) for table in (Comment, Block)]
    assert [[row.id for row in table] for table in after] == [[row.id for row in table] for table in before]
    assert_problem(send(path, CALLS[path] | {"note": "x"}), 422, "invalid-input")


def test_a_block_is_lifted_once_and_answered_as_it_was_lifted(send, clock):
    one = send("/blocks", CALLS["/blocks"]).json["id"]
    other = send("/blocks", {"email_domain": "other.example"}, "k-2").json["id"]
    lifted = send(f"/blocks/{one}/lift", {}, "k-3")
    clock.advance(minutes=5)
    again = send(f"/blocks/{one}/lift", {}, "k-3")
    assert (again.status_code, again.json) == (200, lifted.json)
    assert_problem(send(f"/blocks/{one}/lift", {}, "k-4"), 404, "not-found")  # it is over already
    assert_problem(send(f"/blocks/{other}/lift", {}, "k-3"), 422, "invalid-input")


def test_what_was_answered_first_is_repeated_whatever_became_of_it_since(send, tools, newsroom):
    first = send(body=COMMENT | {"external_id": "c-1"}).json
    amending.delete_at_site(tools, newsroom.site.id, "c-1")
    assert rows(tools.database, Comment)[0].state == "withdrawn"
    again = send(body=COMMENT | {"external_id": "c-1"})
    assert (again.status_code, again.json) == (201, first)


def test_a_refusal_that_is_an_answer_is_repeated_too(send, tools, newsroom):
    send()
    (author,) = rows(tools.database, Author)
    block = penalising.block_author(tools, author.id, "cli", None, 7)
    refused = send(body=COMMENT | {"body": "More."}, key="k-2")
    assert_problem(refused, 403, "author-blocked")
    penalising.lift_block(tools, block.id, "cli")
    again = send(body=COMMENT | {"body": "More."}, key="k-2")
    assert (again.status_code, again.json, again.mimetype) == (403, refused.json, refused.mimetype)
    assert send(body=COMMENT | {"body": "More."}, key="k-3").status_code == 201


def test_a_call_that_could_not_be_read_may_come_again_with_its_key(send):
    assert_problem(send(body=COMMENT | {"body": ""}), 422, "invalid-input")
    assert_problem(send(body=COMMENT | {"colour": "red"}), 422, "invalid-input")
    assert send(body=COMMENT | {"body": "Corrected, and sent with the same key."}).status_code == 201


@pytest.mark.parametrize("key", ["", '""', "x" * 201, "k 1", "\u00e9"])
def test_a_key_that_is_none_is_named(send, key):
    answer = send(key=key)
    assert_problem(answer, 422, "invalid-input")
    assert list(answer.json["errors"]) == ["Idempotency-Key"]


def test_keys_of_another_site_are_others(send, tools):
    first, other = send().json, a_site()
    with tools.database.begin() as store:
        article = an_article(other, external_id="post-1")
        stored(store, other, article, an_api_key(other, digest=digest_of("mk_other"), scopes=[]))
    theirs = send(bearer={"Authorization": "Bearer mk_other"})
    assert theirs.status_code == 201
    assert theirs.json["id"] != first["id"]


def test_while_the_first_is_running_the_second_is_409(send, app, newsroom, monkeypatch):
    began, go_on, whole, answers = threading.Event(), threading.Event(), penalising.block_domain, []

    def slow(*args, **kwargs):
        began.set()
        assert go_on.wait(30)
        return whole(*args, **kwargs)

    monkeypatch.setattr(penalising, "block_domain", slow)
    call = {"json": CALLS["/blocks"], "headers": newsroom.bearer | {"Idempotency-Key": "k-1"}}
    first = threading.Thread(
        target=lambda: answers.append(app.test_client().post("/api/v1/blocks", **call).status_code)
    )
    first.start()
    assert began.wait(30)
    assert_problem(send("/blocks", CALLS["/blocks"]), 409, "conflict")
    go_on.set()
    first.join()
    assert answers == [201]
    assert send("/blocks", CALLS["/blocks"]).headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("path", ["/comments", "/batch"])
@pytest.mark.parametrize("external_id", ["c-1", None])
def test_a_call_that_was_cut_off_may_come_again_after_a_minute_and_its_comments_are_there_once(
    send, tools, monkeypatch, clock, path, external_id
):
    """After what it did was stored and before its answer was kept: whether or not the site names its comments."""
    comment = COMMENT | {"external_id": external_id}
    call = {"comments": [comment, COMMENT | {"body": "Another thought."}]} if path == "/batch" else comment
    with monkeypatch.context() as crashing:
        crashing.setattr("moderation.store.answers.Answers.keep", lambda *_, **__: 1 / 0)
        assert send(path, call).status_code == 500
    assert_problem(send(path, call), 409, "conflict")
    there = [row.id for row in rows(tools.database, Comment)]
    clock.advance(minutes=1)
    again = send(path, call)
    assert again.status_code in (200, 201)
    assert [row.id for row in rows(tools.database, Comment)] == there
    told = [one["comment"] for one in again.json["results"]] if path == "/batch" else [again.json]
    assert sorted(one["id"] for one in told) == sorted(there)
    assert send(path, call, "k-2").status_code in (200, 201, 202)  # the same words once more may be held
    assert len(rows(tools.database, Comment)) == len(there) + (external_id is None) + (path == "/batch")


def test_after_a_day_a_key_is_new_and_what_was_kept_is_gone(send, tools, clock):
    send()
    clock.advance(hours=24)
    assert send(body=COMMENT | {"body": "Another day, another thought."}).status_code == 201
    assert len(rows(tools.database, Comment)) == 2
    assert repeating.forget_due(tools) == 0
    clock.advance(hours=25)
    assert repeating.forget_due(tools) == 1
    assert rows(tools.database, KeptAnswer) == []


def test_an_erased_person_s_words_are_not_kept_in_answers_and_the_call_is_not_done_again(send, tools):
    send(body=COMMENT | {"body": "You are an 1d1ot."})
    assert "idiot" in str([kept.body for kept in rows(tools.database, KeptAnswer)])
    (author,) = rows(tools.database, Author)
    remembering.erase_author(tools, author.id, "cli")
    assert [kept.body for kept in rows(tools.database, KeptAnswer)] == [None]
    assert_problem(send(body=COMMENT | {"body": "You are an 1d1ot."}), 409, "conflict")
    assert len(rows(tools.database, Comment)) == 1


def test_of_the_call_itself_only_a_keyed_hash_is_kept(send, tools):
    send("/blocks/check", {"email": "zachary@quill.example"})
    (kept,) = rows(tools.database, KeptAnswer)
    assert "quill" not in str(vars(kept))
    assert kept.digest != digest_of('POST /api/v1/blocks/check\n{"email":"zachary@quill.example"}')


def test_every_call_that_does_something_says_so_in_the_document(client, app):
    document = client.get("/openapi.json").json
    posts = [operations["post"] for operations in document["paths"].values() if "post" in operations]
    assert len(posts) == 6
    for operation in posts:
        assert [p["name"] for p in operation["parameters"] if p["in"] == "header"] == ["Idempotency-Key"]
