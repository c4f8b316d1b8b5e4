"""Attacks on flow 4: goods between two books, documents that people leave lying or throw away."""

from __future__ import annotations

from typing import Any

from connector.message import enqueue
from connector.records import RecordStore
from local.simulators.acumatica.seed import line
from tests.flow.test_shipments import of_order, sent, shipped
from tests.flow.test_stock import WAREHOUSE, adjustments, books, shelf, stage_with
from tests.support.stage import Stage


def replay(stage: Stage) -> None:
    record = stage.records("stock")[WAREHOUSE]
    enqueue(stage.process, [RecordStore(stage.process).touch(record, "replay", "test", "A person replayed it.")])
    stage.settle()


# ---- goods between two books ----------------------------------------------------------------------------------


def test_a_labelled_parcel_that_waits_for_the_carrier_for_hours_is_in_flight() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 30))
    shipped(stage, number, label_only=True)
    stage.run(minutes=180, webhooks=True)
    assert adjustments(stage) == []
    stage.shipbob.command("ship", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=60, webhooks=True)
    stage.acumatica.command("update_in", {})
    stage.run(minutes=120, webhooks=True)
    assert adjustments(stage) == []
    assert books(stage, "0041") == shelf(stage, "0041") == 470


def test_picked_units_are_in_flight_although_picking_is_no_update() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 30))
    stage.shipbob.command("pick", {"reference_id": f"ACU-SO-{number}"})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -30, "category": "OrderPicked"})
    stage.run(minutes=180, webhooks=True)
    assert adjustments(stage) == []


def test_a_real_difference_beside_a_parcel_in_flight_is_posted_alone() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 30))
    shipped(stage, number, label_only=True)
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    stage.run(minutes=180, webhooks=True)
    assert adjustments(stage) == [[("0041", -7.0)]]
    assert number


def test_a_shipment_that_waits_in_acumatica_for_its_confirmation_is_in_flight() -> None:
    stage = stage_with(shipments={"confirm": False})
    number = sent(stage, line("0041", 30))
    shipped(stage, number)
    stage.run(minutes=180, webhooks=True)
    (shipment,) = of_order(stage, number)
    assert shipment["Status"] == "Open"
    assert adjustments(stage) == []
    stage.acumatica.command("confirm_shipment", {"shipment_nbr": shipment["ShipmentNbr"]})
    stage.acumatica.command("update_in", {})
    stage.run(minutes=120, webhooks=True)
    assert adjustments(stage) == []
    assert books(stage, "0041") == shelf(stage, "0041") == 470


def test_half_a_parcel_that_is_written_is_not_counted_once_more() -> None:
    tables: dict[str, Any] = {"warehouses": {
        "3PL-EAST": {"location_id": 133, "location_bin": "R1"}, "3PL-WEST": {"location_id": 8, "location_bin": "R1"},
    }}  # fmt: skip
    stage = stage_with(tables=tables)
    stage.shipbob.command("seed_location", {"id": 133, "name": "Ontario 6 (CA)"})
    stage.shipbob.command("seed_stock", {"sku": "0041", "location_id": 133, "quantity": 40})
    stage.run(minutes=60)
    before = adjustments(stage)
    number = sent(stage, line("0041", 20, WarehouseID="3PL-EAST"), line("0041", 30, WarehouseID="3PL-WEST"))
    stage.acumatica.command("create_shipment", {"order_nbr": number, "warehouse": "3PL-WEST"})
    shipped(stage, number)
    stage.run(minutes=10, webhooks=True)
    assert {found["Status"] for found in of_order(stage, number)} == {"Confirmed", "Open"}
    stage.acumatica.command("update_in", {})
    stage.run(minutes=120, webhooks=True)
    posted = [row for document in adjustments(stage)[len(before) :] for row in document if row[0] == "0041"]
    assert sum(quantity for _, quantity in posted) in (0, 20.0)  # 20 left the other building than they were booked from


def test_an_item_in_a_centre_that_is_not_mapped_is_nobodys_stock() -> None:
    stage = stage_with()
    stage.shipbob.command("seed_location", {"id": 77, "name": "Elsewhere"})
    stage.shipbob.command("seed_stock", {"sku": "0041", "location_id": 77, "quantity": 900})
    stage.run(minutes=120)
    assert adjustments(stage) == []


# ---- documents that people leave lying or throw away ----------------------------------------------------------


def test_an_adjustment_that_waits_for_its_release_is_not_posted_again() -> None:
    stage = stage_with(stock={"release": False})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    stage.run(minutes=60 * 50)
    assert adjustments(stage) == [[("0041", -7.0)]]
    assert "released" in stage.records("stock")[WAREHOUSE].why
    (number,) = list(stage.erp("InventoryAdjustment"))
    stage.acumatica.command("release", {"entity": "InventoryAdjustment", "key": number})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -2})
    stage.run(minutes=90)
    assert adjustments(stage) == [[("0041", -7.0)], [("0041", -2.0)]]


def test_an_adjustment_that_somebody_deleted_does_not_stop_the_warehouse() -> None:
    stage = stage_with()
    stage.acumatica.command("switch", {"adjustments_need_approval": True})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    stage.run(minutes=60)
    ((number, document),) = stage.erp("InventoryAdjustment").items()
    assert document["Status"] == "Pending Approval"
    assert stage.states("stock")[WAREHOUSE] == "refused"
    stage.acumatica.command("switch", {"adjustments_need_approval": False})
    stage.acumatica.command("delete", {"entity": "InventoryAdjustment", "key": number})
    replay(stage)
    stage.run(minutes=90)
    assert adjustments(stage) == [[("0041", -7.0)]]
    assert books(stage, "0041") == shelf(stage, "0041")


def test_a_wrong_reason_code_is_said_and_mended_by_a_replay() -> None:
    stage = stage_with(stock={"reason_code": "NOSUCH"})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    stage.run(minutes=60)
    record = stage.records("stock")[WAREHOUSE]
    assert (record.status.value, "Reason Code" in record.why) == ("refused", True)
    stage.acumatica.command("reason_code", {"id": "NOSUCH", "usage": "Adjustment"})
    replay(stage)
    stage.run(minutes=60)
    assert adjustments(stage) == [[("0041", -7.0)]]


def test_goods_that_come_back_into_the_books_are_in_flight_the_other_way() -> None:
    stage = stage_with(orders={"order_types": ["SA"]})
    number = sent(stage, line("0041", 30))
    made = stage.acumatica.command("create_shipment", {"order_nbr": number, "warehouse": WAREHOUSE})
    stage.acumatica.command("edit", {"entity": "Shipment", "key": made["key"], "fields": {"Operation": "Receipt"}})
    stage.acumatica.command("confirm_shipment", {"shipment_nbr": made["key"]})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": 30})
    stage.run(minutes=120)
    assert adjustments(stage) == []
