"""Flows shipments, voids and labels of Acumatica - ShipStation: what Acumatica holds after each story."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from tests.flow.test_shipstation_orders import stage_with_order
from tests.support.shipstation_stage import ShipStationStage

EVERY = [fault for fault in Fault if fault not in (Fault.STALE_READ, Fault.SLOW)]


def shipped(**changes: Any) -> tuple[ShipStationStage, str, int]:
    """A stage on which one order has left with one label, written and confirmed."""
    stage, number = stage_with_order(**changes)
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=8)
    assert stage.states("shipments") == {str(label): "done"}
    return stage, number, label


def held(stage: ShipStationStage, key: Any) -> str:
    """Why a parcel's record waits for a person."""
    record = stage.record("shipments", str(key))
    assert record.status.value == "held", (record.status, record.why)
    return str(record.why)


def tracking(stage: ShipStationStage, label: int) -> str:
    """The number of a label."""
    (found,) = [row for row in stage.shipstation.holdings()["shipments"] if row["shipmentId"] == label]
    return str(found["trackingNumbers"][0])


def statuses(stage: ShipStationStage) -> list[str]:
    """The status of every Acumatica shipment."""
    return [str(shipment["Status"]) for _, shipment in sorted(stage.erp_shipments().items())]


def quantities(stage: ShipStationStage) -> list[dict[str, float]]:
    """Per Acumatica shipment the quantity of each SKU."""
    return [
        {row["InventoryID"]: float(row["ShippedQty"]) for row in shipment["Details"]}
        for _, shipment in sorted(stage.erp_shipments().items())
    ]


# ---- labels that were bought --------------------------------------------------------------------------------


def test_a_label_becomes_a_confirmed_shipment_with_tracking_file_and_order_text() -> None:
    stage, number, label = shipped()
    assert stage.packages() == [("SH000001", tracking(stage, label))]
    assert statuses(stage) == ["Confirmed"]
    assert stage.erp("SalesOrder")[number]["Status"] == "Completed"
    assert tracking(stage, label) in stage.note(number)
    (shipment,) = stage.erp_shipments().values()
    assert shipment["ShipVia"] == "GROUND"
    assert [file["name"] for row in shipment["Packages"] for file in row["files"]] == [
        f"shipstation-{tracking(stage, label)}.pdf"
    ]
    assert stage.violations() == stage.acumatica.unknown_fields == stage.acumatica.ignored_fields == []


def test_later_polls_write_nothing_more() -> None:
    stage, _, _ = shipped()
    saves = [call for call in stage.acumatica.calls if call.method in ("PUT", "POST") and "/entity/D" in call.path]
    stage.run(minutes=120)
    after = [call for call in stage.acumatica.calls if call.method in ("PUT", "POST") and "/entity/D" in call.path]
    assert len(after) == len(saves)


def test_four_polls_cost_about_one_call_a_minute() -> None:
    stage, _, _ = shipped()
    before = len(stage.calls())
    stage.run(minutes=60)
    assert len(stage.calls()) - before <= 60


def test_a_partial_label_is_a_partial_shipment_and_the_rest_follows() -> None:
    stage, number = stage_with_order()
    stage.act("buy_label", order=number, items=[{"lineItemKey": "2", "quantity": 3}])
    stage.run(minutes=8)
    assert quantities(stage) == [{"Insert Card - A": 3.0}]
    assert stage.erp("SalesOrder")[number]["Status"] == "Back Order"
    stage.act("buy_label", order=number, items=[{"lineItemKey": "1", "quantity": 2}, {"lineItemKey": "2",
              "quantity": 2}])  # fmt: skip
    stage.run(minutes=8)
    assert quantities(stage) == [{"Insert Card - A": 3.0}, {"0041": 2.0, "Insert Card - A": 2.0}]
    assert stage.erp("SalesOrder")[number]["Status"] == "Completed"


