"""My comments: a link opens what one wrote; it is changed, withdrawn, taken away, erased; mails are ended in one click."""

import re
from dataclasses import replace

import pytest

from moderation.services import confirming, connecting
from moderation.services.mailing import send_due
from moderation.services.notifying import tell_of_replies
from moderation.store.tables import AuditEvent, Author, Comment, Mail, ReplyWatch
from moderation.web.readers import LASTS
from tests.web.conftest import ATTACK, CLEAN
from tests.workbench import everything, rows

SENT = "If this address has written here, a link is on its way."


@pytest.fixture
def tools(tools, mailbox):
    return replace(tools, mailer=mailbox.mailer)


@pytest.fixture
def enter(tools, client, mailbox):
    """Ask for the link, open it, and give the page of one's own comments."""

    def enter(browser=client, email="ann@example.com"):
        browser.send(browser.page("/mine"), "/mine/link", email=email)
        send_due(tools)
        page = browser.page(mailbox.path("/mine/open/"))
        answer = browser.send(page, mailbox.path("/mine/open/"))
        assert answer.status_code == 303, answer.text
        return browser.page(answer.location)

    return enter


def comment_of(tools) -> Comment:
    return rows(tools.database, Comment)[-1]


def test_the_answer_is_the_same_whoever_has_written_here(client, tools):
    client.comment(CLEAN)
    answers = []
    for email in ("ann@example.com", "nobody@example.com"):
        answer = client.send(client.page("/mine"), "/mine/link", email=email)
        assert answer.status_code == 200
        answers.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert answers[0] == answers[1]
    assert SENT in answers[0]
    assert [bool(mail.to) for mail in rows(tools.database, Mail)] == [True, False]


def test_what_is_no_address_is_named_beside_its_field(client):
    answer = client.send(client.page("/mine"), "/mine/link", email="ann")
    assert answer.status_code == 422
    assert "does not look right" in client.read(answer).text


def test_looking_at_a_link_does_not_use_it_up(client, tools, mailbox, enter):
    client.comment(CLEAN)
    client.send(client.page("/mine"), "/mine/link", email="ann@example.com")
    send_due(tools)
    path = mailbox.path("/mine/open/")
    for _ in range(3):
        page = client.page(path)
    assert client.send(page, path).status_code == 303
    again = client.send(client.page(path), path)
    assert again.status_code == 404
    assert "used or has expired" in client.read(again).text


def test_each_comment_stands_with_its_state_clause_and_words(client, enter):
    client.comment(CLEAN)
    client.comment(ATTACK)
    page = enter()
    assert "Published" in page.text
    assert "Not permitted" in page.text
    assert "No personal attacks. Argue with what was said, not with who said it." in page.text
    assert page.marked


def test_the_page_speaks_armenian(client, enter):
    client.comment(ATTACK)
    enter()
    page = client.page("/mine?lang=hy")
    assert "Վիճե՛ք ասվածի, ոչ թե ասողի հետ։" in page.text


def test_nobody_sees_the_comments_of_others(client, enter):
    client.comment("My plum orchard says no.", name="Bedros", email="bedros@example.com")
    client.comment(CLEAN)
    assert "plum" not in enter().text


def test_a_comment_is_changed_within_five_minutes(client, tools, enter, clock):
    client.comment(CLEAN)
    comment = comment_of(tools)
    link = next(link for link in enter().links if link.endswith(comment.id) and "/mine/" in link)
    page = client.page(link)
    assert client.send(page, comment.id, body="").status_code == 422
    answer = client.send(page, comment.id, body="I see it otherwise now.\r\nTruly.")
    assert "Your changed comment is published." in client.page(answer.location).text
    assert comment_of(tools).body == "I see it otherwise now.\nTruly."
    clock.advance(minutes=5)
    refused = client.send(page, comment.id, body="Too late, and the text is kept.")
    assert refused.status_code == 403
    assert "Too late, and the text is kept." in refused.text
    assert f"/mine/comments/{comment.id}" not in client.page("/mine").links


