"""Comments pinned to the top, and authors known as staff."""

import pytest

from moderation.errors import Conflict, Forbidden, InvalidInput, NotFound
from moderation.services import curating
from moderation.store.tables import AuditEvent
from tests.builders import a_moderator
from tests.workbench import rows


def pinned(tools, newsroom):
    with tools.database.read() as store:
        return [entry.id for entry in store.threads.pinned(newsroom.article.id)]


def test_a_published_comment_is_pinned_and_let_go_and_both_are_recorded(tools, newsroom, submit):
    comment = submit().comment
    for _ in range(2):
        curating.pin(tools, comment.id, newsroom.moderator)
    assert pinned(tools, newsroom) == [comment.id]
    curating.pin(tools, comment.id, newsroom.moderator, pinned=False)
    assert pinned(tools, newsroom) == []
    events = [event for event in rows(tools.database, AuditEvent) if "pinned" in event.action]
    assert [(event.action, event.actor) for event in events] == [
        ("comment.pinned", newsroom.moderator.id),
        ("comment.unpinned", newsroom.moderator.id),
    ]


def test_a_pinned_comment_that_is_removed_is_pinned_no_longer_and_can_be_let_go(
    tools, newsroom, submit, review
):
    comment = submit().comment
    curating.pin(tools, comment.id, newsroom.moderator)
    review(comment, "remove", clause="spam")
    assert pinned(tools, newsroom) == []
    curating.pin(tools, comment.id, newsroom.moderator, pinned=False)


def test_an_article_has_three_pins_at_most(tools, newsroom, submit):
    comments = [submit(f"Thought number {n}, for what it is worth.").comment for n in range(4)]
    for comment in comments[:3]:
        curating.pin(tools, comment.id, newsroom.moderator)
    with pytest.raises(InvalidInput):
        curating.pin(tools, comments[3].id, newsroom.moderator)
    assert set(pinned(tools, newsroom)) == {comment.id for comment in comments[:3]}


def test_what_does_not_show_cannot_be_pinned_nor_can_a_viewer_pin(tools, newsroom, submit):
    refused = submit("You are an idiot.").comment
    with pytest.raises(Conflict):
        curating.pin(tools, refused.id, newsroom.moderator)
    with pytest.raises(Forbidden):
        curating.pin(tools, submit().comment.id, a_moderator(role="viewer"))
    with pytest.raises(NotFound):
        curating.pin(tools, "nothing", newsroom.moderator)


def test_an_author_is_made_staff_and_that_is_recorded(tools, submit):
    author_id = submit().comment.author_id
    assert curating.set_role(tools, author_id, "staff", "cli").role == "staff"
    event = rows(tools.database, AuditEvent)[-1]
    assert (event.action, event.detail) == ("author.role", {"before": "reader", "after": "staff"})
    with pytest.raises(InvalidInput):
        curating.set_role(tools, author_id, "queen", "cli")
    with pytest.raises(NotFound):
        curating.set_role(tools, "nobody", "staff", "cli")
