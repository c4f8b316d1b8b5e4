"""Connections as a warm process remembers them."""

from __future__ import annotations

from dataclasses import replace

from connector.cache import LIFE, connection_of
from connector.connection import set_state
from tests.support.toy import NAME, Toy


def active(toy: Toy, fresh: bool = False) -> bool:
    """Whether the process takes the connection for active."""
    connection = connection_of(toy.process, toy.pair, NAME, fresh=fresh)
    assert connection is not None
    return connection.active


def test_a_connection_is_remembered_for_a_minute() -> None:
    toy = Toy()
    assert active(toy)
    set_state(toy.world.tables, NAME, "paused")
    assert active(toy)
    toy.clock.advance(LIFE)
    assert not active(toy)


def test_a_fresh_look_reads_now_and_is_remembered() -> None:
    toy = Toy()
    assert active(toy)
    set_state(toy.world.tables, NAME, "paused")
    assert not active(toy, fresh=True)
    assert not active(toy)


def test_another_process_remembers_nothing() -> None:
    toy = Toy()
    assert active(toy)
    set_state(toy.world.tables, NAME, "paused")
    toy.restart()
    assert not active(toy)


def test_a_clock_that_jumps_back_does_not_freeze_the_memory() -> None:
    toy = Toy()
    assert active(toy)
    set_state(toy.world.tables, NAME, "paused")
    toy.clock.advance(hours=-5)
    assert not active(toy)


def test_absence_is_not_remembered_and_another_pairs_connection_is_absent() -> None:
    toy = Toy()
    assert connection_of(toy.process, toy.pair, "later") is None
    toy.apply(name="later", skus={}, restart=False)
    assert connection_of(toy.process, toy.pair, "later") is not None
    assert connection_of(toy.process, replace(toy.pair, name="other"), "later", fresh=True) is None