def test_lines_of_two_warehouses_are_two_shipments() -> None:
    stage = ShipStationStage()
    number = stage.sales_order(line("0041", 2), line("PEN-BLK", 3, WarehouseID="3PL-EAST"))
    stage.run(minutes=3)
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=8)
    assert sorted(map(str, quantities(stage))) == ["{'0041': 2.0}", "{'PEN-BLK': 3.0}"]
    assert {number for _, number in stage.packages()} == {tracking(stage, label)}
    assert statuses(stage) == ["Confirmed", "Confirmed"]


def test_return_labels_and_other_channels_are_ignored() -> None:
    stage, number, _ = shipped()
    stage.act("return_label", order=number)
    other = stage.act("channel_import", store=22766, order={
        "orderNumber": "WEB-1", "orderDate": "2026-03-02", "billTo": {"name": "A"}, "shipTo": {"name": "A"},
        "items": [{"sku": "0041", "name": "x", "quantity": 1}],
    })  # fmt: skip
    stage.act("buy_label", order=other)
    stage.act("buy_label")
    stage.run(minutes=12)
    assert len(stage.records("shipments")) == 1
    assert len(stage.erp_shipments()) == 1


def test_a_split_order_is_resolved_by_its_parent() -> None:
    stage, number = stage_with_order()
    child = stage.act("split_order", order=number, items=[{"lineItemKey": "2", "quantity": 4}])
    stage.act("buy_label", order=child)
    stage.act("buy_label", order=f"ACU-SO-{number}")
    stage.run(minutes=10)
    assert sorted(map(str, quantities(stage))) == ["{'0041': 2.0, 'Insert Card - A': 1.0}", "{'Insert Card - A': 4.0}"]
    assert stage.erp("SalesOrder")[number]["Status"] == "Completed"
    assert set(stage.states("shipments").values()) == {"done"}


def test_merged_orders_share_one_label() -> None:
    stage = ShipStationStage()
    one, two = stage.sales_order(line("0041", 2)), stage.sales_order(line("0041", 3), line("PEN-BLK", 1))
    stage.run(minutes=3)
    stage.act("merge_orders", order=one, others=[two])
    label = stage.act("buy_label", order=one)["shipmentId"]
    stage.run(minutes=10)
    assert sorted(map(str, quantities(stage))) == ["{'0041': 2.0}", "{'0041': 3.0}", "{'PEN-BLK': 1.0}"]
    assert {stage.erp("SalesOrder")[number]["Status"] for number in (one, two)} == {"Completed"}
    assert {number for _, number in stage.packages()} == {tracking(stage, label)}
    assert tracking(stage, label) in stage.note(one)
    assert tracking(stage, label) in stage.note(two)


def test_merged_orders_that_are_marked_as_shipped_are_both_written() -> None:
    stage = ShipStationStage()
    one, two = stage.sales_order(line("0041", 2)), stage.sales_order(line("0041", 3))
    stage.run(minutes=3)
    stage.act("merge_orders", order=one, others=[two])
    stage.act("mark_as_shipped", order=one, carrier="UPS", tracking_number="1ZBOTH")
    stage.run(minutes=10)
    assert sorted(map(str, quantities(stage))) == ["{'0041': 2.0}", "{'0041': 3.0}"]


def test_a_part_of_merged_orders_goes_to_the_right_order_once_the_merge_was_heard_of() -> None:
    stage = ShipStationStage()
    one, two = stage.sales_order(line("0041", 5)), stage.sales_order(line("PEN-BLK", 1), line("0041", 3))
    stage.run(minutes=3)
    stage.act("merge_orders", order=one, others=[two])
    stage.run(minutes=8)
    stage.act("buy_label", order=one, items=[{"lineItemKey": "2", "quantity": 3}])
    stage.run(minutes=8)
    (shipment,) = stage.erp_shipments().values()
    assert [row["OrderNbr"] for row in shipment["Details"]] == [two]


def test_more_than_the_order_has_goes_to_a_person() -> None:
    stage, number = stage_with_order()
    stage.act("edit_item", order=number, line="1", members={"quantity": 9})
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=8)
    assert "7 of 0041 more than the order has open" in held(stage, label)
    assert stage.erp_shipments() == {}


