"""The quick set: a few cycles of each fault. `make faults` does them in full."""

import pytest

from moderation.engine import Engine
from moderation.engine.detectors import find_detectors
from moderation.engine.policy import load_policy
from moderation.settings import Settings
from tests.faults.rounds import Stage
from tests.faults.service import Nursery


@pytest.fixture(scope="session")
def nursery(tmp_path_factory):
    """The warm process that services are forked from."""
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Our policy and rules; what is learned is not what fault tests are about."""
    detectors = find_detectors()
    return Engine(load_policy(Settings().policy_path, frozenset(d.name for d in detectors)), {}, detectors)


@pytest.fixture
def stage(nursery, sqlite_file, tmp_path) -> Stage:
    """What the rounds of a test share."""
    return Stage(nursery, sqlite_file, tmp_path)
