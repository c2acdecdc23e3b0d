"""The audit of a round finds what it is there to find: each promise, broken by hand in an honest round."""

import pytest
from sqlalchemy import text

from moderation.protocols.standard_webhooks import new_secret
from moderation.services.delivering import deliver_due
from moderation.services.submitting import Writer, submit_comment
from moderation.store.tables import Delivery
from tests.builders import a_new_comment, a_site, an_article, an_endpoint, stored
from tests.faults.checking import audited
from tests.faults.receivers import Arrival
from tests.faults.service import Acknowledged, Oracle
from tests.workbench import a_log, rows


@pytest.fixture
def honest(tools, tmp_path):
    """Two comments, the first with two revisions: told, stored, decided, delivered."""
    site = a_site()
    article, oracle = an_article(site), Oracle(tmp_path / "acknowledged.jsonl")
    with tools.database.begin() as store:
        stored(store, site, article, an_endpoint(site, secret=new_secret()))
    for name, revision in (("a", 1), ("b", 1), ("a", 2)):
        new = a_new_comment(
            article,
            f"Thought {revision} of {name}.",
            external_id=name,
            revision=revision,
            writer=Writer(name, None, name),
        )
        comment = submit_comment(tools, new).comment
        oracle.was_told(Acknowledged(name, comment.id, revision, name))
    with a_log():
        while deliver_due(tools):
            pass
    told = rows(tools.database, Delivery)
    return tools.database, oracle, [Arrival(row.id, row.event, row.comment_id, 1) for row in told]


def test_an_honest_round_has_nothing_to_show(honest):
    counts = audited(*honest)
    assert counts.faultless(), counts
    assert (counts.acknowledged, counts.decisions, counts.deliveries, counts.arrivals) == (3, 3, 3, 3)


@pytest.mark.parametrize(
    ("broken", "found"),
    {
        "DELETE FROM comments WHERE external_id = 'b'": "lost",
        "DELETE FROM decisions WHERE number = 2": "lost",
        "UPDATE comments SET revision = 1 WHERE external_id = 'a'": "lost",
        "UPDATE comments SET external_id = 'c' WHERE external_id = 'b'": "lost",
        "UPDATE decisions SET revision = 1": "twice",
        "UPDATE comments SET author_id = (SELECT min(author_id) FROM comments)": "twice",
        "UPDATE deliveries SET delivered_at = NULL": "silent",
        "DELETE FROM deliveries WHERE id = (SELECT max(id) FROM deliveries)": "silent",
        "DELETE FROM audit_events WHERE seq = (SELECT max(seq) FROM audit_events)": "silent",
        "UPDATE audit_events SET actor = 'nobody' WHERE seq = 1": "wrong",
        "UPDATE comments SET decision_id = (SELECT min(id) FROM decisions)": "wrong",
        "UPDATE deliveries SET comment_id = 'none'": "wrong",
    }.items(),
)
def test_what_is_broken_by_hand_is_found(honest, broken, found):
    database, oracle, came = honest
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            connection.execute(text(broken))
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
    assert getattr(audited(database, oracle, came), found)


def test_what_the_receiver_never_heard_or_heard_in_another_order_is_found(honest):
    database, oracle, came = honest
    assert audited(database, oracle, came[:-1]).silent == 1
    assert audited(database, oracle, came[::-1]).disordered == 1
    assert audited(database, oracle, [*came, *came[:1]]).faultless()  # told twice: that is allowed


def test_an_answer_that_nobody_stored_is_found(honest):
    database, oracle, came = honest
    oracle.was_told(Acknowledged("c", "019ab0c2f3a87d10a7b4c0f1d2e3a4b6", 1, None))
    assert audited(database, oracle, came).lost == 1
