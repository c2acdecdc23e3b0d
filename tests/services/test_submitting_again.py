"""The same comment twice, a changed one, and what happens to one while another is decided."""

import pytest

from moderation.errors import ArticleClosed, AuthorBlocked, Conflict
from moderation.services.penalising import block_author
from moderation.services.publishing import set_discussion
from moderation.services.reviewing import review
from moderation.services.submitting import Writer, submit_comment
from moderation.store.tables import Author, Comment, DecisionRow, Delivery, Strike
from tests.builders import a_new_comment, an_article, stored
from tests.workbench import everything, rows

ATTACK, CLEAN = "You are an idiot.", "I see it otherwise, and here is why."


def test_the_same_comment_again_gets_the_same_answer_and_changes_nothing(tools, submit):
    first = submit(ATTACK, external_id="c-1")
    before = everything(tools.database)
    again = submit(ATTACK, external_id="c-1")
    assert (again.comment.id, again.decision, again.status) == (first.comment.id, first.decision, "rejected")
    assert (first.repeated, again.repeated) == (False, True)
    assert everything(tools.database) == before


@pytest.mark.parametrize(
    "other", [{"writer": Writer("Bedros", "b@example.com")}, {"body": "Something else."}]
)
def test_another_content_under_the_same_id_is_a_conflict(tools, newsroom, submit, other):
    submit(CLEAN, external_id="c-1")
    before = everything(tools.database)
    with pytest.raises(Conflict):
        submit_comment(
            tools, a_new_comment(newsroom.article, **{"external_id": "c-1", "body": CLEAN} | other)
        )
    assert everything(tools.database) == before


def test_the_same_id_again_gets_the_same_answer_though_its_author_was_blocked_for_it(tools, newsroom, submit):
    for number in range(3):
        last = submit(f"{ATTACK} {number}", external_id=f"c-{number}")
    again = submit(f"{ATTACK} 2", external_id="c-2")
    assert (again.repeated, again.decision) == (True, last.decision)
    set_discussion(tools, newsroom.article.id, "closed", "cli")
    assert submit(f"{ATTACK} 2", external_id="c-2").repeated
    with pytest.raises(AuthorBlocked):
        submit(f"{ATTACK} 2", external_id="c-2", revision=2)


def test_what_a_moderator_took_down_does_not_come_back_by_an_edit(tools, submit, review):
    first = submit(CLEAN, external_id="c-1")
    review(first.comment, "remove", clause="spam")
    again = submit(CLEAN + " Edited.", external_id="c-1", revision=2)
    assert (again.status, again.decision["clause"]) == ("held", "held-first")


def test_a_higher_revision_is_decided_anew_under_the_same_comment(tools, submit):
    first = submit(ATTACK, external_id="c-1")
    second = submit(CLEAN, external_id="c-1", revision=3)
    (comment,) = rows(tools.database, Comment)
    assert (second.comment.id, second.status, second.repeated) == (first.comment.id, "published", False)
    assert (comment.body, comment.revision, comment.version, comment.state) == (CLEAN, 3, 2, "published")
    decisions = [(row.number, row.revision, row.verdict) for row in rows(tools.database, DecisionRow)]
    assert decisions == [(1, 1, "reject"), (2, 3, "publish")]
    assert [row.event for row in rows(tools.database, Delivery)] == ["comment.rejected", "comment.published"]


def test_a_lower_revision_that_comes_late_changes_nothing(tools, submit):
    submit(CLEAN, external_id="c-1", revision=2)
    before = everything(tools.database)
    late = submit(ATTACK, external_id="c-1")
    assert (late.repeated, late.status, late.comment.revision) == (True, "published", 2)
    assert everything(tools.database) == before


def test_a_revision_that_is_rejected_too_costs_no_second_strike(tools, submit):
    submit(ATTACK, external_id="c-1")
    submit("You are a stupid clown.", external_id="c-1", revision=2)
    assert len(rows(tools.database, Strike)) == 1


def test_a_revision_belongs_to_the_author_and_the_article_of_the_first(tools, newsroom, submit):
    elsewhere = an_article(newsroom.site)
    with tools.database.begin() as store:
        stored(store, elsewhere)
    submit(CLEAN, external_id="c-1")
    before = everything(tools.database)
    for other in ({"by": "Bedros"}, {"article": elsewhere}):
        with pytest.raises(Conflict):
            submit(CLEAN, external_id="c-1", revision=2, **other)
    assert everything(tools.database) == before


def test_a_block_given_while_a_comment_is_decided_keeps_it_out(tools, newsroom, submit, meanwhile):
    author_id = submit().comment.author_id
    busy = meanwhile(lambda: block_author(tools, author_id, "cli", "spam", 7))
    with pytest.raises(AuthorBlocked):
        submit_comment(busy, a_new_comment(newsroom.article, "One more."))
    assert len(rows(tools.database, Comment)) == 1


def test_a_discussion_closed_while_a_comment_is_decided_takes_it_no_more(tools, newsroom, meanwhile):
    busy = meanwhile(lambda: set_discussion(tools, newsroom.article.id, "closed", "cli"))
    with pytest.raises(ArticleClosed):
        submit_comment(busy, a_new_comment(newsroom.article))
    assert rows(tools.database, Comment) == rows(tools.database, Author) == []


def test_of_the_same_comment_twice_at_once_one_is_stored_and_both_get_its_answer(
    tools, newsroom, submit, meanwhile
):
    quicker = []
    busy = meanwhile(lambda: quicker.append(submit(CLEAN, external_id="c-1")))
    slower = submit_comment(busy, a_new_comment(newsroom.article, CLEAN, external_id="c-1"))
    assert (slower.repeated, slower.comment.id) == (True, quicker[0].comment.id)
    assert len(rows(tools.database, DecisionRow)) == 1


def test_of_two_revisions_at_once_the_higher_one_stays(tools, newsroom, submit, meanwhile):
    busy = meanwhile(lambda: submit("First version.", external_id="c-1"))
    outcome = submit_comment(busy, a_new_comment(newsroom.article, CLEAN, external_id="c-1", revision=2))
    assert (outcome.repeated, outcome.comment.revision, outcome.comment.body) == (False, 2, CLEAN)


def test_a_revision_is_not_lost_when_a_moderator_decides_on_the_earlier_one_meanwhile(
    tools, newsroom, submit, meanwhile
):
    comment = submit(CLEAN, external_id="c-1").comment

    def remove():
        review(tools, comment.id, "remove", newsroom.moderator, comment.version, "spam")

    outcome = submit_comment(
        meanwhile(remove), a_new_comment(newsroom.article, "Changed.", external_id="c-1", revision=2)
    )
    assert (outcome.comment.revision, outcome.comment.version) == (2, 3)


def test_a_button_pressed_twice_is_one_comment_and_one_strike(tools, newsroom):
    new = a_new_comment(newsroom.article, body=ATTACK, source="form", external_id=None)
    first, second = submit_comment(tools, new), submit_comment(tools, new)
    assert (second.comment.id, second.repeated) == (first.comment.id, True)
    assert len(rows(tools.database, Comment)) == len(rows(tools.database, Strike)) == 1


def test_the_same_form_later_is_a_repetition(tools, newsroom, clock):
    new = a_new_comment(
        newsroom.article, body="Buy my book on the history of Artsakh.", source="form", external_id=None
    )
    submit_comment(tools, new)
    clock.advance(minutes=5)
    assert submit_comment(tools, new).decision["clause"] == "spam"
