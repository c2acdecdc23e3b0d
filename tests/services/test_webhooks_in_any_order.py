"""Webhooks duplicated, reordered, late, tampered with and replayed end in what a model of a dozen lines says.

`MODERATION_SEQUENCES=10000` runs as many sequences; 300 without it.
"""

import json
import os
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from moderation.bootstrap.engine import build_engine
from moderation.engine import Engine
from moderation.errors import BadSignature, Conflict, ModerationError
from moderation.protocols.outgoing import moment
from moderation.protocols.signatures import hex_digest
from moderation.protocols.standard_webhooks import new_secret, sign
from moderation.services.receiving import receive
from moderation.settings import Settings
from moderation.store.tables import Article, Comment, DecisionRow
from moderation.store.unit_of_work import Database
from tests.builders import NOW, a_site, stored
from tests.workbench import Clock, Receiver, tools_over

SEQUENCES = int(os.environ.get("MODERATION_SEQUENCES", "300"))
NUMBER = count()
BODIES = st.sampled_from(["I see it otherwise.", "The bridge will hold.", "Let the council vote."])
NAMES, MOMENTS = st.sampled_from("abc"), st.integers(0, 12)
PROTOCOLS = st.sampled_from(["standard-webhooks", "hub-signature"])
HUB_SECRET = "a secret of sixteen".replace(" ", "-")


@dataclass
class Told:
    """What the model knows of an article."""

    title: str
    at: int
    open: bool = True
    deleted: bool = False


@dataclass
class Written:
    """What the model knows of a comment."""

    revision: int
    body: str
    deleted: bool = False
    decided: int = 1


@dataclass
class Message:
    """A message as it was sent, and what came of it; `answer` is empty where it was refused."""

    protocol: str
    name: str
    body: bytes
    headers: dict[str, str]
    sent: object
    answer: dict[str, object] = field(default_factory=dict)


