"""The error rate that rings: one failed call of one does not, a vendor that is down does, one bad moment passes."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from connector.faults import VendorFault
from connector.recent import ENOUGH, REACH, RecentCalls, recent_calls
from connector.transport import NotSent, Reply, Request, Transport
from tests.support.clock import START
from tests.support.world import World
from tests.template.translated import of_type, translated

CALL = Request("GET", "https://vendor.example/orders", "orders.list")
MINUTE = timedelta(minutes=1)


class Line:
    """A wire that is down or up, and a gate that lets everything pass."""

    down = True

    def exchange(self, request: Request) -> Reply:
        if self.down:
            raise NotSent("no route")
        return Reply(200, {}, b"{}")

    def enter(self, request: Request) -> None: ...
    def ready(self) -> None: ...
    def learn(self, reply: Reply, fault: Any) -> None: ...


def written(world: World) -> list[float]:
    return world.metrics().get("VendorErrorPercent", [])


def calls(world: World, line: Line, count: int) -> None:
    """Each by a new piece of work of the same process."""
    for _ in range(count):
        recent = recent_calls(world.services, "acme/vendor")
        transport = Transport(
            "vendor", line, None, line, lambda request, reply, now: None, world.clock, world.services.log,
            recent=recent,
        )  # fmt: skip
        with suppress(VendorFault):
            transport.send(CALL)
        world.clock.advance(60)


def test_one_failed_call_of_one_says_nothing_and_twenty_do() -> None:
    world, line = World(), Line()
    calls(world, line, 1)
    assert world.metrics()["VendorErrors"] == [1]
    assert written(world) == []
    calls(world, line, ENOUGH - 2)
    assert written(world) == []
    calls(world, line, 1)
    assert written(world) == [100.0]


def test_calls_to_another_account_hide_nothing() -> None:
    world, down, up = World(), Line(), Line()
    up.down = False
    for _ in range(ENOUGH):
        calls(world, down, 1)
        other = recent_calls(world.services, "acme/other")
        assert other.failing(world.clock(), False) in (None, 0.0)
    assert written(world)[-1] == 100.0


def test_a_process_that_calls_too_rarely_has_nothing_to_tell() -> None:
    recent = RecentCalls()
    told = [recent.failing(START + number * 3 * MINUTE, True) for number in range(100)]
    assert set(told) == {None}


def test_one_bad_moment_has_passed_before_the_alarm_rings() -> None:
    alarm = dict(of_type(translated(), "AWS::CloudWatch::Alarm"))["AcumaticaShipbobVendorErrorsAlarm"]
    assert (alarm["MetricName"], alarm["Threshold"], alarm["Statistic"]) == ("VendorErrorPercent", 20, "Maximum")
    lasts = timedelta(seconds=alarm["Period"] * alarm["EvaluationPeriods"])
    assert lasts > REACH
    recent = RecentCalls()
    for _ in range(10):
        recent.failing(START, True)
    breaching = [
        minute for minute in range(1, 90) if (recent.failing(START + minute * MINUTE, False) or 0) > alarm["Threshold"]
    ]
    assert max(breaching) * MINUTE < lasts
