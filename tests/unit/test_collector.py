"""Writes that are sent together: one call, an ending for each; nothing twice, nothing lost wherever a process dies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.collector import collect
from connector.connection import set_state
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.intent import Stage, intent_from_item
from connector.ledger import Written
from connector.message import enqueue
from connector.outcome import Outcome
from connector.pair import Collector, Work
from connector.records import Origin, RecordStore, Seen
from connector.transport import Reply
from tests.support.toy import NAME, SETTLE, Accounts, Killed, Toy


class Batches:
    """The toy's depot with a bulk call of at most four documents. `plan` says what the next calls meet."""

    def __init__(self, toy: Toy, most: int = 4) -> None:
        self.toy, self.depot = toy, toy.depot
        self.plan: list[str] = []
        self.calls: list[list[str]] = []
        self.asked: list[list[str]] = []
        self.bad: set[str] = set()
        self.finished: list[str] = []
        self.collector: Collector[Accounts] = Collector(
            most, lambda accounts, key: self.effect(key), self.held, self.send, self.finish, lambda accounts: None,
            timedelta(seconds=5), timedelta(minutes=2),
        )  # fmt: skip

    def effect(self, key: str) -> Effect:
        """The write of one document; a bulk answer holds a row for each."""

        def read(reply: Reply) -> Reference:
            row = json.loads(reply.body)["rows"].get(key)
            if row is None:
                raise ValueError(f"no row for {key}")
            if "error" in row:
                raise VendorFault("depot", FaultKind.INVALID, row["error"], Executed.NO)
            return {"id": row["id"]}

        def make(key: str, draft: Draft) -> Reply:
            self.depot.make(key, draft)
            return Reply(200, {}, json.dumps({"rows": {key: {"id": key}}}).encode())

        return Effect("depot.document", "depot", Repeat.FINDABLE, SETTLE, self.depot.find, make, read)

    def held(self, accounts: Accounts, drafts: Mapping[str, Draft]) -> Mapping[str, Found]:
        self.asked.append(sorted(drafts))
        return {key: found for key in drafts if (found := self.depot.find(key)) is not None}

    def send(self, accounts: Accounts, drafts: Mapping[str, Draft]) -> Reply:
        self.calls.append(sorted(drafts))
        what = self.plan.pop(0) if self.plan else "ok"
        faults = {
            "throttled": VendorFault("depot", FaultKind.THROTTLED, "too many", Executed.NO,
                                     retry_at=self.toy.clock() + timedelta(seconds=40)),
            "lost_before": VendorFault("depot", FaultKind.UNAVAILABLE, "reset", Executed.MAYBE),
        }  # fmt: skip
        if what in faults:
            raise faults[what]
        if what == "killed_before":
            raise Killed
        if what == "no_secret":
            raise ConfigurationFault(NAME, "the secret is missing")
        if self.bad & set(drafts) and what != "rows":
            raise VendorFault("depot", FaultKind.INVALID, "the request is invalid", Executed.NO, 400)
        rows: dict[str, Any] = {}
        for key, draft in drafts.items():
            if key in self.bad:
                rows[key] = {"error": "no such SKU"}
            elif what != "half" or key < sorted(drafts)[1]:
                self.depot.documents.append((key, self.toy.clock(), dict(draft.body)))
                rows[key] = {"id": key}
        if what == "lost_after":
            raise VendorFault("depot", FaultKind.UNAVAILABLE, "reset", Executed.MAYBE)
        if what == "killed_after":
            raise Killed
        return Reply(200, {}, json.dumps({"rows": rows}).encode() if what != "garbage" else b"<html>")

    def finish(self, work: Work[Accounts], draft: Draft, written: Written) -> Outcome:
        self.finished.append(work.record.source_key)
        return written


def stage(**options: Any) -> tuple[Toy, Batches]:
    """A toy whose orders are sent four at a time."""
    toy = Toy()
    batches = Batches(toy, **options)

    def order(work: Work[Accounts]) -> Outcome:
        row = toy.shop.rows[work.record.source_key]
        draft = Draft({"sku": row.sku, "name": row.name})
        key = f"orders/{row.key}"
        return collect(work, batches.collector, batches.effect(key), key, draft)

    flow = toy.pair.flows[0]
    toy.orders = order
    toy.pair = replace(toy.pair, flows=(replace(flow, collector=batches.collector), *toy.pair.flows[1:]))
    toy.restart()
    toy.tick()  # the first window ends a day after the connection's start
    toy.settle()
    toy.clock.advance(0.001)
    return toy, batches


def hear(toy: Toy, key: str, cause: str = "webhook", lane: str = "live") -> None:
    """Somebody rings for one order."""
    enqueue(toy.process, RecordStore(toy.process).see(Origin(NAME, "toy", "orders", cause, "c", lane), [Seen(key)]))
    toy.settle()


