"""Dynamics GP - ShipBob: calls to GP and ShipBob, counted at the simulators in virtual time.

    python -m tests.performance.bench_dynamics_gp

Lower bounds. An order: GP answers a creation with nothing and has no bulk call, so it is asked by number and by PO
number, entered, and read again: four calls (a policy is read once an hour). A shipment: the order is read, written and
read again: three. A return: as an order. A posted document: it is read, and each of its items. The sweep: GP shows one
item at a time; ShipBob 150 at once with an empty page behind them (a page may be begun twice, when the minute's calls
run out), and 40 SKUs at once the first time. An idle poll of movements is three lists.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from tests.performance.result import Result, result
from tests.support.gp_stage import CORD, ITEMS, SHIRT, GpStage, document, line

ORDERS, CATALOGUE = 100, 300
SITES = {"sites": {"8": "WAREHOUSE"}}
QUIET = {"movements": {"every_seconds": 86_400}, "stock": {"every_seconds": 86_400}}
"""Cadences under which the lists of GP's own documents stay out of the count."""


def ready(**changes: Any) -> GpStage:
    """A stage whose policy is known and whose sweep is over."""
    stage = GpStage(tables={**SITES, **changes.pop("tables", {})}, schedule=changes.pop("schedule", QUIET), **changes)
    for sku in (SHIRT, CORD):
        stage.shipbob.command("seed_stock", {"sku": sku, "location_id": 8, "quantity": 10_000})
    for row in (ITEMS[SHIRT], ITEMS[CORD]):
        stage.user("move_stock", item=row["item"], site="WAREHOUSE", on_hand=10_000)
    stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=4)
    return stage


def gp_calls(stage: GpStage, since: int) -> int:
    """Calls to GP since a mark; policies apart, which are read once an hour."""
    return len([name for name in stage.operations()[since:] if name != "GetPolicyByOperation"])


def marks(stage: GpStage) -> tuple[int, int]:
    """Where both logs of calls stand."""
    return len(stage.gp.calls), len(stage.shipbob.calls)


def orders() -> Iterator[Result]:
    """A hundred orders, then all of them leave, then some come back."""
    stage = ready()
    gp, shipbob = marks(stage)
    ids = [stage.order(line(SHIRT, 2, 19.99), line(CORD, 1, 9.95)) for _ in range(ORDERS)]
    stage.run(minutes=20)
    _done(stage, "orders", ids)
    yield result("GP calls per order (two questions, creation, read again)", gp_calls(stage, gp) / ORDERS, 4.4)
    single = [call for call in stage.shipbob.calls[shipbob:] if re.search(r"/order/\d+$", call.path)]
    yield result("ShipBob reads of a single order, per order that a poll has listed", len(single) / ORDERS, 1.1)
    gp, _ = marks(stage)
    for order_id in ids:
        stage.ship(order_id)
    stage.run(minutes=30)
    _done(stage, "shipments", ids)
    yield result("GP calls per shipment (read, update, read again)", gp_calls(stage, gp) / ORDERS, 3.3)
    gp, _ = marks(stage)
    for order_id in ids:
        stage.shipbob.command("move", {"order_id": order_id, "status": "InTransit"})
        stage.shipbob.command("move", {"order_id": order_id, "status": "Delivered"})
    stage.run(minutes=90)
    yield none(f"GP calls for scans and deliveries of {ORDERS} parcels", gp_calls(stage, gp))
    yield from _returns(stage, ids[:20])


def _returns(stage: GpStage, ids: list[int]) -> Iterator[Result]:
    gp, _ = marks(stage)
    shipments = [stage.shipbob.holdings()["orders"][str(order_id)]["shipment_ids"][0] for order_id in ids]
    found = [int(stage.shipbob.command("announce_stray_return", {"shipment_id": one})) for one in shipments]
    for return_id in found:
        actions = [{"sku": CORD, "action": "Restock", "quantity": 1}]
        stage.shipbob.command("process_return", {"return_id": return_id, "step": "complete", "actions": actions})
    stage.run(minutes=30)
    _done(stage, "returns", found)
    yield result("GP calls per return (two questions, creation, read again)", gp_calls(stage, gp) / len(found), 4.4)


