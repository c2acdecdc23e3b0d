"""A key that another took the place of: works on for a time, and every answer says until when."""

from datetime import timedelta

import pytest

from moderation.errors import InvalidInput, NotFound
from moderation.services import connecting
from moderation.store.tables import ApiKey, AuditEvent
from tests.builders import digest_of
from tests.web.conftest import CLEAN
from tests.workbench import rows

BLOG = "https://paper.example"


@pytest.fixture
def make(tools, newsroom):
    """Make a key and give it with its id."""

    def make(**options):
        key = connecting.make_key(tools, newsroom.site.id, "CMS", "cli", **options)
        with tools.database.read() as store:
            return key, store.sites.find_key(digest_of(key), tools.now()).id

    return make


@pytest.fixture
def rotate(tools, newsroom):
    return lambda key_id, *overlap: connecting.rotate_key(tools, newsroom.site.id, key_id, "cli", *overlap)


def ask(client, key):
    return client.post("/api/v1/check", json={"body": CLEAN}, headers={"Authorization": f"Bearer {key}"})


def test_the_old_key_works_for_a_day_says_so_and_then_no_more(client, make, rotate, clock):
    key, key_id = make()
    assert "Deprecation" not in ask(client, key).headers
    new = rotate(key_id)
    clock.advance(hours=23)
    answer = ask(client, key)
    assert answer.status_code == 200
    assert answer.headers["Deprecation"] == "@1795435200"  # 2026-11-23T12:00:00Z
    assert answer.headers["Sunset"] == "Tue, 24 Nov 2026 12:00:00 GMT"
    fresh = ask(client, new)
    assert fresh.status_code == 200
    assert not {"Deprecation", "Sunset"} & set(fresh.headers.keys())
    clock.advance(hours=1)
    assert ask(client, key).status_code == 401
    assert ask(client, new).status_code == 200


def test_a_refusal_says_it_too(client, make, rotate):
    key, key_id = make(scopes=["check"])
    rotate(key_id)
    refused = client.get("/api/v1/blocks", headers={"Authorization": f"Bearer {key}"})
    assert refused.status_code == 403
    assert refused.headers["Sunset"]


def test_the_new_key_may_do_what_the_old_one_may(client, make, rotate):
    _, key_id = make(scopes=["check"])
    new = rotate(key_id)
    assert ask(client, new).status_code == 200
    assert client.get("/api/v1/blocks", headers={"Authorization": f"Bearer {new}"}).status_code == 403


def test_every_door_for_programs_says_it(client, make, rotate, tools, newsroom):
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).origins = [BLOG]
    key, key_id = make()
    akismet, akismet_id = make(akismet=True)
    rotate(key_id)
    new = rotate(akismet_id)
    assert len(new) == 12
    asked = {"comment": {"text": CLEAN}, "requestedAttributes": {"TOXICITY": {}}}
    answers = [
        client.post(f"/v1alpha1/comments:analyze?key={key}", json=asked),
        client.post("/v1/moderations", json={"input": CLEAN}, headers={"Authorization": f"Bearer {key}"}),
        client.post("/1.1/verify-key", data={"key": akismet, "blog": BLOG}),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["Deprecation"]
        assert answer.headers["Sunset"]
    assert client.post("/1.1/verify-key", data={"key": new, "blog": BLOG}).text == "valid"


@pytest.mark.parametrize(("overlap", "works"), [(0, 401), (1, 200)])
def test_how_long_it_works_on_is_chosen(client, make, rotate, overlap, works):
    key, key_id = make()
    rotate(key_id, overlap)
    assert ask(client, key).status_code == works


@pytest.mark.parametrize("overlap", [-1, 721])
def test_no_key_works_on_for_longer_than_a_month(make, rotate, overlap):
    with pytest.raises(InvalidInput):
        rotate(make()[1], overlap)


def test_a_key_is_rotated_once_and_only_by_its_site(make, rotate, tools, newsroom):
    _, key_id = make()
    rotate(key_id)
    with pytest.raises(NotFound):
        rotate(key_id)
    with pytest.raises(NotFound):
        connecting.rotate_key(tools, "another", key_id, "cli")
    connecting.revoke_key(tools, newsroom.site.id, key_id, "cli")
    actions = [event.action for event in rows(tools.database, AuditEvent)]
    assert actions[-2:] == ["key.rotated", "key.revoked"]


def test_a_rotated_key_that_is_revoked_opens_nothing_at_once(client, make, rotate, tools, newsroom):
    key, key_id = make()
    rotate(key_id)
    connecting.revoke_key(tools, newsroom.site.id, key_id, "cli")
    assert ask(client, key).status_code == 401


def test_of_neither_key_more_than_the_digest_is_kept(make, rotate, tools):
    key, key_id = make()
    new = rotate(key_id)
    kept = str([vars(row) for row in rows(tools.database, ApiKey)])
    assert key not in kept
    assert new not in kept
    former = next(row for row in rows(tools.database, ApiKey) if row.id == key_id)
    assert former.ends_at - former.rotated_at == timedelta(hours=24)
