"""A moderator decides, and what followed from the engine's decision is undone or follows anew."""

import json

import pytest

from moderation.errors import Forbidden, InvalidInput, NotFound, StaleVersion
from moderation.services import reviewing
from moderation.services.acting import actions_for
from moderation.services.penalising import block_author
from moderation.store.tables import (
    AuditEvent,
    Block,
    Comment,
    DecisionRow,
    Delivery,
    LabelledDecision,
    Strike,
)
from tests.builders import NOW, Discussion, a_moderator, a_stored_comment, an_author, stored
from tests.workbench import everything, rows

ATTACK, UNREAD = "You are an idiot.", "არცახი სომხეთია და მორჩა"
ACTIONS = ("approve", "reject", "remove", "restore")
ALLOWED = {
    "held": ("approve", "reject"),
    "rejected": ("approve",),
    "published": ("remove", "pin"),
    "removed": ("restore",),
    "withdrawn": (),
}


@pytest.fixture
def put(tools, newsroom):
    """Store a comment in a state."""
    author = an_author(newsroom.site)

    def put(state):
        with tools.database.begin() as store:
            if store.people.get(author.id) is None:
                stored(store, author)
            return a_stored_comment(store, Discussion(newsroom.site, newsroom.article, author), state=state)

    return put


def test_approving_publishes_and_tells_the_site(tools, newsroom, submit, review, clock):
    held = submit(UNREAD).comment
    outcome = review(held, "approve", note="Fine.")
    assert (outcome.status, outcome.comment.version, outcome.comment.published_at) == (
        "published",
        2,
        clock(),
    )
    assert (outcome.decision["verdict"], outcome.decision["clause"], outcome.decision["reasons"]) == (
        "publish",
        None,
        [],
    )
    decision = rows(tools.database, DecisionRow)[-1]
    assert (decision.number, decision.made_by, decision.action, decision.note) == (
        2,
        newsroom.moderator.id,
        "approve",
        "Fine.",
    )
    delivery = rows(tools.database, Delivery)[-1]
    assert delivery.event == "comment.published"
    assert json.loads(delivery.payload)["data"]["decision"] == outcome.decision


def test_each_review_is_audited_and_labelled_for_learning(tools, newsroom, submit, review):
    comment = review(submit(UNREAD).comment, "reject", clause="spam").comment
    (label,) = rows(tools.database, LabelledDecision)
    assert (label.comment_id, label.revision, label.who) == (comment.id, 1, newsroom.moderator.id)
    assert (label.verdict, label.clause, label.source) == ("reject", "spam", "moderator")
    event = next(row for row in rows(tools.database, AuditEvent) if row.action == "comment.rejected")
    assert (event.actor, event.subject) == (newsroom.moderator.id, f"comment:{comment.id}")
    assert event.before != event.after


def test_approving_overrules_the_strike_and_lifts_what_rests_on_it(tools, newsroom, submit, review):
    rejected = [submit(f"{ATTACK} {number}").comment for number in range(3)]
    review(rejected[0], "approve")
    overruled = [strike.overruled_by for strike in rows(tools.database, Strike)]
    assert overruled == [newsroom.moderator.id, None, None]
    standing = {block.penalty: block.lifted_by for block in rows(tools.database, Block)}
    # Four points are left: what follows from them stays.
    assert standing == {"warn": None, "premoderate": None, "block": newsroom.moderator.id}
    assert submit().status == "held"
    review(rejected[1], "approve")
    assert submit("One more thought.").status == "published"


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 2), (2, 1), (2, 0)])
def test_what_no_longer_follows_goes_in_whatever_order_strikes_are_overruled(tools, submit, review, order):
    rejected = [submit(f"{ATTACK} {number}").comment for number in range(3)]
    for number in order:
        review(rejected[number], "approve")
    assert submit().status == "published"


def test_approving_what_gave_no_strike_lifts_nothing(tools, submit, review):
    for number in range(2):
        submit(f"{ATTACK} {number}")
    review(submit().comment, "approve")
    assert submit("One more thought.").status == "held"


def test_a_block_for_ever_goes_when_only_a_shorter_one_follows(tools, submit, review, clock):
    for number in range(3):
        submit(f"{ATTACK} {number}")
    for number in (4, 5):
        clock.advance(days=30)
        last = submit(f"{ATTACK} {number}").comment
    assert rows(tools.database, Block)[-1].ends_at is None
    review(last, "approve")
    assert rows(tools.database, Block)[-1].lifted_at == clock()


def test_a_moderators_own_block_stays_when_the_comment_is_approved(tools, newsroom, submit, review):
    comment = submit(ATTACK).comment
    block_author(tools, comment.author_id, newsroom.moderator.id, "personal-attack", 7, "", [comment.id])
    review(comment, "approve")
    assert rows(tools.database, Block)[-1].lifted_at is None


