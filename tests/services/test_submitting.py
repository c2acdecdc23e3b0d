"""A comment comes in, is decided, and is stored with all that follows from it."""

import json
from dataclasses import replace

import pytest

from moderation.bootstrap.tools import build_tools
from moderation.engine import Engine
from moderation.engine.types import Signal
from moderation.errors import ArticleClosed, InvalidInput, NotFound
from moderation.services.publishing import set_discussion
from moderation.services.seeding import seed
from moderation.services.submitting import Writer, check_text, submit_comment
from moderation.settings import Settings
from moderation.store.outbox import Outbox
from moderation.store.tables import (
    Article,
    AuditEvent,
    Comment,
    DecisionRow,
    Delivery,
    PolicyVersion,
    Site,
    Strike,
)
from moderation.telemetry import configure
from tests.builders import a_new_comment, an_article, stored
from tests.workbench import everything, log_settings_kept, rows


def test_a_clean_comment_is_published_with_decision_audit_and_event(tools, newsroom, submit, clock):
    outcome = submit("I see it otherwise, and here is why.")
    assert outcome.status == "published"
    assert outcome.decision["verdict"] == "publish"
    assert outcome.decision["clause"] is None
    assert outcome.decision["reasons"] == []
    (comment,), (decision,) = rows(tools.database, Comment), rows(tools.database, DecisionRow)
    (event,), (delivery,) = rows(tools.database, AuditEvent), rows(tools.database, Delivery)
    assert (comment.state, comment.published_at, comment.decision_id) == ("published", clock(), decision.id)
    assert decision.public == outcome.decision
    assert (event.action, event.subject, event.actor) == (
        "comment.decided",
        f"comment:{comment.id}",
        "engine",
    )
    assert json.loads(delivery.payload)["data"] == {
        "site": "paper",
        "article": {"external_id": "post-1"},
        "comment": {"id": comment.id, "external_id": None, "revision": 1},
        "decision": outcome.decision,
    }
    assert delivery.event == "comment.published"


def test_the_policy_that_decided_is_kept_word_for_word(tools, submit):
    submit()
    submit()
    (policy,) = rows(tools.database, PolicyVersion)
    assert (policy.version, policy.text) == (tools.engine.policy.version, tools.engine.policy.source)


def test_a_comment_costs_as_many_statements_in_a_long_thread_as_in_a_short_one(tools, submit, query_count):
    def statements(body):
        with query_count(tools.database) as sent:
            submit(body, external_id=body)
        return len(sent)

    statements("The first comment is there, and the policy is stored with it.")
    short = statements("The bridge was closed in the spring.")
    for number in range(30):
        submit(f"Sentence number {number} says something about subject {number * 7}.")
    assert statements("The train was late again, by two hours.") == short <= 28


def test_profanity_is_rejected_and_the_word_is_marked(submit):
    body = "😀 What fucking nonsense."
    outcome = submit(body)
    assert (outcome.status, outcome.decision["clause"]) == ("rejected", "profanity")
    ((start, end),) = outcome.decision["reasons"][0]["spans"]
    assert body[start:end] == "fucking"
    assert outcome.decision["reasons"][0]["sentence"] == "Say it without swearing."


def test_an_insult_as_a_reply_is_a_personal_attack(submit):
    parent = submit("I see it otherwise, and here is why.", by="Bedros").comment
    outcome = submit("you are a pathetic idiot", parent_id=parent.id)
    assert (outcome.status, outcome.decision["clause"]) == ("rejected", "personal-attack")
    assert outcome.decision["reasons"][0]["target"] == "reader"


def test_harsh_words_at_a_public_figure_are_not_rejected(submit):
    assert submit("Aliyev is a liar and his war was a crime").status == "published"


def test_the_name_of_a_criminal_of_history_is_no_offence(submit):
    assert submit("Hitler asked who remembers the Armenians").status == "published"


def test_what_nothing_here_can_read_is_held_and_said_so(tools, submit):
    outcome = submit("არცახი სომხეთია და მორჩა")
    assert (outcome.status, outcome.decision["clause"]) == ("held", "unread-language")
    assert rows(tools.database, Strike) == []


