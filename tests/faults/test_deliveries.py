"""Receivers that fail in every way: tried again by the schedule, in order, until they take it or it is given up."""

from tests.faults.deliveries import deliver
from tests.workbench import a_log


def test_of_500_deliveries_with_three_sends_in_ten_failing_none_is_lost_or_out_of_order(database):
    with a_log():
        counts = deliver(database, None, 500)
    assert counts.faultless(), counts
    assert counts.deliveries == 500
    assert counts.arrivals > 600
