"""Endings: what the record, its waits, its audit trail, the queues and the metrics say after one piece of work.

The races run a second worker, or a person's act, while the first one's write is on its way (`depot.during`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from connector.audit import trail
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.message import Pointer
from connector.outcome import Done, Held, Later, Missing, Outcome, Refused, Same, Unknown
from connector.pair import Work
from connector.record import Record
from connector.records import Origin, Seen
from connector.review import close, replay
from connector.settle import outcome_of_fault
from connector.work import work_on
from tests.support.toy import NAME, Accounts, Toy

ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")


def heard(toy: Toy, key: str = "A1") -> Record:
    """The shop has an order and a poll has stored it; no message yet."""
    toy.shop.put(key)
    return toy.store.see(ORIGIN, [Seen(key, "r1")])[0]


def work(toy: Toy, key: str = "A1", cause: str = "poll") -> Record | None:
    """One worker takes the record up, as by a message."""
    return work_on(toy.pair, toy.process, Pointer(f"{NAME}/orders/{key}", cause, "c0ffee", "live"))


def ends(toy: Toy, outcome: Outcome) -> Record:
    """A piece of work that ends like this."""
    heard(toy)
    toy.orders = lambda work: outcome
    saved = work(toy)
    assert saved is not None
    return saved


AT = timedelta(minutes=7)


@pytest.mark.parametrize(
    ("outcome", "status", "metric", "line"),
    [
        (Done({"id": "X"}), "done", "OutcomeDone", "Done. id X"),
        (Same("all there"), "done", "OutcomeSame", "Nothing to do. all there"),
        (Held("no mapping", (Missing("skus", "ZZ"),)), "held", "OutcomeHeld", "Held: no mapping"),
        (Refused("wrong"), "refused", "OutcomeRefused", "Refused: wrong"),
    ],
)
def test_a_final_ending_is_saved_counted_and_leaves_no_message(
    outcome: Outcome, status: str, metric: str, line: str
) -> None:
    toy = Toy()
    saved = ends(toy, outcome)
    assert (saved.status.value, saved.handled, saved.seen, saved.waits) == (status, 1, 1, 0)
    assert toy.texts("A1")[-1] == line
    assert toy.world.metrics()[metric] == [1]
    assert all(not toy.world.queues.messages(queue) for queue in ("live", "bulk", "delay"))
    toy.check()


@pytest.mark.parametrize("kind", ["later", "unknown"])
def test_an_ending_that_waits_parks_exactly_one_message_and_is_not_handled(kind: str) -> None:
    toy = Toy()
    at = toy.clock() + AT
    saved = ends(toy, Later(at, "quota") if kind == "later" else Unknown("timeout", at))
    assert (saved.status.value, saved.handled, saved.waits) == ("waiting" if kind == "later" else "unknown", 0, 1)
    (message,) = toy.world.queues.messages("delay")
    assert message.visible_at == at
    toy.orders = lambda work: Done({"id": "X"})
    toy.run(minutes=8)
    assert toy.states() == {"orders/A1": "done"}
    assert toy.record("A1").waits == 0


def test_a_wait_that_only_repeats_itself_writes_one_audit_line() -> None:
    toy = Toy()
    heard(toy)
    toy.orders = lambda work: Later(work.now + timedelta(seconds=5), "the slot is taken")
    for _ in range(5):
        work(toy)
    assert [text for text in toy.texts("A1") if text.startswith("Waits")] == ["Waits: the slot is taken."]
    toy.check()


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_kind_of_fault_of_a_read_has_an_ending(kind: FaultKind) -> None:
    toy = Toy()
    record = heard(toy)
    hint = toy.clock() + timedelta(hours=2)
    ended = outcome_of_fault(VendorFault("v", kind, "m", Executed.NO, retry_at=hint), record, toy.clock(), lambda: 0.5)
    assert isinstance(ended, Later | Held | Refused)
    if isinstance(ended, Later):
        assert hint <= ended.at <= hint + timedelta(seconds=2)


def test_a_configuration_fault_holds_and_says_what_to_do() -> None:
    toy = Toy()
    heard(toy)

    def opening() -> None:
        raise ConfigurationFault(NAME, "the secret demo/depot is missing; set it")

    toy.opening = opening
    saved = work(toy)
    assert saved is not None
    assert (saved.status.value, saved.why) == ("held", "connection demo: the secret demo/depot is missing; set it")


# ---- races --------------------------------------------------------------------------------------------------


def once(act: Callable[[], object]) -> Callable[[], None]:
    """Runs the act the first time only."""
    pending = [act]

    def run() -> None:
        if pending:
            pending.pop()()

    return run


def test_what_is_heard_during_work_is_worked_on_afterwards() -> None:
    toy = Toy()
    heard(toy)
    toy.depot.during = once(lambda: toy.store.see(ORIGIN, [Seen("A1", "r2")]))
    saved = work(toy)
    assert saved is not None
    assert (saved.status.value, saved.handled, saved.seen, saved.revision) == ("queued", 1, 2, "r2")
    work(toy)
    assert toy.states() == {"orders/A1": "done"}
    assert toy.depot.holds() == {"orders/A1": 1}


@pytest.mark.parametrize("plan", ["ok", "throttled", "invalid", "lost_after"])
def test_a_record_closed_during_work_stays_closed(plan: str) -> None:
    toy = Toy()
    heard(toy)
    toy.depot.plan = [plan]
    toy.depot.during = once(lambda: close(toy.store, toy.record("A1"), "ann", "cancelled by phone"))
    work(toy)
    record = toy.record("A1")
    assert (record.status.value, record.why) == ("closed", "closed by ann: cancelled by phone")
    assert not toy.world.queues.messages("delay")
    # The trail nevertheless says how the work ended.
    assert len(toy.texts("A1")) >= 3
    toy.check()


def test_a_hold_that_ends_after_a_close_leaves_no_waits() -> None:
    toy = Toy()
    heard(toy)

    def holds(work: Work[Accounts]) -> Outcome:
        close(toy.store, toy.record("A1"), "ann", "not ours")
        return Held("no mapping", (Missing("skus", "ZZ"),))

    toy.orders = holds
    work(toy)
    assert toy.record("A1").status.value == "closed"
    assert toy.waits() == []


@pytest.mark.parametrize("ending", ["later", "unknown"])
def test_a_slow_worker_that_ends_up_waiting_does_not_undo_another_ones_done(ending: str) -> None:
    toy = Toy()
    heard(toy)
    real = toy.orders

    def slow(work_: Work[Accounts]) -> Outcome:
        toy.orders = real
        work(toy)
        at = work_.now + timedelta(seconds=30)
        return Later(at, "another worker is busy") if ending == "later" else Unknown("?", at)

    toy.orders = slow
    work(toy)
    record = toy.record("A1")
    assert (record.status.value, record.handled, record.seen) == ("done", 1, 1)
    toy.check()


def test_a_slow_worker_does_not_take_back_what_a_newer_one_has_handled() -> None:
    toy = Toy()
    heard(toy)
    real = toy.orders

    def slow(work_: Work[Accounts]) -> Outcome:
        toy.orders = real
        toy.store.see(ORIGIN, [Seen("A1", "r2")])
        work(toy)
        return Refused("it looked wrong at that time")

    toy.orders = slow
    work(toy)
    record = toy.record("A1")
    assert (record.status.value, record.handled, record.seen) == ("done", 2, 2)
    toy.check()


def test_waits_of_a_worker_that_was_overtaken_are_removed() -> None:
    toy = Toy()
    heard(toy)

    def fast(work_: Work[Accounts]) -> Outcome:
        return Held("no mapping", (Missing("skus", "ZZ"),))

    def slow(work_: Work[Accounts]) -> Outcome:
        toy.orders = fast
        work(toy)
        assert toy.waits()
        return Same("nothing to send")

    toy.orders = slow
    work(toy)
    assert toy.states() == {"orders/A1": "done"}
    toy.check()


def test_a_replay_during_an_unclear_write_asks_and_never_sends_again() -> None:
    toy = Toy()
    heard(toy)
    toy.depot.plan = ["lost_after"]
    work(toy)
    assert toy.states() == {"orders/A1": "unknown"}
    replay(toy.process, toy.store, toy.record("A1"), "c", "ann")
    toy.settle()
    assert toy.depot.sent == 1
    toy.run(minutes=5)
    assert toy.states() == {"orders/A1": "done"}
    assert (toy.depot.sent, toy.depot.holds()) == (1, {"orders/A1": 1})
    toy.check()


# ---- sizes --------------------------------------------------------------------------------------------------


def test_a_reference_named_twice_is_stored_once() -> None:
    toy = Toy()
    heard(toy)

    def twice(work_: Work[Accounts]) -> Outcome:
        work_.refer("tracking", "1Z1")
        work_.refer("tracking", "1Z1")
        return Held("no mapping", (Missing("skus", "ZZ"), Missing("skus", "ZZ")))

    toy.orders = twice
    work(toy)
    assert toy.store.find("1Z1") == ["demo/orders/A1"]
    toy.check()


def test_hundreds_of_references_and_missing_keys_are_all_found_and_all_removed() -> None:
    toy = Toy()
    heard(toy)
    missing = tuple(Missing("skus", f"S{number}") for number in range(230))

    def many(work_: Work[Accounts]) -> Outcome:
        for number in range(150):
            work_.refer("tracking", f"1Z{number}")
        return Held("many SKUs have no mapping", missing)

    toy.orders = many
    work(toy)
    assert toy.store.find("1Z149") == ["demo/orders/A1"]
    assert len(toy.waits()) == 230
    toy.check()
    toy.orders = lambda work: Done({"id": "X"})
    toy.store.touch(toy.record("A1"), "replay", "c", "Replayed.")
    work(toy)
    assert toy.states() == {"orders/A1": "done"}
    toy.check()


def test_thousands_of_notes_do_not_make_a_record_too_large_and_the_cut_is_said() -> None:
    toy = Toy()
    heard(toy)

    def noisy(work_: Work[Accounts]) -> Outcome:
        for number in range(6000):
            work_.note(f"line {number}: the description was cut after 80 characters, as the warehouse allows no more")
        return Done({"id": "X"})

    toy.orders = noisy
    work(toy)
    record = toy.record("A1")
    assert record.status.value == "done"
    assert record.notes[-1].startswith("and ")
    assert str(6000 - len(record.notes) + 1) in record.notes[-1]


def test_the_audit_line_names_cause_and_correlation() -> None:
    toy = Toy()
    ends(toy, Done({"id": "X"}))
    lines = list(trail(toy.world.tables, f"{NAME}/orders/A1"))
    assert all(line.data["correlation"] == "c0ffee" and line.data["cause"] == "poll" for line in lines)


def test_a_key_that_appears_just_before_the_hold_is_saved_needs_no_sweeper() -> None:
    """The mapping is applied while the work has already missed it; the apply finds nobody who waits yet."""
    toy = Toy(skus={})
    heard(toy)
    real = toy.orders

    def late(work_: Work[Accounts]) -> Outcome:
        toy.orders = real
        outcome = real(work_)
        toy.apply(skus={"PEN": "P-1"}, restart=False)
        return outcome

    toy.orders = late
    work(toy)
    assert toy.states() == {"orders/A1": "queued"}
    toy.deliver("live")
    assert toy.states() == {"orders/A1": "done"}
    assert toy.depot.holds() == {"orders/A1": 1}
    toy.check()
