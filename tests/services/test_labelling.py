"""Whose judgement counts on which text, what never trains, and how the texts of feedback go again."""

from dataclasses import replace

import pytest

from moderation.errors import InvalidInput, NotFound
from moderation.services.labelling import (
    Limits,
    add_feedback,
    digest_of_rows,
    forget_due,
    forget_feedback,
    lessons,
)
from moderation.services.remembering import erase_author
from moderation.store.tables import AuditEvent, LabelledDecision
from moderation.store.unit_of_work import Database
from tests.builders import DAY, NOW, a_discussion, a_label, a_stored_comment, stored
from tests.workbench import everything, rows

ALL = Limits(held_out=0.0)
TEXT = "You are a proper grelk."


def a_judged(database: Database, *labels, **comment):
    """Store a comment and what was said of it; return it."""
    with database.begin() as store:
        stored_comment = a_stored_comment(store, a_discussion(store), **{"state": "rejected"} | comment)
        stored(
            store,
            *(a_label(stored_comment, **{"clause": "personal-attack"} | label) for label in labels or ({},)),
        )
    return stored_comment


def test_a_decision_at_the_desk_becomes_a_row(tools, submit, review):
    held = submit("You are an idiot.").comment
    review(submit("I see it so.").comment, "remove", clause="profanity")
    review(held, "approve")
    removed, approved = lessons(tools, ALL).training
    assert (removed.text, removed.values) == ("I see it so.", {"profanity": 1.0})
    assert approved.values["personal-attack"] == approved.values["threat"] == 0.0
    assert "toxicity" not in approved.values


@pytest.mark.parametrize(
    ("label", "comment", "reason"),
    [
        ({"verdict": "hold"}, {}, "held"),
        ({"clause": "flooding"}, {}, "answers no label"),
        ({"revision": 1}, {"revision": 2}, "changed since"),
        ({}, {"state": "withdrawn"}, "withdrawn"),
    ],
)
def test_what_says_nothing_of_the_text_as_it_stands_is_left_out_and_counted(tools, label, comment, reason):
    a_judged(tools.database, label, **comment)
    found = lessons(tools, ALL)
    assert (found.training, found.left_out) == ((), {reason: 1})


def test_what_an_erased_author_wrote_does_not_train(tools):
    gone, other = a_judged(tools.database, body="Gone."), a_judged(tools.database, body="Here.")
    erase_author(tools, gone.author_id, "cli")
    found = lessons(tools, ALL)
    assert [row.key for row in found.training] == [other.id]
    assert found.left_out == {"text gone": 1}


def test_of_several_judgements_the_latest_of_a_moderator_counts(tools):
    a_judged(
        tools.database,
        {"at": NOW, "clause": "profanity"},
        {"at": NOW + DAY, "verdict": "publish", "clause": None, "who": "m2"},
        {"at": NOW + 2 * DAY, "source": "feedback", "scores": {"personal-attack": 1.0}},
    )
    (row,) = lessons(tools, ALL).training
    assert set(row.values.values()) == {0.0}


def test_a_share_of_the_comments_is_held_out_and_always_the_same(tools):
    ids = {a_judged(tools.database, body=f"No {number}.").id for number in range(60)}
    first, again = lessons(tools), lessons(tools)
    held = {row.key for row in first.held_out}
    assert held == {row.key for row in again.held_out}
    assert held | {row.key for row in first.training} == ids
    assert not held & {row.key for row in first.training}
    assert 2 <= len(held) <= 30


def test_the_words_of_a_held_out_comment_do_not_train_under_another_id(tools):
    for number in range(40):
        a_judged(tools.database, body=["You GRELK!", "You grelk!"][number % 2])
    found = lessons(tools)
    assert found.held_out
    assert found.training == ()


def test_feedback_on_a_held_out_comment_neither_trains_nor_measures(tools):
    comments = [
        a_judged(tools.database, {"source": "feedback", "scores": {"spam": 1.0}}, body=f"{n}!")
        for n in range(40)
    ]
    found = lessons(tools)
    assert found.held_out == ()
    assert 0 < len(found.training) < len(comments)


def test_of_one_author_only_the_newest_rows_train(tools):
    with tools.database.begin() as store:
        discussion = a_discussion(store)
        for number in range(5):
            comment = a_stored_comment(store, discussion, body=f"No {number}.", state="rejected")
            stored(store, a_label(comment, clause="personal-attack", at=NOW + number * DAY))
    found = lessons(tools, replace(ALL, of_author=2))
    assert [row.text for row in found.training] == ["No 3.", "No 4."]
    assert found.left_out == {"capped": 3}


