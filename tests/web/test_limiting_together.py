"""Limits that several processes count together in a real Redis, and what becomes of them while it is away."""

import sys
import time

import pytest

from moderation.errors import Misconfigured
from moderation.settings import Settings
from moderation.web import create_app
from tests.redis import a_redis
from tests.web.conftest import Browser


@pytest.fixture
def redis(tmp_path):
    with a_redis(tmp_path) as server:
        yield server


@pytest.fixture
def settings(redis):
    return Settings(redis_url=redis.url, sign_in_limit="4 per minute", api_limit="4 per minute")


@pytest.fixture
def other(tools, newsroom) -> Browser:
    """A reader of another process of the service."""
    app = create_app(tools)
    app.test_client_class = Browser
    return app.test_client()


def sign_in(browser) -> int:
    page = browser.page("/desk/sign-in")
    return browser.send(page, "/sign-in", email="nobody@paper.example", password="x").status_code


def call(browser, newsroom) -> int:
    return browser.get("/api/v1/articles", headers=newsroom.bearer).status_code


def test_two_processes_count_one_network_together(client, other, redis):
    assert [sign_in(browser) for browser in (client, other, client, other)] == [401] * 4
    assert [sign_in(client), sign_in(other)] == [429, 429]
    assert not any(b"127.0.0.1" in key for key in redis.client.scan_iter())


def test_two_processes_count_one_key_together(client, other, newsroom):
    assert [call(browser, newsroom) for browser in (client, other, client, other)] == [200] * 4
    assert [call(client, newsroom), call(other, newsroom)] == [429, 429]


def test_while_redis_is_away_each_counts_for_itself_and_goes_back(client, redis, newsroom):
    """Nobody is refused for it, and nobody has more than a process allows."""
    assert (sign_in(client), call(client, newsroom)) == (401, 200)
    assert client.get("/health/ready").json["status"] == "ready"
    redis.stop()
    assert [sign_in(client) for _ in range(5)] == [401] * 4 + [429]
    assert [call(client, newsroom) for _ in range(5)] == [200] * 4 + [429]
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json["troubles"]) == (200, ["rate-limits-alone"])
    redis.start()
    for _ in range(50):  # the library asks again after a second, then two, then four
        if client.get("/health/ready").json["status"] == "ready":
            break
        time.sleep(0.1)
    assert client.get("/health/ready").json["troubles"] == []
    assert [call(client, newsroom) for _ in range(5)] == [200] * 4 + [429]


def test_redis_that_goes_between_two_calls_of_the_api_is_noticed_there(client, redis, newsroom):
    assert call(client, newsroom) == 200
    redis.stop()
    assert [call(client, newsroom) for _ in range(5)] == [200] * 4 + [429]


def test_a_redis_without_its_package_is_refused_at_the_start(tools, monkeypatch):
    for name in ("redis", "redis.backoff", "redis.retry"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Misconfigured, match=r"Install moderation\[queue\]"):
        create_app(tools)
