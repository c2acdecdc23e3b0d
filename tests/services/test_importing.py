"""Archives read in: threads, dates and states kept, nothing twice, nothing lost, nobody told, nothing decided."""

import json
from datetime import UTC, datetime

import pytest

from moderation.errors import Conflict, InvalidInput, NotFound
from moderation.services import exporting, importing, redeciding, remembering
from moderation.store.tables import (
    Article,
    Author,
    Block,
    Comment,
    DecisionRow,
    Delivery,
    Import,
    LabelledDecision,
    Strike,
)
from tests.archives import (
    DISQUS_POSTS,
    ISSO_ROWS,
    a_disqus,
    a_post,
    a_wxr,
    a_wxr_comment,
    an_isso,
    every_trap_of_wxr,
)
from tests.builders import a_site, stored
from tests.workbench import rows


@pytest.fixture
def take(tools, newsroom):
    """Import an archive into the newsroom's site and return the import as it ended."""

    def take(path, **given):
        steps = [*importing.import_archive(tools, newsroom.site, path, "cli", **given)]
        return steps[-1]

    return take


def imported(tools):
    """The comments by the words they begin with."""
    return {comment.body[:12]: comment for comment in rows(tools.database, Comment)}


def test_threads_dates_and_states_are_kept_whatever_the_order(tools, take, tmp_path):
    done = take(every_trap_of_wxr(tmp_path / "a.xml"))
    kept = imported(tools)
    first, second, third = kept["See  https:/"], kept["Ես համաձայն "], kept["An answer be"]
    assert (third.parent_id, second.parent_id, first.parent_id) == (second.id, first.id, None)
    assert (third.top_id, second.top_id) == (first.id, first.id)
    assert first.replies == 2
    assert second.received_at == datetime(2020, 3, 1, 10, 0, 2, tzinfo=UTC)
    assert [kept[f"Words {n}"].state for n in (4, 6)] == ["held", "removed"]
    assert kept["Cheap pills"].state == "rejected"
    assert done.report == {
        "records": 13,
        "imported": 9,
        "states": {"published": 6, "held": 1, "rejected": 1, "removed": 1},
        "skipped": {"not-a-comment": 1, "unknown-state": 1, "no-text": 1, "repeated-id": 1},
        "orphans": 2,  # one whose parent is nowhere, one that answers itself
        "undated": 1,
        "articles": 1,
        "authors": 9,
        "known": 0,
    }


def test_nothing_is_decided_told_or_given_and_the_record_says_import(tools, take, tmp_path):
    take(every_trap_of_wxr(tmp_path / "a.xml"))
    decisions = rows(tools.database, DecisionRow)
    assert {decision.made_by for decision in decisions} == {"import"}
    assert len(decisions) == 9
    assert [rows(tools.database, table) for table in (Delivery, Strike, Block)] == [[], [], []]
    (label,) = rows(tools.database, LabelledDecision)
    assert (label.source, label.verdict, label.clause) == ("import", "reject", "spam")


def test_an_archive_read_twice_adds_nothing(tools, take, tmp_path):
    path = every_trap_of_wxr(tmp_path / "a.xml")
    take(path)
    before = [(c.id, c.parent_id, c.replies) for c in rows(tools.database, Comment)]
    again = take(path)
    assert [(c.id, c.parent_id, c.replies) for c in rows(tools.database, Comment)] == before
    assert (again.report["imported"], again.report["known"]) == (0, 9)
    assert again.report["skipped"]["other-archive"] == 1  # the repeated id, whose words are others


