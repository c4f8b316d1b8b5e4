"""The Ledger when the draft, the lease or the configuration changes between two attempts at one write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from connector.effect import Draft, Effect, Pending, Reference, Repeat
from connector.faults import ConfigurationFault
from connector.intent import Stage
from connector.ledger import Ledger, Stolen
from connector.outcome import Done, Held, Later, Unknown
from connector.records import Origin, Seen
from connector.transport import Reply
from tests.support.toy import NAME, Killed, Toy

KEY = "orders/A1"
OLD, NEW = Draft({"quantity": 5}), Draft({"quantity": 7})


def attempt(toy: Toy, effect: Effect, draft: Draft, scale: float = 1.0) -> object:
    """A new worker takes the write up."""
    store = toy.store
    record = (
        store.load(f"{NAME}/orders/A1") or store.see(Origin(NAME, "toy", "orders", "poll", "c"), [Seen("A1", "1")])[0]
    )
    return Ledger(toy.process, store, record, settle_scale=scale).once(effect, KEY, draft)


def stage(toy: Toy) -> Stage:
    """How far the write has come."""
    intent = Ledger(toy.process, toy.store, toy.record("A1")).lookup("depot.document", KEY)
    assert intent is not None
    return intent.stage


def long_running(toy: Toy, answers: list[Reference | Pending]) -> Effect:
    """An effect whose operation goes on at the vendor."""
    pending = Pending("op", timedelta(seconds=2))
    depot = toy.depot
    return Effect(
        "depot.document",
        "depot",
        Repeat.FINDABLE,
        timedelta(seconds=60),
        depot.find,
        depot.make,
        lambda reply: pending,
        check=lambda operation: answers.pop(0) if answers else pending,
    )


def test_a_draft_that_changed_while_the_vendor_worked_is_not_taken_for_written() -> None:
    toy = Toy()
    answers: list[Reference | Pending] = []
    effect = long_running(toy, answers)
    assert isinstance(attempt(toy, effect, OLD), Later)
    answers.append({"id": KEY})
    toy.clock.advance(5)
    ended = attempt(toy, effect, NEW)
    assert isinstance(ended, Held)
    assert stage(toy) is Stage.DONE
    assert [body for _, _, body in toy.depot.documents] == [{"quantity": 5}]
    assert attempt(toy, effect, OLD) == Done({"id": KEY})


def test_a_draft_that_changed_before_a_stored_answer_was_read_is_not_taken_for_written() -> None:
    toy = Toy()
    effect = toy.depot.effect(Repeat.BLIND)

    def dies(reply: Reply) -> Reference:
        raise Killed

    broken = Effect("depot.document", "depot", Repeat.BLIND, timedelta(0), toy.depot.find, toy.depot.make, dies)
    with pytest.raises(Killed):
        attempt(toy, broken, OLD)
    toy.clock.advance(minutes=4)
    assert isinstance(attempt(toy, effect, NEW), Held)
    assert toy.depot.sent == 1


@pytest.mark.parametrize("repeat", list(Repeat))
def test_a_secret_that_was_missing_does_not_make_a_write_unclear(repeat: Repeat) -> None:
    """The token is put on after the intent was noted as sent; without one nothing left the house."""
    toy = Toy()
    real = toy.depot.make

    def locked(key: str, draft: Draft) -> Reply:
        raise ConfigurationFault(NAME, "the secret demo/depot is missing; set it")

    toy.depot.make = locked  # type: ignore[method-assign]
    with pytest.raises(ConfigurationFault):
        attempt(toy, toy.depot.effect(repeat), OLD)
    assert stage(toy) is Stage.PLANNED
    toy.depot.make = real  # type: ignore[method-assign]
    assert attempt(toy, toy.depot.effect(repeat), OLD) == Done({"id": KEY})
    assert toy.depot.holds() == {KEY: 1}


def overtaken(toy: Toy, effect: Effect, after: timedelta) -> Callable[[], None]:
    """While the first worker's write is on its way its lease runs out, and a second worker comes."""
    pending = [after]

    def during() -> None:
        if pending:
            toy.clock.advance(pending.pop())
            second.append(attempt(toy, effect, OLD))

    second: list[object] = []
    return during


@pytest.mark.parametrize("minutes", [1, 4])
def test_a_lease_that_runs_out_during_the_write_makes_no_second_document(minutes: int) -> None:
    toy = Toy()
    effect = toy.depot.effect()
    toy.depot.during = overtaken(toy, effect, timedelta(minutes=minutes))
    try:
        ended: object = attempt(toy, effect, OLD)
    except Stolen:
        ended = None
    for _ in range(10):
        if ended == Done({"id": KEY}):
            break
        toy.clock.advance(minutes=4)
        ended = attempt(toy, effect, OLD)
    assert ended == Done({"id": KEY})
    assert toy.depot.holds() == {KEY: 1}


def test_no_settle_delay_at_all_still_asks_twice_before_it_sends_again() -> None:
    toy = Toy()
    toy.depot.plan = ["lost_before"]
    asked: list[str] = []
    real = toy.depot.find

    def find(key: str) -> object:
        asked.append(key)
        return real(key)

    toy.depot.find = find  # type: ignore[method-assign,assignment]
    effect = toy.depot.effect()
    first = attempt(toy, effect, OLD, 0.0)
    assert isinstance(first, Unknown)
    before = len(asked)
    assert isinstance(attempt(toy, effect, OLD, 0.0), Unknown)
    assert (len(asked), toy.depot.sent) == (before + 1, 1)
    assert attempt(toy, effect, OLD, 0.0) == Done({"id": KEY})
    assert (len(asked), toy.depot.sent) == (before + 2, 2)
