"""Polls: one connection never stops another, a poll that dies shortens its window, nothing is enqueued for nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.connection import set_state
from connector.cursor import read_cursors
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.pair import Polling
from connector.record import to_json
from connector.records import Seen
from tests.support.toy import NAME, Accounts, Killed, Toy

RECENT = "2026-03-02T14:00:00Z"
"""A start within one window of the world's clock."""


def span(toy: Toy) -> int:
    """The span that the next poll may take, in seconds."""
    return read_cursors(toy.world.tables, NAME, ["orders"])["orders"].span_seconds


def position(toy: Toy) -> str:
    """Where the cursor of the orders stands."""
    return read_cursors(toy.world.tables, NAME, ["orders"])["orders"].position


def spoil(toy: Toy, name: str) -> None:
    """A stored document that this version cannot read, as after an upgrade."""
    item = toy.world.tables.get("connections", name, "document")
    assert item is not None
    raw = json.loads(str(item["data"]))
    toy.world.tables.put("connections", {**item, "data": to_json({**raw, "gone_in_this_version": True})})


def test_a_connection_that_no_longer_validates_does_not_stop_the_others() -> None:
    toy = Toy()
    toy.apply(name="aaa-broken", skus={})
    spoil(toy, "aaa-broken")
    toy.restart()
    toy.shop.put("A1")
    toy.run(minutes=3)
    assert toy.depot.holds() == {"orders/A1": 1}
    errors = [line for line in toy.world.lines() if line.get("level") == "ERROR"]
    assert {line["connection"] for line in errors} == {"aaa-broken"}


def test_records_of_a_connection_that_no_longer_validates_are_held_and_continue_after_the_next_apply() -> None:
    toy = Toy(start=RECENT)
    toy.shop.put("A1")
    toy.clock.advance(1)
    toy.tick()
    toy.deliver("jobs")
    spoil(toy, NAME)
    toy.restart()
    toy.run(minutes=3)
    record = toy.record("A1")
    assert record.status.value == "held"
    assert "apply it again" in record.why
    assert not toy.world.queues.dead("live")
    toy.apply(skus={"PEN": "P-1"})
    toy.run(minutes=8)
    assert toy.states() == {"orders/A1": "done"}
    toy.check()


def test_a_paused_connection_neither_polls_nor_loses_its_place() -> None:
    toy = Toy()
    toy.shop.put("A1")
    toy.run(minutes=3)
    set_state(toy.world.tables, NAME, "paused")
    toy.restart()
    before = len(toy.shop.lists)
    toy.shop.put("A2")
    toy.run(minutes=120)
    assert len(toy.shop.lists) == before
    set_state(toy.world.tables, NAME, "active")
    toy.restart()
    toy.run(minutes=5)
    assert toy.depot.holds() == {"orders/A1": 1, "orders/A2": 1}


def test_a_connection_with_a_flow_switched_off_does_not_poll_it() -> None:
    toy = Toy()
    toy.apply(skus={"PEN": "P-1"}, schedule={"orders": {"every_seconds": 60, "enabled": False}})
    toy.shop.put("A1")
    toy.run(minutes=5)
    assert toy.shop.lists == []
    assert toy.states() == {}


def test_the_cadence_is_the_connections_own() -> None:
    toy = Toy()
    toy.apply(skus={}, schedule={"orders": {"every_seconds": 600}})
    toy.run(minutes=61)
    assert 6 <= len(toy.shop.lists) <= 9


