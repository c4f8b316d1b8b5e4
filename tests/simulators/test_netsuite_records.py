"""The record service of the simulated NetSuite: create, read, update, upsert, and everything that it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.netsuite_bench import ABROAD, CICERO, CUSTOMER, MAIN, VENDOR, Bench, detail, document, filled, ref

BILL: dict[str, Any] = {
    "entity": ref(1750),
    "tranId": "INV-2026-000188",
    "tranDate": "2026-07-01",
    "expense": {
        "items": [
            {"account": ref(311), "amount": 412.70, "memo": "Shipping", "location": ref(CICERO)},
            {"account": ref(312), "amount": 88.05, "memo": "Warehousing", "location": ref(CICERO)},
        ]
    },
}
ADJUSTMENT: dict[str, Any] = {
    "externalId": "SB-IA-WRO-774600-91d04fe2c7",
    "subsidiary": ref(1),
    "account": ref(213),
    "inventory": {
        "items": [
            {"item": ref(328), "location": ref(CICERO), "adjustQtyBy": 24, "unitCost": 4.15},
            {"item": ref(329), "location": ref(CICERO), "adjustQtyBy": -2},
        ]
    },
}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def adjusted(**line: Any) -> dict[str, Any]:
    """One adjustment whose only line is changed; a change of ... takes the member away."""
    row = {"item": ref(328), "location": ref(CICERO), "adjustQtyBy": 3, **line}
    kept = {name: value for name, value in row.items() if value is not ...}
    return {"subsidiary": ref(1), "account": ref(213), "inventory": {"items": [kept]}}


# -- rule 3: writes answer 204 with a place; external ids


def test_a_create_answers_204_without_a_body_and_says_where(bench: Bench) -> None:
    reply = bench.call("POST", "vendorBill", BILL)
    number = bench.saved(reply)
    assert reply.headers["Location"].endswith(f"/record/v1/vendorBill/{number}")
    (held,) = bench.held("vendorBill")
    assert (held["total"], held["status"], held["approvalStatus"]) == (500.75, "D", "1")


def test_an_upsert_by_external_id_creates_once_and_doubles_lines_the_second_time(bench: Bench) -> None:
    first = bench.saved(bench.call("PUT", "vendorBill/eid:SB-VB-1", BILL))
    again = bench.saved(bench.call("PUT", "vendorBill/eid:sb-vb-1", BILL))
    assert first == again
    (held,) = bench.held("vendorBill")
    assert len(held["expense"]) == 4  # the trap: lines without a key are added
    bench.saved(bench.call("PUT", "vendorBill/eid:SB-VB-1", BILL, query="replace=expense"))
    assert len(bench.held("vendorBill")[0]["expense"]) == 2


def test_put_needs_an_external_id(bench: Bench) -> None:
    assert bench.call("PUT", "vendorBill/48211", BILL).status == 400
    assert bench.call("PUT", "vendorBill/eid:SB|VB", BILL).status == 400
    assert bench.call("PUT", "vendorBill/eid:SB-1", {**BILL, "externalId": "SB-2"}).status == 400
    assert bench.held("vendorBill") == []


def test_external_ids_are_shared_by_all_transactions_whatever_the_letter_case(bench: Bench) -> None:
    bench.saved(bench.call("POST", "inventoryAdjustment", ADJUSTMENT))
    for method, path in (("POST", "vendorBill"), ("PUT", "vendorBill/eid:sb-ia-wro-774600-91D04FE2C7")):
        body = {**BILL, "externalId": "sb-ia-wro-774600-91D04FE2C7"}
        reply = bench.call(method, path, body)
        assert (reply.status, detail(reply)["o:errorCode"]) == (400, "USER_ERROR")
        assert "already exists" in detail(reply)["detail"]
    assert bench.held("vendorBill") == []


@pytest.mark.parametrize("external_id", ["", "SB|1", "SB 1", "x" * 61, 7])
def test_external_ids_of_the_wrong_form(bench: Bench, external_id: Any) -> None:
    assert bench.call("POST", "vendorBill", {**BILL, "externalId": external_id}).status == 400


def test_fulfilments_and_receipts_are_not_created_by_themselves(bench: Bench) -> None:
    for kind in ("itemFulfillment", "itemReceipt", "vendor", "inventoryItem"):
        assert bench.call("POST", kind, {}).status == 400
    assert bench.call("PATCH", "vendor/1722", {}).status == 403


def test_updates_change_what_they_name(bench: Bench) -> None:
    number = bench.saved(bench.call("POST", "vendorBill", {**BILL, "memo": "first"}))
    bench.wait(60)
    bench.saved(bench.call("PATCH", f"vendorBill/{number}", {"memo": "second", "dueDate": "2026-08-01"}))
    bench.saved(bench.call("PATCH", f"vendorBill/{number}", {"dueDate": None}))
    found = bench.get(f"vendorBill/{number}")
    assert found["memo"] == "second"
    assert "dueDate" not in found
    assert found["lastModifiedDate"] == "2026-07-13T20:59:00Z"  # UTC, the seconds always 00
    assert len(found["expense"]["items"]) == 2


def test_lines_are_changed_by_their_key(bench: Bench) -> None:
    number = bench.saved(bench.call("POST", "vendorBill", BILL))
    change = {"expense": {"items": [{"line": 2, "amount": 90}]}}
    bench.saved(bench.call("PATCH", f"vendorBill/{number}", change))
    assert [line["amount"] for line in bench.held("vendorBill")[0]["expense"]] == [412.7, 90]
    bench.saved(bench.call("PATCH", f"vendorBill/{number}", change, query={"replace": "expense"}))
    assert [line["amount"] for line in bench.held("vendorBill")[0]["expense"]] == [90]


def test_replace_names_a_sublist(bench: Bench) -> None:
    number = bench.saved(bench.call("POST", "vendorBill", BILL))
    assert bench.call("PATCH", f"vendorBill/{number}", {}, query="replace=package").status == 400


def test_deleting_takes_its_stock_back(bench: Bench) -> None:
    number = bench.saved(bench.call("POST", "inventoryAdjustment", ADJUSTMENT))
    assert bench.on_hand("TEE-BLK-M") == 124
    assert bench.call("DELETE", f"inventoryAdjustment/{number}").status == 204
    assert bench.on_hand("TEE-BLK-M") == 100
    assert bench.rows("SELECT id FROM transaction") == []


def test_an_order_with_a_receipt_is_not_deleted(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", {}))
    assert "linked" in detail(bench.call("DELETE", f"purchaseOrder/{order}"))["detail"]


# -- rule 5: names and values


def test_a_misspelt_property_is_lost_with_nothing_but_a_header(bench: Bench) -> None:
    body = {**BILL, "memmo": "x"}
    reply = bench.call("POST", "vendorBill", body, headers={"X-NetSuite-PropertyNameValidation": None})
    bench.saved(reply)
    assert "memmo" in reply.headers["x-netsuite-propertyvalidation"]
    assert "memmo" in bench.simulator.holdings()["warnings"][0]


def test_with_name_validation_it_is_refused(bench: Bench) -> None:
    reply = bench.call("POST", "vendorBill", {**BILL, "memmo": "x"})
    assert (reply.status, detail(reply)["o:errorCode"], detail(reply)["o:errorPath"]) == (
        400,
        "INVALID_CONTENT",
        "memmo",
    )
    line = {"expense": {"items": [{"account": ref(311), "amount": 1, "memmo": "x"}]}}
    assert detail(bench.call("POST", "vendorBill", {**BILL, **line}))["o:errorPath"] == "expense.items[0].memmo"
    assert bench.held("vendorBill") == []


def test_names_are_taken_whatever_their_letter_case(bench: Bench) -> None:
    body = {"ENTITY": ref(1750), "trandate": "2026-07-01", "expense": {"items": [{"Account": ref(311), "AMOUNT": 5}]}}
    number = bench.saved(bench.call("POST", "vendorbill", body))
    assert bench.get(f"VENDORBILL/{number}")["tranDate"] == "2026-07-01"


@pytest.mark.parametrize("header", ["X-NetSuite-PropertyNameValidation", "X-NetSuite-PropertyValueValidation"])
def test_validation_headers_have_known_values(bench: Bench, header: str) -> None:
    reply = bench.call("POST", "vendorBill", BILL, headers={header: "Maybe"})
    assert (reply.status, detail(reply)["o:errorHeader"]) == (400, header)


def test_values_are_always_validated(bench: Bench) -> None:
    headers: dict[str, str | None] = {"X-NetSuite-PropertyValueValidation": "Ignore"}
    assert bench.call("POST", "vendorBill", BILL, headers=headers).status == 400
    assert bench.simulator.strict_violations


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("memo", 7),
        ("tranId", "x" * 46),
        ("tranDate", "1/31/2026"),
        ("tranDate", "2026-02-30"),
        ("exchangeRate", "1.5"),
        ("exchangeRate", True),
        ("paymentHold", "T"),
        ("approvalStatus", "7"),
        ("approvalStatus", 2),
        ("approvalStatus", {"id": "9"}),
        ("entity", {"refName": "ShipBob"}),
        ("entity", ["1750"]),
        ("entity", True),
        ("entity", {"id": "1750", "name": "x"}),
        ("expense", [{"account": ref(311), "amount": 1}]),
        ("expense", {"items": {}}),
        ("expense", {"items": ["x"]}),
        ("expense", {"items": [{"account": ref(311), "amount": "1.00"}]}),
        ("expense", {"items": [{"account": ref(311), "amount": 1, "line": 1.5}]}),
        ("expense", {"items": [], "more": 1}),
    ],
)
def test_values_of_the_wrong_type(bench: Bench, name: str, value: Any) -> None:
    reply = bench.call("POST", "vendorBill", {**BILL, name: value})
    assert (reply.status, detail(reply)["o:errorCode"]) == (400, "INVALID_CONTENT")
    assert detail(reply)["o:errorPath"].startswith(name)
    assert bench.held("vendorBill") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("entity", ref(99)), ("entity", ref(CUSTOMER)), ("entity", {"externalId": "V-9"}), ("subsidiary", ref(9))],
)
def test_references_to_nothing(bench: Bench, name: str, value: Any) -> None:
    reply = bench.call("POST", "vendorBill", {**BILL, name: value})
    assert (reply.status, detail(reply)["o:errorCode"], detail(reply)["o:errorPath"]) == (400, "USER_ERROR", name)


def test_references_by_external_id_and_bare(bench: Bench) -> None:
    for entity in ({"externalId": "v-1"}, VENDOR, int(VENDOR)):
        number = bench.saved(bench.call("POST", "vendorBill", {**BILL, "entity": entity}))
        assert bench.get(f"vendorBill/{number}")["entity"] == {"links": [], "id": VENDOR, "refName": "BZ Vendor"}


def test_an_inactive_record_is_no_target(bench: Bench) -> None:
    bench.command("remove_master", table="vendor", id="1750")
    assert bench.call("POST", "vendorBill", BILL).status == 400


def test_read_only_properties_are_refused(bench: Bench) -> None:
    reply = bench.call("POST", "vendorBill", {**BILL, "total": 5})
    assert (reply.status, "read-only" in detail(reply)["detail"]) == (400, True)
    assert bench.simulator.strict_violations == ["vendorBill.total is read-only"]
    loose = Bench(strict=False)
    loose.saved(loose.call("POST", "vendorBill", {**BILL, "total": 5}))
    assert loose.held("vendorBill")[0]["total"] == 500.75


@pytest.mark.parametrize(("raw", "kind", "status"), [(b"{", None, 400), (b"[]", None, 400), (b"{}", "text/plain", 415)])
def test_bodies_that_are_no_documents(bench: Bench, raw: bytes, kind: str | None, status: int) -> None:
    headers: dict[str, str | None] = {"Content-Type": kind} if kind else {}
    assert bench.call("POST", "vendorBill", raw=raw, headers=headers).status == status


def test_unknown_query_parameters_are_refused(bench: Bench) -> None:
    assert bench.call("POST", "vendorBill", BILL, query="dryRun=true").status == 400
    assert bench.call("GET", "vendorBill/1", query="expand=true").status == 400
    assert bench.call("GET", "vendorBill/1", query="fields=a&fields=b").status == 400
    assert len(bench.simulator.strict_violations) == 2


def test_custom_fields_exist_only_when_the_account_made_them(bench: Bench) -> None:
    order = bench.sales_order()
    change = {"custbody_sb_tracking": "9400"}
    assert bench.call("PATCH", f"salesOrder/{order}", change).status == 400
    bench.command("seed_custom_field", record="salesOrder", name="custbody_sb_tracking")
    bench.saved(bench.call("PATCH", f"salesOrder/{order}", change))
    assert bench.get(f"salesOrder/{order}")["custbody_sb_tracking"] == "9400"
    assert bench.call("PATCH", f"salesOrder/{order}", {"custbody_sb_tracking": 7}).status == 400
    query = filled("SELECT t.custbody_sb_tracking AS tracking FROM transaction t WHERE t.id = :id", id=order)
    assert bench.rows(query) == [{"tracking": "9400"}]


# -- rule 6: reads


def test_sublists_are_links_unless_expanded(bench: Bench) -> None:
    order = bench.purchase_order()
    folded = document(bench.call("GET", f"purchaseOrder/{order}"))
    assert set(folded["item"]) == {"links"}
    assert folded["status"] == {"id": "B", "refName": "Pending Receipt"}
    lines = bench.get(f"purchaseOrder/{order}")["item"]["items"]
    assert [line["line"] for line in lines] == [1, 4]  # stable, but not a sequence
    assert bench.get(f"purchaseOrder/{order}", simpleEnumFormat="true")["status"] == "B"
    only = document(bench.call("GET", f"purchaseOrder/{order}", query="fields=tranId,memo"))
    assert set(only) == {"links", "id", "tranId"}


def test_a_sublist_and_a_line_can_be_read_by_themselves(bench: Bench) -> None:
    order = bench.purchase_order()
    found = document(bench.call("GET", f"purchaseOrder/{order}/item"))
    assert found["items"][1]["links"][0]["href"].endswith("/item/4")
    assert document(bench.call("GET", f"purchaseOrder/{order}/item/4"))["quantity"] == 60
    assert bench.call("GET", f"purchaseOrder/{order}/item/2").status == 404
    assert bench.call("GET", f"purchaseOrder/{order}/package").status == 404


def test_a_missing_transaction_is_no_404(bench: Bench) -> None:
    order = bench.purchase_order()
    for path in ("salesOrder/1", "salesOrder/eid:SB-1", f"salesOrder/{order}", "salesOrder/abc"):
        reply = bench.call("GET", path)
        assert (reply.status, detail(reply)["o:errorCode"]) == (400, "USER_ERROR")
        assert "Transaction type specified is incorrect." in detail(reply)["detail"]


def test_a_missing_master_record_is_404(bench: Bench) -> None:
    for path in ("vendor/99", "vendor/eid:none", "lotNumberedInventoryItem/328"):
        reply = bench.call("GET", path)
        assert (reply.status, detail(reply)["o:errorCode"]) == (404, "NONEXISTENT_ID")


def test_master_records_can_be_read(bench: Bench) -> None:
    assert bench.get("vendor/eid:v-1")["entityId"] == "BZ Vendor"
    assert bench.get("inventoryItem/328")["itemId"] == "TEE-BLK-M"
    assert bench.get("location/6")["name"] == "ShipBob Cicero"


def test_lists_hold_ids_and_links(bench: Bench) -> None:
    orders = [bench.purchase_order() for _ in range(3)]
    found = document(bench.call("GET", "purchaseOrder", query="limit=2"))
    assert ([row["id"] for row in found["items"]], found["hasMore"]) == (orders[:2], True)
    assert [row["id"] for row in document(bench.call("GET", "purchaseOrder", query="limit=2&offset=2"))["items"]] == [
        orders[2]
    ]
    assert bench.call("GET", "purchaseOrder", query="limit=2&offset=1").status == 400
    assert bench.call("GET", "purchaseOrder", query="q=id").status == 400
    assert len(document(bench.call("GET", "vendor"))["items"]) == 2
    assert len(document(bench.call("GET", "inventoryItem"))["items"]) == 3


def test_a_read_loads_the_record_as_for_editing(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.command("lock_record", id=order)
    for reply in (
        bench.call("GET", f"purchaseOrder/{order}"),
        bench.call("PATCH", f"purchaseOrder/{order}", {"memo": "x"}),
        bench.transform(f"purchaseOrder/{order}", "itemReceipt", {}),
    ):
        assert (reply.status, "workflow" in detail(reply)["detail"]) == (400, True)
    assert len(bench.rows(filled("SELECT id FROM transaction WHERE id = :id", id=order))) == 1
    bench.command("lock_record", id=order, locked=False)
    assert bench.call("GET", f"purchaseOrder/{order}").status == 200


def test_two_writers_collide(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.command("set", conflicts=1)
    reply = bench.call("PATCH", f"purchaseOrder/{order}", {"memo": "x"})
    assert (reply.status, "Record has been changed" in detail(reply)["detail"]) == (400, True)
    bench.saved(bench.call("PATCH", f"purchaseOrder/{order}", {"memo": "x"}))


# -- bills and credits


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"entity": None}, "Vendor"),
        ({"expense": {"items": []}}, "at least one valid line"),
        ({"expense": {"items": [{"amount": 1}]}}, "Account"),
        ({"expense": {"items": [{"account": ref(311)}]}}, "amount"),
        ({"expense": {"items": [{"account": ref(311), "amount": 1.005}]}}, "two decimal"),
        ({"expense": {"items": [{"account": ref(311), "amount": -1}]}}, "negative"),
    ],
)
def test_bills_that_are_refused(bench: Bench, changes: dict[str, Any], words: str) -> None:
    reply = bench.call("POST", "vendorBill", {**BILL, **changes})
    assert (reply.status, detail(reply)["o:errorCode"]) == (400, "USER_ERROR")
    assert words.lower() in detail(reply)["detail"].lower()


def test_a_credit_is_a_record_of_its_own(bench: Bench) -> None:
    body = {"entity": ref(1750), "expense": {"items": [{"account": ref(311), "amount": 12.5}]}}
    number = bench.saved(bench.call("PUT", "vendorCredit/eid:SB-VC-1", body))
    assert bench.get(f"vendorCredit/{number}")["total"] == 12.5
    query = "SELECT t.type, t.foreigntotal FROM transaction t"
    assert bench.rows(query) == [{"type": "VendCred", "foreigntotal": "-12.5"}]


def test_the_vendor_must_be_allowed_in_the_subsidiary(bench: Bench) -> None:
    bench.command("seed_master", table="vendor", id=1750, name="ShipBob", subsidiary="1")
    assert bench.call("POST", "vendorBill", {**BILL, "subsidiary": ref(2)}).status == 400
    number = bench.saved(bench.call("POST", "vendorBill", BILL))
    assert bench.get(f"vendorBill/{number}")["subsidiary"]["id"] == "1"


def test_preferences_on_bills(bench: Bench) -> None:
    bench.saved(bench.call("POST", "vendorBill", BILL))
    bench.saved(bench.call("POST", "vendorBill", BILL))  # allowed by default
    bench.command("set", duplicate_bill_numbers="block", bill_location_required=True)
    assert "number" in detail(bench.call("POST", "vendorBill", BILL))["detail"]
    body = {**BILL, "expense": {"items": [{"account": ref(311), "amount": 1}]}}
    assert "Location" in detail(bench.call("POST", "vendorBill", body))["detail"]


def test_bills_go_through_approval_and_payment(bench: Bench) -> None:
    number = bench.saved(bench.call("POST", "vendorBill", BILL))
    for acts, letter in (({}, "A"), ({"paid": True}, "B"), ({"approval": "3"}, "E")):
        bench.command("approve_bill", id=number, **acts)
        assert bench.get(f"vendorBill/{number}")["status"]["id"] == letter


# -- adjustments and periods


def test_an_adjustment_moves_stock(bench: Bench) -> None:
    bench.saved(bench.call("POST", "inventoryAdjustment", ADJUSTMENT))
    assert (bench.on_hand("TEE-BLK-M"), bench.on_hand("TEE-BLK-L")) == (124, 98)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**ADJUSTMENT, "account": None}, "Adjustment Account"),
        ({**ADJUSTMENT, "subsidiary": None}, "Subsidiary"),
        ({**ADJUSTMENT, "inventory": {"items": []}}, "at least one valid line"),
        (adjusted(item=...), "Item"),
        (adjusted(adjustQtyBy=...), "Adjust Qty. By"),
        (adjusted(adjustQtyBy=0), "Adjust Qty. By"),
        (adjusted(location=...), "Location"),
        (adjusted(location=ref(ABROAD)), "location"),
        (adjusted(item=ref(500)), "item"),
        (adjusted(item=ref(600)), "item"),
        (adjusted(item=ref(700)), "inventory detail"),
    ],
)
def test_adjustments_that_are_refused(bench: Bench, body: dict[str, Any], words: str) -> None:
    reply = bench.call("POST", "inventoryAdjustment", body)
    assert (reply.status, detail(reply)["o:errorCode"]) == (400, "USER_ERROR")
    assert words in detail(reply)["detail"]
    assert bench.held("inventoryAdjustment") == []


def numbered(text: str, quantity: int) -> dict[str, Any]:
    return {"receiptInventoryNumber": text, "quantity": quantity}


def assignment(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"inventoryAssignment": {"items": list(rows)}}


@pytest.mark.parametrize(
    ("item", "quantity", "rows", "status"),
    [
        (
            700,
            3,
            [{"receiptInventoryNumber": "L1", "quantity": 1}, {"receiptInventoryNumber": "L2", "quantity": 2}],
            204,
        ),
        (700, 3, [numbered("L1", 2)], 400),
        (700, 3, [{"quantity": 3}], 400),
        (700, 3, [{"receiptInventoryNumber": "L1", "quantity": 3, "expirationDate": "soon"}], 400),
        (700, 3, [{"receiptInventoryNumber": "L1", "quantity": 3, "lot": "x"}], 400),
        (700, 3, [], 400),
        (
            701,
            2,
            [{"receiptInventoryNumber": "S1", "quantity": 1}, {"receiptInventoryNumber": "S2", "quantity": 1}],
            204,
        ),
        (701, 2, [numbered("S1", 2)], 400),
        (328, 2, [{"binNumber": "A-01", "quantity": 2}], 400),
        (328, 2, [{"binNumber": {"id": "5"}, "quantity": 2}], 204),
    ],
)
def test_inventory_detail(bench: Bench, item: int, quantity: int, rows: list[dict[str, Any]], status: int) -> None:
    body = adjusted(item=ref(item), adjustQtyBy=quantity, inventoryDetail=assignment(*rows))
    assert bench.call("POST", "inventoryAdjustment", body).status == status


def test_bin_items_need_a_bin(bench: Bench) -> None:
    bench.command("seed_item", id=800, sku="SHELF", bins=True)
    body = adjusted(item=ref(800), inventoryDetail=assignment({"quantity": 3}))
    assert "Bin" in detail(bench.call("POST", "inventoryAdjustment", body))["detail"]


def test_a_closed_period_takes_no_posting(bench: Bench) -> None:
    number = bench.saved(bench.call("POST", "inventoryAdjustment", {**ADJUSTMENT, "tranDate": "2026-06-30"}))
    order = bench.purchase_order()
    bench.command("close_period", period="2026-06")
    for reply in (
        bench.call("POST", "vendorBill", {**BILL, "tranDate": "2026-06-30"}),
        bench.call("PATCH", f"inventoryAdjustment/{number}", {"memo": "late"}),
        bench.call("DELETE", f"inventoryAdjustment/{number}"),
        bench.transform(f"purchaseOrder/{order}", "itemReceipt", {"tranDate": "2026-06-30"}),
    ):
        assert (reply.status, "accounting period" in detail(reply)["detail"]) == (400, True)
    bench.saved(bench.call("POST", "vendorBill", BILL))
    bench.saved(bench.call("PATCH", f"purchaseOrder/{order}", {"tranDate": "2026-06-30"}))  # orders do not post
    bench.command("close_period", period="2026-06", open=True)
    bench.saved(bench.call("PATCH", f"inventoryAdjustment/{number}", {"memo": "late"}))
    with pytest.raises(ValueError, match="YYYY-MM"):
        bench.command("close_period", period="June")


def test_a_missing_date_is_today_in_the_company_s_zone(bench: Bench) -> None:
    bench.wait(5 * 3600)  # 01:58 UTC on the 14th, 21:58 in New York
    number = bench.saved(bench.call("POST", "inventoryAdjustment", ADJUSTMENT))
    assert bench.get(f"inventoryAdjustment/{number}")["tranDate"] == "2026-07-13"


# -- orders over the API


def test_orders_can_be_created_too(bench: Bench) -> None:
    lines = {"items": [{"item": ref(328), "quantity": 3, "rate": 2, "location": ref(MAIN)}]}
    order = bench.saved(bench.call("POST", "purchaseOrder", {"entity": ref(VENDOR), "item": lines}))
    assert bench.get(f"purchaseOrder/{order}")["total"] == 6
    sold = bench.saved(bench.call("POST", "salesOrder", {"entity": ref(CUSTOMER), "item": lines}))
    assert bench.get(f"salesOrder/{sold}")["status"]["id"] == "A"
    for body in (
        {"item": lines},
        {"entity": ref(VENDOR)},
        {"entity": ref(VENDOR), "item": {"items": [{"quantity": 1}]}},
    ):
        assert bench.call("POST", "purchaseOrder", body).status == 400
    negative = {"items": [{"item": ref(328), "quantity": -1}]}
    assert bench.call("POST", "purchaseOrder", {"entity": ref(VENDOR), "item": negative}).status == 400


def test_addresses_are_checked_and_folded(bench: Bench) -> None:
    order = bench.sales_order(
        address={"addressee": "Dana Reed", "addr1": "1 Main St", "city": "Cicero", "zip": "60804"}
    )
    assert set(document(bench.call("GET", f"salesOrder/{order}"))["shippingAddress"]) == {"links"}
    assert bench.get(f"salesOrder/{order}")["shippingAddress"]["city"] == "Cicero"
    for wrong in ("1 Main St", {"street": "1 Main St"}):
        assert bench.call("PATCH", f"salesOrder/{order}", {"shippingAddress": wrong}).status == 400
    query = "SELECT a.city FROM transaction t INNER JOIN transactionshippingaddress a ON a.nkey = t.shippingaddress"
    assert bench.rows(query) == [{"city": "Cicero"}]
