"""Readers report; enough different ones bring a comment to the queue; a moderator decides, and abuse is counted."""

import pytest

from moderation.errors import Forbidden, InvalidInput, NotFound, StaleVersion
from moderation.services import reporting
from moderation.services.reporting import Reporter
from moderation.store.tables import AuditEvent, Comment, LabelledDecision, Report, ReportedComment
from tests.builders import a_moderator
from tests.workbench import everything, rows


@pytest.fixture
def report(tools):
    """Report a comment, from a browser and a network of its own unless they are named."""

    def report(comment, by, network=None, clause="spam", sentence=""):
        reporter = Reporter(browser=by, network=by if network is None else network)
        return reporting.report(tools, comment.id, clause, reporter, sentence)

    return report


def in_queue(tools) -> list[str]:
    with tools.database.read() as store:
        return [row.item.comment.id for row in store.reports.queue(now=tools.now()).items]


def test_three_different_readers_bring_a_comment_to_the_queue_and_it_still_shows(tools, submit, report):
    comment = submit().comment
    assert [report(comment, name).in_queue for name in ("a", "b", "c", "d")] == [False, False, True, True]
    assert in_queue(tools) == [comment.id]
    assert rows(tools.database, Comment)[0].state == "published"
    actions = [event.action for event in rows(tools.database, AuditEvent)]
    assert (actions.count("comment.reported"), actions.count("comment.brought_to_queue")) == (4, 1)


def test_one_reader_counts_once_with_however_many_browsers(tools, submit, report):
    comment = submit().comment
    assert report(comment, "a").outcome == "received"
    assert report(comment, "a").outcome == "repeated"
    for browser in ("b", "c", "d"):
        report(comment, browser, network="a")
    assert in_queue(tools) == []
    assert len(rows(tools.database, Report)) == 4


@pytest.mark.parametrize("role", ["trusted", "staff"])
def test_one_trusted_reader_is_enough(tools, submit, role):
    comment, trusted = submit().comment, submit("Another view of this.", by="Bo").comment
    with tools.database.begin() as store:
        store.people.set_role(trusted.author_id, role)
    reporter = Reporter(author_id=trusted.author_id, network="n")
    assert reporting.report(tools, comment.id, "threat", reporter).in_queue
    assert in_queue(tools) == [comment.id]


def test_a_report_names_a_rule_and_says_what_can_be_kept(tools, submit, report):
    comment = submit().comment
    for clause, sentence, field in (
        ("", "", "clause"),
        ("no-such", "", "clause"),
        ("held-first", "", "clause"),
        ("spam", "x" * 501, "sentence"),
        ("spam", "a\x07b", "sentence"),
        ("spam", "<img src=x onerror=alert(1)>", "sentence"),
    ):
        with pytest.raises(InvalidInput) as refused:
            report(comment, "a", clause=clause, sentence=sentence)
        assert list(refused.value.fields) == [field]
    assert rows(tools.database, Report) == []


def test_only_what_readers_see_is_reported(tools, submit, report, review):
    with pytest.raises(NotFound):
        report(submit("You are an idiot.").comment, "a")
    comment = submit().comment
    review(comment, "remove", clause="spam")
    with pytest.raises(NotFound):
        report(comment, "a")


def test_letting_it_stand_dismisses_the_reports_until_it_is_changed(tools, newsroom, submit, report):
    comment = submit(external_id="c1").comment
    for name in ("a", "b", "c"):
        report(comment, name)
    assert reporting.let_stand(tools, comment.id, newsroom.moderator, comment.version) == 3
    assert in_queue(tools) == []
    assert {row.state for row in rows(tools.database, Report)} == {"dismissed"}
    assert report(comment, "e").outcome == "looked-at"
    (label,) = rows(tools.database, LabelledDecision)
    assert (label.verdict, label.source) == ("publish", "moderator")
    submit("Something else altogether, at last.", external_id="c1", revision=2)
    assert [report(comment, name).outcome for name in ("a", "b", "c")] == ["received"] * 3
    assert in_queue(tools) == [comment.id]


def test_taking_it_down_upholds_the_reports_and_restoring_dismisses_them(tools, submit, report, review):
    comment = submit().comment
    for name in ("a", "b", "c"):
        report(comment, name)
    review(comment, "remove", clause="spam")
    assert {row.state for row in rows(tools.database, Report)} == {"upheld"}
    assert in_queue(tools) == []
    review(comment, "restore")
    assert {row.state for row in rows(tools.database, Report)} == {"dismissed"}
    assert "reports.dismissed" in [event.action for event in rows(tools.database, AuditEvent)]


def test_whose_reports_are_mostly_dismissed_counts_for_nothing(tools, newsroom, submit, report):
    for number in range(tools.engine.policy.reports.abuse_from):
        comment = submit(f"View number {number} of the matter, in my words.").comment
        report(comment, "crier")
        with tools.database.begin() as store:
            store.reports.bring(comment.id, 1, tools.now())
        reporting.let_stand(tools, comment.id, newsroom.moderator, comment.version)
    comment = submit("And the last of all my views.").comment
    for name in ("crier", "b", "c"):
        report(comment, name)
    assert in_queue(tools) == []
    assert [row.counts for row in rows(tools.database, Report)][-3:] == [False, True, True]
    report(comment, "d")
    assert in_queue(tools) == [comment.id]


def test_who_was_right_often_enough_goes_on_counting(tools):
    policy, record = tools.engine.policy, reporting.Record
    assert reporting.counts(policy, record(0, 4))
    assert not reporting.counts(policy, record(0, 5))
    assert reporting.counts(policy, record(1, 4))
    assert not reporting.counts(policy, record(1, 5))


def test_a_moderator_who_saw_an_older_comment_is_told(tools, newsroom, submit, report, review):
    comment = submit().comment
    for name in ("a", "b", "c"):
        report(comment, name)
    review(comment, "remove", clause="spam")
    with pytest.raises(StaleVersion):
        reporting.let_stand(tools, comment.id, newsroom.moderator, comment.version)
    with pytest.raises(Forbidden):
        reporting.let_stand(tools, comment.id, a_moderator(role="viewer"), comment.version)


def test_the_queue_asks_the_same_number_of_questions_however_long(tools, submit, report, query_count):
    def questions() -> int:
        with query_count(tools.database) as statements, tools.database.read() as store:
            store.reports.queue(now=tools.now())
        return len(statements)

    for number in range(4):
        comment = submit(f"Opinion number {number} on the matter at hand.", by=f"Bo{number}").comment
        for name in ("a", "b", "c"):
            report(comment, name)
        if number == 0:
            one = questions()
    assert len(in_queue(tools)) == 4
    assert questions() == one


def test_erasing_a_reporter_takes_the_sentence(tools, submit):
    comment, other = submit().comment, submit("Another view of this.", by="Bo").comment
    reporting.report(
        tools, comment.id, "spam", Reporter(author_id=other.author_id), "Zaven wrote this for money."
    )
    with tools.database.begin() as store:
        store.people.erase(other.author_id, tools.now())
    assert "Zaven" not in str(everything(tools.database))
    assert rows(tools.database, ReportedComment) == []
