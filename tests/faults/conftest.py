"""The quick set: a few cycles of each fault. `make faults` does them in full."""

import pytest

from tests.faults.rounds import Stage
from tests.faults.service import Nursery


@pytest.fixture(scope="session")
def nursery(tmp_path_factory):
    """The warm process that services are forked from."""
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.close()


@pytest.fixture
def stage(nursery, sqlite_file, tmp_path) -> Stage:
    """What the rounds of a test share."""
    return Stage(nursery, sqlite_file, tmp_path)
