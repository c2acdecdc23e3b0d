"""Blocks, imports, answers to appeals, notes, pins and discussions are taken back too; never a colleague's work."""

import pytest

from moderation.errors import Conflict, Forbidden, InvalidInput, StaleVersion
from moderation.services import acting, answering, appealing, curating, listing, noting, publishing, undoing
from moderation.services.appeal_links import About
from moderation.services.penalising import block_address, block_author, block_domain, lift_block
from moderation.store.tables import Appeal, AuditEvent, AuthorNote, Block, LabelledDecision, Strike
from tests.builders import a_moderator, stored
from tests.workbench import rows

CLEAN, ATTACK = "I see it otherwise, and here is why.", "You are an idiot."


@pytest.fixture
def colleague(tools):
    other = a_moderator(name="Bo", role="senior")
    with tools.database.begin() as store:
        stored(store, other)
    return other


@pytest.fixture
def me(tools, newsroom):
    me = a_moderator(name="Me", role="senior")
    with tools.database.begin() as store:
        stored(store, me)
    return me


def undo_last(tools, moderator):
    return undoing.undo(tools, undoing.last_step(tools, moderator).id, moderator)


def in_force(tools):
    return [block.id for block in rows(tools.database, Block) if not block.is_over(tools.now())]


def audited(tools, *actions):
    found = [event.action for event in rows(tools.database, AuditEvent)]
    return all(action in found for action in (*actions, "step.undone"))


@pytest.mark.parametrize(
    ("block", "whom"),
    [(block_domain, "spam.example"), (block_address, "192.0.2.7")],
    ids=["domain", "address"],
)
def test_a_block_of_a_domain_or_an_address_and_its_lifting_are_undone(tools, me, newsroom, block, whom):
    given = block(tools, whom, me.id, "spam", 7)
    undo_last(tools, me)
    assert in_force(tools) == []
    assert audited(tools, "block.lifted")
    again = block(tools, whom, me.id, "spam", 7)
    lift_block(tools, again.id, me.id)
    undo_last(tools, me)
    assert in_force(tools) == [again.id] != [given.id]
    assert audited(tools, "block.reinstated")


def test_a_longer_block_undone_lets_the_shorter_one_hold_again_with_the_appeal_about_it(tools, me, submit):
    author_id = submit(CLEAN).comment.author_id
    short = block_author(tools, author_id, me.id, "spam", 7)
    appealed = appealing.appeal(tools, About("block", short.id), "It was not me.")
    block_author(tools, author_id, me.id, "spam", 30)
    undo_last(tools, me)
    assert in_force(tools) == [short.id]
    (appeal,) = rows(tools.database, Appeal)
    assert (appeal.id, appeal.state, appeal.block_id) == (appealed.id, "open", short.id)


def test_a_block_that_a_colleague_lifted_or_gave_anew_is_not_touched(tools, me, colleague):
    block = block_domain(tools, "spam.example", me.id, "spam", 7)
    lift_block(tools, block.id, colleague.id)
    with pytest.raises(StaleVersion) as stale:
        undo_last(tools, me)
    assert stale.value.decision == {"action": "lift", "made_by": colleague.id}
    other = block_domain(tools, "junk.example", me.id, "spam", 7)
    lift_block(tools, other.id, me.id)
    block_domain(tools, "junk.example", colleague.id, "spam", 30)
    with pytest.raises(StaleVersion) as stale:
        undo_last(tools, me)
    assert stale.value.decision == {"action": "block", "made_by": colleague.id}
    assert undoing.last_step(tools, me).kind == "lift"  # it stands, for nothing was undone


def test_an_import_is_undone_as_one_step(tools, me, newsroom):
    kept = block_domain(tools, "old.example", me.id, "spam", None)
    data = b"kind,subject,penalty\nemail_domain,one.example,block\nemail_domain,two.example,premoderate\n"
    assert listing.import_blocks(tools, data, me.id).added == 2
    assert undo_last(tools, me).kind == "import"
    assert in_force(tools) == [kept.id]
    listing.import_blocks(tools, b"kind,subject\nemail_domain,old.example\n", me.id)
    assert undoing.last_step(tools, me).kind == "block"  # an import that added nothing is no step


@pytest.fixture
def appealed(tools, submit):
    """A comment that the engine rejected and its author appeals."""
    comment = submit(ATTACK).comment
    return appealing.appeal(tools, About("decision", comment.decision_id), "I meant myself.")


