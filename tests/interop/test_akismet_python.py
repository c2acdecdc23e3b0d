"""PyPI's akismet, synchronous and asynchronous, believes it talks to Akismet."""

import asyncio

import akismet
import httpx
import pytest

from moderation.store.tables import Comment, LabelledDecision
from tests.builders import a_site, an_api_key, digest_of, stored
from tests.interop.served import served
from tests.workbench import rows

KEY, BLOG = "c0ffee123456", "https://paper.example"
CLEAN, PROFANE, UNREAD = (
    "I see it otherwise, and here is why.",
    "This is fucking bullshit.",
    "არცახი სომხეთია და მორჩა",
)
AD = "Buy cheap viagra online now! http://pills-cheap.example http://casino.example http://loans.example"


@pytest.fixture
def port(tools):
    site = a_site(origins=[BLOG])
    with tools.database.begin() as store:
        stored(store, site, an_api_key(site, digest=digest_of(KEY), scopes=["akismet"]))
    with served(tools) as port:
        yield port


class ToUs(httpx.HTTPTransport):
    """Carries what is meant for Akismet's host to ours, and leaves the request as it is."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def handle_request(self, request):
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return super().handle_request(request)


class ToUsAsync(httpx.AsyncHTTPTransport):
    def __init__(self, port):
        super().__init__()
        self.port = port

    async def handle_async_request(self, request):
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return await super().handle_async_request(request)


@pytest.fixture
def client(port):
    http = httpx.Client(transport=ToUs(port), timeout=10, headers={"User-Agent": "akismet.py"})
    with akismet.SyncClient.validated_client(akismet.Config(key=KEY, url=BLOG), http_client=http) as client:
        yield client


def test_a_comment_is_checked(client, tools):
    response = akismet.CheckResponse
    answers = [
        client.comment_check("192.0.2.9", comment_content=body, comment_author="Ann", comment_type="comment")
        for body in (CLEAN, PROFANE, UNREAD)
    ]
    assert answers == [response.HAM, response.SPAM, response.SPAM]
    assert client.comment_check("192.0.2.9", comment_content=AD) == response.DISCARD
    assert [c.state for c in rows(tools.database, Comment)] == ["published", "rejected", "held", "rejected"]


def test_akismet_s_own_test_values_are_known(client, tools):
    response = akismet.CheckResponse
    assert client.comment_check("127.0.0.1", comment_author="akismet-guaranteed-spam") == response.SPAM
    assert client.comment_check("127.0.0.1", user_role="administrator", is_test=True) == response.HAM
    assert rows(tools.database, Comment) == []


def test_what_was_wrong_is_taken(client, tools):
    client.comment_check("192.0.2.9", comment_content=CLEAN)
    assert client.submit_spam("192.0.2.9", comment_content=CLEAN)
    assert client.submit_ham("192.0.2.9", comment_content=PROFANE)
    assert [label.verdict for label in rows(tools.database, LabelledDecision)] == ["reject", "publish"]


def test_usage_is_told_and_the_sites_of_nobody_are_not(client):
    client.comment_check("192.0.2.9", comment_content=CLEAN)
    assert client.usage_limit() == {"limit": "none", "usage": 1, "percentage": "0.00", "throttled": False}
    with pytest.raises(akismet.APIKeyError):  # this client sends no key with this call
        client.key_sites()


@pytest.mark.parametrize("config", [(KEY, "https://evil.example"), ("no", BLOG)])
def test_a_wrong_key_or_site_is_refused(port, config):
    with pytest.raises(akismet.APIKeyError):
        akismet.SyncClient.validated_client(
            akismet.Config(*config), http_client=httpx.Client(transport=ToUs(port), timeout=10)
        )


def test_the_asynchronous_client_gets_the_same(port):
    async def all_calls():
        http = httpx.AsyncClient(transport=ToUsAsync(port), timeout=10)
        config = akismet.Config(key=KEY, url=BLOG)
        async with await akismet.AsyncClient.validated_client(config, http_client=http) as client:
            checks = await asyncio.gather(
                *(client.comment_check("192.0.2.9", comment_content=body) for body in (CLEAN, PROFANE, AD))
            )
            return (
                checks,
                await client.submit_spam("192.0.2.9", comment_content=CLEAN),
                await client.submit_ham("192.0.2.9", comment_content=PROFANE),
                (await client.usage_limit())["usage"],
            )

    response = akismet.CheckResponse
    assert asyncio.run(all_calls()) == ([response.HAM, response.SPAM, response.DISCARD], True, True, 5)
