"""Discussions that close by themselves, articles that the embed sets up, and first-time authors who are held."""

import json
from dataclasses import replace

import pytest

from moderation.engine import Engine
from moderation.errors import ArticleClosed, InvalidInput
from moderation.protocols import protocols
from moderation.services import connecting, curating
from moderation.services.closing import note_closings
from moderation.services.publishing import (
    ArticleFields,
    closes_at,
    discussion_at,
    external_id_of_page,
    save_article,
    set_discussion,
)
from moderation.services.receiving import _act
from moderation.services.submitting import submit_comment
from moderation.store.tables import AuditEvent
from tests.builders import DAY, a_new_comment, a_site, a_writer, an_article
from tests.services.test_at_once import at_once
from tests.workbench import rows


@pytest.mark.parametrize(
    ("of_the_site", "of_the_article", "days"),
    [(None, None, None), (7, None, 7), (7, 30, 30), (7, 0, None), (None, 3, 3), (None, 0, None)],
)
def test_an_article_closes_after_its_own_days_or_else_after_those_of_its_site(
    now, of_the_site, of_the_article, days
):
    site = a_site(closes_after_days=of_the_site)
    article = an_article(site, closes_after_days=of_the_article)
    assert closes_at(site, article) == (None if days is None else article.published_at + days * DAY)
    if days:
        closing = article.published_at + days * DAY
        assert discussion_at(site, article, closing - DAY / 1000) == "open"
        assert discussion_at(site, article, closing) == "closed"


def test_a_discussion_takes_comments_until_its_days_are_over(tools, newsroom, submit, clock):
    save_article(
        tools,
        newsroom.site.id,
        ArticleFields(closes_after_days=2),
        article_id=newsroom.article.id,
        actor="cli",
    )
    clock.advance(days=1, hours=23)
    assert submit().status == "published"
    clock.advance(hours=1)
    with pytest.raises(ArticleClosed):
        submit("Something else to say.")


def test_a_discussion_whose_days_end_while_a_comment_is_decided_takes_it_no_more(
    tools, newsroom, meanwhile, clock
):
    connecting.change_site(tools, newsroom.site.id, "cli", closes_after_days=1)
    clock.advance(hours=23, minutes=59)
    busy = meanwhile(lambda: clock.advance(minutes=2))
    with pytest.raises(ArticleClosed):
        submit_comment(busy, a_new_comment(newsroom.article))


def test_a_discussion_that_closed_by_itself_stays_open_once_somebody_opens_it(tools, newsroom, submit, clock):
    connecting.change_site(tools, newsroom.site.id, "cli", closes_after_days=1)
    clock.advance(days=2)
    article = set_discussion(tools, newsroom.article.id, "held-first", "cli")
    assert article.closes_after_days == 0
    assert submit().status == "held"
    changed = next(e for e in rows(tools.database, AuditEvent) if e.action == "discussion.changed")
    assert changed.detail == {"before": "closed", "after": "held-first"}


def closings(tools):
    return [
        (event.actor, event.action, event.subject, event.detail)
        for event in rows(tools.database, AuditEvent)
        if event.action in ("discussion.closed", "discussion.reopened")
    ]


def test_that_a_discussion_closed_by_itself_is_written_down_once(tools, newsroom, clock):
    connecting.change_site(tools, newsroom.site.id, "cli", closes_after_days=2)
    subject = f"article:{newsroom.article.id}"
    left = newsroom.article.published_at + 2 * DAY - clock()
    clock.advance(seconds=left.total_seconds() - 1)
    assert note_closings(tools) == 0
    clock.advance(seconds=1)
    assert note_closings(tools) == 1
    assert note_closings(tools) == 0
    # Its CMS says of it, as of every article it sends, that it is open: that changes nothing.
    save_article(
        tools, newsroom.site.id, ArticleFields(discussion="open"), article_id=newsroom.article.id, actor="cli"
    )
    assert note_closings(tools) == 0
    assert closings(tools) == [("clock", "discussion.closed", subject, {"days": 2})]


def test_of_many_clocks_at_once_one_writes_it_down(tools, newsroom, clock):
    connecting.change_site(tools, newsroom.site.id, "cli", closes_after_days=1)
    clock.advance(days=30)
    assert sum(at_once(lambda _: note_closings(tools))) == 1
    assert len(closings(tools)) == 1


def test_more_days_open_it_again_and_its_next_end_is_written_down_too(tools, newsroom, submit, clock):
    for days, advance in ((1, 30), (60, 0), (60, 60)):
        connecting.change_site(tools, newsroom.site.id, "cli", closes_after_days=days)
        clock.advance(days=advance)
        assert note_closings(tools) == 1
    actions = [action for _, action, _, _ in closings(tools)]
    assert actions == ["discussion.closed", "discussion.reopened", "discussion.closed"]


@pytest.mark.parametrize("discussion", ["open", "held-first"])
def test_what_is_opened_or_closed_by_hand_is_not_written_down_a_second_time(
    tools, newsroom, clock, discussion
):
    connecting.change_site(tools, newsroom.site.id, "cli", closes_after_days=1)
    clock.advance(days=30)
    note_closings(tools)
    assert set_discussion(tools, newsroom.article.id, discussion, "cli").closed_at is None
    assert note_closings(tools) == 0
    set_discussion(tools, newsroom.article.id, "closed", "cli")
    clock.advance(days=30)
    assert note_closings(tools) == 0
    assert len(closings(tools)) == 1


