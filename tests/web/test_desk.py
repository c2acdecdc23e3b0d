"""What moderators see and do at the desk."""

import pytest

from moderation.services import admitting, publishing
from moderation.services.submitting import NewComment, Writer, submit_comment
from tests.builders import DAY, a_block, a_delivery, an_endpoint, stored
from tests.web.conftest import ATTACK, CLEAN, PASSWORD

HELD = "Pashinyan is an idiot"


@pytest.fixture
def write(tools, newsroom, clock):
    """Hand in a comment as its author would; each comes a minute after the one before."""

    def write(body=HELD, name="Ann", **changes):
        clock.advance(minutes=1)
        email = changes.pop("email", f"{name.lower()}@example.com")
        new = NewComment(newsroom.site.id, newsroom.article.id, body, Writer(name, email), **changes)
        return submit_comment(tools, new).comment

    return write


def form_of(page, comment, action):
    return next(
        form
        for form in page.forms
        if form.action.endswith(f"/comments/{comment.id}") and ("action", action) in form.buttons
    )


def test_a_held_comment_stands_in_the_queue_with_all_that_is_needed_to_judge_it(moderator, write, newsroom):
    parent = write(CLEAN, name="Bedros")
    write(ATTACK, name="Ann")
    held = write(HELD, name="Ann", parent_id=parent.id)
    page = moderator.page("/desk/")
    assert page.html.count('class="case"') == 1
    assert "idiot" in page.marked
    for part in (
        "No personal attacks",
        "personal_attack",
        "a public figure",
        newsroom.article.title,
        "In reply to Bedros",
        CLEAN,
        "0 published, 1 held, 1 not permitted · 2 points",
        "Ann",
    ):
        assert part in page.text, part
    assert f"/desk/comments/{held.id}" in page.links


def test_a_disguised_word_is_shown_as_written_and_as_read(moderator, write):
    write("You are a fucking 1d10t", name="Ann")
    page = moderator.page("/desk/?state=rejected")
    assert "fucking" in page.marked
    assert "1d10t" in page.text


def test_the_gravest_comment_comes_first_then_the_oldest(moderator, write):
    capitals = write("THIS IS AN OUTRAGE AND EVERYBODY MUST READ WHAT I WRITE ABOUT IT NOW", name="Ann")
    first = write(HELD, name="Bedros")
    second = write("Aliyev is an idiot", name="Carl")
    assert {capitals.state, first.state, second.state} == {"held"}
    html = moderator.page("/desk/").html
    assert html.index(first.id) < html.index(second.id) < html.index(capitals.id)
    html = moderator.page("/desk/?order=oldest").html
    assert html.index(capitals.id) < html.index(first.id) < html.index(second.id)


def test_the_queue_pages_through_every_held_comment_once(moderator, write, tools, monkeypatch):
    monkeypatch.setattr("moderation.web.desk.queue.PAGE", 2)
    held = {write(HELD, name=f"Ann{number}").id for number in range(3)}
    shout = "THIS IS AN OUTRAGE AND EVERYBODY MUST READ WHAT I WRITE ABOUT IT NOW, NUMBER"
    held |= {write(f"{shout} {'X' * (number + 1)}", name=f"Ben{number}").id for number in range(4)}
    seen, link = [], "/desk/"
    while link:
        page = moderator.page(link)
        seen += [
            given["id"].removeprefix("case-")
            for _, given in page.tags
            if given.get("id", "").startswith("case-")
        ]
        link = next((link for link in page.links if "after=" in link), None)
    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == held


def test_the_queue_page_takes_the_same_number_of_queries_however_long_it_is(
    moderator, write, database, query_count
):
    write(HELD, name="Ann")
    with query_count(database) as few:
        moderator.page("/desk/")
    for number in range(12):
        write(f"{HELD} {number}", name=f"Ann{number}")
    moderator.page("/desk/steps")  # once a minute a session is noted as in use
    with query_count(database) as many:
        moderator.page("/desk/")
    assert len(many) == len(few)


def test_filters_are_links(moderator, write, tools, newsroom):
    write(CLEAN, name="Ann")
    write(HELD, name="Bedros")
    assert CLEAN in moderator.page("/desk/?state=published").text
    assert HELD not in moderator.page("/desk/?state=published").text
    assert HELD in moderator.page("/desk/?clause=personal-attack").text
    assert "Nothing is waiting" in moderator.page("/desk/?clause=threat").text
    assert HELD in moderator.page(f"/desk/?article={newsroom.article.id}").text
    assert "Nothing is waiting" in moderator.page("/desk/?article=other").text
    moderator.page("/desk/?state=unknown", 422)
    moderator.page("/desk/?after=nonsense", 422)


