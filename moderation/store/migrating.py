"""The schema brought up to date, from any working directory."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

# Any number will do, as long as nothing else on the server uses it: "moderati" in ASCII.
_LOCK = 0x6D6F646572617469


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision` in one transaction; processes that start together take turns."""
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            _set_foreign_keys(connection, "OFF")  # rebuilding a table would else delete what points at it
        try:
            with connection.begin():
                if not sqlite:
                    # Requests are cut off after a while; a migration takes the time it takes.
                    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                _move(connection, revision)
                if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError(f"the migration to {revision} leaves rows that point at nothing")
        finally:
            if sqlite:
                _set_foreign_keys(connection, "ON")


def scripts() -> ScriptDirectory:
    """Return the migrations there are."""
    return ScriptDirectory.from_config(_config())


def is_at_head(connection: Connection) -> bool:
    """Return whether the schema is the one this version of the code expects."""
    return set(MigrationContext.configure(connection).get_current_heads()) == _heads()


@cache  # whoever asks whether the service is ready asks every second, and the files do not change
def _heads() -> frozenset[str]:
    return frozenset(scripts().get_heads())


def _move(connection: Connection, revision: str) -> None:
    current = MigrationContext.configure(connection).get_current_heads()
    older = bool(current) and (revision == "base" or revision < max(current))
    go = command.downgrade if older else command.upgrade
    go(_config(connection), revision)


def _set_foreign_keys(connection: Connection, value: str) -> None:
    # Through the driver: the setting is ignored inside a transaction, and SQLAlchemy would begin one.
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys={value}")
