"""A function that may run for a few seconds only still finishes its polls (found with real, short-lived workers)."""

from __future__ import annotations

import pytest

from connector.cursor import read_cursors
from tests.support.toy import NAME, Toy


@pytest.mark.parametrize("seconds", [5, 20, 60, 900])
def test_a_poll_that_needs_no_time_ends_however_short_the_function_may_run(seconds: float) -> None:
    toy = Toy()
    toy.shop.put("A1")
    for _ in range(6):
        toy.tick()
        while toy.deliver("jobs", seconds=seconds):
            pass
        if toy.states():  # the poll that has just run had a page to store
            break
        toy.clock.advance(minutes=6)
    cursor = read_cursors(toy.world.tables, NAME, ["orders"])["orders"]
    assert (cursor.why, cursor.failures) == ("", 0)
    assert cursor.succeeded_at
    assert set(toy.states()) == {"orders/A1"}