def test_an_unknown_carrier_waits_for_its_ship_via_and_continues() -> None:
    from tests.support.shipstation_stage import document

    stage, number = stage_with_order(tables={"carriers": {"fedex": {"ship_via": "EXPRESS"}}})
    label = stage.act("buy_label", order=number, carrier="stamps_com", service="usps_priority_mail")["shipmentId"]
    stage.run(minutes=8)
    assert "carrier 'stamps_com'" in held(stage, label)
    stage.apply(document(tables={"carriers": {"stamps": {"ship_via": "GROUND"}}}))
    stage.run(minutes=7)
    assert stage.states("shipments")[str(label)] == "done"
    assert statuses(stage) == ["Confirmed"]


def test_a_ship_via_with_a_plug_in_is_never_used() -> None:
    stage, number = stage_with_order(tables={"carriers": {"*": {"ship_via": "UPSPLUGIN"}}})
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=8)
    assert "confirming the shipment would buy a second label" in held(stage, label)


def test_an_order_on_hold_in_acumatica_lets_its_shipment_wait_for_the_release() -> None:
    stage, number = stage_with_order()
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=8)
    assert "where it cannot be shipped meanwhile" in held(stage, label)
    stage.acumatica.command("release_hold", {"order_nbr": number})
    stage.run(minutes=12)
    assert statuses(stage) == ["Confirmed"]


# ---- marked as shipped --------------------------------------------------------------------------------------


def test_an_order_that_is_marked_as_shipped_is_written_too() -> None:
    stage, number = stage_with_order()
    made = stage.act("mark_as_shipped", order=number, carrier="UPS", tracking_number="1ZMARKED")
    stage.run(minutes=8)
    assert stage.states("shipments") == {f"F{made}": "done"}
    assert stage.packages() == [("SH000001", "1ZMARKED")]
    assert statuses(stage) == ["Confirmed"]
    assert stage.states("labels") == {}


def test_what_a_label_left_over_is_what_marking_ships() -> None:
    stage, number = stage_with_order()
    stage.act("buy_label", order=number, items=[{"lineItemKey": "1", "quantity": 2}])
    stage.run(minutes=8)
    stage.act("mark_as_shipped", order=number, carrier="UPS", tracking_number="1ZREST")
    stage.run(minutes=8)
    assert quantities(stage) == [{"0041": 2.0}, {"Insert Card - A": 5.0}]


def test_marking_can_be_left_to_people() -> None:
    stage, number = stage_with_order(shipments={"marked_as_shipped": False})
    made = stage.act("mark_as_shipped", order=number, carrier="UPS", tracking_number="1ZMARKED")
    stage.run(minutes=8)
    assert "marked as shipped without a label" in held(stage, f"F{made}")


# ---- voids --------------------------------------------------------------------------------------------------


def test_a_void_before_anything_was_written_writes_nothing() -> None:
    stage, number = stage_with_order()
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.act("void_label", shipment=label)
    stage.run(minutes=10)
    assert stage.erp_shipments() == {}
    assert stage.states("shipments") == {str(label): "done"}


def test_a_void_of_a_shipment_that_is_not_confirmed_withdraws_the_number() -> None:
    stage, number, label = shipped(shipments={"confirm": False})
    stage.act("void_label", shipment=label)
    stage.run(minutes=10)
    assert stage.packages() == [("SH000001", "")]
    assert "void" in stage.note(number)
    assert stage.states("shipments") == {str(label): "done"}


def test_a_void_can_mark_instead() -> None:
    stage, _, label = shipped(shipments={"confirm": False}, voids={"tracking": "mark"})
    number = tracking(stage, label)
    stage.act("void_label", shipment=label)
    stage.run(minutes=10)
    (shipment,) = stage.erp_shipments().values()
    (package,) = shipment["Packages"]
    assert (package["TrackingNbr"], package["CustomRefNbr2"]) == (number, f"VOID {number}"[:30])


def test_a_void_of_a_confirmed_shipment_goes_to_a_person() -> None:
    stage, number, label = shipped()
    stage.act("void_label", shipment=label)
    stage.run(minutes=10)
    assert "is Confirmed and is not opened again by this connection" in held(stage, label)
    assert statuses(stage) == ["Confirmed"]
    assert "void" in stage.note(number)


