"""Transforms of the simulated NetSuite: receipts, fulfilments, returns; and what people do to the orders meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.netsuite_bench import CICERO, MAIN, Bench, detail, filled, ref


@pytest.fixture
def bench() -> Bench:
    return Bench()


def lines(*rows: dict[str, Any], **body: Any) -> dict[str, Any]:
    return {**body, "item": {"items": list(rows)}}


def taken(line: int, quantity: float | None = None, **more: Any) -> dict[str, Any]:
    amount = {} if quantity is None else {"quantity": quantity}
    return {"orderLine": line, "itemReceive": True, **amount, **more}


def left(line: int) -> dict[str, Any]:
    return {"orderLine": line, "itemReceive": False}


# -- rule 4: pre-filled lines


def test_a_receipt_that_names_one_line_receives_all_the_others_in_full(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", lines(taken(1, 118))))
    (held,) = bench.held("itemReceipt")
    assert [(line["orderLine"], line["quantity"]) for line in held["item"]] == [(1, 118), (4, 60)]
    assert (bench.on_hand("TEE-BLK-M"), bench.on_hand("TEE-BLK-L")) == (218, 160)


def test_a_partial_receipt_says_what_was_not_received(bench: Bench) -> None:
    order = bench.purchase_order()
    body = lines(
        taken(1, 118, location=ref(CICERO)), left(4), externalId="SB-IR-1", memo="WRO 1", tranDate="2026-07-01"
    )
    number = bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", body))
    found = bench.get(f"itemReceipt/{number}")
    assert [(line["orderLine"], line["quantity"]) for line in found["item"]["items"]] == [(1, 118)]
    assert (found["externalId"], found["createdFrom"]["refName"]) == ("SB-IR-1", "Purchase Order #PO10001")
    assert found["entity"]["refName"] == "BZ Vendor"
    assert bench.on_hand("TEE-BLK-L") == 100


def test_a_body_is_optional(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt"))
    assert bench.get(f"purchaseOrder/{order}")["status"]["id"] == "F"


def test_with_replace_only_the_named_lines_remain(bench: Bench) -> None:
    order = bench.purchase_order()
    path = f"purchaseOrder/{order}"
    bench.saved(bench.transform(path, "itemReceipt", lines(taken(4, 5)), query="replace=item"))
    assert [line["orderLine"] for line in bench.held("itemReceipt")[0]["item"]] == [4]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([left(1), left(4)], "at least one valid line"),
        ([taken(1, 121), left(4)], "remaining quantity"),
        ([taken(1, 0), left(4)], "greater than zero"),
        ([taken(1, -1), left(4)], "greater than zero"),
        ([taken(2, 1)], "nothing to process"),
        ([taken(1, 1), taken(1, 2)], "twice"),
        ([{"quantity": 1}], "orderLine"),
        ([taken(1, 1, item=ref(329)), left(4)], "item"),
        ([taken(1, 1, location=ref(99)), left(4)], "location"),
    ],
)
def test_receipts_that_are_refused(bench: Bench, rows: list[dict[str, Any]], words: str) -> None:
    order = bench.purchase_order()
    reply = bench.transform(f"purchaseOrder/{order}", "itemReceipt", lines(*rows))
    assert reply.status == 400
    assert words in detail(reply)["detail"] + detail(reply).get("o:errorPath", "")
    assert bench.held("itemReceipt") == []
    assert bench.on_hand("TEE-BLK-M") == 100


def test_overage_is_a_preference(bench: Bench) -> None:
    bench.command("set", overage=True)
    order = bench.purchase_order()
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", lines(taken(1, 121), left(4))))
    assert bench.on_hand("TEE-BLK-M") == 221


def test_quantities_may_have_fractions(bench: Bench) -> None:
    order = bench.purchase_order(("TOTE-01", 50))
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", lines(taken(1, 37.5))))
    query = "SELECT tl.quantityshiprecv AS done, tl.quantity - tl.quantityshiprecv AS open FROM transactionline tl "
    query += "WHERE tl.mainline = 'F' AND tl.transaction = :id"
    assert bench.rows(filled(query, id=order)) == [{"done": "37.5", "open": "12.5"}]


def test_a_receipt_may_go_to_another_location(bench: Bench) -> None:
    order = bench.purchase_order()
    body = lines(taken(1, 10, location=ref(MAIN)), left(4))
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", body))
    assert (bench.on_hand("TEE-BLK-M", MAIN), bench.on_hand("TEE-BLK-M")) == (10, 100)


def test_a_line_without_a_location_needs_one(bench: Bench) -> None:
    rows = [{"sku": "TEE-BLK-M", "quantity": 5}]
    order = bench.command("enter_purchase_order", vendor="1722", lines=rows)["id"]
    assert "Location" in detail(bench.transform(f"purchaseOrder/{order}", "itemReceipt", lines(taken(1))))["detail"]
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", lines(taken(1, location=ref(CICERO)))))


def test_services_and_kit_members_are_no_lines_of_a_transform(bench: Bench) -> None:
    order = bench.sales_order(("GIFT", 2), ("ENGRAVING", 1))
    query = "SELECT tl.id, tl.itemtype AS kind, tl.kitmemberof AS parent FROM transactionline tl "
    query += "WHERE tl.transaction = :id AND tl.mainline = 'F' AND tl.taxline = 'F' ORDER BY tl.id"
    assert bench.rows(filled(query, id=order)) == [
        {"id": "1", "kind": "Kit"},
        {"id": "4", "kind": "Service"},
        {"id": "5", "kind": "InvtPart", "parent": "1"},
        {"id": "6", "kind": "InvtPart", "parent": "1"},
    ]
    for line in (4, 5):
        assert bench.transform(f"salesOrder/{order}", "itemFulfillment", lines(taken(line, 1))).status == 400
    body = lines(taken(1, 1), shipStatus={"id": "C"})
    bench.saved(bench.transform(f"salesOrder/{order}", "itemFulfillment", body))
    assert (bench.on_hand("TEE-BLK-M"), bench.on_hand("TOTE-01")) == (99, 98)
    assert bench.get(f"salesOrder/{order}")["status"]["id"] == "E"


# -- states


@pytest.mark.parametrize(("status", "words"), [("A", "initialize"), ("C", "initialize"), ("H", "valid line")])
def test_orders_that_can_not_be_received(bench: Bench, status: str, words: str) -> None:
    order = bench.purchase_order()
    bench.command("set_status", id=order, status=status)
    reply = bench.transform(f"purchaseOrder/{order}", "itemReceipt", lines(taken(1, 1), left(4)))
    assert (reply.status, words in detail(reply)["detail"]) == (400, True)


def test_a_received_order_has_no_line_left(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt"))
    assert "valid line" in detail(bench.transform(f"purchaseOrder/{order}", "itemReceipt"))["detail"]


def test_closed_lines_are_not_proposed(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.command("edit_order", id=order, close=[4])
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt"))
    assert [line["orderLine"] for line in bench.held("itemReceipt")[0]["item"]] == [1]
    assert bench.get(f"purchaseOrder/{order}")["status"]["id"] == "F"


def test_letters_of_a_purchase_order(bench: Bench) -> None:
    order = bench.purchase_order(("TEE-BLK-M", 10))
    path, seen = f"purchaseOrder/{order}", []

    def look() -> None:
        seen.append(bench.get(path)["status"]["id"])

    look()
    bench.saved(bench.transform(path, "itemReceipt", lines(taken(1, 4))))
    look()
    bench.command("bill_order", id=order)
    look()
    bench.saved(bench.transform(path, "itemReceipt", lines(taken(1, 6))))
    look()
    bench.command("bill_order", id=order)
    look()
    bench.command("set_status", id=order, status="H")
    look()
    assert seen == ["B", "E", "D", "F", "G", "H"]


def test_letters_of_a_sales_order_and_its_numbers(bench: Bench) -> None:
    order = bench.sales_order(("TEE-BLK-M", 2))
    path = f"salesOrder/{order}"
    for tracking, letter in (("1Z1", "E"), ("1Z2", "F")):
        body = lines(taken(1, 1), shipStatus="C", package={"items": [{"packageTrackingNumber": tracking}]})
        bench.saved(bench.transform(path, "itemFulfillment", body))
        assert bench.get(path)["status"]["id"] == letter
    assert bench.get(path)["linkedTrackingNumbers"] == "1Z1 1Z2"
    bench.command("bill_order", id=order)
    assert bench.get(path)["status"]["id"] == "G"


def test_missing_orders_and_transforms(bench: Bench) -> None:
    order = bench.purchase_order()
    reply = bench.transform("purchaseOrder/1", "itemReceipt", {})
    assert (reply.status, "incorrect" in detail(reply)["detail"]) == (400, True)
    assert bench.transform(f"salesOrder/{order}", "itemFulfillment", {}).status == 400
    assert bench.transform(f"purchaseOrder/{order}", "itemFulfillment", {}).status == 404
    assert bench.transform(f"purchaseOrder/{order}", "magic", {}).status == 404


def test_the_external_id_of_a_transform_works_as_everywhere(bench: Bench) -> None:
    order = bench.purchase_order()
    path = f"purchaseOrder/{order}"
    bench.saved(bench.transform(path, "itemReceipt", lines(taken(1, 1), left(4), externalId="SB-IR-1")))
    again = bench.transform(path, "itemReceipt", lines(taken(1, 1), left(4), externalId="sb-ir-1"))
    assert (again.status, detail(again)["o:errorCode"]) == (400, "USER_ERROR")
    assert bench.on_hand("TEE-BLK-M") == 101
    bench.command("set", transform_keeps_external_id=False)
    bench.saved(bench.transform(path, "itemReceipt", lines(taken(1, 1), left(4), externalId="SB-IR-2")))
    assert "externalId" not in bench.held("itemReceipt")[1]


def test_misspelt_lines_of_a_transform(bench: Bench) -> None:
    order = bench.sales_order()
    body = lines(taken(1, 1, itemIsFulfilled=True), left(4))
    assert bench.transform(f"salesOrder/{order}", "itemFulfillment", body).status == 400
    packages: dict[str, Any] = {"packageList": {"items": []}}
    assert bench.transform(f"salesOrder/{order}", "itemFulfillment", packages).status == 400


# -- fulfilments


def test_stock_moves_when_goods_are_shipped_not_when_they_are_picked(bench: Bench) -> None:
    order = bench.sales_order(("TEE-BLK-M", 2))
    number = bench.saved(bench.transform(f"salesOrder/{order}", "itemFulfillment", lines(taken(1, 2))))
    assert (bench.get(f"itemFulfillment/{number}")["status"]["id"], bench.on_hand("TEE-BLK-M")) == ("A", 100)
    assert bench.get(f"salesOrder/{order}")["status"]["id"] == "B"
    bench.saved(bench.call("PATCH", f"itemFulfillment/{number}", {"shipStatus": {"id": "C"}}))
    assert (bench.get(f"salesOrder/{order}")["status"]["id"], bench.on_hand("TEE-BLK-M")) == ("F", 98)
    assert bench.get(f"itemFulfillment/{number}")["shippedDate"] == "2026-07-13"


def test_the_ship_status_may_stick_at_picked(bench: Bench) -> None:
    bench.command("set", sticky_ship_status=True)
    order = bench.sales_order()
    body = {"shipStatus": {"id": "C"}}
    number = bench.saved(bench.transform(f"salesOrder/{order}", "itemFulfillment", body))
    assert bench.get(f"itemFulfillment/{number}")["shipStatus"]["id"] == "A"
    bench.saved(bench.call("PATCH", f"itemFulfillment/{number}", body))
    assert bench.get(f"itemFulfillment/{number}")["shipStatus"]["id"] == "C"


def test_packages_are_added_unless_they_are_replaced(bench: Bench) -> None:
    order = bench.sales_order()
    body = {"package": {"items": [{"packageTrackingNumber": "1Z1", "packageWeight": 1.25}]}}
    path = f"itemFulfillment/{bench.saved(bench.transform(f'salesOrder/{order}', 'itemFulfillment', body))}"
    change = {"package": {"items": [{"packageTrackingNumber": "1Z2"}]}}
    bench.saved(bench.call("PATCH", path, change))
    assert len(bench.get(path)["package"]["items"]) == 2
    bench.saved(bench.call("PATCH", path, change, query="replace=package"))
    assert [row["packageTrackingNumber"] for row in bench.get(path)["package"]["items"]] == ["1Z2"]
    query = """SELECT tn.trackingnumber AS number FROM trackingnumbermap m
        INNER JOIN trackingnumber tn ON tn.id = m.trackingnumber WHERE m.transaction = :id"""
    assert bench.rows(filled(query, id=path.split("/")[1])) == [{"number": "1Z2"}]


def test_an_integrated_carrier_has_a_list_of_its_own(bench: Bench) -> None:
    order = bench.sales_order(ship_method="42")
    body = {"package": {"items": [{"packageTrackingNumber": "1Z1"}]}}
    path = f"itemFulfillment/{bench.saved(bench.transform(f'salesOrder/{order}', 'itemFulfillment', body))}"
    found = bench.get(path)
    assert "package" not in found
    assert len(found["packageUps"]["items"]) == 1
    assert "package ignored" in bench.simulator.holdings()["warnings"][0]
    change = {"packageUps": {"items": [{"packageTrackingNumberUps": "1Z1"}]}}
    bench.saved(bench.call("PATCH", path, change, query="replace=packageUps"))
    assert bench.held("itemFulfillment")[0]["tracking_numbers"] == ["1Z1"]


def test_a_carrier_s_list_needs_its_ship_method(bench: Bench) -> None:
    order = bench.sales_order()
    body = {"packageUps": {"items": [{"packageTrackingNumberUps": "1Z1"}]}}
    assert bench.transform(f"salesOrder/{order}", "itemFulfillment", body).status == 400


def test_another_ship_method_makes_the_generic_list_work(bench: Bench) -> None:
    order = bench.sales_order(ship_method="42")
    body = {"shipMethod": ref(41), "package": {"items": [{"packageTrackingNumber": "94"}]}}
    bench.saved(bench.transform(f"salesOrder/{order}", "itemFulfillment", body))
    assert bench.held("itemFulfillment")[0]["tracking_numbers"] == ["94"]


def test_a_fulfilment_s_quantity_can_be_corrected_within_the_order(bench: Bench) -> None:
    order = bench.sales_order(("TEE-BLK-M", 2))
    body = lines(taken(1, 2), shipStatus="C")
    path = f"itemFulfillment/{bench.saved(bench.transform(f'salesOrder/{order}', 'itemFulfillment', body))}"
    bench.saved(bench.call("PATCH", path, lines({"line": 1, "quantity": 1})))
    assert (bench.on_hand("TEE-BLK-M"), bench.get(f"salesOrder/{order}")["status"]["id"]) == (99, "E")
    assert bench.call("PATCH", path, lines({"line": 1, "quantity": 3})).status == 400


# -- accounts without the advanced features


def test_a_receipt_makes_the_bill_where_advanced_receiving_is_off(bench: Bench) -> None:
    bench.command("set", advanced_receiving=False)
    order = bench.purchase_order()
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", lines(taken(1, 20), left(4))))
    (bill,) = bench.held("vendorBill")
    assert (bill["total"], bill["source"]) == (83, order)
    assert bench.get(f"purchaseOrder/{order}")["status"]["id"] == "D"  # received and billed in part
    query = "SELECT nexttype, linktype FROM nexttransactionlinelink WHERE previousdoc = :id ORDER BY nextdoc"
    assert [row["linktype"] for row in bench.rows(filled(query, id=order))] == ["ShipRcpt", "OrdBill"]


def test_a_fulfilment_makes_the_invoice_where_advanced_shipping_is_off(bench: Bench) -> None:
    bench.command("set", advanced_shipping=False)
    order = bench.sales_order()
    bench.saved(bench.transform(f"salesOrder/{order}", "itemFulfillment", {"shipStatus": "C"}))
    assert bench.get(f"salesOrder/{order}")["status"]["id"] == "G"


# -- returns


def fulfilled(bench: Bench) -> str:
    order = bench.sales_order()
    bench.saved(bench.transform(f"salesOrder/{order}", "itemFulfillment", {"shipStatus": "C"}))
    return order


def test_a_return_proposes_the_whole_order(bench: Bench) -> None:
    order = fulfilled(bench)
    body = lines({"orderLine": 1, "quantity": 1}, externalId="SB-RA-1", orderStatus={"id": "B"})
    number = bench.saved(bench.transform(f"salesOrder/{order}", "returnAuthorization", body))
    found = bench.get(f"returnAuthorization/{number}")
    assert found["status"] == {"id": "B", "refName": "Pending Receipt"}
    assert [(line["line"], line["quantity"]) for line in found["item"]["items"]] == [(1, 1), (4, 1)]
    change = lines({"line": 1, "quantity": 1})
    bench.saved(bench.call("PATCH", f"returnAuthorization/{number}", change, query="replace=item"))
    assert [line["line"] for line in bench.get(f"returnAuthorization/{number}")["item"]["items"]] == [1]


def test_nothing_comes_back_of_an_order_of_which_nothing_left(bench: Bench) -> None:
    order = bench.sales_order()
    reply = bench.transform(f"salesOrder/{order}", "returnAuthorization", {"orderStatus": "B"})
    assert (reply.status, "initialize" in detail(reply)["detail"]) == (400, True)
    assert bench.held("returnAuthorization") == []


def test_a_return_may_propose_nothing(bench: Bench) -> None:
    bench.command("set", returns_propose="none")
    order = fulfilled(bench)
    assert bench.transform(f"salesOrder/{order}", "returnAuthorization", {}).status == 400
    body = lines({"orderLine": 4, "quantity": 1})
    number = bench.saved(bench.transform(f"salesOrder/{order}", "returnAuthorization", body))
    found = bench.get(f"returnAuthorization/{number}")
    assert ([line["line"] for line in found["item"]["items"]], found["status"]["id"]) == ([4], "A")


def test_a_return_is_received_back(bench: Bench) -> None:
    order = fulfilled(bench)
    assert bench.on_hand("TEE-BLK-M") == 98
    body = lines({"orderLine": 1, "quantity": 2}, orderStatus="B")
    reply = bench.transform(f"salesOrder/{order}", "returnAuthorization", body, query="replace=item")
    number = bench.saved(reply)
    path = f"returnAuthorization/{number}"
    for letter in ("E", "F"):
        bench.saved(bench.transform(path, "itemReceipt", lines(taken(1, 1))))
        assert bench.get(path)["status"]["id"] == letter
    assert bench.on_hand("TEE-BLK-M") == 100


def test_a_return_must_be_approved_before_it_is_received(bench: Bench) -> None:
    order = fulfilled(bench)
    number = bench.saved(bench.transform(f"salesOrder/{order}", "returnAuthorization", {}))
    assert bench.transform(f"returnAuthorization/{number}", "itemReceipt", {}).status == 400
    bench.command("set_status", id=number, status="B")
    bench.saved(bench.transform(f"returnAuthorization/{number}", "itemReceipt", {}))


# -- people


def test_people_edit_orders(bench: Bench) -> None:
    order = bench.purchase_order(tran_id="PO7")
    changes = {"quantities": {"1": 100}, "close": [4], "add": [{"sku": "TOTE-01", "quantity": 5}], "memo": "x"}
    bench.command("edit_order", tran_id="PO7", new_tran_id="PO7-A", locations={"1": MAIN}, **changes)
    (held,) = bench.held("purchaseOrder")
    assert (held["id"], held["tranId"], held["memo"]) == (order, "PO7-A", "x")
    assert [(line["line"], line["quantity"], line.get("isClosed", False)) for line in held["item"]] == [
        (1, 100, False),
        (4, 60, True),
        (7, 5, False),
    ]
    bench.command("edit_order", id=order, reopen=[4])
    with pytest.raises(KeyError, match="no line 2"):
        bench.command("edit_order", id=order, close=[2])
    with pytest.raises(KeyError, match="no transaction"):
        bench.command("edit_order", tran_id="PO7")


def test_people_receive_fulfil_and_adjust_by_hand(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.command("receive", id=order, quantities={"1": 20})
    sold = bench.sales_order()
    bench.command("fulfil", id=sold, tracking="1Z9")
    bench.command("adjust", sku="TOTE-01", location=CICERO, quantity=-3, account=213, subsidiary=1)
    assert [bench.on_hand(sku) for sku in ("TEE-BLK-M", "TEE-BLK-L", "TOTE-01")] == [118, 100, 96]
    for kind in ("itemReceipt", "itemFulfillment", "inventoryAdjustment"):
        (held,) = bench.held(kind)
        assert held["by_hand"]
        assert "externalId" not in held
    with pytest.raises(ValueError, match="refuses"):
        bench.command("receive", id=order, quantities={"1": 1000})


def test_people_delete_and_change_transactions(bench: Bench) -> None:
    order = bench.purchase_order()
    receipt = bench.command("receive", id=order)
    with pytest.raises(ValueError, match="behind it"):
        bench.command("delete", id=order)
    bench.command("change_transaction", id=receipt, values={"memo": "x", "externalid": "MINE-1"})
    assert bench.get("itemReceipt/eid:mine-1")["memo"] == "x"
    bench.command("change_transaction", id=receipt, values={"memo": None})
    bench.command("delete", id=receipt)
    assert (bench.on_hand("TEE-BLK-M"), bench.get(f"purchaseOrder/{order}")["status"]["id"]) == (100, "B")
    bench.command("delete", id=order)
    assert bench.held("purchaseOrder") == []


def test_people_rename_items_and_make_them_inactive(bench: Bench) -> None:
    bench.command("change_item", sku="TOTE-01", new_sku="TOTE-1", inactive=True)
    query = "SELECT i.itemid AS sku FROM item i WHERE i.id = 401 AND i.isinactive = 'T'"
    assert bench.rows(query) == [{"sku": "TOTE-1"}]
    with pytest.raises(KeyError, match="no item"):
        bench.command("change_item", sku="TOTE-01")


def test_a_matrix_item_has_a_longer_name(bench: Bench) -> None:
    bench.command("seed_item", sku="HAT-S", full_name="HAT : HAT-S")
    query = "SELECT i.itemid, i.fullname FROM item i WHERE i.fullname LIKE '% : %'"
    assert bench.rows(query) == [{"itemid": "HAT-S", "fullname": "HAT : HAT-S"}]


def test_seeding_knows_its_kinds(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no table"):
        bench.command("seed_master", table="planet", name="x")
    with pytest.raises(ValueError, match="no item record"):
        bench.command("seed_item", sku="x", record="planet")
    with pytest.raises(ValueError, match="custbody"):
        bench.command("seed_custom_field", record="salesOrder", name="tracking")
    with pytest.raises(ValueError, match="no kind"):
        bench.command("seed_custom_field", record="salesOrder", name="custbody_x", kind="map")
