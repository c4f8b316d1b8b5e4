"""AWS: requests per record by service, and what a million records cost.

    python -m tests.performance.bench_aws

Counted between the kernel and the in-memory twins, in virtual time, beyond what the same minutes cost when nothing
happens. Prices are AWS's public on-demand ones of us-east-1, without free tiers. Not counted: storage, the vendors,
and the empty receives of Lambda's pollers, which cost the same whether records move or not.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from acumatica_shipbob.flows import PAIR
from acumatica_shipbob.senders import SENDERS
from connector.edge.receiver import receiver
from tests.performance.bench_calls import enter, ready
from tests.performance.metering import Meter, log_bytes
from tests.performance.result import Result, result
from tests.support.stage import Stage, edge_event

RECORDS = 100
A_MINUTE = 10
"""Orders that are entered a minute: none has to wait for another one."""

MINUTES = 15

PRICED_ON = "2026-03, us-east-1"
PRICES = {
    "write units": 0.625,
    "read units": 0.125,
    "FIFO requests": 0.50,
    "standard requests": 0.40,
    "Lambda invocations": 0.20,
    "API Gateway requests": 3.50,
    "S3 puts": 5.00,
    "S3 gets": 0.40,
    "Secrets Manager requests": 5.00,
}
"""US dollars for a million. DynamoDB: request units of on-demand tables."""

LOGS = 0.50
"""US dollars for a gigabyte of log lines taken in."""

GIGABYTE_SECOND = 0.0000133334
"""US dollars, Lambda on arm64."""

MEMORY = 0.5
SECONDS_PER_CALL = 0.3
"""An assumption, not a measurement: how long a vendor takes to answer. The function waits that long and is billed."""

BOUNDS = {
    "order": {"DynamoDB": 20, "SQS": 1, "Lambda": 0.5, "S3": 0.1, "Secrets Manager": 0.5, "dollars": 40, "waiting": 8},
    "shipment": {
        "DynamoDB": 65, "SQS": 15, "Lambda": 6, "S3": 0.1, "Secrets Manager": 0.5, "dollars": 175, "waiting": 30,
    },
}
"""What we allow ourselves per record. An order is one guarded write (5 table requests), a shipment is four of them in
two pieces of work, because Acumatica confirms by a long operation; the rest is loading, leases, budgets, the trail."""


@dataclass(frozen=True)
class Spent:
    """What some minutes on a stage cost."""

    requests: Counter[str]
    units: Counter[str]
    calls: int
    log_bytes: int
    webhooks: int = 0


def _spend(stage: Stage, meter: Meter, act: Callable[[], int]) -> Spent:
    meter.reset()
    since = len(stage.world.lines())
    webhooks = act()
    return Spent(
        Counter(meter.requests), Counter(meter.units), sum(meter.calls.values()), log_bytes(stage, since), webhooks
    )


def _beyond(busy: Spent, idle: Spent) -> Spent:
    """What the records themselves cost."""
    requests, units = Counter(busy.requests), Counter(busy.units)
    requests.subtract(idle.requests)
    units.subtract(idle.units)
    return Spent(requests, units, busy.calls - idle.calls, busy.log_bytes - idle.log_bytes, busy.webhooks)


def dollars(spent: Spent) -> float:
    """The price of requests and log lines. Without the time that functions run."""
    amounts: dict[str, float] = {
        **spent.units,
        "Lambda invocations": spent.requests["Lambda"] + spent.webhooks,
        "API Gateway requests": spent.webhooks,
        "Secrets Manager requests": spent.requests["Secrets Manager"],
    }
    requests = sum(PRICES[name] * amount / 1e6 for name, amount in amounts.items())
    return requests + LOGS * spent.log_bytes / 1e9


def _lines(kind: str, spent: Spent) -> Iterator[Result]:
    bounds = BOUNDS[kind]
    for service in ("DynamoDB", "SQS", "Lambda", "S3", "Secrets Manager"):
        value = max(0, spent.requests[service]) / RECORDS
        what = "invocations" if service == "Lambda" else "requests"
        yield result(f"AWS: {service} {what} per {kind}", value, bounds[service])
    yield result(f"AWS: US dollars per million {kind}s, requests and logs ({PRICED_ON})",
                 dollars(spent) / RECORDS * 1e6, bounds["dollars"])
    waiting = spent.calls / RECORDS * SECONDS_PER_CALL * MEMORY * GIGABYTE_SECOND * 1e6
    yield result(
        f"AWS: US dollars per million {kind}s for waiting functions, if vendors take {SECONDS_PER_CALL} s to answer",
        waiting, bounds["waiting"],
    )


def orders() -> Iterator[Result]:
    """A hundred orders out."""
    stage, meter = ready("orders")
    idle = _spend(stage, meter, lambda: _run(stage))
    busy = _spend(stage, meter, lambda: _orders(stage))
    yield from _lines("order", _beyond(busy, idle))


def shipments() -> Iterator[Result]:
    """A hundred shipments back, each announced by a webhook, one every minute."""
    stage, meter = ready("orders", "shipments")
    numbers = enter(stage, RECORDS)
    stage.run(minutes=10)
    idle = _spend(stage, meter, lambda: _run(stage, RECORDS))
    busy = _spend(stage, meter, lambda: _shipments(stage, numbers))
    yield from _lines("shipment", _beyond(busy, idle))


def _run(stage: Stage, minutes: int = MINUTES) -> int:
    stage.run(minutes=minutes)
    return 0


def _orders(stage: Stage) -> int:
    for _ in range(RECORDS // A_MINUTE):
        enter(stage, A_MINUTE)
        stage.run(minutes=1)
    stage.run(minutes=MINUTES - RECORDS // A_MINUTE)
    if len(stage.shipbob.holdings()["orders"]) != RECORDS:
        raise AssertionError("not every order arrived")
    return 0


def _shipments(stage: Stage, numbers: list[str]) -> int:
    webhooks, edge = 0, receiver(SENDERS, stage.process, pair=PAIR.name)  # one warm function, as in the cloud
    for number in numbers:
        stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
        for delivery in stage.shipbob.take_deliveries():
            answer = edge(edge_event("shipbob", delivery.headers, delivery.body), None)
            stage.shipbob.report_delivery(delivery, answer["statusCode"] == 200)
            webhooks += 1
        stage.run(minutes=1)
    states = set(stage.states("shipments").values())
    if states != {"done"}:
        raise AssertionError(f"shipments ended as {states}")
    return webhooks


def results() -> Iterator[Result]:
    """All of them."""
    for bench in (orders, shipments):
        yield from bench()


if __name__ == "__main__":
    found = list(results())
    print("\n".join(entry.text() for entry in found))
    sys.exit(0 if all(entry.ok for entry in found) else 1)
