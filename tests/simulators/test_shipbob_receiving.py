"""Warehouse receiving orders (section 14) and returns (section 15)."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.base import Fault
from local.simulators.shipbob import PAT_CHANNEL, READ_ONLY_CHANNEL
from tests.simulators.shipbob_bench import Bench, document


def a_wro(bench: Bench, **changes: Any) -> dict[str, Any]:
    item = {"inventory_id": bench.shirt["inventory_id"], "quantity": 120}
    other = {"inventory_id": bench.shirt["inventory_id"] + 1, "quantity": 60}
    wro = {
        "fulfillment_center": {"id": 8},
        "package_type": "Package",
        "box_packaging_type": "MultipleSkuPerBox",
        "expected_arrival_date": "2026-04-06T00:00:00Z",
        "purchase_order_number": "PO-77120",
        "boxes": [{"tracking_number": "1Z999AA10123456785", "box_items": [item, other]}],
    }
    return {**wro, **changes}


def box(bench: Bench, *numbers: int, **changes: Any) -> dict[str, Any]:
    items = [{"inventory_id": bench.shirt["inventory_id"] + number, "quantity": 1} for number in numbers]
    return {"tracking_number": None, "box_items": items, **changes}


def item(bench: Bench, **changes: Any) -> dict[str, Any]:
    return {"inventory_id": bench.shirt["inventory_id"], "quantity": 1, **changes}


def refused_wros(bench: Bench) -> dict[str, tuple[dict[str, Any], str]]:
    def boxes(*given: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return a_wro(bench, boxes=list(given), **changes)

    missing = {name: a_wro(bench) for name in a_wro(bench) if name != "purchase_order_number"}
    for name, body in missing.items():
        del body[name]
    no_tracking = box(bench, 0)
    del no_tracking["tracking_number"]
    return {
        **{f"no {name}": (body, "") for name, body in missing.items()},
        "past arrival": (
            a_wro(bench, expected_arrival_date="2026-03-02T15:04:10Z"),
            "Arrival date must be in the future",
        ),
        "arrival this very moment": (
            a_wro(bench, expected_arrival_date="2026-03-02T15:04:10.881234Z"),
            "in the future",
        ),
        "bare date": (a_wro(bench, expected_arrival_date="2026-04-06"), "ExpectedArrivalDate"),
        "package type": (a_wro(bench, package_type="Parcel"), "PackageType"),
        "packing": (a_wro(bench, box_packaging_type="One"), "BoxPackagingType"),
        "unknown center": (a_wro(bench, fulfillment_center={"id": 77}), "FulfillmentCenter.Id"),
        "center as text": (a_wro(bench, fulfillment_center={"id": "8"}), "FulfillmentCenter.Id"),
        "PO characters": (a_wro(bench, purchase_order_number="PO 7/1#2"), "PurchaseOrderNumber"),
        "no boxes": (boxes(), "Boxes"),
        "51 boxes": (boxes(*[box(bench, 0)] * 51), "at most 50"),
        "tracking key missing": (boxes(no_tracking), "Boxes[0].TrackingNumber"),
        "empty box": (boxes(box(bench)), "Boxes[0].BoxItems"),
        "two boxes as one": (
            boxes(box(bench, 0), box(bench, 1), box_packaging_type="EverythingInOneBox"),
            "exactly one box",
        ),
        "two skus in a one-sku box": (
            boxes(box(bench, 0, 1), box_packaging_type="OneSkuPerBox"),
            "one SKU in each box",
        ),
        "unknown inventory": (boxes(box(bench, 9999)), "InventoryId"),
        "quantity zero": (boxes(box(bench, box_items=[item(bench, quantity=0)])), "Quantity"),
        "quantity fraction": (boxes(box(bench, box_items=[item(bench, quantity=1.5)])), "Quantity"),
        "sku instead of id": (boxes(box(bench, box_items=[{"sku": "TSHIRT-BLU-M", "quantity": 1}])), "sku"),
        "freight before 2026-07": (a_wro(bench, freight={"carrier": "X"}), "freight"),
        "lot date": (boxes(box(bench, box_items=[item(bench, lot_date="soon")])), "LotDate"),
    }


CASES = list(refused_wros(Bench()))


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_receiving_order_is_refused_by_name_and_leaves_nothing(case: str) -> None:
    bench = Bench()
    body, words = refused_wros(bench)[case]
    reply = bench.call("POST", "/receiving", body)
    assert reply.status == 400, case
    assert words in reply.body.decode()
    assert bench.simulator.holdings()["receiving"] == {}


def created(bench: Bench, **changes: Any) -> dict[str, Any]:
    reply = bench.call("POST", "/receiving", a_wro(bench, **changes))
    assert reply.status == 201, reply.body
    answered: dict[str, Any] = document(reply)
    return answered


def test_every_key_that_is_missing_is_named() -> None:
    body = a_wro(Bench())
    del body["expected_arrival_date"]
    reply = Bench().call("POST", "/receiving", body)
    assert document(reply)["errors"] == {"ExpectedArrivalDate": ["The ExpectedArrivalDate field is required."]}


def test_a_pallet_may_hold_more_than_50_boxes() -> None:
    bench = Bench()
    assert created(bench, package_type="Pallet", boxes=[box(bench, 0)] * 51)["status"] == "Awaiting"


def test_2026_07_takes_skus_and_freight_papers() -> None:
    bench = Bench()
    body = a_wro(
        bench, boxes=[box(bench, box_items=[{"sku": "TSHIRT-BLU-M", "quantity": 4}])], freight={"carrier": "X"}
    )
    reply = bench.call("POST", "/receiving", body, version="2026-07")
    assert (reply.status, document(reply)["inventory_quantities"][0]["sku"]) == (201, "TSHIRT-BLU-M")
    assert bench.call("POST", "/receiving", a_wro(bench, freight={"ship": "X"}), version="2026-07").status == 400


def test_a_duplicate_purchase_order_number_is_not_refused() -> None:
    bench = Bench()
    created(bench)
    created(bench)
    assert len(bench.get("/receiving", query="PurchaseOrderNumbers=PO-77120")) == 2


def test_a_hub_answers_for_its_region() -> None:
    bench = Bench()
    bench.command("seed_location", id=12, name="Behind the hub", hub_id=10)
    assert created(bench, fulfillment_center={"id": 12})["fulfillment_center"]["id"] == 10


def quantities(wro: dict[str, Any]) -> list[tuple[int, int, int]]:
    return [
        (row["expected_quantity"], row["received_quantity"], row["stowed_quantity"])
        for row in wro["inventory_quantities"]
    ]


def test_stowed_rises_in_steps_while_order_level_received_lags_and_stock_follows_stowed() -> None:
    bench = Bench()
    number = created(bench)["id"]
    bench.command("receive", receiving_id=number, step="arrive")
    assert bench.simulator.holdings()["stock"]["8"]["TSHIRT-BLU-M"] == 100, "arrival is not stock"
    bench.command("receive", receiving_id=number, step="stow", quantities={"TSHIRT-BLU-M": 80})
    wro = bench.get(f"/receiving/{number}")
    assert (wro["status"], quantities(wro)) == ("Processing", [(120, 0, 80), (60, 0, 0)])
    assert bench.get(f"/receiving/{number}/boxes")[0]["box_items"][0]["received_quantity"] == 80
    assert bench.simulator.holdings()["stock"]["8"]["TSHIRT-BLU-M"] == 180
    bench.command("receive", receiving_id=number, step="stow", quantities={"TSHIRT-BLU-M": 39, "TSHIRT-BLU-L": 61})
    bench.command("receive", receiving_id=number, step="complete")
    wro = bench.get(f"/receiving/{number}")
    assert (wro["status"], quantities(wro)) == ("Completed", [(120, 119, 119), (60, 61, 61)])
    assert [each["status"] for each in wro["status_history"]] == ["Awaiting", "Arrived", "Processing", "Completed"]
    held = bench.simulator.holdings()["stock"]["8"]
    assert (held["TSHIRT-BLU-M"], held["TSHIRT-BLU-L"]) == (219, 161)


def test_a_stow_can_be_taken_back() -> None:
    bench = Bench()
    number = created(bench)["id"]
    bench.command("receive", receiving_id=number, step="stow", quantities={"TSHIRT-BLU-M": 10})
    bench.command("receive", receiving_id=number, step="stow", quantities={"TSHIRT-BLU-M": -4})
    assert quantities(bench.get(f"/receiving/{number}"))[0] == (120, 0, 6)
    assert bench.simulator.holdings()["stock"]["8"]["TSHIRT-BLU-M"] == 106
    categories = [event["category"] for event in bench.simulator.holdings()["inventory_events"]]
    assert categories[-2:] == ["ReceivingStow", "InventoryAdjusted"]
    with pytest.raises(ValueError, match="does not hold NO-SUCH"):
        bench.command("receive", receiving_id=number, step="stow", quantities={"NO-SUCH": 1})


def test_awaiting_units_shrink_as_they_are_stowed() -> None:
    bench = Bench()
    number = created(bench)["id"]
    path = f"/inventory-level/{bench.shirt['inventory_id']}/locations"
    assert bench.get(path)["locations"][0]["awaiting_quantity"] == 120
    bench.command("receive", receiving_id=number, step="stow", quantities={"TSHIRT-BLU-M": 20})
    assert bench.get(path)["locations"][0]["awaiting_quantity"] == 100


def test_staff_may_split_a_wro_without_a_link() -> None:
    bench = Bench()
    number = created(bench)["id"]
    bench.command("receive", receiving_id=number, step="stow", quantities={"TSHIRT-BLU-M": 20})
    other = bench.command("split_receiving", receiving_id=number, new_purchase_order_number=None)
    assert quantities(bench.get(f"/receiving/{number}")) == [(20, 0, 20), (0, 0, 0)]
    assert quantities(bench.get(f"/receiving/{other}")) == [(100, 0, 0), (60, 0, 0)]
    assert bench.get(f"/receiving/{other}")["purchase_order_number"] is None


def test_sku_may_be_withheld_on_the_order_level() -> None:
    bench = Bench()
    number = created(bench)["id"]
    bench.command("withhold_sku", receiving_id=number)
    assert bench.get(f"/receiving/{number}")["inventory_quantities"][0]["sku"] is None


def test_cancel_works_only_while_awaiting() -> None:
    bench = Bench()
    first, second = created(bench)["id"], created(bench, purchase_order_number="PO-2")["id"]
    assert document(bench.call("POST", f"/receiving/{first}:cancel"))["status"] == "Cancelled"
    bench.command("receive", receiving_id=second, step="arrive")
    assert bench.call("POST", f"/receiving/{second}:cancel").status == 422
    assert bench.call("POST", "/receiving/1:cancel").status == 404


def test_external_sync_answers_results_as_seen_live() -> None:
    bench = Bench()
    number = created(bench)["id"]
    reply = bench.call("POST", "/receiving:setExternalSync", {"ids": [number, 1], "is_external_sync": True})
    first, second = document(reply)["results"]
    assert first == {"id": number, "action": "ExternalSync", "is_success": True, "reason": ""}
    assert second["is_success"] is False
    assert bench.get("/receiving", query="ExternalSync=false") == []
    assert bench.get(f"/receiving/{number}")["external_sync_timestamp"] is not None
    assert bench.call("POST", "/receiving:setExternalSync", {"ids": [number]}).status == 400


def test_a_partial_sync_loses_the_last_row() -> None:
    bench = Bench()
    first, second = created(bench)["id"], created(bench)["id"]
    bench.simulator.dial.plan(Fault.PARTIAL)
    reply = bench.call("POST", "/receiving:setExternalSync", {"ids": [first, second], "is_external_sync": True})
    assert [row["is_success"] for row in document(reply)["results"]] == [True, False]
    assert [row["id"] for row in bench.get("/receiving", query="ExternalSync=false")] == [second]


def test_receiving_pages_have_headers_and_filters() -> None:
    bench = Bench()
    numbers = [created(bench, purchase_order_number=f"PO-{index}")["id"] for index in range(3)]
    reply = bench.call("GET", "/receiving", query="Page=1&Limit=2")
    names = ("Page-Number", "Total-Pages", "Total-Count", "Page-Size")
    assert [reply.headers[name] for name in names] == ["1", "2", "3", "2"]
    assert "Next-Page" in reply.headers
    assert "Next-Page" not in bench.call("GET", "/receiving", query="Page=2&Limit=2").headers
    assert [row["id"] for row in bench.get("/receiving", query="PurchaseOrderNumbers=PO-0,PO-2")] == [
        numbers[2],
        numbers[0],
    ]
    assert bench.get("/receiving", query="Statuses=Arrived,Completed") == []
    for query in (
        "Statuses=arrived",
        "LastUpdatedStartDate=2026-01-01T00:00:00Z",
        "PurchaseOrderNumber=PO-0",
        "Limit=251",
    ):
        assert bench.call("GET", "/receiving", query=query).status == 400


def test_labels_are_base64_and_distributions_are_404() -> None:
    bench = Bench()
    number = created(bench)["id"]
    assert bench.get(f"/receiving/{number}/labels").startswith("JVBERi0")
    assert bench.call("GET", f"/receiving/{number}/distributions").status == 404
    assert bench.call("GET", "/receiving/1/boxes").status == 404


def a_return(bench: Bench, **changes: Any) -> dict[str, Any]:
    line = {"id": bench.shirt["inventory_id"], "quantity": 3, "requested_action": "Restock"}
    return {"fulfillment_center": {"id": 8}, "reference_id": "RMA-000881", "inventory": [line], **changes}


def line(bench: Bench, **changes: Any) -> dict[str, Any]:
    return {**a_return(bench)["inventory"][0], **changes}


def refused_returns(bench: Bench) -> dict[str, dict[str, Any]]:
    no_action = line(bench)
    del no_action["requested_action"]
    return {
        "no reference": {name: value for name, value in a_return(bench).items() if name != "reference_id"},
        "long reference": a_return(bench, reference_id="x" * 51),
        "no center": {name: value for name, value in a_return(bench).items() if name != "fulfillment_center"},
        "unknown center": a_return(bench, fulfillment_center={"id": 77}),
        "no inventory": a_return(bench, inventory=[]),
        "unknown inventory": a_return(bench, inventory=[line(bench, id=1)]),
        "inventory twice": a_return(bench, inventory=[line(bench), line(bench)]),
        "no action": a_return(bench, inventory=[no_action]),
        "action as number": a_return(bench, inventory=[line(bench, requested_action=1)]),
        "unknown action": a_return(bench, inventory=[line(bench, requested_action="Resell")]),
        "quantity zero": a_return(bench, inventory=[line(bench, quantity=0)]),
        "quantity text": a_return(bench, inventory=[line(bench, quantity="3")]),
        "unknown shipment": a_return(bench, original_shipment_id=1),
        "long tracking": a_return(bench, tracking_number="x" * 501),
        "unknown member": a_return(bench, store_order_id="SO-1"),
    }


@pytest.mark.parametrize("case", list(refused_returns(Bench())))
def test_a_wrong_return_is_refused_and_leaves_nothing(case: str) -> None:
    bench = Bench()
    reply = bench.call("POST", "/return", refused_returns(bench)[case], channel=PAT_CHANNEL)
    assert reply.status in (400, 422), case
    assert bench.simulator.holdings()["returns"] == {}


def returned(bench: Bench, **changes: Any) -> int:
    reply = bench.call("POST", "/return", a_return(bench, **changes), channel=PAT_CHANNEL)
    assert reply.status == 201, reply.body
    return int(document(reply)["id"])


def test_creation_answers_the_older_body_and_errors_have_their_own_shape() -> None:
    bench = Bench()
    made = document(bench.call("POST", "/return", a_return(bench), channel=PAT_CHANNEL))
    assert ("invoice_amount" in made, "invoice" in made, "sku" in made["inventory"][0]) == (True, False, False)
    wrong = document(bench.call("POST", "/return", a_return(bench, reference_id=""), channel=PAT_CHANNEL))
    assert set(wrong) == {"message", "details", "errors", "stackTrace"}


def test_status_has_a_space_in_bodies_and_none_in_the_filter() -> None:
    bench = Bench()
    number = returned(bench)
    assert bench.get(f"/return/{number}")["status"] == "Awaiting Arrival"
    assert [row["id"] for row in bench.get("/return", query="Status=AwaitingArrival,Arrived")["items"]] == [number]
    assert bench.call("GET", "/return", query="Status=Awaiting Arrival".replace(" ", "%20")).status == 400


def test_only_restock_raises_stock_and_only_when_it_was_done() -> None:
    bench = Bench()
    number = returned(bench)
    bench.command("process_return", return_id=number, step="arrive")
    assert bench.simulator.holdings()["stock"]["8"]["TSHIRT-BLU-M"] == 100
    actions = [
        {"sku": "TSHIRT-BLU-M", "action": "Restock", "quantity": 2},
        {"sku": "TSHIRT-BLU-M", "action": "Dispose", "quantity": 1, "reason": "Damaged"},
    ]
    bench.command("process_return", return_id=number, step="complete", actions=actions)
    row = bench.get(f"/return/{number}")
    assert row["status"] == "Completed"
    assert [(each["action"], each["quantity_processed"]) for each in row["inventory"][0]["action_taken"]] == [
        ("Restock", 2),
        ("Dispose", 1),
    ]
    assert bench.simulator.holdings()["stock"]["8"]["TSHIRT-BLU-M"] == 102
    assert row["invoice"] == {"amount": 3.0, "currency_code": "USD"}
    with pytest.raises(ValueError, match="is Completed"):
        bench.command("process_return", return_id=number, step="complete")


def test_change_and_cancel_only_while_awaiting_arrival() -> None:
    bench = Bench()
    number = returned(bench)
    assert bench.call("PUT", f"/return/{number}", a_return(bench, reference_id="RMA-2")).status == 200
    assert bench.get(f"/return/{number}")["reference_id"] == "RMA-2"
    bench.command("process_return", return_id=number, step="arrive")
    assert bench.call("PUT", f"/return/{number}", a_return(bench)).status == 422
    assert bench.call("POST", f"/return/{number}:cancel").status == 400
    second = returned(bench, reference_id="RMA-3")
    cancelled = bench.call("POST", f"/return/{second}:cancel")
    assert (cancelled.status, cancelled.body) == (200, b"")
    assert bench.get(f"/return/{second}")["status"] == "Cancelled"


def test_2025_07_writes_its_statuses_without_a_space() -> None:
    bench = Bench()
    number = returned(bench)
    body = a_return(bench, inventory=[line(bench, requested_action="Default")])
    reply = bench.call("PUT", f"/return/{number}", body, version="2025-07", channel=PAT_CHANNEL)
    answered = document(reply)
    assert (answered["status"], answered["inventory"][0]["action_requested"]["action_type"]) == (
        "AwaitingArrival",
        "InventoryDefault",
    )


def test_the_cursor_of_returns_is_a_page_number_in_an_absolute_url() -> None:
    bench = Bench()
    numbers = [returned(bench, reference_id=f"RMA-{index}") for index in range(3)]
    reply = bench.call("GET", "/return", query="Limit=2&SortOrder=Asc")
    page = document(reply)
    assert ([row["id"] for row in page["items"]], page["prev"]) == (numbers[:2], None)
    assert page["next"].startswith("https://api.shipbob.com/Return?Cursor=2")
    assert (reply.headers["Total-Pages"], reply.headers["Total-Count"]) == ("2", "3")
    last = bench.get("/return", query="Limit=2&SortOrder=Asc&Cursor=2")
    assert ([row["id"] for row in last["items"]], last["next"]) == (numbers[2:], None)
    for query in ("Cursor=0", "Cursor=eyJ", "Limit=0", "SortOrder=Newest", "CompletedStart=2026-01-01T00:00:00Z"):
        assert bench.call("GET", "/return", query=query).status == 400


def test_completed_date_filters_miss_what_is_not_completed() -> None:
    bench = Bench()
    number = returned(bench)
    query = {"CompletedStartDate": "2026-01-01T00:00:00Z"}
    assert bench.get("/return", query=query)["items"] == []
    bench.command("process_return", return_id=number, step="complete")
    assert [row["id"] for row in bench.get("/return", query=query)["items"]] == [number]


def test_a_parcel_may_come_back_unannounced() -> None:
    bench = Bench()
    shipment = bench.command("fulfil", order_id=bench.order()["id"])["shipment_ids"][0]
    number = bench.command("announce_stray_return", shipment_id=shipment)
    row = bench.get(f"/return/{number}")
    assert (row["return_type"], row["original_shipment_id"], row["reference_id"]) == (
        "ReturnToSender",
        shipment,
        f"RTS-{number}",
    )
    assert bench.call("GET", f"/return/{number}", channel=READ_ONLY_CHANNEL).status == 404
