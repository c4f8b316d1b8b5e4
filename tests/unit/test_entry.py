"""The entry points as Lambda calls them: batches, crashes, time that runs out, dead letters and their redrive."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connector.entry import take_message
from connector.message import Pointer, enqueue, pointer_body
from connector.outcome import Done, Later, Outcome
from connector.pair import Work
from connector.ports import Message
from connector.record import short_hash
from connector.records import Origin, Seen
from tests.support.toy import NAME, Accounts, Toy

ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")


def heard(toy: Toy, *keys: str) -> None:
    """Orders that a poll has stored and enqueued."""
    for key in keys:
        toy.shop.put(key)
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen(key, "r1") for key in keys]))


def crash(work: Work[Accounts]) -> Outcome:
    """A bug whose message tells what nobody may read in a log."""
    raise RuntimeError("cannot read Jane Marker, 12 Marker Street")


def test_ten_messages_of_one_batch_are_ten_pieces_of_work() -> None:
    toy = Toy()
    heard(toy, *(f"A{number}" for number in range(10)))
    assert toy.deliver("live") == 10
    assert sum(toy.depot.holds().values()) == 10
    assert toy.depot.closings == [f"{NAME}/orders/A{number}" for number in range(10)]


def test_a_crash_hurts_its_own_message_only() -> None:
    toy = Toy()
    heard(toy, "A1", "A2", "A3")
    real = toy.orders
    toy.orders = lambda work: crash(work) if work.record.source_key == "A2" else real(work)
    toy.deliver("live")
    assert toy.depot.holds() == {"orders/A1": 1, "orders/A3": 1}
    (left,) = toy.world.queues.messages("live")
    assert "A2" in left.body
    assert (left.receive_count, toy.record("A2").status.value) == (1, "queued")
    assert toy.depot.closings.count(f"{NAME}/orders/A2") == 1


@pytest.mark.parametrize("keys", [("A1",), ("A1", "A2")])
def test_a_crash_of_a_whole_batch_answers_failures_and_raises_nothing(keys: tuple[str, ...]) -> None:
    """What is raised would be printed by the runtime with its message, and the message may hold personal data."""
    toy = Toy()
    heard(toy, *keys)
    toy.orders = crash
    assert toy.deliver("live") == len(keys)
    assert len(toy.world.queues.messages("live")) == len(keys)


def test_a_crash_is_logged_with_its_place_and_without_its_words() -> None:
    toy = Toy()
    heard(toy, "A1")
    toy.orders = crash
    toy.deliver("live")
    (line,) = [line for line in toy.world.lines() if line.get("level") == "ERROR"]
    assert line["error"] == "RuntimeError"
    assert line["record"] == f"{NAME}/orders/A1"
    assert line["correlation"] == "c0ffee"
    assert "Marker" not in json.dumps(toy.world.lines())
    assert toy.texts("A1")[-1].startswith("Stopped by an error in this software: RuntimeError at test_entry.py:")
    assert all("Marker" not in text for text in toy.texts("A1"))


def test_five_crashes_make_a_dead_letter_and_a_redrive_simply_works() -> None:
    toy = Toy()
    heard(toy, "A1")
    real = toy.orders
    toy.orders = crash
    for _ in range(6):
        toy.deliver("live")
        toy.clock.advance(361)
    assert len(toy.world.queues.dead("live")) == 1
    toy.orders = real
    assert toy.world.queues.redrive("live") == 1
    toy.deliver("live")
    assert toy.depot.holds() == {"orders/A1": 1}
    assert toy.states() == {"orders/A1": "done"}
    toy.check()


def test_a_dead_letter_sent_again_with_a_fresh_deduplication_id_simply_works() -> None:
    toy = Toy()
    heard(toy, "A1")
    (stored,) = toy.world.queues.messages("live")
    toy.deliver("live")
    toy.world.queues.send("live", [Message(stored.body, stored.message.group, "redriven")])
    toy.deliver("live")
    assert toy.depot.sent == 1
    assert toy.states() == {"orders/A1": "done"}


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", "null", '{"kind":"unknown"}', '{"kind":"record"}', "{", '{"kind":"event"}']
)
def test_a_message_that_nobody_understands_becomes_a_dead_letter_and_blocks_nothing(body: str) -> None:
    toy = Toy()
    toy.world.queues.send("live", [Message(body or " ", short_hash("poison"), "1")])
    heard(toy, "A1")
    for _ in range(6):
        toy.deliver("live")
        toy.clock.advance(361)
    assert toy.depot.holds() == {"orders/A1": 1}
    assert len(toy.world.queues.dead("live")) == 1


def test_a_message_of_a_record_that_does_not_exist_is_dropped_with_an_error_line() -> None:
    toy = Toy()
    pointer = Pointer(f"{NAME}/orders/NONE", "poll", "c0ffee", "live")
    toy.world.queues.send("live", [Message(pointer_body(pointer), short_hash("x"), "1")])
    toy.deliver("live")
    assert not toy.world.queues.messages("live")
    (line,) = [line for line in toy.world.lines() if line.get("level") == "ERROR"]
    assert line["record"] == f"{NAME}/orders/NONE"


def test_a_vendor_that_answers_slowly_costs_nobody_a_receive() -> None:
    """Ten messages of 15 seconds do not fit into 60: those that would be cut off go round through the delay queue."""
    toy = Toy()
    keys = [f"A{number}" for number in range(10)]
    heard(toy, *keys)

    def slow(work: Work[Accounts]) -> Outcome:
        toy.clock.advance(15)
        return Done({"id": work.record.source_key})

    toy.orders = slow
    began = toy.clock()
    toy.deliver("live", seconds=60)
    assert toy.clock() - began <= timedelta(seconds=45)
    done = [key for key, state in toy.states().items() if state == "done"]
    assert 2 <= len(done) <= 3
    assert not toy.world.queues.messages("live")
    parked = toy.world.queues.messages("delay")
    assert len(parked) == 10 - len(done)
    for _ in range(60):
        toy.clock.advance(2)
        toy.deliver("delay", seconds=60)
        toy.deliver("live", seconds=60)
    assert set(toy.states().values()) == {"done"}
    assert all(not toy.world.queues.messages(queue) for queue in ("live", "delay"))
    toy.check()


def test_a_quota_that_lasts_a_day_raises_no_receive_count() -> None:
    toy = Toy()
    heard(toy, "A1")
    real = toy.orders
    until = toy.clock() + timedelta(days=1)
    toy.orders = lambda work: real(work) if work.now >= until else Later(work.now + timedelta(minutes=40), "no quota")
    counts: list[int] = []
    while toy.clock() < until + timedelta(hours=1):
        toy.settle()
        counts += [stored.receive_count for queue in ("live", "delay") for stored in toy.world.queues.messages(queue)]
        visible = toy.world.queues.next_visible()
        if visible is None:
            break
        toy.clock.set(visible)
    toy.settle()
    assert toy.depot.holds() == {"orders/A1": 1}
    assert not toy.world.queues.dead("live")
    assert set(counts) == {0}
    assert len(toy.texts("A1")) < 6
    toy.check()


def test_a_kind_that_does_not_exist_is_an_error() -> None:
    toy = Toy()
    with pytest.raises(ValueError, match="unknown kind"):
        take_message(toy.pair, toy.process, {"kind": "poll"})
