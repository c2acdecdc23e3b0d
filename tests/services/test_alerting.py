"""Editors are told once of what cannot wait, and once a day how the desk stands; in nobody's words."""

from datetime import timedelta

import pytest

from moderation.services import alerting
from moderation.store.tables import Alert, Mail
from tests.builders import Discussion, a_decision, a_delivery, a_stored_comment, an_author, stored
from tests.workbench import rows

THREAT = "I know where you live and I will burn your house down."


@pytest.fixture
def held_threat(tools, newsroom):
    author = an_author(newsroom.site)
    with tools.database.begin() as store:
        stored(store, author)
        comment = a_stored_comment(
            store,
            Discussion(newsroom.site, newsroom.article, author),
            body=THREAT,
            decision=a_decision(clause="threat", verdict="hold"),
        )
        store.moderators.set_password(newsroom.moderator.id, "hash")
    return comment


def kinds(tools):
    return [(row.kind, row.subject) for row in rows(tools.database, Alert) if row.kind != "digest"]


def test_a_held_threat_is_told_at_once_and_once(tools, held_threat, newsroom):
    alerting.look(tools)
    alerting.look(tools)
    assert kinds(tools) == [("threat-held", f"comment:{held_threat.id}")]
    (mail,) = [mail for mail in rows(tools.database, Mail) if mail.kind == "alert.threat-held"]
    assert mail.to == newsroom.moderator.email
    assert f"/desk/comments/{held_threat.id}" in mail.text
    assert "Սպառնալիք" in mail.subject
    assert "burn" not in mail.text + mail.subject


def test_a_queue_that_waits_too_long_is_told_once_a_day(tools, held_threat, clock):
    clock.advance(hours=tools.settings.queue_alert_hours - 1)
    alerting.look(tools)
    assert "queue-old" not in dict(kinds(tools))
    clock.advance(hours=2)
    alerting.look(tools)
    alerting.look(tools)
    assert [kind for kind, _ in kinds(tools)].count("queue-old") == 1
    clock.advance(days=1)
    alerting.look(tools)
    assert [kind for kind, _ in kinds(tools)].count("queue-old") == 2


def test_a_delivery_given_up_is_told(tools, newsroom):
    delivery = a_delivery(newsroom.endpoint, given_up_at=tools.now())
    with tools.database.begin() as store:
        stored(store, delivery)
    alerting.look(tools)
    assert kinds(tools) == [("delivery-given-up", f"delivery:{delivery.id}")]


def test_the_digest_comes_once_a_day_from_its_hour_on(tools, held_threat, clock):
    clock.time = clock.time.replace(hour=tools.settings.digest_hour) - timedelta(minutes=1)
    alerting.look(tools)
    assert [row.kind for row in rows(tools.database, Alert)].count("digest") == 0
    clock.advance(minutes=2)
    alerting.look(tools)
    alerting.look(tools)
    (digest,) = [mail for mail in rows(tools.database, Mail) if mail.kind == "alert.digest"]
    assert "Waiting for a moderator / Սպասում են մոդերատորի: 1" in digest.text
