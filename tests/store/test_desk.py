from datetime import timedelta

import pytest

from tests.builders import (
    a_block,
    a_decision,
    a_delivery,
    a_discussion,
    a_moderator,
    a_stored_comment,
    a_strike,
    an_author,
    an_endpoint,
    stored,
)


@pytest.fixture
def discussion(database):
    with database.begin() as store:
        return a_discussion(store)


def test_the_queue_shows_held_comments_oldest_first_with_what_surrounds_them(database, discussion, now):
    bob = an_author(discussion.site, name="Bob")
    with database.begin() as store:
        stored(store, bob)
        parent = a_stored_comment(store, discussion, state="published")
        late = a_stored_comment(store, discussion, received_at=now + timedelta(hours=1))
        early = a_stored_comment(store, discussion, author=bob, parent_id=parent.id)
        stored(store, a_strike(early, points=3), a_block(bob, penalty="premoderate"))
    with database.read() as store:
        first, second = store.desk.queue(now=now).items
    assert [first.comment.id, second.comment.id] == [early.id, late.id]
    assert (first.author.name, first.article.title) == ("Bob", "A headline")
    assert (first.parent.id, first.parent_author.name) == (parent.id, "Ann")
    assert (first.decision.clause, first.standing.points) == ("personal-attack", 3)
    assert [block.penalty for block in first.standing.blocks] == ["premoderate"]
    assert second.standing.comments == {"published": 1, "held": 1}
    assert (second.parent, second.parent_author) == (None, None)


def test_the_queue_is_narrowed_by_site_article_state_and_clause(database, discussion, now):
    with database.begin() as store:
        other = a_discussion(store)
        here = a_stored_comment(store, discussion, decision=a_decision(clause="threat"))
        there = a_stored_comment(store, other)
        rejected = a_stored_comment(store, discussion, state="rejected")

    def queue(**wanted):
        with database.read() as store:
            return [item.comment.id for item in store.desk.queue(now=now, **wanted).items]

    assert queue() == [here.id, there.id]
    assert queue(site_id=discussion.site.id) == queue(article_id=discussion.article.id) == [here.id]
    assert queue(clause="threat") == [here.id]
    assert queue(states=("held", "rejected"), site_id=discussion.site.id) == [here.id, rejected.id]
    assert queue(newest_first=True) == [there.id, here.id]


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_of_the_queue_follow_one_another_without_gap_or_repetition(
    database, discussion, now, newest_first
):
    """Also where comments arrived in the same moment, and while new ones arrive."""
    with database.begin() as store:
        comments = [
            a_stored_comment(store, discussion, received_at=now + timedelta(seconds=n // 3)) for n in range(8)
        ]
    expected = [comment.id for comment in (reversed(comments) if newest_first else comments)]
    seen, after = [], None
    for _ in range(3):
        with database.begin() as store:
            page = store.desk.queue(now=now, after=after, limit=3, newest_first=newest_first)
            moment = now + timedelta(days=1 if newest_first else -1)
            a_stored_comment(store, discussion, received_at=moment)
        seen += [item.comment.id for item in page.items]
        after = page.next
    assert seen == expected
    assert after is None


def test_the_queue_takes_five_queries_however_long_it_is(database, discussion, now, query_count):
    def queries():
        with database.read() as store, query_count(database) as statements:
            store.desk.queue(now=now)
        return len(statements)

    with database.begin() as store:
        a_stored_comment(store, discussion)
    short = queries()
    with database.begin() as store:
        for _ in range(15):
            author = an_author(discussion.site)
            stored(store, author, a_block(author))
            stored(store, a_strike(a_stored_comment(store, discussion, author=author)))
    assert short == queries() == 5


def test_comments_are_counted_by_state_and_held_ones_by_clause(database, discussion, now):
    with database.begin() as store:
        other = a_discussion(store)
        for clause in ("threat", "profanity", "threat", None):
            a_stored_comment(store, discussion, decision=a_decision(clause=clause))
        a_stored_comment(store, other, state="published")
    with database.read() as store:
        assert store.desk.counts() == {"held": 4, "published": 1}
        assert store.desk.counts(other.site.id) == {"published": 1}
        by_clause = store.desk.held_by("clause")
        assert by_clause == {"threat": 2, "profanity": 1, "": 1}
        assert next(iter(by_clause)) == "threat"
        assert store.desk.held_by("clause", other.site.id) == {}
        assert store.desk.oldest_held() == now
        assert store.desk.oldest_held(other.site.id) is None


def test_deliveries_given_up_are_counted(database, discussion, now):
    endpoint = an_endpoint(discussion.site)
    with database.begin() as store:
        stored(store, endpoint, a_delivery(endpoint, given_up_at=now), a_delivery(endpoint))
    with database.read() as store:
        assert store.desk.given_up_count() == store.desk.given_up_count(discussion.site.id) == 1


def test_the_block_list_names_who_is_blocked_and_who_blocked(database, discussion, now, query_count):
    moderator = a_moderator(name="Mo")
    by_hand = a_block(discussion.author, given_by=moderator.id)
    domain = a_block(
        discussion.author, subject_kind="email_domain", subject="x.example", starts_at=now - timedelta(1)
    )
    with database.begin() as store:
        stored(store, moderator, by_hand, domain, a_block(discussion.author, lifted_at=now))
    with database.read() as store, query_count(database) as statements:
        first, second = store.desk.block_list(now=now).items
    assert (first.block.id, first.author.name, first.given_by) == (by_hand.id, "Ann", "Mo")
    assert (second.block.id, second.author, second.given_by) == (domain.id, None, "ladder")
    assert len(statements) == 3
