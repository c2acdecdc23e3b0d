"""An author changes what he wrote while nobody has read it, and takes it back whenever it shows."""

import json

import pytest

from moderation.errors import AuthorBlocked, Conflict, Forbidden, InvalidInput, NotFound
from moderation.services.amending import edit_comment, open_to_author, withdraw_comment
from moderation.services.penalising import block_author
from moderation.store.tables import AuditEvent, Comment, DecisionRow, Delivery, Strike
from tests.builders import a_comment, a_decision, a_site, an_article, an_author
from tests.services.test_at_once import at_once
from tests.workbench import everything, rows

UNREAD = "არცახი სომხეთია და მორჩა"  # held: nothing here reads Georgian
ATTACK, CLEAN = "You are an idiot.", "I see it otherwise, and here is why."
BETTER = "I see it otherwise, and here is why: the vote was close."


@pytest.fixture
def edit(tools):
    return lambda comment, body, **by: edit_comment(
        tools, by.get("author", comment.author_id), comment.id, body
    )


def last(tools, table):
    return rows(tools.database, table)[-1]


def test_a_changed_comment_is_decided_anew_as_its_next_revision(tools, submit, edit, clock):
    comment = submit(CLEAN).comment
    clock.advance(minutes=4, seconds=59)
    outcome = edit(comment, BETTER)
    assert (outcome.status, outcome.comment.body, outcome.comment.revision) == ("published", BETTER, 2)
    assert [row.revision for row in rows(tools.database, DecisionRow)] == [1, 2]
    assert last(tools, AuditEvent).action == "comment.decided"
    told = json.loads(last(tools, Delivery).payload)
    assert (told["type"], told["data"]["comment"]["revision"]) == ("comment.published", 2)
    assert outcome.comment.published_at == comment.published_at


@pytest.mark.parametrize(
    ("first", "then", "language"),
    [
        (CLEAN, "Ես այլ կերպ եմ մտածում, և ահա թե ինչու։", "hy"),
        ("Ես այլ կերպ եմ մտածում, և ահա թե ինչու։", BETTER, "en"),
    ],
)
def test_a_changed_comment_is_in_the_language_of_its_new_words(tools, submit, edit, first, then, language):
    comment = submit(first).comment
    assert comment.language != language
    assert edit(comment, then).comment.language == language
    assert last(tools, Comment).language == language


def test_an_insult_put_in_later_is_rejected_and_costs_its_strike(tools, submit, edit):
    outcome = edit(submit(CLEAN).comment, ATTACK)
    assert (outcome.status, outcome.decision["clause"]) == ("rejected", "personal-attack")
    assert outcome.notice
    assert len(rows(tools.database, Strike)) == 1


def test_the_policy_says_for_how_long(tools, submit, edit, clock):
    comment = submit(CLEAN).comment
    clock.advance(minutes=5)
    before = everything(tools.database)
    with pytest.raises(Forbidden, match="5 minutes"):
        edit(comment, BETTER)
    assert everything(tools.database) == before


def test_what_a_moderator_has_read_is_changed_no_more(submit, review, edit):
    comment = submit(UNREAD).comment
    review(comment, "approve")
    with pytest.raises(Forbidden):
        edit(comment, BETTER)


def test_a_rejected_comment_is_not_changed_back(submit, edit):
    with pytest.raises(Forbidden):
        edit(submit(ATTACK).comment, CLEAN)


def test_nobody_changes_or_withdraws_what_somebody_else_wrote(tools, submit, edit):
    mine, theirs = submit(CLEAN).comment, submit("And I agree with that.", by="Bedros").comment
    before = everything(tools.database)
    with pytest.raises(NotFound):
        edit(theirs, BETTER, author=mine.author_id)
    with pytest.raises(NotFound):
        withdraw_comment(tools, mine.author_id, theirs.id)
    with pytest.raises(NotFound):
        withdraw_comment(tools, mine.author_id, "nowhere")
    assert everything(tools.database) == before


@pytest.mark.parametrize("body", ["", " ", "x" * 10_001, "a\x00b"])
def test_a_text_that_cannot_be_taken_is_named(submit, edit, body):
    with pytest.raises(InvalidInput) as refused:
        edit(submit(CLEAN).comment, body)
    assert "body" in refused.value.fields


