"""The whole road over HTTP: readers comment, the engine decides and explains, the ladder blocks, a moderator reviews."""

import json

from moderation.protocols.standard_webhooks import sign
from moderation.store.tables import AuditEvent, Block, Comment, Strike
from tests.web.reading import Page
from tests.workbench import rows

CLEAN, UNREAD = "The corridor must stay open, whoever guards it.", "არცახი სომხეთია და მორჩა"


def test_the_engine_decides_the_issue_of_the_day_as_a_fair_editor_would(paper, receiver):
    page = paper.post(CLEAN, "Bedros")
    assert "published" in page.text
    (first,) = rows(paper.tools.database, Comment)

    page = paper.post("What fucking nonsense, in my view.", "Carmen")
    assert "No profanity" in page.text
    assert page.marked == ["fucking"]

    page = paper.post("you are a pathetic idiot", "Dikran", first.id)
    assert "No personal attacks" in page.text
    assert any("idiot" in words for words in page.marked)

    assert "published" in paper.post("Hitler asked who remembers the Armenians", "Ella").text
    paper.post("Aliyev is a liar and his war was a crime", "Garo")
    states = [comment.state for comment in rows(paper.tools.database, Comment)]
    assert states[:4] == ["published", "rejected", "rejected", "published"]
    assert states[4] != "rejected"

    shown = paper.shown()
    assert CLEAN in shown
    assert "Hitler asked" in shown
    assert "fucking" not in shown
    assert "pathetic" not in shown
    assert paper.told(receiver)[:3] == ["comment.published", "comment.rejected", "comment.rejected"]


def test_three_attacks_block_their_author_and_a_moderator_can_take_it_back(
    paper, administrator, receiver, clock
):
    database = paper.tools.database
    paper.post(CLEAN, "Bedros")
    (parent,) = rows(database, Comment)
    said = [paper.post(f"you are a pathetic idiot{end}", "Ann", parent.id).text for end in ("", "!", ".")]
    assert "warning" in said[0]
    assert "14 days" in said[1]
    assert "blocked" in said[2]

    refused = paper.reader().comment("But listen.", paper.article.slug, "Ann", "ANN@example.com")
    page = paper.reader().read(refused)
    assert refused.status_code == 403
    assert "No personal attacks" in page.text
    assert f"{rows(database, Block)[-1].ends_at:%d %B %Y}".lstrip("0") in page.text
    assert (len(rows(database, Comment)), len(rows(database, Strike))) == (4, 3)

    block = rows(database, Block)[-1]
    page = administrator.page("/desk/blocks")
    assert "Ann" in page.text
    assert administrator.send(page, f"/blocks/{block.id}/lift", note="Too hard.").status_code == 303
    assert "A moderator will read your comment" in paper.post("But listen.", "Ann").text  # premoderated still
    told = paper.told(receiver)
    assert (told.count("author.blocked"), told.count("comment.held")) == (1, 1)

    actions = [event.action for event in rows(database, AuditEvent)]
    assert actions.count("strike.given") == 3
    for action in ("author.warned", "author.premoderated", "author.blocked", "block.lifted"):
        assert action in actions
    page = administrator.page("/desk/audit")
    for word in ("idiot", "example.com"):
        assert word not in page.text
    with database.read() as store:
        assert store.audit.verify() == []


def test_a_held_comment_is_approved_at_the_desk_and_published(paper, administrator, receiver):
    assert "A moderator will read your comment" in paper.post(UNREAD).text
    assert UNREAD not in paper.shown()
    (held,) = rows(paper.tools.database, Comment)

    page = administrator.page("/desk/")
    assert UNREAD in page.text
    first = administrator.act(page, held.id, "approve")
    assert first.status_code == 303
    second = administrator.act(page, held.id, "reject", clause="spam")
    assert second.status_code == 409
    assert "Ada" in Page(second.text).text

    assert UNREAD in paper.shown()
    assert UNREAD not in administrator.page("/desk/").text
    assert paper.told(receiver) == ["comment.held", "comment.published"]


def test_an_approved_attack_takes_its_strike_and_its_block_with_it(paper, administrator):
    for end in ("", "!", "."):
        paper.post(f"You are an idiot{end}")
    comments = rows(paper.tools.database, Comment)
    for comment in comments[1:]:
        page = administrator.page("/desk/?state=rejected")
        assert administrator.act(page, comment.id, "approve").status_code == 303
    assert "published" in paper.post("But listen.").text
    assert [strike.overruled_at is None for strike in rows(paper.tools.database, Strike)] == [
        True,
        False,
        False,
    ]


def test_a_cms_and_the_api_go_the_same_road(paper, receiver, clock):
    client = paper.reader()

    def send(event, data, message_id):
        body = json.dumps({"type": event, "timestamp": "2026-11-23T12:00:00Z", "data": data}).encode()
        headers = sign(message_id, clock(), body, paper.site.inbound_secrets[0])
        return client.post("/hooks/standard-webhooks/asbarez", data=body, headers=headers)

    article = {"external_id": "post-2", "title": "A vote", "slug": "a-vote", "summary": "On Tuesday."}
    assert send("article.published", {"article": article}, "msg_1").status_code == 202
    comment = {
        "external_id": "c-1",
        "body": "You are an idiot.",
        "author": {"name": "Ann", "external_id": "u-1"},
    }
    submitted = {"article": {"external_id": "post-2"}, "comment": comment}
    first, again = (send("comment.submitted", submitted, "msg_2").json for _ in range(2))
    assert again == first | {"repeated": True}
    assert (first["status"], first["decision"]["clause"]) == ("rejected", "personal-attack")

    answer = client.post(
        "/api/v1/comments",
        json={
            "article": {"slug": "a-vote"},
            "body": CLEAN,
            "author": {"name": "Bedros", "email": "b@example.com"},
        },
        headers={"Authorization": f"Bearer {paper.key}"},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json["decision"]["verdict"] == "publish"
    assert CLEAN in client.page("/articles/a-vote").text

    assert send("article.closed", {"article": {"external_id": "post-2"}}, "msg_3").status_code == 202
    assert "closed" in client.page("/articles/a-vote").text
    assert paper.told(receiver) == ["comment.rejected", "comment.published"]
