"""One reader's road: an insult, a notice, a third insult, a block, an appeal, and the comment published after all.

Each step is seen where it must be seen: by the reader, in the audit log, in a real mailbox, at the site's endpoint.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage

import pytest

from moderation.services import Tools
from moderation.services.admitting import invite
from moderation.services.mailing import send_due
from moderation.store.tables import Appeal, AuditEvent, Block, Comment, LabelledDecision, Mail, Strike
from tests.journeys.conftest import PASSWORD, Paper
from tests.mailbox import Mailbox, a_mailbox
from tests.web.conftest import Browser
from tests.web.reading import Page
from tests.workbench import rows

SENTENCE = "The second part was a quotation from the article; we read it again."
WHY = "I quoted what the minister said of himself."


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with a_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def tools(tools, mailbox) -> Tools:
    return replace(tools, mailer=mailbox.mailer)


@dataclass
class Watch:
    """What happened since it was last asked: audit events, mails, webhooks."""

    paper: Paper
    mailbox: Mailbox
    receiver: object
    events: int = 0
    mails: int = 0
    hooks: int = 0

    def step(self) -> tuple[list[str], list[EmailMessage], list[str]]:
        while send_due(self.paper.tools):
            pass
        told = self.paper.told(self.receiver)
        actions = [event.action for event in rows(self.paper.tools.database, AuditEvent)]
        since = actions[self.events :], self.mailbox.came[self.mails :], told[self.hooks :]
        self.events, self.mails, self.hooks = len(actions), len(self.mailbox.came), len(told)
        return since


@pytest.fixture
def watch(paper, mailbox, receiver) -> Watch:
    return Watch(paper, mailbox, receiver)


def moderator(paper: Paper, name: str) -> Browser:
    browser = paper.reader()
    token = invite(paper.tools, f"{name.lower()}@paper.example", "moderator", "cli")
    page = browser.page(f"/desk/welcome/{token}")
    answer = browser.send(page, f"/welcome/{token}", name=name, password=PASSWORD)
    assert answer.status_code == 303, answer.text
    return browser


def link_in(mail: EmailMessage) -> str:
    """The path of the signed link in a mail."""
    return re.search(r"https?://[^/]+(/appeals/\S+)", mail.get_content())[1]


def subjects(mails) -> list[str]:
    return [str(mail["Subject"]) for mail in mails]


def test_from_the_first_insult_to_the_block_and_back(paper, watch, clock):  # noqa: PLR0915  one story
    database = paper.tools.database
    ann = paper.reader()
    paper.post("The corridor must stay open, whoever guards it.", "Bedros")
    (parent,) = rows(database, Comment)
    watch.step()

    # The first insult: refused with a notice, a strike of two points, a warning.
    page = paper.post("you are a pathetic idiot", "Ann", parent.id, ann)
    assert "No personal attacks" in page.text
    assert "warning" in page.text
    actions, mails, hooks = watch.step()
    assert actions == ["comment.decided", "strike.given", "author.warned"]
    assert subjects(mails) == ["A warning from Asbarez"]
    assert mails[0]["To"] == "ann@example.com"
    assert "pathetic" not in mails[0].get_content()
    assert link_in(mails[0]).startswith("/appeals/")
    assert hooks == ["comment.rejected"]

    # The second: everything of hers is read first.
    clock.advance(minutes=1)
    paper.post("you are a pathetic idiot!", "Ann", parent.id, ann)
    actions, mails, hooks = watch.step()
    assert actions == ["comment.decided", "strike.given", "author.premoderated"]
    assert subjects(mails) == ["Your comments at Asbarez are read first"]
    assert hooks == ["comment.rejected"]

    # The third: blocked, with clause, evidence and end.
    clock.advance(minutes=1)
    refused = paper.post("The minister himself says: you are a pathetic idiot.", "Ann", parent.id, ann)
    assert "blocked" in refused.text
    actions, mails, hooks = watch.step()
    assert actions == ["comment.decided", "strike.given", "author.blocked"]
    assert subjects(mails) == ["You are blocked from commenting at Asbarez"]
    assert "Argue with what was said" in mails[0].get_content()
    assert hooks == ["comment.rejected", "author.blocked"]
    block = rows(database, Block)[-1]
    third = rows(database, Comment)[-1]
    assert (block.penalty, block.clause, len(block.strike_ids)) == ("block", "personal-attack", 3)
    assert third.id in block.comment_ids

    # What she writes now is refused, and she is told why, until when, and how to appeal.
    answer = ann.comment("But listen.", paper.article.slug, "Ann", "ann@example.com")
    assert answer.status_code == 403
    page = ann.read(answer)
    assert any(link.startswith("/appeals/") for link in page.links)
    assert watch.step() == ([], [], [])

    # She appeals the decision on the third by the link of its notice, in a browser that knows her not.
    (link,) = [link for link in refused.links if link.startswith("/appeals/")]
    stranger = paper.reader()
    page = stranger.page(link)
    assert page.marked, "the words in question are marked"
    sent = stranger.send(page, link, text=WHY)
    assert sent.status_code == 303
    page = stranger.page(sent.location)
    assert "waiting for an answer" in page.text
    assert WHY in page.text
    actions, mails, hooks = watch.step()
    assert actions == ["appeal.received"]
    assert subjects(mails) == ["We have your appeal"]
    assert hooks == ["appeal.received"]
    # One appeal for one decision: the link shows the one there is.
    assert not [form for form in stranger.page(link).forms if "text" in form.fields]

    # A moderator reads it at the desk and grants it with a sentence.
    desk = moderator(paper, "Mariam")
    watch.step()
    page = desk.page("/desk/appeals")
    assert WHY in page.text
    assert page.marked
    (appeal,) = rows(database, Appeal)
    answer = desk.send(page, f"/appeals/{appeal.id}", verdict="grant", sentence=SENTENCE)
    assert answer.status_code == 303, answer.text
    actions, mails, hooks = watch.step()
    assert actions == [
        "appeal.granted",
        "comment.approved",
        "strike.overruled",
        "block.lifted",
    ]
    together = rows(database, AuditEvent)[-4:]
    assert len({event.request_id for event in together}) == len({event.at for event in together}) == 1
    assert sorted(subjects(mails)) == ["You can comment at Asbarez again", "Your appeal was granted"]
    granted = next(mail for mail in mails if "granted" in str(mail["Subject"]))
    assert SENTENCE in granted.get_content()
    assert sorted(hooks) == ["appeal.answered", "author.unblocked", "comment.published"]

    # Published and unblocked; the two strikes that are left still have her read first.
    assert "The minister himself says" in paper.shown()
    assert [strike.overruled_at is None for strike in rows(database, Strike)] == [True, True, False]
    page = paper.reader().page(link_in(granted))
    assert "Your appeal was granted" in page.text
    assert SENTENCE in page.text
    assert "A moderator will read your comment" in paper.post("But listen.", "Ann", browser=ann).text

    # It teaches, and nothing of it is kept longer than needed.
    (label,) = [row for row in rows(database, LabelledDecision) if row.source == "appeal"]
    assert (label.comment_id, label.verdict) == (third.id, "publish")
    assert all((mail.to, mail.subject, mail.text) == ("", "", "") for mail in rows(database, Mail))
    log = json.dumps([event.detail for event in rows(database, AuditEvent)])
    assert not any(words in log for words in ("idiot", "minister", "quoted", "example.com"))
    with database.read() as store:
        assert store.audit.verify() == []


def test_a_refused_appeal_is_answered_with_the_moderators_sentence(paper, watch):
    database = paper.tools.database
    page = paper.post("You are a pathetic idiot.", "Ann")
    (link,) = [link for link in page.links if link.startswith("/appeals/")]
    reader = paper.reader()
    assert reader.send(reader.page(link), link, text="I did not mean it.").status_code == 303
    desk = moderator(paper, "Mariam")
    watch.step()
    (appeal,) = rows(database, Appeal)
    address = f"/appeals/{appeal.id}"
    missing = desk.send(desk.page("/desk/appeals"), address, verdict="refuse")
    assert missing.status_code == 422
    said = "You say so yourself: it was meant for a reader."
    answer = desk.send(Page(missing.text), address, verdict="refuse", sentence=said)
    assert answer.status_code == 303
    actions, mails, hooks = watch.step()
    assert (actions, hooks) == (["appeal.refused"], ["appeal.answered"])
    assert subjects(mails) == ["Your appeal was refused"]
    assert said in mails[0].get_content()
    assert said in reader.page(link).text
    assert rows(database, Comment)[0].state == "rejected"
    (label,) = [row for row in rows(database, LabelledDecision) if row.source == "appeal"]
    assert (label.verdict, label.clause) == ("reject", "personal-attack")
