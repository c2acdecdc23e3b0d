from datetime import timedelta

from tests.builders import DAY, a_link, a_moderator, digest_of, stored


def test_an_account_is_found_whatever_the_case_of_its_address(database):
    moderator = a_moderator(email="Mo@Paper.example")
    with database.begin() as store:
        assert store.moderators.add(moderator)
    with database.read() as store:
        assert store.moderators.get_by_email("mO@paper.EXAMPLE").id == moderator.id
        assert store.moderators.get(moderator.id).email == "mo@paper.example"


def test_an_address_has_one_account(database):
    with database.begin() as store:
        assert store.moderators.add(a_moderator(email="mo@paper.example"))
        assert not store.moderators.add(a_moderator(email="MO@paper.example"))
        assert len(store.moderators.all()) == 1


def test_only_administrators_who_can_sign_in_are_counted(database, now):
    with database.begin() as store:
        stored(
            store,
            a_moderator(role="administrator"),
            a_moderator(role="administrator", deactivated_at=now),
            a_moderator(role="administrator", password_hash=None),
            a_moderator(role="moderator"),
        )
        assert store.moderators.count_administrators() == 1


def test_a_new_password_ends_all_sessions(database):
    moderator = a_moderator(failed_sign_ins=3)
    with database.begin() as store:
        stored(store, moderator)
        store.moderators.set_password(moderator.id, "new")
    with database.read() as store:
        found = store.moderators.get(moderator.id)
    assert (found.password_hash, found.session_epoch, found.failed_sign_ins) == ("new", 1, 0)


def test_another_role_ends_all_sessions_and_a_rehash_does_not(database):
    moderator = a_moderator()
    with database.begin() as store:
        stored(store, moderator)
        store.moderators.rehash_password(moderator.id, "stronger")
        store.moderators.set_role(moderator.id, "viewer")
        store.moderators.end_sessions(moderator.id)
    with database.read() as store:
        found = store.moderators.get(moderator.id)
    assert (found.password_hash, found.role, found.session_epoch) == ("stronger", "viewer", 2)


def test_a_closed_account_loses_sessions_and_links(database, now):
    moderator = a_moderator()
    with database.begin() as store:
        stored(store, moderator, a_link("reset", purpose="reset", moderator_id=moderator.id), a_link("other"))
        assert store.moderators.deactivate(moderator.id, now)
        assert not store.moderators.deactivate(moderator.id, now + DAY)
        assert store.moderators.take_link(digest_of("reset"), now) is None
        assert store.moderators.take_link(digest_of("other"), now)
    with database.read() as store:
        found = store.moderators.get(moderator.id)
    assert (found.deactivated_at, found.session_epoch) == (now, 1)


def test_failures_are_counted_until_a_success(database, now):
    moderator = a_moderator()
    with database.begin() as store:
        stored(store, moderator)
        assert store.moderators.sign_in_failed(moderator.id, None) == 1
        assert store.moderators.sign_in_failed(moderator.id, now + DAY) == 2
    with database.begin() as store:
        assert store.moderators.get(moderator.id).next_sign_in_at == now + DAY
        store.moderators.signed_in(moderator.id, now)
    with database.read() as store:
        found = store.moderators.get(moderator.id)
    assert (found.failed_sign_ins, found.next_sign_in_at, found.last_signed_in_at) == (0, None, now)


def test_a_link_works_once(database, now):
    with database.begin() as store:
        stored(store, a_link("t", email="New@Paper.example"))
        assert store.moderators.find_link(digest_of("t"), now)
        assert store.moderators.take_link(digest_of("t"), now).email == "new@paper.example"
        assert store.moderators.take_link(digest_of("t"), now) is None
        assert store.moderators.find_link(digest_of("t"), now) is None


def test_a_link_that_ran_out_does_not_work(database, now):
    with database.begin() as store:
        stored(store, a_link("t", expires_at=now))
        assert store.moderators.take_link(digest_of("t"), now) is None
        assert store.moderators.take_link(digest_of("t"), now - timedelta(seconds=1))


def test_links_are_revoked_by_id_account_or_address_and_no_others(database, now):
    moderator = a_moderator()
    first, second = a_link("1", email="a@paper.example"), a_link("2", email="b@paper.example")
    reset, other = a_link("3", moderator_id=moderator.id, purpose="reset"), a_link("4")
    with database.begin() as store:
        stored(store, moderator, first, second, reset, other)
        assert store.moderators.revoke_links(now) == 0
        assert store.moderators.revoke_links(now, email="A@paper.example") == 1
        assert store.moderators.revoke_links(now, link_id=second.id) == 1
        assert store.moderators.revoke_links(now, moderator_id=moderator.id) == 1
        assert [link.id for link in store.moderators.links_open(now)] == [other.id]


def test_a_closed_account_is_opened_again_under_its_new_role(database, now):
    moderator = a_moderator(role="administrator")
    with database.begin() as store:
        stored(store, moderator)
        store.moderators.deactivate(moderator.id, now)
        store.moderators.reopen(moderator.id, name="Momo", role="viewer")
    with database.read() as store:
        found = store.moderators.get(moderator.id)
    assert (found.deactivated_at, found.name, found.role, found.session_epoch) == (None, "Momo", "viewer", 1)
