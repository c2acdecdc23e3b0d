from datetime import timedelta

import pytest

from tests.builders import DAY, a_block, a_discussion, a_site, a_stored_comment, a_strike, an_author, stored


@pytest.fixture
def site(database):
    site = a_site()
    with database.begin() as store:
        stored(store, site)
    return site


@pytest.mark.parametrize("key", [{"external_id": "u1"}, {"email_key": "k1", "email": "ann@example.org"}])
def test_an_author_under_another_name_is_the_same_author(database, site, now, key):
    with database.begin() as store:
        ann = store.people.find_or_create(site_id=site.id, name="Ann", now=now, **key)
    with database.begin() as store:
        again = store.people.find_or_create(site_id=site.id, name="Anna", now=now + DAY, **key)
    assert (again.id, again.name, again.created_at, again.salt) == (ann.id, "Anna", now, ann.salt)


def test_the_same_key_on_another_site_is_another_author(database, site, now):
    other = a_site()
    with database.begin() as store:
        stored(store, other)
        here = store.people.find_or_create(site_id=site.id, name="Ann", external_id="u1", now=now)
        there = store.people.find_or_create(site_id=other.id, name="Ann", external_id="u1", now=now)
    assert here.id != there.id


def test_without_a_key_everyone_is_new(database, site, now):
    with database.begin() as store:
        first = store.people.find_or_create(site_id=site.id, name="Ann", now=now)
        second = store.people.find_or_create(site_id=site.id, name="Ann", now=now)
    assert first.id != second.id


def test_an_address_typed_into_a_form_does_not_burden_an_account(database, site, now):
    """Who types somebody else's address does not become them."""
    with database.begin() as store:
        typed = store.people.find_or_create(site_id=site.id, name="Eve", email_key="k", now=now)
        account = store.people.find_or_create(
            site_id=site.id, name="Ann", external_id="u1", email_key="k", email="ann@example.org", now=now
        )
    assert typed.id != account.id
    assert (account.email_key, account.email) == (None, "ann@example.org")


def test_a_role_is_given(database):
    with database.begin() as store:
        author = a_discussion(store).author
        store.people.set_role(author.id, "trusted")
    with database.read() as store:
        assert store.people.get(author.id).role == "trusted"


def test_the_latest_bodies_come_newest_first(database, now):
    with database.begin() as store:
        discussion = a_discussion(store)
        for n in range(12):
            a_stored_comment(store, discussion, body=f"{n}", received_at=now + timedelta(minutes=n))
        bodies = store.people.recent_bodies(discussion.author.id)
    assert bodies == tuple(f"{n}" for n in range(11, 1, -1))


def test_only_what_readers_can_see_counts_as_approved(database):
    with database.begin() as store:
        discussion = a_discussion(store)
        for state in ("published", "published", "held", "rejected", "removed"):
            a_stored_comment(store, discussion, state=state)
        assert store.people.approved_comments(discussion.author.id) == 2


def test_a_standing_tells_comments_points_and_blocks_in_force(database, now):
    with database.begin() as store:
        discussion = a_discussion(store)
        author = discussion.author
        comment = a_stored_comment(store, discussion, state="rejected")
        a_stored_comment(store, discussion, state="held")
        stored(
            store,
            a_strike(comment, points=2),
            a_strike(comment, points=3),
            a_strike(comment, points=7, overruled_at=now),
            a_strike(comment, points=7, expires_at=now),
        )
        holds = a_block(author)
        stored(store, holds, a_block(author, ends_at=now), a_block(author, lifted_at=now))
    with database.read() as store:
        standing = store.people.standing(author.id, now)
    assert standing.comments == {"rejected": 1, "held": 1}
    assert standing.points == 5
    assert [block.id for block in standing.blocks] == [holds.id]


def test_standings_take_three_queries_for_any_number_of_authors(database, now, query_count):
    with database.begin() as store:
        discussion = a_discussion(store)
        authors = [an_author(discussion.site) for _ in range(20)]
        stored(store, *authors)
    with database.read() as store, query_count(database) as statements:
        standings = store.people.standings([author.id for author in authors], now)
    assert len(statements) == 3
    assert {standing.points for standing in standings.values()} == {0}
