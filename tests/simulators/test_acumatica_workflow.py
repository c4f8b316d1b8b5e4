"""Orders, shipments, stock, adjustments and bills as the workflow moves them (rule 6)."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.acumatica.seed import ORDERS, seed_orders
from tests.simulators.acumatica_requests import Caller, body, error_text, v


def order(number: str) -> dict[str, Any]:
    return {"OrderType": v("SO"), "OrderNbr": v(number)}


def create(caller: Caller, number: str, warehouse: str = "3PL-WEST") -> str:
    """Creates a shipment through the API; answers an error text or an empty one."""
    asked = {"entity": order(number), "parameters": {"WarehouseID": v(warehouse)}}
    reply = caller.run("SalesOrder/SalesOrderCreateShipment", asked)
    return "" if reply.status == 204 else error_text(reply)


def act(caller: Caller, action: str, number: str) -> str:
    """A shipment action through the API; answers an error text or an empty one."""
    reply = caller.run(f"Shipment/{action}", {"entity": {"ShipmentNbr": v(number)}})
    return "" if reply.status == 204 else error_text(reply)


# -- orders and shipments


def test_an_order_goes_from_open_over_shipping_to_completed() -> None:
    caller = Caller()
    caller.order("SO000001")
    assert create(caller, "SO000001") == ""
    held = caller.simulator.holdings()
    assert (held["SalesOrder"]["SO000001"]["Status"], held["Shipment"]["SH000001"]["Status"]) == ("Shipping", "Open")
    line = held["SalesOrder"]["SO000001"]["Details"][0]
    assert (line["QtyOnShipments"], line["OpenQty"], line["Completed"]) == (2, 2, False)
    assert act(caller, "ConfirmShipment", "SH000001") == ""
    held = caller.simulator.holdings()
    assert (held["SalesOrder"]["SO000001"]["Status"], held["Shipment"]["SH000001"]["Status"]) == (
        "Completed",
        "Confirmed",
    )
    assert held["SalesOrder"]["SO000001"]["Details"][0]["OpenQty"] == 0
    assert held["stock"]["0041"]["3PL-WEST"] == 500
    assert act(caller, "UpdateIN", "SH000001") == ""
    held = caller.simulator.holdings()
    assert held["stock"]["0041"]["3PL-WEST"] == 498
    assert held["Shipment"]["SH000001"]["Status"] == "Completed"
    assert held["Shipment"]["SH000001"]["Orders"][0]["InventoryRefNbr"] == "000001"
    assert held["SalesOrder"]["SO000001"]["Shipments"][0]["InventoryRefNbr"] == "000001"


def test_a_partial_shipment_leaves_a_back_order() -> None:
    caller = Caller()
    caller.order("SO000001")
    create(caller, "SO000001")
    row = caller.held("Shipment", "SH000001")["Details"][0]
    too_many = {"ShipmentNbr": v("SH000001"), "Details": [{"id": row["id"], "ShippedQty": v(3)}]}
    assert "error" in body(caller.call("PUT", "Shipment", too_many))["Details"][0]["ShippedQty"]
    caller.put("Shipment", {"ShipmentNbr": v("SH000001"), "Details": [{"id": row["id"], "ShippedQty": v(1)}]})
    act(caller, "ConfirmShipment", "SH000001")
    held = caller.held("SalesOrder", "SO000001")
    assert (held["Status"], held["Details"][0]["OpenQty"], held["Details"][0]["QtyOnShipments"]) == ("Back Order", 1, 1)
    assert create(caller, "SO000001") == ""
    assert caller.held("Shipment", "SH000002")["ShippedQty"] == 1
    act(caller, "ConfirmShipment", "SH000002")
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Completed"
    assert "Completed" in create(caller, "SO000001")


def test_the_rest_is_cancelled_where_the_shipping_rule_says_so() -> None:
    caller = Caller()
    caller.order("SO000001", ShippingSettings={"ShippingRule": "Cancel Remainder"})
    create(caller, "SO000001")
    row = caller.held("Shipment", "SH000001")["Details"][0]
    caller.put("Shipment", {"ShipmentNbr": v("SH000001"), "Details": [{"id": row["id"], "ShippedQty": v(1)}]})
    act(caller, "ConfirmShipment", "SH000001")
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Completed"


def test_only_what_is_in_stock_is_shipped() -> None:
    caller = Caller()
    caller.order("SO000001", Details=[{"InventoryID": "KIT-DESK", "OrderQty": 30}])
    caller.order("SO000002", Details=[{"InventoryID": "KIT-DESK", "OrderQty": 1}])
    caller.order(
        "SO000003",
        Details=[{"InventoryID": "0041", "OrderQty": 501}],
        ShippingSettings={"ShippingRule": "Ship Complete"},
    )
    create(caller, "SO000001")
    assert caller.held("Shipment", "SH000001")["ShippedQty"] == 25
    assert "no stock" in create(caller, "SO000002")
    assert "in full" in create(caller, "SO000003")


def test_one_warehouse_per_shipment() -> None:
    caller = Caller()
    caller.simulator.command("sales_order", {**ORDERS["two_warehouses"], "OrderNbr": "SO000001"})
    without = caller.run("SalesOrder/SalesOrderCreateShipment", {"entity": order("SO000001")})
    assert "one warehouse per call" in error_text(without)
    assert "nothing left" in create(caller, "SO000001", "MAIN")
    assert create(caller, "SO000001", "3PL-WEST") == ""
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Shipping"
    assert create(caller, "SO000001", "3PL-EAST") == ""
    act(caller, "ConfirmShipment", "SH000001")
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Shipping"
    act(caller, "ConfirmShipment", "SH000002")
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Completed"


def test_a_case_takes_its_units_from_the_stock() -> None:
    caller = Caller()
    caller.simulator.command("sales_order", {**ORDERS["case"], "OrderNbr": "SO000001"})
    create(caller, "SO000001")
    act(caller, "ConfirmShipment", "SH000001")
    caller.simulator.command("update_in", {})
    assert caller.simulator.holdings()["stock"]["0041"]["3PL-WEST"] == 500 - 48


def test_charges_and_drop_ships_are_not_shipped() -> None:
    caller = Caller()
    numbers = seed_orders(caller.simulator)
    for kind in ("charge", "drop_ship"):
        create(caller, numbers[kind])
    shipped = [[row["InventoryID"] for row in it["Details"]] for it in caller.simulator.holdings()["Shipment"].values()]
    assert shipped == [["0041"], ["0041"]]
    lines = caller.held("SalesOrder", numbers["charge"])["Details"]
    assert [line["LineType"] for line in lines] == ["Goods for Inventory", "Misc. Charge"]


@pytest.mark.parametrize("kind", ["on_hold", "cancelled"])
def test_orders_that_are_not_open_cannot_be_shipped(kind: str) -> None:
    caller = Caller()
    numbers = seed_orders(caller.simulator)
    assert "a shipment cannot be created" in create(caller, numbers[kind])


def test_a_quote_cannot_be_shipped_and_credit_hold_is_its_own_status() -> None:
    caller = Caller()
    seed_orders(caller.simulator)
    quote = {"entity": {"OrderType": v("QT"), "OrderNbr": v("QT000001")}, "parameters": {"WarehouseID": v("3PL-WEST")}}
    assert "cannot be shipped" in error_text(caller.run("SalesOrder/SalesOrderCreateShipment", quote))
    caller.simulator.command("credit_hold", {"order_nbr": "SO000001"})
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Credit Hold"
    caller.call("POST", "SalesOrder/ReleaseFromCreditHoldSalesOrder", {"entity": order("SO000001")})
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Open"


def test_an_order_with_a_shipment_cannot_be_cancelled() -> None:
    caller = Caller()
    caller.order("SO000001")
    create(caller, "SO000001")
    reply = caller.call("POST", "SalesOrder/CancelSalesOrder", {"entity": order("SO000001")})
    assert (reply.status, "cannot be canceled" in error_text(reply)) == (500, True)
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Shipping"


def test_hold_is_a_plain_field() -> None:
    caller = Caller()
    caller.order("SO000001", Hold=True)
    assert caller.held("SalesOrder", "SO000001")["Status"] == "On Hold"
    caller.put("SalesOrder", {**order("SO000001"), "Hold": v(False)})
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Open"


def test_a_shipment_may_come_back_on_hold_and_is_then_not_confirmed() -> None:
    caller = Caller()
    caller.simulator.command("switch", {"shipments_start_on_hold": True})
    caller.order("SO000001")
    create(caller, "SO000001")
    assert "On Hold" in act(caller, "ConfirmShipment", "SH000001")
    caller.put("Shipment", {"ShipmentNbr": v("SH000001"), "Hold": v(False)})
    assert act(caller, "ConfirmShipment", "SH000001") == ""
    assert "Confirmed" in act(caller, "ConfirmShipment", "SH000001")


def shipment_body(*orders: str, **fields: Any) -> dict[str, Any]:
    rows = [order(number) for number in orders]
    return {"CustomerID": v("QUILL"), "WarehouseID": v("3PL-WEST"), "Details": rows, **fields}


def test_a_shipment_by_put_takes_the_lines_of_several_orders_of_one_customer() -> None:
    caller = Caller()
    caller.order("SO000001")
    caller.order("SO000002")
    caller.order("SO000003", CustomerID="YARD")
    made = caller.put(
        "Shipment?$expand=Details,Orders&$select=ShipmentNbr,Details,Orders", shipment_body("SO000001", "SO000002")
    )
    assert made["ShipmentNbr"] == {"value": "SH000001"}
    assert [row["ShippedQty"]["value"] for row in made["Details"]] == [2.0, 2.0]
    assert len(made["Orders"]) == 2
    assert caller.held("SalesOrder", "SO000002")["Status"] == "Shipping"
    reply = caller.call("PUT", "Shipment", shipment_body("SO000003"))
    assert "another customer" in body(reply)["Details"][0]["OrderNbr"]["error"]
    assert caller.call("PUT", "Shipment", shipment_body("SO000001")).status == 422
    assert caller.call("PUT", "Shipment", shipment_body("SO999999")).status == 422
    assert list(caller.simulator.holdings()["Shipment"]) == ["SH000001"]


def test_one_shipment_per_order_when_asked_for() -> None:
    caller = Caller()
    caller.order("SO000001")
    caller.order("SO000002")
    caller.put("Shipment", shipment_body("SO000001", "SO000002", CreateNewShipmentForEveryOrder=v(True)))
    held = caller.simulator.holdings()["Shipment"]
    assert [[row["OrderNbr"] for row in it["Orders"]] for it in held.values()] == [["SO000001"], ["SO000002"]]


def test_packages_need_a_box_that_exists_and_fits_the_ship_via() -> None:
    caller = Caller()
    caller.order("SO000001")
    create(caller, "SO000001")
    target = "Shipment?$expand=Packages&$select=Packages,PackageCount,PackageWeight"

    def package(**fields: Any) -> dict[str, Any]:
        return {"ShipmentNbr": v("SH000001"), "Packages": [{"Weight": v(1.2), "TrackingNbr": v("1Z999"), **fields}]}

    assert "cannot be empty" in body(caller.call("PUT", target, package()))["Packages"][0]["BoxID"]["error"]
    unknown = caller.call("PUT", target, package(BoxID=v("CRATE")))
    assert (unknown.status, "cannot be found" in body(unknown)["Packages"][0]["BoxID"]["error"]) == (422, True)
    caller.put("ShipVia", {"CarrierID": v("GROUND"), "Packages": [{"BoxID": v("LARGE")}]})
    refused = body(caller.call("PUT", target, package(BoxID=v("DEFAULT"))))
    assert "not among the boxes" in refused["Packages"][0]["BoxID"]["error"]
    made = caller.put(target, package(BoxID=v("LARGE"), UOM=v("KG"), CustomRefNbr1=v("ref")))
    row = made["Packages"][0]
    assert (row["LineNbr"], row["UOM"], row["Length"]) == ({"value": 1}, {"value": "LB"}, {"value": 24.0})
    assert (made["PackageCount"], made["PackageWeight"]) == ({"value": 1}, {"value": 1.2})
    assert caller.simulator.ignored_fields[-1] == "Shipment/Packages/UOM"
    # replaying the row without its id duplicates it; with the id it is updated
    caller.put(target, package(BoxID=v("LARGE")))
    assert len(caller.held("Shipment", "SH000001")["Packages"]) == 2
    caller.put(target, {"id": made["id"], "Packages": [{"id": row["id"], "TrackingNbr": v("1Z111")}]})
    tracking = [it["TrackingNbr"] for it in caller.held("Shipment", "SH000001")["Packages"]]
    assert tracking == ["1Z111", "1Z999"]


def test_nothing_is_edited_after_confirmation() -> None:
    caller = Caller()
    caller.order("SO000001")
    create(caller, "SO000001")
    act(caller, "ConfirmShipment", "SH000001")
    late = {"ShipmentNbr": v("SH000001"), "Packages": [{"BoxID": v("DEFAULT"), "TrackingNbr": v("1Z")}]}
    reply = caller.call("PUT", "Shipment", late)
    assert (reply.status, "Confirmed" in body(reply)["error"]) == (422, True)
    assert (
        "Packages" not in caller.held("Shipment", "SH000001") or caller.held("Shipment", "SH000001")["Packages"] == []
    )
    caller.simulator.command("switch", {"confirmed_shipment_editable": True})
    caller.put("Shipment", late)
    assert caller.held("Shipment", "SH000001")["Packages"][0]["TrackingNbr"] == "1Z"


def test_a_carrier_plug_in_buys_labels_at_confirmation() -> None:
    caller = Caller()
    caller.simulator.command("sales_order", {**ORDERS["plug_in"], "OrderNbr": "SO000001"})
    create(caller, "SO000001")
    package = {"BoxID": v("DEFAULT"), "TrackingNbr": v("1ZOURS")}
    caller.put("Shipment", {"ShipmentNbr": v("SH000001"), "Packages": [package]})
    assert caller.simulator.holdings()["labels_bought_by_plugin"] == []
    act(caller, "ConfirmShipment", "SH000001")
    bought = caller.simulator.holdings()["labels_bought_by_plugin"]
    assert [(it["ShipmentNbr"], it["PackageLineNbr"]) for it in bought] == [("SH000001", 1)]
    assert caller.held("Shipment", "SH000001")["Packages"][0]["TrackingNbr"] == "1ZOURS"


def test_a_confirmed_package_can_be_required() -> None:
    caller = Caller()
    caller.simulator.command("switch", {"package_confirmation_required": True})
    caller.order("SO000001")
    create(caller, "SO000001")
    assert "confirmed package" in act(caller, "ConfirmShipment", "SH000001")
    caller.put("Shipment", {"ShipmentNbr": v("SH000001"), "Packages": [{"BoxID": v("DEFAULT"), "Confirmed": v(True)}]})
    assert act(caller, "ConfirmShipment", "SH000001") == ""


def test_correct_reopens_until_the_issue_is_posted() -> None:
    caller = Caller()
    caller.order("SO000001")
    create(caller, "SO000001")
    assert "cannot be posted" in act(caller, "UpdateIN", "SH000001")
    act(caller, "ConfirmShipment", "SH000001")
    assert act(caller, "CorrectShipment", "SH000001") == ""
    held = caller.simulator.holdings()
    assert (held["SalesOrder"]["SO000001"]["Status"], held["Shipment"]["SH000001"]["Status"]) == ("Shipping", "Open")
    assert held["SalesOrder"]["SO000001"]["Details"][0]["OpenQty"] == 2
    act(caller, "ConfirmShipment", "SH000001")
    caller.simulator.command("update_in", {"shipment_nbr": "SH000001"})
    assert "cannot be corrected" in act(caller, "CorrectShipment", "SH000001")


def test_freight_price_needs_its_override_and_ship_via_must_exist() -> None:
    caller = Caller()
    caller.order("SO000001")
    create(caller, "SO000001")
    caller.put("Shipment", {"ShipmentNbr": v("SH000001"), "FreightPrice": v(2), "FreightCost": v(1)})
    held = caller.held("Shipment", "SH000001")
    assert (held["FreightPrice"], held["FreightCost"]) == (0, 1)
    assert caller.call("PUT", "Shipment", {"ShipmentNbr": v("SH000001"), "ShipVia": v("ROCKET")}).status == 422


def test_the_ship_to_of_the_shipment_is_the_one_of_the_order() -> None:
    caller = Caller()
    caller.simulator.command("sales_order", {**ORDERS["own_address"], "OrderNbr": "SO000001"})
    create(caller, "SO000001")
    expand = "$expand=ShippingSettings,ShippingSettings/ShipToAddress,ShippingSettings/ShipToContact"
    settings = caller.get(f"Shipment/SH000001?{expand}")["ShippingSettings"]
    assert settings["ShipToAddress"]["City"] == {"value": "Leeds"}
    assert settings["ShipToAddress"]["State"] == {}
    assert settings["ShipToContact"]["BusinessName"] == {"value": "Yard Supplies Ltd"}


# -- stock


def adjustment(**fields: Any) -> dict[str, Any]:
    row = {
        "InventoryID": v("0041"), "WarehouseID": v("3PL-WEST"), "LocationID": v("R1"), "Qty": v(-3), "UOM": v("EA"),
        "ReasonCode": v("INADJUST"),
    }  # fmt: skip
    header: dict[str, Any] = {name: fields.pop(name) for name in ("Hold", "Date", "ExternalRef") if name in fields}
    return {"ExternalRef": v("count-1"), "Hold": v(False), **header, "Details": [{**row, **fields}]}


def release(caller: Caller, number: str) -> str:
    reply = caller.run("InventoryAdjustment/ReleaseAdjustment", {"entity": {"ReferenceNbr": v(number)}})
    return "" if reply.status == 204 else error_text(reply)


def test_an_adjustment_moves_stock_only_when_it_is_released() -> None:
    caller = Caller()
    made = caller.put("InventoryAdjustment?$select=ReferenceNbr,Status,TotalQty", adjustment(), If_None_Match="*")
    assert (made["ReferenceNbr"]["value"], made["Status"]["value"], made["TotalQty"]["value"]) == (
        "000001",
        "Balanced",
        -3.0,
    )
    assert caller.simulator.holdings()["stock"]["0041"]["3PL-WEST"] == 500
    assert release(caller, "000001") == ""
    assert caller.simulator.holdings()["stock"]["0041"]["3PL-WEST"] == 497
    assert "already released" in release(caller, "000001")
    changed = {"ReferenceNbr": v("000001"), "Description": v("x")}
    assert caller.call("PUT", "InventoryAdjustment", changed).status == 422


def test_an_adjustment_starts_on_hold_unless_told_otherwise() -> None:
    caller = Caller()
    document = adjustment()
    del document["Hold"]
    caller.put("InventoryAdjustment", document)
    assert caller.held("InventoryAdjustment", "000001")["Status"] == "On Hold"
    assert "On Hold" in release(caller, "000001")
    caller.put("InventoryAdjustment", {"ReferenceNbr": v("000001"), "Hold": v(False)})
    assert release(caller, "000001") == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("InventoryID", "NONE"),
        ("WarehouseID", "NOWHERE"),
        ("LocationID", "R9"),
        ("UOM", "PALLET"),
        ("ReasonCode", "NONE"),
        ("ReasonCode", "INSALES"),
    ],
)
def test_wrong_rows_of_an_adjustment_422(field: str, value: str) -> None:
    caller = Caller()
    reply = caller.call("PUT", "InventoryAdjustment", adjustment(**{field: v(value)}))
    assert (reply.status, bool(body(reply)["Details"][0][field]["error"])) == (422, True)
    assert caller.simulator.holdings()["InventoryAdjustment"] == {}


def test_stock_does_not_go_negative_and_closed_periods_stay_closed() -> None:
    caller = Caller()
    caller.put("InventoryAdjustment", adjustment(Qty=v(-501)))
    assert "will go negative" in release(caller, "000001")
    caller.put("InventoryAdjustment", adjustment())
    caller.simulator.command("period", {"period": "032026"})
    assert "is closed" in release(caller, "000002")
    assert caller.call("PUT", "InventoryAdjustment", adjustment()).status == 422
    assert caller.simulator.holdings()["stock"]["0041"]["3PL-WEST"] == 500


def test_the_storage_inquiry_reads_a_whole_warehouse() -> None:
    caller = Caller()
    caller.order("SO000001")
    caller.order("SO000002")
    create(caller, "SO000001")
    found = caller.put("StorageDetailsInquiry?$expand=StorageDetails", {"WarehouseID": v("3PL-WEST")})
    rows = {row["InventoryID"]["value"].rstrip(): row for row in found["StorageDetails"]}
    assert set(rows) == {"0041", "Insert Card - A", "KIT-DESK"}
    book = {name: rows["0041"][name]["value"] for name in ("QtyOnHand", "QtyAvailable", "QtyHardAvailable")}
    assert book == {"QtyOnHand": 500, "QtyAvailable": 496, "QtyHardAvailable": 498}
    assert "StorageDetails" not in caller.put("StorageDetailsInquiry", {"WarehouseID": v("3PL-WEST")})
    assert caller.call("PUT", "StorageDetailsInquiry", {"WarehouseID": v("NOWHERE")}).status == 422
    assert caller.call("GET", "StorageDetailsInquiry").status == 405


def test_the_summary_inquiry_without_an_item_is_empty_and_its_rows_do_not_name_the_item() -> None:
    caller = Caller()
    target = "InventorySummaryInquiry?$expand=Results"
    assert caller.put(target, {"WarehouseID": v("3PL-WEST")})["Results"] == []
    rows = caller.put(target, {"InventoryID": v("0041")})["Results"]
    assert all("InventoryID" not in row for row in rows)
    by_warehouse = {row["WarehouseID"].get("value", "").rstrip(): row["QtyOnHand"]["value"] for row in rows}
    assert by_warehouse == {"3PL-WEST": 500, "3PL-EAST": 40, "": 540}
    one = caller.put(target, {"InventoryID": v("0041"), "WarehouseID": v("3PL-EAST")})["Results"]
    assert [row["QtyOnHand"]["value"] for row in one if row["WarehouseID"]] == [40]


def test_warehouse_details_of_an_item_are_read_only() -> None:
    caller = Caller()
    target = "StockItem?$select=InventoryID,WarehouseDetails&$expand=WarehouseDetails"
    caller.put(target, {"InventoryID": v("0041"), "WarehouseDetails": [{"WarehouseID": v("MAIN"), "QtyOnHand": v(9)}]})
    assert caller.simulator.ignored_fields == ["StockItem/WarehouseDetails"]
    rows = caller.get("StockItem/0041?$expand=WarehouseDetails")["WarehouseDetails"]
    found = {row["WarehouseID"]["value"].rstrip(): row["QtyOnHand"]["value"] for row in rows}
    assert found == {"3PL-WEST": 500, "3PL-EAST": 40}


# -- bills


def bill(**fields: Any) -> dict[str, Any]:
    account = {"Account": v("54000"), "Subaccount": v("000000")}
    rows = [
        {**account, "TransactionDescription": v("Pick and pack"), "Qty": v(1), "UnitCost": v(150)},
        {**account, "TransactionDescription": v("Storage"), "Account": v("54100"), "ExtendedCost": v(34.37)},
    ]
    usual = {
        "Type": v("Bill"),
        "Vendor": v("FULFILLER"),
        "VendorRef": v("INV-1"),
        "Date": v("2026-03-01"),
        "Amount": v(184.37),
        "Hold": v(False),
        "Details": rows,
    }
    return {**usual, **fields}


def test_a_bill_is_balanced_and_released_on_request() -> None:
    caller = Caller()
    made = caller.put("Bill?$select=ReferenceNbr,Status,Balance,PostPeriod", bill(), If_None_Match="*")
    found = {name: made[name]["value"] for name in ("ReferenceNbr", "Status", "Balance", "PostPeriod")}
    assert found == {"ReferenceNbr": "000001", "Status": "Balanced", "Balance": 184.37, "PostPeriod": "032026"}
    asked = {"entity": {"Type": v("Bill"), "ReferenceNbr": v("000001")}}
    assert caller.run("Bill/ReleaseBill", asked).status == 204
    assert caller.held("Bill", "000001")["Status"] == "Open"
    assert caller.run("Bill/ReleaseBill", asked).status == 500
    assert (
        caller.call("PUT", "Bill", {"Type": v("Bill"), "ReferenceNbr": v("000001"), "Description": v("x")}).status
        == 422
    )
    assert caller.run("Bill/ReverseBill", asked).status == 204
    assert caller.held("Bill", "Debit Adj./000002")["Balance"] == 184.37


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"Vendor": {"value": "NOBODY"}}, "Vendor"),
        ({"VendorRef": {"value": ""}}, "VendorRef"),
        ({"Type": {"value": "INV"}}, "Type"),
        ({"Amount": {"value": 184.36}}, "Amount"),
        ({"PostPeriod": {"value": "012026"}}, "PostPeriod"),
        ({"Date": {"value": "2026-01-31"}}, "PostPeriod"),
    ],
)
def test_wrong_headers_of_a_bill_422(changes: dict[str, Any], field: str) -> None:
    caller = Caller()
    caller.simulator.command("period", {"period": "012026"})
    reply = caller.call("PUT", "Bill", bill(**changes))
    assert (reply.status, bool(body(reply)[field]["error"])) == (422, True)
    assert caller.simulator.holdings()["Bill"] == {}


@pytest.mark.parametrize(
    ("field", "value"), [("Account", "99999"), ("Account", "59999"), ("Subaccount", "111111"), ("Account", "")]
)
def test_wrong_accounts_422(field: str, value: str) -> None:
    document = bill()
    document["Details"][0][field] = v(value)
    reply = Caller().call("PUT", "Bill", document)
    assert (reply.status, bool(body(reply)["Details"][0][field]["error"])) == (422, True)


def test_an_unbalanced_bill_may_wait_on_hold_but_not_leave_it() -> None:
    caller = Caller()
    caller.put("Bill", bill(Amount=v(1), Hold=v(True)))
    assert caller.held("Bill", "000001")["Status"] == "On Hold"
    asked = {"entity": {"Type": v("Bill"), "ReferenceNbr": v("000001")}}
    assert "out of the balance" in error_text(caller.call("POST", "Bill/releaseFromHold", asked))
    off_hold = {"Type": v("Bill"), "ReferenceNbr": v("000001"), "Hold": v(False)}
    assert "out of the balance" in body(caller.call("PUT", "Bill", off_hold))["Amount"]["error"]
    assert "On Hold" in error_text(caller.run("Bill/ReleaseBill", asked))
    caller.put("Bill", {**off_hold, "Amount": v(184.37)})
    assert caller.run("Bill/ReleaseBill", asked).status == 204


def test_a_vendor_reference_is_unique_only_where_the_preference_says_so() -> None:
    caller = Caller()
    caller.put("Bill", bill())
    caller.put("Bill", bill())
    assert len(caller.simulator.holdings()["Bill"]) == 2
    caller.simulator.command("switch", {"refuse_duplicate_vendor_ref": True})
    reply = caller.call("PUT", "Bill", bill())
    assert "already exists" in body(reply)["VendorRef"]["error"]
    caller.put("Bill", bill(Vendor=v("PARCELS")))
    assert len(caller.simulator.holdings()["Bill"]) == 3


def test_a_bill_without_hold_starts_on_hold() -> None:
    caller = Caller()
    document = bill()
    del document["Hold"]
    caller.put("Bill", document)
    assert caller.held("Bill", "000001")["Status"] == "On Hold"


def test_a_line_on_a_shipment_can_neither_shrink_below_it_nor_go() -> None:
    caller = Caller()
    caller.order("SO000001")
    create(caller, "SO000001")
    shrunk = {**order("SO000001"), "Details": [{"LineNbr": v(1), "OrderQty": v(1)}]}
    reply = caller.call("PUT", "SalesOrder", shrunk)
    assert (reply.status, "on shipments" in body(reply)["Details"][0]["OrderQty"]["error"]) == (422, True)
    gone = {**order("SO000001"), "Details": [{"LineNbr": v(1), "delete": True}]}
    reply = caller.call("PUT", "SalesOrder", gone)
    assert (reply.status, "cannot be deleted" in body(reply)["error"]) == (422, True)
    assert caller.held("SalesOrder", "SO000001")["Details"][0]["OrderQty"] == 2


def test_what_shipments_hold_back_follows_every_change_of_them() -> None:
    caller = Caller()

    def hard_available() -> float:
        rows = caller.put("StorageDetailsInquiry?$expand=StorageDetails", {"WarehouseID": v("3PL-WEST")})[
            "StorageDetails"
        ]
        return float(
            next(row for row in rows if row["InventoryID"]["value"].strip() == "0041")["QtyHardAvailable"]["value"]
        )

    caller.order("SO000001", Details=[{"InventoryID": "0041", "OrderQty": 10}])
    assert hard_available() == 500
    create(caller, "SO000001")
    assert hard_available() == 490
    row = caller.held("Shipment", "SH000001")["Details"][0]
    caller.put("Shipment", {"ShipmentNbr": v("SH000001"), "Details": [{"id": row["id"], "ShippedQty": v(4)}]})
    assert hard_available() == 496
    too_many = {"ShipmentNbr": v("SH000001"), "Details": [{"id": row["id"], "ShippedQty": v(11)}]}
    assert caller.call("PUT", "Shipment", too_many).status == 422
    assert hard_available() == 496
    act(caller, "ConfirmShipment", "SH000001")
    assert hard_available() == 496
    act(caller, "UpdateIN", "SH000001")
    assert (hard_available(), caller.simulator.holdings()["stock"]["0041"]["3PL-WEST"]) == (496, 496)
    create(caller, "SO000001")
    assert hard_available() == 490
    assert caller.call("DELETE", "Shipment/SH000002").status == 204
    assert hard_available() == 496