def fill(toy: Toy, count: int) -> list[str]:
    keys = [f"A{number:03d}" for number in range(count)]
    for key in keys:
        toy.shop.put(key)
    return keys


def check(toy: Toy, keys: list[str], times: int = 1) -> None:
    """Every document is there so often, and nothing waits in an outbox."""
    assert toy.depot.holds() == {f"orders/{key}": times for key in keys}
    assert [item for item in toy.world.tables.items("state") if str(item["pk"]).startswith("outbox/")] == []
    toy.check()


def stages(toy: Toy) -> set[Stage]:
    items = [item for item in toy.world.tables.items("records") if str(item["sk"]).startswith("intent#")]
    return {intent_from_item(item).stage for item in items}


def test_what_is_due_goes_out_in_full_calls_and_each_record_has_its_ending() -> None:
    toy, batches = stage()
    keys = fill(toy, 10)
    toy.run(minutes=3)
    assert [len(call) for call in batches.calls] == [4, 4, 2]
    assert [len(call) for call in batches.asked] == [4, 4, 2], "one question a call"
    assert set(toy.states().values()) == {"done"}
    assert sorted(batches.finished) == keys
    assert stages(toy) == {Stage.DONE}
    check(toy, keys)


def test_one_alone_waits_for_company_only_a_moment() -> None:
    toy, batches = stage(most=100)
    toy.shop.put("A1")
    hear(toy, "A1")
    assert batches.calls == []
    for _ in range(6):
        toy.clock.advance(1)
        toy.settle()
    assert batches.calls == [["orders/A1"]]
    assert toy.record("A1").status.value == "done"


def test_a_steady_trickle_does_not_wait_for_ever() -> None:
    toy, batches = stage(most=100)
    begun = toy.clock()
    while not batches.calls:
        key = f"A{len(toy.shop.rows):03d}"
        toy.shop.put(key)
        hear(toy, key)
        toy.clock.advance(4)
        assert toy.clock() - begun < timedelta(minutes=4)
    assert toy.clock() - begun >= timedelta(minutes=2)


@pytest.mark.parametrize("what", ["killed_before", "killed_after", "lost_before", "lost_after", "garbage", "half"])
def test_an_unclear_call_is_asked_about_and_never_repeated_blindly(what: str) -> None:
    toy, batches = stage()
    keys = fill(toy, 4)
    batches.plan.append(what)
    toy.run(minutes=30)
    assert len(batches.calls) == 1, "what was not written goes out singly, after it was asked for twice"
    assert set(toy.states().values()) == {"done"}
    check(toy, keys)


def test_a_stored_answer_settles_its_rows_after_a_crash_without_a_question() -> None:
    toy, batches = stage()
    keys = fill(toy, 4)
    crash = iter([True])

    def step(label: str) -> None:
        if label == "bodies.put.after" and next(crash, False):
            raise Killed

    toy.world.step = step
    toy.depot.lag = timedelta(days=1)  # a question would find nothing
    toy.run(minutes=30)
    assert len(batches.calls) == 1
    assert toy.depot.sent == 0
    assert set(toy.states().values()) == {"done"}
    assert "read from the stored answer" in " ".join(toy.texts(keys[0]))
    check(toy, keys)


