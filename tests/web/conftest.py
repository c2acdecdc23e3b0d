"""The application over real tools on an empty database, readers' and moderators' browsers, and a clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO

import pytest
from flask.testing import FlaskClient

from moderation.bootstrap.engine import build_engine
from moderation.mail import ConsoleMailer
from moderation.safe_http import SafeClient
from moderation.services import Tools, admitting
from moderation.settings import Settings
from moderation.store.tables import Article, Site
from moderation.telemetry import Metrics, configure
from moderation.web import create_app
from tests.builders import NOW, a_site, an_api_key, an_article, digest_of, stored
from tests.web.reading import Page

PASSWORD = "a long enough password, is it not"
POLICY = (
    "Comments are welcomed and encouraged. Though you are fully responsible for the content you post, "
    "comments that include profanity, personal attacks or other inappropriate material will not be "
    "permitted. Asbarez reserves the right to block users who violate any of our posting standards and "
    "policies."
)
CLEAN, PROFANE, ATTACK = (
    "I see it otherwise, and here is why.",
    "This is fucking bullshit.",
    "You are an idiot.",
)


@dataclass
class Clock:
    """The time, which passes when told to."""

    time: datetime = NOW

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


class Browser(FlaskClient):
    """A browser without script: it reads pages whole and sends the forms that stand on them."""

    log = StringIO()

    def open(self, *args, **options):
        """Ask for something; files are read to their end and closed."""
        return super().open(*args, **{"buffered": True} | options)

    def page(self, address: str, status: int = 200, **options) -> Page:
        """Open an address, and hold the page to what every page owes its readers."""
        answer = self.get(address, **options)
        assert answer.status_code == status, (answer.status_code, answer.text, self.log.getvalue()[-2000:])
        return self.read(answer)

    def read(self, answer) -> Page:
        page = Page(answer.text)
        page.check()
        return page

    def send(self, page: Page, ending: str, headers=None, **fields):
        """Fill in and send the form of the page whose action ends so."""
        form = page.form(ending)
        return self.post(
            form.action,
            data=form.fields | fields,
            headers={"Sec-Fetch-Site": "same-origin"} | (headers or {}),
        )

    def act(self, page: Page, comment_id: str, action: str, **fields):
        """Press one of the buttons under a comment at the desk."""
        forms = [
            form
            for form in page.forms
            if form.action.endswith(f"/comments/{comment_id}") and ("action", action) in form.buttons
        ]
        (form,) = forms
        data = form.fields | {"action": action} | fields
        return self.post(form.action, data=data, headers={"Sec-Fetch-Site": "same-origin"})

    def comment(
        self,
        body: str,
        slug: str = "karabakh",
        name: str = "Ann",
        email: str = "ann@example.com",
        reply_to: str = "",
    ):
        """Hand in a comment by the form of its article."""
        page = self.page(f"/articles/{slug}" + (f"?reply-to={reply_to}" if reply_to else ""))
        answer = self.send(page, "/comments", body=body, name=name, email=email)
        return self.insist(answer)

    def insist(self, answer):
        """Press "Send it as it is" where the answer is the check before posting."""
        page = Page(answer.text)
        if answer.status_code != 422 or "checked" not in [*page.forms[-1].fields]:
            return answer
        form = page.forms[-1]
        return self.post(form.action, data=form.fields, headers={"Sec-Fetch-Site": "same-origin"})


@dataclass(frozen=True)
class Newsroom:
    site: Site
    article: Article
    key: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(autouse=True)
def log() -> StringIO:
    """The log lines of a test."""
    Browser.log = StringIO()
    configure(Browser.log)
    return Browser.log


@pytest.fixture(scope="session")
def engine():
    return build_engine(Settings())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings() -> Settings:
    return Settings(posting_limit="1000 per minute", sign_in_limit="1000 per minute", live_streams=0)


@pytest.fixture
def tools(database, engine, clock, settings) -> Tools:
    return Tools(
        settings=settings,
        database=database,
        engine=engine,
        http=SafeClient(allow_private=True),
        mailer=ConsoleMailer(),
        metrics=Metrics(),
        now=clock,
    )


@pytest.fixture
def newsroom(tools) -> Newsroom:
    """A site with one article under discussion and a key."""
    site = a_site(slug="paper", name="Asbarez")
    article = an_article(
        site,
        slug="karabakh",
        external_id="post-1",
        title="Putin Says Karabakh is Azerbaijan",
        source="Asbarez",
        byline="Staff Writer",
        summary="Russian President Vladimir Putin said on Thursday ...",
        people=["Vladimir Putin", "Nikol Pashinyan"],
    )
    key = "mk_test"
    with tools.database.begin() as store:
        stored(store, site, article, an_api_key(site, digest=digest_of(key), scopes=[]))
    return Newsroom(site, article, key)


@pytest.fixture
def app(tools):
    app = create_app(tools)
    app.test_client_class = Browser
    return app


@pytest.fixture
def client(app, newsroom) -> Browser:
    """A reader's browser."""
    return app.test_client()


@pytest.fixture
def signed_in(app, tools, newsroom) -> Callable[[str], Browser]:
    """Give the browser of a new moderator in a role, signed in through an invitation."""

    def sign_in(role: str, email: str = "") -> Browser:
        browser = app.test_client()
        token = admitting.invite(tools, email or f"{role}@paper.example", role, "cli")
        page = browser.page(f"/desk/welcome/{token}")
        answer = browser.send(page, f"/welcome/{token}", name=role.capitalize(), password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return browser

    return sign_in


@pytest.fixture
def moderator(signed_in) -> Browser:
    return signed_in("moderator")


@pytest.fixture
def senior(signed_in) -> Browser:
    return signed_in("senior")


@pytest.fixture
def administrator(signed_in) -> Browser:
    return signed_in("administrator")


@pytest.fixture
def viewer(signed_in) -> Browser:
    return signed_in("viewer")