def test_approving_publishes(moderator, client, write):
    held = write()
    answer = moderator.act(moderator.page("/desk/"), held.id, "approve")
    assert answer.location == "/desk/"
    assert "Approved" in moderator.page(answer.location).text
    assert HELD in client.page("/articles/karabakh").text


def test_rejecting_names_clause_and_note_and_gives_its_strike(moderator, write):
    held = write()
    moderator.act(
        moderator.page("/desk/"), held.id, "reject", clause="personal-attack", note="Third time <b>today</b>."
    )
    page = moderator.page(f"/desk/comments/{held.id}")
    assert "Rejected · No personal attacks · by Moderator" in page.text
    assert "Third time <b>today</b>." in page.text
    assert "2 points" in page.text


def test_rejecting_without_a_clause_asks_for_it_and_keeps_the_note(moderator, tools, newsroom, write):
    publishing.set_discussion(tools, newsroom.article.id, "held-first", "cli")
    held = write(CLEAN)
    answer = moderator.act(moderator.page("/desk/"), held.id, "reject", clause="", note="Off topic.")
    page = moderator.read(answer)
    assert answer.status_code == 422
    assert f"#reject-clause-{held.id}" in page.links
    assert form_of(page, held, "reject").fields["note"] == "Off topic."


def test_an_overruled_rejection_lifts_what_rested_on_it(moderator, client, write):
    comments = [write(f"{ATTACK} {number}") for number in range(3)]
    assert client.comment(CLEAN).status_code == 403
    moderator.act(moderator.page("/desk/?state=rejected"), comments[0].id, "approve")
    assert client.comment(CLEAN).status_code == 303


def test_the_second_moderator_reads_what_the_first_decided(moderator, signed_in, write):
    held = write()
    page = moderator.page("/desk/")
    other = signed_in("administrator")
    other.act(other.page("/desk/"), held.id, "reject", clause="personal-attack")
    answer = moderator.act(page, held.id, "approve")
    page = moderator.read(answer)
    assert answer.status_code == 409
    assert "Somebody else decided first" in page.text
    assert "Rejected · No personal attacks · by Administrator" in page.text
    assert f"/desk/comments/{held.id}" in page.links


def test_a_published_comment_can_be_taken_down_and_restored(moderator, client, write):
    comment = write(CLEAN)
    page = moderator.page(f"/desk/comments/{comment.id}")
    moderator.act(page, comment.id, "remove", clause="spam")
    assert CLEAN not in client.page("/articles/karabakh").text
    page = moderator.page(f"/desk/comments/{comment.id}")
    moderator.act(page, comment.id, "restore")
    assert CLEAN in client.page("/articles/karabakh").text


def test_only_the_buttons_of_the_state_are_there_and_others_are_refused(moderator, write):
    comment = write(CLEAN)
    page = moderator.page(f"/desk/comments/{comment.id}")
    actions = {value for form in page.forms for name, value in form.buttons if name == "action"}
    assert actions == {"remove"}
    form = form_of(page, comment, "remove")
    answer = moderator.post(form.action, data=form.fields | {"action": "approve"})
    assert answer.status_code == 403


def test_a_comment_that_is_not_there_is_404(moderator):
    moderator.page("/desk/comments/nothing", 404)
    moderator.page("/desk/authors/nothing", 404)
    moderator.page("/desk/articles/nothing", 404)


def test_an_author_is_blocked_from_the_queue_with_the_comment_as_evidence(moderator, client, write):
    held = write(name="Ann")
    page = moderator.page("/desk/")
    (form,) = [form for form in page.forms if form.action.endswith("/block")]
    assert form.fields["comment"] == held.id
    answer = moderator.post(
        form.action, data=form.fields | {"days": "7", "clause": "personal-attack", "note": "Enough."}
    )
    assert answer.status_code == 303
    assert client.comment(CLEAN, name="Ann", email="ann@example.com").status_code == 403
    page = moderator.page("/desk/blocks")
    for part in (
        "Ann",
        "Blocked",
        "No personal attacks",
        "comment 1",
        "Moderator",
        "30 November 2026",
        "Enough.",
    ):
        assert part in page.text
    assert f"/desk/comments/{held.id}" in page.links
    (lift,) = [form for form in page.forms if form.action.endswith("/lift")]
    assert moderator.post(lift.action, data=lift.fields).status_code == 303
    assert client.comment(CLEAN, name="Ann", email="ann@example.com").status_code == 303
    assert "Nobody is on the list" in moderator.page("/desk/blocks").text
    assert "lifted 23 November 2026 by Moderator" in moderator.page("/desk/blocks?show=all").text


