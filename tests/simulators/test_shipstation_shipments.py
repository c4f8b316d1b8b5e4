"""Labels, shipments, fulfillments, voids; V2's view of the same labels; what people do without an API."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.simulators.shipstation_bench import ONE, Bench, an_order, document

LABEL = {
    "carrierCode": "ups",
    "serviceCode": "ups_ground",
    "confirmation": "none",
    "shipDate": "2026-03-16",
    "testLabel": False,
}


def shipped(bench: Bench | None = None, **arguments: Any) -> tuple[Bench, int]:
    """A bench with one order and one label for it, and the shipment's id."""
    bench = bench or Bench()
    bench.create()
    return bench, int(bench.command("buy_label", order="SO007015", **arguments)["shipmentId"])


def shipments(bench: Bench, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bench.get("/shipments", **query)["shipments"]
    return found


def test_a_label_sets_the_order_shipped() -> None:
    bench, number = shipped()
    [order] = bench.get("/orders")["orders"]
    assert order["orderStatus"] == "shipped"
    [shipment] = shipments(bench, includeShipmentItems="true")
    assert (shipment["shipmentId"], shipment["orderKey"], shipment["voided"]) == (number, "SO007015", False)
    assert (shipment["createDate"], shipment["shipDate"]) == ("2026-03-16T11:40:05.7700000", "2026-03-16")
    assert [(item["lineItemKey"], item["quantity"]) for item in shipment["shipmentItems"]] == [("1", 2), ("2", 1)]
    assert "modifyDate" not in shipment


@pytest.mark.parametrize("query", [{}, {"includeShipmentItems": "false"}, {"includeShipmentItems": "False"}])
def test_items_are_null_unless_they_are_asked_for(query: dict[str, Any]) -> None:
    bench, _ = shipped()
    assert shipments(bench, **query)[0]["shipmentItems"] is None
    assert shipments(bench, includeShipmentItems="True")[0]["shipmentItems"]


def test_items_appended_to_a_url_that_says_no_stay_null() -> None:
    bench, _ = shipped()
    query = "includeShipmentItems=False&includeShipmentItems=true"
    [shipment] = document(bench.call("GET", "/shipments", query=query))["shipments"]
    assert shipment["shipmentItems"] is None
    assert len(bench.simulator.strict_violations) == 1


def test_there_is_no_modify_date_and_the_whole_list_comes_back() -> None:
    bench, _ = shipped()
    bench.wait(86400)
    assert len(shipments(bench, modifyDateStart="2026-03-17 00:00:00")) == 1
    assert "modifyDateStart" in bench.simulator.strict_violations[0]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"orderNumber": "SO007015"}, 1),
        ({"orderNumber": "SO0070"}, 0),
        ({"orderId": 140335319}, 1),
        ({"orderId": 1}, 0),
        ({"trackingNumber": "1Z0000033974373001"}, 1),
        ({"trackingNumber": "x"}, 0),
        ({"carrierCode": "fedex"}, 0),
        ({"serviceCode": "ups_ground"}, 1),
        ({"storeId": 12345}, 1),
        ({"storeID": 1}, 0),
        ({"batchId": "190671332"}, 1),
        ({"batchId": "1"}, 0),
        ({"recipientName": "roe"}, 1),
        ({"recipientCountryCode": "CA"}, 0),
        ({"createDateStart": "2026-03-16 11:40:05"}, 1),
        ({"createDateStart": "2026-03-16 11:40:06"}, 0),
        ({"createDateEnd": "2026-03-16 11:40:05"}, 0),
        ({"createDateEnd": "2026-03-16 11:40:06"}, 1),
        ({"shipDateStart": "2026-03-16", "shipDateEnd": "2026-03-16"}, 1),
        ({"shipDateStart": "2026-03-17"}, 0),
        ({"voidDateStart": "2026-03-01"}, 0),
        ({"sortBy": "CreateDate", "sortDir": "ASC", "pageSize": 500}, 1),
    ],
)
def test_every_filter_of_shipments(query: dict[str, Any], count: int) -> None:
    bench, _ = shipped()
    assert len(shipments(bench, **query)) == count
    assert bench.simulator.strict_violations == []