def test_days_are_taken_back_to_those_of_the_site(tools, newsroom):
    def save(days):
        return save_article(
            tools,
            newsroom.site.id,
            ArticleFields(closes_after_days=days),
            article_id=newsroom.article.id,
            actor="cli",
        ).closes_after_days

    assert (save(5), save(None), save("site")) == (5, 5, None)
    for wrong in (-1, 3651):
        with pytest.raises(InvalidInput) as refused:
            save(wrong)
        assert list(refused.value.fields) == ["closes_after_days"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Asbarez.com", "https://asbarez.com"),
        ("https://asbarez.com/", "https://asbarez.com"),
        ("https://asbarez.com:443", "https://asbarez.com"),
        ("https://asbarez.com:8443", "https://asbarez.com:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://հայ.example", "https://xn--y9a3aq.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given, kept):
    assert connecting.origin_of(given) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "https://*",
        "https://*.asbarez.com",
        "asbarez.com",
        "http://asbarez.com",
        "https://asbarez.com/news",
        "https://asbarez.com?x",
        "https://a b",
        "https://a;frame-ancestors *",
        "https://user@asbarez.com",
        "javascript:alert(1)",
        "https://asbarez.com:port",
        "https://",
        "",
    ],
)
def test_what_is_no_origin_is_refused(wrong):
    with pytest.raises(InvalidInput) as refused:
        connecting.origin_of(wrong)
    assert list(refused.value.fields) == ["origin"]


def test_a_site_is_changed_only_where_something_is_said_and_each_change_is_recorded(tools, newsroom):
    site = connecting.change_site(
        tools, newsroom.site.id, "cli", origins=["https://a.example", "https://a.example/"]
    )
    assert (site.origins, site.closes_after_days, site.sets_up_articles) == (
        ["https://a.example"],
        None,
        False,
    )
    site = connecting.change_site(tools, newsroom.site.id, "cli", closes_after_days=9, sets_up_articles=True)
    assert (site.origins, site.closes_after_days, site.sets_up_articles) == (["https://a.example"], 9, True)
    assert (
        connecting.change_site(tools, newsroom.site.id, "cli", closes_after_days=0).closes_after_days is None
    )
    assert [event.action for event in rows(tools.database, AuditEvent)] == ["site.changed"] * 3


def test_an_article_that_the_embed_set_up_is_the_one_its_cms_tells_of_later(tools, newsroom):
    url = "https://paper.example/2026/bridge"
    set_up = save_article(
        tools,
        newsroom.site.id,
        ArticleFields(title="The bridge", url=url),
        external_id=external_id_of_page(url + "#comments"),
        actor="embed",
    )
    told = save_article(
        tools,
        newsroom.site.id,
        ArticleFields(title="Council votes on the bridge", url=url + "/"),
        external_id="story-7",
        actor="hook",
    )
    assert (told.id, told.external_id) == (set_up.id, "story-7")


def test_first_time_authors_are_held_until_enough_of_their_comments_are_approved(
    tools, engine, newsroom, review
):
    """The whole way: policy, engine, store and the moderator's decision."""
    limits = engine.policy.limits.model_copy(update={"hold_first_comments": 2})
    policy = engine.policy.model_copy(update={"limits": limits})
    strict = replace(tools, engine=Engine(policy, engine.scorers, engine.detectors))

    def say(body, by="Ann"):
        return submit_comment(strict, a_new_comment(newsroom.article, body, writer=a_writer(by)))

    first, second = say("I see it otherwise."), say("And here is another reason.")
    assert [first.status, second.status] == ["held", "held"]
    assert first.decision["clause"] == "held-first"
    review(first.comment, "approve")
    third = say("A third thought.")
    assert third.status == "held"
    review(third.comment, "approve")
    assert say("A fourth thought.").status == "published"
    assert say("Somebody else's first.", by="Bedros").status == "held"
    with tools.database.read() as store:
        (bedros,) = {
            entry.author.id
            for entry in store.desk.queue(now=tools.now()).items
            if entry.author.name == "Bedros"
        }
    curating.set_role(tools, bedros, "trusted", "cli")
    assert say("The trusted need no approval.", by="Bedros").status == "published"


@pytest.mark.parametrize(("given", "kept"), [(14, 14), (0, 0), ("site", None)])
def test_a_webhook_says_when_its_article_closes(tools, newsroom, given, kept):
    body = {"external_id": "post-9", "title": "A vote", "closes_after_days": given}
    told = {"type": "article.published", "timestamp": "2026-11-23T12:00:00Z", "data": {"article": body}}
    event = protocols()["standard-webhooks"].read(json.dumps(told).encode())
    assert event.article.closes_after_days == given
    assert _act(tools, newsroom.site, event, "")["article"]
    with tools.database.read() as store:
        article = store.articles.get_by_external_id(newsroom.site.id, "post-9")
    assert article.closes_after_days == kept


@pytest.mark.parametrize("wrong", [-1, 3651, 1.5, "7", "never", True])
def test_a_webhook_with_days_that_are_none_is_refused(wrong):
    body = {"external_id": "post-9", "title": "A vote", "closes_after_days": wrong}
    told = {"type": "article.published", "timestamp": "2026-11-23T12:00:00Z", "data": {"article": body}}
    with pytest.raises(InvalidInput):
        protocols()["standard-webhooks"].read(json.dumps(told).encode())
