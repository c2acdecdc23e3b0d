"""Every promise of the store is kept on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from moderation.store.unit_of_work import Database
from tests.conftest import a_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request) -> Iterator[Database]:
    """A database with the newest schema and nothing in it."""
    with a_database(request, request.param) as database:
        yield database
