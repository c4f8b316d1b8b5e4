"""Pointers: small, in the right lane, never early, not much late, however long the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.message import LONGEST_HOP, Pointer, enqueue, hop, park, pointer_body, pointer_from, queue_for
from connector.outcome import Done, Later, Outcome
from connector.pair import Work
from connector.ports import QueueRefused
from connector.records import Origin, Seen
from tests.support.toy import NAME, Accounts, Toy
from tests.support.world import World

POINTER = Pointer(f"{NAME}/orders/A1", "wait", "c0ffee", "live")
ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")


@given(st.text(min_size=1), st.text(), st.sampled_from(["live", "bulk", "nightly", "repair"]), st.text())
def test_a_pointer_comes_back_as_it_was(record: str, cause: str, lane: str, due: str) -> None:
    pointer = Pointer(record, cause, "c0ffee", lane, due)
    assert pointer_from(json.loads(pointer_body(pointer))) == pointer


def test_a_pointer_is_smaller_than_a_kilobyte() -> None:
    pointer = Pointer(
        f"{'c' * 41}/shipments/{'9' * 300}", "backfill", "f" * 16, "nightly", "2026-03-02T14:05:09.250000Z"
    )
    assert len(pointer_body(pointer).encode()) < 1024


@pytest.mark.parametrize(
    ("lane", "queue"), [("live", "live"), ("repair", "live"), ("bulk", "bulk"), ("nightly", "bulk")]
)
def test_a_backfill_never_stands_in_front_of_a_label(lane: str, queue: str) -> None:
    toy = Toy()
    assert queue_for(lane) == queue
    enqueue(toy.process, toy.store.see(replace(ORIGIN, lane=lane), [Seen("A1", "r1")]))
    assert [len(toy.world.queues.messages(name)) for name in ("live", "bulk")] == [queue == "live", queue == "bulk"]


@settings(max_examples=60, deadline=None)
@given(
    seconds=st.floats(min_value=-5, max_value=3 * 86_400, allow_nan=False),
    behind=st.floats(min_value=0, max_value=1.5),
)
def test_a_parked_pointer_of_any_length_arrives_not_early_and_not_much_late(seconds: float, behind: float) -> None:
    world = World()
    due = world.clock() + timedelta(seconds=seconds)
    park(world.services, POINTER, due)
    hops = 0
    while not world.queues.messages("live"):
        (message,) = world.queues.messages("delay")
        world.clock.set(max(message.visible_at, world.clock()) + timedelta(seconds=behind))
        (received,) = world.queues.receive("delay")
        hop(world.services, pointer_from(json.loads(received.body)))
        world.queues.delete("delay", received.receipt)
        hops += 1
    assert world.clock() >= due
    assert (world.clock() - max(due, world.clock() - timedelta(seconds=seconds))).total_seconds() <= 2 + behind * hops
    assert hops <= max(0.0, seconds) / LONGEST_HOP + 2
    (arrived,) = world.queues.messages("live")
    assert pointer_from(json.loads(arrived.body)) == POINTER


def test_a_hop_made_twice_arrives_once() -> None:
    world = World()
    due = world.clock() - timedelta(seconds=1)
    pointer = replace(POINTER, due_at=due.isoformat().replace("+00:00", "Z"))
    hop(world.services, pointer)
    hop(world.services, pointer)
    assert len(world.queues.messages("live")) == 1


def test_a_queue_that_refuses_is_heard() -> None:
    toy = Toy()
    records = toy.store.see(ORIGIN, [Seen("A1", "r1")])
    toy.world.queues.refuse("live")
    with pytest.raises(QueueRefused):
        enqueue(toy.process, records)


@pytest.mark.parametrize("behind", [0.5, 2.0, 30.0])
def test_a_worker_whose_clock_is_behind_does_not_drop_the_wait(behind: float) -> None:
    """The delay queue's worker sees the time as come, the other worker's clock does not yet."""
    toy = Toy()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    real = toy.orders
    due = toy.clock() + timedelta(minutes=2)

    def waits(work: Work[Accounts]) -> Outcome:
        toy.orders = real
        return Later(due, "quota")

    toy.orders = waits
    toy.deliver("live")
    toy.clock.set(due + timedelta(seconds=1))
    toy.deliver("delay")
    for _ in range(30):
        toy.behind = timedelta(seconds=behind)
        toy.deliver("live")
        toy.behind = timedelta(0)
        toy.deliver("delay")
        toy.clock.advance(5)
    assert toy.states() == {"orders/A1": "done"}
    assert toy.depot.holds() == {"orders/A1": 1}


def test_a_wait_that_was_prolonged_is_not_worked_on_twice() -> None:
    toy = Toy()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    begun = 0

    def waits(work: Work[Accounts]) -> Outcome:
        nonlocal begun
        begun += 1
        return Later(work.now + timedelta(minutes=10 * begun), "quota") if begun < 3 else Done({"id": "X"})

    toy.orders = waits
    toy.deliver("live")
    toy.clock.advance(60)
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r2")]))
    toy.deliver("live")
    assert begun == 2
    toy.clock.advance(minutes=10)
    toy.settle()
    assert begun == 2
    toy.run(minutes=30)
    assert begun == 3
    assert toy.states() == {"orders/A1": "done"}
