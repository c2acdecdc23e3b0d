"""Undo at the desk, by the button of the queue and from the list of what was done; bulk actions without script."""

import json

import pytest

from moderation.services import bulk, previewing
from moderation.services.appeal_links import About
from moderation.services.appealing import appeal
from moderation.services.submitting import NewComment, Writer, submit_comment

HELD = "Pashinyan is an idiot"
SCRIPT = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def held(tools, newsroom, clock):
    """Three comments that wait."""
    made = []
    for name in ("Ann", "Bedros", "Carl"):
        clock.advance(minutes=1)
        new = NewComment(newsroom.site.id, newsroom.article.id, HELD, Writer(name, f"{name}@example.com"))
        made.append(submit_comment(tools, new).comment)
    return made


def state(tools, comment):
    with tools.database.read() as store:
        return store.comments.get(comment.id).state


def test_the_last_thing_done_is_undone_from_the_queue(moderator, tools, held):
    moderator.act(moderator.page("/desk/"), held[0].id, "approve")
    page = moderator.page("/desk/")
    answer = moderator.send(page, "/desk/undo")
    assert answer.status_code == 303
    assert "Undone: the approval." in moderator.page(answer.location).text
    assert state(tools, held[0]) == "held"
    assert "Approved (undone)" in moderator.page(f"/desk/comments/{held[0].id}").text


