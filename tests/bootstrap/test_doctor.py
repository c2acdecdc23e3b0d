"""Each fault that the doctor knows is made, and found, with a remedy; a sound installation has none."""

import json
import shutil
import socket
import sqlite3
import sys
from datetime import timedelta

import pytest
from sqlalchemy import text

from moderation.bootstrap import doctor
from moderation.cli import main
from moderation.engine import Engine
from moderation.services import utc_now
from moderation.settings import Settings
from moderation.store.unit_of_work import Database
from tests.builders import a_delivery, a_discussion, a_stored_comment, an_endpoint, stored
from tests.mailbox import a_mailbox
from tests.redis import a_redis
from tests.workbench import log_settings_kept

SECRET = "zP1q-8YtR4_kLw0vXb7Nc2Ds9Fg6Hj3M"


@pytest.fixture
def environment(monkeypatch, database, tmp_path):
    """Set settings of a sound installation for production, and others by name."""

    def put(**settings: object) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(f"MODERATION_{name.upper()}", str(value))

    put(
        environment="production",
        secret_key=SECRET,
        database_url=database.url,
        base_url="https://comments.paper.example",
        trusted_proxies=1,
        disk_warning_mb=1,
        learned_dir=tmp_path,
    )
    return put


@pytest.fixture
def quick(monkeypatch, engine):
    """The engine of the session in place of one built anew."""

    def build(_settings, on_asked) -> Engine:
        on_asked(1)
        return engine

    monkeypatch.setattr(doctor, "build_engine", build)


def findings() -> list[doctor.Finding]:
    found = [*doctor.examine()]
    assert all(bool(one.remedy) == (one.state != "ok") for one in found), found
    return found


def faults(check: str) -> list[tuple[str, str]]:
    """What is not well of one check: state and words."""
    return [(one.state, one.says) for one in findings() if one.check == check and one.state != "ok"]


def test_a_sound_installation_has_no_fault(environment, quick, now):
    with a_mailbox() as box:
        environment(smtp_url=f"smtp+plain://127.0.0.1:{box.mailer._port}")
        bad = [one for one in findings() if one.state != "ok"]
    assert bad == []


