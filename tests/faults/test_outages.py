"""A database that is away, full or locked is told as such, nothing acknowledged is lost, and all goes on by itself."""

import pytest

from tests.faults import outages
from tests.faults.postgres import Server


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.close()


def test_postgresql_stopped_at_once_loses_nothing_and_the_same_processes_go_on(stage, server):
    counts = outages.restarts(stage, 1, server)
    assert counts.faultless(), counts
    assert counts.acknowledged >= 3


def test_web_processes_that_are_killed_over_postgresql_lose_nothing_and_decide_nothing_twice(stage, server):
    counts = outages.kills_on_postgresql(stage, 2, server)
    assert counts.faultless(), counts
    assert counts.acknowledged >= 6


def test_connections_that_are_ended_reset_slow_or_silent_lose_nothing(stage, server):
    counts = outages.lost_connections(stage, 4, server)
    assert counts.faultless(), counts
    assert counts.acknowledged >= 12


def test_on_a_full_disk_comments_are_refused_with_507_and_pages_are_read(stage):
    counts = outages.full_disks(stage, 2)
    assert counts.faultless(), counts
    assert counts.acknowledged >= 6


def test_while_the_database_is_locked_nobody_waits_for_long_and_pages_are_read(stage):
    counts = outages.locks(stage, 1)
    assert counts.faultless(), counts
    assert counts.acknowledged >= 4


def test_who_slept_through_its_lease_changes_nothing_when_it_wakes(stage):
    counts = outages.sleepers(stage, 2)
    assert counts.faultless(), counts
    assert counts.arrivals > counts.deliveries  # the one it had in hand came twice
