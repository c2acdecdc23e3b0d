"""A reader appeals once, in time, and another moderator answers; what follows, follows at once."""

from dataclasses import replace

import pytest

from moderation.errors import AppealClosed, Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from moderation.services import answering, appeal_links, appealing, penalising
from moderation.services.appeal_links import About
from moderation.store.tables import (
    Appeal,
    AuditEvent,
    Block,
    Comment,
    Delivery,
    LabelledDecision,
    Mail,
    Strike,
)
from tests.builders import a_moderator, stored
from tests.workbench import everything, rows

ATTACK = "You are an idiot."
WHY = "It was a quotation."


@pytest.fixture
def colleague(tools, newsroom):
    colleague = a_moderator(name="Col")
    with tools.database.begin() as store:
        stored(store, colleague)
    return colleague


@pytest.fixture
def senior(tools):
    senior = a_moderator(name="Se", role="senior")
    with tools.database.begin() as store:
        stored(store, senior)
    return senior


@pytest.fixture
def appeal(tools):
    """Appeal the decision in force on a comment."""

    def appeal(comment, text=WHY, language="en") -> Appeal:
        (known,) = [row for row in rows(tools.database, Comment) if row.id == comment.id]
        return appealing.appeal(tools, About("decision", known.decision_id), text, language)

    return appeal


def actions(tools) -> list[str]:
    return [event.action for event in rows(tools.database, AuditEvent)]


