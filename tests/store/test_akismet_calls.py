"""Calls of Akismet's API: known again by their content, once at a time, counted by month."""

from datetime import timedelta

import pytest

from moderation.errors import Raced
from moderation.store.tables import AkismetCall
from tests.builders import a_site, stored

ALWAYS = timedelta(days=10_000)


@pytest.fixture
def site(database):
    site = a_site()
    with database.begin() as store:
        stored(store, site)
    return site


def a_call(site, now, **changes):
    return AkismetCall(**{"site_id": site.id, "kind": "check", "digest": "d1", "at": now} | changes)


def test_the_same_content_is_known_again_on_its_own_site_and_of_its_own_kind(database, site, now):
    call = a_call(site, now)
    with database.begin() as store:
        store.akismet.add(call, since=now)
    with database.read() as store:
        assert store.akismet.find(site.id, "check", "d1").id == call.id
        assert store.akismet.find(site.id, "spam", "d1") is None
        assert store.akismet.find("another", "check", "d1") is None


def test_a_second_of_the_same_time_is_refused_and_a_later_one_takes_its_place(database, site, now):
    first, second = a_call(site, now), a_call(site, now + timedelta(hours=1))
    with database.begin() as store:
        store.akismet.add(first, since=now)
    with pytest.raises(Raced), database.begin() as store:
        store.akismet.add(a_call(site, now), since=now - ALWAYS)
    with database.begin() as store:
        store.akismet.add(second, since=now + timedelta(minutes=58))
    with database.read() as store:
        assert store.akismet.find(site.id, "check", "d1").id == second.id
        assert store.akismet.get(first.id).digest is None


def test_what_is_forgotten_may_come_again(database, site, now):
    with database.begin() as store:
        store.akismet.add(a_call(site, now, kind="spam"), since=now)
        store.akismet.forget(site.id, "spam", "d1")
        store.akismet.add(a_call(site, now, kind="spam"), since=now)
        assert store.akismet.counts(site.id, now, now + timedelta(days=1))["spam"] == 2


def test_calls_are_counted_from_a_moment_up_to_another(database, site, now):
    with database.begin() as store:
        for number, (kind, spam, after) in enumerate(
            [("check", True, 0), ("check", False, 1), ("ham", False, 1), ("check", True, 2)]
        ):
            at = now + timedelta(days=after)
            store.akismet.add(a_call(site, at, kind=kind, spam=spam, digest=f"d{number}"), since=now)
    with database.read() as store:
        counted = store.akismet.counts(site.id, now, now + timedelta(days=2))
    assert counted == {"check": 2, "spam": 0, "ham": 1, "answered_spam": 1}
