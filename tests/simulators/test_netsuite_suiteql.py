"""The query service of the simulated NetSuite: paging, strings, dialect, time zones, and the traps of the facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.simulators.netsuite_bench import BASE, CICERO, CUSTOMER, Bench, detail, document, filled, ref

MASK = "'YYYY-MM-DD HH24:MI:SS'"


@pytest.fixture
def bench() -> Bench:
    return Bench()


# -- rule 2: the call


def test_the_preference_for_transient_is_required(bench: Bench) -> None:
    for prefer in (None, "respond-async"):
        reply = bench.query("SELECT id FROM item", headers={"Prefer": prefer})
        assert (reply.status, detail(reply)["o:errorHeader"]) == (400, "Prefer")
    assert bench.query("SELECT id FROM item").headers["Preference-Applied"] == "transient"


@pytest.mark.parametrize(
    ("page", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("limit=100&offset=50", "offset"),
        ("limit=1000&offset=-1000", "offset"),
        ("limit=1000&offset=100000", "offset"),
        ("limit=1&offset=1000", "offset"),
    ],
)
def test_pages_that_are_refused(bench: Bench, page: str, parameter: str) -> None:
    headers: dict[str, str | None] = {"Prefer": "transient"}
    path = f"{BASE}/query/v1/suiteql"
    reply = bench.call("POST", path, {"q": "SELECT id FROM item"}, query=page, headers=headers)
    assert (reply.status, detail(reply)["o:errorQueryParam"]) == (400, parameter)


def test_unknown_parameters_and_members_are_refused(bench: Bench) -> None:
    headers: dict[str, str | None] = {"Prefer": "transient"}
    path = f"{BASE}/query/v1/suiteql"
    assert bench.call("POST", path, {"q": "SELECT id FROM item"}, query="page=2", headers=headers).status == 400
    for body in ({}, {"q": ""}, {"q": 7}, ["q"], {"q": "SELECT id FROM item", "limit": 5}):
        assert bench.call("POST", path, body, headers=headers).status == 400


def test_bound_parameters_are_a_matter_of_the_release(bench: Bench) -> None:
    body = {"q": "SELECT id FROM item i WHERE i.itemid = ?", "params": ["TOTE-01"]}
    headers: dict[str, str | None] = {"Prefer": "transient"}
    path = f"{BASE}/query/v1/suiteql"
    assert bench.call("POST", path, body, headers=headers).status == 400
    bench.command("set", bound_parameters=True)
    assert document(bench.call("POST", path, body, headers=headers))["items"] == [{"links": [], "id": "401"}]
    assert bench.call("POST", path, {**body, "params": [7]}, headers=headers).status == 400


def test_pages_hold_what_they_say(bench: Bench) -> None:
    for _ in range(5):
        bench.purchase_order()
    query = "SELECT t.id FROM transaction t ORDER BY t.id"
    first, last = document(bench.query(query, limit=2)), document(bench.query(query, limit=2, offset=4))
    assert (first["count"], first["hasMore"], first["totalResults"], first["offset"]) == (2, True, 5, 0)
    assert (last["count"], last["hasMore"], last["offset"]) == (1, False, 4)
    assert all(row["links"] == [] for row in first["items"])
    assert document(bench.query("SELECT id FROM transaction WHERE id = 1"))["items"] == []


def test_every_value_is_a_string_and_null_is_absent(bench: Bench) -> None:
    bench.purchase_order(("TOTE-01", 12.5))
    query = """SELECT tl.quantity AS QTY, tl.isclosed AS "Is Closed", tl.memo, tl.item,
        NVL(tl.quantityshiprecv, 0) AS done FROM transactionline tl WHERE tl.mainline = 'F'"""
    assert bench.rows(query) == [{"qty": "12.5", "is closed": "F", "item": "401", "done": "0"}]


def test_unnamed_expressions_get_a_name(bench: Bench) -> None:
    assert bench.rows("SELECT COUNT(*) FROM item") == [{"expr1": "7"}]


def test_a_star_shows_no_shadow_columns(bench: Bench) -> None:
    (row,) = bench.rows("SELECT * FROM location WHERE id = 6")
    assert row == {"id": "6", "name": "ShipBob Cicero", "subsidiary": "1", "isinactive": "F"}


# -- the dialect


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT id FROM item LIMIT 5", "LIMIT"),
        ("WITH x AS (SELECT id FROM item) SELECT id FROM x", "SELECT is wanted"),
        ("SELECT id FROM item WHERE ROWNUM <= 5", "ROWNUM"),
        ("SELECT [id] FROM item", "["),
        ("SELECT id FROM item;", ";"),
        ("SELECT id FROM item -- all", "comments"),
        ("UPDATE item SET id = 1", "SELECT is wanted"),
        ("SELECT LISTAGG(id, ',') FROM item", "LISTAGG"),
        ("SELECT LEFT(itemid, 2) AS x FROM item", "LEFT"),
        ("SELECT SUBSTRING(itemid, 2) AS x FROM item", "SUBSTRING"),
        ("SELECT GROUP_CONCAT(id) FROM item", "GROUP_CONCAT"),
        ('SELECT id FROM item WHERE itemid = "TOTE-01"', "TOTE-01"),
        ("SELECT id FROM sqlite_master", "Record 'sqlite_master' was not found"),
        ("SELECT id FROM planet", "Record 'planet' was not found"),
        ("SELECT c FROM item", "Unknown identifier 'c'. Available identifiers are: {item=item}"),
        ("SELECT i.c FROM item i", "Field 'c' for record 'item' was not found"),
        ("SELECT t.createdfrom FROM transaction t", "createdfrom"),
        ("SELECT t.subsidiary FROM transaction t", "NOT_EXPOSED"),
        ("SELECT tl.quantityfulfilled FROM transactionline tl", "NOT_EXPOSED"),
        ("SELECT tl.quantityreceived FROM transactionline tl", "quantityreceived"),
        ("SELECT t.isinactive FROM transaction t", "isinactive"),
        ("SELECT id FROM transaction WHERE trandate > '2026-01-01'", "date literal"),
        ("SELECT id FROM transaction WHERE '1/1/2026' < lastmodifieddate", "date literal"),
        ("SELECT id FROM transaction WHERE trandate > SYSDATE - 7", "arithmetic"),
        ("SELECT DISTINCT BUILTIN.DF(status) AS s FROM transaction", "DISTINCT"),
        ("SELECT BUILTIN.DF(item) AS s, COUNT(*) AS n FROM transactionline GROUP BY item", "GROUP BY"),
        ("SELECT BUILTIN.RELATIVE_RANGES('x') AS s FROM dual", "BUILTIN"),
        ("SELECT item, COUNT(*) AS n FROM transactionline", "GROUP BY"),
        ("SELECT item, COUNT(*) AS n FROM transactionline GROUP BY item ORDER BY n", "alias"),
        ("SELECT TO_CHAR(trandate, 'Month') AS m FROM transaction", "unsupported"),
        ("SELECT id FROM", "unsupported"),
        ("SELECT id FROM item WHERE itemid = 'x", "unsupported"),
    ],
)
def test_queries_that_are_refused(bench: Bench, query: str, words: str) -> None:
    bench.purchase_order()
    reply = bench.query(query)
    assert (reply.status, detail(reply)["o:errorCode"], detail(reply)["o:errorQueryParam"]) == (
        400,
        "INVALID_PARAMETER",
        "q",
    )
    assert detail(reply)["detail"].startswith("Invalid search query.")
    assert words in detail(reply)["detail"]


def test_at_most_a_thousand_values_in_a_list(bench: Bench) -> None:
    query = "SELECT id FROM item WHERE id IN (:ids)"
    assert bench.query(filled(query, ids=",".join(str(each) for each in range(1000)))).status == 200
    assert bench.query(filled(query, ids=",".join(str(each) for each in range(1001)))).status == 400


def test_fetch_first_works_and_offset_rows_is_ignored(bench: Bench) -> None:
    query = "SELECT id FROM item ORDER BY id FETCH FIRST 2 ROWS ONLY"
    assert [row["id"] for row in bench.rows(query)] == ["328", "329"]
    query = "SELECT id FROM item ORDER BY id OFFSET 2 ROWS FETCH NEXT 2 ROWS ONLY"
    assert [row["id"] for row in bench.rows(query)] == ["328", "329"]


def test_text_compares_exactly_and_quotes_are_doubled(bench: Bench) -> None:
    bench.command("seed_item", id=900, sku="O'NEILL")
    assert bench.rows("SELECT id FROM item WHERE itemid = 'O''NEILL'") == [{"id": "900"}]
    assert bench.rows("SELECT id FROM item WHERE itemid = 'tote-01'") == []
    assert bench.rows("SELECT id FROM item WHERE itemid LIKE 'tote%'") == []
    assert bench.rows("SELECT id FROM item WHERE UPPER(itemid) LIKE 'TOTE%'") == [{"id": "401"}]


def test_aggregates_with_groups(bench: Bench) -> None:
    bench.purchase_order(("TOTE-01", 0.1))
    bench.purchase_order(("TOTE-01", 0.2))
    query = """SELECT tl.item, SUM(tl.quantity) AS total FROM transactionline tl WHERE tl.mainline = 'F'
        GROUP BY tl.item ORDER BY tl.item"""
    assert bench.rows(query) == [{"item": "401", "total": "0.3"}]


# -- status letters, links, signs


def test_a_status_is_a_letter_and_only_cf_is_composed(bench: Bench) -> None:
    bench.purchase_order()
    row = "SELECT t.status, BUILTIN.CF(t.status) AS key, BUILTIN.DF(t.status) AS words FROM transaction t"
    assert bench.rows(row) == [{"status": "B", "key": "PurchOrd:B", "words": "Purchase Order : Pending Receipt"}]
    assert bench.rows("SELECT id FROM transaction WHERE status = 'PurchOrd:B'") == []
    assert len(bench.rows("SELECT id FROM transaction WHERE BUILTIN.CF(status) = 'PurchOrd:B'")) == 1


def test_quantities_have_signs(bench: Bench) -> None:
    bench.saved(bench.transform(f"purchaseOrder/{bench.purchase_order(('TOTE-01', 3))}", "itemReceipt", {}))
    order = bench.sales_order(("TOTE-01", 2))
    bench.saved(bench.transform(f"salesOrder/{order}", "itemFulfillment", {"shipStatus": "C"}))
    bench.saved(bench.transform(f"salesOrder/{order}", "returnAuthorization", {}))
    query = """SELECT t.type, tl.quantity FROM transactionline tl INNER JOIN transaction t ON t.id = tl.transaction
        WHERE tl.mainline = 'F' AND tl.taxline = 'F' AND tl.iscogs = 'F' ORDER BY t.id"""
    assert [(row["type"], row["quantity"]) for row in bench.rows(query)] == [
        ("PurchOrd", "3"),
        ("ItemRcpt", "3"),
        ("SalesOrd", "-2"),
        ("ItemShip", "-2"),
        ("RtnAuth", "2"),
    ]


def test_mainline_taxline_and_cost_rows_are_there_to_be_filtered(bench: Bench) -> None:
    order = bench.sales_order(("TOTE-01", 2))
    shipped = bench.saved(bench.transform(f"salesOrder/{order}", "itemFulfillment", {"shipStatus": "C"}))
    query = "SELECT tl.id FROM transactionline tl WHERE tl.transaction = :id"
    assert len(bench.rows(filled(query, id=order))) == 3
    assert len(bench.rows(filled(query + " AND tl.mainline = 'T' AND tl.item IS NULL", id=order))) == 1
    assert len(bench.rows(filled(query, id=shipped))) == 3
    assert len(bench.rows(filled(query + " AND tl.isinventoryaffecting = 'T'", id=shipped))) == 1


def test_created_from_is_on_the_lines_and_links_are_exact(bench: Bench) -> None:
    order = bench.purchase_order()
    receipt = bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", {"externalId": "SB-1"}))
    query = """SELECT t.id, t.externalid FROM transactionline tl INNER JOIN transaction t ON t.id = tl.transaction
        WHERE tl.createdfrom = :id AND tl.mainline = 'T'"""
    assert bench.rows(filled(query, id=order)) == [{"id": receipt, "externalid": "SB-1"}]
    query = "SELECT previousline, nextline, nexttype, linktype FROM nexttransactionlinelink WHERE previousdoc = :id"
    assert bench.rows(filled(query + " ORDER BY nextline", id=order)) == [
        {"previousline": "1", "nextline": "1", "nexttype": "ItemRcpt", "linktype": "ShipRcpt"},
        {"previousline": "4", "nextline": "4", "nexttype": "ItemRcpt", "linktype": "ShipRcpt"},
    ]


def test_on_hand_can_be_asked_for(bench: Bench) -> None:
    bench.saved(bench.transform(f"purchaseOrder/{bench.purchase_order()}", "itemReceipt", {}))
    query = """SELECT BUILTIN.DF(a.item) AS sku, a.quantityonhand AS qty FROM aggregateitemlocation a
        WHERE a.location = :id ORDER BY a.item"""
    assert bench.rows(filled(query, id=CICERO)) == [
        {"sku": "TEE-BLK-M", "qty": "220"},
        {"sku": "TEE-BLK-L", "qty": "160"},
        {"sku": "TOTE-01", "qty": "100"},
    ]


def test_expense_lines_have_no_item(bench: Bench) -> None:
    body = {"entity": ref(1750), "expense": {"items": [{"account": ref(311), "amount": 4.5, "memo": "x"}]}}
    bench.saved(bench.call("POST", "vendorBill", body))
    query = "SELECT expenseaccount, netamount, memo, item FROM transactionline WHERE mainline = 'F'"
    assert bench.rows(query) == [{"expenseaccount": "311", "netamount": "4.5", "memo": "x"}]


def test_optional_columns_may_be_missing(bench: Bench) -> None:
    bench.command("set", optional_columns=False)
    reply = bench.query("SELECT isclosed FROM transactionline")
    assert (
        "Unknown identifier 'isclosed'. Available identifiers are: {transactionline=transactionline}"
        in (detail(reply)["detail"])
    )
    assert bench.query("SELECT tl.item FROM transactionline tl").status == 200


def test_changes_show_at_once_and_deletions_vanish(bench: Bench) -> None:
    order = bench.purchase_order(tran_id="PO7")
    query = "SELECT tranid FROM transaction"
    assert bench.rows(query) == [{"tranid": "PO7"}]
    bench.command("edit_order", id=order, new_tran_id="PO8")
    assert bench.rows(query) == [{"tranid": "PO8"}]
    bench.command("delete", id=order)
    assert bench.rows(query) == []


# -- rule 9: clocks


def test_moments_are_those_of_the_session_s_zone(bench: Bench) -> None:
    bench.purchase_order()
    stamp = filled("SELECT TO_CHAR(t.lastmodifieddate, :mask) AS at FROM transaction t", mask=MASK)
    assert bench.rows(stamp) == [{"at": "2026-07-13 13:58:30"}]
    assert bench.rows(filled("SELECT TO_CHAR(SYSDATE, :mask) AS now FROM dual", mask=MASK)) == [
        {"now": "2026-07-13 13:58:30"}
    ]
    bench.command("set", query_zone="America/New_York")
    assert bench.rows(stamp) == [{"at": "2026-07-13 16:58:30"}]


def test_a_cursor_that_is_converted_to_utc_finds_nothing(bench: Bench) -> None:
    bench.purchase_order()
    query = "SELECT id FROM transaction WHERE lastmodifieddate > TO_TIMESTAMP(':at', 'YYYY-MM-DD HH24:MI:SS')"
    assert len(bench.rows(filled(query, at="2026-07-13 13:00:00"))) == 1
    assert bench.rows(filled(query, at="2026-07-13 20:00:00")) == []


def test_a_date_that_nobody_wrapped_comes_as_the_preference_writes_it(bench: Bench) -> None:
    bench.purchase_order()
    assert bench.rows("SELECT lastmodifieddate, trandate FROM transaction") == [
        {"lastmodifieddate": "7/13/2026", "trandate": "7/13/2026"}
    ]
    bench.command("set", date_preference="DD/MM/YYYY")
    assert bench.rows("SELECT trandate FROM transaction") == [{"trandate": "13/07/2026"}]


def test_dates_compare_through_masks(bench: Bench) -> None:
    bench.purchase_order()
    for text, found in (("2026-07-13", 1), ("2026-07-14", 0)):
        query = filled("SELECT id FROM transaction WHERE trandate >= TO_DATE(':day', 'YYYY-MM-DD')", day=text)
        assert len(bench.rows(query)) == found
    assert len(bench.rows("SELECT id FROM transaction WHERE TRUNC(lastmodifieddate) = TRUNC(SYSDATE)")) == 1


def test_the_hour_repeats_when_daylight_saving_ends(bench: Bench) -> None:
    seen: list[Any] = []
    for moment in (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), datetime(2026, 11, 1, 9, 30, tzinfo=UTC)):
        bench.now = moment
        order = bench.purchase_order()
        query = filled("SELECT TO_CHAR(t.lastmodifieddate, :mask) AS at FROM transaction t", mask=MASK)
        seen.append(bench.rows(filled(query + " WHERE t.id = :id", id=order))[0]["at"])
    assert seen == ["2026-11-01 01:30:00", "2026-11-01 01:30:00"]


def test_the_modified_date_moves_with_receipts_and_with_nothing(bench: Bench) -> None:
    order = bench.purchase_order()
    query = filled(
        "SELECT TO_CHAR(t.lastmodifieddate, :mask) AS at FROM transaction t WHERE t.id = :id", mask=MASK, id=order
    )
    bench.wait(60)
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", {}))
    assert bench.rows(query) == [{"at": "2026-07-13 13:59:30"}]
    bench.wait(60)
    bench.command("touch", id=order)
    assert bench.rows(query) == [{"at": "2026-07-13 14:00:30"}]


def test_entities_are_named(bench: Bench) -> None:
    bench.sales_order(other_ref="CPO-1", external_id="WEB-1")
    query = """SELECT t.entity, BUILTIN.DF(t.entity) AS name, t.otherrefnum, t.externalid FROM transaction t
        WHERE t.otherrefnum = 'CPO-1'"""
    assert bench.rows(query) == [
        {"entity": CUSTOMER, "name": "Dana Reed", "otherrefnum": "CPO-1", "externalid": "WEB-1"}
    ]
