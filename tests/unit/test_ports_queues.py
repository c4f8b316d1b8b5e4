"""What every implementation of `ports.Queues` promises, on each engine, and how the twin's other end behaves."""

from __future__ import annotations

import pytest

from connector.ports import Message, QueueRefused, Queues
from tests.support.deviations import allow_known
from tests.support.engines import Engine
from tests.support.world import World


@pytest.fixture
def queues(engine: Engine) -> Queues:
    return engine.services.queues


def pointer(number: int, group: str = "g") -> Message:
    return Message(f'{{"kind":"record","record":"shop/orders/{number}"}}', group, f"d{number}")


def drain(engine: Engine, queue: str) -> list[str]:
    bodies: list[str] = []
    while got := engine.receive(queue):
        for message in got:
            bodies.append(message.body)
            engine.delete(queue, message.receipt)
    return bodies


def test_fifo_messages_arrive_once_in_order(engine: Engine) -> None:
    messages = [pointer(n) for n in range(23)]
    ids = engine.services.queues.send("live", messages)
    assert len(set(ids)) == 23
    assert drain(engine, "live") == [message.body for message in messages]


def test_ids_are_in_the_order_of_the_messages(engine: Engine) -> None:
    ids = engine.services.queues.send("live", [pointer(n, f"g{n}") for n in range(12)])
    received: dict[str, str] = {}
    while got := engine.receive("live"):
        for message in got:
            received[message.id] = message.body
            engine.delete("live", message.receipt)
    assert [received[identity] for identity in ids] == [pointer(n).body for n in range(12)]


def test_batches_stay_below_the_limit_of_bytes(engine: Engine) -> None:
    messages = [Message("x" * 100_000, "g", f"d{n}") for n in range(5)]
    assert len(set(engine.services.queues.send("events", messages))) == 5
    assert drain(engine, "events") == [message.body for message in messages]


def test_sending_nothing_is_nothing(queues: Queues) -> None:
    assert list(queues.send("live", [])) == []


def test_fifo_drops_a_repetition_while_the_first_waits(engine: Engine) -> None:
    engine.services.queues.send("live", [pointer(1)])
    engine.services.queues.send("live", [pointer(1), pointer(2)])
    assert drain(engine, "live") == [pointer(1).body, pointer(2).body]


def test_fifo_drops_a_repetition_after_the_first_was_deleted(request: pytest.FixtureRequest, engine: Engine) -> None:
    allow_known(request, engine.name, "deduplication after delete")
    engine.services.queues.send("live", [pointer(1)])
    assert drain(engine, "live") == [pointer(1).body]
    engine.services.queues.send("live", [pointer(1)])
    assert drain(engine, "live") == []


def test_fifo_deduplicates_within_a_group_only(request: pytest.FixtureRequest, engine: Engine) -> None:
    allow_known(request, engine.name, "deduplication scope")
    engine.services.queues.send("live", [Message("a", "g1", "d"), Message("b", "g2", "d")])
    assert sorted(drain(engine, "live")) == ["a", "b"]


def test_a_group_in_flight_is_blocked_and_others_are_not(engine: Engine) -> None:
    engine.services.queues.send("live", [pointer(1, "a")])
    (first,) = engine.receive("live")
    engine.services.queues.send("live", [pointer(2, "a"), pointer(3, "b")])
    (other,) = engine.receive("live")
    assert other.body == pointer(3).body
    assert engine.receive("live") == []
    engine.delete("live", first.receipt)
    (second,) = engine.receive("live")
    assert second.body == pointer(2).body


def test_a_released_message_comes_again_before_its_followers(engine: Engine) -> None:
    engine.services.queues.send("live", [pointer(1)])
    (first,) = engine.receive("live")
    engine.services.queues.send("live", [pointer(2)])
    engine.release("live", first.receipt)
    again = engine.receive("live")
    assert [message.body for message in again] == [pointer(1).body, pointer(2).body]
    assert [message.receive_count for message in again] == [2, 1]


def test_dead_letter_after_the_last_receive_unblocks_the_group(engine: Engine) -> None:
    engine.services.queues.send("live", [pointer(1)])
    for _ in range(3):
        (got,) = engine.receive("live")
        engine.release("live", got.receipt)
    assert engine.dead("live") == [pointer(1).body]
    engine.services.queues.send("live", [pointer(2)])
    (after,) = engine.receive("live")
    assert after.body == pointer(2).body


def test_delay_queue_holds_back(engine: Engine) -> None:
    engine.services.queues.send("delay", [Message("later", delay=2), Message("now")])
    assert [message.body for message in engine.receive("delay")] == ["now"]
    engine.wait(2.1)
    assert [message.body for message in engine.receive("delay")] == ["later"]


