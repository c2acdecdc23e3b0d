from datetime import timedelta

import pytest

from moderation.errors import InvalidInput
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
    return [
        (0 if entry.parent_id is None else 1, "(removed)" if entry.removed else entry.body)
        for entry in page.items
    ]


def test_replies_stand_under_what_their_thread_begins_with_in_order_of_time(database, discussion, say):
    first = say("first")
    say("second")
    reply = say("reply", first)
    say("other reply", first)
    say("reply to the reply", reply)
    assert shown(database, discussion, replies=9) == [
        (0, "first"),
        (1, "reply"),
        (1, "other reply"),
        (1, "reply to the reply"),
        (0, "second"),
    ]


def test_a_reply_to_a_reply_says_whom_it_answers(database, discussion, say, now):
    top = say("top")
    reply = say("reply", top)
    say("answer", reply)
    gone = say("gone", top, state="removed", published_at=now)
    say("answer to what is gone", gone)
    with database.read() as store:
        (thread,) = store.threads.page(discussion.article.id, replies=9).threads
    said = [(r.entry.body, r.answered_id, r.answered_name, r.answered_removed) for r in thread.replies]
    assert said == [
        ("reply", None, "", False),
        ("answer", reply.id, "Ann", False),
        ("", None, "", False),
        ("answer to what is gone", gone.id, "", True),
    ]


@pytest.mark.parametrize("state", ["held", "rejected"])
def test_what_was_never_published_is_not_shown(database, discussion, say, state):
    say("a", state=state)
    say("answer", say("b"), state=state)
    assert shown(database, discussion) == [(0, "b")]


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
    assert shown(database, discussion) == [(0, "top"), (1, "(removed)"), (1, "below")]


def test_a_mark_shows_neither_text_nor_name(database, discussion, say, now):
    say("reply", say("gone", state="removed", published_at=now))
    with database.read() as store:
        mark = store.threads.page(discussion.article.id).items[0]
    assert (mark.body, mark.author_name, mark.author_id) == ("", "", "")


def walk(database, discussion, **options):
    """Return the bodies of the top level, page after page forwards, and the same backwards from the end."""
    with database.read() as store:
        forwards, after = [], None
        while True:
            page = store.threads.page(discussion.article.id, after=after, limit=2, **options)
            forwards.append([thread.top.body for thread in page.threads])
            if page.after is None:
                break
            after = page.after
        backwards = [forwards[-1]]
        while page.before is not None:
            page = store.threads.page(discussion.article.id, before=page.before, limit=2, **options)
            backwards.append([thread.top.body for thread in page.threads])
    assert backwards[::-1] == forwards
    return [body for page in forwards for body in page]


def test_pages_follow_one_another_without_gap_or_repetition_both_ways(database, discussion, say):
    tops = [say(f"{n}") for n in range(6)]
    say("reply", tops[1])
    assert walk(database, discussion, order="oldest") == ["0", "1", "2", "3", "4", "5"]
    assert walk(database, discussion, order="newest") == ["5", "4", "3", "2", "1", "0"]


def test_the_most_discussed_come_first_the_newer_of_equals_before_the_older(database, discussion, say):
    tops = [say(f"{n}") for n in range(6)]
    for top, replies in ((tops[1], 3), (tops[2], 1), (tops[4], 1)):
        parent = top
        for _ in range(replies):
            parent = say("reply", parent)
    say("not published", tops[0], state="held")
    assert walk(database, discussion, order="discussed") == ["1", "4", "2", "5", "3", "0"]


def test_the_newest_may_come_first_with_replies_in_order(database, discussion, say):
    first = say("first")
    say("second")
    say("a", first)
    say("b", first)
    newest_first = shown(database, discussion, order="newest")
    assert [body for _, body in newest_first] == ["second", "first", "a", "b"]


def test_a_page_has_the_first_replies_and_the_thread_has_them_all_page_after_page(database, discussion, say):
    top = say("top")
    parent = top
    replies = [parent := say(f"r{n}", parent if n % 3 else top) for n in range(7)]
    say("elsewhere", say("other"))
    with database.read() as store:
        thread = store.threads.page(discussion.article.id, replies=3).threads[0]
        assert [reply.entry.body for reply in thread.replies] == ["r0", "r1", "r2"]
        bodies, after = [], thread.after
        while after:
            part = store.threads.thread(top.id, after=after, limit=2)
            bodies += [reply.entry.body for reply in part.replies]
            after = part.after
        assert bodies == ["r3", "r4", "r5", "r6"]
        back = store.threads.thread(top.id, before=part.before, limit=2)
        assert [reply.entry.body for reply in back.replies] == ["r3", "r4"]
        assert store.threads.thread(replies[0].id) is None
        assert store.threads.thread("nobody") is None


