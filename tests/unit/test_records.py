"""The store of records as a state machine: sightings, work, replays, closes and deaths in any order."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from connector.audit import trail
from connector.connection import set_state
from connector.instants import instant_text
from connector.message import Pointer, enqueue
from connector.ports import Equals, Put
from connector.record import (
    SCHEMA,
    Status,
    check_record_id,
    from_json,
    record_from_item,
    record_id,
    record_item,
    split_record_id,
    to_json,
)
from connector.records import Origin, Overtaken, Seen
from connector.review import close, replay
from connector.work import work_on
from tests.support.toy import NAME, Bug, Killed, Toy

ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")

# ---- identity and form ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", ["", "a", "a/b", "a//c", "/b/c", "a/b/"])
def test_what_is_no_record_id_is_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match="not a record id"):
        split_record_id(identifier)


def test_a_source_key_may_hold_slashes() -> None:
    assert split_record_id(record_id("demo", "orders", "SO/0001/a")) == ("demo", "orders", "SO/0001/a")


@pytest.mark.parametrize("key", ["\ud800", "x" * 1100, "\u20ac" * 400])
def test_a_key_that_no_table_takes_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"surrogates|fit into the tables"):
        check_record_id(record_id(NAME, "orders", key))


def test_a_record_of_a_newer_version_is_refused_loudly() -> None:
    toy = Toy()
    record = toy.store.see(ORIGIN, [Seen("A1", "r1")])[0]
    item = {**record_item(record), "schema": SCHEMA + 1}
    with pytest.raises(ValueError, match="newer version"):
        record_from_item(item)


def test_only_open_records_are_indexed_by_status() -> None:
    record = Toy().store.see(ORIGIN, [Seen("A1", "r1")])[0]
    indexed = {status for status in Status if "status_key" in record_item(replace(record, status=status))}
    assert indexed == {Status.QUEUED, Status.WAITING, Status.HELD, Status.REFUSED, Status.UNKNOWN}


def test_numbers_keep_their_exactness() -> None:
    for number in ("0.10", "12345678901234567890.123456789", "-0.000", "1E+5"):
        assert from_json(to_json({"n": Decimal(number)})) == {"n": Decimal(number)}
    with pytest.raises(TypeError, match="cannot be stored"):
        to_json({"at": timedelta(1)})


# ---- seeing -----------------------------------------------------------------------------------------------------


def test_a_known_revision_is_answered_again_only_while_its_message_may_be_missing() -> None:
    toy = Toy()
    assert len(toy.store.see(ORIGIN, [Seen("A1", "r1")])) == 1
    assert [record.seen for record in toy.store.see(ORIGIN, [Seen("A1", "r1")])] == [1]
    toy.clock.advance(minutes=9)
    assert toy.store.see(ORIGIN, [Seen("A1", "r1")]) == []
    assert toy.store.unchanged(ORIGIN, [Seen("A1", "r1"), Seen("A2", "r1")]) == {"A1"}
    assert [record.seen for record in toy.store.see(ORIGIN, [Seen("A1", "r2")])] == [2]


def test_a_row_that_a_list_shows_twice_is_one_record() -> None:
    toy = Toy()
    toy.store.see(ORIGIN, [Seen("A1", "r1"), Seen("A1", "r1")])
    assert len(toy.records()) == 1
    toy.check()


@pytest.mark.parametrize("revision", ["r2", None])
@pytest.mark.parametrize("newest_first", [True, False])
def test_a_row_that_a_list_shows_twice_is_news_if_one_of_them_is(revision: str | None, newest_first: bool) -> None:
    toy = Toy()
    toy.store.see(ORIGIN, [Seen("A1", "r1")])
    toy.clock.advance(minutes=9)
    rows = [Seen("A1", revision), Seen("A1", "r1")]
    assert toy.store.unchanged(ORIGIN, rows if newest_first else rows[::-1]) == set()


def test_references_and_facts_are_kept() -> None:
    toy = Toy()
    toy.store.see(ORIGIN, [Seen("A1", "r1", references=(("order", "SO1"), ("customer", "")), facts={"absent_at": "x"})])
    assert toy.store.find("SO1") == [f"{NAME}/orders/A1"]
    assert toy.record("A1").links == {"absent_at": "x"}
    toy.store.see(ORIGIN, [Seen("A1", "r2", facts={"more": 1})])
    assert toy.record("A1").links == {"absent_at": "x", "more": 1}


def test_a_body_is_kept_until_a_newer_one_comes() -> None:
    toy = Toy()
    toy.store.see(ORIGIN, [Seen("A1", "r1", {"total": 5})])
    toy.store.see(ORIGIN, [Seen("A1", None)])
    assert toy.record("A1").body == {"total": 5}
    toy.store.see(ORIGIN, [Seen("A1", "r2", {"total": 6})])
    assert toy.record("A1").body == {"total": 6}


def test_a_closed_record_is_heard_of_and_stays_closed() -> None:
    toy = Toy()
    record = toy.store.see(ORIGIN, [Seen("A1", "r1")])[0]
    close(toy.store, record, "ann", "not ours")
    toy.store.see(ORIGIN, [Seen("A1", "r2")])
    assert toy.record("A1").status is Status.CLOSED


# ---- changing ---------------------------------------------------------------------------------------------------


def test_a_change_is_applied_to_what_is_there_now() -> None:
    toy = Toy()
    old = toy.store.see(ORIGIN, [Seen("A1", "r1")])[0]
    toy.store.see(ORIGIN, [Seen("A1", "r2")])
    changed = toy.store.change(old, lambda record: replace(record, why="x"), "Noted.")
    assert (changed.revision, changed.seen, changed.why) == ("r2", 2, "x")
    toy.check()


def test_a_change_and_its_further_writes_happen_together_or_not_at_all() -> None:
    toy = Toy()
    record = toy.store.see(ORIGIN, [Seen("A1", "r1")])[0]
    taken = Put("records", {"pk": record.id, "sk": "note#1"}, None)
    impossible = Put("records", {"pk": record.id, "sk": "note#2"}, Equals({"version": 7}))
    with pytest.raises(Overtaken):
        toy.store.change(record, lambda r: replace(r, why="x"), "Noted.", writes=lambda _: [taken, impossible])
    assert toy.record("A1").why == ""
    assert toy.world.tables.get("records", record.id, "note#1") is None
    assert len(list(trail(toy.world.tables, record.id))) == 1


def test_an_answer_that_was_lost_after_the_transaction_does_no_harm() -> None:
    toy = Toy()
    real = toy.world.tables.transact
    lost = [True]

    def transact(writes: Any) -> bool:
        answer = real(writes)
        return answer and not (lost and lost.pop())

    toy.world.tables.transact = transact  # type: ignore[method-assign]
    record = toy.store.see(ORIGIN, [Seen("A1", "r1")])[0]
    assert record.seen >= 1
    toy.check()


def test_a_lost_transaction_without_an_audit_line_reads_again() -> None:
    toy = Toy()
    record = toy.store.see(ORIGIN, [Seen("A1", "r1")])[0]
    assert toy.store.change(record, lambda r: replace(r, why="a")).audit_sequence == 1
    assert toy.store.change(record, lambda r: replace(r, why=r.why + "b")).why == "ab"


# ---- anything in any order --------------------------------------------------------------------------------------

KEYS = st.sampled_from(["A1", "A2"])


class Records(RuleBasedStateMachine):
    """One shop, one depot, two orders; every act that a person, a poll, a webhook or a crash can make."""

    def __init__(self) -> None:
        super().__init__()
        self.toy = Toy(start="2026-03-02T14:00:00Z", every=timedelta(days=7))
        self.toy.tick()
        self.toy.settle()
        self.mapped = False
        self.paused = False
        self.seen: dict[str, int] = {}

    @rule(key=KEYS)
    def changes_and_is_polled(self, key: str) -> None:
        self.toy.clock.advance(1)
        if key not in self.toy.shop.rows:
            self.toy.shop.put(key)
        row = self.toy.shop.rows[key]
        row.stamp = self.toy.clock()
        enqueue(self.toy.process, self.toy.store.see(ORIGIN, [Seen(key, instant_text(row.stamp))]))

    @rule(key=KEYS)
    def a_poll_dies_before_it_enqueues(self, key: str) -> None:
        if key in self.toy.shop.rows:
            self.toy.clock.advance(1)
            self.toy.shop.rows[key].stamp = self.toy.clock()
            self.toy.store.see(ORIGIN, [Seen(key, instant_text(self.toy.clock()))])

    @rule(key=KEYS)
    def a_webhook_rings(self, key: str) -> None:
        enqueue(self.toy.process, self.toy.store.see(replace(ORIGIN, cause="webhook"), [Seen(key)]))

    @rule(seconds=st.sampled_from([1, 30, 61, 400]))
    def time_passes(self, seconds: int) -> None:
        self.toy.clock.advance(seconds)

    @rule(queue=st.sampled_from(["live", "delay"]), most=st.integers(1, 10))
    def a_worker_runs(self, queue: str, most: int) -> None:
        self.toy.deliver(queue, most)

    @rule(key=KEYS)
    def a_second_worker_runs_beside_the_queue(self, key: str) -> None:
        with suppress(Bug):  # it has crashed, as the worker of a queue may
            work_on(self.toy.pair, self.toy.process, Pointer(f"{NAME}/orders/{key}", "sweep", "c", "live"))

    @rule(death=st.integers(1, 15))
    def a_worker_dies(self, death: int) -> None:
        left = death

        def step(label: str) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise Killed

        self.toy.world.step = step
        self.toy.deliver("live")
        self.toy.world.step = lambda label: None
        self.toy.restart()

    @rule(what=st.sampled_from(["lost_after", "lost_before", "throttled", "not_sent", "invalid", "garbage", "bug"]))
    def the_depot_plans(self, what: str) -> None:
        self.toy.depot.plan = [what]

    @rule(what=st.sampled_from(["see", "close", "replay", "work"]), key=KEYS)
    def something_happens_during_the_next_write(self, what: str, key: str) -> None:
        def act() -> None:
            self.toy.depot.during = lambda: None
            record = self.toy.store.load(f"{NAME}/orders/{key}")
            if what == "see":
                self.a_webhook_rings(key)
            elif what == "work":
                self.a_second_worker_runs_beside_the_queue(key)
            elif record is not None and what == "close":
                close(self.toy.store, record, "ann", "no")
            elif record is not None:
                replay(self.toy.process, self.toy.store, record, "c", "ann")

        self.toy.depot.during = act

    @rule(what=st.sampled_from(["see", "close", "replay", "work"]), key=KEYS, other=KEYS)
    def an_order_is_written_while_something_happens(self, what: str, key: str, other: str) -> None:
        self.something_happens_during_the_next_write(what, other)
        self.changes_and_is_polled(key)
        self.toy.deliver("live")

    @rule(key=KEYS)
    def a_person_replays(self, key: str) -> None:
        record = self.toy.store.load(f"{NAME}/orders/{key}")
        if record is not None:
            replay(self.toy.process, self.toy.store, record, "c", "ann")

    @rule(key=KEYS)
    def a_person_closes(self, key: str) -> None:
        record = self.toy.store.load(f"{NAME}/orders/{key}")
        if record is not None:
            close(self.toy.store, record, "ann", "not ours")
            assert self.toy.record(key).status is Status.CLOSED

    @rule(continues=st.booleans())
    def the_mapping_appears(self, continues: bool) -> None:
        """`continues` False: the command died before it resumed anything."""
        self.mapped = True
        self.toy.apply(skus={"PEN": "P-1"}, start="2026-03-02T14:00:00Z", continues=continues, restart=False)

    @rule()
    def the_mapping_goes(self) -> None:
        self.mapped = False
        self.toy.apply(skus={}, start="2026-03-02T14:00:00Z", restart=False)

    @rule()
    def the_indexes_fall_behind(self) -> None:
        self.toy.world.tables.freeze_indexes()

    @rule()
    def the_indexes_catch_up(self) -> None:
        self.toy.world.tables.thaw_indexes()

    @rule(state=st.sampled_from(["active", "paused"]))
    def a_person_pauses_or_resumes(self, state: Any) -> None:
        self.paused = state == "paused"
        set_state(self.toy.world.tables, NAME, state)

    @invariant()
    def nothing_is_out_of_order(self) -> None:
        self.toy.check()
        for record in self.toy.records():
            # What was heard once is never forgotten.
            assert record.seen >= self.seen.get(record.id, 0)
            self.seen[record.id] = record.seen
            if record.status in (Status.DONE, Status.HELD, Status.REFUSED, Status.CLOSED):
                assert record.handled == record.seen or record.status is Status.CLOSED, record
        assert all(count == 1 for count in self.toy.depot.holds().values())

    def teardown(self) -> None:
        """Whatever happened: with the mapping there and nobody interfering, everything comes to its end."""
        toy = self.toy
        toy.world.tables.thaw_indexes()
        toy.depot.plan, toy.depot.during = [], lambda: None
        toy.apply(skus={"PEN": "P-1"}, start="2026-03-02T14:00:00Z")
        set_state(toy.world.tables, NAME, "active")
        toy.restart()
        toy.run(minutes=120)
        for record in toy.records():
            exists = record.source_key in toy.shop.rows
            assert record.status in (Status.DONE, Status.CLOSED, Status.REFUSED), record
            if record.status is not Status.CLOSED:
                assert record.handled == record.seen
            if record.status is Status.DONE and exists:
                assert toy.depot.holds()[f"orders/{record.source_key}"] == 1
        assert toy.waits() == []
        self.nothing_is_out_of_order()


TestRecords = Records.TestCase
TestRecords.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
