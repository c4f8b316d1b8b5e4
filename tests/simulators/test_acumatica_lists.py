"""Lists and keyed reads: filters, shapes, missing records, unordered pages (rule 4, and the reads of rule 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.simulators.acumatica_requests import START, Caller, body, error_text, where

HEADER = "$select=OrderType,OrderNbr,Status,LastModified"


def numbers(rows: list[dict[str, Any]]) -> set[str]:
    return {row["OrderNbr"]["value"] for row in rows}


def five_orders() -> Caller:
    """SO000001 to SO000005, one minute apart."""
    caller = Caller()
    for n in range(1, 6):
        caller.order(f"SO00000{n}", CustomerOrder=f"PO-{n}", ExternalRef="O'Hara" if n == 3 else None)
        caller.wait(60)
    return caller


def test_a_list_has_no_order_no_count_and_no_next_link() -> None:
    caller = five_orders()
    for n in range(6, 12):
        caller.order(f"SO0000{n:02d}")
    reply = caller.call("GET", f"SalesOrder?{HEADER}")
    rows = body(reply)
    given = [row["OrderNbr"]["value"] for row in rows]
    assert len(given) == 11
    assert given != sorted(given)
    assert given != sorted(given, reverse=True)
    assert not {name.lower() for name in reply.headers} & {"link", "x-total-count"}
    assert rows[0]["rowNumber"] == 1
    assert rows[0]["_links"]["self"] == f"/Acme/entity/Default/25.200.001/SalesOrder/{rows[0]['id']}"
    assert set(rows[0]) == {
        "id", "rowNumber", "note", "OrderType", "OrderNbr", "Status", "LastModified", "custom", "_links"
    }  # fmt: skip


def test_pages_skip_first_and_cover_everything_once() -> None:
    caller = five_orders()
    pages = [caller.get(f"SalesOrder?{HEADER}&$top=2&$skip={skip}") for skip in (0, 2, 4, 6)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert numbers([row for page in pages for row in page]) == {f"SO00000{n}" for n in range(1, 6)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("OrderNbr eq 'SO000002'", {2}),
        ("OrderNbr eq 'so000002 '", {2}),
        ("OrderType eq 'SO' and OrderNbr gt 'SO000003'", {4, 5}),
        ("OrderNbr lt 'SO000002' or CustomerOrder eq 'PO-5'", {1, 5}),
        ("(OrderNbr eq 'SO000001' or OrderNbr eq 'SO000002') and CustomerOrder ne 'PO-1'", {2}),
        ("startswith(CustomerOrder,'po-')", {1, 2, 3, 4, 5}),
        ("endswith(CustomerOrder,'-4')", {4}),
        ("substringof('-2',CustomerOrder)", {2}),
        ("startswith(CustomerOrder,'PO') eq true", set()),
        ("ExternalRef eq 'O''Hara'", {3}),
        ("ExternalRef ne 'O''Hara'", {1, 2, 4, 5}),
        ("OrderedQty ge 2.0", {1, 2, 3, 4, 5}),
        ("OrderTotal gt 25M", set()),
        ("Hold eq false", {1, 2, 3, 4, 5}),
        ("Date eq date'2026-03-02'", {1, 2, 3, 4, 5}),
        ("Date gt datetimeoffset'2026-03-01T23:59:59.9999999+00:00'", {1, 2, 3, 4, 5}),
        ("ShipToAddress/City eq 'Tacoma'", {1, 2, 3, 4, 5}),
    ],
)
def test_filters(text: str, found: set[int]) -> None:
    assert numbers(five_orders().get(f"SalesOrder?{where(text)}&{HEADER}")) == {f"SO00000{n}" for n in found}


@pytest.mark.parametrize(
    "text",
    [
        "OrderNbr = 'x'",
        "OrderNbr eq SO000001",
        "OrderNbr eq 5",
        "OrderedQty eq '5'",
        "LastModified ge '2026-03-02'",
        "LastModified ge datetimeoffset'yesterday'",
        "Hold gt true",
        "OrderNo eq 'x'",
        "Details/InventoryID eq '0041'",
        "OrderNbr eq 'x' and",
        "OrderNbr eq 'x",
        "startswith(OrderedQty,'1')",
        "cf.String(f='Document.AttributeNOBODY') eq 'x'",
        "",
    ],
)
def test_a_filter_that_does_not_parse_or_type_500(text: str) -> None:
    reply = five_orders().call("GET", f"SalesOrder?{where(text)}&{HEADER}")
    assert reply.status == 500
    assert "PX.Api.ContractBased.OData" in body(reply)["stackTrace"]


def test_datetimeoffset_literals_compare_as_instants_whatever_their_offset() -> None:
    caller = five_orders()
    caller.simulator.command("switch", {"tenant_offset_minutes": -300})
    stamp = caller.get(f"SalesOrder/SO/SO000003?{HEADER}")["LastModified"]["value"]
    assert stamp.endswith("-05:00")
    for literal in (stamp.replace(":", "%3A"), "2026-03-02T13%3A02%3A00.25%2B04%3A00", "2026-03-02T09%3A02%3A00.25Z"):
        rows = caller.get(f"SalesOrder?$filter=LastModified%20ge%20datetimeoffset'{literal}'&{HEADER}")
        assert numbers(rows) == {"SO000003", "SO000004", "SO000005"}


def test_an_unencoded_plus_becomes_a_blank_and_the_literal_is_bad_500() -> None:
    literal = "2026-03-02T09:02:00.25+00:00"
    assert Caller().call("GET", f"SalesOrder?$filter=LastModified ge datetimeoffset'{literal}'&{HEADER}").status == 500


def test_stamps_carry_up_to_seven_fraction_digits() -> None:
    caller = five_orders()
    caller.wait(-0.25)
    caller.order("SO000006")
    rows = caller.get(f"SalesOrder?{HEADER}")
    lengths = {len(row["LastModified"]["value"].partition("+")[0].partition(".")[2]) for row in rows}
    assert max(lengths) == 7
    assert caller.now - START < timedelta(minutes=6)


def test_predicates_on_two_views_silently_match_nothing() -> None:
    caller = five_orders()
    assert numbers(caller.get(f"SalesOrder?{where('WillCall eq false')}&{HEADER}")) != set()
    both = where("WillCall eq false and OrderNbr eq 'SO000001'")
    assert caller.get(f"SalesOrder?{both}&{HEADER}") == []
    caller.simulator.command("switch", {"cross_view_filters_match_nothing": False})
    assert numbers(caller.get(f"SalesOrder?{both}&{HEADER}")) == {"SO000001"}


def test_custom_fields_filter_by_cf_and_come_only_when_asked() -> None:
    caller = five_orders()
    value = {"Document": {"AttributeTRACKINGNBR": {"type": "CustomStringField", "value": "1Z5"}}}
    caller.put("SalesOrder", {"OrderType": {"value": "SO"}, "OrderNbr": {"value": "SO000005"}, "custom": value})
    condition = where("cf.String(f='Document.AttributeTRACKINGNBR') eq '1Z5'")
    rows = caller.get(f"SalesOrder?{condition}&{HEADER}")
    assert numbers(rows) == {"SO000005"}
    assert rows[0]["custom"] == {}
    asked = caller.get("SalesOrder/SO/SO000005?$custom=Document.AttributeTRACKINGNBR,Document.AttributeNOBODY")
    assert asked["custom"] == value
    empty = caller.get("SalesOrder/SO/SO000004?$custom=Document.AttributeTRACKINGNBR")
    assert empty["custom"]["Document"]["AttributeTRACKINGNBR"] == {"type": "CustomStringField", "value": None}


@pytest.mark.parametrize(
    "query",
    [
        "$selct=OrderNbr",
        "filter=OrderNbr eq 'x'",
        "$orderby=OrderNbr",
        "$top=ten",
        "$skip=-1",
        "$top=1&$top=2",
        "$select=OrderNo",
        "$select=Details/Quantity",
        "$expand=Lines",
        "$expand=ShipToAdress",
        "$custom=Attribute",
    ],
)
def test_misspelt_options_and_names_400_in_strict_mode(query: str) -> None:
    caller = five_orders()
    assert caller.call("GET", f"SalesOrder?{query}").status == 400
    if query.startswith(("$selct", "filter", "$orderby")):
        caller.simulator.command("switch", {"strict": False})
        assert len(caller.get(f"SalesOrder?{query}")) == 5


def test_a_list_that_is_not_one_query_500() -> None:
    caller = five_orders()
    reply = caller.call("GET", "SalesOrder?$expand=Details")
    assert (reply.status, body(reply)["exceptionType"].rsplit(".", 1)[1]) == (500, "CannotOptimizeException")
    assert error_text(reply).startswith(
        "Optimization cannot be performed.The following fields cause the error: Details"
    )
    known_good = "SalesOrder?$expand=Details,Shipments&$select=OrderNbr,Details/InventoryID,Shipments/ShipmentNbr"
    assert len(caller.get(known_good)) == 5
    caller.simulator.command("switch", {"unoptimisable": {"SalesOrder": ["Status"]}})
    assert caller.call("GET", f"SalesOrder?{HEADER}").status == 500
    assert caller.get("SalesOrder/SO/SO000001?$expand=Details")["Status"] == {"value": "Open"}


def test_some_sites_cannot_list_shipments_or_answer_nothing() -> None:
    caller = five_orders()
    caller.shipment("SO000001")
    condition = where("Status eq 'Open'")
    listed = f"Shipment?{condition}&$select=ShipmentNbr"
    assert len(caller.get(listed)) == 1
    caller.simulator.command("switch", {"shipment_list": "error"})
    assert caller.call("GET", listed).status == 500
    caller.simulator.command("switch", {"shipment_list": "empty"})
    assert caller.get(listed) == []


def test_with_select_an_expanded_part_comes_only_when_it_is_selected_too() -> None:
    caller = five_orders()
    assert "Details" not in caller.get("SalesOrder/SO/SO000001?$expand=Details&$select=OrderNbr")
    assert "Details" not in caller.get("SalesOrder/SO/SO000001?$select=Details/InventoryID")
    part = caller.get("SalesOrder/SO/SO000001?$expand=Details&$select=Details/InventoryID")
    assert set(part["Details"][0]) == {"id", "rowNumber", "note", "InventoryID", "custom", "_links"}
    assert "OrderNbr" not in part
    whole = caller.get("StockItem/0041?$expand=CrossReferences&$select=InventoryID,CrossReferences")
    assert whole["CrossReferences"][0]["AlternateID"] == {"value": "4006381333931"}
    assert "Description" not in whole


def test_every_level_has_to_be_expanded_by_name() -> None:
    caller = Caller()
    assert "MainContact" not in caller.get("Customer/QUILL?$expand=MainContact/Address")
    assert "Address" not in caller.get("Customer/QUILL?$expand=MainContact")["MainContact"]
    both = caller.get("Customer/QUILL?$expand=MainContact,MainContact/Address")
    assert both["MainContact"]["Address"]["City"] == {"value": "Tacoma"}
    assert both["MainContact"]["Address"]["AddressLine2"] == {"value": "Unit 5"}
    assert both["TaxZone"] == {}


def test_unexpanded_collections_are_absent_or_empty() -> None:
    caller = five_orders()
    assert "Shipments" not in caller.get("SalesOrder/SO/SO000001")
    caller.simulator.command("switch", {"unexpanded_collections": "empty"})
    assert caller.get("SalesOrder/SO/SO000001")["Details"] == []


def test_segmented_keys_come_padded_and_are_found_without_the_blanks() -> None:
    caller = five_orders()
    line = caller.get("SalesOrder/SO/SO000001?$expand=Details")["Details"][0]
    assert line["InventoryID"]["value"] == "0041    "
    assert caller.get("StockItem/0041")["InventoryID"]["value"].rstrip() == "0041"


@pytest.mark.parametrize(
    "path", ["SalesOrder/SO/SO999999", "SalesOrder/SO", "SalesOrder/QT/SO000001", "StockItem/NONE"]
)
def test_a_missing_record_is_500_not_404(path: str) -> None:
    reply = five_orders().call("GET", path)
    assert reply.status == 500
    assert body(reply)["exceptionType"] == "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"
    assert body(reply)["exceptionMessage"] == "No entity satisfies the condition."


def test_keys_by_slash_by_bar_and_by_id() -> None:
    caller = five_orders()
    one = caller.get("SalesOrder/SO/SO000001")
    assert caller.get("SalesOrder/SO|SO000001")["id"] == one["id"]
    assert caller.get("SalesOrder/SO%7CSO000001")["id"] == one["id"]
    assert caller.get(f"SalesOrder/{one['id']}")["OrderNbr"] == {"value": "SO000001"}
    assert caller.get("StockItem/Insert%20Card%20-%20A")["IsAKit"] == {"value": False}


def test_archived_records_are_hidden_unless_asked_for_and_refuse_changes() -> None:
    caller = five_orders()
    caller.simulator.command("archive", {"entity": "SalesOrder", "key": "SO000002"})
    assert "SO000002" not in numbers(caller.get(f"SalesOrder?{HEADER}"))
    assert caller.call("GET", "SalesOrder/SO/SO000002").status == 500
    assert "SO000002" in numbers(caller.get(f"SalesOrder?{HEADER}", PX_ApiArchive="SHOW"))
    changed = {"OrderType": {"value": "SO"}, "OrderNbr": {"value": "SO000002"}, "Description": {"value": "x"}}
    assert caller.call("PUT", "SalesOrder", changed).status == 500


def test_the_schema_lists_custom_fields_and_workflow_actions() -> None:
    found = Caller().get("SalesOrder/$adHocSchema")
    assert found["custom"]["Document"]["AttributeTRACKINGNBR"] == {"type": "CustomStringField", "value": None}
    assert {"releaseFromHold": {"parameters": {}}} in found["_workflowActions"]


def test_wrong_accept_406_and_post_to_a_collection_406() -> None:
    caller = Caller()
    assert caller.call("GET", "Warehouse", Accept="application/xml").status == 406
    assert caller.call("POST", "SalesOrder", {}).status == 406


def test_rows_become_visible_at_commit_but_carry_an_earlier_stamp() -> None:
    caller = five_orders()
    caller.simulator.command("switch", {"commit_lag_seconds": 30})
    begun = caller.now
    caller.order("SO000006")
    caller.wait(29)
    assert "SO000006" not in numbers(caller.get(f"SalesOrder?{HEADER}"))
    caller.wait(1)
    row = next(row for row in caller.get(f"SalesOrder?{HEADER}") if row["OrderNbr"]["value"] == "SO000006")
    assert row["LastModified"]["value"].startswith(begun.strftime("%Y-%m-%dT%H:%M:%S"))
