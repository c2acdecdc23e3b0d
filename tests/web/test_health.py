"""Whether the service lives, is ready, and counts."""

import pytest

from moderation.errors import DatabaseAway
from tests.web.conftest import CLEAN


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