def test_another_label_ends_what_its_void_has_held() -> None:
    stage, number, label = shipped()
    stage.act("void_label", shipment=label)
    stage.run(minutes=10)
    second = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=10)
    assert stage.states("shipments") == {str(label): "done", str(second): "done"}
    assert len(stage.erp_shipments()) == 1
    assert tracking(stage, second) in stage.note(number)
    assert "keeps it; the sales order shows" in " ".join(stage.record("shipments", str(second)).notes)


def test_a_void_can_open_the_shipment_again_and_the_next_label_goes_onto_it() -> None:
    stage, number, label = shipped(voids={"reopen": True})
    stage.act("void_label", shipment=label)
    stage.run(minutes=10)
    assert statuses(stage) == ["Open"]
    assert stage.packages() == [("SH000001", "")]
    second = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=10)
    assert statuses(stage) == ["Confirmed"]
    assert stage.packages() == [("SH000001", tracking(stage, second))]
    assert set(stage.states("shipments").values()) == {"done"}


def test_a_shipment_whose_stock_is_posted_is_not_opened_again() -> None:
    stage, _, label = shipped(voids={"reopen": True})
    stage.acumatica.command("update_in", {"shipment_nbr": "SH000001"})
    stage.act("void_label", shipment=label)
    stage.run(minutes=12)
    held(stage, label)
    assert statuses(stage) == ["Completed"] or statuses(stage) == ["Confirmed"]


# ---- faults -------------------------------------------------------------------------------------------------

WRITES = [
    r"PUT .*/Shipment$", r"POST .*/Shipment/ConfirmShipment", r"PUT .*/files/", r"PUT .*/SalesOrder$",
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.ERROR_500_BEFORE,
                                   Fault.ERROR_500_AFTER, Fault.GARBAGE_AFTER, Fault.THROTTLED])  # fmt: skip
def test_whatever_happens_to_a_save_there_is_one_shipment_with_one_package(fault: Fault, write: str) -> None:
    stage, number = stage_with_order()
    stage.acumatica.dial.plan(fault, write)
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=45)
    assert stage.packages() == [("SH000001", tracking(stage, label))]
    assert statuses(stage) == ["Confirmed"]
    assert set(stage.states("shipments").values()) == {"done"}
    assert set(stage.states("labels").values()) == {"done"}


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.value)
@pytest.mark.parametrize("read", [r"GET /shipments", r"GET /fulfillments", r"GET /v2/"])
def test_whatever_happens_to_a_list_nothing_is_missed(fault: Fault, read: str) -> None:
    stage, number = stage_with_order()
    stage.shipstation.dial.plan(fault, read, times=3)
    stage.act("buy_label", order=number, items=[{"lineItemKey": "1", "quantity": 2}])
    stage.act("mark_as_shipped", order=number, carrier="UPS", tracking_number="1ZREST")
    stage.run(minutes=50)
    assert sorted(map(str, quantities(stage))) == ["{'0041': 2.0}", "{'Insert Card - A': 5.0}"]
    assert set(stage.states("shipments").values()) == {"done"}
    assert set(stage.states("labels").values()) == {"done"}


def test_a_plan_without_v2_stops_labels_and_nothing_else() -> None:
    stage, number = stage_with_order()
    stage.act("set", v2_available=False)
    stage.act("buy_label", order=number)
    stage.run(minutes=10)
    assert statuses(stage) == ["Confirmed"]
    (record,) = stage.records("labels").values()
    assert record.status.value == "held"
    assert "plan" in record.why


def test_labels_can_be_switched_off() -> None:
    stage, _, _ = shipped(shipstation={"labels": False})
    assert stage.calls("/v2/") == []
    assert stage.states("labels") == {}


# ---- webhooks -----------------------------------------------------------------------------------------------

SLOW = {name: {"every_seconds": 86_400} for name in ("shipments", "voids", "fulfillments", "states")}