def test_a_closed_discussion_takes_no_comment(tools, newsroom, submit):
    set_discussion(tools, newsroom.article.id, "closed", "cli")
    before = everything(tools.database)
    with pytest.raises(ArticleClosed):
        submit()
    assert everything(tools.database) == before


def test_where_comments_are_held_first_a_clean_one_waits_and_an_attack_is_rejected(tools, newsroom, submit):
    set_discussion(tools, newsroom.article.id, "held-first", "cli")
    outcome = submit()
    assert (outcome.status, outcome.decision["clause"]) == ("held", "held-first")
    assert submit("You are an idiot.").status == "rejected"


@pytest.mark.parametrize(
    "place", [{"article_id": "nowhere"}, {"site_id": "nowhere"}, {"parent_id": "nowhere"}]
)
def test_a_comment_on_what_is_not_there_is_refused(tools, newsroom, submit, place):
    before = everything(tools.database)
    with pytest.raises(NotFound):
        submit(**place)
    assert everything(tools.database) == before


def test_readers_answer_only_what_they_can_see_under_the_same_article(tools, newsroom, submit):
    held = submit("არცახი სომხეთია და მორჩა", by="Bedros").comment
    with pytest.raises(NotFound):
        submit(parent_id=held.id)
    elsewhere = an_article(newsroom.site)
    with tools.database.begin() as store:
        stored(store, elsewhere)
    seen = submit(by="Carmen").comment
    with pytest.raises(NotFound):
        submit(parent_id=seen.id, article=elsewhere)


def test_if_the_transaction_fails_midway_nothing_remains(tools, submit, monkeypatch):
    submit(by="Bedros")
    before = everything(tools.database)

    def full(outbox, delivery):
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(Outbox, "add", full)
        submit("You are an idiot.")
    assert everything(tools.database) == before


def test_a_check_decides_like_a_submission_and_stores_nothing(tools, newsroom):
    before = everything(tools.database)
    decision = check_text(tools, newsroom.site.id, "You are an idiot.", newsroom.article.id)
    assert decision.clause == "personal-attack"
    assert check_text(tools, newsroom.site.id, "I see it otherwise.", writer=Writer("Ann")).clause is None
    with pytest.raises(InvalidInput):
        check_text(tools, newsroom.site.id, " ")
    assert everything(tools.database) == before


class Broken:
    name, version = "broken", "1"

    def detect(self, text, context):
        yield Signal.of(self, "profanity", 0.9)
        raise ValueError(text.original)


class BrokenScorer:
    name = version = "broken"
    labels = ("toxicity",)

    def score(self, texts, contexts):
        raise ValueError(texts[0].original)


@pytest.mark.parametrize(
    ("detectors", "scorers"),
    [pytest.param([Broken()], {}, id="detector"), pytest.param([], {"broken": BrokenScorer()}, id="scorer")],
)
def test_a_part_that_fails_holds_the_comment_and_is_told_of(tools, newsroom, detectors, scorers):
    failures = []
    engine = Engine(
        tools.engine.policy,
        tools.engine.scorers | scorers,
        [*tools.engine.detectors, *detectors],
        lambda name, error: failures.append(name),
    )
    failing = replace(tools, engine=engine)
    outcome = submit_comment(failing, a_new_comment(newsroom.article))
    assert (outcome.status, outcome.decision["clause"]) == ("held", "detector-failed")
    assert failures == ["broken"]
    attack = submit_comment(failing, a_new_comment(newsroom.article, "You are an idiot."))
    assert (attack.status, attack.decision["clause"]) == ("rejected", "personal-attack")


def test_a_failure_is_counted_and_logged_without_what_was_written(log, tmp_path):
    with log_settings_kept():
        tools = build_tools(Settings(database_url=f"sqlite:///{tmp_path}/moderation.db"))
        configure(log)
    tools.engine.detectors += (Broken(),)
    tools.database.upgrade()
    seed(tools)
    (site,), (article,) = rows(tools.database, Site), rows(tools.database, Article)
    assert check_text(tools, site.id, "A word of mine.", article.id).clause == "detector-failed"
    assert b'moderation_detector_failures_total{detector="broken"} 1.0' in tools.metrics.exposition()
    assert '"detector": "broken"' in log.getvalue()
    assert "word of mine" not in log.getvalue()