@pytest.mark.parametrize("query", ["sortBy=ModifyDate", "includeShipmentItems=yes", "voidDateStart=x", "orderId=SO1"])
def test_a_query_that_does_not_bind_is_refused(query: str) -> None:
    assert Bench().call("GET", "/shipments", query=query).status == 400
    assert Bench().call("GET", "/fulfillments", query="sortBy=ModifyDate").status == 400


def test_a_void_is_seen_by_its_date_and_reopens_the_order() -> None:
    bench, number = shipped()
    bench.wait(3600)
    assert bench.post("/shipments/voidlabel", {"shipmentId": number}) == {
        "approved": True,
        "message": "Label voided successfully",
    }
    [shipment] = shipments(bench, voidDateStart="2026-03-16 12:00:00", voidDateEnd="2026-03-16 13:00:00")
    assert (shipment["voided"], shipment["voidDate"]) == (True, "2026-03-16T12:40:05.7700000")
    assert bench.get("/orders")["orders"][0]["orderStatus"] == "awaiting_shipment"
    again = bench.post("/shipments/voidlabel", {"shipmentId": number})
    assert again["approved"] is False


def test_a_void_may_leave_the_order_shipped() -> None:
    bench, number = shipped(Bench(void_reopens_orders=False))
    assert bench.command("void_label", shipment=number) is True
    assert bench.get("/orders")["orders"][0]["orderStatus"] == "shipped"


def test_a_second_live_label_keeps_the_order_shipped() -> None:
    bench, first = shipped()
    bench.command("buy_label", order="SO007015")
    bench.command("void_label", shipment=first)
    assert bench.get("/orders")["orders"][0]["orderStatus"] == "shipped"


def test_a_refused_void_is_a_200_that_changes_nothing() -> None:
    bench, number = shipped()
    bench.command("refuse_void", shipment=number, text="Unable to delete shipment.")
    answer = bench.post("/shipments/voidlabel", {"shipmentId": number})
    assert answer == {"approved": False, "message": "Unable to delete shipment."}
    assert bench.holdings()["shipments"][0]["voided"] is False
    reply = bench.call("PUT", f"/v2/labels/se-{number}/void")
    assert (reply.status, document(reply)["reason_code"]) == (200, "contact_carrier")
    old, number = shipped(Bench(void_days=1))
    old.wait(2 * 86400)
    reply = old.call("PUT", f"/v2/labels/se-{number}/void")
    assert document(reply)["reason_code"] == "label_not_found_within_void_period"


@pytest.mark.parametrize(("body", "status"), [({}, 400), ({"shipmentId": "1"}, 400), ({"shipmentId": 1}, 404)])
def test_a_void_of_nothing_is_refused(body: dict[str, Any], status: int) -> None:
    bench, _ = shipped()
    assert bench.call("POST", "/shipments/voidlabel", body).status == status
    assert bench.holdings()["shipments"][0]["voided"] is False


def test_a_partial_label_carries_some_lines_only() -> None:
    bench, _ = shipped(items=[{"lineItemKey": "1", "quantity": 1}])
    bench.command("buy_label", order="SO007015", items=[{"sku": "0041", "quantity": 1}], boxes=2)
    first, second = shipments(bench, includeShipmentItems="true")
    assert [(item["lineItemKey"], item["quantity"]) for item in first["shipmentItems"]] == [("1", 1)]
    assert [item["sku"] for item in second["shipmentItems"]] == ["0041"]
    with pytest.raises(ValueError, match="no line"):
        bench.command("buy_label", order="SO007015", items=[{"sku": "x", "quantity": 1}])


def test_return_labels_and_labels_without_an_order() -> None:
    bench, _ = shipped()
    bench.command("return_label", order="SO007015")
    bench.command("buy_label")
    _, returned, alone = shipments(bench, includeShipmentItems="true")
    assert returned["isReturnLabel"] is True
    assert [alone[name] for name in ("orderId", "orderKey", "orderNumber", "shipTo")] == [None] * 4


