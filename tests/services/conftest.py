"""Every promise of the services is kept on SQLite and on PostgreSQL, by the real engine under the real policy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from io import StringIO

import pyotp
import pytest

from moderation.engine import Engine
from moderation.protocols.standard_webhooks import new_secret
from moderation.services import Tools, admitting, reviewing, second_factor
from moderation.services.submitting import Outcome, submit_comment
from moderation.store.tables import Article, Comment, Endpoint, Moderator, Site
from moderation.store.unit_of_work import Database
from tests.builders import a_moderator, a_new_comment, a_site, a_writer, an_article, an_endpoint, stored
from tests.conftest import a_database
from tests.workbench import Clock, a_log

PASSWORD, OTHER = "a long enough password", "quite another password"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request) -> Iterator[Database]:
    """A database with the newest schema and nothing in it."""
    with a_database(request, request.param) as database:
        yield database


@pytest.fixture
def log() -> Iterator[StringIO]:
    """The log lines of the test."""
    with a_log() as stream:
        yield stream


@dataclass(frozen=True)
class Newsroom:
    """A site whose article is under discussion, the endpoint that hears of it, and who moderates."""

    site: Site
    article: Article
    endpoint: Endpoint
    moderator: Moderator


@pytest.fixture
def newsroom(tools) -> Newsroom:
    site = a_site(slug="paper", inbound_secrets=[new_secret()])
    article = an_article(
        site,
        slug="karabakh",
        external_id="post-1",
        title="Putin Says Karabakh is Azerbaijan",
        byline="Jo Writer",
        people=["Vladimir Putin", "Ilham Aliyev"],
    )
    endpoint, moderator = an_endpoint(site, secret=new_secret()), a_moderator()
    with tools.database.begin() as store:
        stored(store, site, article, endpoint, moderator)
    return Newsroom(site, article, endpoint, moderator)


class Meanwhile:
    """A detector during whose work something else happens."""

    name, version = "meanwhile", "1"

    def __init__(self, happens) -> None:
        self.happens = happens

    def detect(self, text, context):
        happens, self.happens = self.happens, lambda: None
        happens()
        return iter(())


@pytest.fixture
def meanwhile(engine, tools) -> Callable[[Callable[[], object]], Tools]:
    """Let something happen between a comment's arrival and its transaction: the tools to submit it with."""

    def meanwhile(happens: Callable[[], object]) -> Tools:
        busy = Engine(engine.policy, engine.scorers, [*engine.detectors, Meanwhile(happens)])
        return replace(tools, engine=busy)

    return meanwhile


Submit = Callable[..., Outcome]


@pytest.fixture
def submit(tools, newsroom) -> Submit:
    """Hand in a comment on the article, Ann's if nobody is named."""

    def submit(*body: str, by: str = "Ann", **changes) -> Outcome:
        article = changes.pop("article", newsroom.article)
        return submit_comment(tools, a_new_comment(article, *body, **{"writer": a_writer(by)} | changes))

    return submit


@pytest.fixture
def review(tools, newsroom) -> Submit:
    """Act as the moderator on a comment as it stands."""

    def review(comment: Comment, action: str, **changes) -> Outcome:
        with tools.database.read() as store:
            version = store.comments.get(comment.id).version
        given = {"moderator": newsroom.moderator, "version": version} | changes
        return reviewing.review(tools, comment.id, action, **given)

    return review


def account(tools: Tools, moderator: Moderator) -> Moderator:
    """The account as it is now."""
    with tools.database.read() as store:
        return store.moderators.get(moderator.id)


Join = Callable[..., Moderator]


@pytest.fixture
def join(tools) -> Join:
    """Open an account by an invitation."""

    def join(email: str = "mo@paper.example", role: str = "moderator") -> Moderator:
        return admitting.accept_link(tools, admitting.invite(tools, email, role, "cli"), "Mo", PASSWORD)

    return join


@dataclass
class Phone:
    """A phone that shows codes, whose it is, and the recovery codes on paper beside it."""

    owner: Moderator
    key: str
    clock: Clock
    paper: list[str]

    def code(self, *, steps: int = 0) -> str:
        """The code that it shows, or showed or will show so many steps of 30 seconds from now."""
        return pyotp.TOTP(self.key).at(self.clock() + timedelta(seconds=steps * second_factor.STEP))


@pytest.fixture
def enrol(tools, clock) -> Callable[[Moderator], Phone]:
    """Turn on the second factor of an account, and let the code be over that did it."""

    def enrol(moderator: Moderator) -> Phone:
        second_factor.propose(tools, moderator.id, PASSWORD)
        phone = Phone(moderator, second_factor.proposed(tools, account(tools, moderator)), clock, [])
        phone.paper = second_factor.confirm(tools, moderator.id, phone.code())
        phone.owner = account(tools, moderator)
        clock.advance(seconds=2 * second_factor.STEP)
        return phone

    return enrol


@pytest.fixture
def phone(join, enrol) -> Phone:
    """The phone of a moderator with a second factor."""
    return enrol(join())
