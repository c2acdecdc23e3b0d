"""What has been kept long enough goes, once a day, and not before; what somebody still needs stays."""

import json
import threading
from dataclasses import replace

import pytest

from moderation import worker
from moderation.errors import Forbidden
from moderation.protocols.standard_webhooks import sign
from moderation.services import appeal_links, appealing, noting, reporting, retaining
from moderation.services.admitting import invite
from moderation.services.delivering import deliver_due
from moderation.services.penalising import block_author
from moderation.services.receiving import receive
from moderation.settings import Settings
from moderation.store import retention
from moderation.store.tables import (
    AkismetCall,
    AuditEvent,
    Author,
    AuthorNote,
    Block,
    Comment,
    DecisionRow,
    Delivery,
    OneTimeLink,
    ReceivedHook,
    Report,
)
from tests.workbench import everything, rows

YEAR = {"days": 366}
KINDS = {
    *("deliveries", "hooks", "calls", "links", "domains", "networks"),
    *("comments", "appeals", "reports", "notes", "addresses"),
}


def text_of(tools) -> str:
    return json.dumps(everything(tools.database), default=repr, ensure_ascii=False)


def test_words_that_no_reader_sees_go_after_a_year_and_not_before(tools, clock, submit, review):
    rejected = submit("You are a quincy idiot.").comment
    removed = submit("The quincy orchard is theirs.").comment
    submit("The corridor must stay open.", by="Bedros")
    review(removed, "remove", clause="spam", note="Quincy again.")
    before = rows(tools.database, DecisionRow)
    clock.advance(days=364)
    assert retaining.forget(tools, "cli")["comments"] == 0
    clock.advance(days=2)
    assert retaining.forget(tools, "cli")["comments"] == 2
    assert "quincy" not in text_of(tools).lower()
    kept = {comment.id: comment for comment in rows(tools.database, Comment)}
    assert [kept[one.id].state for one in (rejected, removed)] == ["rejected", "removed"]
    assert [comment.body for comment in kept.values() if comment.body] == ["The corridor must stay open."]
    assert [(row.verdict, row.clause) for row in rows(tools.database, DecisionRow)] == [
        (row.verdict, row.clause) for row in before
    ]
    with tools.database.read() as store:
        assert store.audit.verify() == []


def test_the_year_begins_with_the_last_decision(tools, clock, submit, review):
    comment = submit("The quince orchard is theirs.").comment
    clock.advance(**YEAR)
    review(comment, "remove", clause="spam")
    assert retaining.forget(tools, "cli")["comments"] == 0
    clock.advance(**YEAR)
    assert retaining.forget(tools, "cli")["comments"] == 1


@pytest.fixture
def brief(tools):
    """The same service, which keeps words for the shortest time: as long as they can be appealed."""
    return replace(tools, settings=Settings(hidden_text_days=1))


def test_evidence_stays_while_a_strike_counts_or_a_block_holds(brief, clock, submit):
    struck = submit("You are a pathetic idiot.").comment
    clock.advance(days=60)
    assert retaining.forget(brief, "cli")["comments"] == 0
    block_author(brief, struck.author_id, "cli", "personal-attack", 90, comment_ids=[struck.id])
    clock.advance(days=60)  # the strike counts no more
    assert retaining.forget(brief, "cli")["comments"] == 0
    clock.advance(days=60)
    assert retaining.forget(brief, "cli")["comments"] == 1


def test_what_an_open_appeal_is_about_stays_and_the_appeal_goes_with_it(brief, clock, newsroom, submit):
    decision = submit("You are a pathetic idiot.").comment.decision_id
    about = appeal_links.About("decision", decision)
    appeal = appealing.appeal(brief, about, "It was a quotation.")
    clock.advance(**YEAR)
    assert retaining.forget(brief, "cli")["comments"] == 0
    appealing.withdraw(brief, appeal.id, appeal.version)
    assert retaining.forget(brief, "cli")["comments"] == 1
    assert "quotation" not in text_of(brief)


def test_a_comment_without_its_words_is_not_shown_again_and_not_asked_for_again(
    tools, clock, newsroom, submit, review
):
    given = {"external_id": "wp-1"}
    comment = submit("You are a pathetic idiot.", **given).comment
    clock.advance(**YEAR)
    retaining.forget(tools, "cli")
    with pytest.raises(Forbidden):
        review(comment, "approve")
    again = submit("You are a pathetic idiot.", **given)
    assert (again.repeated, again.comment.id, again.status) == (True, comment.id, "rejected")


def test_what_was_said_of_people_goes_with_the_words(tools, clock, newsroom, submit, review):
    comment = submit("The corridor must stay open.").comment
    noting.note(tools, comment.author_id, "Quarrelsome.", newsroom.moderator)
    reporting.report(tools, comment.id, "spam", reporting.Reporter("1", network="n1"), "He sells quinces.")
    reporting.let_stand(tools, comment.id, newsroom.moderator, comment.version)
    block = block_author(tools, comment.author_id, "cli", "spam", 7, "Quarrelsome too.")
    clock.advance(days=8)
    assert retaining.forget(tools, "cli")["notes"] == 0
    clock.advance(**YEAR)
    counts = retaining.forget(tools, "cli")
    assert (counts["notes"], counts["reports"], counts["comments"]) == (2, 1, 0)
    assert [(row.sentence, row.network) for row in rows(tools.database, Report)] == [("", "")]
    assert rows(tools.database, AuthorNote) == []
    assert [row.note for row in rows(tools.database, Block) if row.id == block.id] == [""]
    assert "quinces" not in text_of(tools)


