"""What people do in the same moment comes out as if they had done it one after the other."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from moderation.errors import AuthorBlocked, Conflict, ModerationError, StaleVersion
from moderation.services import utc_now
from moderation.services.admitting import accept_link, invite, set_role
from moderation.services.delivering import deliver_due
from moderation.services.submitting import submit_comment
from moderation.store.tables import Author, Block, Comment, DecisionRow, Delivery, Moderator, Strike
from tests.builders import a_new_comment
from tests.workbench import rows

TOGETHER, PASSWORD = 6, "a long enough password"


def at_once(act) -> list[object]:
    """Do it in several threads at once; give what each got, or the error."""
    start = Barrier(TOGETHER)

    def one(number: int) -> object:
        start.wait(10)
        try:
            return act(number)
        except ModerationError as error:
            return error

    with ThreadPoolExecutor(TOGETHER) as threads:
        return [*threads.map(one, range(TOGETHER))]


def test_of_many_attacks_at_once_no_more_than_the_ladder_allows_are_taken(tools, submit):
    came = at_once(lambda number: submit(f"You are an idiot. {number}"))
    refused = [outcome for outcome in came if isinstance(outcome, AuthorBlocked)]
    assert len(refused) == TOGETHER - 3
    assert [len(rows(tools.database, table)) for table in (Author, Comment, Strike)] == [1, 3, 3]
    assert [block.penalty for block in rows(tools.database, Block)] == ["warn", "premoderate", "block"]
    with tools.database.read() as store:
        assert store.audit.verify() == []


def test_the_same_comment_many_times_at_once_is_one(tools, submit):
    came = at_once(lambda _: submit("I see it otherwise.", external_id="c-1"))
    assert len({outcome.comment.id for outcome in came}) == 1
    assert [outcome.repeated for outcome in came].count(False) == 1
    assert len(rows(tools.database, Comment)) == len(rows(tools.database, Delivery)) == 1


def test_the_same_revision_many_times_at_once_is_decided_once(tools, submit):
    submit("I see it otherwise.", external_id="c-1")
    came = at_once(lambda _: submit("I see it otherwise now.", external_id="c-1", revision=2))
    assert [outcome.repeated for outcome in came].count(False) == 1
    assert [decision.revision for decision in rows(tools.database, DecisionRow)] == [1, 2]
    assert len(rows(tools.database, Delivery)) == 2


def test_of_moderators_who_act_at_once_one_decides(tools, submit, review):
    comment = submit("არცახი სომხეთია და მორჩა").comment
    came = at_once(lambda _: review(comment, "approve", version=1))
    assert [isinstance(outcome, StaleVersion) for outcome in came].count(False) == 1
    assert rows(tools.database, Comment)[0].version == 2


def test_what_is_due_is_sent_once_by_however_many_senders(tools, submit, receiver):
    for number in range(TOGETHER):
        submit(f"Thought number {number}.", by=f"Ann{number}")
    sent = sum(at_once(lambda _: deliver_due(tools, limit=2)))
    while more := deliver_due(tools, limit=2):  # whoever found the endpoint in other hands left it there
        sent += more
    assert sent == TOGETHER
    assert len({request.headers["webhook-id"] for request in receiver.came}) == len(receiver.came) == TOGETHER


def test_a_one_time_link_opened_many_times_at_once_makes_one_account(tools):
    token = invite(tools, "mo@paper.example", "moderator", "cli")
    came = at_once(lambda number: accept_link(tools, token, f"Mo {number}", "a long enough password"))
    assert [isinstance(outcome, Moderator) for outcome in came].count(True) == 1
    assert len(rows(tools.database, Moderator)) == 1


def test_a_block_of_a_moment_ago_counts_though_the_comment_arrived_before_it(tools, newsroom):
    """Under a clock that goes on: the time of the block lies after the time at which the others began."""
    tools = replace(tools, now=utc_now)
    at_once(
        lambda number: submit_comment(
            tools, a_new_comment(newsroom.article, body=f"You are an idiot. {number}")
        )
    )
    assert len(rows(tools.database, Strike)) == 3
    assert [block.penalty for block in rows(tools.database, Block)] == ["warn", "premoderate", "block"]


def test_administrators_who_let_one_another_go_at_once_leave_one(tools):
    administrators = [
        accept_link(tools, invite(tools, f"a{number}@paper.example", "administrator", "cli"), "Ada", PASSWORD)
        for number in range(TOGETHER)
    ]
    came = at_once(lambda number: set_role(tools, administrators[number].id, "viewer", "cli"))
    assert [isinstance(outcome, Conflict) for outcome in came].count(True) == 1
    assert [moderator.role for moderator in rows(tools.database, Moderator)].count("administrator") == 1
