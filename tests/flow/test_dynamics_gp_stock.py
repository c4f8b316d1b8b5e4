"""Stock, Dynamics GP -> ShipBob: what is noticed, what is announced, and that nothing is pretended."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.base import Fault
from tests.support.gp_stage import CORD, HEADSET, ITEMS, SHIRT, GpStage, document, line

ITEM = "ACCS-CRD-12WH"
SITES = {"sites": {"8": "WAREHOUSE"}}


def stage_with_stock(**changes: Any) -> GpStage:
    """Both sides hold 100 of everything at the one mapped site."""
    tables = {**SITES, **changes.pop("tables", {})}
    return GpStage(tables=tables, **changes)


def receivings(stage: GpStage) -> list[dict[str, Any]]:
    return list(stage.shipbob.holdings()["receiving"].values())


def test_the_first_sweep_finds_agreement() -> None:
    stage = stage_with_stock()
    stage.run(minutes=3)
    assert stage.states("stock") == {row["item"]: "done" for row in ITEMS.values()}
    assert stage.operations("GetInventoriedItemByKey") == ["GetInventoriedItemByKey"] * 3
    assert len([call for call in stage.shipbob.calls if "inventory-level" in call.path]) == 1
    assert stage.violations() == []


@pytest.mark.parametrize(("kind", "units"), [("adjustment", -3), ("variance", 4)])
def test_a_posted_document_makes_a_variance_after_two_looks_and_a_recount_ends_it(kind: str, units: int) -> None:
    stage = stage_with_stock()
    stage.run(minutes=5)
    stage.user("enter_inventory", kind=kind, lines=[{"item": ITEM, "quantity": units, "site": "WAREHOUSE"}])
    stage.run(minutes=9)
    assert stage.state("stock", ITEM)[0] == "waiting"
    stage.run(minutes=12)
    status, why = stage.state("stock", ITEM)
    assert status == "held"
    assert f"{abs(units)} {'more' if units > 0 else 'fewer'} in GP" in why
    assert "recount" in why
    stage.shipbob.command("adjust_stock", {"sku": CORD, "location_id": 8, "quantity": units})
    stage.run(minutes=60 * 25)
    assert stage.state("stock", ITEM)[0] == "done"
    assert receivings(stage) == []


def test_a_document_that_is_not_posted_yet_wakes_nobody() -> None:
    stage = stage_with_stock()
    stage.run(minutes=5)
    stage.user(
        "enter_inventory", kind="adjustment", post=False, lines=[{"item": ITEM, "quantity": 5, "site": "WAREHOUSE"}]
    )
    stage.run(minutes=12)
    assert stage.records("movements") == {}


def test_orders_on_their_way_make_no_difference() -> None:
    stage = stage_with_stock()
    order_id = stage.order(line(CORD, 5, 9.95))
    stage.run(minutes=3)
    for act in (lambda: None, lambda: stage.ship(order_id)):
        act()
        stage.run(minutes=12)
        stage.replay("stock", ITEM)
        stage.run(minutes=2)
        assert stage.state("stock", ITEM)[0] == "done", stage.state("stock", ITEM)


def test_figures_that_move_are_no_variance() -> None:
    stage = stage_with_stock()
    stage.run(minutes=5)
    stage.user("move_stock", item=ITEM, site="WAREHOUSE", on_hand=-2)
    stage.replay("stock", ITEM)
    stage.run(minutes=3)
    stage.user("move_stock", item=ITEM, site="WAREHOUSE", on_hand=2)
    stage.run(minutes=15)
    assert stage.state("stock", ITEM)[0] == "done"


def transfer(stage: GpStage, units: int = 6) -> str:
    """Goods go from NORTH, which is no site at ShipBob, to WAREHOUSE, which is."""
    return str(
        stage.user(
            "enter_inventory",
            kind="transfer",
            lines=[{"item": ITEM, "quantity": units, "site": "NORTH", "to_site": "WAREHOUSE"}],
        )
    )


def test_a_transfer_is_only_reported_unless_asked_otherwise() -> None:
    stage = stage_with_stock()
    stage.run(minutes=5)
    number = transfer(stage)
    stage.run(minutes=9)
    record = stage.record("movements", f"InventoryTransfer/{number}")
    assert record.status.value == "done"
    assert "nothing is announced" in record.why
    assert receivings(stage) == []


def test_a_prepared_receiving_order_is_made_by_a_replay() -> None:
    stage = stage_with_stock(stock={"inbound": "draft", "second_look_minutes": 10})
    stage.run(minutes=5)
    key = f"InventoryTransfer/{transfer(stage)}"
    stage.run(minutes=9)
    assert stage.state("movements", key)[0] == "held"
    assert receivings(stage) == []
    stage.replay("movements", key)
    stage.run(minutes=3)
    assert stage.state("movements", key)[0] == "done"
    (made,) = receivings(stage)
    assert [row["expected_quantity"] for row in made["inventory_quantities"]] == [6]


@pytest.mark.parametrize("fault", [None, Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.ERROR_500_AFTER])
def test_a_receiving_order_is_made_once_and_its_goods_are_no_variance(fault: Fault | None) -> None:
    stage = stage_with_stock(stock={"inbound": "receiving_order", "second_look_minutes": 10})
    stage.run(minutes=5)
    if fault is not None:
        stage.shipbob.dial.plan(fault, "POST .*/receiving$")
    key = f"InventoryTransfer/{transfer(stage)}"
    stage.run(minutes=45)
    assert stage.state("movements", key)[0] == "done"
    (made,) = receivings(stage)
    assert made["purchase_order_number"].startswith("GP-")
    assert stage.state("stock", ITEM)[0] == "done", stage.state("stock", ITEM)


def test_a_transfer_of_an_item_that_is_not_mapped_waits_for_its_row() -> None:
    less = {sku: row for sku, row in ITEMS.items() if sku != CORD}
    rule = {"inbound": "receiving_order", "second_look_minutes": 10}
    stage = stage_with_stock(stock=rule, tables={"items": less})
    stage.run(minutes=5)
    key = f"InventoryTransfer/{transfer(stage)}"
    stage.run(minutes=9)
    assert stage.state("movements", key)[0] == "held"
    stage.run(minutes=20)
    assert stage.state("movements", key)[0] == "held"
    uncompared = {**ITEMS, CORD: {**ITEMS[CORD], "compare": False}}
    stage.apply(document(stock=rule, tables={**SITES, "items": uncompared}))
    stage.run(minutes=8)
    assert stage.state("movements", key)[0] == "done"
    assert len(receivings(stage)) == 1


def test_the_tolerance_is_kept() -> None:
    stage = stage_with_stock(stock={"tolerance": 3, "second_look_minutes": 10})
    stage.run(minutes=5)
    stage.user("enter_inventory", kind="adjustment", lines=[{"item": ITEM, "quantity": -3, "site": "WAREHOUSE"}])
    stage.run(minutes=30)
    assert stage.state("stock", ITEM)[0] == "done"


def test_an_item_that_gp_does_not_hold_is_shown() -> None:
    stage = stage_with_stock(tables={"items": {**ITEMS, CORD: {"item": "NO-SUCH-ITEM", "unit": "Each"}}})
    stage.run(minutes=3)
    status, why = stage.state("stock", "NO-SUCH-ITEM")
    assert status == "held"
    assert "correct table items" in why


def test_one_document_that_gp_cannot_show_keeps_nobody_waiting() -> None:
    stage = stage_with_stock()
    stage.run(minutes=5)
    other = ITEMS[HEADSET]["item"]
    rows = [{"item": item, "quantity": -1, "site": "WAREHOUSE"} for item in (ITEM, other)]
    first, _ = [stage.user("enter_inventory", kind="adjustment", lines=[row]) for row in rows]
    stage.gp.dial.plan(Fault.ERROR_500_BEFORE, "#GetInventoryAdjustmentByKey", times=1)
    stage.run(minutes=20)
    assert stage.state("stock", other)[0] == "held"
    assert stage.state("movements", f"InventoryAdjustment/{first}")[0] == "done"


def test_two_skus_of_one_item_are_compared_together() -> None:
    both = {**ITEMS, SHIRT: {"item": ITEM, "unit": "Each"}}
    stage = stage_with_stock(tables={"items": both})
    stage.run(minutes=15)
    status, why = stage.state("stock", ITEM)
    assert status == "held"
    assert "100 available at site WAREHOUSE, 200 sellable" in why
    stage.apply(document(tables={**SITES, "items": {**both, SHIRT: {**both[SHIRT], "compare": False}}}))
    stage.replay("stock", ITEM)
    stage.run(minutes=2)
    assert stage.state("stock", ITEM)[0] == "done"