def test_a_kill_at_any_step_writes_nothing_twice() -> None:
    labels: list[str] = []
    toy, _ = stage()
    toy.world.step = labels.append
    fill(toy, 3)
    toy.run(minutes=2)
    for place in range(len(labels)):
        toy, _ = stage()
        keys = fill(toy, 3)
        left = [place]

        def step(label: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise Killed

        toy.world.step = step
        toy.run(minutes=25)
        assert set(toy.states().values()) == {"done"}, (place, labels[place], toy.states())
        check(toy, keys)


def test_a_declined_call_leaves_everything_planned_until_the_hint() -> None:
    toy, batches = stage()
    keys = fill(toy, 4)
    batches.plan.append("throttled")
    toy.run(minutes=0.5)
    assert stages(toy) == {Stage.PLANNED}
    assert "too many" in toy.record(keys[0]).why
    assert len(batches.calls) == 1
    toy.run(minutes=2)
    assert len(batches.calls) == 2
    check(toy, keys)


def test_a_missing_secret_is_told_on_every_record_and_nothing_counts_as_sent() -> None:
    toy, batches = stage()
    keys = fill(toy, 3)
    batches.plan.append("no_secret")
    toy.run(minutes=1)
    assert set(toy.states().values()) == {"held"}
    assert "the secret is missing" in toy.record(keys[0]).why
    assert stages(toy) == {Stage.PLANNED}


def test_rows_that_are_refused_end_alone() -> None:
    toy, batches = stage()
    keys = fill(toy, 4)
    batches.bad, batches.plan = {"orders/A001"}, ["rows"]
    toy.run(minutes=3)
    assert toy.record("A001").status.value == "refused"
    assert "no such SKU" in toy.record("A001").why
    check(toy, [key for key in keys if key != "A001"])


def test_a_call_that_is_refused_as_a_whole_is_divided_until_the_bad_row_stands_alone() -> None:
    toy, batches = stage(most=8)
    keys = fill(toy, 8)
    batches.bad = {"orders/A002"}
    toy.run(minutes=3)
    assert toy.record("A002").status.value == "refused"
    assert len(batches.calls) <= 7
    check(toy, [key for key in keys if key != "A002"])


def test_what_the_vendor_holds_already_is_adopted_and_not_sent() -> None:
    toy, batches = stage()
    keys = fill(toy, 3)
    toy.depot.documents.append(("orders/A001", toy.clock(), {}))
    toy.run(minutes=2)
    assert batches.calls == [["orders/A000", "orders/A002"]]
    assert toy.record("A001").status.value == "done"
    check(toy, keys)


def test_a_record_that_changed_meanwhile_is_planned_anew() -> None:
    toy, _ = stage()
    toy.shop.put("A1", name="old")
    hear(toy, "A1")
    toy.shop.put("A1", name="new")
    hear(toy, "A1")
    toy.run(minutes=3)
    assert [body["name"] for _, _, body in toy.depot.documents] == ["new"]
    check(toy, ["A1"])


def test_a_replay_goes_out_by_itself() -> None:
    toy, batches = stage()
    keys = fill(toy, 2)
    hear(toy, "A000", "replay", "repair")
    assert toy.depot.holds() == {"orders/A000": 1}
    assert batches.calls == []
    toy.run(minutes=3)
    check(toy, keys)


def test_a_backfill_has_an_outbox_of_its_own() -> None:
    toy, batches = stage()
    toy.shop.put("B1")
    for number in range(3):
        toy.shop.put(f"A{number}", late=timedelta(days=1))
        hear(toy, f"A{number}", "backfill", "bulk")
    toy.run(minutes=3)
    assert sorted(map(tuple, batches.calls)) == [("orders/A0", "orders/A1", "orders/A2"), ("orders/B1",)]


def test_a_connection_that_is_paused_meanwhile_sends_nothing() -> None:
    toy, batches = stage()
    keys = fill(toy, 2)
    toy.tick()
    toy.settle()
    set_state(toy.world.tables, NAME, "paused")
    toy.restart()
    toy.run(minutes=3)
    assert batches.calls == []
    assert set(toy.states().values()) == {"held"}
    set_state(toy.world.tables, NAME, "active")
    toy.restart()
    toy.run(minutes=20)
    check(toy, keys)


def test_a_look_that_comes_late_in_an_invocation_goes_round_once_more() -> None:
    toy, batches = stage()
    keys = fill(toy, 2)
    hear(toy, keys[0])
    hear(toy, keys[1], "backfill", "bulk")  # a second outbox, whose look comes in the same invocation
    toy.clock.advance(16)
    slow = batches.collector.ready

    def wait(accounts: Accounts) -> None:
        toy.clock.advance(40)
        slow(accounts)

    collector = replace(batches.collector, ready=wait)
    toy.pair = replace(toy.pair, flows=(replace(toy.pair.flows[0], collector=collector), *toy.pair.flows[1:]))
    toy.restart()
    assert toy.deliver("delay", seconds=60) == 2
    assert len(batches.calls) == 1
    toy.run(minutes=3)
    check(toy, keys)


def test_quiet_hours_that_begin_meanwhile_are_kept() -> None:
    toy, batches = stage()
    keys = fill(toy, 2)
    for key in keys:
        hear(toy, key)
    hours = [{"begin": "00:00", "end": "23:00", "time_zone": "UTC"}]
    toy.apply(skus={"PEN": "P-1"}, quiet_hours=hours, restart=False)
    toy.run(minutes=5)
    assert batches.calls == []
    assert set(toy.states().values()) == {"waiting"}
    toy.run(minutes=9 * 60)
    assert len(batches.calls) == 1
    check(toy, keys)


def test_a_bug_in_one_ending_does_not_keep_the_others_from_theirs() -> None:
    toy, batches = stage()
    keys = fill(toy, 3)
    finish = batches.collector.finish

    def broken(work: Work[Accounts], draft: Draft, written: Written) -> Outcome:
        if work.record.source_key == "A001":
            raise TypeError("a bug")
        return finish(work, draft, written)

    batches.collector = replace(batches.collector, finish=broken)
    flow = replace(toy.pair.flows[0], collector=batches.collector)
    toy.pair = replace(toy.pair, flows=(flow, *toy.pair.flows[1:]))
    toy.restart()
    toy.run(minutes=1)
    assert toy.record("A000").status.value == toy.record("A002").status.value == "done"
    assert "TypeError" in toy.record("A001").why
    toy.run(minutes=10)
    assert toy.record("A001").status.value == "done", "its own work reads what the intent says"
    check(toy, keys)