def test_an_appeal_is_kept_once_for_each_decision(tools, submit, appeal):
    comment = submit(ATTACK).comment
    made = appeal(comment, f"  {WHY}\n")
    assert (made.state, made.text, made.comment_id, made.author_id) == (
        "open",
        WHY,
        comment.id,
        comment.author_id,
    )
    with pytest.raises(Conflict):
        appeal(comment, "Again.")
    assert len(rows(tools.database, Appeal)) == 1
    assert actions(tools)[-1] == "appeal.received"
    assert rows(tools.database, Delivery)[-1].event == "appeal.received"
    assert [mail.kind for mail in rows(tools.database, Mail)][-1] == "appeal.received"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        (" \n\t ", "is empty"),
        ("x" * 2001, "2,001 characters. Shorten it to 2,000"),
        ("a\x00b", "NUL"),
        ("turn \u202e it", "direction of writing"),
        ("see <script>alert(1)</script>", "markup"),
        ("half \ud800", "surrogate"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(tools, submit, appeal, text, says):
    comment = submit(ATTACK).comment
    with pytest.raises(InvalidInput) as refused:
        appeal(comment, text)
    assert says in refused.value.fields["text"][0]
    assert rows(tools.database, Appeal) == []


def test_an_appeal_is_heard_for_as_long_as_the_policy_says(tools, submit, appeal, clock):
    first, second = submit(ATTACK).comment, submit("You are an idiot!", by="Bo").comment
    clock.advance(days=tools.engine.policy.appeals.days)
    appeal(first)
    clock.advance(seconds=1)
    with pytest.raises(AppealClosed, match="time"):
        appeal(second)


def test_only_what_was_refused_can_be_appealed(tools, submit, review, appeal):
    published, rejected = submit().comment, submit(ATTACK).comment
    with pytest.raises(AppealClosed, match="no longer stands"):
        appeal(published)
    (before,) = [row for row in rows(tools.database, Comment) if row.id == rejected.id]
    review(rejected, "approve")
    with pytest.raises(AppealClosed, match="no longer stands"):
        appealing.appeal(tools, About("decision", before.decision_id), WHY)


def test_a_link_is_signed_and_says_what_it_is_about(tools):
    path = appeal_links.path_of(tools, "decision", "d1")
    token = path.rpartition("/")[2]
    assert appeal_links.read(tools, token) == About("decision", "d1")
    for wrong in (token[:-2], token + "x", "", "e30.x", f"x{token}"):
        with pytest.raises(NotFound):
            appeal_links.read(tools, wrong)
    other = replace(
        tools,
        settings=tools.settings.model_copy(update={"secret_key": type(tools.settings.secret_key)("y" * 40)}),
    )
    with pytest.raises(NotFound):
        appeal_links.read(other, token)


def test_granting_publishes_overrules_and_lifts_in_one_transaction(tools, newsroom, submit, appeal, clock):
    for end in ("", "!", "?"):
        clock.advance(minutes=1)
        last = submit(f"You are an idiot{end}").comment
    (block,) = [row for row in rows(tools.database, Block) if row.penalty == "block"]
    made = appeal(last)
    answering.answer(
        tools,
        made.id,
        newsroom.moderator,
        made.version,
        grant=True,
        sentence="You are right.",
        request_id="r1",
    )
    (settled,) = rows(tools.database, Appeal)
    assert (settled.state, settled.answer, settled.settled_by, settled.version) == (
        "granted",
        "You are right.",
        newsroom.moderator.id,
        2,
    )
    comment = rows(tools.database, Comment)[-1]
    assert (comment.id, comment.state) == (last.id, "published")
    assert [strike.overruled_by for strike in rows(tools.database, Strike)] == [
        None,
        None,
        newsroom.moderator.id,
    ]
    (block,) = [row for row in rows(tools.database, Block) if row.id == block.id]
    assert block.lifted_by == newsroom.moderator.id
    together = [event for event in rows(tools.database, AuditEvent) if event.request_id == "r1"]
    assert [event.action for event in together] == [
        "appeal.granted",
        "comment.approved",
        "strike.overruled",
        "block.lifted",
    ]
    events = [delivery.event for delivery in rows(tools.database, Delivery)]
    assert sorted(events[-3:]) == ["appeal.answered", "author.unblocked", "comment.published"]
    (label,) = [row for row in rows(tools.database, LabelledDecision) if row.source == "appeal"]
    assert (label.verdict, label.clause, label.who) == ("publish", None, newsroom.moderator.id)


def test_where_one_part_of_granting_fails_nothing_of_it_stays(tools, newsroom, submit, appeal, monkeypatch):
    made = appeal(submit(ATTACK).comment)
    before = everything(tools.database)
    monkeypatch.setattr(answering.reviewing, "overrule", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        answering.answer(tools, made.id, newsroom.moderator, made.version, grant=True)
    assert everything(tools.database) == before


def test_an_article_that_is_gone_gives_its_strike_back_and_shows_nothing(tools, newsroom, submit, appeal):
    comment = submit(ATTACK).comment
    made = appeal(comment)
    with tools.database.begin() as store:
        store.articles.get(newsroom.article.id).deleted_at = tools.now()
    answering.answer(tools, made.id, newsroom.moderator, made.version, grant=True)
    assert rows(tools.database, Comment)[0].state == "rejected"
    assert rows(tools.database, Strike)[0].overruled_at is not None
    assert rows(tools.database, Appeal)[0].state == "granted"
    assert "cannot be shown" in rows(tools.database, Mail)[-1].text


def test_a_refusal_needs_a_sentence_and_changes_nothing_else(tools, newsroom, submit, appeal):
    made = appeal(submit(ATTACK).comment)
    for sentence in ("", "  ", "x" * 1001, "bad \x07"):
        with pytest.raises(InvalidInput) as refused:
            answering.answer(tools, made.id, newsroom.moderator, made.version, grant=False, sentence=sentence)
        assert "sentence" in refused.value.fields
    answering.answer(
        tools, made.id, newsroom.moderator, made.version, grant=False, sentence="It was aimed at a reader."
    )
    assert rows(tools.database, Comment)[0].state == "rejected"
    assert rows(tools.database, Strike)[0].overruled_at is None
    (label,) = [row for row in rows(tools.database, LabelledDecision) if row.source == "appeal"]
    assert (label.verdict, label.clause) == ("reject", "personal-attack")
    assert "It was aimed at a reader." in rows(tools.database, Mail)[-1].text


def test_nobody_answers_an_appeal_of_the_own_decision_while_there_is_a_colleague(
    tools, newsroom, submit, review, appeal, colleague
):
    comment = submit().comment
    review(comment, "remove", clause="spam")
    made = appeal(comment)
    with pytest.raises(Forbidden, match="colleague"):
        answering.answer(tools, made.id, newsroom.moderator, made.version, grant=True)
    answering.answer(tools, made.id, colleague, made.version, grant=True)
    assert rows(tools.database, Comment)[0].state == "published"


def test_who_is_alone_answers_an_appeal_of_the_own_decision(tools, newsroom, submit, review, appeal):
    viewer, closed = a_moderator(role="viewer"), a_moderator(deactivated_at=newsroom.moderator.created_at)
    with tools.database.begin() as store:
        stored(store, viewer, closed)
    comment = submit().comment
    review(comment, "remove", clause="spam")
    made = appeal(comment)
    for nobody in (viewer, closed):
        with pytest.raises(Forbidden):
            answering.answer(tools, made.id, nobody, made.version, grant=True)
    answering.answer(tools, made.id, newsroom.moderator, made.version, grant=True)
    assert rows(tools.database, Appeal)[0].state == "granted"


def test_of_two_answers_the_second_learns_of_the_first(tools, newsroom, submit, appeal, colleague):
    made = appeal(submit(ATTACK).comment)
    answering.answer(tools, made.id, newsroom.moderator, made.version, grant=True)
    with pytest.raises(StaleVersion) as stale:
        answering.answer(tools, made.id, colleague, made.version, grant=False, sentence="No.")
    assert stale.value.decision == {"state": "granted", "made_by": newsroom.moderator.id}


def test_a_reader_may_withdraw_an_open_appeal_and_no_other(tools, newsroom, submit, appeal):
    made = appeal(submit(ATTACK).comment)
    assert appealing.withdraw(tools, made.id, made.version).state == "withdrawn"
    with pytest.raises(StaleVersion):
        answering.answer(tools, made.id, newsroom.moderator, made.version, grant=True)
    with pytest.raises(StaleVersion):
        appealing.withdraw(tools, made.id, made.version)
    assert rows(tools.database, Comment)[0].state == "rejected"
    assert actions(tools)[-1] == "appeal.withdrawn"


def test_a_moderator_who_approves_without_being_asked_grants_the_open_appeal(tools, submit, review, appeal):
    comment = submit(ATTACK).comment
    appeal(comment)
    review(comment, "approve")
    assert rows(tools.database, Appeal)[0].state == "granted"
    assert "appeal.granted" in [mail.kind for mail in rows(tools.database, Mail)]


def test_a_block_is_appealed_by_its_own_link_and_lifted(tools, newsroom, submit, senior):
    author_id = submit().comment.author_id
    block = penalising.block_author(tools, author_id, "m2", "spam", 30, covers=("email_domain",))
    made = appealing.appeal(tools, About("block", block.id), WHY)
    assert (made.block_id, made.author_id, made.decision_id) == (block.id, author_id, None)
    with pytest.raises(Forbidden, match="senior"):
        answering.answer(tools, made.id, newsroom.moderator, made.version, grant=True)
    answering.answer(tools, made.id, senior, made.version, grant=True)
    assert all(row.lifted_at is not None for row in rows(tools.database, Block))
    assert submit("But listen, all of you.").status == "published"


def test_a_warning_is_no_block_that_could_be_appealed(tools, submit):
    submit(ATTACK)
    (warning,) = rows(tools.database, Block)
    with pytest.raises(NotFound):
        appealing.appeal(tools, About("block", warning.id), WHY)


def test_erasing_the_author_takes_the_words_of_the_appeal_too(tools, newsroom, submit, appeal):
    comment = submit(ATTACK).comment
    made = appeal(comment, "My cousin Zaven knows why.")
    answering.answer(
        tools, made.id, newsroom.moderator, made.version, grant=False, sentence="Zaven does not."
    )
    with tools.database.begin() as store:
        store.people.erase(comment.author_id, tools.now())
    assert "Zaven" not in str(everything(tools.database))


def test_a_reader_who_wrote_armenian_is_answered_in_armenian(tools, newsroom, submit, appeal):
    made = appeal(submit(ATTACK).comment, language="hy")
    answering.answer(tools, made.id, newsroom.moderator, made.version, grant=True)
    subjects = [mail.subject for mail in rows(tools.database, Mail) if mail.kind.startswith("appeal.")]
    assert subjects == ["Ստացանք ձեր բողոքը", "Ձեր բողոքը բավարարվեց"]


def test_an_appeal_goes_over_to_the_block_that_takes_the_place_of_the_one_appealed(
    tools, newsroom, submit, senior
):
    author_id = submit().comment.author_id
    first = penalising.block_author(tools, author_id, "m2", "spam", 3)
    made = appealing.appeal(tools, About("block", first.id), WHY)
    second = penalising.block_author(tools, author_id, "m3", "threat", None)
    (carried,) = rows(tools.database, Appeal)
    assert (carried.state, carried.block_id, carried.version) == ("open", second.id, made.version + 1)
    event = next(event for event in rows(tools.database, AuditEvent) if event.action == "appeal.carried")
    assert event.subject == f"appeal:{made.id}"
    assert event.detail == {"from": first.id, "to": second.id}
    with pytest.raises(Conflict):
        appealing.appeal(tools, About("block", second.id), "Once more.")
    with pytest.raises(StaleVersion):  # who had read it as an appeal about the first
        answering.answer(tools, made.id, senior, made.version, grant=True)
    answering.answer(tools, made.id, senior, carried.version, grant=True)
    assert all(block.lifted_at for block in rows(tools.database, Block))
    assert submit("I am back.").status == "published"


@pytest.mark.parametrize("again", [True, False], ids=["given again", "not given again"])
def test_an_appeal_about_what_a_replaced_block_covered_is_carried_or_granted(tools, submit, again):
    author_id = submit().comment.author_id
    penalising.block_author(tools, author_id, "m2", "spam", 3, covers=("email_domain",))
    (domain,) = [block for block in rows(tools.database, Block) if block.subject_kind == "email_domain"]
    appealing.appeal(tools, About("block", domain.id), WHY)
    covers = ("email_domain",) if again else ()
    penalising.block_author(tools, author_id, "m3", "threat", None, covers=covers)
    (kept,) = rows(tools.database, Appeal)
    if again:
        (new,) = [
            block
            for block in rows(tools.database, Block)
            if block.subject_kind == "email_domain" and block.lifted_at is None
        ]
        assert (kept.state, kept.block_id) == ("open", new.id)
    else:
        assert (kept.state, kept.block_id, kept.settled_by) == ("granted", domain.id, "m3")
        assert "appeal.answered" in [row.event for row in rows(tools.database, Delivery)]


@pytest.mark.parametrize(
    "block",
    [
        lambda tools, days: penalising.block_domain(tools, "example.com", "m2", "spam", days),
        lambda tools, days: penalising.block_address(tools, "192.0.2.7", "m2", "spam", days),
    ],
    ids=["domain", "network"],
)
def test_of_a_domain_or_a_network_too(tools, newsroom, block):
    appealing.appeal(tools, About("block", block(tools, 3).id), WHY)
    second = block(tools, 30)
    assert [(row.state, row.block_id) for row in rows(tools.database, Appeal)] == [("open", second.id)]