def test_a_reply_is_on_the_page_of_its_thread_that_it_is_looked_for_on(database, discussion, say):
    top = say("top")
    replies = [say(f"r{n}", top) for n in range(12)]
    with database.read() as store:
        for reply in replies:
            after = store.threads.page_of_reply(reply, 5)
            part = store.threads.thread(top.id, after=after, limit=5)
            assert reply.body in [shown.entry.body for shown in part.replies]


@pytest.mark.parametrize("place", ["", "x", "1-2", "zz-18a-abc", "-18a-abc", "ffffffffff-18a-abc"])
def test_a_place_that_is_none_is_refused(database, discussion, place):
    with database.read() as store, pytest.raises(InvalidInput):
        store.threads.page(discussion.article.id, order="discussed", after=place)


def test_the_number_of_queries_is_the_same_for_one_comment_and_for_hundreds(
    database, discussion, say, query_count
):
    def queries():
        counted = []
        with database.read() as store:
            for order in ("newest", "oldest", "discussed"):
                with query_count(database) as statements:
                    store.threads.page(discussion.article.id, order=order)
                counted.append(len(statements))
            with query_count(database) as statements:
                store.threads.thread(top.id)
            return [*counted, len(statements)]

    top = say("top")
    parent = say("reply", top)
    short = queries()
    for n in range(1, 40):
        parent = say(f"{n}", parent)
        say(f"reply to {n}", say(f"top {n}"))
    assert short == queries() == [2, 2, 2, 2]


def test_a_thread_may_be_deeper_than_the_stack(database, discussion):
    with database.begin() as store:
        parent = None
        for _ in range(1200):
            comment = a_stored_comment(store, discussion, state="published", parent_id=parent)
            parent = comment.id
    assert len(shown(database, discussion, replies=2000)) == 1200


def test_pinned_comments_are_those_that_readers_can_see_the_latest_pin_first(database, discussion, say, now):
    first, second, gone = say("first"), say("second"), say("gone", state="removed", published_at=now)
    with database.begin() as store:
        for seconds, comment in enumerate((first, second, gone)):
            store.comments.pin(comment.id, now + timedelta(seconds=seconds))
    with database.read() as store:
        assert [entry.body for entry in store.threads.pinned(discussion.article.id)] == ["second", "first"]
    with database.begin() as store:
        store.comments.pin(second.id, None)
    with database.read() as store:
        assert [entry.body for entry in store.threads.pinned(discussion.article.id)] == ["first"]


def test_the_latest_are_published_comments_of_a_site_or_of_an_article(database, discussion, say):
    say("first")
    say("held", state="held")
    say("second")
    with database.read() as store:
        for wanted in ({"site_id": discussion.site.id}, {"article_id": discussion.article.id}):
            assert [entry.body for entry, _ in store.threads.latest(**wanted)] == ["second", "first"]
        assert store.threads.latest(site_id="other") == []


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


def test_of_a_long_thread_only_those_who_wrote_last_are_looked_at(database, discussion, say):
    bob = an_author(discussion.site, name="Bob")
    with database.begin() as store:
        stored(store, bob)
    say("a", author=bob)
    say("b")
    with database.read() as store:
        assert store.threads.people(discussion.article.id, among=1) == ("Ann",)


def test_what_is_asked_of_every_comment_that_arrives_sorts_no_thread(database, discussion, say, query_count):
    """What SQLite sorts grows with the thread; what stands in an index in its order does not."""
    if database.engine.dialect.name != "sqlite":
        return
    for n in range(30):
        say(f"{n}")
    with query_count(database) as statements, database.read() as store:
        store.threads.recent_bodies(discussion.article.id, other_than=None)
        store.people.recent_bodies("somebody")
    plans = []
    with database.engine.connect() as connection:
        for statement in statements:
            values = ("a",) * statement.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append(" ".join(row[3] for row in plan))
    assert "ix_comments_article_id_received_at_id" in plans[0]
    assert "ix_comments_author_id" in plans[1]
    assert "TEMP B-TREE FOR ORDER BY" not in plans[0]
