"""The service as `make run` leaves it: a reader's and an administrator's browser, a receiver, a mailbox."""

import json
from dataclasses import dataclass

import pytest

from moderation.protocols.standard_webhooks import PROTOCOL, new_secret
from moderation.services import Tools
from moderation.services.admitting import first_administrator_link
from moderation.services.delivering import deliver_due
from moderation.services.seeding import seed
from moderation.store.tables import Article, Endpoint, Site
from moderation.web import create_app
from tests.builders import an_api_key, an_endpoint, digest_of, stored
from tests.web.conftest import Browser
from tests.web.reading import Page
from tests.workbench import rows

PASSWORD = "a long enough password, is it not"


@dataclass
class Paper:
    """The service as `make run` leaves it, with an endpoint that listens and a key for the API."""

    tools: Tools
    site: Site
    article: Article
    endpoint: Endpoint
    key: str
    app: object

    def reader(self) -> Browser:
        return self.app.test_client()

    def post(self, body: str, name: str = "Ann", reply_to: str = "", browser: Browser | None = None) -> Page:
        """Hand in a comment by the form and follow where it leads."""
        browser = browser or self.reader()
        answer = browser.comment(body, self.article.slug, name, f"{name.lower()}@example.com", reply_to)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return browser.page(answer.location)

    def shown(self) -> str:
        return self.reader().page(f"/articles/{self.article.slug}").text

    def told(self, receiver) -> list[str]:
        while deliver_due(self.tools):
            pass
        for request in receiver.came:
            PROTOCOL.verify(request.headers, request.content, [self.endpoint.secret], self.tools.now())
        return [json.loads(request.content)["type"] for request in receiver.came]


@pytest.fixture
def paper(tools) -> Paper:
    article = seed(tools)
    (site,) = rows(tools.database, Site)
    endpoint, key = an_endpoint(site, secret=new_secret()), "mk_of_the_journey"
    with tools.database.begin() as store:
        stored(store, endpoint, an_api_key(site, digest=digest_of(key), scopes=[]))
    app = create_app(tools)
    app.test_client_class = Browser
    return Paper(tools, site, article, endpoint, key, app)


@pytest.fixture
def administrator(paper) -> Browser:
    """Who opened the link that is printed at the first start."""
    browser = paper.reader()
    token = first_administrator_link(paper.tools)
    page = browser.page(f"/desk/welcome/{token}")
    answer = browser.send(page, f"/welcome/{token}", name="Ada", email="ada@paper.example", password=PASSWORD)
    assert answer.status_code == 303, answer.text
    return browser
