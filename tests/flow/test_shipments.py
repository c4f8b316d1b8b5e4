"""Flow 3, shipments back to Acumatica: what Acumatica then holds, what the order shows."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from tests.flow.test_orders import put
from tests.support.stage import Stage, document


def stage_with(*, webhooks: bool = True, **changes: Any) -> Stage:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}}, **changes)
    if webhooks:
        stage.subscribe()
    return stage


def shipped(stage: Stage, number: str, **how: Any) -> dict[str, Any]:
    """The warehouse ships; what it answers."""
    return dict(stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}", **how}))


def sent(stage: Stage, *lines: dict[str, Any], **fields: Any) -> str:
    number = put(stage, *lines, **fields)
    stage.run(minutes=3)
    return number


def of_order(stage: Stage, number: str) -> list[dict[str, Any]]:
    """Acumatica's shipments of an order."""
    found = stage.erp("Shipment").values()
    return [shipment for shipment in found if any(row["OrderNbr"] == number for row in shipment["Details"])]


def packed(shipment: dict[str, Any]) -> list[str]:
    return [package.get("TrackingNbr", "") for package in shipment.get("Packages", [])]


def rows(shipment: dict[str, Any]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for row in shipment["Details"]:
        totals[row["InventoryID"].strip()] = totals.get(row["InventoryID"].strip(), 0) + row["ShippedQty"]
    return totals


def saves(stage: Stage) -> list[str]:
    """Every write to Acumatica, as `PUT Shipment` or `POST ConfirmShipment`; inquiries are no writes."""
    calls = [
        call for call in stage.acumatica.calls if call.method in ("PUT", "POST") and "/entity/Default/" in call.path
    ]
    return [f"{call.method} {call.path.rsplit('/', 1)[-1]}" for call in calls if "Inquiry" not in call.path]


def note(stage: Stage, number: str) -> str:
    return str(stage.erp("SalesOrder")[number].get("note") or "")


def test_a_shipment_ends_confirmed_with_tracking_and_the_order_completed() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 2), line("KIT-DESK", 1))
    tracking = shipped(stage, number)["tracking_numbers"]
    stage.run(minutes=2, webhooks=True)
    (shipment,) = of_order(stage, number)
    assert (shipment["Status"], packed(shipment), rows(shipment)) == ("Confirmed", tracking, {"0041": 2, "KIT-DESK": 1})
    assert stage.erp("SalesOrder")[number]["Status"] == "Completed"
    assert tracking[0] in note(stage, number)
    assert stage.acumatica.unknown_fields == []


def test_the_poll_finds_what_no_webhook_announced() -> None:
    stage = stage_with(webhooks=False)
    number = sent(stage, line("0041", 2))
    shipped(stage, number)
    stage.run(minutes=7)
    assert [found["Status"] for found in of_order(stage, number)] == ["Confirmed"]


def test_one_shipment_costs_three_saves_and_the_order_two_reads() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 2))
    shipped(stage, number)
    stage.run(minutes=3, webhooks=True)
    calls = [call for call in stage.acumatica.calls if number in call.path + call.query or "/Shipment" in call.path]
    assert saves(stage) == ["PUT Shipment", "PUT Shipment", "PUT SalesOrder", "POST ConfirmShipment"]
    reads = [call.path for call in calls if call.method == "GET" and f"/SalesOrder/SO/{number}" in call.path]
    assert len(reads) == 2


def test_several_parcels_become_several_shipments_with_partial_quantities() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 5), line("KIT-DESK", 2))
    first = {"lines": [{"sku": "0041", "quantity": 4}]}
    second = {"lines": [{"sku": "0041", "quantity": 1}, {"sku": "KIT-DESK", "quantity": 2}], "carrier": "UPS"}
    numbers = shipped(stage, number, packages=[first, second])["tracking_numbers"]
    stage.run(minutes=5, webhooks=True)
    found = sorted(of_order(stage, number), key=lambda shipment: packed(shipment))
    assert sorted(tracking for shipment in found for tracking in packed(shipment)) == sorted(numbers)
    parts = [rows(shipment) for shipment in found]
    assert {"0041": 4} in parts
    assert {"0041": 1, "KIT-DESK": 2} in parts
    assert {shipment["Status"] for shipment in found} == {"Confirmed"}
    assert stage.erp("SalesOrder")[number]["Status"] == "Completed"


