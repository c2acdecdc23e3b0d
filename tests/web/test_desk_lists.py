"""The desk's lists: appeals, reported comments, the block list by filters, out and in."""

import io

import pytest

from moderation.services import appealing, penalising, reporting
from moderation.services.appeal_links import About
from moderation.services.reporting import Reporter
from moderation.services.submitting import NewComment, Writer, submit_comment
from moderation.store.tables import Appeal, Block, Comment, Strike
from tests.web.conftest import ATTACK, CLEAN
from tests.workbench import rows

WHY = "It was a quotation."


@pytest.fixture
def write(tools, newsroom, clock):
    """Hand in a comment as its author would; each comes a minute after the one before."""

    def write(body, name="Ann"):
        clock.advance(minutes=1)
        writer = Writer(name, f"{name.lower()}@example.com", address="192.0.2.7")
        return submit_comment(tools, NewComment(newsroom.site.id, newsroom.article.id, body, writer)).comment

    return write


@pytest.fixture
def appealed(tools, write) -> Appeal:
    comment = write(ATTACK)
    return appealing.appeal(tools, About("decision", comment.decision_id), WHY)


def reported(tools, comment) -> None:
    for name in ("a", "b", "c"):
        reporting.report(
            tools,
            comment.id,
            "spam",
            Reporter(name, network=name),
            "It <sells> things.".replace("<sells>", "sells"),
        )


def test_an_appeal_stands_with_comment_words_and_author_and_is_granted(moderator, tools, appealed):
    page = moderator.page("/desk/appeals")
    for part in (WHY, "You are an", "the automatic check", "No personal attacks", "Appeals (1)"):
        assert part in page.text, part
    assert "idiot" in page.marked
    answer = moderator.send(page, f"/appeals/{appealed.id}", verdict="grant")
    assert answer.status_code == 303
    assert rows(tools.database, Comment)[0].state == "published"
    assert "No appeal is waiting" in moderator.page("/desk/appeals").text
    assert WHY in moderator.page("/desk/appeals?state=granted").text


def test_refusing_without_a_sentence_is_refused_with_the_form_as_it_was(moderator, appealed):
    page = moderator.page("/desk/appeals")
    answer = moderator.send(page, f"/appeals/{appealed.id}", verdict="refuse", sentence="<b>no</b>")
    assert answer.status_code == 422
    page = moderator.read(answer)
    assert "markup" in page.text
    assert page.form(f"/appeals/{appealed.id}").fields["sentence"] == "<b>no</b>"
    assert moderator.send(page, f"/appeals/{appealed.id}", verdict="perhaps").status_code == 422


def test_who_comes_second_sees_the_first_answer(moderator, signed_in, appealed):
    colleague = signed_in("moderator", "second@paper.example")
    page = colleague.page("/desk/appeals")
    moderator.send(
        moderator.page("/desk/appeals"), f"/appeals/{appealed.id}", verdict="refuse", sentence="It stands."
    )
    answer = colleague.send(page, f"/appeals/{appealed.id}", verdict="grant")
    assert answer.status_code == 409
    page = colleague.read(answer)
    assert "It stands." in page.text
    assert "Refused" in page.text


def test_a_viewer_reads_appeals_and_reports_and_answers_none(viewer, tools, appealed, write):
    reported(tools, write(CLEAN, "Bo"))
    for address in ("/desk/appeals", "/desk/reported", "/desk/blocks"):
        page = viewer.page(address)
        assert not [form for form in page.forms if form.method == "post" and "sign-out" not in form.action]
    answer = viewer.post(f"/desk/appeals/{appealed.id}", data={"verdict": "grant"})
    assert answer.status_code in (400, 403)


def test_ones_own_decision_is_a_colleagues_to_answer(moderator, signed_in, tools, write):
    colleague = signed_in("moderator", "second@paper.example")
    comment = write(CLEAN)
    moderator.act(moderator.page(f"/desk/comments/{comment.id}"), comment.id, "remove", clause="spam")
    decision = rows(tools.database, Comment)[0].decision_id
    made = appealing.appeal(tools, About("decision", decision), WHY)
    page = moderator.page("/desk/appeals")
    assert "A colleague answers" in page.text
    assert not [form for form in page.forms if form.action.endswith(made.id)]
    answer = colleague.send(colleague.page("/desk/appeals"), f"/appeals/{made.id}", verdict="grant")
    assert answer.status_code == 303


