"""Acumatica - ShipStation: calls by the hundred, and what a backfill costs live work, counted in virtual time.

    python -m tests.performance.bench_shipstation

Lower bounds: five hundred orders need five bulk writes, and each of these one question whether ShipStation holds them.
A label needs no call of its own, because the polls list labels with their lines; its file needs one call to V2 for the
label and one for the file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil

from connector.budget import AccountGate, Limits
from connector.faults import VendorFault
from connector.instants import instant_text, parse_instant
from connector.message import enqueue
from connector.records import Origin, RecordStore, Seen
from connector.transport import Request
from local.simulators.acumatica.seed import line
from tests.performance.result import Result, result
from tests.support.shipstation_stage import ShipStationStage, document
from tests.support.stage import NAME

ORDERS, BACKFILL = 500, 10_000
BESIDE, LIVE = 1_200, 5
"""Orders of the backfill that is played through all workers, and live ones, one a minute, while it runs."""


def orders() -> Iterator[Result]:
    """Five hundred new orders."""
    stage = ShipStationStage()
    numbers = {stage.sales_order(line("0041", 1)) for _ in range(ORDERS)}
    stage.run(minutes=25)
    held = [order for order in stage.orders() if order["writes"] == 1]
    if {order["orderNumber"] for order in held} != numbers:
        raise AssertionError("not every order is at ShipStation exactly once")
    yield result(f"ShipStation writes for {ORDERS} orders", len(stage.calls("POST /orders/")), 6)
    asked = stage.calls("GET /orders")
    yield result(f"ShipStation questions for {ORDERS} orders (one a write, and the poll of states)", len(asked), 6 + 12)


def labels() -> Iterator[Result]:
    """Fifty labels, one by one."""
    stage = ShipStationStage(schedule={"items": {"every_seconds": 86_400}})
    numbers = [stage.sales_order(line("0041", 1)) for _ in range(50)]
    stage.run(minutes=8)
    before, minutes = len(stage.calls()), 30
    for number in numbers:
        stage.act("buy_label", order=number)
    stage.run(minutes=minutes)
    if len(stage.erp_shipments()) != len(numbers):
        raise AssertionError("not every label is a shipment")
    calls = len(stage.calls()) - before - len(stage.calls("/v2/"))
    yield result("V1 calls a minute for four polls and fifty labels", calls / minutes, 1.1)
    yield result("V2 calls per label", len(stage.calls("/v2/")) / len(numbers), 2.02)


def idle() -> Iterator[Result]:
    """Nothing changes for half an hour."""
    stage = ShipStationStage(schedule={"items": {"every_seconds": 86_400}})
    stage.run(minutes=8)
    before = len(stage.calls())
    stage.run(minutes=30)
    yield result("V1 calls a minute while nothing changes", (len(stage.calls()) - before) / 30, 1.1)


# ---- a backfill beside live work ----------------------------------------------------------------------------


def latencies(backfilled: int) -> list[float]:
    """Seconds from an order's release to its arrival at ShipStation, one a minute, while a backfill runs.

    The past is worked on by the same workers with the same Acumatica session: the whole way is measured, not the budget
    alone.
    """
    stage = ShipStationStage()
    past = [stage.sales_order(line("0041", 1)) for _ in range(backfilled)]
    stage.clock.advance(2 * 86_400)
    since = instant_text(stage.clock() - timedelta(hours=1))  # the past is before it, for the backfill alone
    stage.apply(document(start=since, schedule={"items": {"every_seconds": 86_400}}))
    stage.run(minutes=2)
    if past:
        origin = Origin(NAME, "acumatica_shipstation", "orders", "backfill", "bench", "bulk")
        store = RecordStore(stage.process)
        for start in range(0, len(past), 100):
            rows = [Seen(f"SO/{number}") for number in past[start : start + 100]]
            enqueue(stage.process, store.see(origin, rows))
    released: dict[str, datetime] = {}
    for _ in range(LIVE):
        released[stage.sales_order(line("0041", 1))] = stage.clock()
        stage.run(minutes=1)
    if past and len(stage.orders()) >= backfilled:
        raise AssertionError("the backfill was over before the live orders were")
    stage.run(minutes=3)
    arrived = {order["orderNumber"]: parse_instant(order["created"]) for order in stage.orders()}
    return sorted((arrived[number] - at).total_seconds() for number, at in released.items())


def backfill() -> Iterator[Result]:
    """The whole way beside a backfill of some hundreds, and the call budget alone beside one of ten thousand."""
    quiet, busy = p95(latencies(0)), p95(latencies(BESIDE))
    yield result(f"p95 seconds of a live order beside a backfill of {BESIDE}, times the quiet one", busy / quiet, 1.2)
    alone, beside = p95(waits(0)), p95(waits(BACKFILL))
    name = f"p95 seconds of a live call beside a backfill of {BACKFILL}, times the quiet one"
    yield result(name, (beside + 5) / (alone + 5), 1.2)


def waits(backfilled: int) -> list[float]:
    """Seconds that a live bulk write waits for the call budget, while a backfill takes what it is given.

    Three calls a minute are live: a question, a write, a poll. The backfill wants two calls for every hundred orders.
    """
    stage = ShipStationStage()
    clock = stage.clock
    gates = {
        lane: AccountGate(stage.process, "bench/shipstation", Limits(40, None), lane, lane) for lane in ("live", "bulk")
    }
    asked = Request("POST", "https://ssapi.shipstation.com/orders/createorders", "create orders", write=True)
    wanted, waited, due = 2 * ceil(backfilled / 100), [], clock()
    end = clock() + timedelta(minutes=30)
    while clock() < end:
        while wanted and _passes(gates["bulk"], asked):
            wanted -= 1
        if clock() >= due:
            began = clock()
            while not _passes(gates["live"], asked):
                clock.advance(1)
            waited.append((clock() - began).total_seconds())
            due = began + timedelta(seconds=20)
        clock.advance(1)
    if wanted:
        raise AssertionError(f"{wanted} calls of the backfill never got through")
    return sorted(waited)


def _passes(gate: AccountGate, request: Request) -> bool:
    try:
        gate.enter(request)
    except VendorFault:
        return False
    return True


def p95(sorted_seconds: list[float]) -> float:
    """The value that nineteen of twenty do not pass."""
    return sorted_seconds[ceil(len(sorted_seconds) * 0.95) - 1]


def results() -> Iterator[Result]:
    """All of them."""
    yield from orders()
    yield from labels()
    yield from idle()
    yield from backfill()


def main() -> int:
    """Prints one line for each; 1 when a bound is passed."""
    found = []
    for entry in results():
        print(entry.text(), flush=True)
        found.append(entry)
    return 0 if all(entry.ok for entry in found) else 1


if __name__ == "__main__":
    sys.exit(main())
