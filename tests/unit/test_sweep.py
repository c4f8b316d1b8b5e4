"""The sweeper: what stayed behind goes on by itself, and a backlog is not multiplied by sweeping it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.cache import connection_of
from connector.message import enqueue
from connector.outcome import Held, Later, Missing, Outcome
from connector.pair import Work
from connector.record import Status
from connector.records import Origin, Seen
from connector.review import close
from connector.sweep import by_status, sweep
from tests.support.toy import NAME, Accounts, Toy

ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")
RECENT = "2026-03-02T14:00:00Z"


def quiet() -> Toy:
    """A toy whose own poll does not interfere."""
    toy = Toy(start=RECENT, every=timedelta(days=7))
    toy.tick()
    toy.settle()
    return toy


def swept(toy: Toy) -> int:
    """One sweep."""
    connection = connection_of(toy.process, toy.pair, NAME, fresh=True)
    assert connection is not None
    return sweep(toy.pair, toy.process, connection)


def test_a_record_whose_message_was_lost_continues() -> None:
    toy = quiet()
    toy.shop.put("A1")
    toy.store.see(ORIGIN, [Seen("A1", "r1")])
    toy.run(minutes=9)
    assert toy.states() == {"orders/A1": "queued"}
    toy.run(minutes=8)
    assert toy.states() == {"orders/A1": "done"}


@pytest.mark.parametrize("status", [Status.WAITING, Status.UNKNOWN])
def test_a_parked_record_whose_message_was_lost_continues(status: Status) -> None:
    toy = quiet()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    toy.depot.plan = ["throttled" if status is Status.WAITING else "lost_after"]
    toy.deliver("live")
    assert toy.record("A1").status is status
    for stored in toy.world.queues.receive("delay"):
        toy.world.queues.delete("delay", stored.receipt)
    toy.run(minutes=30)
    assert toy.depot.holds() == {"orders/A1": 1}
    toy.check()


def test_what_is_not_yet_overdue_is_left_alone() -> None:
    toy = quiet()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    toy.orders = lambda work: Later(work.now + timedelta(hours=3), "quota")
    toy.deliver("live")
    toy.clock.advance(hours=3, minutes=9)
    assert swept(toy) == 0
    toy.clock.advance(minutes=2)
    assert swept(toy) == 1


def test_a_backlog_of_half_a_day_is_not_multiplied_by_sweeping() -> None:
    """Every record has its message; the vendor's limit lets none through. 144 sweeps make no 144 messages each."""
    toy = quiet()
    count = 30
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen(f"A{number}", "r1") for number in range(count)]))
    for _ in range(144):
        toy.clock.advance(minutes=5)
        swept(toy)
    assert len(toy.world.queues.messages("live")) <= count * 9


def test_a_record_that_crashes_each_time_does_not_flood_the_dead_letters() -> None:
    toy = quiet()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))

    def crash(work: Work[Accounts]) -> Outcome:
        raise AssertionError("a bug")

    toy.orders = crash
    toy.run(minutes=60 * 24)
    assert 1 <= len(toy.world.queues.dead("live")) <= 10
    assert len(toy.texts("A1")) <= 60
    toy.check()


def test_a_held_record_is_looked_at_by_its_keys_and_each_key_once() -> None:
    toy = quiet()
    asked: list[Missing] = []
    real = toy.available

    def available(*arguments: object) -> bool:
        asked.append(arguments[2])  # type: ignore[arg-type]
        return real(*arguments)  # type: ignore[arg-type]

    for number in range(20):
        toy.shop.put(f"A{number}", sku="CUP")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen(f"A{number}", "r1") for number in range(20)]))
    toy.settle()
    assert set(toy.states().values()) == {"held"}
    object.__setattr__(toy.pair, "available", available)
    assert swept(toy) == 0
    assert asked == [Missing("skus", "CUP")]
    assert toy.world.metrics()["HeldRecords"][-1] == 20


