"""Vendor calls: what one order, one shipment and one idle poll cost, counted at the simulators in virtual time.

    python -m tests.performance.bench_calls

Lower bounds: ShipBob must be sent every order (one POST) and asked for duplicates in batches of fifty references.
Acumatica needs three saves for a shipment (create, fill with packages, confirm) and two reads for an order (one to
send it, one to ship it). List pages and the status polls of long operations are not counted there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from local.simulators.acumatica.seed import line, order
from tests.performance.metering import Meter, metered
from tests.performance.result import Result, result
from tests.support.stage import NAME, Stage, document

ORDERS = 200
SHIPMENTS = 20
BURST = 40
IDLE_MINUTES = 30
FLOWS = ("orders", "items", "shipments", "deliveries", "stock", "charges")


def only(*flows: str, seconds: int = 60, **changes: Any) -> dict[str, Any]:
    """A connection file in which these flows run and no others."""
    schedule = {name: {"every_seconds": seconds, "enabled": name in flows} for name in FLOWS}
    return document(schedule=schedule, **changes)


def ready(*flows: str, **changes: Any) -> tuple[Stage, Meter]:
    """A stage on which both sides know all items, with a meter at zero."""
    stage = Stage(**changes)
    meter = metered(stage)
    stage.run(minutes=8)
    stage.subscribe()
    stage.apply(only(*flows, **changes))
    stage.run(minutes=3)
    meter.reset()
    return stage, meter


def enter(stage: Stage, count: int) -> list[str]:
    """New orders in Acumatica; their numbers."""
    command = stage.acumatica.command
    return [str(command("sales_order", order("QUILL", line("0041", 1)))["key"]) for _ in range(count)]


def orders() -> Iterator[Result]:
    """Two hundred orders at once, more than ShipBob allows in a minute."""
    stage, meter = ready("orders")
    enter(stage, ORDERS)
    stage.run(minutes=15)
    held = len(stage.shipbob.holdings()["orders"])
    if held != ORDERS:
        raise AssertionError(f"{held} orders arrived instead of {ORDERS}")
    yield result("ShipBob calls per order sent", meter.vendor("ShipBob") / ORDERS, 1.1 * (1 + 1 / 50))
    yield result(
        "Acumatica reads per order sent, 200 at once (ShipBob's limit makes some wait)",
        meter.purpose("read SalesOrder") / ORDERS, 1.1,
    )


def shipments() -> Iterator[Result]:
    """Orders from entry to their shipped status, one after the other: nobody waits for a slot."""
    stage, meter = ready("orders", "shipments")
    numbers = enter(stage, SHIPMENTS)
    stage.run(minutes=4)
    for number in numbers:
        stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
        stage.run(minutes=2, webhooks=True)
    stage.run(minutes=5, webhooks=True)
    _completed(stage, numbers)
    saves = meter.purpose("write Shipment", "Shipment/ConfirmShipment")
    texts = meter.purpose("write SalesOrder")
    reads = meter.purpose("read SalesOrder", "read Shipment")
    _nothing_else(meter, saves + texts + reads)
    yield result("Acumatica saves per single-shipment order", saves / SHIPMENTS, 3)
    yield result("Acumatica saves of the order's tracking text per single-shipment order", texts / SHIPMENTS, 1)
    yield result("Acumatica reads per single-shipment order", reads / SHIPMENTS, 2)
    closing = meter.purpose("read back Shipment")
    yield result("Acumatica status reads that close the confirmation, per shipment", closing / SHIPMENTS, 1)


def _nothing_else(meter: Meter, counted: int) -> None:
    """Fails when there are calls that this benchmark does not know: they would be left out of its counts."""
    polls = meter.purpose("operation status", "read back Shipment")
    beside = polls + meter.purpose("list SalesOrder", "read ShipVia", "token (refresh_token)")
    if counted + beside != meter.vendor("Acumatica"):
        raise AssertionError(f"calls that this benchmark does not know: {meter.calls}")


def burst() -> Iterator[Result]:
    """Forty parcels leave at once: one session at Acumatica serves them one after the other."""
    stage, meter = ready("orders", "shipments")
    numbers = enter(stage, BURST)
    stage.run(minutes=4)
    stage.apply(only("shipments", seconds=86_400))
    meter.reset()
    for number in numbers:
        stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=30, webhooks=True)
    _completed(stage, numbers)
    yield result(
        f"ShipBob reads per shipment when {BURST} leave at once", meter.purpose("read order") / BURST, 3
    )


def idle() -> Iterator[Result]:
    """Every stream polls once a minute and nothing changes. Hourly and daily chores lie outside the window."""
    stage, meter = ready(*FLOWS)
    stage.run(minutes=10)
    meter.reset()
    first = len(stage.world.lines())
    stage.run(minutes=IDLE_MINUTES)
    polls = sum(1 for entry in stage.world.lines()[first:] if entry.get("text") == "polled")
    yield result("vendor calls per idle poll", sum(meter.calls.values()) / polls, 1)


def _completed(stage: Stage, numbers: list[str]) -> None:
    held = stage.erp("SalesOrder")
    open_orders = [number for number in numbers if held[number]["Status"] != "Completed"]
    if open_orders:
        why = {key: record.why for key, record in stage.records("shipments").items() if record.status.value != "done"}
        raise AssertionError(f"{len(open_orders)} orders of connection {NAME} are not completed: {why}")


def results() -> Iterator[Result]:
    """All of them."""
    for bench in (orders, shipments, burst, idle):
        yield from bench()


if __name__ == "__main__":
    found = list(results())
    print("\n".join(entry.text() for entry in found))
    sys.exit(0 if all(entry.ok for entry in found) else 1)