@pytest.mark.parametrize("after", [1, 2, 3])
def test_an_import_cut_off_goes_on_where_it_was(tools, newsroom, take, tmp_path, monkeypatch, after):
    monkeypatch.setattr(importing, "PART", 7)
    comments = [a_wxr_comment(n, parent=n + 3 if n < 27 else 0) for n in range(1, 31)]
    path = a_wxr(tmp_path / "a.xml", a_post(*comments))
    steps = importing.import_archive(tools, newsroom.site, path, "cli")
    for _ in range(after):
        next(steps)
    steps.close()  # as after a kill: what was committed is all there is
    (cut,) = rows(tools.database, Import)
    assert (cut.state, cut.done) == ("running", 7 * after)
    done = take(path)
    assert (done.id, done.report["records"], done.report["imported"], done.report["known"]) == (
        cut.id,
        30,
        30,
        0,
    )
    assert done.report["skipped"] == {}
    assert len(rows(tools.database, Comment)) == 30
    assert sum(comment.parent_id is not None for comment in rows(tools.database, Comment)) == 26
    assert all(comment.top_id for comment in rows(tools.database, Comment) if comment.parent_id)


def test_answers_in_a_circle_begin_threads_of_their_own(tools, take, tmp_path):
    circle = (a_wxr_comment(1, parent="2"), a_wxr_comment(2, parent="3"), a_wxr_comment(3, parent="1"))
    done = take(a_wxr(tmp_path / "a.xml", a_post(*circle)))
    kept = rows(tools.database, Comment)
    assert done.report["orphans"] == 1
    tops = [comment for comment in kept if comment.parent_id is None]
    assert len(tops) == 1
    assert tops[0].replies == 2
    assert {comment.top_id for comment in kept if comment.parent_id} == {tops[0].id}


def test_a_broken_file_is_kept_as_far_as_it_goes_and_mended_without_doubles(tools, take, tmp_path):
    path = a_wxr(tmp_path / "a.xml", a_post(*(a_wxr_comment(n, parent=n + 1) for n in range(1, 21))))
    whole = path.read_text("utf-8")
    path.write_text(whole[: whole.index("<wp:comment_id>11<")], "utf-8")
    broken = take(path)
    assert (broken.state, broken.report["imported"]) == ("broken", 10)
    assert "line" in broken.broke
    path.write_text(whole, "utf-8")
    mended = take(path)
    assert (mended.state, mended.report["imported"], mended.report["known"]) == ("done", 10, 10)
    assert sum(comment.parent_id is None for comment in rows(tools.database, Comment)) == 1


def test_authors_are_known_by_address_and_by_the_archive_s_id(tools, take, submit, tmp_path):
    ann = submit(by="Ann").comment.author_id  # ann@example.com
    take(
        a_wxr(
            tmp_path / "a.xml",
            a_post(
                a_wxr_comment(1, author_email="ANN@example.com"),
                a_wxr_comment(2, author="Bob", author_email="", user_id="5"),
                a_wxr_comment(3, author="Bob", author_email="", user_id="5"),
                a_wxr_comment(4, author="Bob", author_email="no address"),
            ),
        )
    )
    kept = imported(tools)
    assert kept["Words 1"].author_id == ann
    assert kept["Words 2"].author_id == kept["Words 3"].author_id != kept["Words 4"].author_id
    assert {author.name for author in rows(tools.database, Author)} == {"Ann", "Bob"}


def test_articles_are_known_by_address(tools, take, tmp_path):
    path = tmp_path / "a.xml"
    take(a_wxr(path, a_post(a_wxr_comment(1), link="https://paper.example/x/")))
    take(
        a_wxr(path, a_post(a_wxr_comment(2), link="http://paper.example/x")), source="wordpress:paper.example"
    )
    kept = imported(tools)
    assert kept["Words 1"].article_id == kept["Words 2"].article_id
    (article,) = [a for a in rows(tools.database, Article) if a.url == "https://paper.example/x/"]
    assert article.title == "Վերնագիր & more"


def test_two_archives_that_count_alike_are_told_apart(tools, take, tmp_path):
    path = tmp_path / "a.xml"
    take(a_wxr(path, a_post(a_wxr_comment(1, content="One"))))
    clash = take(a_wxr(path, a_post(a_wxr_comment(1, content="Two"))))
    assert clash.report["skipped"] == {"other-archive": 1}
    assert take(path, source="second").report["imported"] == 1