def test_a_record_that_waits_for_two_keys_continues_when_the_second_has_come() -> None:
    toy = quiet()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    keys = (Missing("skus", "CUP"), Missing("skus", "BAG"))
    real = toy.orders

    def both(work: Work[Accounts]) -> Outcome:
        there = [key for key in keys if not toy.available(work.services, work.connection, key)]
        return Held("two SKUs have no mapping", tuple(there)) if there else real(work)

    toy.orders = both
    toy.deliver("live")
    assert len(toy.waits()) == 2
    toy.apply(skus={"PEN": "P-1", "CUP": "C-1"}, start=RECENT)
    toy.settle()
    assert toy.record("A1").missing == (Missing("skus", "BAG"),)
    toy.check()
    toy.apply(skus={"PEN": "P-1", "CUP": "C-1", "BAG": "B-1"}, start=RECENT, continues=False)
    toy.run(minutes=7)
    assert toy.states() == {"orders/A1": "done"}
    toy.check()


def test_what_is_held_for_a_person_is_left_to_the_person() -> None:
    toy = quiet()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    toy.orders = lambda work: Held("look at it")
    toy.run(minutes=120)
    assert (toy.record("A1").status, toy.record("A1").seen) == (Status.HELD, 1)


def test_a_close_between_the_look_and_the_touch_wins() -> None:
    toy = quiet()
    toy.shop.put("A1", sku="CUP")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    toy.settle()
    real = toy.available

    def available(*arguments: object) -> bool:
        close(toy.store, toy.record("A1"), "ann", "not ours")
        real(*arguments)  # type: ignore[arg-type]
        return True

    object.__setattr__(toy.pair, "available", available)
    swept(toy)
    toy.settle()
    assert toy.record("A1").status is Status.CLOSED
    assert toy.depot.sent == 0


def test_an_index_that_lags_misleads_nobody() -> None:
    toy = quiet()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    toy.world.tables.freeze_indexes()
    toy.settle()
    assert by_status(toy.process, NAME, Status.QUEUED) == []
    toy.clock.advance(minutes=11)
    assert swept(toy) == 0


def test_thousands_are_swept_in_parts() -> None:
    toy = quiet()
    toy.store.see(ORIGIN, [Seen(f"A{number}", "r1") for number in range(230)])
    toy.clock.advance(minutes=11)
    assert swept(toy) == 230
    assert len(toy.world.queues.messages("live")) == 230


@settings(max_examples=80, deadline=None)
@given(
    acts=st.lists(
        st.sampled_from(["order", "receipt", "apply", "apply quietly", "work", "freeze", "thaw", "sweep", "time"]),
        max_size=14,
    )
)
def test_what_is_held_continues_however_its_key_appears(acts: list[str]) -> None:
    """A receipt waits for its order, the order for a mapping; keys appear before, during and after each hold."""
    toy = Toy(start=RECENT, every=timedelta(days=7), skus={})
    pushed = 0
    for act in acts:
        if act in ("order", "receipt"):
            pushed += 1
            if act == "order" and "A1" not in toy.shop.rows:
                toy.shop.put("A1")
            body = {"keys": ["A1"]} if act == "order" else {"key": "A1"}
            toy.push(f"e{pushed}", json.dumps(body), topic="orders" if act == "order" else "receipt")
        elif act.startswith("apply"):
            toy.apply(skus={"PEN": "P-1"}, start=RECENT, continues=act == "apply", restart=False)
        elif act == "work":
            toy.deliver("events", 1)
            toy.deliver("live", 1)
        elif act == "freeze":
            toy.world.tables.freeze_indexes()
        elif act == "thaw":
            toy.world.tables.thaw_indexes()
        elif act == "sweep":
            swept(toy)
        else:
            toy.clock.advance(45)
        toy.check()
    toy.world.tables.thaw_indexes()
    if "A1" not in toy.shop.rows:
        toy.shop.put("A1")
    toy.push("last", json.dumps({"keys": ["A1"]}))
    toy.apply(skus={"PEN": "P-1"}, start=RECENT, continues=False, restart=False)
    toy.run(minutes=30)
    assert set(toy.states().values()) == {"done"}
    assert toy.depot.holds() == {"orders/A1": 1}
    toy.check()
