from datetime import timedelta

import pytest

from tests.builders import a_discussion, a_stored_comment, an_author, stored


@pytest.fixture
def discussion(database):
    with database.begin() as store:
        return a_discussion(store)


@pytest.fixture
def say(database, discussion, now):
    """Store a comment, each a second after the one before."""
    said = []

    def say(body, parent=None, state="published", **changes):
        with database.begin() as store:
            said.append(body)
            return a_stored_comment(
                store,
                discussion,
                body=body,
                parent_id=parent.id if parent else None,
                state=state,
                received_at=now + timedelta(seconds=len(said)),
                **changes,
            )

    return say


def shown(database, discussion, **options):
    with database.read() as store:
        page = store.threads.page(discussion.article.id, **options)
    return [(entry.depth, "(removed)" if entry.removed else entry.body) for entry in page.items]


def test_replies_stand_under_what_they_answer(database, discussion, say):
    first = say("first")
    say("second")
    reply = say("reply", first)
    say("other reply", first)
    say("reply to the reply", reply)
    assert shown(database, discussion) == [
        (0, "first"),
        (1, "reply"),
        (2, "reply to the reply"),
        (1, "other reply"),
        (0, "second"),
    ]


@pytest.mark.parametrize("state", ["held", "rejected"])
def test_what_was_never_published_is_not_shown(database, discussion, say, state):
    say("a", state=state)
    assert shown(database, discussion) == []


@pytest.mark.parametrize("state", ["removed", "withdrawn", "held"])
def test_a_removed_comment_leaves_a_mark_only_where_replies_are_visible(
    database, discussion, say, now, state
):
    gone = say("gone", state=state, published_at=now)
    say("reply", gone)
    say("gone without replies", state=state, published_at=now)
    hollow = say("gone with a gone reply", state=state, published_at=now)
    say("gone reply", hollow, state=state, published_at=now)
    assert shown(database, discussion) == [(0, "(removed)"), (1, "reply")]


def test_a_mark_may_lie_deep(database, discussion, say, now):
    top = say("top")
    gone = say("gone", top, state="removed", published_at=now)
    say("below", gone)
    assert shown(database, discussion) == [(0, "top"), (1, "(removed)"), (2, "below")]


def test_a_mark_shows_neither_text_nor_name(database, discussion, say, now):
    say("reply", say("gone", state="removed", published_at=now))
    with database.read() as store:
        mark = store.threads.page(discussion.article.id).items[0]
    assert (mark.body, mark.author_name, mark.author_id) == ("", "", "")


def test_pages_follow_one_another_without_gap_or_repetition(database, discussion, say):
    tops = [say(f"{n}") for n in range(5)]
    say("reply", tops[1])
    bodies, after = [], None
    with database.read() as store:
        for _ in range(3):
            page = store.threads.page(discussion.article.id, after=after, limit=2)
            bodies += [entry.body for entry in page.items]
            after = page.next
    assert bodies == ["0", "1", "reply", "2", "3", "4"]
    assert after is None


def test_the_newest_may_come_first_with_replies_in_order(database, discussion, say):
    first = say("first")
    say("second")
    say("a", first)
    say("b", first)
    newest_first = shown(database, discussion, newest_first=True)
    assert [body for _, body in newest_first] == ["second", "first", "a", "b"]


def test_a_page_takes_two_queries_however_long_the_thread(database, discussion, say, query_count):
    def queries():
        with database.read() as store, query_count(database) as statements:
            store.threads.page(discussion.article.id)
        return len(statements)

    parent = say("0")
    short = queries()
    for n in range(1, 12):
        parent = say(f"{n}", parent)
        say(f"top {n}")
    assert short == queries() == 2


def test_a_thread_may_be_deeper_than_the_stack(database, discussion):
    with database.begin() as store:
        parent = None
        for _ in range(1200):
            comment = a_stored_comment(store, discussion, state="published", parent_id=parent)
            parent = comment.id
    assert shown(database, discussion)[-1][0] == 1199


def test_what_readers_can_see_is_counted(database, discussion, say):
    say("a")
    say("b", state="held")
    with database.read() as store:
        assert store.threads.count(discussion.article.id) == 1
        assert store.threads.counts([discussion.article.id, "other"]) == {discussion.article.id: 1}


def test_the_people_of_a_thread_are_those_whose_comments_are_visible(database, discussion, say):
    bob, eve = an_author(discussion.site, name="Bob"), an_author(discussion.site, name="Eve")
    with database.begin() as store:
        stored(store, bob, eve)
    say("a")
    say("b")
    say("c", author=bob)
    say("d", author=eve, state="rejected")
    with database.read() as store:
        assert store.threads.people(discussion.article.id) == ("Ann", "Bob")