def test_a_return_label_ships_no_order() -> None:
    bench = Bench()
    number = bench.create()
    bench.command("return_label", order=number)
    assert bench.order(number)["orderStatus"] == "awaiting_shipment"


def test_a_label_by_api_is_bought_and_a_test_label_is_not() -> None:
    bench = Bench()
    number = bench.create()
    test = bench.post("/orders/createlabelfororder", {"orderId": number, **LABEL, "testLabel": True})
    assert base64.b64decode(test["labelData"]).startswith(b"%PDF")
    assert bench.holdings()["shipments"] == []
    bought = bench.post("/orders/createlabelfororder", {"orderId": number, **LABEL})
    assert bought["shipmentId"] == shipments(bench)[0]["shipmentId"]
    assert bench.order(number)["orderStatus"] == "shipped"
    reply = bench.call("POST", "/orders/createlabelfororder", {"orderId": number, **LABEL})
    assert reply.status == 400
    wrong = {"orderId": number, **LABEL, "serviceCode": "x"}
    assert bench.call("POST", "/orders/createlabelfororder", wrong).status == 400
    assert len(bench.holdings()["shipments"]) == 1


def test_marked_as_shipped_is_a_fulfillment_and_no_shipment() -> None:
    bench = Bench()
    number = bench.create()
    body = {"orderId": number, "carrierCode": "stamps_com", "trackingNumber": "940", "shipDate": "2026-03-15"}
    assert bench.post("/orders/markasshipped", body) == {"orderId": number, "orderNumber": "SO007015"}
    assert bench.order(number)["orderStatus"] == "shipped"
    assert bench.order(number)["externallyFulfilled"] is True
    assert shipments(bench) == []
    [row] = bench.get("/fulfillments")["fulfillments"]
    assert (row["carrierCode"], row["trackingNumber"], row["orderId"]) == ("USPS", "940", number)
    assert row["shipDate"] == "2026-03-15T00:00:00.0000000"  # looks like a moment
    assert {"orderKey", "items", "fulfillmentItems"} & set(row) == set()
    assert bench.call("POST", "/orders/markasshipped", body).status == 400
    assert len(bench.holdings()["fulfillments"]) == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 1),
        ({"orderId": 140335319}, 1),
        ({"orderNumber": "X"}, 0),
        ({"trackingNumber": ""}, 1),
        ({"recipientName": "jane"}, 1),
        ({"fulfillmentId": 1}, 0),
        ({"createDateStart": "2026-03-16 11:40:05"}, 1),
        ({"createDateStart": "2026-03-16 11:40:06"}, 0),
        ({"shipDateEnd": "2026-03-15"}, 0),
    ],
)
def test_every_filter_of_fulfillments(query: dict[str, Any], count: int) -> None:
    bench = Bench()
    bench.create()
    bench.command("mark_as_shipped", order="SO007015", carrier=None)
    answer = bench.get("/fulfillments", **query)
    assert len(answer["fulfillments"]) == count
    assert bench.simulator.strict_violations == []


def test_fulfillments_have_no_filter_by_store() -> None:
    bench = Bench()
    bench.create()
    bench.command("mark_as_shipped", order="SO007015")
    assert bench.get("/fulfillments", storeId=1)["total"] == 1
    assert "storeId" in bench.simulator.strict_violations[0]


def test_a_provider_ships_or_refuses() -> None:
    bench = Bench()
    bench.create("A")
    bench.create("B")
    for name in "AB":
        bench.command("send_to_provider", order=name)
    assert {each["orderStatus"] for each in bench.get("/orders")["orders"]} == {"pending_fulfillment"}
    made = bench.command("provider_ships", order="A", tracking_number="T1")
    bench.command("provider_rejects", order="B")
    assert [each["orderStatus"] for each in bench.get("/orders")["orders"]] == ["shipped", "rejected_fulfillment"]
    bench.command("void_fulfillment", fulfillment=made)
    assert bench.get("/fulfillments")["fulfillments"][0]["voided"] is True