def test_who_writes_no_more_keeps_no_address_and_is_known_again(tools, clock, submit):
    author_id = submit("The corridor must stay open.").comment.author_id
    clock.advance(days=300)
    submit("The corridor must stay open, I say.")
    clock.advance(days=300)
    assert retaining.forget(tools, "cli")["addresses"] == 0
    clock.advance(days=66)
    assert retaining.forget(tools, "cli")["addresses"] == 1
    assert "ann@example.com" not in text_of(tools)
    assert submit("Here I am again, after years.").comment.author_id == author_id
    assert [author.email for author in rows(tools.database, Author)] == ["ann@example.com"]


def test_the_address_of_who_is_blocked_stays(tools, clock, submit):
    author_id = submit("The corridor must stay open.").comment.author_id
    block_author(tools, author_id, "cli", "spam", None)
    clock.advance(**YEAR)
    assert retaining.forget(tools, "cli")["addresses"] == 0


def test_what_programs_sent_and_were_sent_goes_after_a_month(tools, clock, newsroom, submit, receiver):
    submit("The corridor must stay open.")
    while deliver_due(tools):
        pass
    submit("The corridor must stay open, I say.")  # its event waits
    invite(tools, "new@paper.example", "moderator", "cli")
    news = {"type": "article.closed", "timestamp": "2026-11-23T12:00:00Z"}
    body = json.dumps(news | {"data": {"article": {"external_id": "post-1"}}}).encode()
    headers = sign("msg_1", clock(), body, newsroom.site.inbound_secrets[0])
    receive(tools, "standard-webhooks", "paper", headers, body)
    with tools.database.begin() as store:
        call = AkismetCall(site_id=newsroom.site.id, kind="spam", digest="d1", at=clock())
        store.akismet.add(call, since=clock())
    clock.advance(days=29)
    assert not any(retaining.forget(tools, "cli").values())
    clock.advance(days=9)
    counts = retaining.forget(tools, "cli")
    assert [counts[kind] for kind in ("deliveries", "hooks", "calls", "links")] == [1, 1, 1, 1]
    assert len(rows(tools.database, Delivery)) == 1
    assert rows(tools.database, ReceivedHook) == rows(tools.database, OneTimeLink) == []
    assert [call.digest for call in rows(tools.database, AkismetCall)] == [None]


def test_nought_days_keep_words_and_addresses(tools, clock, submit):
    kept = replace(tools, settings=Settings(hidden_text_days=0, address_days=0))
    submit("You are a pathetic idiot.")
    clock.advance(days=4000)
    assert not any(retaining.forget(kept, "cli").values())
    assert [
        *(comment.body for comment in rows(tools.database, Comment)),
        *(author.email for author in rows(tools.database, Author)),
    ] == ["You are a pathetic idiot.", "ann@example.com"]


def test_it_happens_once_a_day_and_the_log_says_how_much_and_no_more(tools, clock, submit):
    submit("You are a pathetic idiot.")
    clock.advance(**YEAR)
    foreseen = retaining.due(tools)
    assert retaining.forget_due(tools) == sum(foreseen.values()) == 2  # a comment's words, an address
    submit("Another pathetic idiot, you are.")
    clock.advance(hours=23)
    assert retaining.forget_due(tools) == 0
    clock.advance(hours=1)
    assert retaining.forget_due(tools) == 0
    first, second = (row for row in rows(tools.database, AuditEvent) if row.action == retaining.EVENT)
    assert (first.actor, set(first.detail)) == ("clock", KINDS | {"left"})
    assert (first.detail["comments"], first.detail["addresses"]) == (1, 1)
    assert not any(second.detail.values())


def test_what_cannot_be_done_at_once_is_gone_on_with_a_minute_later(tools, clock, submit, monkeypatch):
    submit("You are a pathetic idiot.")
    clock.advance(**YEAR)
    monkeypatch.setattr(retaining, "_AT_ONCE", -1)
    assert retaining.forget_due(tools) == 0
    monkeypatch.undo()
    clock.advance(minutes=1)
    assert retaining.forget_due(tools) == 2
    clock.advance(minutes=1)
    assert retaining.forget_due(tools) == 0


def test_a_worker_does_it(tools, clock, submit):
    class Twice(threading.Event):
        """Let the worker look once."""

        looks = 0

        def wait(self, timeout=None):
            self.looks += 1
            return self.looks > 1

    submit("You are a pathetic idiot.")
    clock.advance(**YEAR)
    worker.watch_the_day(tools, Twice())
    assert [comment.body for comment in rows(tools.database, Comment)] == [""]


def test_what_would_go_is_told_without_a_change(tools, clock, submit):
    submit("You are a pathetic idiot.")
    clock.advance(**YEAR)
    before = everything(tools.database)
    assert retaining.due(tools)["comments"] == 1
    assert everything(tools.database) == before


def test_others_write_between_the_parts(tools, clock, submit, monkeypatch):
    """Much that is due at once is forgotten in many short transactions, none of which holds more than a part."""
    monkeypatch.setattr(retention, "LIMIT", 2)
    for number in range(5):
        submit(f"You are a pathetic idiot, {number}.", by=f"Ann{number}")
    clock.advance(**YEAR)
    parts, forget_texts = [], retention.Retention.forget_texts

    def watched(self, keys, **when):
        parts.append(len(keys))
        return forget_texts(self, keys, **when)

    monkeypatch.setattr(retention.Retention, "forget_texts", watched)
    assert retaining.forget(tools, "cli")["comments"] == 5
    assert parts == [2, 2, 1]