@pytest.mark.parametrize(
    ("settings", "check", "state", "says"),
    [
        ({"port": "many"}, "settings", "fault", "MODERATION_PORT"),
        ({"secret_key": "ab" * 20}, "secret", "fault", "2 different characters"),
        ({"base_url": "http://paper.example"}, "base_url", "fault", "not https"),
        ({"base_url": "https://localhost"}, "base_url", "warning", "this machine"),
        ({"environment": "development"}, "base_url", "warning", "not kept to https"),
        ({"trusted_proxies": 0}, "proxies", "warning", "share one rate limit"),
        ({"host": "0.0.0.0"}, "proxies", "warning", "can name any address"),
        ({"health_token": "short"}, "health_token", "warning", "fewer than 16"),
        ({"disk_warning_mb": 10**9}, "disk of models", "fault", "MB free"),
        ({"smtp_url": ""}, "mail", "warning", "printed"),
        ({"smtp_url": "gopher://x"}, "mail", "fault", "Mail needs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_setting_that_does_harm_is_named(environment, quick, settings, check, state, says):
    environment(**settings)
    [(found, words)] = faults(check)
    assert found == state
    assert says in words


def test_the_secret_everybody_knows_is_named(environment, quick):
    environment(environment="development", secret_key="development-secret-not-for-production")
    assert [state for state, _ in faults("secret")] == ["warning"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_mail_server_that_is_away_or_speaks_no_tls_is_found(environment, quick):
    environment(smtp_url=f"smtp+plain://127.0.0.1:{free_port()}")
    assert faults("mail") == [("fault", "the mail server cannot be used (ConnectionRefusedError)")]
    with a_mailbox() as box:
        environment(smtp_url=f"smtp://127.0.0.1:{box.mailer._port}")
        assert faults("mail") == [("fault", "the mail server cannot be used (SMTPNotSupportedError)")]


def test_a_redis_that_is_away_is_found(environment, quick, tmp_path):
    with a_redis(tmp_path) as redis:
        environment(redis_url=redis.url)
        assert [one.state for one in findings() if one.check == "redis"] == ["ok"]
    assert [state for state, _ in faults("redis")] == ["fault"]


def test_a_policy_that_does_not_hold_is_found(environment, tmp_path):
    shipped = Settings().policy_path
    shutil.copytree(shipped.parent, tmp_path / "config")
    path = tmp_path / "config" / shipped.name
    path.write_text(path.read_text("utf-8").replace("hold_at = 0.45", "hold_at = 0.99"), "utf-8")
    environment(policy_path=path)
    [(state, words)] = faults("policy")
    assert state == "fault"
    assert "hold_at 0.99 is above reject_at" in words


def test_a_model_file_that_was_changed_is_found(environment, tmp_path):
    shutil.copytree(Settings().models_dir / "first", tmp_path / "shipped" / "first")
    weights = max((tmp_path / "shipped" / "first").iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    environment(models_dir=tmp_path / "shipped")
    assert [state for state, _ in faults("models")] == ["fault"]


def test_a_missing_second_stage_is_found(environment, tmp_path):
    shutil.copytree(Settings().models_dir / "first", tmp_path / "shipped" / "first")
    environment(models_dir=tmp_path / "shipped")
    assert [state for state, _ in faults("second stage")] == ["warning"]


def test_a_model_that_fails_is_found(environment, monkeypatch, engine):
    class Broken:
        name = version = "broken"
        labels = ()

        def score(self, texts, contexts):
            raise RuntimeError("no memory")

    broken = Engine(engine.policy, {"broken": Broken()}, engine.detectors)
    monkeypatch.setattr(doctor, "build_engine", lambda *_, **__: broken)
    [(state, words)] = faults("deciding")
    assert state == "fault"
    assert words.startswith("broken failed")


def test_a_database_that_is_away_is_found(environment, quick):
    environment(database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    [(state, words)] = faults("database")
    assert state == "fault"
    assert words.startswith("cannot be used")


def test_a_file_that_is_not_there_is_found_and_not_made(environment, quick, tmp_path):
    environment(database_url=f"sqlite:///{tmp_path}/nothing.db")
    assert [state for state, _ in faults("database")] == ["fault"]
    assert not (tmp_path / "nothing.db").exists()


def test_a_schema_of_another_version_is_found(environment, quick, database):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert faults("database") == [("fault", "its schema is not that of this version")]


def test_a_disk_that_is_nearly_full_is_found(environment, quick, tmp_path):
    environment(disk_warning_mb=shutil.disk_usage(tmp_path).free // 1024**2 + 1000)
    assert [state for state, _ in faults("disk of database")] == ["warning"]


def test_a_database_that_may_only_be_read_is_found(environment, quick, database, tmp_path):
    environment(database_url=f"sqlite:///file:{tmp_path}/moderation.db?mode=ro&uri=true")
    assert faults("writing") == [("fault", "nothing can be written (SQLITE_READONLY)")]


def test_a_file_where_sqlite_cannot_keep_its_log_is_found(environment, quick, database, tmp_path):
    """On a network's disk it cannot share memory, nor with locks that are files."""
    with sqlite3.connect(tmp_path / "moderation.db") as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
    environment(database_url=f"sqlite:///file:{tmp_path}/moderation.db?vfs=unix-dotfile&uri=true")
    [(state, words)] = faults("durability")
    assert state == "fault"
    assert words.startswith("journal_mode is delete, not wal")


def test_a_postgresql_that_does_not_wait_for_its_disk_is_found(environment, quick, postgresql_url):
    """As the one of these tests, which is faster so."""
    database = Database(postgresql_url)
    database.upgrade()
    database.dispose()
    environment(database_url=postgresql_url)
    [(state, words)] = faults("durability")
    assert state == "fault"
    assert words.startswith("fsync is off")
    assert faults("writing") == []


@pytest.mark.parametrize("when", [timedelta(minutes=-30), timedelta(days=-3000)])
def test_a_clock_that_went_back_is_found(environment, quick, database, monkeypatch, when):
    with database.begin() as store:
        a_stored_comment(store, a_discussion(store), received_at=utc_now())
    monkeypatch.setattr(doctor, "utc_now", lambda: utc_now() + when)
    assert [state for state, _ in faults("clock")] == ["fault"]


def test_receivers_that_hear_nothing_more_are_found(environment, quick, database):
    with database.begin() as store:
        discussion = a_discussion(store)
        gone = an_endpoint(discussion.site, disabled_at=utc_now())
        dead = an_endpoint(discussion.site)
        stored(store, gone, dead, a_delivery(dead, given_up_at=utc_now()))
    assert [words for _, words in faults("receivers")] == [
        "1 disabled: they answered 410 Gone, or somebody switched them off",
        "1 events were given up",
    ]


def test_events_that_nobody_takes_are_found_and_those_that_rest_are_not(environment, quick, database):
    an_hour = timedelta(hours=1)
    with database.begin() as store:
        discussion = a_discussion(store)
        rests = an_endpoint(discussion.site, rests_until=utc_now() + an_hour)
        stored(store, rests)
        store.outbox.add(a_delivery(rests, created_at=utc_now() - an_hour))
    assert faults("deliveries") == []
    with database.begin() as store:
        free = an_endpoint(discussion.site)
        stored(store, free)
        store.outbox.add(a_delivery(free, created_at=utc_now() - an_hour))
    assert faults("deliveries") == [("fault", "an event is due for 60 minutes, and nobody takes it")]


def test_an_audit_log_that_was_changed_is_found(environment, quick, database, now):
    with database.begin() as store:
        for number in range(3):
            store.audit.append(at=now, actor="cli", action="site.added", subject=f"site:{number}")
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_events SET actor = 'nobody' WHERE seq = 2"))
    [(state, words)] = faults("audit log")
    assert state == "fault"
    assert words.startswith("its chain is broken at 2")


def test_a_published_policy_that_fits_the_words_no_more_is_found(environment, quick, database, now, engine):
    text_of = engine.policy.source.replace("hold_at = 0.45", "hold_at = 0.99")
    with database.begin() as store:
        store.policies.remember("spoilt", text_of, now)
        store.policies.publish("spoilt", "cli", "to see", now)
    [(state, words)] = faults("published policy")
    assert state == "fault"
    assert "hold_at 0.99 is above" in words


def test_the_command_prints_a_line_for_each_and_ends_with_1_on_a_fault(
    environment, quick, monkeypatch, capsys
):
    assert ran(monkeypatch, "doctor") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ok      audit log: its chain is whole" in lines
    environment(base_url="http://paper.example")
    assert ran(monkeypatch, "doctor", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    [base_url] = [one for one in found if one["check"] == "base_url"]
    assert base_url["state"] == "fault"
    assert base_url["remedy"] == "Set the https:// address that readers use."


def test_no_secret_is_printed(environment, quick, monkeypatch, capsys):
    environment(
        smtp_url="smtp://user:hush-mail@127.0.0.1:1",
        redis_url="redis://:hush-redis@127.0.0.1:1/0",
        health_token="hush-token",
        secret_key="hush-hush-hush-hush-hush-hush-hush-hush",
        database_url="postgresql://me:hush-database@127.0.0.1:1/x",
    )
    assert ran(monkeypatch, "doctor", "--json") == 1
    printed = capsys.readouterr()
    assert "hush" not in printed.out + printed.err


def ran(monkeypatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["moderation", *words])
    with log_settings_kept():
        try:
            main()
        except SystemExit as left:
            return int(left.code or 0)
    return 0