def test_a_comment_is_withdrawn_and_shows_no_more(client, tools, enter):
    client.comment(CLEAN)
    answer = client.send(enter(), "/withdraw")
    assert "Withdrawn by you" in client.page(answer.location).text
    assert CLEAN not in client.page("/articles/karabakh").text
    assert rows(tools.database, Comment)[0].state == "withdrawn"


def test_all_data_are_one_file(client, enter):
    client.comment(CLEAN)
    client.comment(ATTACK)
    answer = client.send(enter(), "/mine/export")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    given = answer.json
    assert given["author"]["email"] == "ann@example.com"
    assert {comment["body"] for comment in given["comments"]} == {CLEAN, ATTACK}
    assert len(given["strikes"]) == 1
    assert "salt" not in answer.text
    assert "email_key" not in answer.text


def test_erasing_is_asked_twice_and_ends_the_session(client, tools, enter):
    client.comment(CLEAN)
    enter()
    page = client.page("/mine/erase")
    assert client.send(page, "/mine/erase").status_code == 422
    assert rows(tools.database, Comment)[0].body == CLEAN
    answer = client.send(page, "/mine/erase", sure="yes")
    after = client.page(answer.location)
    assert "You are erased" in after.text
    assert after.form("/mine/link")
    (author,) = rows(tools.database, Author)
    assert (author.name, author.email, rows(tools.database, Comment)[0].body) == ("", None, "")


