"""Copies of a waiting message: SQS delivers at least once, and a record may wait for two seconds at a time."""

from __future__ import annotations

from datetime import timedelta

from connector.message import enqueue, park, pointer_of
from connector.outcome import Done, Later, Outcome
from connector.pair import Work
from connector.records import Origin, Seen
from tests.support.toy import NAME, Accounts, Toy

WAIT = timedelta(seconds=3)
ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")


def waiting(times: int) -> Toy:
    """A record whose work waits for three seconds, so many times in a row (another record holds the session)."""
    toy = Toy()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))
    begun = 0

    def waits(work: Work[Accounts]) -> Outcome:
        nonlocal begun
        begun += 1
        return Later(work.now + WAIT, "the session is taken") if begun <= times else Done({"id": "X"})

    toy.orders = waits
    toy.deliver("live")
    return toy


def on_the_way(toy: Toy) -> int:
    return sum(len(toy.world.queues.messages(queue)) for queue in ("live", "delay"))


def test_copies_of_a_wait_that_was_prolonged_become_one_message_again() -> None:
    toy = waiting(times=100)
    record = toy.record("A1")
    for _ in range(8):
        park(toy.process, pointer_of(record, "wait"), toy.clock() + timedelta(seconds=1))
    for _ in range(60):
        toy.clock.advance(1)
        toy.deliver("delay")
        toy.deliver("live")
    assert on_the_way(toy) <= 3
    assert toy.states() == {"orders/A1": "waiting"}


def test_a_queue_that_delivers_everything_twice_does_not_multiply_a_wait() -> None:
    toy = waiting(times=40)
    queues, seen = toy.world.queues, set[str]()
    delete = queues.delete

    def twice(queue: str, receipt: str) -> bool:
        """The first deletion of every message is lost."""
        identity = receipt.split("/", 1)[0]
        if identity in seen:
            return delete(queue, receipt)
        seen.add(identity)
        return queues.hide(queue, receipt, 0)

    queues.delete = twice  # type: ignore[method-assign]
    for _ in range(400):
        toy.clock.advance(1)
        for queue in ("delay", "live", "delay", "live"):
            toy.deliver(queue)
        assert on_the_way(toy) < 20
    assert toy.states() == {"orders/A1": "done"}
