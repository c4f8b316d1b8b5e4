"""Flow 4, on-hand to Acumatica: the books equal the shelf, and nothing in flight is counted twice."""

from __future__ import annotations

from typing import Any

from local.simulators.acumatica.seed import line
from tests.flow.test_shipments import sent, shipped
from tests.support.stage import Stage

WAREHOUSE = "3PL-WEST"


def stage_with(**changes: Any) -> Stage:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}, "stock": {"every_seconds": 600}}, **changes)
    stage.subscribe()
    stage.run(minutes=3)
    return stage


def books(stage: Stage, sku: str) -> float:
    return float(stage.acumatica.holdings()["stock"][sku][WAREHOUSE])


def shelf(stage: Stage, sku: str) -> int:
    return int(stage.shipbob.holdings()["stock"]["8"].get(sku, 0))


def adjustments(stage: Stage) -> list[list[tuple[str, float]]]:
    found = stage.erp("InventoryAdjustment").values()
    return [[(row["InventoryID"].strip(), row["Qty"]) for row in document["Details"]] for document in found]


def test_a_difference_is_posted_once_and_both_sides_agree() -> None:
    stage = stage_with()
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    stage.run(minutes=90)
    assert adjustments(stage) == [[("0041", -7.0)]]
    assert books(stage, "0041") == shelf(stage, "0041")
    assert {document["Status"] for document in stage.erp("InventoryAdjustment").values()} == {"Released"}


def test_a_difference_that_vanishes_before_the_second_look_is_not_posted() -> None:
    stage = stage_with()
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    stage.run(minutes=12)
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": 7})
    stage.run(minutes=90)
    assert adjustments(stage) == []


def test_goods_on_their_way_are_not_counted_twice() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 30))
    shipped(stage, number)
    stage.run(minutes=120, webhooks=True)
    assert adjustments(stage) == []
    assert (books(stage, "0041"), shelf(stage, "0041")) == (500, 470)
    stage.acumatica.command("update_in", {})
    stage.run(minutes=120, webhooks=True)
    assert adjustments(stage) == []
    assert books(stage, "0041") == shelf(stage, "0041") == 470


def test_a_shipment_that_cannot_be_written_yet_is_in_flight_too() -> None:
    stage = stage_with(tables={"carriers": {"UPS": {"ship_via": "GROUND"}}})
    number = sent(stage, line("0041", 30))
    shipped(stage, number, carrier="UniUni")
    stage.run(minutes=120, webhooks=True)
    assert adjustments(stage) == []


def test_a_shipment_made_by_a_person_in_acumatica_is_in_flight_too() -> None:
    stage = stage_with(orders={"order_types": ["SA"]})
    number = sent(stage, line("0041", 30))
    made = stage.acumatica.command("create_shipment", {"order_nbr": number, "warehouse": WAREHOUSE})
    stage.acumatica.command("confirm_shipment", {"shipment_nbr": made["key"] if isinstance(made, dict) else made})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -30})
    stage.run(minutes=120)
    assert adjustments(stage) == []


def test_several_items_share_one_document() -> None:
    stage = stage_with()
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": 3})
    stage.shipbob.command("adjust_stock", {"sku": "KIT-DESK", "location_id": 8, "quantity": -2})
    stage.run(minutes=90)
    assert adjustments(stage) == [[("0041", 3.0), ("KIT-DESK", -2.0)]]


def test_report_only_posts_nothing_and_says_what_it_saw() -> None:
    stage = stage_with(stock={"mode": "report_only"})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    stage.run(minutes=90)
    assert adjustments(stage) == []
    trail = [str(item["text"]) + str(item["data"]) for item in stage.world.tables.items("audit")]
    assert any("0041: -7" in text for text in trail)


def test_small_differences_below_the_threshold_are_left_alone() -> None:
    stage = stage_with(stock={"threshold": 5})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -5})
    stage.run(minutes=90)
    assert adjustments(stage) == []


def test_a_lost_answer_never_doubles_an_adjustment() -> None:
    from local.simulators.base import Fault

    stage = stage_with()
    stage.acumatica.dial.plan(Fault.DROP_AFTER, r"PUT .*/InventoryAdjustment$")
    stage.acumatica.dial.plan(Fault.DROP_AFTER, r"POST .*/ReleaseAdjustment$")
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    stage.run(minutes=120)
    assert adjustments(stage) == [[("0041", -7.0)]]
    assert books(stage, "0041") == shelf(stage, "0041")


def test_a_reading_that_runs_out_of_calls_goes_on_where_it_stopped() -> None:
    stage = Stage(schedule={"stock": {"every_seconds": 3600}, "shipments": {"every_seconds": 300}})
    for number in range(260):
        stage.shipbob.command("seed_product", {"sku": f"ROW-{number:03d}", "name": "Row"})
        stage.shipbob.command("seed_stock", {"sku": f"ROW-{number:03d}", "location_id": 8, "quantity": 1})
    stage.shipbob.command("set", {"largest_cursor_page": 2})
    stage.run(minutes=15)
    pages = [call for call in stage.shipbob.calls if call.path.endswith("/inventory-level/locations")]
    assert 130 < len(pages) < 200
    assert stage.states("stock")[WAREHOUSE] == "done"


def test_items_that_acumatica_never_stocked_are_asked_for_a_few_at_a_time() -> None:
    stage = Stage(schedule={"stock": {"every_seconds": 3600}, "shipments": {"every_seconds": 300}})
    for number in range(50):
        sku = f"NEW-{number:03d}"
        stage.acumatica.command("stock_item", {
            "InventoryID": sku, "Description": sku, "ItemClass": "GOODS", "BaseUOM": "EA",
            "DefaultWarehouseID": WAREHOUSE, "DimensionWeight": 1, "WeightUOM": "LB",
        })  # fmt: skip
        stage.shipbob.command("seed_product", {"sku": sku, "name": sku})
        stage.shipbob.command("seed_stock", {"sku": sku, "location_id": 8, "quantity": 1})
    stage.run(minutes=12)
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    before = len(stage.acumatica.calls)
    stage.run(minutes=120)
    assert ("0041", -7.0) in [row for document in adjustments(stage) for row in document]
    asked = [call for call in stage.acumatica.calls[before:] if "InventorySummaryInquiry" in call.path]
    assert len(asked) <= 120


def test_a_parcel_from_another_centre_is_settled_in_both_warehouses_once_it_has_landed() -> None:
    tables = {"warehouses": {
        WAREHOUSE: {"location_id": 8, "location_bin": "R1"}, "3PL-EAST": {"location_id": 9, "location_bin": "R1"},
    }}  # fmt: skip
    stage = stage_with(tables=tables)
    stage.shipbob.command("seed_location", {"id": 9, "name": "Moreno Valley"})
    for sku, units in (("0041", 40), ("PEN-BLK", 300)):
        stage.shipbob.command("seed_stock", {"sku": sku, "location_id": 9, "quantity": units})
    stage.run(minutes=60)
    number = sent(stage, line("0041", 5))
    shipped(stage, number, packages=[{"location_id": 9, "lines": [{"sku": "0041", "quantity": 5}]}])
    stage.run(minutes=30, webhooks=True)
    stage.acumatica.command("update_in", {})
    stage.run(minutes=150, webhooks=True)
    for name, location in ((WAREHOUSE, "8"), ("3PL-EAST", "9")):
        held = stage.acumatica.holdings()["stock"]["0041"][name]
        assert float(held) == stage.shipbob.holdings()["stock"][location]["0041"]