def test_without_a_session_nothing_is_shown_changed_or_given(client, tools):
    client.comment(CLEAN)
    comment = comment_of(tools)
    page = client.page("/mine")
    before = everything(tools.database)
    assert client.get("/mine/erase").status_code == 401
    assert client.get(f"/mine/comments/{comment.id}").status_code == 401
    token = page.form("/mine/link").fields["csrf_token"]
    for path in (
        "/mine/export",
        "/mine/erase",
        f"/mine/comments/{comment.id}",
        f"/mine/comments/{comment.id}/withdraw",
    ):
        data = {"csrf_token": token, "sure": "yes", "body": "Other."}
        assert client.post(path, data=data, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 401, (
            path
        )
    assert everything(tools.database) == before


def test_a_session_ends_everywhere_at_sign_out(client, app, tools, enter):
    client.comment(CLEAN)
    page = enter()
    cookie = client.get_cookie("moderation")
    client.send(page, "/mine/sign-out")
    stolen = app.test_client()
    stolen.set_cookie("moderation", cookie.value)
    assert CLEAN not in stolen.page("/mine").text


def test_a_session_is_over_after_a_while(client, enter, clock):
    client.comment(CLEAN)
    assert CLEAN in enter().text
    clock.advance(seconds=LASTS.total_seconds() + 1)
    assert CLEAN not in client.page("/mine").text


def test_the_cookie_is_for_http_and_this_site_alone_and_new_at_each_entrance(client, tools, mailbox, enter):
    client.comment(CLEAN)
    page = client.page("/mine")
    before = page.form("/mine/link").fields["csrf_token"]
    client.send(page, "/mine/link", email="ann@example.com")
    send_due(tools)
    answer = client.send(client.page(mailbox.path("/mine/open/")), mailbox.path("/mine/open/"))
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    refused = client.post(
        "/mine/sign-out", data={"csrf_token": before}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert refused.status_code == 400


def test_a_reader_s_session_opens_no_desk_and_ends_no_moderator_s(client, moderator, enter):
    client.comment(CLEAN)
    enter()
    assert client.get("/desk/").status_code in (303, 308)
    assert "sign-in" in client.get("/desk/", follow_redirects=True).request.path
    enter(moderator)
    moderator.page("/desk/")


def test_the_form_offers_to_tell_of_replies_and_does_not_by_itself(client, tools):
    page = client.page("/articles/karabakh")
    box = next(given for tag, given in page.tags if given.get("name") == "notify")
    assert (box["type"], "checked" in box) == ("checkbox", False)
    client.comment(CLEAN)
    assert rows(tools.database, ReplyWatch) == []
    client.send(page, "/comments", body="Do tell me.", name="Ann", email="ann@example.com", notify="yes")
    assert len(rows(tools.database, ReplyWatch)) == 1


def test_one_click_needs_neither_session_nor_token_and_looking_changes_nothing(
    client, app, tools, mailbox, enter, clock
):
    client.comment(CLEAN)
    enter()
    page = client.page("/articles/karabakh")
    client.send(page, "/comments", body="Do tell me.", name="Ann", email="ann@example.com", notify="yes")
    clock.advance(minutes=1)
    client.comment("No.", name="Bedros", email="b@example.com", reply_to=comment_of(tools).id)
    tell_of_replies(tools)
    send_due(tools)
    path = mailbox.path("/unsubscribe/")
    stranger = app.test_client()
    asked = stranger.page(path)
    assert rows(tools.database, ReplyWatch)[0].ended_at is None
    assert asked.form(path)
    answer = stranger.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert rows(tools.database, ReplyWatch)[0].ended_at == clock()
    assert "no more mails" in stranger.read(stranger.post(path)).text
    assert stranger.get("/unsubscribe/nonsense").status_code == 404


def test_a_comment_that_waits_says_for_what(client, tools, newsroom, mailbox):
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).confirms_addresses = True
    answer = client.comment(CLEAN)
    page = client.page(answer.location)
    assert "Confirm your address" in page.text
    assert "We sent you a link" in page.text
    assert "moderator will read" not in page.text
    send_due(tools)
    path = mailbox.path("/mine/open/")
    opened = client.send(client.page(path), path)
    assert "Published" in client.page(opened.location).text


def test_who_is_proven_by_link_may_bear_the_badge_of_the_address(client, tools, enter):
    client.comment(CLEAN)
    with tools.database.begin() as store:
        store.people.set_role(comment_of(tools).author_id, "staff")
    assert client.comment("As your editor I say no.").status_code == 422
    enter()
    assert client.comment("As your editor I say so.").status_code == 303


def test_neither_address_token_nor_text_is_logged_or_audited(client, tools, mailbox, enter, log):
    client.comment("My plum orchard says otherwise.", name="Zabel", email="zabel@quillfeather.example")
    enter(email="zabel@quillfeather.example")
    client.send(client.page("/mine"), "/mine/export")
    client.send(
        client.page(f"/mine/comments/{comment_of(tools).id}"), comment_of(tools).id, body="A plum is a plum."
    )
    client.send(client.page("/mine"), "/withdraw")
    client.send(client.page("/mine/erase"), "/mine/erase", sure="yes")
    client.get(mailbox.path("/mine/open/"))
    kept = (log.getvalue() + repr([vars(event) for event in rows(tools.database, AuditEvent)])).lower()
    assert "mail_tried" in kept
    assert "author.erased" in kept
    for trace in ("plum", "zabel", "quillfeather", mailbox.token().lower()):
        assert trace not in kept, trace


def test_a_comment_whose_address_nobody_confirmed_in_time_is_said_to_be_so(
    client, tools, newsroom, clock, enter, signed_in
):
    connecting.set_confirmation(tools, newsroom.site.id, True, "cli")
    answer = client.comment(CLEAN)
    clock.advance(days=tools.engine.policy.limits.unconfirmed_days)
    assert confirming.withdraw_unconfirmed(tools) == 1
    page = client.page(answer.location)
    assert "its address was never confirmed" in page.text
    assert "You withdrew" not in page.text
    assert "its address was not confirmed in time" in enter().text
    moderator = signed_in("moderator")
    assert "1 comment of the last 30 days was withdrawn unread" in moderator.page("/desk/rewording").text
    (comment,) = rows(tools.database, Comment)
    assert "comment.withdrawn" in moderator.page(f"/desk/comments/{comment.id}").text