def test_disqus_and_isso_come_in_too(tools, take, tmp_path):
    assert take(a_disqus(tmp_path / "d.xml", *DISQUS_POSTS, packed=True)).report["imported"] == 6
    path = an_isso(tmp_path / "c.db", ISSO_ROWS)
    with pytest.raises(InvalidInput) as refused:
        take(path)
    assert "address" in refused.value.fields
    done = take(path, address="https://paper.example")
    assert (done.report["imported"], done.report["undated"]) == (4, 1)
    assert "https://paper.example/blog/one/" in {article.url for article in rows(tools.database, Article)}


def test_an_erased_author_s_comments_do_not_come_back(tools, take, tmp_path):
    path = a_wxr(tmp_path / "a.xml", a_post(a_wxr_comment(1)))
    take(path)
    (comment,) = rows(tools.database, Comment)
    remembering.erase_author(tools, comment.author_id, "cli")
    assert take(path).report["imported"] == 0
    assert [kept.body for kept in rows(tools.database, Comment)] == [""]


def test_our_own_archive_loses_nothing_on_the_way(tools, newsroom, submit, review, take, tmp_path):
    first = submit("A first comment 🙂", by="Ann").comment
    submit("An answer, Ես համաձայն չեմ։", by="Bob", parent_id=first.id, external_id="cms-9", source="api")
    review(submit("You are an idiot.", by="Cyd").comment, "approve")
    submit("What a load of bullshit.", by="Dan")
    out = tmp_path / "out.jsonl"
    assert exporting.export_site(tools, newsroom.site, out, "jsonl", "cli") == 4
    other = a_site(slug="other")
    with tools.database.begin() as store:
        stored(store, other)
    steps = [*importing.import_archive(tools, other, out, "cli")]
    assert steps[-1].report["imported"] == 4
    back = tmp_path / "back.jsonl"
    exporting.export_site(tools, other, back, "jsonl", "cli")
    assert without_ids(back) == without_ids(out)


def without_ids(path):
    """The lines of an archive with ids numbered in the order in which they come, and without who decided."""
    numbers = {}

    def numbered(value, name=""):
        if name in ("id", "article", "parent") and isinstance(value, str):
            return numbers.setdefault(value, len(numbers))
        if isinstance(value, dict):
            return {key: numbered(inner, key) for key, inner in value.items() if key != "made_by"}
        return value

    return [numbered(json.loads(line)) for line in path.read_text("utf-8").splitlines()[1:]]


def test_our_own_archive_read_into_its_own_site_adds_nothing(tools, newsroom, submit, take, tmp_path):
    submit("A first comment")
    out = tmp_path / "out.jsonl"
    exporting.export_site(tools, newsroom.site, out, "jsonl", "cli")
    assert take(out).report["known"] == 1
    assert len(rows(tools.database, Comment)) == 1


@pytest.mark.parametrize("wanted", ["wxr", "disqus", "isso"])
def test_every_comment_leaves_in_every_format_and_comes_in_again(tools, newsroom, take, tmp_path, wanted):
    take(every_trap_of_wxr(tmp_path / "a.xml"))
    out = tmp_path / "out"
    assert exporting.export_site(tools, newsroom.site, out, wanted, "cli", addresses=False) == 9
    other = a_site(slug="other")
    with tools.database.begin() as store:
        stored(store, other)
    steps = [*importing.import_archive(tools, other, out, "cli", address="https://paper.example")]
    assert steps[-1].report["imported"] == 9
    assert all(author.email is None for author in rows(tools.database, Author) if author.site_id == other.id)
    with pytest.raises(InvalidInput, match="there already"):
        exporting.export_site(tools, newsroom.site, out, wanted, "cli")


