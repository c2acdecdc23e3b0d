"""Readers are told of replies where they wish it: once an hour and discussion, never of their own, until one click."""

from dataclasses import replace
from email.message import EmailMessage

import pytest

from moderation.errors import NotFound
from moderation.services import linking
from moderation.services.amending import withdraw_comment
from moderation.services.confirming import open_link
from moderation.services.mailing import send_due
from moderation.services.notifying import tell_of_replies, unsubscribe
from moderation.services.penalising import block_author
from moderation.services.remembering import erase_author
from moderation.store.tables import AuditEvent, ReplyWatch
from tests.builders import a_writer, an_article, stored
from tests.services.test_at_once import at_once
from tests.workbench import rows

UNREAD = "არცახი სომხეთია და მორჩა"  # held: nothing here reads Georgian
ANSWERS = (
    "I do not agree at all.",
    "The vote was closer than that.",
    "Who counted them?",
    "My uncle was there and saw it.",
    "Then read the treaty again.",
)


@pytest.fixture
def tools(tools, mailbox):
    return replace(tools, mailer=mailbox.mailer)


@pytest.fixture
def told(tools, mailbox):
    """Write and send what is due; the mails about replies that have come so far."""

    def told() -> list[EmailMessage]:
        tell_of_replies(tools)
        while send_due(tools):
            pass
        return [mail for mail in mailbox.came if mail["List-Unsubscribe"]]

    return told


@pytest.fixture
def watched(tools, newsroom, submit, mailbox):
    """Ann's comment, with the wish to be told, from an address that is confirmed."""
    linking_author = submit("A first word of mine.")
    linking.ask_for_link(tools, newsroom.site.id, "ann@example.com")
    send_due(tools)
    open_link(tools, mailbox.token())
    assert linking_author.status == "published"
    return submit("I see it otherwise.", notify=True).comment


@pytest.fixture
def reply(submit, clock):
    """Answer a comment a minute later, Bedros if nobody is named."""

    answers = iter(ANSWERS)

    def reply(comment, *body, by="Bedros", **more):
        clock.advance(minutes=1)
        return submit(*(body or (next(answers),)), by=by, parent_id=comment.id, **more)

    return reply


def test_who_wishes_is_told_of_a_reply_without_its_text(watched, reply, told):
    answer = reply(watched, "My plum orchard says no.").comment
    (mail,) = told()
    assert mail["To"] == "ann@example.com"
    text = mail.get_content()
    assert answer.id in text
    assert "plum" not in text
    assert "Bedros" not in text


def test_who_does_not_wish_is_not_told(submit, reply, told):
    reply(submit("I see it otherwise.").comment)
    assert told() == []


def test_nobody_is_told_of_their_own_replies(watched, reply, told):
    reply(watched, by="Ann")
    assert told() == []


def test_the_mail_can_be_unsubscribed_in_one_click(tools, watched, reply, told, mailbox):
    """RFC 8058: both headers, the address of HTTPS or HTTP alone, and it names who without a login."""
    reply(watched)
    (mail,) = told()
    address = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in mail.get_content()
    unsubscribe(tools, address.rpartition("/")[2], "req-1")
    unsubscribe(tools, address.rpartition("/")[2])
    events = [event for event in rows(tools.database, AuditEvent) if event.action == "replies.unsubscribed"]
    assert [(event.subject, event.request_id) for event in events] == [
        (f"author:{watched.author_id}", "req-1")
    ]
    reply(watched)
    assert len(told()) == 1


def test_an_hour_is_one_mail_for_all_that_came(watched, reply, told, clock):
    reply(watched)
    assert len(told()) == 1
    later = [reply(watched).comment.id for _ in range(3)]
    assert len(told()) == 1
    clock.advance(minutes=57)
    mails = told()
    assert len(mails) == 2
    assert [comment_id in mails[1].get_content() for comment_id in later] == [True] * 3
    clock.advance(hours=2)
    assert len(told()) == 2


