"""Orders: the rules of creation (section 9), duplicates, the lag of reads, filters and pages, cancelling."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from local.simulators.shipbob import PAT_CHANNEL
from tests.simulators.shipbob_bench import ADDRESS, Bench, an_order, document

LINE = an_order()["products"][0]
PROGRAM = {"purchase_order_number": "PO-1", "retailer_program_type": "Target"}


def with_line(**changes: Any) -> dict[str, Any]:
    return an_order(products=[{**LINE, **changes}])


def without(path: str) -> dict[str, Any]:
    order = copy.deepcopy(an_order())
    *parents, last = path.split(".")
    place: Any = order
    for name in parents:
        place = place[int(name)] if name.isdigit() else place[name]
    del place[last]
    return order


def with_recipient(**changes: Any) -> dict[str, Any]:
    return an_order(recipient={**an_order()["recipient"], **changes})


def with_address(**changes: Any) -> dict[str, Any]:
    return with_recipient(address={**ADDRESS, **changes})


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no reference": (without("reference_id"), "ReferenceId"),
    "empty reference": (an_order(""), "ReferenceId"),
    "long reference": (an_order("x" * 301), "ReferenceId"),
    "reference is a number": (an_order(reference_id=1), "ReferenceId"),
    "long order number": (an_order(order_number="x" * 401), "OrderNumber"),
    "no type": (without("type"), "Type"),
    "wrong type": (an_order(type="dtc"), "Type"),
    "no shipping method": (without("shipping_method"), "ShippingMethod"),
    "empty shipping method": (an_order(shipping_method=""), "ShippingMethod"),
    "no recipient": (without("recipient"), "Recipient"),
    "no name": (without("recipient.name"), "Recipient.Name"),
    "long name": (with_recipient(name="x" * 301), "Recipient.Name"),
    "bad email": (with_recipient(email="jane"), "Recipient.Email"),
    "long phone": (with_recipient(phone_number="5" * 51), "Recipient.PhoneNumber"),
    "no address": (without("recipient.address"), "Recipient.Address"),
    "no address1": (without("recipient.address.address1"), "Recipient.Address.Address1"),
    "no city": (without("recipient.address.city"), "Recipient.Address.City"),
    "empty city": (with_address(city=""), "Recipient.Address.City"),
    "no country": (without("recipient.address.country"), "Recipient.Address.Country"),
    "country in words": (with_address(country="United States"), "Recipient.Address.Country"),
    "lower case country": (with_address(country="us"), "Recipient.Address.Country"),
    "address1 null": (with_address(address1=None), "Recipient.Address.Address1"),
    "misspelt member": (with_address(zip="07093"), "zip"),
    "no products": (an_order(products=[]), "Products"),
    "products missing": (without("products"), "Products"),
    "quantity zero": (with_line(quantity=0), "Products[0].Quantity"),
    "quantity negative": (with_line(quantity=-1), "Products[0].Quantity"),
    "quantity fraction": (with_line(quantity=1.5), "Products[0].Quantity"),
    "quantity whole but written as fraction": (with_line(quantity=2.0), "Products[0].Quantity"),
    "quantity text": (with_line(quantity="2"), "Products[0].Quantity"),
    "quantity true": (with_line(quantity=True), "Products[0].Quantity"),
    "quantity too large": (with_line(quantity=2**31), "Products[0].Quantity"),
    "no quantity": (without("products.0.quantity"), "Products[0].Quantity"),
    "no line reference": (without("products.0.reference_id"), "Products[0].ReferenceId"),
    "empty line reference": (with_line(reference_id=""), "Products[0].ReferenceId"),
    "no name key": (without("products.0.name"), "Products[0].Name"),
    "inventory id": (with_line(inventory_id=20350001), "inventory_id"),
    "id and reference": (with_line(id=1), "Products[0]"),
    "unknown product id": (an_order(products=[{"id": 1, "quantity": 1}]), "Products[0].Id"),
    "price as text": (with_line(unit_price="19.99"), "Products[0].UnitPrice"),
    "long upc": (with_line(upc="1" * 51), "Products[0].Upc"),
    "long gtin": (with_line(gtin="1" * 51), "Products[0].Gtin"),
    "line id text": (with_line(external_line_id="1"), "Products[0].ExternalLineId"),
    "unit code": (with_line(quantity_unit_of_measure_code="EACH"), "Products[0].QuantityUnitOfMeasureCode"),
    "unknown sku without name": (with_line(reference_id="NO-SUCH", name=None), "Products[0].Name"),
    "unknown sku with empty name": (with_line(reference_id="NO-SUCH", name=" "), "Products[0].Name"),
    "naive date": (an_order(purchase_date="2026-03-02T14:58:00"), "PurchaseDate"),
    "bare date": (an_order(purchase_date="2026-03-02"), "PurchaseDate"),
    "location text": (an_order(location_id="8"), "LocationId"),
    "unknown location": (an_order(location_id=77), "LocationId"),
    "long gift message": (an_order(gift_message="x" * 501), "GiftMessage"),
    "price text": (an_order(financials={"total_price": "1.00"}), "Financials.TotalPrice"),
    "tag without value": (an_order(tags=[{"name": "a"}]), "Tags[0].Value"),
    "tag name too long": (an_order(tags=[{"name": "a" * 51, "value": "b"}]), "Tags[0].Name"),
    "tag value too long": (an_order(tags=[{"name": "a", "value": "b" * 501}]), "Tags[0].Value"),
    "tag value empty": (an_order(tags=[{"name": "a", "value": ""}]), "Tags[0].Value"),
    "B2B without programme": (an_order(type="B2B"), "RetailerProgramData"),
    "programme without PO": (
        an_order(type="B2B", retailer_program_data={"retailer_program_type": "T"}),
        "RetailerProgramData.PurchaseOrderNumber",
    ),
    "programme without type": (
        an_order(type="DropShip", retailer_program_data={"purchase_order_number": "P"}),
        "RetailerProgramData.RetailerProgramType",
    ),
    "programme address type": (
        an_order(type="B2B", retailer_program_data={**PROGRAM, "addresses": [{**ADDRESS, "type": "ShipTo"}]}),
        "RetailerProgramData.Addresses[0].Type",
    ),
    "carrier type": (an_order(shipping_terms={"carrier_type": "Air"}), "ShippingTerms.CarrierType"),
    "payment term": (an_order(shipping_terms={"payment_term": "Cash"}), "ShippingTerms.PaymentTerm"),
    "sales channel": (an_order(sales_channel="etsy"), "SalesChannel"),
    "long origin": (an_order(origin_platform_program="x" * 101), "OriginPlatformProgram"),
    "body is a list": ([], ""),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_order_is_refused_by_name_and_leaves_nothing(case: str) -> None:
    body, field = REFUSED[case]
    bench = Bench()
    before = bench.simulator.holdings()
    reply = bench.call("POST", "/order", body, channel=PAT_CHANNEL)
    assert reply.status in (400, 422), case
    assert field in reply.body.decode()
    after = bench.simulator.holdings()
    assert {**after, "strict_violations": []} == {**before, "strict_violations": []}


def test_missing_fields_answer_422_with_the_vendors_field_map() -> None:
    reply = Bench().call("POST", "/order", without("recipient.address.city"), channel=PAT_CHANNEL)
    assert (reply.status, document(reply)) == (422, {"Recipient.Address.City": ["The City field is required."]})


def test_sales_channel_is_free_text_in_2025_07_up_to_100_characters() -> None:
    bench = Bench()
    body = an_order(sales_channel="etsy")
    assert bench.call("POST", "/order", body, channel=PAT_CHANNEL, version="2025-07").status == 201
    body = an_order("B", sales_channel="x" * 101)
    assert bench.call("POST", "/order", body, channel=PAT_CHANNEL, version="2025-07").status == 422


def test_a_new_order_is_processing_without_shipments_and_they_appear_later() -> None:
    bench = Bench(allocation_delay_seconds=30)
    created = bench.order()
    assert (created["status"], created["shipments"]) == ("Processing", [])
    assert bench.get(f"/order/{created['id']}")["shipments"] == []
    bench.wait(30)
    shipment = bench.get(f"/order/{created['id']}")["shipments"][0]
    assert (shipment["status"], shipment["last_update_at"], shipment["invoice_amount"]) == ("Processing", None, None)
    assert shipment["products"][0]["inventory_items"][0]["quantity"] == 2
    assert "quantity" not in shipment["products"][0]
    assert created["products"][0]["external_line_id"] == 1


def test_money_comes_back_as_the_number_that_was_sent() -> None:
    bench = Bench()
    reply = bench.call(
        "POST", "/order", channel=PAT_CHANNEL, raw=json.dumps(an_order()).replace("19.99", "0.10").encode()
    )
    assert document(reply)["products"][0]["unit_price"] == 0.1


def test_a_used_reference_is_refused_with_the_vendors_own_body() -> None:
    bench = Bench()
    bench.order()
    reply = bench.call("POST", "/order", an_order(shipping_method="Other"), channel=PAT_CHANNEL)
    assert (reply.status, document(reply)) == (422, {"": ["Cannot insert order with existing ReferenceId"]})
    assert len(bench.simulator.holdings()["orders"]) == 1


def test_a_cancelled_order_keeps_its_reference() -> None:
    bench = Bench()
    bench.call("POST", f"/order/{bench.order()['id']}:cancel")
    assert bench.call("POST", "/order", an_order(), channel=PAT_CHANNEL).status == 422


def test_a_new_order_is_not_found_for_a_minute_but_is_already_a_duplicate() -> None:
    bench = Bench(visibility_lag_seconds=60)
    number = bench.order()["id"]
    assert bench.call("POST", "/order", an_order(), channel=PAT_CHANNEL).status == 422
    for seconds, found in ((0, False), (59, False), (1, True)):
        bench.wait(seconds)
        listed = bench.get("/order", query="ReferenceIds=ACU-SO-001234", channel=PAT_CHANNEL)
        assert bool(listed) is found
        assert (bench.call("GET", f"/order/{number}").status == 200) is found


def test_an_unknown_shipping_method_is_taken_and_added_as_standard() -> None:
    bench = Bench()
    bench.order(shipping_method="Express Typo")
    added = bench.get("/shipping-method")[1]
    assert (added["name"], added["service_level"]["name"], added["default"]) == ("Express Typo", "Standard", False)


def test_an_unknown_sku_with_a_name_makes_a_stockless_product_and_an_exception() -> None:
    bench = Bench()
    number = bench.order(products=[{**LINE, "reference_id": "NO-SUCH", "sku": "NO-SUCH", "name": "Typo"}])["id"]
    order = bench.get(f"/order/{number}")
    assert order["status"] == "Exception"
    detail = order["shipments"][0]["status_details"][0]
    assert (detail["id"], detail["name"]) == (303, "OutOfStock")
    made = bench.get("/product", query="SKU=NO-SUCH")["items"][0]["variants"][0]
    assert made["inventory"]["on_hand_qty"] == 0


def test_a_stock_exception_ends_when_stock_arrives() -> None:
    bench = Bench()
    bench.stock("TSHIRT-BLU-M", 1)
    number = bench.order()["id"]
    assert bench.get(f"/order/{number}")["status"] == "Exception"
    bench.stock("TSHIRT-BLU-M", 2)
    assert bench.get(f"/order/{number}")["status"] == "Processing"


def test_a_line_may_name_the_product_id() -> None:
    bench = Bench()
    created = bench.order(products=[{"id": bench.shirt["product_id"], "quantity": 1, "external_line_id": 7}])
    assert created["products"][0]["sku"] == "TSHIRT-BLU-M"


@pytest.mark.parametrize("missing", ["state", "zip_code"])
def test_a_us_address_without_state_or_zip_ends_on_hold(missing: str) -> None:
    bench = Bench()
    recipient = {**an_order()["recipient"], "address": {**ADDRESS, missing: None}}
    number = bench.order(recipient=recipient)["id"]
    shipment = bench.get(f"/order/{number}")["shipments"][0]
    assert (shipment["status"], shipment["status_details"][0]["name"]) == ("OnHold", "InvalidAddress")


def test_an_international_order_without_phone_ends_on_hold() -> None:
    bench = Bench()
    recipient = {"name": "Zoë", "address": {"address1": "1 Rue", "city": "Paris", "country": "FR"}}
    number = bench.order(recipient=recipient)["id"]
    assert bench.get(f"/order/{number}/shipment")[0]["status"] == "OnHold"


def test_import_review_has_no_shipments_until_it_is_released() -> None:
    bench = Bench(import_review=True)
    number = bench.order()["id"]
    order = bench.get(f"/order/{number}")
    assert (order["status"], order["shipments"]) == ("ImportReview", [])
    bench.command("release", order_id=number)
    assert bench.get(f"/order/{number}")["status"] == "Processing"


@pytest.mark.parametrize(
    "query",
    [
        "Page=0",
        "Page=x",
        "Limit=0",
        "Limit=251",
        "IDs=1,x",
        "IDs=",
        "StartDate=2026-03-02",
        "StartDate=2026-03-02T00:00:00",
        "StartDate=2026-03-02T00:00:00+00:00",  # the plus was not encoded
        "HasTracking=yes",
        "SortOrder=oldest",
        "shipmentIds=1",
        "Status=Processing",
        "LocationId=8",
        "page=1",
    ],
)
def test_wrong_filters_of_the_order_list_are_refused(query: str) -> None:
    assert Bench().call("GET", "/order", query=query).status == 400


def test_orders_are_paged_by_number_with_bare_arrays_and_live_headers() -> None:
    bench = Bench()
    numbers = [bench.order(f"R-{index}")["id"] for index in range(5)]
    reply = bench.call("GET", "/order", query="Limit=2&Page=1&SortOrder=Oldest")
    assert (reply.headers["total-pages"], reply.headers["total-count"], "next-page" in reply.headers) == (
        "3",
        "5",
        True,
    )
    pages = [
        [each["id"] for each in bench.get("/order", query=f"Limit=2&SortOrder=Oldest&Page={page}")]
        for page in (1, 2, 3, 4)
    ]
    assert pages == [numbers[:2], numbers[2:4], numbers[4:], []]
    assert [each["id"] for each in bench.get("/order")] == numbers[::-1], "newest first is the default"
    plain = Bench(order_page_headers=False).call("GET", "/order")
    assert "total-pages" not in plain.headers


def test_filters_are_joined_with_and() -> None:
    bench = Bench()
    first, second = bench.order("A")["id"], bench.order("B")["id"]
    assert [each["id"] for each in bench.get("/order", query=f"IDs={first},{second}&ReferenceIds=B,C")] == [second]


def test_last_update_start_date_misses_brand_new_orders() -> None:
    bench = Bench()
    number = bench.order()["id"]
    query = {"LastUpdateStartDate": "2026-01-01T00:00:00Z"}
    assert bench.get("/order", query=query) == []
    assert [each["id"] for each in bench.get("/order", query={"StartDate": "2026-03-02T15:04:10Z"})] == [number]
    bench.wait(60)
    bench.command("fulfil", order_id=number)
    assert [each["id"] for each in bench.get("/order", query=query)] == [number]
    assert bench.get("/order", query={"LastUpdateStartDate": "2026-03-02T15:05:11Z"}) == []


def test_the_recommended_tracking_poll_and_its_live_failure() -> None:
    bench = Bench()
    number = bench.order()["id"]
    query = "HasTracking=true&IsTrackingUploaded=false&StartDate=2026-03-01T00:00:00Z"
    assert bench.get("/order", query=query) == []
    shipment = bench.command("fulfil", order_id=number)["shipment_ids"][0]
    assert len(bench.get("/order", query=query)) == 1
    bench.call(
        "POST", "/shipment:batchUpdateTrackingUpload", {"shipment_ids": [shipment], "is_tracking_uploaded": True}
    )
    assert bench.get("/order", query=query) == []
    failing = Bench(tracking_poll_fails=True).call("GET", "/order", query=query)
    assert (failing.status, failing.body) == (500, b"An unexpected database error occurred. Please try again later")


def test_cancel_before_picking_succeeds_and_frees_the_stock() -> None:
    bench = Bench()
    number = bench.order()["id"]
    answered = document(bench.call("POST", f"/order/{number}:cancel"))
    assert (answered["status"], answered["order"]["status"]) == ("Success", "Cancelled")
    assert answered["canceled_shipment_results"][0]["is_success"] is True
    held = bench.simulator.holdings()["stock_rows"][0]
    assert (held["on_hand"], held["committed"]) == (100, 0)
    assert [each["status"] for each in bench.get(f"/order/{number}/shipment")] == ["Cancelled"], "it stays in the list"


@pytest.mark.parametrize("act", ["pick", "fulfil"])
def test_cancel_after_picking_fails_inside_a_200(act: str) -> None:
    bench = Bench()
    number = bench.order()["id"]
    bench.command(act, order_id=number)
    reply = bench.call("POST", f"/order/{number}:cancel")
    assert (reply.status, document(reply)["status"]) == (200, "Failure")
    assert "picked" in document(reply)["canceled_shipment_results"][0]["reason"]
    assert bench.get(f"/order/{number}")["status"] != "Cancelled"


def test_cancel_of_a_half_shipped_order_is_a_partial_success() -> None:
    bench = Bench()
    number = bench.order()["id"]
    bench.command("fulfil", order_id=number, packages=[{"lines": [{"sku": "TSHIRT-BLU-M", "quantity": 1}]}])
    assert document(bench.call("POST", f"/order/{number}:cancel"))["status"] == "PartialSuccess"
    assert bench.get(f"/order/{number}")["status"] == "Fulfilled"


def test_an_order_can_be_cancelled_once_before_it_has_shipments() -> None:
    bench = Bench(allocation_delay_seconds=60)
    number = bench.order()["id"]
    answers = [document(bench.call("POST", f"/order/{number}:cancel")) for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["Success", "Failure"]
    bench.wait(60)
    order = bench.get(f"/order/{number}")
    assert (order["status"], order["shipments"]) == ("Cancelled", []), "no shipment appears afterwards"


def test_cancelling_twice_is_a_failure_and_an_unknown_order_is_404() -> None:
    bench = Bench()
    number = bench.order()["id"]
    bench.call("POST", f"/order/{number}:cancel")
    assert document(bench.call("POST", f"/order/{number}:cancel"))["status"] == "Failure"
    assert bench.call("POST", "/order/1:cancel").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"address": {}, "products": [{"reference_id": "TSHIRT-BLU-M", "quantity": 1}]},
        {"address": {"country": "US"}, "products": []},
        {"address": {"country": "US"}, "products": [{"reference_id": "TSHIRT-BLU-M", "quantity": 200}]},
        {"address": {"country": "US"}, "products": [{"quantity": 1}]},
        {"address": {"country": "US"}, "products": [{"reference_id": "NO-SUCH", "quantity": 1}]},
    ],
)
def test_wrong_estimates_are_refused(body: dict[str, Any]) -> None:
    assert Bench().call("POST", "/order:estimate", body, channel=PAT_CHANNEL).status in (400, 422)


def test_an_estimate_has_a_price_per_method() -> None:
    body = {"address": {"country": "US"}, "products": [{"reference_id": "TSHIRT-BLU-M", "quantity": 2}]}
    row = document(Bench().call("POST", "/order:estimate", body, channel=PAT_CHANNEL))["estimates"][0]
    assert (row["shipping_method"], row["estimated_price"], row["total_weight_oz"]) == ("Standard", 6.46, 18.0)


def test_shipping_method_accepts_page_zero() -> None:
    bench = Bench()
    assert bench.get("/shipping-method", query="Page=0") == bench.get("/shipping-method", query="Page=1")
    assert bench.get("/shipping-method", query="Page=2") == []


def test_store_order_json_is_empty_for_orders_of_the_api() -> None:
    bench = Bench()
    assert bench.call("GET", f"/order/{bench.order()['id']}/store-order-json").status == 204


def test_an_undocumented_status_can_be_shown() -> None:
    bench = Bench()
    number = bench.order()["id"]
    bench.command("set_order_status", order_id=number, status="AwaitingCarrier")
    assert bench.get(f"/order/{number}")["status"] == "AwaitingCarrier"


def test_without_the_strict_option_a_known_sku_needs_no_name_and_an_unknown_one_does() -> None:
    bench = Bench(strict=False)
    known = {"reference_id": "TSHIRT-BLU-M", "quantity": 1}
    assert bench.call("POST", "/order", an_order("A", products=[known]), channel=PAT_CHANNEL).status == 201
    unknown = {**known, "reference_id": "NO-SUCH"}
    assert bench.call("POST", "/order", an_order("B", products=[unknown]), channel=PAT_CHANNEL).status == 422