def test_rejecting_gives_the_strike_of_the_clause_and_its_penalty(tools, newsroom, submit, review):
    outcome = review(submit(UNREAD).comment, "reject", clause="threat")
    assert (outcome.status, outcome.decision["clause"]) == ("rejected", "threat")
    assert outcome.decision["reasons"][0]["sentence"].startswith("Do not threaten anyone")
    (strike,) = rows(tools.database, Strike)
    assert (strike.clause, strike.points, strike.given_by) == ("threat", 3, newsroom.moderator.id)
    assert outcome.notice.startswith("This is a warning")


def test_rejecting_without_a_clause_takes_the_engines_and_needs_one_that_is_an_offence(
    tools, newsroom, submit, review, put
):
    assert review(put("held"), "reject").decision["clause"] == "personal-attack"
    unread = submit(UNREAD, by="Bedros").comment
    before = everything(tools.database)
    for clause in (None, "unread-language", "no-such-clause"):
        with pytest.raises(InvalidInput) as refusal:
            review(unread, "reject", clause=clause)
        assert [*refusal.value.fields] == ["clause"]
    assert everything(tools.database) == before


def test_the_words_the_engine_marked_for_the_clause_stay_marked(submit, review):
    held = submit("Do your homework.").comment
    assert review(held, "reject").decision["reasons"][0]["spans"] == [[0, 16]]
    another = submit("Do your homework!", by="Bedros").comment
    assert review(another, "reject", clause="spam").decision["reasons"][0]["spans"] == []


def test_a_removed_comment_leaves_its_place_to_its_replies_and_can_be_restored(
    tools, newsroom, submit, review
):
    comment = submit().comment
    submit("I agree with that.", by="Bedros", parent_id=comment.id)
    assert review(comment, "remove", clause="spam").status == "removed"
    with tools.database.read() as store:
        tombstone, reply = store.threads.page(newsroom.article.id).items
    assert (tombstone.removed, tombstone.body, tombstone.author_name) == (True, "", "")
    assert reply.body == "I agree with that."
    assert len(rows(tools.database, Strike)) == 1
    assert review(comment, "restore").status == "published"
    assert all(strike.overruled_at for strike in rows(tools.database, Strike))
    with tools.database.read() as store:
        assert not store.threads.page(newsroom.article.id).items[0].removed


def test_the_second_of_two_moderators_sees_the_firsts_decision(tools, newsroom, submit, review):
    comment = submit(UNREAD).comment
    first = review(comment, "approve")
    before = everything(tools.database)
    with pytest.raises(StaleVersion) as refusal:
        review(comment, "reject", clause="spam", version=comment.version)
    assert refusal.value.current == 2
    assert refusal.value.decision["made_by"] == newsroom.moderator.id
    assert refusal.value.decision["action"] == "approve"
    assert refusal.value.decision["verdict"] == first.decision["verdict"]
    assert everything(tools.database) == before


@pytest.mark.parametrize("state", ALLOWED)
def test_what_is_not_offered_is_refused(tools, newsroom, review, put, state):
    for action in (*ACTIONS, "explode", ""):
        comment = put(state)
        assert actions_for(comment, newsroom.moderator) == ALLOWED[state]
        if action in ALLOWED[state]:
            assert review(comment, action, clause="spam").status != state
        else:
            with pytest.raises(Forbidden):
                review(comment, action, clause="spam")


@pytest.mark.parametrize("changes", [{"role": "viewer"}, {"deactivated_at": NOW}])
@pytest.mark.parametrize("state", ALLOWED)
def test_a_viewer_and_a_closed_account_may_do_nothing(tools, put, review, state, changes):
    comment, somebody = put(state), a_moderator(**changes)
    assert actions_for(comment, somebody) == ()
    for action in ACTIONS:
        with pytest.raises(Forbidden):
            review(comment, action, moderator=somebody, clause="spam")
    assert len(rows(tools.database, DecisionRow)) == 1


def test_a_comment_that_is_not_there_cannot_be_reviewed(tools, newsroom):
    with pytest.raises(NotFound):
        reviewing.review(tools, "nowhere", "approve", newsroom.moderator, 1)


@pytest.mark.parametrize("note", ["x" * 2001, "a\0b", "half \ud800"])
def test_a_note_that_cannot_be_kept_is_refused(tools, submit, review, note):
    comment = submit(UNREAD).comment
    with pytest.raises(InvalidInput) as refusal:
        review(comment, "approve", note=note)
    assert [*refusal.value.fields] == ["note"]
    (unchanged,) = rows(tools.database, Comment)
    assert unchanged.version == 1