@pytest.mark.parametrize("days", ["0", "-1", "ten", "99999999", ""])
def test_a_block_lasts_as_long_as_was_said_and_never_for_ever_by_accident(moderator, write, days):
    write()
    (form,) = [form for form in moderator.page("/desk/").forms if form.action.endswith("/block")]
    assert moderator.post(form.action, data=form.fields | {"days": days}).status_code == 422


def test_an_author_page_shows_all_that_is_known(moderator, write):
    comment = write(ATTACK, name="Ann")
    page = moderator.page(f"/desk/authors/{comment.author_id}")
    for part in (
        "Ann",
        "ann@example.com",
        "1 not permitted · 2 points",
        "Warning",
        "No personal attacks",
        ATTACK,
    ):
        assert part in page.text


def test_a_domain_is_blocked_and_what_is_none_is_refused_with_what_was_typed(senior, client):
    page = senior.page("/desk/blocks")
    answer = senior.send(page, "/desk/blocks", domain="not a domain", note="Farm.")
    refused = senior.read(answer)
    assert answer.status_code == 422
    assert refused.form("/desk/blocks").fields["domain"] == "not a domain"
    assert (
        senior.send(page, "/desk/blocks", domain="Spam.Example", days="forever", clause="spam").status_code
        == 303
    )
    assert "everybody at spam.example" in senior.page("/desk/blocks").text
    assert client.comment(CLEAN, email="me@spam.example").status_code == 403


def test_an_article_is_written_opened_held_first_and_closed_without_a_cms(moderator, client):
    page = moderator.page("/desk/articles/new")
    answer = moderator.send(
        page,
        "/desk/articles",
        title="A New Story",
        source="Asbarez",
        byline="Ann Author",
        summary="One.\r\n\r\nTwo.",
        people="Nikol Pashinyan\r\n\r\nIlham Aliyev",
        published_at="2026-11-20",
        language="en",
    )
    assert answer.status_code == 303
    assert "20 November 2026" in client.page("/articles/a-new-story").text
    edit = moderator.page(answer.location)
    form = edit.form(answer.location)
    assert form.fields["people"] == "Nikol Pashinyan\nIlham Aliyev"
    assert form.fields["summary"] == "One.\n\nTwo."
    assert moderator.send(edit, answer.location, title="A Better Headline").status_code == 303
    assert "A Better Headline" in client.page("/articles/a-new-story").text
    for discussion, sign in (
        ("held-first", "A moderator reads every comment here"),
        ("closed", "This discussion is closed"),
        ("open", "Write a comment"),
    ):
        moderator.send(moderator.page(answer.location), "/discussion", discussion=discussion)
        assert sign in client.page("/articles/a-new-story").text


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("slug", "No Such Slug!"), ("url", "javascript:alert(1)"), ("published_at", "yesterday")],
)
def test_an_article_that_is_wrong_is_shown_again_as_typed(moderator, field, value):
    page = moderator.page("/desk/articles/new")
    answer = moderator.send(
        page, "/desk/articles", **{"title": "A Story", "summary": "Kept."} | {field: value}
    )
    again = moderator.read(answer)
    assert answer.status_code == 422
    assert again.form("/desk/articles").fields[field] == value
    assert again.form("/desk/articles").fields["summary"] == "Kept."
    assert f"#{field}" in again.links


def test_two_articles_cannot_have_one_address(moderator):
    page = moderator.page("/desk/articles/new")
    answer = moderator.send(page, "/desk/articles", title="A Story", slug="karabakh")
    assert answer.status_code == 409
    assert "#slug" in moderator.read(answer).links


def test_the_whole_text_of_a_long_article_fits_in(moderator):
    page = moderator.page("/desk/articles/new")
    answer = moderator.send(page, "/desk/articles", title="A Long Story", text="Երկար " * 30_000)
    assert answer.status_code == 303


def test_an_invitation_shows_its_link_once_and_opens_an_account(administrator, app):
    answer = administrator.send(
        administrator.page("/desk/moderators"), "/invite", email="New@Paper.example", role="viewer"
    )
    page = administrator.read(answer)
    link = next(word for word in page.text.split() if "/desk/welcome/" in word)
    assert link not in administrator.page("/desk/moderators").text
    newcomer = app.test_client()
    path = link[link.index("/desk/") :]
    answer = newcomer.send(newcomer.page(path), path, name="Nora", password=PASSWORD)
    assert answer.location == "/desk/"
    assert "Nora, viewer" in newcomer.page("/desk/").text
    app.test_client().page(path, 404)


def test_a_wrong_invitation_is_shown_again_as_typed(administrator):
    answer = administrator.send(
        administrator.page("/desk/moderators"), "/invite", email="nonsense", role="viewer"
    )
    page = administrator.read(answer)
    assert answer.status_code == 422
    assert page.form("/invite").fields["email"] == "nonsense"
    assert page.form("/invite").fields["role"] == "viewer"


