"""Mail to readers arrives once, is tried again while the server is away, and leaves no address or text behind."""

from dataclasses import replace

import pytest

from moderation.mail import MailFailed
from moderation.services.linking import ask_for_link
from moderation.services.mailing import send_due
from moderation.services.remembering import erase_author
from moderation.store.tables import Mail
from tests.services.test_at_once import at_once
from tests.workbench import rows


class Away:
    """A mail server that takes nothing."""

    def send(self, to, subject, text, headers=None):
        raise MailFailed("The mail server did not take the message.", kind="ConnectionRefusedError")


@pytest.fixture
def asked(tools, newsroom, submit):
    """Somebody with a link on the way."""
    author_id = submit().comment.author_id
    ask_for_link(tools, newsroom.site.id, "ann@example.com", "hy")
    return author_id


def test_a_sent_mail_leaves_neither_address_nor_text(tools, asked, mailbox, clock):
    assert send_due(replace(tools, mailer=mailbox.mailer)) == 1
    (mail,) = mailbox.came
    assert "մեկնաբանությունները" in mail["Subject"]
    assert mail["Auto-Submitted"] == "auto-generated"
    (row,) = rows(tools.database, Mail)
    assert (row.to, row.subject, row.text, row.headers) == ("", "", "", {})
    assert row.sent_at == clock()
    assert 'moderation_mails_total{outcome="sent"} 1.0' in tools.metrics.exposition().decode()


def test_a_mail_is_tried_again_and_given_up_at_last(tools, asked, mailbox, clock):
    away = replace(tools, mailer=Away())
    tries = 0
    for _ in range(40):
        tries += send_due(away)
        clock.advance(minutes=30)
    assert tries == 6
    figures = tools.metrics.exposition().decode()
    assert 'moderation_mails_total{outcome="retried"} 5.0' in figures
    assert 'moderation_mails_total{outcome="given_up"} 1.0' in figures
    (row,) = rows(tools.database, Mail)
    assert (row.to, row.text, row.sent_at, row.last_error) == ("", "", None, "ConnectionRefusedError")
    assert send_due(replace(tools, mailer=mailbox.mailer)) == 0


def test_what_failed_arrives_once_the_server_is_back(tools, asked, mailbox, clock):
    send_due(replace(tools, mailer=Away()))
    clock.advance(minutes=1)
    assert send_due(replace(tools, mailer=mailbox.mailer)) == 1
    assert len(mailbox.came) == 1


def test_a_mail_is_sent_once_by_however_many_senders(tools, asked, mailbox):
    sending = replace(tools, mailer=mailbox.mailer)
    at_once(lambda _: send_due(sending))
    assert len(mailbox.came) == 1


def test_a_sender_that_died_is_followed_by_another(tools, asked, mailbox, clock):
    with tools.database.begin() as store:
        store.mails.claim_due(clock(), lease=clock().replace(minute=5) - clock())
    assert send_due(replace(tools, mailer=mailbox.mailer)) == 0
    clock.advance(minutes=5)
    assert send_due(replace(tools, mailer=mailbox.mailer)) == 1


def test_an_erased_person_is_sent_nothing_more(tools, asked, mailbox):
    erase_author(tools, asked, "cli")
    assert send_due(replace(tools, mailer=mailbox.mailer)) == 0
    assert rows(tools.database, Mail) == []


def test_rows_are_forgotten_after_two_days(tools, newsroom, asked, mailbox, clock):
    sending = replace(tools, mailer=mailbox.mailer)
    send_due(sending)
    clock.advance(days=2)
    assert len(rows(tools.database, Mail)) == 1
    clock.advance(seconds=1)
    send_due(sending)
    assert rows(tools.database, Mail) == []
