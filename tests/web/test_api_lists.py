"""Lists over the API: in pages that skip and repeat nothing, however much comes in meanwhile."""

from itertools import count

import pytest

from moderation.services import publishing, reviewing
from tests.builders import (
    Discussion,
    a_moderator,
    a_site,
    a_stored_comment,
    an_api_key,
    an_article,
    an_author,
    digest_of,
    stored,
)

NUMBER = count()


@pytest.fixture
def read(client, newsroom):
    def read(address, status=200, bearer=None):
        answer = client.get(f"/api/v1{address}", headers=bearer or newsroom.bearer)
        assert answer.status_code == status, answer.text
        return answer

    return read


@pytest.fixture
def all_of(client, newsroom):
    """Every row of a list, by the Link header, doing something after each page."""

    def all_of(address, name, between=lambda: None):
        found, pages = [], 0
        address = f"/api/v1{address}"
        while address:
            answer = client.get(address, headers=newsroom.bearer)
            assert answer.status_code == 200, answer.text
            found += answer.json[name]
            link = answer.headers.get("Link")
            assert (link is None) == (answer.json["next"] is None)
            address = link.partition(">")[0].removeprefix("<") if link else None
            assert link is None or link.endswith('; rel="next"')
            pages += 1
            between()
        return found, pages

    return all_of


@pytest.fixture
def add(tools, newsroom, clock):
    """Store comments of one reader, a second apart; three share each moment."""
    author = an_author(newsroom.site, external_id="user-1")
    with tools.database.begin() as store:
        stored(store, author)

    def add(number=1, **changes):
        made = []
        for _ in range(number):
            if next(NUMBER) % 3 == 0:
                clock.advance(seconds=1)
            with tools.database.begin() as store:
                discussion = Discussion(newsroom.site, newsroom.article, author)
                fields = {"received_at": clock()} | changes
                made.append(a_stored_comment(store, discussion, **fields).id)
        return made

    return add


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_skip_and_repeat_nothing_while_comments_come_in(all_of, add, order):
    there = add(11)
    found, pages = all_of(f"/comments?limit=2&order={order}", "comments", lambda: add(1))
    ids = [comment["id"] for comment in found]
    assert len(ids) == len(set(ids))
    assert set(there) <= set(ids)
    times = [comment["received_at"] for comment in found]
    assert times == sorted(times, reverse=order == "newest")
    if order == "newest":
        assert set(ids) == set(there)
        assert pages == 6


def test_the_cursor_of_the_last_page_goes_on_later(read, add):
    add(3)
    first = read("/comments?order=oldest&limit=2").json
    rest = read(f"/comments?order=oldest&limit=2&after={first['next']}").json
    assert (len(rest["comments"]), rest["next"]) == (1, None)
    new = add(2)
    later = read(f"/comments?order=oldest&after={first['next']}").json["comments"]
    assert [comment["id"] for comment in later[1:]] == sorted(new)


def test_comments_are_chosen_by_state_article_author_and_time(read, add, tools, newsroom, clock):
    published, held = add(2, state="published"), add(1, state="held")
    clock.advance(hours=1)
    late = add(1, state="rejected")
    other = an_article(newsroom.site, external_id="post-2")
    bob = an_author(newsroom.site, external_id="user-2")
    with tools.database.begin() as store:
        stored(store, other, bob)
        elsewhere = a_stored_comment(store, Discussion(newsroom.site, other, bob), received_at=clock()).id

    def ids(query):
        return {comment["id"] for comment in read(f"/comments?{query}").json["comments"]}

    assert ids("state=published") == {*published}
    assert ids("state=held") == {*held, elsewhere}
    assert ids("state=removed") == set()
    assert ids("since=2026-11-23T13:00:00Z") == {*late, elsewhere}
    assert ids("until=2026-11-23T14:00:00%2B01:00") == {*published, *held}
    assert ids("article_external_id=post-2") == ids(f"article_id={other.id}") == {elsewhere}
    assert ids("author_external_id=user-2") == ids(f"author_id={bob.id}") == {elsewhere}
    assert ids("article_external_id=nothing") == ids("author_external_id=nobody") == set()


def test_every_filter_goes_on_in_the_link(all_of, add):
    held = add(5, state="held")
    add(5, state="published")
    found, _ = all_of("/comments?state=held&limit=2&since=2026-11-23T12:00:00Z", "comments")
    assert sorted(comment["id"] for comment in found) == sorted(held)


