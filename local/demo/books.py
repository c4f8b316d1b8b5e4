"""Reading both sides' holdings for the closing table. Plain dictionaries in, plain numbers out.

Nothing of the connector is imported: what should be on the other side is worked out here a second time, from the
vendors' rules alone, so that a mistake of the connector cannot hide itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Holdings = Mapping[str, Any]
Row = Mapping[str, Any]
Units = Counter[str]
"""Whole base units by SKU."""

RELEASED = ("Open", "Back Order", "Shipping", "Completed")
CANCELLED = ("Canceled", "Rejected", "Expired")
CONFIRMED = ("Confirmed", "Invoiced", "Completed")
NOT_SHIPPED_ANY_MORE = ("Cancelled", "CleanSweeped")


@dataclass(frozen=True)
class Rules:
    """What a connection file says of this pair of accounts, as far as the comparison needs it."""

    prefix: str
    order_types: tuple[str, ...]
    item_classes: tuple[str, ...]
    warehouses: Mapping[str, int]  # Acumatica warehouse -> ShipBob location
    vendor: str


def rules_of(document: Row) -> Rules:
    """Reads a connection file."""
    settings = document["settings"]
    return Rules(
        prefix=settings["orders"]["reference_prefix"],
        order_types=tuple(settings["orders"]["order_types"]),
        item_classes=tuple(settings["items"]["item_classes"]),
        warehouses={name: int(row["location_id"]) for name, row in document["tables"]["warehouses"].items()},
        vendor=settings["charges"]["vendor"],
    )


def base_units(acumatica: Holdings, line: Row, quantity: str) -> int:
    """A line's quantity in base units, by the item's own unit conversions."""
    item = acumatica["StockItem"][line["InventoryID"]]
    amount = Decimal(str(line[quantity]))
    if line["UOM"] != item["BaseUOM"]:
        row = next(it for it in item["UOMConversions"] if it["FromUOM"] == line["UOM"])
        factor = Decimal(str(row["ConversionFactor"]))
        amount = amount * factor if row["MultiplyOrDivide"] == "Multiply" else amount / factor
    return round(amount)


def goods_for_the_warehouse(acumatica: Holdings, order: Row, rules: Rules) -> Units:
    """What of an order ShipBob shall ship."""
    units: Units = Counter()
    for line in order["Details"]:
        drop_ship = line.get("MarkForPO") and line.get("POSource") == "Drop-Ship"
        if line["LineType"] == "Goods for Inventory" and not drop_ship and line.get("WarehouseID") in rules.warehouses:
            units[line["InventoryID"]] += base_units(acumatica, line, "OrderQty")
    return units


def reference_of(order: Row, rules: Rules) -> str:
    """The reference under which ShipBob must hold an order."""
    return f"{rules.prefix}-{order['OrderType']}-{order['OrderNbr']}"


def orders_to_ship(acumatica: Holdings, rules: Rules) -> dict[str, Row]:
    """The orders that Acumatica has released for the warehouse, by reference."""
    return {
        reference_of(order, rules): order
        for order in acumatica["SalesOrder"].values()
        if order["OrderType"] in rules.order_types
        and order["Status"] in RELEASED
        and not order.get("WillCall")
        and goods_for_the_warehouse(acumatica, order, rules)
    }


def products_of(order: Row) -> Units:
    """Units by SKU of a ShipBob order."""
    units: Units = Counter()
    for product in order["products"]:
        units[product["sku"]] += product["quantity"]
    return units


def shipped_products(shipment: Row) -> Units:
    """Units by SKU that a ShipBob shipment holds."""
    units: Units = Counter()
    for product in shipment["products"]:
        units[product["sku"]] += sum(item["quantity"] for item in product["inventory_items"])
    return units


def left(shipbob: Holdings) -> list[Row]:
    """The ShipBob shipments that have left the building, oldest first."""
    return [it for _, it in sorted(shipbob["shipments"].items()) if it["status"] == "Completed"]


def tracking_of(shipment: Row) -> str:
    """The tracking number of a ShipBob shipment; empty without a label."""
    return str((shipment.get("tracking") or {}).get("tracking_number") or "")


def packages(acumatica: Holdings) -> Iterator[tuple[str, Row]]:
    """Every package on an Acumatica shipment that has a tracking number, with that shipment."""
    for shipment in acumatica["Shipment"].values():
        for package in shipment.get("Packages", ()):
            if package.get("TrackingNbr"):
                yield package["TrackingNbr"], shipment


def shipment_units(acumatica: Holdings, shipment: Row) -> Units:
    """Units by SKU on an Acumatica shipment."""
    units: Units = Counter()
    for line in shipment["Details"]:
        units[line["InventoryID"]] += base_units(acumatica, line, "ShippedQty")
    return units


def not_posted_yet(acumatica: Holdings, warehouse: str) -> Units:
    """Units on confirmed shipments whose issue is not posted: they have left, but are still on the books."""
    units: Units = Counter()
    for shipment in acumatica["Shipment"].values():
        posted = all(row.get("InventoryRefNbr") for row in shipment["Orders"])
        if shipment["WarehouseID"] == warehouse and shipment["Status"] in CONFIRMED and not posted:
            units += shipment_units(acumatica, shipment)
    return units


def words(units: Units) -> str:
    """`2 x 0041, 1 x PEN-BLK`."""
    return ", ".join(f"{number} x {sku}" for sku, number in sorted(units.items())) or "nothing"