def test_discussions_are_told_of_apart(tools, newsroom, watched, submit, reply, told):
    other = an_article(newsroom.site, title="Another headline")
    with tools.database.begin() as store:
        stored(store, other)
    second = submit("A word here too.", article=other, notify=True).comment
    reply(watched), reply(second, article=other)
    assert {mail["Subject"] for mail in told()} == {
        "1 new under “Putin Says Karabakh is Azerbaijan”",
        "1 new under “Another headline”",
    }


def test_a_held_reply_is_told_of_once_it_shows(watched, reply, review, told, clock):
    held = reply(watched, UNREAD)
    assert held.status == "held"
    assert told() == []
    clock.advance(minutes=5)
    review(held.comment, "approve")
    assert len(told()) == 1


def test_a_reply_that_is_gone_again_is_not_told_of(tools, watched, reply, told):
    gone = reply(watched).comment
    withdraw_comment(tools, gone.author_id, gone.id)
    assert told() == []


def test_who_has_not_confirmed_the_address_is_asked_first(tools, submit, reply, told, mailbox):
    """Else anybody could have mail sent to an address that is not theirs."""
    comment = submit("I see it otherwise.", notify=True).comment
    assert comment.state == "published"
    reply(comment)
    assert told() == []
    assert len(mailbox.came) == 1
    open_link(tools, mailbox.token())
    reply(comment)
    (mail,) = told()
    assert mail["Subject"].startswith("2 ")


@pytest.mark.parametrize("gone", ["erased", "blocked"])
def test_who_is_erased_or_blocked_is_not_written_to(tools, watched, reply, told, gone):
    reply(watched)
    if gone == "erased":
        erase_author(tools, watched.author_id, "cli")
    else:
        block_author(tools, watched.author_id, "cli", None, 7)
    assert told() == []


def test_the_wish_is_kept_once_and_renewed(tools, watched, submit, reply, told, mailbox):
    submit("And another thing.", notify=True)
    assert len(rows(tools.database, ReplyWatch)) == 1
    reply(watched)
    told()
    unsubscribe(tools, mailbox.token("/unsubscribe/"))
    submit("I am curious after all.", notify=True)
    (watch,) = rows(tools.database, ReplyWatch)
    assert watch.ended_at is None


def test_the_mail_speaks_the_language_of_the_page(newsroom, tools, watched, submit, reply, told):
    other = an_article(newsroom.site, title="Մեկ ուրիշ վերնագիր")
    with tools.database.begin() as store:
        stored(store, other)
    reply(submit("A word.", article=other, notify=True, page_language="hy").comment, article=other)
    (mail,) = told()
    assert mail["Subject"] == "1 նոր պատասխան՝ «Մեկ ուրիշ վերնագիր»"
    assert "Այլևս չտեղեկացվելու համար" in mail.get_content()


def test_a_link_that_is_not_ours_unsubscribes_nobody(tools, watched):
    with pytest.raises(NotFound):
        unsubscribe(tools, watched.id)


def test_replies_are_told_of_once_by_however_many_workers(tools, watched, reply, told):
    reply(watched)
    at_once(lambda _: tell_of_replies(tools))
    assert len(told()) == 1


def test_a_reply_with_a_headline_of_two_lines_is_a_mail_like_any_other(tools, newsroom, watched, reply, told):
    with tools.database.begin() as store:
        store.articles.get(newsroom.article.id).title = "Two\nlines: {count} %s"
    reply(watched)
    (mail,) = told()
    assert mail["Subject"] == "1 new under “Two lines: {count} %s”"


def test_a_writer_of_the_site_without_an_address_is_told_nothing(submit, reply, told):
    writer = replace(a_writer(), email=None, external_id="user-1")
    reply(submit("I see it otherwise.", writer=writer, notify=True).comment)
    assert told() == []