def of(tools, appeal):
    with tools.database.read() as store:
        appeal = store.appeals.get(appeal.id)
        return appeal, store.comments.get(appeal.comment_id)


def test_an_appeal_granted_and_undone_waits_again_over_the_comment_as_it_was(tools, me, appealed):
    before = of(tools, appealed)[1]
    points = {strike.id: strike.overruled_at for strike in rows(tools.database, Strike)}
    answering.answer(tools, appealed.id, me, 1, grant=True)
    assert of(tools, appealed)[1].state == "published"
    undo_last(tools, me)
    appeal, comment = of(tools, appealed)
    assert (appeal.state, appeal.answer, appeal.version, appeal.settled_by) == ("open", "", 3, None)
    assert (comment.state, comment.decision_id) == ("rejected", before.decision_id)
    assert {strike.id: strike.overruled_at for strike in rows(tools.database, Strike)} == points
    assert rows(tools.database, LabelledDecision) == []
    assert audited(tools, "appeal.reopened", "comment.undone", "strikes.reinstated")
    answering.answer(tools, appealed.id, me, 3, grant=False, sentence="You wrote it to a reader.")
    assert of(tools, appealed)[0].state == "refused"


def test_an_appeal_refused_and_undone_waits_again(tools, me, appealed):
    answering.answer(tools, appealed.id, me, 1, grant=False, sentence="No.")
    undo_last(tools, me)
    appeal, comment = of(tools, appealed)
    assert (appeal.state, appeal.answer, comment.state) == ("open", "", "rejected")
    assert rows(tools.database, LabelledDecision) == []


def test_a_block_whose_appeal_was_granted_holds_again(tools, me, submit):
    author_id = submit(CLEAN).comment.author_id
    block = block_author(tools, author_id, "cli", "spam", 7)
    appeal = appealing.appeal(tools, About("block", block.id), "It was not me.")
    answering.answer(tools, appeal.id, me, 1, grant=True)
    assert in_force(tools) == []
    undo_last(tools, me)
    assert in_force(tools) == [block.id]
    assert rows(tools.database, Appeal)[0].state == "open"


def test_an_answer_is_not_undone_over_what_was_decided_since(tools, me, appealed, review, colleague):
    answering.answer(tools, appealed.id, me, 1, grant=True)
    review(of(tools, appealed)[1], "remove", clause="spam", moderator=colleague)
    with pytest.raises(StaleVersion) as stale:
        undo_last(tools, me)
    assert stale.value.decision["made_by"] == colleague.id
    appeal, comment = of(tools, appealed)
    assert (appeal.state, comment.state) == ("granted", "removed")


def test_a_refusal_is_not_undone_when_the_comment_was_published_since(tools, me, appealed, review, colleague):
    answering.answer(tools, appealed.id, me, 1, grant=False, sentence="No.")
    review(of(tools, appealed)[1], "approve", moderator=colleague)
    with pytest.raises(StaleVersion):
        undo_last(tools, me)
    assert of(tools, appealed)[0].state == "refused"


def test_a_note_undone_is_gone(tools, me, submit):
    noting.note(tools, submit(CLEAN).comment.author_id, "Wrote before.", me)
    step = undo_last(tools, me)
    assert rows(tools.database, AuthorNote) == []
    assert audited(tools, "author.note_deleted")
    with pytest.raises(Conflict):
        undoing.undo(tools, step.id, me)


def pins(tools, newsroom):
    with tools.database.read() as store:
        return [entry.id for entry in store.threads.pinned(newsroom.article.id)]


def test_pins_are_undone_into_their_old_order(tools, me, newsroom, submit, clock, colleague):
    comments = [submit(f"Thought number {n}, for what it is worth.").comment for n in range(4)]
    for comment in comments[:3]:
        clock.advance(minutes=1)
        curating.pin(tools, comment.id, me)
    before = pins(tools, newsroom)
    curating.pin(tools, comments[1].id, me, pinned=False)
    undo_last(tools, me)
    assert pins(tools, newsroom) == before
    undo_last(tools, me)  # the third pin
    assert set(pins(tools, newsroom)) == {comment.id for comment in comments[:2]}
    curating.pin(tools, comments[1].id, me, pinned=False)
    unpinned = undoing.last_step(tools, me)
    for comment in comments[2:]:
        curating.pin(tools, comment.id, colleague)
    with pytest.raises(InvalidInput):  # no room any more
        undoing.undo(tools, unpinned.id, me)