@pytest.mark.parametrize(("of_person", "kept"), [(4, 4), (1, 3), (50, 9)])
def test_no_one_who_judges_outweighs_all_others(tools, of_person, kept):
    for number in range(9):
        a_judged(tools.database, {"who": "m1"}, body=f"One {number}.")
    for number in range(3):
        a_judged(tools.database, {"who": "m2"}, body=f"Two {number}.")
    found = lessons(tools, replace(ALL, of_person=of_person))
    assert [row.label.who for row in found.training].count("m1") == kept


def test_the_digest_names_the_rows_and_changes_with_each_of_them(tools):
    a_judged(tools.database)
    one = lessons(tools, ALL).training
    a_judged(tools.database, {"verdict": "publish", "clause": None})
    two = lessons(tools, ALL).training
    assert digest_of_rows(one) != digest_of_rows(two) == digest_of_rows(two[::-1])


def test_feedback_becomes_a_row_with_its_scores_and_keeps_the_text_for_a_while(tools, clock):
    given = add_feedback(tools, TEXT, {"personal-attack": 0.9, "toxicity": 0.7}, "key-1")
    assert (given.source, given.verdict, given.clause) == ("feedback", "reject", "personal-attack")
    assert given.body_until == NOW + 180 * DAY
    (row,) = lessons(tools, ALL).training
    assert (row.text, row.values) == (TEXT, {"personal-attack": 0.9, "toxicity": 0.7})
    clock.advance(days=179)
    assert forget_due(tools) == 0
    clock.advance(days=1)
    assert forget_due(tools) == 1
    assert TEXT not in str(everything(tools.database))
    assert lessons(tools, ALL).left_out == {"text gone": 1}


def test_feedback_on_a_comment_keeps_no_copy(tools):
    comment = a_judged(tools.database, {"source": "feedback", "verdict": "hold"}, body=TEXT)
    given = add_feedback(tools, TEXT, {"spam": 0.1}, "key-1", comment_id=comment.id)
    assert (given.body, given.verdict, given.body_until) == ("", "publish", None)
    assert [row.text for row in lessons(tools, ALL).training] == [TEXT]


def test_feedback_is_in_the_audit_log_without_its_words(tools):
    given = add_feedback(tools, TEXT, {"spam": 0.1}, "key-1")
    (event,) = rows(tools.database, AuditEvent)
    assert (event.action, event.actor, event.subject) == ("feedback.given", "key-1", f"feedback:{given.id}")
    assert "grelk" not in str(event.detail)


def test_a_text_is_forgotten_on_request_and_no_other(tools):
    for text in (TEXT, TEXT, "Another."):
        add_feedback(tools, text, {"spam": 0.1}, "key-1")
    assert forget_feedback(tools, TEXT, "cli") == 2
    assert [label.body for label in rows(tools.database, LabelledDecision)] == ["", "", "Another."]
    assert forget_feedback(tools, "", "cli") == 0


def test_with_an_author_go_the_copies_of_what_the_author_wrote(tools):
    comment = a_judged(tools.database, body=TEXT)
    add_feedback(tools, TEXT, {"spam": 0.1}, "key-1")
    add_feedback(tools, "Of somebody else.", {"spam": 0.1}, "key-1")
    erase_author(tools, comment.author_id, "cli")
    left = str(everything(tools.database))
    assert TEXT not in left
    assert "Of somebody else." in left


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"scores": {}}, "scores"),
        ({"scores": {"spam": 1.5}}, "scores"),
        ({"scores": {"spam": float("nan")}}, "scores"),
        ({"scores": {"rudeness": 0.5}}, "scores"),
        ({"who": ""}, "who"),
        ({"who": "two words"}, "who"),
    ],
)
def test_wrong_feedback_is_refused_by_field_and_nothing_is_stored(tools, changes, field):
    with pytest.raises(InvalidInput) as refused:
        add_feedback(tools, **{"text": TEXT, "scores": {"spam": 0.5}, "who": "key-1"} | changes)
    assert [*refused.value.fields] == [field]
    assert rows(tools.database, LabelledDecision) == []


def test_feedback_names_a_comment_that_is_there_by_its_own_text(tools):
    comment = a_judged(tools.database, body="As it stands.")
    with pytest.raises(InvalidInput):
        add_feedback(tools, "As it stood.", {"spam": 0.5}, "key-1", comment_id=comment.id)
    with pytest.raises(NotFound):
        add_feedback(tools, TEXT, {"spam": 0.5}, "key-1", comment_id="nobody")