def test_a_reported_comment_stands_with_reasons_and_may_stand(moderator, tools, write):
    comment = write(CLEAN)
    reported(tools, comment)
    page = moderator.page("/desk/reported")
    for part in (CLEAN, "3 reports", "No advertising (3)", "It sells things.", "Reported (1)"):
        assert part in page.text, part
    answer = moderator.send(page, f"/comments/{comment.id}/reports")
    assert answer.status_code == 303
    assert "Nothing is waiting" in moderator.page("/desk/reported").text
    assert rows(tools.database, Comment)[0].state == "published"


def test_a_reported_comment_is_taken_down_under_a_rule_with_its_higher_points(moderator, tools, write):
    comment = write(CLEAN)
    reported(tools, comment)
    page = moderator.page("/desk/reported")
    assert moderator.act(page, comment.id, "remove", clause="spam", severe="yes").status_code == 303
    assert moderator.send(page, f"/comments/{comment.id}/reports").status_code == 409
    (strike,) = rows(tools.database, Strike)
    assert strike.points == tools.engine.policy.clauses["spam"].severe_points
    assert "Nothing is waiting" in moderator.page("/desk/reported").text


def test_a_block_covers_the_network_where_it_is_ticked(senior, tools, write):
    comment = write(CLEAN)
    page = senior.page(f"/desk/comments/{comment.id}")
    answer = senior.send(page, f"/authors/{comment.author_id}/block", covers="network", clause="spam")
    assert answer.status_code == 303
    assert [block.subject_kind for block in rows(tools.database, Block)] == ["author", "network"]
    page = senior.page("/desk/blocks?kind=network")
    assert "a network, known as" in page.text
    assert "192.0.2.7" not in page.html


def test_the_block_list_is_filtered_and_exported_as_shown(moderator, tools, write):
    comment = write(CLEAN)
    penalising.block_author(tools, comment.author_id, "m1", "spam", 30, "=cmd|' /C calc'!A0")
    penalising.block_domain(tools, "spam.example", "m1", None, None)
    page = moderator.page("/desk/blocks?kind=email_domain")
    assert "spam.example" in page.text
    assert "Ann" not in page.text
    (link,) = [link for link in page.links if "export.csv" in link]
    answer = moderator.get(link)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(answer.text.splitlines()) == 2
    assert ",'=cmd" in moderator.get("/desk/blocks/export.csv").text
    assert len(moderator.get("/desk/blocks/export.json").json["blocks"]) == 2
    moderator.page("/desk/blocks?kind=planet", 422)


def test_an_address_is_blocked_by_its_hash(senior, tools):
    page = senior.page("/desk/blocks")
    answer = senior.send(page, "/blocks/address", address="nowhere", days="7")
    assert answer.status_code == 422
    assert "192.0.2.7 or" in senior.read(answer).text
    answer = senior.send(page, "/blocks/address", address="192.0.2.9", days="7")
    assert answer.status_code == 303
    assert "192.0.2.9" not in senior.page("/desk/blocks").html


def test_an_administrator_imports_a_list_and_learns_which_line_is_wrong(administrator, moderator, tools):
    page = administrator.page("/desk/blocks")

    def send(browser, text):
        file = (io.BytesIO(text.encode()), "blocks.csv")
        fields = {"csrf_token": page.form("/blocks/import").fields["csrf_token"], "file": file}
        return browser.post(
            "/desk/blocks/import",
            data=fields,
            content_type="multipart/form-data",
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    answer = send(administrator, "kind,subject\nemail_domain,a.example\nemail,nobody\n")
    assert answer.status_code == 422
    assert "line 3" in administrator.read(answer).text
    assert rows(tools.database, Block) == []
    assert send(administrator, "kind,subject\nemail_domain,a.example\n").status_code == 303
    assert "1 added" in administrator.page("/desk/blocks").text
    assert not [form for form in moderator.page("/desk/blocks").forms if form.action.endswith("/import")]