def test_a_split_order_has_a_child_with_a_key_of_its_own() -> None:
    bench = Bench()
    number = bench.create()
    child = bench.command("split_order", order=number, items=[{"lineItemKey": "1", "quantity": 1}])
    shown, parent = bench.order(child), bench.order(number)
    assert (shown["orderNumber"], shown["advancedOptions"]["parentId"]) == ("SO007015-1", number)
    assert shown["orderKey"] != parent["orderKey"] == "SO007015"
    assert shown["advancedOptions"]["mergedOrSplit"] is parent["advancedOptions"]["mergedOrSplit"] is True
    assert [item["quantity"] for item in parent["items"]] == [1, 1]
    bench.command("buy_label", order=child)
    [shipment] = shipments(bench, includeShipmentItems="true")
    assert (shipment["orderId"], shipment["orderNumber"]) == (child, "SO007015-1")
    assert [(item["lineItemKey"], item["quantity"]) for item in shipment["shipmentItems"]] == [("1", 1)]
    assert bench.order(number)["orderStatus"] == "awaiting_shipment"


def test_merged_orders_ship_together() -> None:
    bench = Bench()
    first, second = bench.create("A"), bench.create("B")
    bench.command("merge_orders", order="A", others=["B"])
    assert bench.order(first)["advancedOptions"]["mergedIds"] == [second]
    assert bench.order(second)["orderStatus"] == "cancelled"
    bench.command("buy_label", order="A")
    [shipment] = shipments(bench, includeShipmentItems="true")
    assert len(shipment["shipmentItems"]) == 4


def test_staff_edit_orders_and_lines() -> None:
    bench = Bench()
    number = bench.create()
    bench.wait(10)
    bench.command("edit_order", order=number, members={"carrierCode": "ups", "shipTo": {"street1": "Elsewhere"}})
    bench.command("edit_item", order=number, line="0041", members={"quantity": 0})
    shown = bench.order(number)
    assert (shown["carrierCode"], shown["shipTo"]["street1"], shown["shipTo"]["city"]) == (
        "ups", "Elsewhere", "Little Falls",
    )  # fmt: skip
    assert [item["lineItemKey"] for item in shown["items"]] == ["1"]
    assert shown["modifyDate"] > shown["createDate"]
    with pytest.raises(ValueError, match="no member"):
        bench.command("edit_order", order=number, members={"colour": "red"})


def test_the_acumatica_channel_brings_the_order_again() -> None:
    bench = Bench()
    bench.create()
    store = bench.command("activate_acumatica_channel")
    assert [each["marketplaceId"] for each in bench.get("/stores") if each["storeId"] == store] == [115]
    bench.command("channel_import", store=store, order=an_order())
    found = bench.get("/orders", orderNumber="SO007015")["orders"]
    assert len(found) == 2
    assert found[0]["orderKey"] != found[1]["orderKey"]
    bench.command("activate_acumatica_channel", active=False)
    assert store not in [each["storeId"] for each in bench.get("/stores")]
    assert store in [each["storeId"] for each in bench.get("/stores", showInactive="true")]


def test_v2_finds_a_label_by_the_mapped_id() -> None:
    bench, number = shipped(boxes=2, service="ups_2nd_day_air")
    label = bench.get(f"/v2/labels/se-{number}")
    assert (label["shipment_id"], label["external_shipment_id"]) == ("se-140335319", "SO007015")
    assert (label["status"], label["created_at"]) == ("completed", "2026-03-16T18:40:05.77Z")
    assert [each["tracking_number"][-3:] for each in label["packages"]] == ["001", "002"]
    assert bench.get("/v2/labels")["labels"] == [label]
    shipment = bench.get("/v2/shipments/external_shipment_id/SO007015")
    assert (shipment["shipment_id"], shipment["shipment_status"]) == ("se-140335319", "label_purchased")
    assert bench.get("/v2/shipments/se-140335319") == shipment


