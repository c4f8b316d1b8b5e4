"""Shipments and tracking: the life of a parcel, splits, what is shown when, and the changes that are allowed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from local.simulators.shipbob import PAT_CHANNEL, READ_ONLY_CHANNEL
from tests.simulators.shipbob_bench import Bench, an_order, document

LINE = an_order()["products"][0]


def two_sku_order(bench: Bench, reference: str = "TWO") -> int:
    other = {**LINE, "reference_id": "TSHIRT-BLU-L", "sku": "TSHIRT-BLU-L", "quantity": 3, "external_line_id": 2}
    return int(bench.order(reference, products=[LINE, other])["id"])


def test_completed_means_left_and_comes_before_delivered() -> None:
    bench = Bench()
    number = bench.order()["id"]
    made = bench.command("fulfil", order_id=number)
    shipment = bench.get(f"/shipment/{made['shipment_ids'][0]}")
    assert (shipment["status"], shipment["delivery_date"]) == ("Completed", None)
    assert [each["name"] for each in shipment["status_details"]] == ["Processing"]
    assert shipment["tracking"]["tracking_number"] == made["tracking_numbers"][0]
    assert bench.get(f"/order/{number}")["status"] == "Fulfilled"
    for step in ("InTransit", "OutForDelivery", "Delivered"):
        bench.wait(3600)
        bench.command("move", order_id=number, status=step)
        shipment = bench.get(f"/shipment/{made['shipment_ids'][0]}")
        assert [each["name"] for each in shipment["status_details"]] == [step]
        assert shipment["status"] == "Completed"
    assert shipment["delivery_date"] == "2026-03-02T18:04:10+00:00"


def test_fulfilling_reduces_on_hand_at_the_location_and_writes_the_event() -> None:
    bench = Bench()
    bench.command("fulfil", reference_id=bench.order()["reference_id"])
    held = bench.simulator.holdings()
    assert held["stock"]["8"]["TSHIRT-BLU-M"] == 98
    assert held["inventory_events"][-1]["category"] == "OrderPicked"
    assert held["inventory_events"][-1]["quantity"] == -2


def test_an_order_can_be_split_over_locations_into_several_parcels() -> None:
    bench = Bench()
    bench.stock("TSHIRT-BLU-L", 5, location=10)
    number = two_sku_order(bench)
    packages = [
        {"lines": [{"sku": "TSHIRT-BLU-M", "quantity": 2}], "carrier": "UPS"},
        {"lines": [{"sku": "TSHIRT-BLU-L", "quantity": 3}], "location_id": 10, "carrier": "FedEx"},
    ]
    made = bench.command("fulfil", order_id=number, packages=packages)
    shipments = bench.get(f"/order/{number}/shipment")
    assert [each["id"] for each in shipments] == made["shipment_ids"]
    assert [each["location"]["id"] for each in shipments] == [8, 10]
    assert [each["tracking"]["carrier"] for each in shipments] == ["UPS", "FedEx"]
    assert re.fullmatch(r"1Z[0-9A-Z]{16}", made["tracking_numbers"][0])
    assert bench.simulator.holdings()["stock"]["10"]["TSHIRT-BLU-L"] == 2


def test_a_partial_shipment_leaves_an_open_one() -> None:
    bench = Bench()
    number = two_sku_order(bench)
    bench.command("fulfil", order_id=number, packages=[{"lines": [{"sku": "TSHIRT-BLU-L", "quantity": 1}]}])
    order = bench.get(f"/order/{number}")
    assert order["status"] == "PartiallyFulfilled"
    units = [
        {item["name"]: item["quantity"] for product in each["products"] for item in product["inventory_items"]}
        for each in order["shipments"]
    ]
    assert units == [{"Large Blue T-Shirt": 1}, {"Medium Blue T-Shirt": 2, "Large Blue T-Shirt": 2}]
    bench.command("fulfil", order_id=number)
    assert bench.get(f"/order/{number}")["status"] == "Fulfilled"


def test_nothing_is_picked_when_the_location_is_short() -> None:
    bench = Bench()
    number = two_sku_order(bench)
    before = bench.simulator.holdings()
    with pytest.raises(ValueError, match="holds 0 of TSHIRT-BLU-L"):
        bench.command(
            "fulfil", order_id=number, packages=[{"location_id": 10, "lines": [{"sku": "TSHIRT-BLU-L", "quantity": 1}]}]
        )
    assert bench.simulator.holdings() == before


def test_a_bundle_ships_component_units() -> None:
    bench = Bench()
    bench.command("seed_product", sku="KIT", name="Kit", components={"TSHIRT-BLU-M": 1, "TSHIRT-BLU-L": 2})
    number = bench.order(products=[{**LINE, "reference_id": "KIT", "sku": "KIT"}])["id"]
    product = bench.get(f"/order/{number}/shipment")[0]["products"][0]
    assert (product["sku"], [item["quantity"] for item in product["inventory_items"]]) == ("KIT", [2, 4])


def test_the_label_comes_first_and_its_number_may_be_a_placeholder() -> None:
    bench = Bench()
    number = bench.order()["id"]
    made = bench.command("fulfil", order_id=number, label_only=True, placeholder=True)
    assert made["tracking_numbers"][0].startswith("SBAAA")
    shipment = bench.get(f"/order/{number}/shipment")[0]
    assert (shipment["status"], shipment["status_details"][0]["name"]) == ("LabeledCreated", "Labeled")
    new = bench.command("relabel", order_id=number)
    assert bench.get(f"/order/{number}/shipment")[0]["tracking"]["tracking_number"] == new[0]
    bench.command("ship", order_id=number)
    assert bench.get(f"/order/{number}/shipment")[0]["status"] == "Completed"
    assert len(bench.get(f"/order/{number}/shipment")) == 1


def test_timeline_events_leave_last_update_at_alone() -> None:
    bench = Bench()
    number = bench.order()["id"]
    bench.command("pick", order_id=number)
    shipment = bench.get(f"/order/{number}/shipment")[0]
    assert (shipment["last_update_at"], shipment["status_details"][0]["name"]) == (None, "Picked")
    for path in (f"/shipment/{shipment['id']}", f"/order/{number}/shipment/{shipment['id']}"):
        for kind in ("timeline", "logs"):
            assert [row["log_type_id"] for row in bench.get(f"{path}/{kind}")] == [601, 613, 602]


@pytest.mark.parametrize("carrier", ["USPS", "UPS", "FedEx", "UniUni", "OSMWorldwide", "Cirro", "Unheard Of"])
def test_carriers_have_their_own_numbers_and_unknown_ones_do_too(carrier: str) -> None:
    bench = Bench()
    patterns = {"USPS": r"94001\d{17}", "UPS": r"1Z[A-Z0-9]{16}", "FedEx": r"\d{12}", "UniUni": r"UUS5BS\d{13}"}
    patterns |= {"OSMWorldwide": r"924199\d{16}", "Cirro": r"CR\d{12}"}
    made = bench.command("fulfil", order_id=bench.order()["id"], carrier=carrier)
    assert re.fullmatch(patterns.get(carrier, ".+"), made["tracking_numbers"][0])


def test_the_fraction_of_times_has_zero_to_seven_digits() -> None:
    bench = Bench()
    lengths = set()
    for index in range(16):
        created = bench.order(f"R-{index}")["created_date"]
        lengths.add(len(created.split("+")[0].partition(".")[2]))
    assert lengths == set(range(8))


def test_hold_exception_and_cancel_by_the_warehouse() -> None:
    bench = Bench()
    number = bench.order()["id"]
    for command, status, detail in (
        ("hold", "OnHold", 401),
        ("release", "Processing", None),
        ("exception", "Exception", 303),
    ):
        bench.command(command, order_id=number)
        shipment = bench.get(f"/order/{number}/shipment")[0]
        assert shipment["status"] == status
        assert [each["id"] for each in shipment["status_details"]] == ([detail] if detail else [])
        assert shipment["tracking"] is None
        assert shipment["last_update_at"] is not None
    bench.command("cancel_shipment", order_id=number)
    assert bench.get(f"/order/{number}")["status"] == "Cancelled"


def test_a_shipment_is_cancelled_by_the_api_only_before_picking() -> None:
    bench = Bench()
    first, second = bench.order("A")["id"], bench.order("B")["id"]
    open_one = bench.get(f"/order/{first}/shipment")[0]["id"]
    gone = bench.command("fulfil", order_id=second)["shipment_ids"][0]
    assert document(bench.call("POST", f"/shipment/{open_one}:cancel"))["status"] == "Cancelled"
    assert bench.call("POST", f"/order/{second}/shipment/{gone}:cancel").status == 422
    assert bench.call("POST", f"/order/{first}/shipment/{gone}:cancel").status == 404
    answered = document(
        bench.call("POST", "/shipment:batchCancel", {"shipment_ids": [open_one, gone, 1]}, channel=PAT_CHANNEL)
    )
    assert [row["is_success"] for row in answered["results"]] == [False, False, False]
    assert bench.get(f"/shipment/{gone}")["status"] == "Completed"


@pytest.mark.parametrize(
    "body", [{}, {"shipment_ids": []}, {"shipment_ids": ["1"]}, {"shipment_ids": [1], "force": True}]
)
def test_wrong_batch_cancels_are_refused(body: dict[str, Any]) -> None:
    assert Bench().call("POST", "/shipment:batchCancel", body, channel=PAT_CHANNEL).status in (400, 422)


@pytest.mark.parametrize("body", [{}, {"shipment_ids": [1]}, {"shipment_ids": [1], "is_tracking_uploaded": "true"}])
def test_wrong_upload_marks_are_refused(body: dict[str, Any]) -> None:
    assert Bench().call("POST", "/shipment:batchUpdateTrackingUpload", body).status == 400


def test_upload_marks_answer_in_camel_case_with_a_summary() -> None:
    bench = Bench()
    shipment = bench.command("fulfil", order_id=bench.order()["id"])["shipment_ids"][0]
    body = {"shipment_ids": [shipment, 1], "is_tracking_uploaded": True}
    answered = document(bench.call("POST", "/shipment:batchUpdateTrackingUpload", body))
    assert answered["results"][0] == {"shipmentId": shipment, "isSuccess": True, "error": None}
    assert answered["summary"] == {"total": 2, "successful": 1, "failed": 1}


@pytest.mark.parametrize(
    "query", ["", "ShipmentIds=1,2", "&".join(f"ShipmentIds={n}" for n in range(1, 27)), "ShipmentIds=x"]
)
def test_tracking_wants_1_to_25_repeated_ids_and_no_comma_list(query: str) -> None:
    assert Bench().call("GET", "/shipments-tracking", query=query).status == 400


def test_tracking_in_the_live_shape_newest_first() -> None:
    bench = Bench()
    made = bench.command("fulfil", order_id=bench.order()["id"])
    for step in ("InTransit", "Delivered"):
        bench.wait(3600)
        bench.command("move", shipment_id=made["shipment_ids"][0], status=step)
    rows = bench.get("/shipments-tracking", query=f"ShipmentIds={made['shipment_ids'][0]}&ShipmentIds=1")
    assert [(row["current_status"], row["current_substatus_code"]) for row in rows] == [("Delivered", "Delivered_001")]
    assert [event["status"] for event in rows[0]["history"]] == ["Delivered", "InTransit"]
    assert bench.get("/tracking", query=f"TrackingIds={made['tracking_numbers'][0]}") == rows


def test_tracking_in_the_shape_of_the_specification() -> None:
    bench = Bench(tracking_shape="spec")
    made = bench.command("fulfil", order_id=bench.order()["id"])
    bench.command("move", shipment_id=made["shipment_ids"][0], status="DeliveryAttemptFailed")
    row = bench.get("/shipments-tracking", query=f"ShipmentIds={made['shipment_ids'][0]}")[0]
    assert (row["status"], row["carrier_tracking_number"]) == ("Delivery attempt Failed", made["tracking_numbers"][0])
    live = bench.get("/shipments-tracking", query=f"ShipmentIds={made['shipment_ids'][0]}", version="2026-07")[0]
    assert live["current_status"] == "DeliveryAttemptFailed"


def test_only_a_shipment_that_left_can_travel() -> None:
    bench = Bench()
    number = bench.order()["id"]
    with pytest.raises(ValueError, match="no shipment that is Completed"):
        bench.command("move", order_id=number, status="InTransit")
    bench.command("fulfil", order_id=number)
    with pytest.raises(ValueError, match="no step"):
        bench.command("move", order_id=number, status="Teleported")


def test_a_corrected_address_lifts_the_hold() -> None:
    bench = Bench()
    recipient = an_order()["recipient"]
    recipient["address"]["zip_code"] = None
    number = bench.order(recipient=recipient)["id"]
    shipment = bench.get(f"/order/{number}/shipment")[0]["id"]
    assert bench.call("PUT", f"/shipment/{shipment}:updateAddress", {"city": "X"}).status == 400
    body = {
        "street_address1": "1 New St",
        "city": "Gotham City",
        "state": "NJ",
        "zip_code": "07093",
        "country_code": "US",
    }
    assert document(bench.call("PUT", f"/shipment/{shipment}:updateAddress", body))["is_success"] is True
    changed = bench.get(f"/shipment/{shipment}")
    assert (changed["status"], changed["recipient"]["address"]["address1"]) == ("Processing", "1 New St")


def test_line_items_are_replaced_as_a_whole_and_only_before_picking() -> None:
    bench = Bench()
    number = two_sku_order(bench)
    shipment = bench.get(f"/order/{number}/shipment")[0]["id"]
    items = bench.get(f"/shipment/{shipment}:getLineItems")
    assert [item["quantity"] for item in items] == [2, 3]
    path = f"/shipment/{shipment}:updateLineItems"
    assert bench.call("POST", path, {"items": []}).status == 400
    assert (
        document(bench.call("POST", path, {"items": [{"inventory_id": 1, "quantity": 1}]}))["code"]
        == "VALIDATION_ERROR"
    )
    changed = document(bench.call("POST", path, {"items": [{"inventory_id": items[0]["inventory_id"], "quantity": 1}]}))
    assert [each["action"] for each in changed["shipment_line_items"]] == ["Updated", "Removed"]
    bench.command("pick", shipment_id=shipment)
    assert (
        bench.call("POST", path, {"items": [{"inventory_id": items[0]["inventory_id"], "quantity": 2}]}).status == 400
    )


def test_the_service_of_open_shipments_can_be_changed() -> None:
    bench = Bench()
    service = bench.command("seed_shipping_method", name="Express")
    number = bench.order()["id"]
    shipment = bench.get(f"/order/{number}/shipment")[0]["id"]
    body = {"shipment_ids": [shipment], "requested_shipping_service_id": service, "reason": "asked for"}
    assert document(bench.call("PUT", "/shipment:bulkUpdateShippingService", body))["summary"]["successful"] == 1
    assert bench.get(f"/shipment/{shipment}")["ship_option"] == "Express"
    assert bench.call("PUT", "/shipment:bulkUpdateShippingService", {**body, "reason": ""}).status == 400


def test_the_header_filters_shipments_too() -> None:
    bench = Bench()
    shipment = bench.command("fulfil", order_id=bench.order()["id"])["shipment_ids"][0]
    assert bench.call("GET", f"/shipment/{shipment}", channel=READ_ONLY_CHANNEL).status == 404
    assert bench.call("GET", "/shipment/1").status == 404
