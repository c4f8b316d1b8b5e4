"""NetSuite - ShipBob: calls to NetSuite, counted at the simulator in virtual time.

    python -m tests.performance.bench_netsuite

Lower bounds: one write for a receiving order's stowed goods, one for a shipment. Before a write NetSuite is asked for
the order with its lines (one query) and for our external id (one query); a third would be allowed. A day's purchase
orders need one query for the headers and one for each thousand lines; ShipBob one write each. A token lives for an hour
and is renewed five minutes early.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

from tests.flow.test_netsuite_tracking import stocked
from tests.performance.result import Result, result
from tests.support.netsuite_stage import CENTRE, PLACE, NetSuiteStage, document

ORDERS, SHIPMENTS, DAY = 40, 50, 300
LINES = 5
READS = 3
QUIET = {"purchase_orders": {"every_seconds": 86_400}}
TOKEN_MINUTES = 55


def counted(stage: NetSuiteStage, since: int) -> tuple[int, int, int]:
    """Queries, other reads and writes of NetSuite since a place in its log."""
    queries = reads = writes = 0
    for call in stage.netsuite.calls[since:]:
        if call.path.endswith("/suiteql"):
            queries += 1
        elif "/record/v1/" in call.path:
            reads, writes = reads + (call.method == "GET"), writes + (call.method != "GET")
    return queries, reads, writes


def purchase_orders() -> Iterator[Result]:
    """A day's purchase orders in one reading."""
    stage = NetSuiteStage()
    stage.run(minutes=2)
    stage.apply(document(schedule=QUIET))
    skus = ("TEE", "CAP", "MUG")
    for number in range(DAY):
        stage.purchase_order(*((skus[line % 3], 1 + number % 7) for line in range(LINES)))
    since, before = len(stage.netsuite.calls), len(stage.shipbob.calls)
    stage.run(minutes=60)
    if len(stage.receiving_orders()) != DAY:
        raise AssertionError(f"{len(stage.receiving_orders())} of {DAY} receiving orders were made")
    queries, reads, writes = counted(stage, since)
    pages = math.ceil(DAY * LINES / 1000)
    name = f"NetSuite calls for a day of {DAY} purchase orders of {LINES} lines"
    yield result(name, queries + reads + writes, 1 + pages)
    posts = [call for call in stage.shipbob.calls[before:] if call.method == "POST"]
    created = sum(1 for call in posts if call.path.endswith("/receiving"))
    yield result("ShipBob writes per purchase order", created / DAY, 1)


def receipts() -> Iterator[Result]:
    """Receiving orders, each stowed at once."""
    stage = NetSuiteStage()
    first, *numbers = [stage.purchase_order(("TEE", 12), ("CAP", 3))["tran_id"] for _ in range(ORDERS + 1)]
    stage.run(minutes=3)
    stage.apply(document(schedule=QUIET))
    stage.stow(first)  # the first one of an account is looked at more closely
    stage.run(minutes=17)
    since = len(stage.netsuite.calls)
    for number in numbers:
        stage.stow(number)
    stage.run(minutes=30)
    if len(stage.ours("itemReceipt")) != ORDERS + 1:
        raise AssertionError(f"{len(stage.ours('itemReceipt'))} of {ORDERS} receipts were made")
    queries, reads, writes = counted(stage, since)
    yield result("NetSuite writes per receiving order", writes / ORDERS, 1)
    yield result("NetSuite reads before the write of a receipt", (queries + reads) / ORDERS, READS)


def shipments() -> Iterator[Result]:
    """Orders that leave in one parcel, then their delivery."""
    stage = stocked()
    for sku in ("TEE", "CAP"):
        stage.shipbob.command("seed_stock", {"sku": sku, "location_id": CENTRE, "quantity": 1000})
        stage.netsuite.command("seed_stock", {"sku": sku, "location": PLACE, "quantity": 1000})
    stage.apply(document(schedule=QUIET))
    orders = []
    for _ in range(SHIPMENTS + 1):
        order = stage.sales_order(("TEE", 2), ("CAP", 1))
        orders.append(stage.order_at_shipbob(order["tran_id"], ("TEE", 2), ("CAP", 1)))
    stage.shipbob.command("fulfil", {"order_id": orders.pop()})  # the first one of an account is looked at more closely
    stage.run(minutes=17)
    since = len(stage.netsuite.calls)
    for order_id in orders:
        stage.shipbob.command("fulfil", {"order_id": order_id})
    stage.run(minutes=40)
    if len(stage.ours("itemFulfillment")) != SHIPMENTS + 1:
        raise AssertionError(f"{len(stage.ours('itemFulfillment'))} of {SHIPMENTS} fulfilments were made")
    queries, reads, writes = counted(stage, since)
    yield result("NetSuite writes per shipment", writes / SHIPMENTS, 1)
    yield result("NetSuite reads before the write of a shipment", queries / SHIPMENTS, READS)
    yield result("NetSuite reads after the write of a shipment", reads / SHIPMENTS, 1)
    since = len(stage.netsuite.calls)
    for order_id in orders:
        stage.shipbob.command("move", {"order_id": order_id, "status": "Delivered"})
    stage.run(minutes=130)
    _, _, more = counted(stage, since)
    yield Result("NetSuite writes for deliveries that no field shows", more, 0, float(more), more == 0)


def idle() -> Iterator[Result]:
    """A day without news."""
    stage = NetSuiteStage(schedule={"purchase_orders": {"every_seconds": 86_400}})
    stage.run(minutes=10)
    since = len(stage.netsuite.calls)
    tokens = stage.netsuite.holdings()["tokens_issued"]
    stage.run(minutes=60 * 24)
    queries, reads, writes = counted(stage, since)
    yield result("NetSuite calls in a day without news", queries + reads + writes, 2)
    issued = stage.netsuite.holdings()["tokens_issued"] - tokens
    yield result("NetSuite tokens in a day without news", issued, 24 * 60 / TOKEN_MINUTES + 1)


def results() -> Iterator[Result]:
    """All of them."""
    for bench in (purchase_orders, receipts, shipments, idle):
        yield from bench()


if __name__ == "__main__":
    found = list(results())
    print("\n".join(entry.text() for entry in found))
    sys.exit(0 if all(entry.ok for entry in found) else 1)