def test_a_partial_shipment_leaves_the_rest_open_and_the_rest_follows_later() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 5))
    shipped(stage, number, packages=[{"lines": [{"sku": "0041", "quantity": 2}]}])
    stage.run(minutes=5, webhooks=True)
    assert [rows(found) for found in of_order(stage, number)] == [{"0041": 2}]
    assert stage.erp("SalesOrder")[number]["Status"] != "Completed"
    shipped(stage, number)
    stage.run(minutes=5, webhooks=True)
    assert sorted(rows(found)["0041"] for found in of_order(stage, number)) == [2, 3]
    assert stage.erp("SalesOrder")[number]["Status"] == "Completed"
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_two_lines_of_the_same_sku_are_filled_in_order() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 2), line("0041", 3))
    shipped(stage, number)
    stage.run(minutes=3, webhooks=True)
    (shipment,) = of_order(stage, number)
    assert sorted(row["ShippedQty"] for row in shipment["Details"]) == [2, 3]


def test_cases_come_back_as_cases() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 2, UOM="CASE"))
    shipped(stage, number)
    stage.run(minutes=3, webhooks=True)
    (shipment,) = of_order(stage, number)
    assert [(row["ShippedQty"], row["UOM"]) for row in shipment["Details"]] == [(2, "CASE")]


def test_an_unmapped_carrier_holds_the_shipment_until_it_is_mapped() -> None:
    stage = stage_with(tables={"carriers": {"USPS": {"ship_via": "GROUND"}}})
    number = sent(stage, line("0041", 1))
    shipped(stage, number, carrier="UniUni")
    stage.run(minutes=3, webhooks=True)
    assert of_order(stage, number) == []
    record = next(iter(stage.records("shipments").values()))
    assert (record.status.value, "UniUni" in record.why) == ("held", True)
    both = {"USPS": {"ship_via": "GROUND"}, "UniUni": {"ship_via": "EXPRESS"}}
    stage.apply(document(tables={"carriers": both}, schedule={"shipments": {"every_seconds": 300}}))
    stage.run(minutes=2)
    assert [found["ShipVia"] for found in of_order(stage, number)] == ["EXPRESS"]


def test_a_ship_via_with_a_carrier_plug_in_is_refused_with_the_reason_and_no_label_is_bought() -> None:
    stage = stage_with(tables={"carriers": {"*": {"ship_via": "UPSPLUGIN"}}})
    number = sent(stage, line("0041", 1))
    shipped(stage, number)
    stage.run(minutes=3, webhooks=True)
    record = next(iter(stage.records("shipments").values()))
    assert record.status.value == "held"
    assert "second label" in record.why
    assert stage.acumatica.holdings()["labels_bought_by_plugin"] == []
    assert of_order(stage, number) == []


def test_delivery_news_arrive_on_the_order_and_late_or_repeated_news_take_nothing_back() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    reference = {"reference_id": f"ACU-SO-{number}"}
    shipped(stage, number)
    stage.run(minutes=2, webhooks=True)
    stage.shipbob.command("move", {**reference, "status": "InTransit"})
    stage.shipbob.command("move", {**reference, "status": "Delivered"})
    stage.run(minutes=2, webhooks=True)
    delivered = note(stage, number)
    assert "delivered" in delivered
    before = len(saves(stage))
    stage.run(minutes=90, webhooks=True)
    assert note(stage, number) == delivered
    assert len(saves(stage)) == before


def test_what_people_wrote_into_the_note_stays() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1), note="Leave with the neighbour")
    shipped(stage, number)
    stage.run(minutes=3, webhooks=True)
    assert note(stage, number).startswith("Leave with the neighbour")


def test_a_configured_field_is_used_instead_of_the_note() -> None:
    stage = stage_with(shipments={"order_field": "AttributeTRACKINGNBR"})
    number = sent(stage, line("0041", 1))
    tracking = shipped(stage, number)["tracking_numbers"][0]
    stage.run(minutes=3, webhooks=True)
    order = stage.erp("SalesOrder")[number]
    assert tracking in str(order["custom"]["Document"]["AttributeTRACKINGNBR"])
    assert not order.get("note")