def test_decisions_are_read_as_they_were_made_on_all_comments_or_on_one(all_of, read, add, tools, clock):
    first, second = add(1, state="held"), add(1, state="held")
    clock.advance(minutes=1)
    editor = a_moderator(id="m1")
    with tools.database.begin() as store:
        stored(store, editor)
    reviewing.review(tools, first[0], "approve", editor, 1)
    found, _ = all_of("/decisions?limit=1", "decisions")
    latest = found[0]
    assert (latest["comment_id"], latest["made_by"], latest["decision"]["verdict"]) == (
        first[0],
        "m1",
        "publish",
    )
    assert {d["comment_id"] for d in found} == {first[0], second[0]}
    history = read(f"/decisions?comment_id={first[0]}&order=oldest").json["decisions"]
    assert [(d["number"], d["decision"]["verdict"]) for d in history] == [(1, "hold"), (2, "publish")]
    assert len(read("/decisions?since=2026-11-23T12:01:00Z").json["decisions"]) == 1


def test_articles_are_listed_found_by_their_own_id_and_read(all_of, read, tools, newsroom):
    with tools.database.begin() as store:
        more = [an_article(newsroom.site, external_id=f"post-{number}") for number in range(2, 7)]
        gone = an_article(newsroom.site, external_id="gone", deleted_at=tools.now())
        stored(store, *more, gone)

    def another():
        with tools.database.begin() as store:
            stored(store, an_article(newsroom.site))

    found, pages = all_of("/articles?limit=2", "articles", another)
    ids = [article["id"] for article in found]
    assert sorted(ids) == sorted([newsroom.article.id, *(article.id for article in more)])
    assert pages == 3
    (one,) = read("/articles?external_id=post-3").json["articles"]
    assert read(f"/articles/{one['id']}").json == one
    publishing.set_discussion(tools, one["id"], "closed", "cli")
    assert read(f"/articles/{one['id']}").json["discussion"] == "closed"
    assert read("/articles?external_id=gone").json["articles"] == []
    read(f"/articles/{gone.id}", 404)


def test_an_entry_of_the_block_list_is_read(client, newsroom, read, all_of):
    given = [
        client.post(
            "/api/v1/blocks", json={"email_domain": f"a{number}.example"}, headers=newsroom.bearer
        ).json
        for number in range(3)
    ]
    assert read(f"/blocks/{given[0]['id']}").json == given[0]
    found, pages = all_of("/blocks?limit=1", "blocks")
    assert ({block["id"] for block in found}, pages) == ({block["id"] for block in given}, 3)
    read("/blocks/nothing", 404)


def test_another_site_sees_nothing_of_this_one(read, add, tools, newsroom, client):
    (comment,) = add(1)
    block = client.post("/api/v1/blocks", json={"email_domain": "a.example"}, headers=newsroom.bearer).json
    other = a_site()
    with tools.database.begin() as store:
        stored(store, other, an_api_key(other, digest=digest_of("mk_other"), scopes=[]))
    theirs = {"Authorization": "Bearer mk_other"}
    for name in ("comments", "decisions", "articles", "blocks"):
        assert read(f"/{name}", bearer=theirs).json == {name: [], "next": None}
    assert read(f"/decisions?comment_id={comment}", bearer=theirs).json["decisions"] == []
    for query in (
        f"article_id={newsroom.article.id}",
        "article_external_id=post-1",
        "author_external_id=user-1",
    ):
        assert read(f"/comments?{query}", bearer=theirs).json["comments"] == []
    for address in (f"/comments/{comment}", f"/articles/{newsroom.article.id}", f"/blocks/{block['id']}"):
        read(address, 404, theirs)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("comments?limit=201", "limit"),
        ("comments?limit=0", "limit"),
        ("comments?state=lost", "state"),
        ("comments?since=yesterday", "since"),
        ("comments?since=2026-11-23", "since"),
        ("comments?until=2026-11-23T12:00:00", "until"),
        ("comments?since=2026-02-30T12:00:00Z", "since"),
        ("comments?after=nonsense", "after"),
        ("comments?page=2", "page"),
        ("decisions?order=random", "order"),
        ("decisions?after=ffffffffffffff-1", "after"),
        ("articles?after=%00x", None),
        ("articles?after=a-b", "after"),
    ],
)
def test_a_query_that_is_wrong_is_named(read, query, field):
    answer = read(f"/{query}", 422 if field else 400)
    assert field is None or field in answer.json["errors"]


@pytest.mark.parametrize(
    "moment", ["2026-11-23T12:00:00.1234567Z", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59"]
)
def test_every_moment_of_the_calendar_may_be_named(read, moment):
    assert read(f"/comments?since={moment}&until={moment}").json["comments"] == []