def test_a_poll_that_dies_shortens_its_window_like_one_that_ran_out_of_time() -> None:
    toy = Toy()

    def dies(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
        raise Killed

    real = toy.poll
    toy.poll = dies  # type: ignore[method-assign]
    toy.tick()
    toy.deliver("jobs")
    toy.poll = real  # type: ignore[method-assign]
    before = span(toy)
    windows: list[timedelta] = []
    toy.clock.advance(minutes=10)
    toy.run(minutes=3)
    windows = [until - since for since, until in toy.shop.lists]
    assert windows[0] <= timedelta(seconds=before / 2)


def test_a_poll_that_can_never_finish_shortens_its_window_until_it_does() -> None:
    """Each list of more than two hours kills the function; the poll still gets there."""
    toy = Toy()
    real = toy.poll

    def heavy(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
        if polling.window.until - polling.window.since > timedelta(hours=2):
            raise Killed
        return real(polling)

    toy.poll = heavy  # type: ignore[method-assign]
    toy.shop.put("A1")
    toy.run(minutes=60 * 12)
    assert toy.depot.holds() == {"orders/A1": 1}


def test_time_that_runs_out_keeps_what_was_stored_and_halves_the_window() -> None:
    toy = Toy(start=RECENT)
    for number in range(12):
        toy.shop.put(f"A{number}")
    real = toy.poll

    def slow(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
        for page in real(polling):
            toy.clock.advance(15)
            yield page

    toy.poll = slow  # type: ignore[method-assign]
    toy.clock.advance(60)
    toy.tick()
    before = position(toy)
    toy.deliver("jobs", seconds=60)
    assert position(toy) == before
    assert len(toy.records()) in (6, 9)
    assert span(toy) < 86_400
    for _ in range(12):
        toy.clock.advance(60)
        toy.tick()
        toy.deliver("jobs", seconds=60)
    toy.settle()
    assert len(toy.depot.holds()) == 12
    assert position(toy) > before


def test_after_a_success_a_halved_window_grows_again_step_by_step() -> None:
    """Back to a whole day at once would cost five spoiled polls for every good one, and the backlog would win."""
    toy = Toy()
    real = toy.poll
    polls: list[timedelta] = []

    def heavy(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
        polls.append(polling.window.until - polling.window.since)
        for _ in range(8 if polls[-1] > timedelta(hours=2) else 1):
            toy.clock.advance(10)
            yield from real(polling)
            yield []

    toy.poll = heavy  # type: ignore[method-assign]
    for _ in range(70):
        toy.clock.advance(60)
        toy.tick()
        while toy.deliver("jobs", seconds=60):
            pass
    spoiled = [window for window in polls if window > timedelta(hours=2)]
    assert len(spoiled) <= len(polls) / 2 + 6
    assert position(toy) > "2026-03-02T12:00:00"


@pytest.mark.parametrize(
    "fault",
    [
        VendorFault("shop", FaultKind.UNAVAILABLE, "reset", Executed.NO),
        VendorFault("shop", FaultKind.FORBIDDEN, "scope is missing", Executed.NO),
        ConfigurationFault(NAME, "the secret is missing"),
    ],
)
def test_a_fault_keeps_the_place_says_why_and_comes_back(fault: Exception) -> None:
    toy = Toy()
    toy.shop.put("A1")
    toy.clock.advance(1)
    pending = [fault]

    def opening() -> None:
        if pending:
            raise pending.pop()

    toy.opening = opening
    toy.tick()
    toy.deliver("jobs")
    cursor = read_cursors(toy.world.tables, NAME, ["orders"])["orders"]
    assert (cursor.position, cursor.failures, cursor.held_until) == ("", 1, "")
    assert str(fault) == cursor.why
    toy.run(minutes=5)
    assert toy.depot.holds() == {"orders/A1": 1}
    cursor = read_cursors(toy.world.tables, NAME, ["orders"])["orders"]
    assert (cursor.failures, cursor.why) == (0, "")


def test_two_pollers_of_one_stream_never_poll_at_the_same_time() -> None:
    toy = Toy()
    real = toy.poll
    inside: list[int] = []

    def nested(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
        inside.append(len(inside))
        if len(inside) == 1:
            toy.tick()
            toy.deliver("jobs", 1)
        yield from real(polling)

    toy.poll = nested  # type: ignore[method-assign]
    toy.tick()
    toy.deliver("jobs", 1)
    assert inside == [0]


def test_a_poller_whose_lease_ran_out_does_not_move_the_cursor() -> None:
    toy = Toy()
    real = toy.poll
    toy.shop.put("A1")
    toy.clock.advance(1)
    began: list[bool] = []

    def slow(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
        if not began:
            began.append(True)
            toy.clock.advance(minutes=7)
            toy.shop.put("A2")
            toy.clock.advance(1)
            toy.tick()
            while toy.deliver("jobs"):
                pass
            moved.append(position(toy))
        yield from real(polling)

    moved: list[str] = []
    toy.poll = slow  # type: ignore[method-assign]
    toy.tick()
    toy.deliver("jobs")
    assert position(toy) == moved[0]
    assert any("longer than its lease" in str(line.get("text")) for line in toy.world.lines())
    toy.run(minutes=2)
    assert toy.depot.holds() == {"orders/A1": 1, "orders/A2": 1}


def test_chores_run_on_their_own_cadence() -> None:
    toy = Toy()
    toy.run(minutes=150)
    assert toy.chored == [NAME] * 3


@settings(max_examples=60, deadline=None)
@given(deaths=st.lists(st.integers(1, 120), max_size=4), orders=st.integers(1, 9), pushed=st.booleans())
def test_death_at_any_step_loses_and_doubles_nothing(deaths: list[int], orders: int, pushed: bool) -> None:
    toy = Toy()
    for number in range(orders):
        toy.shop.put(f"A{number}")
    remaining, count = sorted(deaths), 0

    def step(label: str) -> None:
        nonlocal count
        count += 1
        if remaining and count >= remaining[0]:
            remaining.pop(0)
            raise Killed

    toy.clock.advance(5)
    toy.world.step = step
    if pushed:
        remaining_now, remaining = remaining, []
        toy.push("e1", json.dumps({"keys": ["A0"]}))
        remaining = remaining_now
    toy.run(minutes=45)
    assert toy.depot.holds() == {f"orders/A{number}": 1 for number in range(orders)}
    assert set(toy.states().values()) == {"done"}
    toy.check()
