"""Whatever is killed whenever: acknowledged = stored = decided once for each revision = delivered in order."""

import random

from tests.faults import rounds

STATEMENTS = 2  # and commits, of the fifty or so that a comment passes; the full run dies at each


def held(counts, cycles):
    assert counts.faultless(), counts
    assert counts.cycles == cycles
    assert counts.acknowledged >= cycles


def test_web_processes_that_are_killed_lose_nothing_and_decide_nothing_twice(stage):
    held(rounds.web_processes(stage, 3), 3)


def test_a_service_that_is_killed_as_a_whole_goes_on_where_it_was(stage):
    held(rounds.whole_services(stage, 1), 1)


def test_workers_that_are_killed_leave_bulk_actions_to_others_and_do_nothing_twice(stage):
    held(rounds.workers(stage, 3), 3)


def test_senders_that_are_killed_in_the_middle_of_a_send_send_it_again_in_order(stage):
    held(rounds.relays(stage, 3), 3)


def test_dying_at_any_commit_or_statement_leaves_all_or_nothing(stage):
    accepting, delivering = rounds.points_of_accepting(stage), rounds.points_of_delivering(stage)
    assert set(accepting) == {"key", "id", "hook"}
    chosen = {way: _telling(wanted) if way == "key" else [] for way, wanted in accepting.items()}
    assert {"accept.committed:3", "accept.decided:1", "accept.answer:1"} <= set(chosen["key"])
    sends = _telling(delivering)
    assert {"deliver.sent:1", "deliver.committed:1", "deliver.committed:2"} <= set(sends)
    held(rounds.points(stage, chosen, sends), len(chosen["key"]) + len(sends))


def _telling(points):
    """What lies between two transactions, and some of what lies inside of them."""
    inside = [point for point in points if ".statement" in point or ".commit:" in point]
    some = random.sample(inside, STATEMENTS)
    return [point for point in points if point not in inside or point in some]
