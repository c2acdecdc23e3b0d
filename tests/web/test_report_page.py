"""Readers report a comment without script, without an account."""

from moderation.store.tables import Comment, Report
from tests.web.conftest import CLEAN
from tests.workbench import rows


def report_link(client) -> str:
    page = client.page("/articles/karabakh")
    (link,) = [link for link in page.links if link.endswith("/report")]
    return link


def test_each_published_comment_can_be_reported_under_a_rule(client, tools, app):
    client.comment(CLEAN)
    stranger = app.test_client()
    link = report_link(stranger)
    page = stranger.page(link)
    assert CLEAN in page.text
    answer = stranger.send(page, link, clause="spam", sentence="An <b>advertisement</b>.")
    assert answer.status_code == 422
    assert "markup" in stranger.read(answer).text
    answer = stranger.send(page, link, clause="spam", sentence="It advertises.")
    assert answer.status_code == 200
    assert "Thank you" in stranger.read(answer).text
    (report,) = rows(tools.database, Report)
    assert (report.clause, report.sentence, report.state) == ("spam", "It advertises.", "open")
    assert "127.0.0.1" not in report.network
    assert rows(tools.database, Comment)[0].state == "published"


def test_a_browser_reports_once(client, tools):
    client.comment(CLEAN)
    link = report_link(client)
    page = client.page(link)
    client.send(page, link, clause="spam")
    answer = client.send(page, link, clause="threat")
    assert "already" in client.read(answer).text
    assert len(rows(tools.database, Report)) == 1


def test_a_forged_cookie_is_none(client, tools):
    client.comment(CLEAN)
    link = report_link(client)
    page = client.page(link)
    client.send(page, link, clause="spam")
    client.set_cookie("reporter", "forged.value")
    client.send(page, link, clause="spam")
    reporters = [report.reporter for report in rows(tools.database, Report)]
    assert len(set(reporters)) == 2
    assert not any("forged" in reporter for reporter in reporters)


def test_a_rule_must_be_chosen(client):
    client.comment(CLEAN)
    link = report_link(client)
    answer = client.send(client.page(link), link, clause="")
    assert answer.status_code == 422
    assert "Choose the rule" in client.read(answer).text


def test_what_does_not_show_cannot_be_reported(client, tools):
    client.comment("You are an idiot.")
    (comment,) = rows(tools.database, Comment)
    client.page(f"/comments/{comment.id}/report", 404)
    client.page("/comments/none/report", 404)
