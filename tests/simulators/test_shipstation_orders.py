"""createorder and createorders: what binds, what is refused, what is replaced, what is locked; the list of orders."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.shipstation import MANUAL_STORE, OUR_STORE
from tests.simulators.shipstation_bench import MANY, ONE, Bench, an_order, changed, document

UNBOUND = [
    ("orderStatus", "bogus"),
    ("orderStatus", "pending_fulfillment"),
    ("orderNumber", 7015),
    ("orderKey", 7015),
    ("orderDate", "13.03.2026"),
    ("orderDate", "2026-02-30T00:00:00"),
    ("orderDate", "2026-03-13T00:00:00.12345678"),
    ("billTo", "Jane"),
    ("shipTo", []),
    ("shipTo.residential", "yes"),
    ("shipTo.name", 5),
    ("items", {}),
    ("items.0", "x"),
    ("items.0.quantity", 1.5),
    ("items.0.quantity", "2"),
    ("items.0.quantity", None),
    ("items.0.name", None),
    ("items.0.unitPrice", "26.00"),
    ("items.0.adjustment", "no"),
    ("items.0.weight.units", "kilograms"),
    ("items.0.weight.value", "26"),
    ("items.0.options", "Size"),
    ("weight", None),
    ("dimensions", {"units": "feet"}),
    ("gift", "false"),
    ("taxAmount", "4.16"),
    ("confirmation", "signed"),
    ("insuranceOptions.provider", "lloyds"),
    ("internationalOptions.contents", "goods"),
    ("internationalOptions.customsItems", {}),
    ("advancedOptions", None),
    ("advancedOptions.storeId", "12345"),
    ("advancedOptions.billToParty", "somebody"),
    ("tagIds", ["1"]),
    ("orderId", "12"),
]
BROKEN = [
    ("orderNumber", ...),
    ("orderNumber", None),
    ("orderNumber", ""),
    ("orderNumber", "X" * 51),
    ("orderKey", "K" * 51),
    ("orderKey", ""),
    ("orderDate", ...),
    ("orderStatus", ...),
    ("billTo", ...),
    ("shipTo", None),
    ("shipTo.country", "USA"),
    ("advancedOptions.customField1", "c" * 101),
    ("advancedOptions.storeId", 999),
    ("items.0.weight.value", -1),
    ("shipDate", "tomorrow"),
    ("carrierCode", "ups"),
    ("serviceCode", "ups_ground"),
    ("orderId", 12),
]


@pytest.mark.parametrize(("path", "value"), UNBOUND)
def test_what_does_not_bind_refuses_the_whole_request(path: str, value: Any) -> None:
    bench = Bench()
    reply = bench.call("POST", ONE, changed(an_order(), path, value))
    found = document(reply)
    assert (reply.status, found["Message"]) == (400, "The request is invalid.")
    assert all(name.startswith("apiOrder.") for name in found["ModelState"])
    reply = bench.call("POST", MANY, [an_order("OTHER"), changed(an_order(), path, value)])
    assert reply.status == 400
    assert all(name.startswith("apiOrders[1].") for name in document(reply)["ModelState"])
    assert bench.holdings()["orders"] == []


@pytest.mark.parametrize(("path", "value"), BROKEN)
def test_a_broken_rule_refuses_one_order_and_in_bulk_only_that(path: str, value: Any) -> None:
    bench = Bench()
    body = changed(an_order(), path, value)
    assert bench.call("POST", ONE, body).status == 400
    answer = bench.post(MANY, [an_order("FIRST"), body, an_order("LAST")])
    assert answer["hasErrors"] is True
    rows = {row["orderKey"]: row for row in answer["results"]}
    assert (rows["FIRST"]["success"], rows["LAST"]["success"]) == (True, True)
    [bad] = [row for row in answer["results"] if not row["success"]]
    assert bad["errorMessage"]
    assert bad["orderId"] is None
    assert [each["orderKey"] for each in bench.holdings()["orders"]] == ["FIRST", "LAST"]


def test_a_carrier_without_a_service_it_knows_is_refused_in_the_known_words() -> None:
    reply = Bench().call("POST", ONE, an_order(carrierCode="ups", serviceCode="fedex_2day"))
    assert (reply.status, document(reply)) == (400, {"Message": "Invalid serviceCode"})
    assert Bench().create(carrierCode="ups", serviceCode="ups_ground")


def test_one_takes_no_array_and_many_takes_no_object() -> None:
    bench = Bench()
    reply = bench.call("POST", ONE, [an_order()])
    assert reply.status == 400
    assert "Cannot deserialize the current JSON array" in str(document(reply)["ModelState"])
    reply = bench.call("POST", MANY, an_order())
    assert reply.status == 400
    assert "Cannot deserialize the current JSON object" in str(document(reply)["ModelState"])


@pytest.mark.parametrize("count", [0, 101])
def test_one_to_a_hundred_orders_a_call(count: int) -> None:
    bench = Bench()
    assert bench.call("POST", MANY, [an_order(f"SO{row}") for row in range(count)]).status == 400
    assert bench.holdings()["orders"] == []


def test_results_come_in_another_order_and_name_their_key() -> None:
    answer = Bench().post(MANY, [an_order(name) for name in "ABC"])
    assert answer["hasErrors"] is False
    assert [row["orderKey"] for row in answer["results"]] == ["C", "B", "A"]
    assert set(answer["results"][0]) == {"orderId", "orderNumber", "orderKey", "success", "errorMessage"}


def test_a_created_order_is_shown_whole() -> None:
    bench = Bench()
    answer = bench.post(ONE, an_order())
    assert answer["createDate"] == answer["modifyDate"] == "2026-03-16T11:40:05.7700000"
    assert answer["orderTotal"] == 2 * 26 + 0.5 + 4.16 + 9
    assert answer["customerId"] is None  # right after creation
    assert answer["items"][0]["createDate"] == "2026-03-16T11:40:05.77"
    assert answer["items"][0]["productId"] is None
    assert answer["shipTo"]["addressVerified"] == "Address validated successfully"
    shown = bench.order(answer["orderId"])
    assert shown["customerId"] is not None
    assert {**shown, "customerId": None} == answer


def test_an_address_with_a_company_is_not_residential_whatever_was_sent() -> None:
    bench = Bench()
    assert bench.order(bench.create())["shipTo"]["residential"] is True
    firm = changed(an_order("B"), "shipTo.company", "Bartending Inc")
    assert bench.post(ONE, firm)["shipTo"]["residential"] is False


def test_the_same_key_replaces_the_whole_order() -> None:
    bench = Bench()
    number = bench.create()
    bench.command("edit_order", order="SO007015", members={"serviceCode": "ups_ground", "internalNotes": "packed"})
    bench.wait(90)
    less = an_order(items=[{"lineItemKey": "9", "name": "Other", "quantity": 1}])
    for name in ("taxAmount", "customerEmail", "requestedShippingService", "internalNotes"):
        del less[name]
    less["advancedOptions"]["storeId"] = MANUAL_STORE
    answer = bench.post(ONE, less)
    assert answer["orderId"] == number
    assert answer["createDate"] == "2026-03-16T11:40:05.7700000"
    assert answer["modifyDate"] == "2026-03-16T11:41:35.7700000"
    assert [answer[name] for name in ("serviceCode", "internalNotes", "customerEmail", "taxAmount")] == [None] * 3 + [0]
    assert [item["lineItemKey"] for item in answer["items"]] == ["9"]
    assert answer["advancedOptions"]["storeId"] == OUR_STORE  # counts at creation only
    assert [order["writes"] for order in bench.holdings()["orders"]] == [2]


def test_without_a_key_every_call_makes_another_order() -> None:
    bench = Bench()
    body = changed(an_order(), "orderKey", ...)
    first, second = bench.post(ONE, body), bench.post(ONE, body)
    assert first["orderId"] != second["orderId"]
    assert len({first["orderKey"], second["orderKey"]}) == 2


def test_without_a_store_the_first_manual_one_takes_the_order() -> None:
    answer = Bench().post(ONE, changed(an_order(), "advancedOptions", ...))
    assert answer["advancedOptions"]["storeId"] == MANUAL_STORE


def test_read_only_and_unknown_members_are_passed_over_but_written_down() -> None:
    bench = Bench()
    body = an_order(customerId=5, orderTotal=1, createDate="x", holdUntilDate="2026-04-01", colour="red")
    body["items"][0] |= {"productId": 77, "orderItemId": 1}
    answer = bench.post(ONE, body)
    assert (answer["orderTotal"], answer["holdUntilDate"]) == (65.66, None)
    assert (answer["items"][0]["productId"], answer["items"][0]["orderItemId"] == 1) == (None, False)
    assert bench.simulator.strict_violations == [
        "POST /orders/createorder: 'colour' is unknown: ShipStation passes over it"
    ]


def test_an_offset_behind_a_moment_is_passed_over_but_written_down() -> None:
    bench = Bench()
    assert bench.post(ONE, an_order(orderDate="2026-03-13T08:00:00Z"))["orderDate"] == "2026-03-13T08:00:00.0000000"
    assert "has an offset" in bench.simulator.strict_violations[0]


@pytest.mark.parametrize("digits", range(8))
def test_moments_have_none_to_seven_digits(digits: int) -> None:
    text = "2026-03-13T08:00:01" + (f".{'1234567'[:digits]}" if digits else "")
    shown = Bench().post(ONE, an_order(orderDate=text))["orderDate"]
    assert shown == "2026-03-13T08:00:01." + "123456"[: min(digits, 6)].ljust(7, "0")


def test_an_order_id_updates_that_order_and_the_key_stays() -> None:
    bench = Bench()
    number = bench.create()
    assert bench.post(ONE, an_order(orderId=number, orderNumber="RENAMED"))["orderNumber"] == "RENAMED"
    assert bench.call("POST", ONE, an_order(orderId=number, orderKey="OTHER")).status == 400
    assert bench.call("POST", ONE, an_order("NEW", orderId=number + 1)).status == 400
    assert len(bench.holdings()["orders"]) == 1


@pytest.mark.parametrize("status", ["shipped", "cancelled", "pending_fulfillment", "rejected_fulfillment"])
@pytest.mark.parametrize("mode", ["unchanged", "refused"])
def test_a_locked_order_does_not_change_in_either_mode(status: str, mode: str) -> None:
    bench = Bench(locked_orders=mode)
    bench.create()
    bench.command("set_status", order="SO007015", status=status)
    before = bench.holdings()["orders"]
    reply = bench.call("POST", ONE, an_order(internalNotes="new"))
    assert reply.status == (200 if mode == "unchanged" else 400)
    if mode == "unchanged":
        assert document(reply)["orderStatus"] == status
        assert document(reply)["internalNotes"] == "Acumatica SO SO007015"
    [row] = bench.post(MANY, [an_order(internalNotes="new")])["results"]
    assert row["success"] is (mode == "unchanged")
    assert bench.holdings()["orders"] == before


@pytest.mark.parametrize("status", ["awaiting_payment", "awaiting_shipment", "on_hold"])
def test_an_open_order_changes(status: str) -> None:
    bench = Bench()
    bench.create(orderStatus=status)
    assert bench.post(ONE, an_order(internalNotes="new"))["internalNotes"] == "new"


def test_a_cancelled_order_has_used_its_key_up() -> None:
    bench = Bench()
    number = bench.create()
    answer = document(bench.call("DELETE", f"/orders/{number}"))
    assert answer == {"success": True, "message": "The requested order has been deleted."}
    assert bench.order(number)["orderStatus"] == "cancelled"
    assert bench.post(ONE, an_order())["orderStatus"] == "cancelled"
    assert bench.post(ONE, an_order("SO007015-R1"))["orderId"] != number


def test_a_deleted_order_can_be_gone_from_the_list() -> None:
    bench = Bench(deleted_orders_listed=False)
    number = bench.create()
    assert bench.call("DELETE", f"/orders/{number}").status == 200
    assert bench.get("/orders")["total"] == 0


def test_a_shipped_order_is_not_deleted_and_an_unknown_one_is_not_found() -> None:
    bench = Bench()
    number = bench.create()
    bench.command("buy_label", order=number)
    assert bench.call("DELETE", f"/orders/{number}").status == 400
    assert bench.order(number)["orderStatus"] == "shipped"
    assert bench.call("DELETE", "/orders/1").status == 404
    assert bench.call("GET", "/orders/1").status == 404


def test_a_hold_ends_by_itself_on_its_day() -> None:
    bench = Bench()
    number = bench.create()
    held = bench.post("/orders/holduntil", {"orderId": number, "holdUntilDate": "2026-03-18"})
    assert held == {"success": True, "message": "Order held successfully."}
    assert (bench.order(number)["orderStatus"], bench.order(number)["holdUntilDate"]) == ("on_hold", "2026-03-18")
    bench.wait(24 * 3600)
    assert bench.order(number)["orderStatus"] == "on_hold"
    bench.wait(12.5 * 3600)  # past midnight in Los Angeles
    shown = bench.order(number)
    assert (shown["orderStatus"], shown["holdUntilDate"]) == ("awaiting_shipment", None)
    assert shown["modifyDate"] == "2026-03-18T00:00:00.0000000"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("holduntil", {"holdUntilDate": "2026-03-18"}),
        ("holduntil", {"orderId": 140335319}),
        ("holduntil", {"orderId": 140335319, "holdUntilDate": "18/03/2026"}),
        ("holduntil", {"orderId": 140335319, "holdUntilDate": "2026-03-16"}),
        ("holduntil", {"orderId": 140335319, "holdUntilDate": "2026-03-18T00:00:00"}),
        ("holduntil", {"orderId": "140335319", "holdUntilDate": "2026-03-18"}),
        ("restorefromhold", {}),
        ("restorefromhold", {"orderId": 140335319}),
        ("markasshipped", {"orderId": 140335319}),
        ("markasshipped", {"carrierCode": "ups"}),
        ("markasshipped", {"orderId": 140335319, "carrierCode": "ups", "notifyCustomer": "no"}),
        ("addtag", {"orderId": 140335319, "tagId": 5}),
        ("createlabelfororder", {"orderId": 140335319, "carrierCode": "ups", "serviceCode": "ups_ground"}),
    ],
)
def test_state_calls_refuse_what_they_cannot_do(path: str, body: dict[str, Any]) -> None:
    bench = Bench()
    assert bench.create() == 140335319
    before = bench.holdings()
    assert bench.call("POST", f"/orders/{path}", body).status == 400
    assert bench.holdings() == before


def test_a_hold_is_released_and_a_locked_order_is_not_held() -> None:
    bench = Bench()
    number = bench.create()
    bench.post("/orders/holduntil", {"orderId": number, "holdUntilDate": "2026-04-01"})
    restored = bench.post("/orders/restorefromhold", {"orderId": number})
    assert restored == {"success": True, "message": "The requested order has been restored"}
    bench.command("buy_label", order=number)
    assert bench.call("POST", "/orders/holduntil", {"orderId": number, "holdUntilDate": "2026-04-01"}).status == 400
    assert bench.call("POST", "/orders/holduntil", {"orderId": 1, "holdUntilDate": "2026-04-01"}).status == 404


def test_tags_come_and_go() -> None:
    bench = Bench()
    number = bench.create()
    assert bench.post("/orders/addtag", {"orderId": number, "tagId": 1234})["message"] == "Tag added successfully."
    assert bench.order(number)["tagIds"] == [1234]
    assert bench.post("/orders/removetag", {"orderId": number, "tagId": 1234})["success"] is True
    assert bench.order(number)["tagIds"] is None


def listed(bench: Bench, **query: Any) -> list[str]:
    return [each["orderNumber"] for each in bench.get("/orders", **query)["orders"]]


def three_orders() -> Bench:
    """A at 11:40:05 on the 16th, B an hour later, A1 another hour later; B edited at last."""
    bench = Bench()
    bench.create("A", orderDate="2026-03-10T00:00:00")
    bench.wait(3600)
    bench.create("B", orderDate="2026-03-11T12:00:00", paymentDate="2026-03-11T12:30:00")
    bench.wait(3600)
    bench.post(ONE, changed(an_order("A1", orderDate="2026-03-09T00:00:00"), "shipTo.name", "Ann Other"))
    bench.wait(3600)
    bench.command("edit_item", order="B", line="1", members={"quantity": 3})
    return bench


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["A", "B", "A1"]),
        ({"orderNumber": "a"}, ["A", "A1"]),  # a search for the beginning
        ({"orderNumber": "1"}, []),
        ({"orderStatus": "awaiting_shipment"}, ["A", "B", "A1"]),
        ({"orderStatus": "shipped"}, []),
        ({"storeId": OUR_STORE}, ["A", "B", "A1"]),
        ({"storeId": MANUAL_STORE}, []),
        ({"customerName": "other"}, ["A1"]),
        ({"itemKeyword": "lego"}, ["A", "B", "A1"]),
        ({"itemKeyword": "0042"}, []),
        ({"modifyDateStart": "2026-03-16 11:40:05"}, ["A", "B", "A1"]),
        ({"modifyDateStart": "2026-03-16 13:41:00"}, ["B"]),
        ({"modifyDateEnd": "2026-03-16 13:41:00"}, ["A", "A1"]),
        ({"createDateStart": "2026-03-16 12:00:00", "createDateEnd": "2026-03-16 13:00:00"}, ["B"]),
        ({"createDateStart": "2026-03-17"}, []),
        ({"orderDateStart": "2026-03-10"}, ["B"]),  # greater than
        ({"orderDateEnd": "2026-03-10"}, ["A", "A1"]),  # less than or equal
        ({"paymentDateStart": "2026-03-11"}, ["B"]),
        ({"paymentDateStart": "2026-03-11 12:30:00"}, []),
        ({"sortBy": "OrderDate"}, ["A1", "A", "B"]),
        ({"sortBy": "ModifyDate"}, ["A", "A1", "B"]),
        ({"sortBy": "ModifyDate", "sortDir": "DESC"}, ["B", "A1", "A"]),
        ({"sortBy": "CreateDate", "sortDir": "DESC"}, ["A1", "B", "A"]),
        ({"pageSize": 2}, ["A", "B"]),
        ({"pageSize": 2, "page": 2}, ["A1"]),
        ({"pageSize": 2, "page": 3}, []),
    ],
)
def test_every_filter_of_the_list(query: dict[str, Any], found: list[str]) -> None:
    bench = three_orders()
    assert listed(bench, **query) == found
    assert bench.simulator.strict_violations == []


@pytest.mark.parametrize(
    "query",
    [
        "pageSize=501",
        "pageSize=0",
        "page=0",
        "page=x",
        "sortBy=modifyDateTime",
        "sortDir=up",
        "orderStatus=open",
        "modifyDateStart=yesterday",
        "modifyDateStart=2026-13-01",
        "storeId=x",
    ],
)
def test_a_query_that_does_not_bind_is_refused(query: str) -> None:
    reply = Bench().call("GET", "/orders", query=query)
    assert reply.status == 400
    assert list(document(reply)["ModelState"]) == [f"request.{query.partition('=')[0]}"]


def test_there_is_no_filter_by_key_and_an_unknown_one_is_passed_over() -> None:
    bench = three_orders()
    assert listed(bench, orderKey="A") == ["A", "B", "A1"]
    assert "orderKey" in bench.simulator.strict_violations[0]


def test_of_a_repeated_parameter_the_first_counts() -> None:
    bench = three_orders()
    reply = bench.call("GET", "/orders", query="orderNumber=B&orderNumber=A")
    assert [each["orderNumber"] for each in document(reply)["orders"]] == ["B"]
    assert len(bench.simulator.strict_violations) == 1


def test_pages_is_no_count_of_pages() -> None:
    bench = three_orders()
    answer = bench.get("/orders")
    assert (answer["total"], answer["page"], answer["pages"]) == (3, 1, 0)
    bench.command("set", useful_pages=True)
    assert bench.get("/orders", pageSize=2)["pages"] == 2


def test_names_of_query_parameters_have_no_letter_case() -> None:
    bench = three_orders()
    batch = bench.simulator.world.orders[140335319].batch
    assert listed(bench, storeID=OUR_STORE, importBatch=batch) == ["A"]
    assert bench.simulator.strict_violations == []


def test_a_created_order_may_answer_201() -> None:
    bench = Bench(created_status=201)
    assert bench.call("POST", ONE, an_order()).status == 201
    assert bench.call("POST", ONE, an_order()).status == 200