def test_a_webhook_is_enough() -> None:
    stage = ShipStationStage(schedule=SLOW)
    stage.hook()
    number = stage.sales_order(line("0041", 2))
    stage.run(minutes=3)
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=5, webhooks=True)
    assert stage.packages() == [("SH000001", tracking(stage, label))]
    assert set(stage.states("notices").values()) == {"done"}
    assert stage.violations() == []


@pytest.mark.parametrize("switch", [{"duplicate_deliveries": 2}, {"reorder_deliveries": True}, {"sign_webhooks": True},
                                    {"sign_webhooks": True, "base64url_signatures": True}])  # fmt: skip
def test_webhooks_twice_in_another_order_or_signed_lead_to_the_same(switch: dict[str, Any]) -> None:
    stage = ShipStationStage(schedule=SLOW)
    stage.act("set", **switch)
    stage.hook()
    stage.hook("ORDER_NOTIFY")
    number = stage.sales_order(line("0041", 2))
    stage.run(minutes=4, webhooks=True)
    stage.act("buy_label", order=number)
    stage.run(minutes=5, webhooks=True)
    assert len(stage.erp_shipments()) == 1
    assert len(stage.packages()) == 1
    assert stage.order(number)["writes"] == 1


def test_a_provider_that_ships_is_heard_of() -> None:
    stage = ShipStationStage(schedule=SLOW)
    stage.hook("FULFILLMENT_SHIPPED")
    number = stage.sales_order(line("0041", 2))
    stage.run(minutes=3)
    stage.act("send_to_provider", order=number)
    stage.act("provider_ships", order=number, tracking_number="1ZPROVIDER")
    stage.run(minutes=5, webhooks=True)
    assert stage.packages() == [("SH000001", "1ZPROVIDER")]


def test_lost_webhooks_cost_minutes_and_no_parcel() -> None:
    stage = ShipStationStage()
    stage.act("set", drop_deliveries=True)
    stage.hook()
    number = stage.sales_order(line("0041", 2))
    stage.run(minutes=3, webhooks=True)
    stage.act("buy_label", order=number)
    stage.run(minutes=10, webhooks=True)
    assert statuses(stage) == ["Confirmed"]


# ---- what people do there -----------------------------------------------------------------------------------


def test_a_cancellation_at_shipstation_goes_to_a_person() -> None:
    stage, number = stage_with_order()
    stage.act("set_status", order=number, status="cancelled")
    stage.run(minutes=8)
    (record,) = stage.records("states").values()
    assert record.status.value == "held"
    assert f"order SO/{number} is still wanted in Acumatica" in record.why


def test_edits_at_shipstation_are_noted() -> None:
    stage, number = stage_with_order()
    stage.run(minutes=6)
    stage.act("edit_item", order=number, line="1", members={"quantity": 1})
    stage.run(minutes=8)
    (record,) = stage.records("states").values()
    assert "edited at ShipStation: line 1 is 1 of 0041 there, 2 of 0041 here" in record.notes


def test_our_own_orders_end_as_same_without_a_call_each() -> None:
    stage = ShipStationStage()
    for _ in range(20):
        stage.sales_order(line("0041", 1))
    stage.run(minutes=12)
    assert stage.calls("GET /orders/") == []
    assert set(stage.states("states").values()) == {"done"}


def test_product_records_are_aligned_and_unknown_ones_are_listed() -> None:
    stage = ShipStationStage()
    stage.act("seed_product", sku="0041", name="old name", warehouseLocation="Bin 9")
    stage.run(minutes=15)
    (product,) = [row for row in stage.shipstation.holdings()["products"] if row["sku"] == "0041"]
    assert product["name"] == "Field notebook, ruled"
    assert product["warehouseLocation"] == "Bin 9"
    assert float(product["weightOz"]) == 7.2
    unknown = {item["sk"] for item in stage.world.tables.items("state") if item["pk"] == "unknown-sku/demo"}
    assert "0041" not in unknown
    assert unknown
    assert stage.calls("POST /products") == []
    writes = len(stage.calls("PUT /products"))
    stage.run(minutes=30)
    assert len(stage.calls("PUT /products")) == writes == 1