def test_group_on_a_standard_queue_changes_nothing(engine: Engine) -> None:
    engine.services.queues.send("delay", [Message("a", "g", "d"), Message("b", "g", "d")])
    assert sorted(message.body for message in engine.receive("delay")) == ["a", "b"]


REFUSED = [
    ("empty", "live", Message("", "g", "d"), "empty"),
    ("control character", "live", Message("a\x00b", "g", "d"), "characters that SQS refuses"),
    ("lone surrogate", "live", Message("a\ud800b", "g", "d"), "characters that SQS refuses"),
    ("too large", "live", Message("x" * 262_145, "g", "d"), "use the bucket"),
    ("no group", "live", Message("{}", "", "d"), "group id ''"),
    ("no deduplication", "live", Message("{}", "g", ""), "deduplication id ''"),
    ("long group", "live", Message("{}", "g" * 129, "d"), "group id"),
    ("group with a space", "live", Message("{}", "a b", "d"), "group id"),
    ("group beyond ASCII", "live", Message("{}", "ü", "d"), "group id"),
    ("delay on FIFO", "live", Message("{}", "g", "d", 5), "use the delay queue"),
    ("long delay", "delay", Message("{}", delay=901), "901 seconds"),
    ("negative delay", "delay", Message("{}", delay=-1), "-1 seconds"),
    ("unknown queue", "orders", Message("{}", "g", "d"), "there is no 'orders'"),
]


@pytest.mark.parametrize(("queue", "message", "text"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_message_that_is_never_taken(engine: Engine, queue: str, message: Message, text: str) -> None:
    """Also nothing of what was to be sent with it: a mistake of ours is found before the first call."""
    companion = Message("{}", "g", "companion")
    with pytest.raises(ValueError, match=text):
        engine.services.queues.send(queue, [companion, message])
    if queue != "orders":
        assert engine.receive(queue) == []


# What only the twin can show: hours pass.


def test_twin_forgets_a_deduplication_id_after_five_minutes(world: World) -> None:
    first = world.queues.send("live", [pointer(1)])
    world.clock.advance(299)
    assert world.queues.send("live", [pointer(1)]) == first
    world.clock.advance(1)
    assert world.queues.send("live", [pointer(1)]) != first
    assert len(world.queues.messages("live")) == 2


def test_twin_shows_a_message_again_after_its_visibility_timeout(world: World) -> None:
    world.queues.send("live", [pointer(1)])
    (first,) = world.queues.receive("live")
    assert world.queues.next_visible() == first.visible_at
    world.clock.advance(359)
    assert world.queues.receive("live") == []
    world.clock.advance(1)
    assert not world.queues.delete("live", first.receipt)  # too late: the handle is stale
    (second,) = world.queues.receive("live")
    assert (second.id, second.receive_count) == (first.id, 2)
    assert not world.queues.delete("live", first.receipt)
    assert not world.queues.hide("live", first.receipt, 5)
    assert world.queues.delete("live", second.receipt)
    assert world.queues.messages("live") == []


def test_twin_redrives_dead_letters(world: World) -> None:
    world.queues.send("live", [pointer(1)])
    for _ in range(5):
        (got,) = world.queues.receive("live")
        world.queues.hide("live", got.receipt, 0)
    assert world.queues.receive("live") == []
    assert [stored.body for stored in world.queues.dead("live")] == [pointer(1).body]
    assert world.queues.redrive("live") == 1
    (again,) = world.queues.receive("live")
    assert again.receive_count == 1
    assert world.queues.dead("live") == []


def test_twin_refuses_when_told_to(world: World) -> None:
    world.queues.refuse("events", 2)
    for _ in range(2):
        with pytest.raises(QueueRefused, match="0 of 1"):
            world.queues.send("events", [pointer(1)])
    assert world.queues.messages("events") == []
    world.queues.send("events", [pointer(1)])
    assert len(world.queues.messages("events")) == 1


def test_world_delivers_like_lambda(world: World) -> None:
    world.queues.send("live", [pointer(n, f"g{n}") for n in range(3)])
    seen: list[str] = []

    def handler(event: dict[str, list[dict[str, str]]], context: object) -> dict[str, list[dict[str, str]]]:
        seen.extend(record["body"] for record in event["Records"])
        return {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}

    assert world.deliver("live", handler) == 3
    assert seen == [pointer(n).body for n in range(3)]
    assert [stored.body for stored in world.queues.messages("live")] == [pointer(1).body]
    assert world.deliver("live", handler) == 0


def test_world_keeps_messages_of_a_worker_that_died(world: World) -> None:
    world.queues.send("live", [pointer(1)])

    def dies(event: dict[str, list[dict[str, str]]], context: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.deliver("live", dies)
    assert world.deliver("live", dies) == 0
    world.clock.advance(360)
    assert world.queues.receive("live")[0].receive_count == 2
