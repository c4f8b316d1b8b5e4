"""What people do to records: resume, replay, release, close; and what each leaves behind."""

from __future__ import annotations

import pytest

from connector.effect import Draft, Repeat
from connector.intent import Stage
from connector.ledger import Ledger
from connector.message import enqueue
from connector.outcome import Missing, Outcome
from connector.pair import Work
from connector.record import Status
from connector.records import Origin, Seen
from connector.review import close, release_write, replay, resume
from tests.support.toy import NAME, Accounts, Toy

ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")
EFFECT, KEY = "depot.document", "orders/A1"


def blind(toy: Toy) -> None:
    """Work whose write cannot be asked for with certainty."""

    def work(piece: Work[Accounts]) -> Outcome:
        return piece.once(toy.depot.effect(Repeat.BLIND), KEY, Draft({"key": "A1"}))

    toy.orders = work


def begun(toy: Toy) -> None:
    """An order was heard of and worked on until nothing more happens."""
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    toy.run(minutes=10)


def test_a_blind_write_waits_for_a_person_who_releases_it_and_is_then_sent_once() -> None:
    toy = Toy()
    blind(toy)
    toy.depot.plan = ["lost_before"]
    begun(toy)
    record = toy.record("A1")
    assert record.status is Status.HELD
    assert "Check at depot" in record.why
    assert toy.depot.sent == 1
    replay(toy.process, toy.store, record, "c", "ann")
    toy.run(minutes=10)
    assert toy.depot.sent == 1, "a replay alone never repeats a blind write"
    record = release_write(toy.process, toy.store, toy.record("A1"), EFFECT, KEY, "ann", "looked at the portal")
    replay(toy.process, toy.store, record, "c", "ann")
    toy.run(minutes=10)
    assert (toy.depot.sent, toy.depot.holds()) == (2, {KEY: 1})
    assert toy.states() == {"orders/A1": "done"}
    assert any("looked at the portal" in text for text in toy.texts("A1"))
    toy.check()


def test_only_a_write_whose_fate_is_unknown_can_be_released() -> None:
    toy = Toy()
    begun(toy)
    with pytest.raises(LookupError, match="fate is unknown"):
        release_write(toy.process, toy.store, toy.record("A1"), EFFECT, KEY, "ann", "why not")
    with pytest.raises(LookupError):
        release_write(toy.process, toy.store, toy.record("A1"), EFFECT, "orders/B", "ann", "why not")
    intent = Ledger(toy.process, toy.store, toy.record("A1")).lookup(EFFECT, KEY)
    assert intent is not None
    assert intent.stage is Stage.DONE


def test_a_close_ends_everything_and_removes_what_it_waited_for() -> None:
    toy = Toy(skus={})
    begun(toy)
    assert toy.waits()
    close(toy.store, toy.record("A1"), "ann", "cancelled by phone")
    assert toy.waits() == []
    toy.apply(skus={"PEN": "P-1"})
    toy.run(minutes=30)
    assert toy.states() == {"orders/A1": "closed"}
    assert toy.depot.sent == 0
    assert toy.texts("A1")[-1] == "Closed by ann: cancelled by phone"
    toy.check()


def test_a_close_by_an_old_view_of_the_record_removes_the_newest_waits() -> None:
    toy = Toy(skus={})
    toy.shop.put("A1")
    old = toy.store.see(ORIGIN, [Seen("A1", "r1")])[0]
    enqueue(toy.process, [old])
    toy.settle()
    assert toy.waits()
    close(toy.store, old, "ann", "not ours")
    toy.check()


def test_a_replay_opens_what_was_closed() -> None:
    toy = Toy(skus={})
    begun(toy)
    close(toy.store, toy.record("A1"), "ann", "not ours")
    toy.apply(skus={"PEN": "P-1"})
    replay(toy.process, toy.store, toy.record("A1"), "c", "bob")
    toy.run(minutes=3)
    assert toy.states() == {"orders/A1": "done"}
    assert "Replayed by bob." in toy.texts("A1")


def test_a_replay_goes_before_the_backlog_of_its_record() -> None:
    toy = Toy()
    toy.shop.put("A1")
    bulk = Origin(NAME, "toy", "orders", "backfill", "c0ffee", "bulk")
    enqueue(toy.process, toy.store.see(bulk, [Seen("A1", "r1")]))
    replay(toy.process, toy.store, toy.record("A1"), "c", "ann")
    toy.deliver("live")
    assert toy.states() == {"orders/A1": "done"}
    toy.settle()
    assert toy.depot.sent == 1


def test_twenty_replays_write_once() -> None:
    toy = Toy()
    begun(toy)
    for _ in range(20):
        replay(toy.process, toy.store, toy.record("A1"), "c", "ann")
    toy.settle()
    assert toy.depot.sent == 1
    assert toy.states() == {"orders/A1": "done"}


def test_a_resume_touches_only_what_still_waits_for_the_key() -> None:
    toy = Toy(skus={})
    begun(toy)
    toy.world.tables.freeze_indexes()
    close(toy.store, toy.record("A1"), "ann", "not ours")
    assert resume(toy.process, toy.store, NAME, Missing("skus", "PEN"), "c") == 0
    assert toy.states() == {"orders/A1": "closed"}


def test_a_resume_of_another_connection_touches_nothing() -> None:
    toy = Toy(skus={})
    begun(toy)
    assert resume(toy.process, toy.store, "other", Missing("skus", "PEN"), "c") == 0
    assert resume(toy.process, toy.store, NAME, Missing("skus", "PEN"), "c") == 1


def test_a_resume_leaves_alone_what_has_a_message_already() -> None:
    """Something newer was heard of a held record: it will look at the mapping anyway."""
    toy = Toy(skus={})
    begun(toy)
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r2")]))
    record = toy.record("A1")
    assert (record.status, record.missing) == (Status.QUEUED, (Missing("skus", "PEN"),))
    assert resume(toy.process, toy.store, NAME, Missing("skus", "PEN"), "c") == 0
    assert toy.record("A1") == record