def test_the_engine_says_what_it_would_do_and_holds_only_if_that_is_wished(
    tools, take, tmp_path, monkeypatch
):
    monkeypatch.setattr(redeciding, "PART", 2)
    bodies = (
        "Thank you for this article.",
        "You are a pathetic idiot.",
        "I see it otherwise.",
        "Fuck you all.",
    )
    comments = [a_wxr_comment(n, content=body) for n, body in enumerate(bodies, 1)]
    done = take(a_wxr(tmp_path / "a.xml", a_post(*comments)))
    *_, told = redeciding.redecide_imported(tools, done.id, "cli")
    assert told.decided["done"] == 4
    assert sum(told.decided["verdicts"].values()) == 4
    against = sum(
        number for change, number in told.decided["verdicts"].items() if not change.endswith("publish")
    )
    assert against == 2
    assert {comment.state for comment in rows(tools.database, Comment)} == {"published"}

    steps = redeciding.redecide_imported(tools, done.id, "cli", apply=True)
    next(steps)
    steps.close()  # cut off: it goes on
    *_, held = redeciding.redecide_imported(tools, done.id, "cli", apply=True)
    assert (held.decided["held"], held.decided["done"]) == (2, 4)
    states = {comment.body: comment.state for comment in rows(tools.database, Comment)}
    assert [states[body] for body in bodies] == ["published", "held", "published", "held"]
    assert [rows(tools.database, table) for table in (Delivery, Strike)] == [[], []]
    assert {row.verdict for row in rows(tools.database, DecisionRow) if row.made_by == "engine"} == {"hold"}


def test_workers_go_on_with_what_was_cut_off_and_a_part_decided_twice_is_counted_and_held_once(
    tools, take, tmp_path, monkeypatch, clock
):
    monkeypatch.setattr(redeciding, "PART", 2)
    comments = [a_wxr_comment(n, content="You are a pathetic idiot.") for n in range(1, 7)]
    done = take(a_wxr(tmp_path / "a.xml", a_post(*comments)))
    assert redeciding.decide_due(tools) == 0  # nobody asked for it
    steps = redeciding.redecide_imported(tools, done.id, "cli", apply=True)
    begun = next(steps)
    steps.close()
    begun, lost = redeciding._give_out(tools, begun)  # by a process that dies, or seems to
    assert redeciding.decide_due(tools) == 2
    assert redeciding.decide_due(tools) == 0  # what is left is in another's hand
    with pytest.raises(Conflict):
        [*redeciding.redecide_imported(tools, done.id, "cli", apply=True)]
    clock.advance(minutes=3)
    late = (lost, begun, *_found_on(tools, begun, lost))
    assert redeciding.decide_due(tools) == 2
    redeciding._store(tools, *late)  # it comes back
    assert redeciding.decide_due(tools) == 0
    found = importing.find_import(tools, done.id).decided
    assert (found["over"], found["done"], found["held"], found["left"]) == (True, 6, 6, 0)
    made = [row for row in rows(tools.database, DecisionRow) if row.made_by == "engine"]
    assert len(made) == 6


def _found_on(tools, begun, part):
    with tools.database.read() as store:
        found = store.imports.to_decide(begun.id, part.after, part.until)
    return found, tools.engine.decide_many([redeciding._pair(tools, row) for row in found])


def test_what_a_moderator_decided_since_is_left_alone(tools, take, review, tmp_path):
    done = take(
        a_wxr(tmp_path / "a.xml", a_post(a_wxr_comment(1, content="You are an idiot.", approved="0")))
    )
    review(rows(tools.database, Comment)[0], "approve")
    *_, told = redeciding.redecide_imported(tools, done.id, "cli", apply=True)
    assert told.decided["done"] == 0
    assert rows(tools.database, Comment)[0].state == "published"


def test_an_import_that_is_not_there_is_named_so(tools):
    with pytest.raises(NotFound):
        [*redeciding.redecide_imported(tools, "nothing", "cli")]
    with pytest.raises(NotFound):
        importing.find_import(tools, "nothing")


def test_names_of_archives_are_looked_at(tools, take, tmp_path):
    with pytest.raises(InvalidInput) as refused:
        take(a_wxr(tmp_path / "a.xml", a_post(a_wxr_comment(1))), source="two words", address="paper")
    assert refused.value.fields.keys() == {"source", "address"}
