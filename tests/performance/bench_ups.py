"""Acumatica - UPS: calls to UPS, tokens, saves to Acumatica, counted at the simulators in virtual time.

    python -m tests.performance.bench_ups

Lower bounds: a shipment needs one purchase, and a hundredth of a subscription where UPS pushes; its address is known.
Acumatica needs one save for all numbers, one per label file, one for the order's text. A delivery needs one question to
UPS for the signature, one text on the order, one on the shipment, one file. A token lives for an hour and is renewed
five minutes early.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from tests.performance.metering import Meter, metered
from tests.performance.result import Result, result
from tests.support.ups_stage import UpsStage, parcel

SHIPMENTS, PACKAGES = 100, 2
BURST = ("picked_up", "origin_scan", "departed", "arrived", "out_for_delivery")
TOKEN_MINUTES = 55


def ready(**changes: Any) -> tuple[UpsStage, Meter]:
    """A stage on which the address is known and a token is there, with a meter at zero."""
    stage = UpsStage(ups={"track_alert": "v1"}, **changes)
    meter = metered(stage)
    stage.shipment(parcel())
    stage.run(minutes=8, webhooks=True)
    meter.reset()
    return stage, meter


def bought(meter: Meter) -> int:
    """Calls to UPS but those for tokens."""
    return meter.vendor("UPS") - meter.purpose("sign-in")


def shipments() -> Iterator[Result]:
    """A hundred shipments of one package, then their parcels' whole journey."""
    stage, meter = ready()
    numbers = [stage.shipment(parcel(), quantity=1) for _ in range(SHIPMENTS)]
    stage.run(minutes=60, webhooks=True)
    _labelled(stage, numbers)
    yield result("UPS calls per shipment until it is shipped (known address, Track Alert)",
                 bought(meter) / SHIPMENTS, 1.1 * (1 + 1 / 100))
    yield result("Acumatica saves per shipment of one package until it is shipped", _saves(meter) / SHIPMENTS, 2 + 1)
    reads = meter.purpose("read Shipment", "read SalesOrder") / SHIPMENTS
    yield result("Acumatica reads per shipment until it is shipped", reads, 1.1 * 2)
    yield from _journey(stage, meter)


def _journey(stage: UpsStage, meter: Meter) -> Iterator[Result]:
    parcels = stage.alive()[1:]
    meter.reset()
    for number in parcels:
        for event in BURST:
            stage.ups.command("scan", {"tracking_number": number, "event": event})
    stage.run(minutes=30, webhooks=True)
    yield none(f"Acumatica saves for {len(BURST)} scans of each of {len(parcels)} parcels", _saves(meter))
    yield none("UPS calls for these scans", bought(meter))
    meter.reset()
    for number in parcels:
        stage.ups.command("scan", {"tracking_number": number, "event": "delivered"})
    stage.run(minutes=60, webhooks=True)
    orders = stage.erp("SalesOrder").values()
    shown = sum(1 for order in orders if "delivered" in str(order.get("note") or ""))
    if shown != len(parcels):
        raise AssertionError(f"{shown} of {len(parcels)} deliveries are shown")
    yield result("UPS calls per delivery (the signature)", bought(meter) / len(parcels), 1.1)
    yield result("Acumatica saves per delivery (order, shipment, signature)", _saves(meter) / len(parcels), 3)


def packages() -> Iterator[Result]:
    """Shipments of several packages: still one purchase, one save for all numbers."""
    stage, meter = ready()
    numbers = [stage.shipment(*(parcel() for _ in range(PACKAGES))) for _ in range(20)]
    stage.run(minutes=30, webhooks=True)
    _labelled(stage, numbers)
    yield result(f"Acumatica saves per shipment of {PACKAGES} packages until it is shipped",
                 _saves(meter) / len(numbers), 2 + PACKAGES)
    yield result(f"UPS calls per shipment of {PACKAGES} packages", bought(meter) / len(numbers), 1.1 * (1 + 1 / 20))


def tokens() -> Iterator[Result]:
    """A day with a shipment every half hour."""
    stage, meter = ready(schedule={"labels": {"every_seconds": 600}, "tracking": {"every_seconds": 600}})
    numbers = []
    for _ in range(48):
        numbers.append(stage.shipment(parcel(), quantity=1))
        stage.run(minutes=30)
    stage.run(minutes=20)
    _labelled(stage, numbers)
    yield result("UPS tokens in a day with a shipment every half hour", meter.purpose("sign-in"),
                 24 * 60 / TOKEN_MINUTES + 1)


def idle() -> Iterator[Result]:
    """Nothing changes for half an hour."""
    stage, meter = ready()
    stage.run(minutes=5)
    meter.reset()
    stage.run(minutes=30)
    yield none("UPS calls while nothing changes, in half an hour", bought(meter))
    yield result("Acumatica calls per idle poll of shipments", meter.vendor("Acumatica") / 30, 1.1)


def none(name: str, value: int) -> Result:
    """A result whose bound is zero."""
    return Result(name, value, 0, float(value), value == 0)


def _saves(meter: Meter) -> int:
    return meter.purpose("write Shipment", "write SalesOrder", "attach file")


def _labelled(stage: UpsStage, numbers: list[str]) -> None:
    without = [number for number in numbers if not all(stage.packages(number))]
    if without or len(set(stage.alive())) != len(stage.labels()):
        why = {key: record.why for key, record in stage.records("labels").items() if record.status.value != "done"}
        raise AssertionError(f"{len(without)} shipments have no number: {why}")


def results() -> Iterator[Result]:
    """All of them."""
    for bench in (shipments, packages, tokens, idle):
        yield from bench()


if __name__ == "__main__":
    found = list(results())
    print("\n".join(entry.text() for entry in found))
    sys.exit(0 if all(entry.ok for entry in found) else 1)
