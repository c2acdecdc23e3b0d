from datetime import timedelta

import pytest

from moderation.errors import NotFound, StaleVersion
from tests.builders import (
    a_comment,
    a_decision,
    a_discussion,
    a_label,
    a_stored_comment,
    an_article,
    an_author,
    stored,
)


@pytest.fixture
def discussion(database):
    with database.begin() as store:
        return a_discussion(store)


@pytest.fixture
def held(database, discussion):
    with database.begin() as store:
        return a_stored_comment(store, discussion, external_id="wp-1")


def approve(store, comment, version=1, **changes):
    decision = a_decision(action="approve", made_by="m1", verdict="publish", clause=None, **changes)
    return store.comments.set_state(
        comment.id, version=version, state="published", decision=decision, published_at=decision.decided_at
    )


def test_a_comment_is_stored_with_its_decision(database, held):
    with database.read() as store:
        comment = store.comments.get(held.id)
        assert (comment.body, comment.state, comment.version) == ("I see it otherwise.", "held", 1)
        assert store.comments.decision(comment).clause == "personal-attack"
        assert [decision.number for decision in store.comments.decisions(held.id)] == [1]
        assert store.comments.get_by_external_id(held.site_id, "wp-1").id == held.id


def test_an_external_id_is_used_once_on_a_site(database, discussion, held):
    again = a_comment(discussion.article, discussion.author, external_id="wp-1", body="Other")
    with database.begin() as store:
        assert not store.comments.add(again, a_decision(again))
        assert store.comments.get(again.id) is None
        assert store.comments.decisions(again.id) == []
        other = a_discussion(store)
        there = a_comment(other.article, other.author, external_id="wp-1")
        assert store.comments.add(there, a_decision(there))


def test_a_change_of_state_is_stored_with_its_decision(database, held, now):
    with database.begin() as store:
        changed = approve(store, held)
    assert (changed.state, changed.version, changed.published_at) == ("published", 2, now)
    with database.read() as store:
        first, second = store.comments.decisions(held.id)
        assert store.comments.decision(store.comments.get(held.id)).id == second.id
    assert (first.number, second.number, second.action, second.revision) == (1, 2, "approve", 1)


def test_a_comment_keeps_the_time_it_was_first_published(database, held, now):
    with database.begin() as store:
        approve(store, held)
        store.comments.set_state(held.id, version=2, state="removed", decision=a_decision(verdict="reject"))
        restored = approve(store, held, version=3, decided_at=now + timedelta(days=1))
    assert restored.published_at == now


def test_who_comes_second_is_told_who_was_first(database, held):
    with database.begin() as store:
        approve(store, held)
    with pytest.raises(StaleVersion) as caught, database.begin() as store:
        approve(store, held)
    assert caught.value.current == 2
    assert (
        caught.value.decision.items() >= {"verdict": "publish", "action": "approve", "made_by": "m1"}.items()
    )
    with database.read() as store:
        assert len(store.comments.decisions(held.id)) == 2


def test_a_comment_that_is_not_there_cannot_change(database):
    with pytest.raises(NotFound), database.begin() as store:
        store.comments.set_state("nowhere", version=1, state="held", decision=a_decision())


def test_an_authors_comments_come_newest_first_page_by_page(database, discussion, now):
    with database.begin() as store:
        comments = [
            a_stored_comment(store, discussion, received_at=now + timedelta(seconds=n // 2)) for n in range(5)
        ]
        a_stored_comment(store, discussion, author=stored_author(store, discussion))
    with database.read() as store:
        first = store.comments.by_author(discussion.author.id, limit=3)
        second = store.comments.by_author(discussion.author.id, limit=3, after=first.next)
    assert [c.id for c in first.items + second.items] == [c.id for c in reversed(comments)]
    assert second.next is None


def stored_author(store, discussion):
    author = an_author(discussion.site)
    stored(store, author)
    return author


def test_labels_come_with_their_comment(database, held, now):
    with database.begin() as store:
        store.comments.add_label(a_label(held))
        store.comments.add_label(
            a_label(held, comment_id=None, source="import", at=now + timedelta(seconds=1))
        )
    with database.read() as store:
        everything = store.comments.labels().items
        imported = store.comments.labels(source="import").items
    assert [comment and comment.body for _, comment in everything] == ["I see it otherwise.", None]
    assert [label.source for label, _ in imported] == ["import"]


def test_a_comment_points_at_an_article_that_exists(database, discussion):
    comment = a_comment(an_article(discussion.site), discussion.author)
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.begin() as store:
        store.comments.add(comment, a_decision(comment))


def test_a_changed_body_is_stored_with_the_decision_on_it(database, held):
    change = {
        "revision": 2,
        "body": "Changed.",
        "language": "hy",
        "submitted_digest": "d2",
        "state": "published",
    }
    with database.begin() as store:
        revised = store.comments.revise(held.id, version=1, decision=a_decision(verdict="publish"), **change)
    assert (revised.body, revised.revision, revised.version, revised.state) == ("Changed.", 2, 2, "published")
    assert revised.language == "hy"
    with database.read() as store:
        assert [decision.revision for decision in store.comments.decisions(held.id)] == [1, 2]


@pytest.mark.parametrize(("version", "revision"), [(1, 1), (2, 2)], ids=["an old body", "another version"])
def test_old_news_change_no_body(database, held, version, revision):
    change = {
        "revision": revision,
        "body": "Old.",
        "language": "en",
        "submitted_digest": "d",
        "state": "published",
    }
    with pytest.raises(StaleVersion), database.begin() as store:
        store.comments.revise(held.id, version=version, decision=a_decision(), **change)
    with database.read() as store:
        assert store.comments.get(held.id).body == "I see it otherwise."


def replies_of(database, comment):
    with database.read() as store:
        return store.comments.get(comment.id).replies


def test_the_beginning_of_a_thread_counts_what_is_published_below_it(database, now):
    with database.begin() as store:
        discussion = a_discussion(store)
        top = a_stored_comment(store, discussion, state="published")
        reply = a_stored_comment(store, discussion, state="published", parent_id=top.id)
        deep = a_stored_comment(store, discussion, state="held", parent_id=reply.id)
    assert (reply.top_id, deep.top_id) == (top.id, top.id)
    assert replies_of(database, top) == 1
    with database.begin() as store:
        store.comments.set_state(
            deep.id, version=1, state="published", decision=a_decision(deep), published_at=now
        )
    assert replies_of(database, top) == 2
    with database.begin() as store:
        store.comments.set_state(reply.id, version=1, state="removed", decision=a_decision(reply))
    assert (replies_of(database, top), replies_of(database, reply)) == (1, 0)
    with database.begin() as store, pytest.raises(StaleVersion):
        store.comments.set_state(reply.id, version=1, state="published", decision=a_decision(reply))
    assert replies_of(database, top) == 1
