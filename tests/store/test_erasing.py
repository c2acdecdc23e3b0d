"""After an erasure nothing that the author wrote or was called is left, and the log still holds."""

from pathlib import Path

import pytest
from sqlalchemy import select

from moderation.store.tables import Table
from tests.builders import (
    DAY,
    a_block,
    a_decision,
    a_delivery,
    a_discussion,
    a_label,
    a_stored_comment,
    a_strike,
    an_author,
    an_endpoint,
    stored,
)

SECRETS = (
    "Zaruhi",
    "zaruhi@mail.example",
    "key-of-zaruhi",
    "cms-user-77",
    "wp-comment-5",
    "Kzzrt",
    "d1d2d3",
    "salt-of-zaruhi",
)


class Scene:
    def __init__(self, database, now):
        with database.begin() as store:
            self.discussion = discussion = a_discussion(store, name="Bystander")
            self.author = author = an_author(
                discussion.site,
                name="Zaruhi",
                email="zaruhi@mail.example",
                email_key="key-of-zaruhi",
                external_id="cms-user-77",
                salt=b"salt-of-zaruhi",
            )
            endpoint = an_endpoint(discussion.site)
            stored(store, author, endpoint)
            decision = a_decision(
                public={
                    "verdict": "reject",
                    "clause": "profanity",
                    "reasons": [
                        {
                            "clause": "profanity",
                            "score": 0.9,
                            "sentence": "You wrote Kzzrt.",
                            "spans": [[0, 5]],
                            "target": "nobody",
                            "matched_as": "Kzzrt",
                        }
                    ],
                    "scores": {"profanity": 0.9},
                    "policy_version": "p1",
                    "model_versions": {},
                    "excerpt": "Kzzrt",
                },
                signals=[
                    {
                        "detector": "profanity",
                        "detector_version": "1",
                        "clause": "profanity",
                        "score": 0.9,
                        "spans": [[0, 5]],
                        "target": "nobody",
                        "matched_as": "Kzzrt",
                        "note": "Wrote Kzzrt.",
                        "failed": False,
                    }
                ],
                note="Zaruhi again.",
            )
            self.comment = comment = a_stored_comment(
                store,
                discussion,
                author=author,
                body="Kzzrt!",
                state="published",
                external_id="wp-comment-5",
                submitted_digest="d1d2d3",
                decision=decision,
            )
            self.reply = a_stored_comment(
                store, discussion, body="No need.", state="published", parent_id=comment.id
            )
            self.sent = a_delivery(
                endpoint, comment, payload='{"body":"Kzzrt!"}', delivered_at=now, last_error="Kzzrt"
            )
            self.waiting = a_delivery(endpoint, comment, payload='{"body":"Kzzrt!"}')
            about = a_delivery(endpoint, payload=f'{{"author":{{"id":"{author.id}","name":"Zaruhi"}}}}')
            stored(store, self.sent, self.waiting, about, a_delivery(endpoint, self.reply))
            stored(store, a_strike(comment), a_block(author, note="Zaruhi, as always."), a_label(comment))
            before = {"body": "Kzzrt!", "author": "Zaruhi"}
            store.audit.append(now, "m1", "reject", f"comment:{comment.id}", before=before, salt=author.salt)


@pytest.fixture
def scene(database, now):
    return Scene(database, now)


def everything(database):
    """Return all rows of all tables as one text."""
    with database.engine.connect() as connection:
        return "\n".join(
            repr(tuple(row))
            for table in Table.metadata.sorted_tables
            for row in connection.execute(select(table))
        )


@pytest.fixture
def erased(database, scene, now):
    assert all(secret in everything(database) for secret in SECRETS)
    with database.begin() as store:
        erased = store.people.erase(scene.author.id, now + DAY)
        store.audit.append(now + DAY, "m1", "erase", f"author:{scene.author.id}", detail={"comments": 1})
    return erased


def test_nothing_the_author_wrote_or_was_called_remains_in_any_table(database, scene, erased):
    left = everything(database)
    assert [secret for secret in SECRETS if secret in left] == []
    assert "Bystander" in left
    assert "No need." in left


def test_nothing_remains_in_the_file_of_sqlite(database, erased):
    if database.engine.dialect.name == "sqlite":
        database.dispose()  # the last connection folds the write-ahead log into the file
        content = Path(database.engine.url.database).read_bytes()
        assert [secret for secret in SECRETS if secret.encode() in content] == []
    else:
        assert erased  # PostgreSQL overwrites at the next VACUUM


def test_the_log_still_verifies(database, erased):
    with database.read() as store:
        assert store.audit.verify() == []
        assert [event.action for event in store.audit.page().items] == ["erase", "reject"]


def test_what_changed_is_told(scene, erased):
    assert erased.comment_ids == (scene.comment.id,)
    assert (erased.decisions, erased.deliveries, erased.blocks) == (1, 3, 1)


def test_comments_are_withdrawn_and_known_to_be_newer(database, scene, erased, now):
    with database.read() as store:
        comment, author = store.comments.get(scene.comment.id), store.people.get(scene.author.id)
    assert (comment.state, comment.version, comment.body) == ("withdrawn", 2, "")
    assert (author.erased_at, author.name, author.email) == (now + DAY, "", None)


def test_what_was_decided_and_where_stays(database, scene, erased):
    with database.read() as store:
        (decision,) = store.comments.decisions(scene.comment.id)
    assert decision.public["scores"] == {"profanity": 0.9}
    assert decision.public["reasons"][0] == {
        "clause": "profanity",
        "score": 0.9,
        "spans": [[0, 5]],
        "target": "nobody",
        "sentence": "",
        "matched_as": None,
    }
    assert decision.signals[0]["spans"] == [[0, 5]]
    assert decision.signals[0]["matched_as"] is None


def test_an_event_whose_text_is_gone_is_neither_sent_nor_offered_again(database, scene, erased, now):
    with database.begin() as store:
        claims = store.outbox.claim_due(now + 2 * DAY, lease=DAY)
        assert scene.waiting.id not in [claim.delivery_id for claim in claims]
        assert store.outbox.given_up().items == []
        assert store.outbox.get(scene.waiting.id).last_error == "erased"
        assert store.outbox.get(scene.sent.id).given_up_at is None


def test_replies_of_others_keep_their_place(database, scene, erased):
    with database.read() as store:
        mark, reply = store.threads.page(scene.discussion.article.id).items
    assert (mark.removed, mark.body, reply.body) == (True, "", "No need.")


def test_who_comes_back_is_somebody_new(database, scene, erased, now):
    with database.begin() as store:
        again = store.people.find_or_create(
            site_id=scene.discussion.site.id, name="Zaruhi", external_id="cms-user-77", now=now
        )
    assert again.id != scene.author.id


def test_an_erased_comment_teaches_nothing(database, erased):
    with database.read() as store:
        assert [comment for _, comment in store.comments.labels().items] == [None]


def test_what_an_erased_author_wrote_is_no_longer_counted_below_a_thread(database, now):
    with database.begin() as store:
        discussion = a_discussion(store)
        other = an_author(discussion.site, name="Bob")
        stored(store, other)
        top = a_stored_comment(store, discussion, state="published", author=other)
        for author in (discussion.author, discussion.author, other):
            a_stored_comment(store, discussion, state="published", parent_id=top.id, author=author)
        top_id = top.id
        store.people.erase(discussion.author.id, now)
    with database.read() as store:
        assert store.comments.get(top_id).replies == 1
