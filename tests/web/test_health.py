"""Whether the service lives, is ready, and counts."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.errors import DatabaseAway
from moderation.services import overseeing
from moderation.settings import Settings
from moderation.web import create_app, health
from tests.builders import a_delivery, an_endpoint, stored
from tests.web.conftest import ATTACK, CLEAN, Browser

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.1"}
TOKEN = "a token for the monitor elsewhere"


def test_the_process_says_that_it_lives(client):
    assert client.get("/health/live").json == {"status": "live"}


def test_ready_names_what_is_in_force(client, tools):
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    expected = {
        "status": "ready",
        "troubles": [],
        "database": "current",
        "policy": tools.engine.policy.version,
        "models": tools.engine.model_versions,
        "engine": "1",
    }
    assert answer.json | expected == answer.json


def test_ready_names_models_that_were_refused(client, tools):
    engine = tools.engine
    engine.adopt(engine.scorers, ["first-0123456789ab"])
    try:
        answer = client.get("/health/ready")
    finally:
        engine.adopt(engine.scorers)
    assert answer.status_code == 200
    assert answer.json["refused_models"] == ["first-0123456789ab"]
    assert answer.json["models"] == engine.model_versions


@pytest.fixture
def behind(database):
    """A database whose schema is not the one of this version; it is put right again for other tests."""
    with database.engine.begin() as connection:
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        connection.exec_driver_sql("DELETE FROM alembic_version")
    yield
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{version}')")


def test_a_schema_that_is_behind_is_not_ready(client, behind):
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("address", ["/", "/articles/karabakh", "/api/v1/blocks", "/health/ready"])
def test_a_database_that_is_away_is_503_in_the_form_of_the_asker(client, newsroom, monkeypatch, address):
    def away(*_, **__):
        raise DatabaseAway("The database does not answer.")

    monkeypatch.setattr("moderation.store.unit_of_work.Database._session", away)
    monkeypatch.setattr("moderation.store.unit_of_work.Database.is_current", away)
    answer = client.get(address, headers=newsroom.bearer)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert (answer.mimetype == "application/problem+json") == address.startswith(("/api", "/health"))


def test_figures_are_for_this_machine_alone(client):
    client.comment(CLEAN)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert 'moderation_comments_decided_total{clause="",verdict="publish"} 1.0' in answer.text
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "::1"}).status_code == 200
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404


@pytest.fixture
def look_each_time(monkeypatch):
    monkeypatch.setattr(health, "_KEPT", 0.0)


@pytest.fixture
def endpoint(tools, newsroom):
    endpoint = an_endpoint(newsroom.site)
    with tools.database.begin() as store:
        stored(store, endpoint)
    return endpoint


def test_ready_tells_what_waits_and_for_how_long(client, tools, clock, endpoint):
    client.comment("这座桥是必要的，谁来付钱？")
    client.comment(CLEAN)
    clock.advance(hours=2)
    with tools.database.begin() as store:
        stored(store, a_delivery(endpoint, created_at=clock(), delivered_at=clock()))
    clock.advance(minutes=5)
    ready = client.get("/health/ready").json
    with tools.database.read() as store:
        held = store.desk.counts().get("held", 0)
        waiting = store.outbox.backlog(clock()).waiting
    assert held == ready["queue"]["held"] >= 1
    assert ready["queue"]["oldest_seconds"] == 7500
    assert ready["outbox"] | {"last_delivered_at": None} == {
        "waiting": waiting,
        "oldest_due_seconds": 7500,
        "last_delivered_at": None,
        "disabled_endpoints": 0,
    }
    assert waiting >= 2
    assert ready["outbox"]["last_delivered_at"] == (clock() - timedelta(minutes=5)).isoformat()
    assert ready["troubles"] == ["deliveries-stalled"]


def test_an_event_that_waits_for_its_receiver_is_no_trouble_of_ours(client, tools, clock, endpoint):
    with tools.database.begin() as store:
        store.outbox.add(a_delivery(endpoint, created_at=clock()))
        store.sites.let_rest(endpoint.id, clock() + timedelta(hours=2))
    clock.advance(hours=1)
    ready = client.get("/health/ready").json
    assert ready["status"] == "ready"
    assert (ready["outbox"]["waiting"], ready["outbox"]["oldest_due_seconds"]) == (1, None)


def test_a_disk_that_is_nearly_full_is_degraded_and_still_serves(tools, newsroom, tmp_path):
    changed = {"disk_warning_mb": 10**9, "learned_dir": tmp_path}
    app = create_app(replace(tools, settings=tools.settings.model_copy(update=changed)))
    ready = app.test_client().get("/health/ready")
    assert ready.status_code == 200
    assert (ready.json["status"], ready.json["troubles"]) == ("degraded", ["disk-nearly-full"])
    assert ready.json["disks"]["models"]["size_mb"] >= ready.json["disks"]["models"]["free_mb"] > 0


@pytest.mark.parametrize(
    "who", [{"environ_overrides": ELSEWHERE}, {"headers": {"X-Forwarded-For": "192.0.2.1"}}]
)
def test_a_stranger_learns_the_status_alone(client, who):
    answer = client.get("/health/ready", **who)
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_whoever_has_the_token_sees_details_and_figures_from_elsewhere(tools, newsroom):
    app = create_app(replace(tools, settings=Settings(health_token=TOKEN)))
    app.test_client_class = Browser
    for sent, ready, figures in (
        (f"Bearer {TOKEN}", True, 200),
        ("Bearer wrong", False, 404),
        ("", False, 404),
    ):
        asker = {"environ_overrides": ELSEWHERE, "headers": {"Authorization": sent}}
        assert ("policy" in app.test_client().get("/health/ready", **asker).json) == ready
        assert app.test_client().get("/metrics", **asker).status_code == figures


def test_an_empty_token_opens_nothing(client):
    asker = {"environ_overrides": ELSEWHERE, "headers": {"Authorization": "Bearer "}}
    assert client.get("/health/ready", **asker).json == {"status": "ready"}


def test_who_asks_again_within_a_second_costs_no_statement(client, tools, query_count):
    client.get("/health/ready")
    with query_count(tools.database) as statements:
        client.get("/health/ready")
        client.get("/metrics")
    assert len(statements) == 0


def test_a_look_takes_a_few_statements_however_much_waits(client, tools, look_each_time, query_count):
    client.get("/health/ready")
    with query_count(tools.database) as statements:
        client.get("/health/ready")
    assert len(statements) <= 9


def test_while_one_looks_the_others_answer_what_was_seen_last(tools, monkeypatch):
    """A database that hangs must not hang every thread that is asked whether it does."""
    monkeypatch.setattr(health, "_KEPT", 0.0)
    begun, go_on = threading.Event(), threading.Event()
    looks = []

    def look():
        looks.append(1)
        if len(looks) == 2:
            begun.set()
            assert go_on.wait(10)
        return overseeing.look(tools)

    lookout = health.Lookout(look)
    first = lookout.reading()
    slow = threading.Thread(target=lookout.reading)
    slow.start()
    assert begun.wait(10)
    assert lookout.reading() is first
    go_on.set()
    slow.join()
    assert lookout.reading() is not first


def test_a_failure_is_told_and_looked_at_again(tools, monkeypatch):
    monkeypatch.setattr(health, "_KEPT", 0.0)
    answers = [DatabaseAway("away"), None]

    def look():
        answer = answers.pop(0)
        if answer:
            raise answer
        return overseeing.look(tools)

    lookout = health.Lookout(look)
    with pytest.raises(DatabaseAway):
        lookout.reading()
    assert lookout.reading().held == 0


def figures(client) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
    }


def test_figures_count_requests_by_what_is_ours_alone(client, newsroom):
    client.get("/articles/karabakh")
    client.get("/articles/no-such-article")
    client.open("/no/such/page", method="BREW")
    text = client.get("/metrics").text
    shown = figures(client)
    series = 'moderation_requests_total{{endpoint="{}",method="{}",status="{}"}}'
    assert shown[series.format("pages.article", "GET", "2xx")] >= 1
    assert shown[series.format("pages.article", "GET", "4xx")] == 1
    assert shown[series.format("", "other", "4xx")] == 1
    assert shown['moderation_request_seconds_count{endpoint="pages.article"}'] >= 2
    assert shown["moderation_requests_in_hand"] == 1  # this one
    assert "karabakh" not in text
    assert "BREW" not in text


def test_figures_name_verdicts_and_what_is_in_force(client, tools):
    client.comment(ATTACK)
    shown = figures(client)
    assert shown['moderation_comments_decided_total{clause="personal-attack",verdict="reject"}'] == 1
    assert shown["moderation_queue"] == 0
    policy, version = tools.engine.policy.version, overseeing.VERSION
    assert shown[f'moderation_build_info{{engine="1",policy="{policy}",version="{version}"}}'] == 1


def test_figures_are_told_without_the_database_too(client, monkeypatch):
    client.get("/")

    def away(*_, **__):
        raise DatabaseAway("The database does not answer.")

    monkeypatch.setattr("moderation.store.unit_of_work.Database.is_current", away)
    shown = figures(client)
    assert "moderation_requests_shed_total" in shown
    assert "moderation_queue" not in shown