def test_a_reset_link_sets_a_new_password_and_ends_sessions(administrator, moderator, tools, app):
    with tools.database.read() as store:
        account = store.moderators.get_by_email("moderator@paper.example")
    page = administrator.read(
        administrator.send(administrator.page("/desk/moderators"), f"/{account.id}/reset")
    )
    link = next(word for word in page.text.split() if "/desk/welcome/" in word)
    path = link[link.index("/desk/") :]
    other = app.test_client()
    assert other.send(other.page(path), path, password="quite another password").status_code == 303
    assert moderator.get("/desk/").status_code == 303
    assert "Moderator, moderator" in other.page("/desk/").text


def test_a_deactivated_moderator_is_out_at_once(administrator, moderator, tools):
    with tools.database.read() as store:
        account = store.moderators.get_by_email("moderator@paper.example")
    assert (
        administrator.send(administrator.page("/desk/moderators"), f"/{account.id}/deactivate").status_code
        == 303
    )
    assert moderator.get("/desk/").location.startswith("/desk/sign-in")
    assert "deactivated 23 November 2026" in administrator.page("/desk/moderators").text


def test_the_last_administrator_cannot_be_deactivated(administrator, tools):
    with tools.database.read() as store:
        (account,) = store.moderators.all()
    page = administrator.page("/desk/moderators")
    token = page.form("/sign-out").fields["csrf_token"]
    answer = administrator.post(f"/desk/moderators/{account.id}/deactivate", data={"csrf_token": token})
    assert answer.status_code == 409


def test_a_viewer_sees_everything_and_no_button(viewer, write):
    comment = write()
    for address in (
        "/desk/",
        f"/desk/comments/{comment.id}",
        f"/desk/authors/{comment.author_id}",
        "/desk/blocks",
        "/desk/articles",
        "/desk/moderators",
        "/desk/audit",
        "/desk/deliveries",
    ):
        page = viewer.page(address)
        sent = [form.action for form in page.forms if form.method == "post"]  # filters only ask
        assert sent == ["/desk/sign-out"], address


def test_the_audit_log_shows_who_did_what_and_that_its_chain_holds(moderator, write):
    held = write()
    moderator.act(moderator.page("/desk/"), held.id, "approve")
    page = moderator.page("/desk/audit")
    assert "The chain is unbroken" in page.text
    assert "comment.approved" in page.text
    assert "Moderator" in page.text
    only = moderator.page(f"/desk/audit?subject=comment:{held.id}")
    assert "comment.approved" in only.text
    assert "moderator.joined" not in only.text


def test_a_changed_row_of_the_audit_log_is_pointed_at(moderator, write, database):
    write()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_events SET actor = 'somebody' WHERE seq = 1")
    assert "The chain is broken at 1." in moderator.page("/desk/audit").text


def test_the_audit_log_pages_back_to_its_beginning(moderator, write, monkeypatch):
    monkeypatch.setattr("moderation.web.desk.records.PAGE", 2)
    for number in range(5):
        write(CLEAN + str(number), name=f"Ann{number}")
    link, seen = "/desk/audit", 0
    while link:
        page = moderator.page(link)
        seen += page.html.count("comment.decided</a>")
        link = next((link for link in page.links if "before=" in link), None)
    assert seen == 5
    moderator.page("/desk/audit?before=x", 422)


def test_a_delivery_that_was_given_up_can_be_sent_again(moderator, tools, newsroom):
    endpoint = an_endpoint(newsroom.site)
    delivery = a_delivery(
        endpoint, attempts=8, given_up_at=tools.now(), last_error="answered 500", last_status=500
    )
    with tools.database.begin() as store:
        stored(store, endpoint, delivery)
    with tools.database.begin() as store:
        store.outbox.get(delivery.id).next_attempt_at = None
    page = moderator.page("/desk/deliveries")
    assert "answered 500" in page.text
    assert endpoint.url in page.text
    assert moderator.send(page, "/replay").status_code == 303
    assert "None. Everything was delivered" in moderator.page("/desk/deliveries").text


def test_a_block_given_by_an_api_key_says_so(moderator, write, tools):
    comment = write()
    with tools.database.begin() as store:
        author = store.people.get(comment.author_id)
        stored(store, a_block(author, given_by="key:abc", ends_at=tools.now() + 2 * DAY))
    assert "an API key" in moderator.page("/desk/blocks").text


def test_the_first_administrator_names_the_address_of_the_account(app, tools, newsroom):
    token = admitting.first_administrator_link(tools)
    browser = app.test_client()
    page = browser.page(f"/desk/welcome/{token}")
    answer = browser.send(page, token, email="first@paper.example", name="First", password=PASSWORD)
    assert answer.status_code == 303
    assert "First, administrator" in browser.page("/desk/").text