class Webhooks(RuleBasedStateMachine):
    """A CMS whose messages arrive as they please."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.tools = tools_over(DATABASE, QUICK, self.clock, Receiver())
        secrets = [new_secret(), new_secret()]
        self.site = a_site(
            slug=f"site-{next(NUMBER)}",
            inbound_secrets=secrets,
            sender_secrets={"hub-signature": [HUB_SECRET]},
        )
        with DATABASE.begin() as store:
            stored(store, self.site)
        self.articles: dict[str, Told] = {}
        self.comments: dict[str, Written] = {}
        self.messages: list[Message] = []
        self.numbers = count()

    def written(self, protocol: str, event: str, at: int, data: dict[str, object]) -> Message:
        told = {"type": event, "timestamp": moment(NOW - timedelta(minutes=20 - at)), "data": data}
        body, name = json.dumps(told).encode(), f"msg_{next(self.numbers)}"
        return self.signed(Message(protocol, name, body, {}, None))

    def signed(self, message: Message, secret: int = 0) -> Message:
        if message.protocol == "hub-signature":
            headers = {"X-Hub-Signature-256": f"sha256={hex_digest(message.body, HUB_SECRET)}"}
        else:
            secret_of_site = self.site.inbound_secrets[secret]
            headers = sign(message.name, self.clock(), message.body, secret_of_site)
        return Message(message.protocol, message.name, message.body, headers, self.clock())

    def arrive(self, message: Message) -> dict[str, object]:
        return receive(self.tools, message.protocol, self.site.slug, message.headers, message.body)

    def known(self, message: Message) -> Message | None:
        """Return the message that was taken before and is this one to the receiver."""
        for earlier in self.messages:
            same = (
                earlier.body == message.body
                if message.protocol == "hub-signature"
                else earlier.name == message.name
            )
            if earlier.protocol == message.protocol and same and earlier.answer:
                return earlier
        return None

    def send(self, message: Message, code: str | None) -> None:
        """Send a message that the model takes (no code) or refuses, unless it was taken before."""
        earlier = self.known(message)
        if earlier is not None:
            assert self.arrive(message)["repeated"] is True
            return
        if code is None:
            message.answer = self.arrive(message)
            assert message.answer["repeated"] is False
        else:
            with pytest.raises(ModerationError) as refusal:
                self.arrive(message)
            assert refusal.value.code == code
        self.messages.append(message)

    @rule(
        protocol=PROTOCOLS,
        name=NAMES,
        at=MOMENTS,
        title=BODIES,
        event=st.sampled_from(["published", "updated"]),
    )
    def tell_of_an_article(self, protocol, name, at, title, event):
        data = {"article": {"external_id": name, "title": title}}
        message = self.written(protocol, f"article.{event}", at, data)
        fresh = self.known(message) is None
        self.send(message, None)
        known = self.articles.get(name)
        if fresh and (known is None or at >= known.at):
            self.articles[name] = Told(title, at, known.open if known else True)

    @rule(protocol=PROTOCOLS, name=NAMES, at=MOMENTS, event=st.sampled_from(["closed", "deleted"]))
    def end_an_article(self, protocol, name, at, event):
        message = self.written(protocol, f"article.{event}", at, {"article": {"external_id": name}})
        known, fresh = self.articles.get(name), self.known(message) is None
        self.send(message, None if known else "not-found")
        if fresh and known and at >= known.at:
            known.at = at
            if event == "closed":
                known.open = False
            else:
                known.deleted = True

    @rule(
        protocol=PROTOCOLS,
        name=NAMES,
        revision=st.integers(1, 4),
        body=BODIES,
        at=MOMENTS,
        event=st.sampled_from(["submitted", "edited"]),
    )
    def write_a_comment(self, protocol, name, revision, body, at, event):
        author = {"name": "Ann", "external_id": f"reader-{name}"}
        data = {
            "article": {"external_id": name},
            "comment": {"external_id": f"c-{name}", "revision": revision, "body": body, "author": author},
        }
        message = self.written(protocol, f"comment.{event}", at, data)
        article, known = self.articles.get(name), self.comments.get(name)
        fresh, code = self.known(message) is None, None
        if article is None:
            code = "not-found"
        elif known is not None and (known.deleted or revision <= known.revision):
            if revision == known.revision and body != known.body:
                code = "conflict"
        elif article.deleted:
            code = "not-found"
        elif known is None and not article.open:
            code = "article-closed"
        self.send(message, code)
        if fresh and code is None and not (known and (known.deleted or revision <= known.revision)):
            self.comments[name] = Written(revision, body, decided=known.decided + 1 if known else 1)

    @rule(protocol=PROTOCOLS, name=NAMES, at=MOMENTS)
    def delete_a_comment(self, protocol, name, at):
        message = self.written(protocol, "comment.deleted", at, {"comment": {"external_id": f"c-{name}"}})
        known = self.comments.get(name)
        self.send(message, None if known else "not-found")
        if known:
            known.deleted = True

    @precondition(lambda self: any(message.answer for message in self.messages))
    @rule(data=st.data(), secret=st.integers(0, 1))
    def send_one_again(self, data, secret):
        """Duplicate one that was taken, signed anew as a sender does; with either secret of a rotation."""
        taken = [message for message in self.messages if message.answer]
        again = self.signed(data.draw(st.sampled_from(taken)), secret)
        assert self.arrive(again)["repeated"] is True

    @precondition(lambda self: any(m.answer and m.protocol == "standard-webhooks" for m in self.messages))
    @rule(data=st.data())
    def use_an_id_for_something_else(self, data):
        taken = [m for m in self.messages if m.answer and m.protocol == "standard-webhooks"]
        first = data.draw(st.sampled_from(taken))
        other = Message(first.protocol, first.name, first.body + b" ", {}, None)
        with pytest.raises(Conflict):
            self.arrive(self.signed(other))

    @precondition(lambda self: self.messages)
    @rule(data=st.data(), place=st.integers(0, 10_000), bit=st.integers(0, 7))
    def tamper_with_one(self, data, place, bit):
        message = data.draw(st.sampled_from(self.messages))
        body = bytearray(message.body)
        body[place % len(body)] ^= 1 << bit
        fresh = self.signed(message)
        with pytest.raises(BadSignature):
            self.arrive(Message(message.protocol, message.name, bytes(body), fresh.headers, None))

    @precondition(lambda self: any(m.protocol == "standard-webhooks" for m in self.messages))
    @rule(data=st.data(), ahead=st.booleans())
    def be_late_or_early(self, data, ahead):
        signed_by_time = [m for m in self.messages if m.protocol == "standard-webhooks"]
        message = self.signed(data.draw(st.sampled_from(signed_by_time)))
        now = self.clock()
        self.clock.time = now + (-1 if ahead else 1) * timedelta(seconds=301)
        with pytest.raises(BadSignature) as refusal:
            self.arrive(message)
        assert refusal.value.code == ("timestamp-ahead" if ahead else "timestamp-old")
        self.clock.time = now

    @rule(seconds=st.integers(1, 200))
    def time_passes(self, seconds):
        self.clock.advance(seconds=seconds)

    @invariant()
    def everything_is_as_the_model_says(self):
        with DATABASE.read() as store:
            session = store.articles._session
            articles = session.scalars(select(Article).where(Article.site_id == self.site.id)).all()
            comments = session.scalars(select(Comment).where(Comment.site_id == self.site.id)).all()
            decided = {
                comment.id: session.scalars(
                    select(DecisionRow).where(DecisionRow.comment_id == comment.id)
                ).all()
                for comment in comments
            }
        assert {
            a.external_id: (a.title, a.discussion == "open", a.deleted_at is not None) for a in articles
        } == {name: (told.title, told.open, told.deleted) for name, told in self.articles.items()}
        assert {c.external_id: (c.revision, c.body, c.state == "withdrawn") for c in comments} == {
            f"c-{name}": (known.revision, known.body, known.deleted) for name, known in self.comments.items()
        }
        for comment in comments:
            name = (comment.external_id or "").removeprefix("c-")
            assert len(decided[comment.id]) == self.comments[name].decided


DATABASE = Database("sqlite://")
QUICK = Engine(build_engine(Settings()).policy, {}, ())  # what is decided is not at stake here


@pytest.fixture(scope="module", autouse=True)
def _schema():
    DATABASE.upgrade()
    yield
    DATABASE.dispose()


Webhooks.TestCase.settings = settings(
    max_examples=SEQUENCES,
    stateful_step_count=50 if SEQUENCES > 300 else 20,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)
TestWebhooks = Webhooks.TestCase