def catalogue() -> Iterator[Result]:
    """A sweep of a larger catalogue, and one posted document of one item."""
    rows = {f"SKU-{number:04}": {"item": f"ITEM-{number:04}", "unit": "Each"} for number in range(CATALOGUE)}
    stage = GpStage(tables={**SITES, "items": {}}, schedule=QUIET)
    for sku, row in rows.items():
        stage.shipbob.command("seed_product", {"sku": sku, "name": sku})
        stage.shipbob.command("seed_stock", {"sku": sku, "location_id": 8, "quantity": 5})
        stage.user("add_item", number=row["item"], description=sku, stock={"WAREHOUSE": 5})
    stage.run(minutes=2)
    stage.apply(document(tables={**SITES, "items": rows}, schedule={**QUIET, "stock": {"every_seconds": 3600}}))
    stage.run(minutes=56)  # until the next sweep
    gp, shipbob = marks(stage)
    stage.run(minutes=30)
    looked = [name for name in stage.operations()[gp:] if name == "GetInventoriedItemByKey"]
    paths = [call.path for call in stage.shipbob.calls[shipbob:]]
    levels = sum("inventory-level" in path for path in paths)
    products = sum(path.endswith("/product") for path in paths)
    if {record.status.value for record in stage.records("stock").values()} != {"done"}:
        raise AssertionError("the sweep found differences where there are none")
    sweeps = max(1, round(len(looked) / CATALOGUE))
    yield result("GP calls per item of a sweep", len(looked) / sweeps / CATALOGUE, 1.1)
    yield result(f"ShipBob calls for the stock of {CATALOGUE} items", levels / sweeps, 2 * -(-CATALOGUE // 150) + 2)
    yield result(f"ShipBob calls to find {CATALOGUE} SKUs, once a day", products, 1.1 * -(-CATALOGUE // 40) + 3)


def movements() -> Iterator[Result]:
    """Nothing is posted for half an hour; then one adjustment of one item."""
    stage = GpStage(tables=SITES)
    stage.run(minutes=5)
    gp, _ = marks(stage)
    stage.run(minutes=30)
    yield result("GP calls per idle poll of posted documents (three lists)", gp_calls(stage, gp) / 6, 3.3)
    gp, _ = marks(stage)
    rows = [{"item": ITEMS[CORD]["item"], "quantity": 1, "site": "WAREHOUSE"}]
    stage.user("enter_inventory", kind="adjustment", lines=rows)
    stage.run(minutes=30)
    looks = [name for name in stage.operations()[gp:] if name.endswith("ByKey")]
    yield result("GP calls per posted document of one item that differs (document, two looks)", len(looks), 3)


def idle() -> Iterator[Result]:
    """Nothing changes for an hour."""
    stage = ready()
    stage.run(minutes=30)
    gp, _ = marks(stage)
    stage.run(minutes=60)
    yield none("GP calls about sales documents while nothing changes, in an hour", gp_calls(stage, gp))


def none(name: str, value: int) -> Result:
    """A result whose bound is zero."""
    return Result(name, value, 0, float(value), value == 0)


def _done(stage: GpStage, stream: str, keys: list[int]) -> None:
    states = {key: record.status.value for key, record in stage.records(stream).items()}
    open_ones = {key: stage.state(stream, key) for key in map(str, keys) if states.get(key) != "done"}
    if open_ones:
        raise AssertionError(f"{len(open_ones)} of {stream} are not done: {list(open_ones.items())[:3]}")


def results() -> Iterator[Result]:
    """All of them."""
    for bench in (orders, catalogue, movements, idle):
        yield from bench()


if __name__ == "__main__":
    found = list(results())
    print("\n".join(entry.text() for entry in found))
    sys.exit(0 if all(entry.ok for entry in found) else 1)