def test_the_same_text_is_no_change(submit, edit):
    with pytest.raises(Conflict):
        edit(submit(CLEAN).comment, CLEAN)


def test_who_is_blocked_changes_nothing(tools, submit, edit):
    comment = submit(CLEAN).comment
    block_author(tools, comment.author_id, "cli", None, 1)
    with pytest.raises(AuthorBlocked):
        edit(comment, BETTER)


def test_a_reply_is_changed_though_what_it_answers_is_gone(tools, submit, edit):
    above = submit(CLEAN, by="Bedros").comment
    reply = submit("No, and here is why.", parent_id=above.id).comment
    withdraw_comment(tools, above.author_id, above.id)
    assert edit(reply, BETTER).status == "published"


def test_a_withdrawn_comment_keeps_its_replies_under_a_mark(tools, newsroom, submit):
    above = submit(CLEAN).comment
    reply = submit("No, and here is why.", by="Bedros", parent_id=above.id).comment
    assert withdraw_comment(tools, above.author_id, above.id, "req-7").state == "withdrawn"
    with tools.database.read() as store:
        (thread,) = store.threads.page(newsroom.article.id).threads
    assert (thread.top.id, thread.top.removed, thread.top.body) == (above.id, True, "")
    assert [entry.entry.id for entry in thread.replies] == [reply.id]
    event = last(tools, AuditEvent)
    assert (event.action, event.actor, event.request_id) == (
        "comment.withdrawn",
        f"author:{above.author_id}",
        "req-7",
    )
    assert last(tools, Delivery).event == "comment.withdrawn"
    with tools.database.read() as store:
        assert store.audit.verify() == []


def test_a_withdrawn_reply_is_counted_no_more(tools, newsroom, submit):
    above = submit(CLEAN).comment
    reply = submit("No, and here is why.", by="Bedros", parent_id=above.id).comment
    withdraw_comment(tools, reply.author_id, reply.id)
    with tools.database.read() as store:
        assert store.comments.get(above.id).replies == 0
        assert store.threads.count(newsroom.article.id) == 1


def test_a_held_comment_is_withdrawn_and_leaves_the_queue(tools, submit):
    comment = submit(UNREAD).comment
    assert comment.state == "held"
    assert withdraw_comment(tools, comment.author_id, comment.id).state == "withdrawn"


def test_withdrawn_twice_is_withdrawn_once(tools, submit):
    comment = submit(CLEAN).comment
    came = at_once(lambda _: withdraw_comment(tools, comment.author_id, comment.id))
    assert any(getattr(one, "state", "") == "withdrawn" for one in came)
    assert [row.event for row in rows(tools.database, Delivery)].count("comment.withdrawn") == 1
    assert rows(tools.database, Comment)[0].version == 2


def test_what_was_refused_is_not_withdrawn(tools, submit):
    comment = submit(ATTACK).comment
    with pytest.raises(Forbidden):
        withdraw_comment(tools, comment.author_id, comment.id)


def test_of_an_edit_and_a_decision_at_once_both_are_kept(tools, submit, review, edit):
    """Whoever comes second decides on what stands then: a moderator's word is never overwritten unseen."""
    comment = submit(UNREAD).comment
    came = at_once(lambda n: edit(comment, f"{BETTER} {n}") if n else review(comment, "approve"))
    numbers = [row.number for row in rows(tools.database, DecisionRow)]
    assert numbers == list(range(1, len(numbers) + 1))
    stands = rows(tools.database, Comment)[0]
    assert stands.revision == 1 + sum(not isinstance(one, Exception) for one in came[1:])


@pytest.mark.parametrize(
    ("state", "source", "made_by", "actions"),
    [
        ("published", "form", "engine", ("edit", "withdraw")),
        ("held", "embed", "engine", ("edit", "withdraw")),
        ("published", "form", "m1", ("withdraw",)),
        ("published", "api", "engine", ("withdraw",)),
        ("rejected", "form", "engine", ()),
        ("removed", "form", "m1", ()),
        ("withdrawn", "form", "engine", ()),
    ],
)
def test_what_the_page_offers(tools, state, source, made_by, actions):
    site = a_site()
    comment = a_comment(an_article(site), an_author(site), state=state, source=source)
    decision = a_decision(comment, made_by=made_by)
    assert open_to_author(comment, decision, tools.engine.policy.limits, tools.now()) == actions