def test_a_pin_that_a_colleague_let_go_is_not_undone(tools, me, submit, colleague):
    comment = submit(CLEAN).comment
    curating.pin(tools, comment.id, me)
    curating.pin(tools, comment.id, colleague, pinned=False)
    with pytest.raises(StaleVersion) as stale:
        undo_last(tools, me)
    assert stale.value.decision == {"action": "unpin", "made_by": colleague.id}


def test_a_discussion_closed_or_opened_stands_as_before(tools, me, newsroom, clock, colleague):
    def stands():
        with tools.database.read() as store:
            article = store.articles.get(newsroom.article.id)
            return article.discussion, article.closes_after_days, article.closed_at

    with tools.database.begin() as store:
        store.articles.get(newsroom.article.id).closes_after_days = 1
    clock.advance(days=2)  # it closed by itself
    before = stands()
    publishing.set_discussion(tools, newsroom.article.id, "open", me.id)
    assert stands() == ("open", 0, None)
    undo_last(tools, me)
    assert stands() == before
    publishing.set_discussion(tools, newsroom.article.id, "held-first", me.id)
    publishing.set_discussion(tools, newsroom.article.id, "closed", colleague.id)
    with pytest.raises(StaleVersion) as stale:
        undo_last(tools, me)
    assert stale.value.decision == {"action": "closed", "made_by": colleague.id}


def test_the_last_of_any_of_these_is_what_u_undoes_and_nothing_of_it_by_a_viewer(tools, me, newsroom, submit):
    comment = submit(CLEAN).comment
    noting.note(tools, comment.author_id, "Wrote before.", me)
    curating.pin(tools, comment.id, me)
    publishing.set_discussion(tools, newsroom.article.id, "closed", me.id)
    block_domain(tools, "spam.example", me.id, "spam", 7)
    viewer = a_moderator(role="viewer")
    with pytest.raises(Forbidden):
        undoing.undo(tools, undoing.last_step(tools, me).id, viewer)
    with pytest.raises(Forbidden):
        noting.note(tools, comment.author_id, "Wrote before.", viewer)
    kinds = [undo_last(tools, me).kind for _ in range(4)]
    assert kinds == ["block", "discussion", "pin", "note"]
    assert undoing.last_step(tools, me) is None
    with tools.database.read() as store:
        assert store.audit.verify() == []


def answer_appeal_of_block(tools, me, author_id):
    block = block_author(tools, author_id, "m2", "spam", 7)
    made = appealing.appeal(tools, About("block", block.id), "It was not me.")
    answering.answer(tools, made.id, me, made.version, grant=True)


@pytest.mark.parametrize(
    "step",
    [
        lambda tools, me, author_id: block_domain(tools, "spam.example", me.id, "spam", 7),
        lambda tools, me, author_id: lift_block(
            tools, block_domain(tools, "spam.example", me.id, "spam", 7).id, me.id
        ),
        lambda tools, me, author_id: block_author(
            tools, author_id, me.id, "spam", 7, covers=("email_domain",)
        ),
        answer_appeal_of_block,
    ],
    ids=["a domain", "its lifting", "an author with the domain", "an answer to the appeal of a block"],
)
def test_what_takes_a_senior_is_undone_by_a_senior_alone(tools, me, newsroom, submit, step):
    author_id = submit(CLEAN).comment.author_id
    step(tools, me, author_id)
    done = undoing.last_step(tools, me)
    assert not acting.may_undo(done, newsroom.moderator)  # so there is no button for it either
    with pytest.raises(Forbidden):
        undoing.undo(tools, done.id, newsroom.moderator)
    assert acting.may_undo(done, me)
    undoing.undo(tools, done.id, me)


def test_a_moderator_blocks_an_author_and_nothing_wider_with_him(tools, newsroom, submit):
    author_id = submit(CLEAN).comment.author_id
    with pytest.raises(Forbidden):
        block_author(tools, author_id, newsroom.moderator.id, "spam", 7, covers=("email_domain",))
    assert in_force(tools) == []
    block_author(tools, author_id, newsroom.moderator.id, "spam", 7)
