"""Blocks on networks, and whether somebody is blocked, over the API."""

import pytest

from tests.builders import a_site, an_api_key, digest_of, stored
from tests.web.conftest import CLEAN


@pytest.fixture
def call(client, newsroom):
    def call(path, body, bearer=None):
        return client.post(f"/api/v1{path}", json=body, headers=bearer or newsroom.bearer)

    return call


@pytest.fixture
def comment(call):
    """Hand in a comment of the reader `user-1` from a network address."""

    def comment(body=CLEAN, external_id="user-1", **author):
        writer = {"name": "Ann", "external_id": external_id} | author
        return call("/comments", {"article": {"slug": "karabakh"}, "body": body, "author": writer})

    return comment


def test_a_block_on_an_address_keeps_its_readers_out_and_stores_no_address(call, comment):
    given = call("/blocks", {"address": "2001:db8::7", "days": 7})
    assert given.status_code == 201
    assert given.json["subject_kind"] == "network"
    assert "2001" not in given.json["subject"]
    assert comment(address="2001:db8::8").status_code == 403
    assert comment(address="192.0.2.7").status_code == 201
    assert comment("What else?", external_id="user-2").status_code == 201
    wrong = comment("What else?", external_id="user-2", address="::::")
    assert wrong.status_code == 422
    assert "author.address" in wrong.json["errors"]


def test_a_block_covers_the_network_and_the_domain_where_it_says_so(call, comment):
    made = comment(address="192.0.2.7", email="ann@spam.example").json
    given = call(
        "/blocks",
        {"author_external_id": "user-1", "comment_ids": [made["id"]], "covers": ["network", "email_domain"]},
    )
    assert given.status_code == 201
    assert comment("More.", external_id="user-2", address="192.0.2.7").status_code == 403
    assert comment("More.", external_id="user-3", email="bo@spam.example").status_code == 403
    assert call(f"/blocks/{given.json['id']}/lift", {}).status_code == 200
    assert comment("More.", external_id="user-2", address="192.0.2.7").status_code == 201
    assert call("/blocks", {"email_domain": "a.example", "covers": ["network"]}).status_code == 422
    assert call("/blocks", {"author_external_id": "user-1", "covers": ["planet"]}).status_code == 422


def test_whether_somebody_is_blocked_why_and_until_when(call, comment, tools):
    comment(email="ann@example.com")
    free = call("/blocks/check", {"author_external_id": "user-1"})
    assert (free.status_code, free.json) == (200, {"blocked": False, "block": None, "sentence": ""})
    given = call("/blocks", {"author_external_id": "user-1", "clause": "spam", "days": 7}).json
    for who in ({"author_external_id": "user-1"}, {"email": "ANN@example.com"}):
        answer = call("/blocks/check", who).json
        assert (answer["blocked"], answer["block"]["id"]) == (True, given["id"])
        assert answer["block"]["ends_at"] == "2026-11-30T12:00:00Z"
        assert "No advertising" in answer["sentence"]
    domain = call("/blocks", {"email_domain": "spam.example"}).json
    assert call("/blocks/check", {"email": "bo@spam.example"}).json["block"]["id"] == domain["id"]
    for wrong in ({}, {"email": "nobody"}, {"address": "nowhere"}, {"planet": "mars"}):
        assert call("/blocks/check", wrong).status_code == 422


def test_another_sites_key_learns_nothing(call, comment, tools):
    other = a_site()
    with tools.database.begin() as store:
        stored(store, other, an_api_key(other, digest=digest_of("mk_other"), scopes=[]))
    comment(email="ann@example.com")
    call("/blocks", {"author_external_id": "user-1"})
    theirs = {"Authorization": "Bearer mk_other"}
    for who in ({"author_external_id": "user-1"}, {"email": "ann@example.com"}):
        assert not call("/blocks/check", who, theirs).json["blocked"]
