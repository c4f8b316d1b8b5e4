"""Documents as frozen data: what is required, what may be absent, what is computed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from vendors.acumatica import shapes
from vendors.acumatica.rows import Row, read_row

ZONE = ZoneInfo("America/New_York")


def _sample(shared: Path, name: str) -> Any:
    return json.loads((shared / "specs/acumatica/samples/constructed" / name).read_text(), parse_float=Decimal)


def _wrapped(**fields: Any) -> dict[str, Any]:
    return {"id": "g", **{name: {"value": value} for name, value in fields.items()}}


LINE: dict[str, Any] = _wrapped(LineNbr=1, InventoryID="A ", OrderQty=Decimal(5), UOM="EA")
ORDER: dict[str, Any] = _wrapped(
    OrderType="SO", OrderNbr="SO1", Status="Open", CustomerID="C1 ", LastModified="2026-03-02T09:16:44.57+00:00"
) | {"Details": [LINE]}


def _order(**changes: Any) -> shapes.SalesOrder:
    return shapes.parse_sales_order(read_row({**ORDER, **changes}, "SalesOrder SO/SO1", ZONE))


def test_a_full_order(shared: Path) -> None:
    order = shapes.parse_sales_order(read_row(_sample(shared, "salesorder-open-expanded.json"), "SalesOrder", ZONE))
    assert (order.key, order.customer_id, order.total) == ("SO/SO005432", "C000012345", Decimal("82.5"))
    assert (order.day, order.requested_on) == (date(2026, 3, 2), date(2026, 3, 5))
    assert order.last_modified == datetime(2026, 3, 2, 9, 16, 44, 570000, UTC)
    assert (order.shipping.residential, order.shipping.cancel_by, order.shipping.priority) == (True, None, 0)
    assert [(line.inventory_id, line.remaining_quantity) for line in order.lines] == [
        ("TSHIRT-BLK-M", Decimal(2)), ("MUG-11OZ", Decimal(1)),
    ]


def test_a_full_shipment(shared: Path) -> None:
    shipment = shapes.parse_shipment(read_row(_sample(shared, "shipment-open-expanded.json"), "Shipment", ZONE))
    assert (shipment.number, shipment.status, shipment.contact.name) == ("SH001207", "Open", "Dana Reyes")
    assert shipment.packages[0].tracking_number is None
    assert shipment.packages[0].weight == Decimal("4.9")
    assert shipment.lines[1].order_line_number == 2
    assert shipment.orders[0].inventory_reference is None


def test_a_full_item(shared: Path) -> None:
    item = shapes.parse_stock_item(read_row(_sample(shared, "stockitem-expanded.json"), "StockItem", ZONE))
    assert (item.inventory_id, item.weight, item.weight_uom) == ("TSHIRT-BLK-M", Decimal("0.45"), "LB")
    assert item.barcodes[0].code == "012345678905"
    assert item.attributes == {"DIMLEN": "10"}
    assert item.to_base(Decimal(3), "BOX") == Decimal(36)


def test_stock_adjustment_and_bill(shared: Path) -> None:
    inquiry = read_row(_sample(shared, "storage-details-inquiry.json")["response"], "StorageDetailsInquiry", ZONE)
    (row,) = inquiry.rows("StorageDetails")
    assert shapes.parse_storage_row(row).on_hand == Decimal(120)
    adjustment = shapes.parse_adjustment(
        read_row(_sample(shared, "inventory-adjustment.json")["response"], "InventoryAdjustment", ZONE)
    )
    assert (adjustment.number, adjustment.lines[0].quantity) == ("000412", Decimal(-3))
    bill = shapes.parse_bill(read_row(_sample(shared, "bill.json")["response"], "Bill", ZONE))
    assert sum(line.amount or 0 for line in bill.lines) == bill.amount == Decimal("184.37")


@pytest.mark.parametrize("field", ["OrderType", "OrderNbr", "Status", "CustomerID", "LastModified"])
@pytest.mark.parametrize("absent", [{}, {"value": ""}, {"value": None}])
def test_an_order_without_what_matters_is_named(field: str, absent: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"SalesOrder SO/SO1: {field} is missing"):
        _order(**{field: absent})


@pytest.mark.parametrize("field", ["LineNbr", "InventoryID", "OrderQty", "UOM"])
def test_a_line_without_what_matters_is_named(field: str) -> None:
    with pytest.raises(ValueError, match=rf"SalesOrder SO/SO1\.Details\[1\]: {field} is missing"):
        _order(Details=[{**LINE, field: {}}])


@pytest.mark.parametrize(
    ("on_shipments", "still_open", "remaining"),
    [(2, 5, 3), (0, 5, 5), (7, 0, 0), (None, 4, 4), (None, None, 5), (2, None, 3)],
)
def test_what_is_left_to_ship(on_shipments: int | None, still_open: int | None, remaining: int) -> None:
    amounts = {"QtyOnShipments": {"value": on_shipments}, "OpenQty": {"value": still_open}}
    assert _order(Details=[{**LINE, **amounts}]).lines[0].remaining_quantity == remaining


@pytest.mark.parametrize(
    ("mark", "source", "drop_ship"),
    [(True, "Drop-Ship", True), (True, "Blanket for Drop-Ship", True), (True, "Purchase to Order", False),
     (True, None, False), (False, "Drop-Ship", False)],
)
def test_drop_ship_lines(mark: bool, source: str | None, drop_ship: bool) -> None:
    more = {"MarkForPO": {"value": mark}, "POSource": {"value": source}}
    assert _order(Details=[{**LINE, **more}]).lines[0].drop_ship is drop_ship


def test_unexpanded_collections_may_be_absent_or_empty() -> None:
    absent: list[Any] = [[], {}, None]
    for details in absent:
        assert _order(Details=details).lines == ()
    assert _order().ship_to == shapes.Address()


def test_personal_data_does_not_print() -> None:
    address = {"AddressLine1": {"value": "1600 Amphitheatre Pkwy"}, "City": {"value": "Mountain View"}}
    contact = {"Attention": {"value": "Dana Reyes"}, "Email": {"value": "dana@example.com"}}
    order = _order(ShipToAddress=address, ShipToContact=contact)
    assert order.contact.name == "Dana Reyes"
    for private in ("Amphitheatre", "Dana", "dana@example.com"):
        assert private not in repr(order)


def test_recipients_name() -> None:
    assert replace(shapes.Contact(), business_name="Reyes Ltd").name == "Reyes Ltd"
    assert shapes.Contact().name == ""


@pytest.mark.parametrize("factor", [0, -1, None])
def test_a_conversion_that_cannot_be_right(factor: int | None) -> None:
    conversion = _wrapped(FromUOM="BOX", ToUOM="EA", MultiplyOrDivide="Multiply", ConversionFactor=factor)
    item = _wrapped(InventoryID="A", ItemStatus="Active", BaseUOM="EA", LastModified="2026-03-02T00:00:00Z")
    with pytest.raises(ValueError, match=r"(c|C)onversion"):
        shapes.parse_stock_item(read_row({**item, "UOMConversions": [conversion]}, "StockItem A", ZONE))


def test_conversions_divide_too() -> None:
    conversion = shapes.UnitConversion("EA", "BOX", Decimal(12), divide=True)
    assert conversion.convert(Decimal(24)) == Decimal(2)


def test_storage_rows_of_older_contracts() -> None:
    older = Row("x", {"InventoryID": "A", "SiteID": "W", "SiteOnHand": Decimal(3), "SiteAvailable": 2}, ZONE)
    assert shapes.parse_storage_row(older) == shapes.StorageRow("A", "W", Decimal(3), Decimal(2))
    with pytest.raises(ValueError, match="QtyOnHand is missing"):
        shapes.parse_storage_row(Row("x", {"InventoryID": "A", "WarehouseID": "W"}, ZONE))


def test_a_nonstock_item_has_other_names() -> None:
    fields = _wrapped(
        InventoryID="GIFT", ItemStatus="Active", BaseUnit="EA", Weight=Decimal("0.1"), RequireShipment=True,
        LastModifiedDateTime="2026-03-02T00:00:00Z",
    )
    item = shapes.parse_nonstock_item(read_row(fields, "NonStockItem GIFT", ZONE))
    assert (item.stock, item.requires_shipment, item.weight) == (False, True, Decimal("0.1"))
