from datetime import timedelta

import pytest

from tests.builders import a_site, an_api_key, an_endpoint, stored


@pytest.fixture
def site(database):
    site = a_site(slug="aravot", inbound_secrets=["whsec_a", "whsec_b"])
    with database.begin() as store:
        stored(store, site)
    return site


def test_a_site_is_found_by_id_and_by_its_short_name(database, site):
    with database.read() as store:
        assert store.sites.get(site.id).inbound_secrets == ["whsec_a", "whsec_b"]
        assert store.sites.get_by_slug("aravot").id == site.id
        assert store.sites.get_by_slug("nowhere") is None
        assert [row.id for row in store.sites.all()] == [site.id]


def test_a_revoked_key_opens_nothing(database, site, now):
    key = an_api_key(site, digest="d1")
    with database.begin() as store:
        stored(store, key)
        assert store.sites.find_key("d1", now).id == key.id
        assert store.sites.revoke_key(key.id, now)
        assert store.sites.find_key("d1", now) is None
        assert not store.sites.revoke_key(key.id, now)
        assert [row.id for row in store.sites.keys(site.id)] == [key.id]


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(database, site, now):
    key = an_api_key(site)
    with database.begin() as store:
        stored(store, key)
    seconds = [0, 59, 60, 61]
    noted = []
    for second in seconds:
        with database.begin() as store:
            noted.append(store.sites.key_was_used(key.id, now + timedelta(seconds=second)))
    assert noted == [True, False, True, False]


def test_an_endpoint_hears_of_what_it_asked_for(database, site, now):
    every, some, none = an_endpoint(site), an_endpoint(site, events=["a"]), an_endpoint(site)
    with database.begin() as store:
        stored(store, every, some, none)
        assert store.sites.disable_endpoint(none.id, now, "answered 410")
    with database.read() as store:
        assert [row.id for row in store.sites.endpoints_for(site.id, "a")] == [every.id, some.id]
        assert [row.id for row in store.sites.endpoints_for(site.id, "b")] == [every.id]
        assert store.sites.get_endpoint(none.id).disabled_because == "answered 410"


def test_a_disabled_endpoint_can_be_enabled_again(database, site, now):
    endpoint = an_endpoint(site)
    with database.begin() as store:
        stored(store, endpoint)
        store.sites.disable_endpoint(endpoint.id, now, "answered 410")
        assert not store.sites.disable_endpoint(endpoint.id, now, "again")
        assert store.sites.enable_endpoint(endpoint.id)
    with database.read() as store:
        assert store.sites.endpoints_for(site.id, "a")
