"""The Ledger against a small vendor that drops, delays, lags and dies: one document per key, whatever happens."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.effect import Draft, Effect, Found, Pending, Reference, Repeat
from connector.faults import Executed, FaultKind, VendorFault
from connector.intent import Stage
from connector.ledger import Ledger
from connector.outcome import Done, Held, Later, Refused, Unknown
from connector.records import Origin, RecordStore, Seen
from connector.transport import Reply
from tests.support.world import World

SETTLE = timedelta(seconds=60)


class Killed(BaseException):
    """The process dies: no handler sees it."""


@dataclass
class Vendor:
    """Holds documents; a new one becomes visible `lag` after it was written."""

    world: World
    lag: timedelta = timedelta(0)
    documents: list[tuple[str, float]] = field(default_factory=list)
    plan: list[str] = field(default_factory=list)
    calls: int = 0

    def find(self, key: str) -> Found | None:
        now = self.world.clock().timestamp()
        visible = [name for name, at in self.documents if at + self.lag.total_seconds() <= now]
        return Found({"id": key}) if key in visible else None

    def make(self, key: str, draft: Draft) -> Reply:
        self.calls += 1
        what = self.plan.pop(0) if self.plan else "ok"
        if what == "refused_connection":
            raise VendorFault("toy", FaultKind.NOT_SENT, "refused", Executed.NO)
        if what == "throttled":
            raise VendorFault("toy", FaultKind.THROTTLED, "429", Executed.NO)
        if what == "invalid":
            raise VendorFault("toy", FaultKind.INVALID, "no such customer", Executed.NO)
        if what == "lost_before":
            raise VendorFault("toy", FaultKind.UNAVAILABLE, "reset", Executed.MAYBE)
        if what == "killed_before":
            raise Killed
        self.documents.append((key, self.world.clock().timestamp()))
        if what == "lost_after":
            raise VendorFault("toy", FaultKind.UNAVAILABLE, "reset", Executed.MAYBE)
        if what == "killed_after":
            raise Killed
        return Reply(200, {}, b"garbage" if what == "garbage" else json.dumps({"id": key}).encode())

    def read(self, reply: Reply) -> Reference | Pending:
        return {"id": json.loads(reply.body)["id"]}

    def effect(self, repeat: Repeat = Repeat.FINDABLE) -> Effect:
        return Effect("toy.document", "toy", repeat, SETTLE, self.find, self.make, self.read)


def attempt(world: World, effect: Effect, draft: Draft | None = None, **options: bool) -> object:
    """A new worker takes the record up again."""
    store = RecordStore(world.services)
    origin = Origin("demo", "toy", "orders", "poll", "c0ffee")
    record = store.load("demo/orders/1") or store.see(origin, [Seen("1", "r1")])[0]
    ledger = Ledger(world.services, store, record, **options)
    return ledger.once(effect, "K1", draft or Draft({"total": 5}))


def until_settled(world: World, effect: Effect, limit: int = 20) -> object:
    for _ in range(limit):
        try:
            outcome = attempt(world, effect)
        except Killed:
            world.clock.advance(240)
            continue
        if isinstance(outcome, Later | Unknown):
            world.clock.advance(max(1.0, (outcome.at - world.clock()).total_seconds()))
            continue
        return outcome
    raise AssertionError("the write never settled")


def stage(world: World) -> Stage:
    store = RecordStore(world.services)
    record = store.load("demo/orders/1")
    assert record is not None
    intent = Ledger(world.services, store, record).lookup("toy.document", "K1")
    assert intent is not None
    return intent.stage


@pytest.fixture
def world() -> World:
    return World()


def test_a_clean_write_is_done_and_never_sent_again(world: World) -> None:
    vendor = Vendor(world)
    assert attempt(world, vendor.effect()) == Done({"id": "K1"})
    assert attempt(world, vendor.effect()) == Done({"id": "K1"})
    assert (len(vendor.documents), vendor.calls) == (1, 1)


def test_a_read_timeout_is_unknown_and_is_asked_not_repeated(world: World) -> None:
    vendor = Vendor(world, plan=["lost_after"])
    outcome = attempt(world, vendor.effect())
    assert isinstance(outcome, Unknown)
    assert outcome.at - world.clock() == SETTLE
    early = attempt(world, vendor.effect())
    assert isinstance(early, Unknown)
    assert vendor.calls == 1
    world.clock.advance(61)
    assert attempt(world, vendor.effect()) == Done({"id": "K1"})
    assert len(vendor.documents) == 1


def test_absence_is_believed_only_the_second_time(world: World) -> None:
    vendor = Vendor(world, plan=["lost_before"])
    attempt(world, vendor.effect())
    world.clock.advance(61)
    assert isinstance(attempt(world, vendor.effect()), Unknown)
    assert vendor.calls == 1
    world.clock.advance(61)
    assert attempt(world, vendor.effect()) == Done({"id": "K1"})
    assert (vendor.calls, len(vendor.documents)) == (2, 1)


def test_a_blind_write_that_is_not_found_goes_to_a_person(world: World) -> None:
    vendor = Vendor(world, plan=["lost_before"])
    assert isinstance(until_settled(world, vendor.effect(Repeat.BLIND)), Held)
    assert vendor.calls == 1


def test_a_blind_write_whose_lag_is_long_is_still_never_repeated(world: World) -> None:
    vendor = Vendor(world, lag=timedelta(hours=2), plan=["lost_after"])
    assert isinstance(until_settled(world, vendor.effect(Repeat.BLIND)), Held)
    assert len(vendor.documents) == 1


def test_a_crash_after_sending_wakes_up_as_unknown(world: World) -> None:
    vendor = Vendor(world, plan=["killed_after"])
    with pytest.raises(Killed):
        attempt(world, vendor.effect())
    assert stage(world) is Stage.SENT
    other = attempt(world, vendor.effect())
    assert isinstance(other, Later)
    assert until_settled(world, vendor.effect()) == Done({"id": "K1"})
    assert len(vendor.documents) == 1


def test_an_unreadable_answer_is_kept_and_the_write_found(world: World) -> None:
    vendor = Vendor(world, plan=["garbage"])
    assert isinstance(attempt(world, vendor.effect()), Unknown)
    record = RecordStore(world.services).load("demo/orders/1")
    assert record is not None
    intent = Ledger(world.services, RecordStore(world.services), record).lookup("toy.document", "K1")
    assert intent is not None
    assert intent.answer == "200\ngarbage"
    assert until_settled(world, vendor.effect()) == Done({"id": "K1"})
    assert len(vendor.documents) == 1


def test_a_stored_answer_settles_a_crash_before_the_parse_without_asking(world: World) -> None:
    vendor = Vendor(world)

    def dies_reading(reply: Reply) -> Reference | Pending:
        raise Killed

    broken = Effect("toy.document", "toy", Repeat.BLIND, SETTLE, vendor.find, vendor.make, dies_reading)
    with pytest.raises(Killed):
        attempt(world, broken)
    world.clock.advance(240)
    asked: list[str] = []

    def find(key: str) -> Found | None:
        asked.append(key)
        return None

    mended = Effect("toy.document", "toy", Repeat.BLIND, SETTLE, find, vendor.make, vendor.read)
    assert attempt(world, mended) == Done({"id": "K1"})
    assert asked == []


def test_what_the_vendor_already_holds_is_adopted(world: World) -> None:
    vendor = Vendor(world, documents=[("K1", 0.0)])
    assert attempt(world, vendor.effect()) == Done({"id": "K1"})
    assert vendor.calls == 0


def test_what_differs_at_the_vendor_is_held_with_the_difference(world: World) -> None:
    vendor = Vendor(world, documents=[("K1", 0.0)])
    differing = Effect(
        "toy.document",
        "toy",
        Repeat.FINDABLE,
        SETTLE,
        vendor.find,
        vendor.make,
        vendor.read,
        lambda found, draft: ["total 7 there, 5 here"],
    )
    outcome = attempt(world, differing)
    assert isinstance(outcome, Held)
    assert "total 7 there, 5 here" in outcome.why
    assert vendor.calls == 0


def test_another_draft_after_done_is_held_never_a_second_create(world: World) -> None:
    vendor = Vendor(world)
    attempt(world, vendor.effect())
    assert isinstance(attempt(world, vendor.effect(), Draft({"total": 6})), Held)
    assert vendor.calls == 1


def test_a_refused_draft_is_not_repeated_until_it_changes_or_a_person_replays(world: World) -> None:
    vendor = Vendor(world, plan=["invalid", "invalid"])
    assert isinstance(attempt(world, vendor.effect()), Refused)
    assert isinstance(attempt(world, vendor.effect()), Refused)
    assert vendor.calls == 1
    assert isinstance(attempt(world, vendor.effect(), replaying=True), Refused)
    assert vendor.calls == 2
    assert attempt(world, vendor.effect(), Draft({"total": 6})) == Done({"id": "K1"})


def test_throttling_and_refused_connections_wait_and_then_write_once(world: World) -> None:
    vendor = Vendor(world, plan=["throttled", "refused_connection", "throttled"])
    assert until_settled(world, vendor.effect()) == Done({"id": "K1"})
    assert len(vendor.documents) == 1


def test_a_batch_check_that_is_old_does_not_stand_in_for_the_check(world: World) -> None:
    vendor = Vendor(world, documents=[("K1", 0.0)])
    store = RecordStore(world.services)
    record = store.see(Origin("demo", "toy", "orders", "poll", "c"), [Seen("1", "r1")])[0]
    ledger = Ledger(world.services, store, record)
    old = world.clock() - timedelta(minutes=6)
    assert ledger.once(vendor.effect(), "K1", Draft({"total": 5}), absent_at=old) == Done({"id": "K1"})
    assert vendor.calls == 0


def test_a_long_operation_parks_and_is_finished_by_the_next_worker(world: World) -> None:
    vendor = Vendor(world)
    answers: list[Reference | Pending] = [Pending("op", timedelta(seconds=2))] * 3 + [{"id": "K1"}]
    effect = Effect(
        "toy.document",
        "toy",
        Repeat.FINDABLE,
        SETTLE,
        vendor.find,
        vendor.make,
        lambda reply: Pending("op", timedelta(seconds=2)),
        check=lambda operation: answers.pop(0),
    )
    assert isinstance(attempt(world, effect), Later)
    world.clock.advance(3)
    assert attempt(world, effect) == Done({"id": "K1"})
    assert vendor.calls == 1


PLANS = st.lists(
    st.sampled_from(
        [
            "refused_connection",
            "throttled",
            "lost_before",
            "lost_after",
            "killed_before",
            "killed_after",
            "garbage",
            "ok",
        ]
    ),
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(plan=PLANS, lag=st.sampled_from([0, 30, 59]), deaths=st.lists(st.integers(0, 25), max_size=3))
def test_any_mixture_of_faults_ends_with_exactly_one_document(plan: list[str], lag: int, deaths: list[int]) -> None:
    world = World()
    vendor = Vendor(world, lag=timedelta(seconds=lag), plan=plan)
    remaining = sorted(deaths)
    count = 0

    def step(label: str) -> None:
        nonlocal count
        count += 1
        if remaining and count > remaining[0]:
            remaining.pop(0)
            raise Killed

    world.step = step
    for _ in range(60):
        try:
            outcome = attempt(world, vendor.effect())
        except Killed:
            world.clock.advance(240)
            continue
        if isinstance(outcome, Done):
            break
        assert isinstance(outcome, Later | Unknown), outcome
        world.clock.advance(max(1.0, (outcome.at - world.clock()).total_seconds()))
    else:
        raise AssertionError("never settled")
    assert len(vendor.documents) == 1
