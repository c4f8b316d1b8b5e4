"""The steps at which a crash test can kill a worker, and what the world remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from connector.ports import Absent, Message, Put
from connector.services import Services
from tests.support.clock import START
from tests.support.world import World


class Killed(BaseException):
    """A death that no handler sees."""


WRITES: list[tuple[str, Callable[[Services], object], Callable[[World], int]]] = [
    ("tables.put", lambda s: s.tables.put("state", {"pk": "a", "sk": "-"}), lambda w: len(w.tables.items("state"))),
    ("tables.add", lambda s: s.tables.add("state", "a", "-", "n", 1), lambda w: len(w.tables.items("state"))),
    (
        "tables.transact",
        lambda s: s.tables.transact([Put("state", {"pk": "a", "sk": "-"}, Absent())]),
        lambda w: len(w.tables.items("state")),
    ),
    (
        "queues.send",
        lambda s: s.queues.send("live", [Message("{}", "g", "d")]),
        lambda w: len(w.queues.messages("live")),
    ),
    ("bodies.put", lambda s: s.bodies.put("k", b""), lambda w: len(w.bodies.keys())),
    ("secrets.write", lambda s: s.secrets.write("n", "x"), lambda w: len(w.secrets.names())),
    ("alerts.send", lambda s: s.alerts.send("s", "t"), lambda w: len(w.alerts.sent)),
]


@pytest.mark.parametrize(("label", "write", "held"), WRITES, ids=[write[0] for write in WRITES])
@pytest.mark.parametrize(("moment", "stored"), [("before", 0), ("after", 1)])
def test_death_around_a_write(
    world: World, label: str, moment: str, stored: int, write: Callable[[Services], object],
    held: Callable[[World], int],
) -> None:
    def kill(passed: str) -> None:
        if passed == f"{label}.{moment}":
            raise Killed

    world.step = kill
    with pytest.raises(Killed):
        write(world.services)
    assert held(world) == stored


def test_death_around_a_deletion(world: World) -> None:
    seen: list[str] = []
    world.tables.put("state", {"pk": "a", "sk": "-"})
    world.step = seen.append
    world.tables.delete("state", "a", "-")
    assert seen == ["tables.delete.before", "tables.delete.after"]


def test_reads_are_no_steps(world: World) -> None:
    seen: list[str] = []
    world.step = seen.append
    world.tables.get("state", "a", "-")
    world.tables.query("state", "a")
    world.secrets.read("n")
    assert seen == []


def test_log_lines_and_metrics_are_kept(world: World) -> None:
    world.services.log.bind(connection="shop").metric("OutcomeDone", 1)
    world.services.log.debug("detail", record="shop/orders/1")
    assert world.metrics() == {"OutcomeDone": [1]}
    assert world.lines()[-1] == {
        "time": "2026-03-02T14:05:09.250000Z", "level": "DEBUG", "text": "detail", "pair": "acumatica_shipbob",
        "record": "shop/orders/1",
    }


def test_dice_are_the_same_in_every_run() -> None:
    assert [World().services.random() for _ in range(2)] == [World().services.random()] * 2
    assert World(seed=2).services.random() != World().services.random()


def test_clock_moves_only_when_told(world: World) -> None:
    assert world.clock() == START == world.services.clock()
    assert world.clock.advance(1.5) == START + timedelta(seconds=1.5)
    world.clock.advance(timedelta(hours=12))
    world.clock.advance(hours=11, minutes=59, seconds=60)
    assert world.clock() == START + timedelta(days=1, seconds=1.5)
    world.clock.set(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert world.clock() == datetime(2026, 1, 1, tzinfo=UTC)
    assert world.clock().tzinfo is UTC
    with pytest.raises(ValueError, match="zone"):
        world.clock.set(datetime(2026, 1, 1))  # noqa: DTZ001 - what must be refused


def test_handler_cannot_report_a_message_it_was_not_given(world: World) -> None:
    world.queues.send("live", [Message("{}", "g", "d")])
    with pytest.raises(AssertionError, match="was not given"):
        world.deliver("live", lambda event, context: {"batchItemFailures": [{"itemIdentifier": "other"}]})
