"""PUT as upsert: matching, conditions, rows, field errors, what is ignored (rule 3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.acumatica_requests import Caller, body, error_text, v, where


def order(**fields: Any) -> dict[str, Any]:
    """A body that creates an order."""
    return {"CustomerID": v("QUILL"), "Details": [{"InventoryID": v("0041"), "OrderQty": v(2)}], **fields}


def keys(number: str) -> dict[str, Any]:
    return {"OrderType": v("SO"), "OrderNbr": v(number)}


def test_every_put_without_a_number_makes_another_document() -> None:
    caller = Caller()
    for _ in range(2):
        caller.put("SalesOrder", order(ExternalRef=v("web-1")))
    held = caller.simulator.holdings()["SalesOrder"]
    assert {number: row["ExternalRef"] for number, row in held.items()} == {"SO000001": "web-1", "SO000002": "web-1"}


def test_the_answer_shows_keys_what_was_sent_and_what_was_asked_for() -> None:
    caller = Caller()
    found = caller.put("SalesOrder", order())
    assert found["OrderNbr"] == {"value": "SO000001"}
    assert "Status" not in found
    assert "Details" not in found
    assert set(caller.put("SalesOrder?$select=Status", order())) - {"id", "rowNumber", "note", "custom", "_links"} == {
        "Status"
    }
    caller.simulator.command("switch", {"put_answer": "full"})
    full = caller.put("SalesOrder?$expand=Details", order())
    assert full["Status"] == {"value": "Open"}
    assert full["ExternalRef"] == {}
    assert full["Details"][0]["LineNbr"] == {"value": 1}


def test_conditional_headers_412() -> None:
    caller = Caller()
    caller.put("SalesOrder", order(), If_None_Match="*")
    same = {**keys("SO000001"), "Description": v("changed")}
    assert caller.call("PUT", "SalesOrder", same, If_None_Match="*").status == 412
    assert "Description" not in caller.held("SalesOrder", "SO000001")
    assert caller.put("SalesOrder", same, If_Match="*")["Description"] == {"value": "changed"}
    assert caller.call("PUT", "SalesOrder", order(), If_Match="*").status == 412
    assert caller.call("PUT", "SalesOrder", order(), If_Match="etag").status == 400
    assert list(caller.simulator.holdings()["SalesOrder"]) == ["SO000001"]


def test_records_are_matched_by_id_then_keys_then_filter() -> None:
    caller = Caller()
    made = caller.put("SalesOrder", order(CustomerOrder=v("PO-1")))
    by_id = caller.put("SalesOrder", {"id": made["id"], "Description": v("by id")})
    assert by_id["OrderNbr"] == {"value": "SO000001"}
    caller.put("SalesOrder", {**keys("SO000001"), "Description": v("by keys")})
    found = where("CustomerOrder eq 'PO-1'")
    caller.put(f"SalesOrder?{found}", {"Description": v("by filter")})
    assert caller.held("SalesOrder", "SO000001")["Description"] == "by filter"
    caller.put("SalesOrder", order(CustomerOrder=v("PO-1")))
    assert caller.call("PUT", f"SalesOrder?{found}", {"Description": v("which?")}).status == 500
    unknown = {"id": "00000000-0000-4000-8000-000000000000", "Description": v("x")}
    assert caller.call("PUT", "SalesOrder", unknown).status == 500
    assert len(caller.simulator.holdings()["SalesOrder"]) == 2


def test_a_number_that_does_not_exist_is_a_field_error_not_an_insert() -> None:
    caller = Caller()
    reply = caller.call("PUT", "SalesOrder", {**order(), **keys("SO999999")})
    assert (reply.status, body(reply)["OrderNbr"]["error"]) == (422, "'Order Nbr.' cannot be found in the system.")
    assert caller.simulator.holdings()["SalesOrder"] == {}


def test_a_row_without_id_or_key_is_inserted_again_by_a_replay() -> None:
    caller = Caller()
    made = caller.put("SalesOrder?$expand=Details", order())
    row = made["Details"][0]
    replay = {**keys("SO000001"), "Details": [{"InventoryID": v("0041"), "OrderQty": v(2)}]}
    caller.put("SalesOrder", replay)
    assert [line["LineNbr"] for line in caller.held("SalesOrder", "SO000001")["Details"]] == [1, 2]
    changes = [{"id": row["id"], "OrderQty": v(3)}, {"LineNbr": v(2), "OrderQty": v(5)}]
    caller.put("SalesOrder", {**keys("SO000001"), "Details": changes})
    assert [line["OrderQty"] for line in caller.held("SalesOrder", "SO000001")["Details"]] == [3, 5]
    caller.put("SalesOrder", {**keys("SO000001"), "Details": [{"id": row["id"], "delete": True}]})
    assert [line["LineNbr"] for line in caller.held("SalesOrder", "SO000001")["Details"]] == [2]
    gone = {**keys("SO000001"), "Details": [{"id": row["id"], "OrderQty": v(9)}]}
    assert caller.call("PUT", "SalesOrder", gone).status == 500


def test_unknown_and_computed_fields_change_nothing_and_are_noted() -> None:
    caller = Caller()
    caller.put("SalesOrder", order(Status=v("Completed"), OrderTotal=v(1), TrackingNumber=v("1Z")))
    lines = [{"LineNbr": v(1), "Quantity": v(5), "OpenQty": v(0)}]
    custom = {"Document": {"AttributeNOBODY": {"type": "CustomStringField", "value": "x"}}}
    caller.put("SalesOrder", {**keys("SO000001"), "Details": lines, "custom": custom})
    assert caller.simulator.unknown_fields == [
        "SalesOrder/TrackingNumber", "SalesOrder/Details/Quantity", "SalesOrder/custom/Document.AttributeNOBODY"
    ]  # fmt: skip
    assert caller.simulator.ignored_fields == [
        "SalesOrder/Status", "SalesOrder/OrderTotal", "SalesOrder/Details/OpenQty"
    ]  # fmt: skip
    held = caller.held("SalesOrder", "SO000001")
    assert (held["Status"], held["OrderTotal"], held["Details"][0]["OrderQty"]) == ("Open", 25.0, 2.0)


def test_an_own_address_needs_its_override_flag() -> None:
    caller = Caller()
    address = {"AddressLine1": v("1 Elsewhere"), "City": v("Boise"), "Country": v("US")}
    caller.put("SalesOrder", order(ShipToAddress=address))
    assert caller.held("SalesOrder", "SO000001")["ShipToAddress"]["City"] == "Tacoma"
    assert caller.simulator.ignored_fields == ["SalesOrder/ShipToAddress"]
    caller.put("SalesOrder", order(ShipToAddress=address, ShipToAddressOverride=v(True)))
    assert caller.held("SalesOrder", "SO000002")["ShipToAddress"]["City"] == "Boise"


def test_422_echoes_the_document_with_errors_at_any_depth_and_no_number() -> None:
    caller = Caller()
    lines = [{"InventoryID": v("NOTHING"), "OrderQty": v(1)}, {"InventoryID": v("0041"), "UOM": v("PALLET")}]
    reply = caller.call("PUT", "SalesOrder", order(CustomerID=v("ABARTENDE1"), ShipVia=v("ROCKET"), Details=lines))
    found = body(reply)
    assert reply.status == 422
    assert found["error"].startswith("Inserting 'Sales Order' record raised at least one error.")
    assert found["OrderNbr"]["value"] == "<NEW>"
    assert found["CustomerID"] == {"value": "ABARTENDE1", "error": "'Customer' cannot be found in the system."}
    assert "cannot be found" in found["ShipVia"]["error"]
    assert "cannot be found" in found["Details"][0]["InventoryID"]["error"]
    assert "PALLET" in found["Details"][1]["UOM"]["error"]
    assert caller.simulator.holdings()["SalesOrder"] == {}


@pytest.mark.parametrize(
    "document",
    [
        {"CustomerID": "QUILL"},
        {"CustomerID": {"value": {"ID": "QUILL"}}},
        {"CustomerID": None},
        {"Details": {"InventoryID": {"value": "0041"}}},
        {"Details": ["0041"]},
        {"ShipToAddress": "Tacoma", "ShipToAddressOverride": {"value": True}},
        {"Hold": {"value": "perhaps"}},
        {"Date": {"value": "soon"}},
        {"Details": [{"InventoryID": {"value": "0041"}, "OrderQty": {"value": "two"}}]},
        {"Details": [{"InventoryID": {"value": "0041"}, "LineNbr": {"value": 1.5}}]},
        [],
    ],
)
def test_values_that_are_not_wrapped_or_not_of_the_type_400(document: Any) -> None:
    caller = Caller()
    sent = {**order(), **document} if isinstance(document, dict) else document
    assert caller.call("PUT", "SalesOrder", sent).status == 400
    assert caller.simulator.holdings()["SalesOrder"] == {}


def test_malformed_json_400_and_other_media_types_415() -> None:
    caller = Caller()
    target = "/Acme/entity/Default/25.200.001/SalesOrder"
    sent = {**caller.headers, "Content-Type": "application/json"}
    assert caller.raw("PUT", target, b'{"CustomerID": ', sent).status == 400
    assert caller.raw("PUT", target, b"{}", {**sent, "Content-Type": "text/plain"}).status == 415
    assert caller.raw("PUT", target, b"", sent).status == 400


def test_strings_that_are_too_long_are_refused_or_by_switch_cut() -> None:
    caller = Caller()
    long = order(ExternalRef=v("r" * 41))
    assert "40" in body(caller.call("PUT", "SalesOrder", long))["ExternalRef"]["error"]
    caller.simulator.command("switch", {"truncate_long_strings": True})
    caller.put("SalesOrder", long)
    assert caller.held("SalesOrder", "SO000001")["ExternalRef"] == "r" * 40


def test_numbers_and_flags_as_text_and_american_dates_are_taken() -> None:
    caller = Caller()
    lines = [{"InventoryID": v("0041"), "OrderQty": v("50")}]
    caller.put(
        "SalesOrder", order(Hold=v("true"), Date=v("10/18/2025"), RequestedOn=v("2026-03-05T00:00:00"), Details=lines)
    )
    held = caller.held("SalesOrder", "SO000001")
    assert (held["Hold"], held["Status"], held["Details"][0]["OrderQty"]) == (True, "On Hold", 50.0)
    assert (held["Date"][:10], held["RequestedOn"][:10]) == ("2025-10-18", "2026-03-05")


def test_a_business_date_with_an_offset_can_land_on_the_neighbouring_day() -> None:
    caller = Caller()
    caller.simulator.command("switch", {"tenant_offset_minutes": -480})
    caller.put("SalesOrder", order(Date=v("2026-03-02T00:00:00+00:00")))
    assert caller.held("SalesOrder", "SO000001")["Date"][:10] == "2026-03-01"


def test_null_empties_a_field_and_note_is_replaced_whole() -> None:
    caller = Caller()
    caller.put("SalesOrder", order(Description=v("web order"), note=v("first")))
    found = caller.put("SalesOrder", {**keys("SO000001"), "Description": v(None), "note": v("second")})
    assert found["Description"] == {}
    assert found["note"] == {"value": "second"}
    assert caller.held("SalesOrder", "SO000001")["note"] == "second"


def test_equal_values_do_not_touch_the_change_stamp() -> None:
    caller = Caller()
    caller.put("SalesOrder", order(Description=v("same")))
    before = caller.held("SalesOrder", "SO000001")["LastModified"]
    caller.wait(60)
    caller.put("SalesOrder", {**keys("SO000001"), "Description": v("same")})
    assert caller.held("SalesOrder", "SO000001")["LastModified"] == before
    caller.put("SalesOrder", {**keys("SO000001"), "Description": v("other")})
    assert caller.held("SalesOrder", "SO000001")["LastModified"] > before


def test_a_line_only_change_need_not_touch_the_header() -> None:
    caller = Caller()
    caller.simulator.command("switch", {"touch_header_on_line_change": False})
    caller.put("SalesOrder", order())
    before = caller.held("SalesOrder", "SO000001")["LastModified"]
    caller.wait(60)
    caller.put("SalesOrder", {**keys("SO000001"), "Details": [{"LineNbr": v(1), "LineDescription": v("engraved")}]})
    held = caller.held("SalesOrder", "SO000001")
    assert (held["LastModified"], held["Details"][0]["LineDescription"]) == (before, "engraved")


def test_patch_changes_existing_records_only() -> None:
    caller = Caller()
    caller.put("SalesOrder", order())
    assert caller.call("PATCH", "SalesOrder", {**keys("SO000001"), "Description": v("patched")}).status == 200
    assert caller.held("SalesOrder", "SO000001")["Description"] == "patched"
    assert caller.call("PATCH", "SalesOrder", {**keys("SO999999"), "Description": v("x")}).status == 404


def test_another_process_was_first_500_and_the_next_try_succeeds() -> None:
    caller = Caller()
    caller.put("SalesOrder", order())
    caller.simulator.command("collide", {"entity": "SalesOrder"})
    changed = {**keys("SO000001"), "Description": v("mine")}
    reply = caller.call("PUT", "SalesOrder", changed)
    assert (reply.status, "Another process" in error_text(reply)) == (500, True)
    caller.put("SalesOrder", changed)


def test_closed_orders_refuse_edits_but_take_attributes_and_notes() -> None:
    caller = Caller()
    caller.order("SO000001")
    caller.simulator.command("cancel_order", {"order_nbr": "SO000001"})
    assert caller.call("PUT", "SalesOrder", {**keys("SO000001"), "Description": v("x")}).status == 422
    custom = {"Document": {"AttributeTRACKINGNBR": {"type": "CustomStringField", "value": "1Z"}}}
    caller.put("SalesOrder", {**keys("SO000001"), "custom": custom}, If_Match="*")
    caller.simulator.command("switch", {"attributes_writable_when_closed": False})
    assert caller.call("PUT", "SalesOrder", {**keys("SO000001"), "note": v("x")}).status == 422
    assert caller.held("SalesOrder", "SO000001")["custom"]["Document"] == {"AttributeTRACKINGNBR": "1Z"}


def test_custom_fields_need_their_type() -> None:
    caller = Caller()
    custom = {"Document": {"AttributeTRACKINGNBR": {"type": "CustomDecimalField", "value": 1}}}
    assert caller.call("PUT", "SalesOrder", order(custom=custom)).status == 400


def test_an_alternate_id_is_resolved_to_the_item_and_case_is_priced_by_its_factor() -> None:
    caller = Caller()
    caller.put("SalesOrder", order(Details=[{"InventoryID": v("4006381333931"), "OrderQty": v(1), "UOM": v("CASE")}]))
    line = caller.held("SalesOrder", "SO000001")["Details"][0]
    assert (line["InventoryID"], line["AlternateID"], line["UnitPrice"]) == ("0041", "4006381333931", 300.0)


def test_delete_is_for_documents_that_nothing_depends_on() -> None:
    caller = Caller()
    caller.order("SO000001")
    caller.order("SO000002")
    number = caller.shipment("SO000001")
    assert caller.call("DELETE", "SalesOrder/SO/SO000001").status == 500
    assert caller.call("DELETE", "SalesOrder/SO/SO000002").status == 204
    assert caller.call("DELETE", "StockItem/0041").status == 500
    assert caller.call("DELETE", f"Shipment/{number}").status == 204
    held = caller.simulator.holdings()
    assert list(held["SalesOrder"]) == ["SO000001"]
    assert (held["Shipment"], held["SalesOrder"]["SO000001"]["Status"]) == ({}, "Open")


def test_branch_and_business_date_headers() -> None:
    caller = Caller()
    caller.put("SalesOrder", order(), PX_CbApiBusinessDate="2026/01/31", PX_CbApiBranch="MAIN")
    assert caller.held("SalesOrder", "SO000001")["Date"][:10] == "2026-01-31"
    assert caller.call("PUT", "SalesOrder", order(), PX_CbApiBranch="NOWHERE").status == 500
    assert caller.call("PUT", "SalesOrder", order(), PX_CbApiBusinessDate="tomorrow").status == 400