@pytest.mark.parametrize(
    ("kind", "start", "media"),
    [("pdf", b"%PDF-1.4", "application/pdf"), ("zpl", b"\n^XA", "application/zpl"), ("png", b"\x89PNG", "image/png")],
)
def test_the_label_is_downloaded_with_the_key_only(kind: str, start: bytes, media: str) -> None:
    bench, number = shipped()
    path = bench.get(f"/v2/labels/se-{number}")["label_download"][kind].removeprefix("https://api.shipstation.com")
    reply = bench.call("GET", path)
    assert (reply.status, reply.headers["Content-Type"]) == (200, media)
    assert reply.body.startswith(start)
    assert bench.call("GET", path, headers={"API-Key": None}).status == 401
    assert bench.call("GET", path.replace("/10/", "/10/x")).status == 404
    assert bench.call("GET", path.replace(kind, "exe")).status == 404


def test_the_links_name_the_host_that_was_called() -> None:
    bench, number = shipped()
    reply = bench.call("GET", f"/v2/labels/se-{number}", headers={"Host": "127.0.0.1:8099"})
    assert document(reply)["label_download"]["pdf"].startswith("http://127.0.0.1:8099/v2/downloads/")


def test_an_inline_label_is_in_the_answer() -> None:
    bench, number = shipped()
    link = bench.get(f"/v2/labels/se-{number}", label_download_type="inline")["label_download"]
    assert list(link) == ["href"]
    assert base64.b64decode(link["href"].partition(",")[2]).startswith(b"%PDF")


def test_v2_misses_are_empty_or_an_error_body() -> None:
    bench = Bench()
    reply = bench.call("GET", "/v2/labels/se-1")
    assert (reply.status, reply.body) == (404, b"")
    for path in ("/v2/labels/se-1/track", "/v2/shipments/se-1", "/v2/shipments/external_shipment_id/x"):
        reply = bench.call("GET", path)
        assert (reply.status, document(reply)["errors"][0]["error_code"]) == (404, "not_found")
    assert bench.call("PUT", "/v2/labels/se-1/void").status == 404
    assert bench.call("GET", "/v2/labels/1").status == 404  # V1's id without the prefix


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"label_status": "completed"}, 1),
        ({"label_status": "voided"}, 1),
        ({"tracking_number": "1Z0000033974373001"}, 1),
        ({"shipment_id": "se-140335319"}, 2),
        ({"shipment_id": "se-1"}, 0),
        ({"service_code": "x"}, 0),
        ({"batch_id": "se-190671332"}, 1),
        ({"created_at_start": "2026-03-16T18:40:06Z"}, 0),
        ({"created_at_end": "2026-03-16T18:40:06Z"}, 2),
        ({"page_size": 1}, 1),
        ({"page_size": 1, "page": 3}, 0),
    ],
)
def test_the_filters_of_v2_labels(query: dict[str, Any], count: int) -> None:
    bench, first = shipped()
    bench.command("buy_label", order="SO007015")
    assert document(bench.call("PUT", f"/v2/labels/se-{first}/void"))["approved"] is True
    answer = bench.get("/v2/labels", **query)
    assert len(answer["labels"]) == count


def test_v2_pages_have_links_on_the_same_host() -> None:
    bench, _ = shipped()
    bench.command("buy_label", order="SO007015")
    answer = bench.get("/v2/labels", page_size=1)
    assert answer["pages"] == 2
    assert answer["links"]["next"]["href"] == "https://api.shipstation.com/v2/labels?page=2&page_size=1"
    assert answer["links"]["prev"] == {}
    assert answer["labels"][0]["label_id"] == "se-33974374"  # newest first


def test_v2_shipments_have_the_filters_that_v1_lacks() -> None:
    bench, _ = shipped()
    bench.post(ONE, an_order("B"))
    assert len(bench.get("/v2/shipments", external_shipment_id="B")["shipments"]) == 1
    assert len(bench.get("/v2/shipments", shipment_status="pending")["shipments"]) == 1
    assert len(bench.get("/v2/shipments", modified_at_start="2026-03-16T18:41:00Z")["shipments"]) == 0
    assert bench.simulator.strict_violations == []