def test_any_step_of_anybody_is_undone_from_the_list(moderator, administrator, tools, held):
    administrator.act(administrator.page("/desk/"), held[0].id, "reject", clause="personal-attack")
    page = moderator.page("/desk/steps")
    (form,) = [form for form in page.forms if "/steps/" in form.action]
    moderator.post(form.action, data=form.fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert state(tools, held[0]) == "held"
    assert "by Moderator" in moderator.page("/desk/steps").text
    again = moderator.post(form.action, data=form.fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert again.status_code == 409


def test_a_script_is_told_what_was_done_or_who_was_first(moderator, administrator, tools, held):
    page = moderator.page("/desk/")
    form = next(form for form in page.forms if form.action.endswith(held[0].id))
    sent = form.fields | {"action": "approve"}
    done = moderator.post(form.action, data=sent, headers=SCRIPT)
    assert (done.json["comment"], done.json["version"]) == (held[0].id, 2)
    late = administrator.post(
        form.action,
        data=sent | {"csrf_token": administrator.page("/desk/").form("/desk/bulk").fields["csrf_token"]},
        headers=SCRIPT,
    )
    assert (late.status_code, late.json["code"]) == (409, "stale-version")
    assert "Approved · by Moderator" in late.json["detail"]


def test_the_filters_of_the_queue_are_links(moderator, held):
    assert HELD in moderator.page("/desk/?detector=personal_attack").text
    assert "Nothing is waiting" in moderator.page("/desk/?detector=links").text
    assert HELD in moderator.page(f"/desk/?author={held[1].author_id}").text
    assert moderator.page(f"/desk/?author={held[1].author_id}").html.count('class="case"') == 1
    assert "Nothing is waiting" in moderator.page("/desk/?language=xx").text


def test_a_bulk_action_says_what_it_will_change_and_is_undone_as_one(moderator, tools, held):
    form = moderator.page("/desk/").form("/desk/bulk")
    ticked = [f"{comment.id}:{comment.version}" for comment in held]
    data = form.fields | {"action": "reject", "chosen": ticked}
    answer = moderator.post(form.action, data=data, headers={"Sec-Fetch-Site": "same-origin"})
    page = moderator.read(answer)
    assert "Reject 3 comments?" in page.text
    assert "3 will change, by 3 authors; 3 held for “No personal attacks”." in page.text
    assert {state(tools, comment) for comment in held} == {"held"}
    confirm = page.form("/desk/batches").fields | {"chosen": ticked, "clause": "personal-attack"}
    answer = moderator.post("/desk/batches", data=confirm, headers={"Sec-Fetch-Site": "same-origin"})
    assert "0 of 3 gone through" in moderator.page(answer.location).text
    bulk.run_due(tools)
    page = moderator.page(answer.location)
    assert "3 of 3 gone through" in page.text
    assert {state(tools, comment) for comment in held} == {"rejected"}
    moderator.send(page, "/undo")
    bulk.run_due(tools)
    assert "Undone: every comment" in moderator.page(answer.location).text
    assert {state(tools, comment) for comment in held} == {"held"}


def test_a_note_on_an_author_stands_in_the_history_and_is_erased_with_the_author(moderator, tools, held):
    page = moderator.page("/desk/")
    form = next(form for form in page.forms if form.action.endswith(f"{held[0].author_id}/notes"))
    moderator.post(
        form.action,
        data=form.fields | {"note": "<b>Wrote</b> before."},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    history = f"/desk/authors/{held[0].author_id}/history"
    assert "&lt;b&gt;Wrote&lt;/b&gt; before." in moderator.get(history).text
    with tools.database.begin() as store:
        store.people.erase(held[0].author_id, tools.now())
    assert "before." not in moderator.get(history).text


def test_the_news_name_nobody_s_words_and_streams_are_bounded(moderator, administrator, tools, held):
    csrf = moderator.page("/desk/").form("/desk/bulk").fields["csrf_token"]
    mine = moderator.post("/desk/claims", data={"csrf_token": csrf, "comment": held[0].id}, headers=SCRIPT)
    assert mine.json["mine"] == [held[0].id]
    news = administrator.get("/desk/live", headers=SCRIPT).json
    assert news["taken"] == {held[0].id: "Moderator"}
    assert news["present"] == ["Moderator"]
    assert HELD not in json.dumps(news)
    assert moderator.get("/desk/stream").status_code == 503  # the settings of these tests allow none


def press(browser, page, ending, **fields):
    """Send the form of a page, and give the page it leads to."""
    answer = browser.send(page, ending, **fields)
    assert answer.status_code == 303, answer.text
    return browser.page(answer.location)


def test_all_that_match_a_filter_are_previewed_changed_and_undone_as_one(moderator, tools, held):
    page = moderator.page(f"/desk/?author={held[0].author_id}")
    assert "All 1 that match:" in page.text
    assert "that match:" not in moderator.page("/desk/").text  # all of them are on this page, to be ticked
    page = moderator.page("/desk/?clause=personal-attack")
    assert "All 3 that match:" in page.text
    seen = moderator.read(moderator.send(page, "/desk/bulk/all", action="reject"))
    assert "Reject 3 comments?" in seen.text
    assert "3 will change, by 3 authors; 3 held for “No personal attacks”." in seen.text
    assert "3 get the strike of the rule named" in seen.text
    assert seen.text.count(HELD) == 3
    assert {state(tools, comment) for comment in held} == {"held"}
    page = press(moderator, seen, "/desk/batches", clause="personal-attack")
    assert "0 of 3 gone through" in page.text
    bulk.run_due(tools)
    address = next(form.action for form in page.forms if form.action.endswith("/stop")).removesuffix("/stop")
    page = moderator.page(address)
    assert "3 of 3 gone through" in page.text
    assert "/desk/?clause=personal-attack" in page.links
    assert {state(tools, comment) for comment in held} == {"rejected"}
    moderator.send(page, "/undo")
    bulk.run_due(tools)
    assert "3 of 3 taken back" in moderator.page(address).text
    assert {state(tools, comment) for comment in held} == {"held"}


def test_a_bulk_action_is_stopped_on_its_page(moderator, tools, held):
    page = moderator.page("/desk/?clause=personal-attack")
    seen = moderator.read(moderator.send(page, "/desk/bulk/all", action="approve"))
    page = press(moderator, press(moderator, seen, "/desk/batches"), "/stop")
    assert "Stopped" in page.text
    assert bulk.run_due(tools) == 0
    assert {state(tools, comment) for comment in held} == {"held"}
    assert [form.action.rpartition("/")[2] for form in page.forms if "/batches/" in form.action] == ["undo"]


def test_too_many_that_match_are_refused_with_what_to_do(moderator, held, monkeypatch):
    page = moderator.page("/desk/?clause=personal-attack")
    monkeypatch.setattr(previewing, "MOST_FOUND", 2)
    answer = moderator.send(page, "/desk/bulk/all", action="approve")
    assert answer.status_code == 422
    assert "More than 2 comments match." in moderator.read(answer).text
    assert "Narrow the filter" in moderator.page("/desk/?clause=personal-attack").text


@pytest.fixture
def published(moderator, tools, held):
    """A comment that is published, with its page."""
    moderator.act(moderator.page("/desk/"), held[0].id, "approve")
    return f"/desk/comments/{held[0].id}"


def undo(moderator):
    return press(moderator, moderator.page("/desk/"), "/desk/undo").text


def test_pin_note_block_and_discussion_are_undone_by_the_same_button_and_from_the_list(
    senior, tools, newsroom, published, held
):
    author = f"/desk/authors/{held[0].author_id}"
    press(senior, senior.page(published), "/pin", pinned="yes")
    assert "Undone: the pin." in undo(senior)
    press(senior, senior.page(author), "/notes", note="Wrote before.")
    assert "Undone: the note." in undo(senior)
    assert "Wrote before." not in senior.page(author).text
    press(senior, senior.page("/desk/blocks"), "/desk/blocks", domain="spam.example", clause="spam")
    assert "Undone: the block of a domain." in undo(senior)
    press(senior, senior.page("/desk/blocks"), "/address", address="192.0.2.7", clause="spam")
    assert "Undone: the block of an address." in undo(senior)
    article = f"/desk/articles/{newsroom.article.id}"
    press(senior, senior.page(article), "/discussion", discussion="closed")
    page = senior.page("/desk/steps")
    for words in ("Discussion closed", "Pinned", "Noted", "Domain blocked", "Address blocked"):
        assert words in page.text
    assert article in page.links
    press(senior, page, page_form(page, "/undo"))
    assert "It is open" in senior.page(article).text


def page_form(page, ending):
    """The end of the address of the first such form of a list of steps: that of the latest."""
    return next(
        form.action for form in page.forms if "/steps/" in form.action and form.action.endswith(ending)
    )


def test_an_answer_to_an_appeal_is_undone_and_the_page_says_what_cannot_be_called_back(
    moderator, tools, newsroom
):
    new = NewComment(
        newsroom.site.id, newsroom.article.id, "You are an idiot.", Writer("Ann", "a@example.com")
    )
    comment = submit_comment(tools, new).comment
    appeal(tools, About("decision", comment.decision_id), "I meant myself.")
    press(moderator, moderator.page("/desk/appeals"), page_of_appeal(moderator), verdict="grant")
    assert "cannot be called back" in moderator.page("/desk/steps").text
    said = undo(moderator)
    assert "Undone: the granting of an appeal. The appeal waits again." in said
    assert "cannot be called back" in said
    assert "I meant myself." in moderator.page("/desk/appeals").text
    assert state(tools, comment) == "rejected"


def page_of_appeal(moderator):
    (form,) = [form for form in moderator.page("/desk/appeals").forms if "/appeals/" in form.action]
    return form.action


def test_who_undoes_a_pin_that_a_colleague_let_go_is_told_so(moderator, administrator, tools, published):
    press(moderator, moderator.page(published), "/pin", pinned="yes")
    press(administrator, administrator.page(published), "/pin", pinned="no")
    answer = moderator.send(moderator.page("/desk/"), "/desk/undo")
    assert answer.status_code == 409
    assert "Let go of the top · by Administrator" in moderator.read(answer).text
