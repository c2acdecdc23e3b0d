from datetime import timedelta

import pytest

from moderation.store.penalties import Which
from tests.builders import DAY, a_block, a_discussion, a_stored_comment, a_strike, stored


@pytest.fixture
def discussion(database):
    with database.begin() as store:
        return a_discussion(store)


@pytest.fixture
def comment(database, discussion):
    with database.begin() as store:
        return a_stored_comment(store, discussion, state="rejected")


def domain(discussion, name="spam.example", **changes):
    return a_block(discussion.author, subject_kind="email_domain", subject=name, **changes)


def test_an_overruled_strike_no_longer_counts(database, comment, now):
    overruled, expired, counting = a_strike(comment), a_strike(comment, expires_at=now), a_strike(comment)
    with database.begin() as store:
        stored(store, overruled)
        assert [s.id for s in store.penalties.overrule_strikes(comment.id, "m1", now)] == [overruled.id]
        stored(store, expired, counting)
    with database.read() as store:
        active = store.penalties.strikes_active(comment.author_id, now)
        known = store.penalties.strikes(comment.author_id)
    assert [strike.id for strike in active] == [counting.id]
    assert {strike.id: strike.overruled_by for strike in known}[overruled.id] == "m1"


def test_strikes_are_overruled_once(database, comment, now):
    with database.begin() as store:
        stored(store, a_strike(comment))
        store.penalties.overrule_strikes(comment.id, "m1", now)
        assert store.penalties.overrule_strikes(comment.id, "m2", now + DAY) == []


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        pytest.param({}, True, id="now"),
        pytest.param({"ends_at": None}, True, id="until lifted"),
        pytest.param({"starts_at": timedelta(seconds=1)}, False, id="not yet"),
        pytest.param({"ends_at": timedelta()}, False, id="over this moment"),
        pytest.param({"lifted_at": timedelta()}, False, id="lifted"),
        pytest.param({"penalty": "warn"}, False, id="a warning"),
        pytest.param({"penalty": "premoderate"}, False, id="premoderation"),
    ],
)
def test_a_block_holds_from_its_start_to_its_end(database, discussion, now, changes, holds):
    moments = {
        name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()
    }
    with database.begin() as store:
        stored(store, a_block(discussion.author, **moments))
        block = store.penalties.active_block(
            site_id=discussion.site.id, author_id=discussion.author.id, now=now
        )
    assert (block is not None) is holds


def test_the_block_that_lasts_longest_is_told(database, discussion, now):
    week, for_ever = a_block(discussion.author), a_block(discussion.author, ends_at=None)
    asked = {"site_id": discussion.site.id, "author_id": discussion.author.id, "now": now}
    with database.begin() as store:
        stored(store, week, a_block(discussion.author, ends_at=now + DAY))
        assert store.penalties.active_block(**asked).id == week.id
        stored(store, for_ever)
        assert store.penalties.active_block(**asked).id == for_ever.id


def test_a_blocked_domain_holds_in_any_case_and_on_its_site_alone(database, discussion, now):
    with database.begin() as store:
        other = a_discussion(store)
        stored(store, domain(discussion))
        blocked = store.penalties.active_block
        assert blocked(site_id=discussion.site.id, email_domain="SPAM.example", now=now)
        assert not blocked(site_id=discussion.site.id, email_domain="example", now=now)
        assert not blocked(site_id=other.site.id, email_domain="spam.example", now=now)
        assert not blocked(site_id=discussion.site.id, now=now)


def test_premoderation_is_told_apart_from_a_block(database, discussion, now):
    entry = a_block(discussion.author, penalty="premoderate")
    asked = {"site_id": discussion.site.id, "author_id": discussion.author.id, "now": now}
    with database.begin() as store:
        stored(store, entry)
        assert store.penalties.active_premoderation(**asked).id == entry.id
        assert store.penalties.active_block(**asked) is None


def test_a_block_is_lifted_once(database, discussion, now):
    block = a_block(discussion.author, note="first")
    with database.begin() as store:
        stored(store, block)
        lifted = store.penalties.lift_block(block.id, "m1", now, note="Apologised.")
        assert (lifted.lifted_at, lifted.lifted_by, lifted.note) == (now, "m1", "Apologised.")
        assert store.penalties.lift_block(block.id, "m2", now) is None
        assert store.penalties.get_block(block.id).lifted_by == "m1"


def test_a_block_that_is_over_cannot_be_lifted(database, discussion, now):
    block = a_block(discussion.author)
    with database.begin() as store:
        stored(store, block)
        assert store.penalties.lift_block(block.id, "m1", block.ends_at) is None


def test_the_end_of_a_block_is_recorded_once(database, discussion, now):
    over, later = a_block(discussion.author, ends_at=now), a_block(discussion.author)
    lifted, endless = (
        a_block(discussion.author, ends_at=now, lifted_at=now),
        a_block(discussion.author, ends_at=None),
    )
    with database.begin() as store:
        stored(store, over, later, lifted, endless)
        assert [block.id for block in store.penalties.due_to_expire(now)] == [over.id]
        assert store.penalties.mark_expired(over.id, now)
        assert not store.penalties.mark_expired(over.id, now)
        assert store.penalties.due_to_expire(now) == []


def test_the_blocks_that_rest_on_a_comment_are_found_by_comment_and_by_strike(
    database, discussion, comment, now
):
    strike = a_strike(comment)
    by_comment = a_block(discussion.author, comment_ids=[comment.id])
    by_strike = a_block(discussion.author, strike_ids=["other", strike.id])
    others = a_block(discussion.author, comment_ids=["other"]), domain(discussion, comment_ids=[comment.id])
    over = a_block(discussion.author, comment_ids=[comment.id], lifted_at=now)
    with database.begin() as store:
        stored(store, strike, by_comment, by_strike, *others, over)
        found = store.penalties.blocks_resting_on(comment.id, now)
    assert {block.id for block in found} == {by_comment.id, by_strike.id}


def test_the_list_is_told_apart_into_what_holds_and_what_is_over(database, discussion, now):
    holds, over = a_block(discussion.author), a_block(discussion.author, ends_at=now)
    endless, lifted = domain(discussion, ends_at=None), domain(discussion, ends_at=None, lifted_at=now)
    with database.begin() as store:
        stored(store, holds, over, endless, lifted)

    def listed(in_force):
        with database.read() as store:
            return {block.id for block in store.penalties.page(now=now, which=Which(in_force=in_force)).items}

    assert listed(True) == {holds.id, endless.id}
    assert listed(False) == {over.id, lifted.id}
    assert listed(None) == {holds.id, over.id, endless.id, lifted.id}


def test_all_entries_of_an_author_are_listed_newest_first(database, discussion, now):
    old, new = a_block(discussion.author, starts_at=now - DAY, lifted_at=now), a_block(discussion.author)
    with database.begin() as store:
        stored(store, old, new, domain(discussion))
        assert [block.id for block in store.penalties.blocks_of(discussion.author.id)] == [new.id, old.id]