def test_without_confirmation_the_shipment_stays_open_with_its_tracking() -> None:
    stage = stage_with(shipments={"confirm": False})
    number = sent(stage, line("0041", 1))
    tracking = shipped(stage, number)["tracking_numbers"]
    stage.run(minutes=3, webhooks=True)
    assert [(found["Status"], packed(found)) for found in of_order(stage, number)] == [("Open", tracking)]


def test_a_shipment_that_comes_back_on_hold_is_taken_off_hold() -> None:
    stage = stage_with()
    stage.acumatica.command("switch", {"shipments_start_on_hold": True})
    number = sent(stage, line("0041", 1))
    shipped(stage, number)
    stage.run(minutes=3, webhooks=True)
    assert [found["Status"] for found in of_order(stage, number)] == ["Confirmed"]


def test_a_placeholder_tracking_number_is_not_final() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    shipped(stage, number, placeholder=True)
    stage.run(minutes=3, webhooks=True)
    assert of_order(stage, number) == []
    stage.shipbob.command("relabel", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=10, webhooks=True)
    assert [found["Status"] for found in of_order(stage, number)] == ["Confirmed"]
    assert not packed(of_order(stage, number)[0])[0].startswith("SBAAA")


def test_an_exception_and_a_hold_are_shown_and_nothing_is_shipped() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    stage.shipbob.command("hold", {"reference_id": f"ACU-SO-{number}", "reason": "InvalidAddress"})
    stage.run(minutes=3, webhooks=True)
    assert "OnHold: InvalidAddress" in note(stage, number)
    assert of_order(stage, number) == []


@pytest.mark.parametrize("match", [r"PUT .*/Shipment$", r"POST .*/ConfirmShipment$", r"PUT .*/SalesOrder$"])
@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.GARBAGE_AFTER, Fault.ERROR_500_AFTER])
def test_lost_answers_never_double_a_shipment(match: str, fault: Fault) -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 2))
    tracking = shipped(stage, number)["tracking_numbers"]
    stage.acumatica.dial.plan(fault, match)
    stage.run(minutes=20, webhooks=True)
    assert [(found["Status"], packed(found)) for found in of_order(stage, number)] == [("Confirmed", tracking)]


def test_an_order_that_is_not_ours_is_left_alone() -> None:
    stage = stage_with()
    stage.run(minutes=2)
    body = {
        "reference_id": "SHOP-1", "type": "DTC", "shipping_method": "Standard",
        "recipient": {
            "name": "A B",
            "address": {"address1": "1 X", "city": "Y", "country": "US", "state": "WA", "zip_code": "98407"},
        },
        "products": [{"reference_id": "0041", "name": "0041", "quantity": 1}],
    }  # fmt: skip
    from local.simulators import base
    from local.simulators.shipbob.simulator import DEFAULT_PAT, PAT_CHANNEL

    headers = {
        "Authorization": f"Bearer {DEFAULT_PAT}",
        "Content-Type": "application/json",
        "shipbob_channel_id": str(PAT_CHANNEL),
    }
    import json

    reply = stage.shipbob.handle(base.Request("POST", "/2026-01/order", "", headers, json.dumps(body).encode()))
    assert reply.status == 201
    stage.shipbob.command("fulfil", {"reference_id": "SHOP-1"})
    stage.run(minutes=10, webhooks=True)
    assert stage.erp("Shipment") == {}


def test_freight_that_left_without_a_number_goes_to_a_person_after_a_day() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 5))
    shipped(stage, number, placeholder=True)
    stage.run(minutes=60)
    (record,) = stage.records("shipments").values()
    assert (record.status.value, of_order(stage, number)) == ("waiting", [])
    stage.run(minutes=60 * 25)
    (record,) = stage.records("shipments").values()
    assert record.status.value == "held"
    assert "left without a tracking number" in record.why
    assert number in record.why
    stage.shipbob.command("relabel", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=75)
    (shipment,) = of_order(stage, number)
    held = stage.shipbob.holdings()["shipments"].values()
    assert packed(shipment) == [str(it["tracking"]["tracking_number"]) for it in held]
    (record,) = stage.records("shipments").values()
    assert (record.status.value, record.links["nameless_since"]) == ("done", "")
