"""Shipments: lines taken from orders, packages, totals. What is done with a shipment afterwards is in `shipping.py`."""

from __future__ import annotations

import copy
from decimal import Decimal

from local.simulators.acumatica import order_status
from local.simulators.acumatica.documents import ZERO, Record, normal
from local.simulators.acumatica.order_status import CONFIRMED
from local.simulators.acumatica.orders import EMPTY, NOT_FOUND
from local.simulators.acumatica.world import World, stable_id
from local.simulators.acumatica.writing import Draft


def finish(draft: Draft) -> None:
    """Completes and checks a working copy of a shipment."""
    shipment = draft.record
    if draft.before is not None and draft.before.text("Status") in CONFIRMED and not draft.trusted:
        _refuse_confirmed(draft, draft.before.text("Status"))
    if draft.inserting:
        _insert_defaults(draft)
    _expand_orders(draft)
    for row in shipment.rows("Details"):
        _line(draft, row)
    if draft.inserting and not shipment.rows("Details"):
        draft.refuse(None, "The shipment has no lines: the orders have nothing left to ship from this warehouse.")
    if shipment.text("ShipVia") and draft.world.store.find("ShipVia", shipment.text("ShipVia")) is None:
        draft.refuse("ShipVia", NOT_FOUND.format("Ship Via"))
    for package in shipment.rows("Packages"):
        _package(draft, package)
    _freight(draft)
    total(draft.world, shipment)


def _refuse_confirmed(draft: Draft, status: str) -> None:
    switches = draft.world.switches
    only_notes = draft.sent <= {"id", "note", "custom", "ShipmentNbr"}
    if switches.confirmed_shipment_editable or (only_notes and switches.attributes_writable_when_closed):
        return
    text = f"The shipment {draft.record.text('ShipmentNbr')} has the status {status} and cannot be changed."
    draft.refuse(None, text)
    for name in draft.sent - {"id", "ShipmentNbr", "note", "custom"}:
        draft.refuse(name, text)


def _insert_defaults(draft: Draft) -> None:
    world, shipment = draft.world, draft.record
    if shipment.text("ShipmentNbr") and not draft.trusted:
        draft.refuse("ShipmentNbr", NOT_FOUND.format("Shipment Nbr."))
    customer = world.store.find("Customer", shipment.text("CustomerID"))
    if customer is None:
        draft.refuse("CustomerID", (NOT_FOUND if shipment.text("CustomerID") else EMPTY).format("Customer"))
    warehouse = world.store.find("Warehouse", shipment.text("WarehouseID"))
    if warehouse is None:
        draft.refuse("WarehouseID", (NOT_FOUND if shipment.text("WarehouseID") else EMPTY).format("Warehouse"))
    known = {name: value for name, value in shipment.values.items() if value is not None}
    shipment.values = {
        "Type": "Shipment", "Operation": "Issue", "ShipmentDate": world.today(), "LocationID": "MAIN",
        "Hold": world.switches.shipments_start_on_hold, "FreightCost": ZERO, "FreightPrice": ZERO,
        "OverrideFreightPrice": False, "NoteID": shipment.id, **known,
    }  # fmt: skip


def _expand_orders(draft: Draft) -> None:
    """Rows that name an order without a line become one row per line that is left to ship."""
    world, shipment = draft.world, draft.record
    rows: list[Record] = []
    for row in shipment.rows("Details"):
        order = world.store.find("SalesOrder", row.text("OrderType"), row.text("OrderNbr"))
        refusal = _refusal(shipment, row, order)
        if refusal or order is None:
            draft.refuse("OrderNbr", refusal, row)
            rows.append(row)
            continue
        _inherit(draft, order)
        if row.values.get("OrderLineNbr") is not None or not order.rows("Details"):
            rows.append(row)
            continue
        for line in order.rows("Details"):
            if _left(world, order, line, shipment) > 0 and _from_here(line, shipment) and not _has(rows, order, line):
                rows.append(_row_of(world, order, line))
    shipment.details["Details"] = rows
    for number, row in enumerate(rows, 1):
        if (
            row.values.get("LineNbr") is None
            or [r.values.get("LineNbr") for r in rows].count(row.values["LineNbr"]) > 1
        ):
            row.values["LineNbr"] = number


def _refusal(shipment: Record, row: Record, order: Record | None) -> str:
    """Why an order cannot be put on the shipment, or nothing."""
    if order is None:
        return NOT_FOUND.format("Order Nbr.")
    if normal(order.text("CustomerID")) != normal(shipment.text("CustomerID")):
        return "The order belongs to another customer."
    if row.values.get("InventoryID") is None and order.text("Status") not in ("Open", "Back Order", "Shipping"):
        return f"The order has the status {order.text('Status')} and cannot be shipped."
    return ""


def _has(rows: list[Record], order: Record, line: Record) -> bool:
    return any(
        row.text("OrderNbr") == order.text("OrderNbr") and row.values.get("OrderLineNbr") == line.values.get("LineNbr")
        for row in rows
    )


def _row_of(world: World, order: Record, line: Record) -> Record:
    values = {
        "OrderType": order.text("OrderType"),
        "OrderNbr": order.text("OrderNbr"),
        "OrderLineNbr": line.values["LineNbr"],
    }
    return Record("ShipmentDetail", world.new_id(), dict(values))


def _from_here(line: Record, shipment: Record) -> bool:
    here = normal(line.text("WarehouseID")) == normal(shipment.text("WarehouseID"))
    return here and order_status.is_shippable(line) and not line.flag("Completed")


def _left(world: World, order: Record, line: Record, shipment: Record) -> Decimal:
    """What may still be put on this shipment: ordered minus what other shipments hold."""
    elsewhere = ZERO
    for other in order_status.shipments_of(world, order):
        if other.id == shipment.id:
            continue
        for row in other.rows("Details"):
            if normal(row.text("OrderType"), row.text("OrderNbr")) == normal(*order.key()):
                elsewhere += (
                    row.number("ShippedQty") if row.values.get("OrderLineNbr") == line.values.get("LineNbr") else ZERO
                )
    return line.number("OrderQty") - elsewhere


def _inherit(draft: Draft, order: Record) -> None:
    """Ship-to and ship-via come from the (first) order."""
    shipment, world = draft.record, draft.world
    settings = shipment.linked.setdefault("ShippingSettings", Record("ShipToSettings", world.new_id()))
    for name in ("ShipToAddress", "ShipToContact"):
        settings.values.setdefault(f"{name}Override", order.flag(f"{name}Override"))
        if name not in settings.linked and name in order.linked:
            source = order.linked[name]
            settings.linked[name] = Record(source.entity, world.new_id(), copy.deepcopy(source.values))
    if draft.inserting and shipment.values.get("ShipVia") is None and order.text("ShipVia"):
        shipment.values["ShipVia"] = order.text("ShipVia")
    if draft.inserting and "ResidentialDelivery" not in shipment.values:
        shipping = order.linked.get("ShippingSettings")
        shipment.values["ResidentialDelivery"] = bool(shipping and shipping.flag("ResidentialDelivery"))


def _line(draft: Draft, row: Record) -> None:
    world, shipment = draft.world, draft.record
    order = world.store.find("SalesOrder", row.text("OrderType"), row.text("OrderNbr"))
    if order is None or (row.id, "OrderNbr") in draft.problems.found:
        return
    line = next(
        (it for it in order.rows("Details") if it.values.get("LineNbr") == row.values.get("OrderLineNbr")), None
    )
    if line is None:
        draft.refuse("OrderLineNbr", NOT_FOUND.format("Order Line Nbr."), row)
        return
    left = _left(world, order, line, shipment)
    fresh = row.values.get("InventoryID") is None
    if fresh and not _from_here(line, shipment):
        draft.refuse("OrderLineNbr", "The line cannot be shipped from this warehouse.", row)
    row.values |= {name: line.values.get(name) for name in ("InventoryID", "UOM", "WarehouseID")}
    row.values["Description"] = line.values.get("LineDescription")
    if fresh:
        row.values.setdefault("OrderedQty", left)
        row.values.setdefault("LocationID", _location(world, row))
        if row.values.get("ShippedQty") is None:
            row.values["ShippedQty"] = _allocated(row) or min(left, _available(world, row))
    if row.number("ShippedQty") < 0 or row.number("ShippedQty") > left:
        draft.refuse("ShippedQty", f"The quantity must be between 0 and {left}, what is left on the order line.", row)
    row.values["OpenQty"] = left - row.number("ShippedQty")


def _allocated(row: Record) -> Decimal:
    return sum((part.number("Qty") for part in row.rows("Allocations")), ZERO)


def _available(world: World, row: Record) -> Decimal:
    """Sales units of the row's item that the warehouse can ship now."""
    item = world.store.find("StockItem", row.text("InventoryID"))
    if item is None or world.switches.ship_without_stock:
        return Decimal("Infinity")
    free = world.on_hand(row.text("InventoryID"), row.text("WarehouseID"))
    free -= world.on_shipments(row.text("InventoryID"), row.text("WarehouseID"))
    return max(free // world.base_factor(row), ZERO)


def _location(world: World, row: Record) -> str:
    by_location = world.store.on_hand.get(normal(row.text("InventoryID"), row.text("WarehouseID")), {})
    held = [(quantity, location) for location, quantity in by_location.items()]
    warehouse = world.store.find("Warehouse", row.text("WarehouseID"))
    default = warehouse.text("ShippingLocationID") if warehouse else ""
    return max(held)[1] if held else default or "MAIN"


def _package(draft: Draft, package: Record) -> None:
    world, shipment = draft.world, draft.record
    box = world.reference.boxes.get(package.text("BoxID").upper())
    ship_via = world.store.find("ShipVia", shipment.text("ShipVia"))
    allowed = {row.text("BoxID").upper() for row in ship_via.rows("Packages")} if ship_via else set()
    if box is None:
        draft.refuse("BoxID", (NOT_FOUND if package.text("BoxID") else EMPTY).format("Box ID"), package)
        return
    if allowed and package.text("BoxID").upper() not in allowed:
        draft.refuse(
            "BoxID", f"The box is not among the boxes of the ship via code {shipment.text('ShipVia')}.", package
        )
    if package.number("Weight") < 0:
        draft.refuse("Weight", "The weight cannot be negative.", package)
    known = {name: value for name, value in package.values.items() if value is not None}
    package.values = {
        "Type": "Manual", "Description": box.get("Description"), "Weight": ZERO, "Confirmed": False,
        "DeclaredValue": ZERO, "CODAmount": ZERO, "NoteID": package.id,
        **{name: Decimal(str(box.get(name, 0))) for name in ("Length", "Width", "Height")},
        **known, "UOM": world.reference.weight_unit,
    }  # fmt: skip


def _freight(draft: Draft) -> None:
    shipment = draft.record
    if "FreightPrice" in draft.sent and not shipment.flag("OverrideFreightPrice"):
        draft.world.ignored_fields.append("Shipment/FreightPrice")
        shipment.values["FreightPrice"] = draft.before.values.get("FreightPrice") if draft.before else ZERO


def total(world: World, shipment: Record) -> None:
    """Totals, the rows of `Orders`, and the status as far as Hold decides it."""
    rows, packages = shipment.rows("Details"), shipment.rows("Packages")
    shipment.values["ShippedQty"] = sum((row.number("ShippedQty") for row in rows), ZERO)
    shipment.values["PackageCount"] = len(packages)
    shipment.values["PackageWeight"] = sum((row.number("Weight") for row in packages), ZERO)
    weight = ZERO
    for row in rows:
        item = world.store.find("StockItem", row.text("InventoryID"))
        weight += row.number("ShippedQty") * world.base_factor(row) * (item.number("DimensionWeight") if item else ZERO)
    shipment.values["ShippedWeight"] = weight
    known = {(row.text("OrderType"), row.text("OrderNbr")): row for row in shipment.rows("Orders")}
    shipment.details["Orders"] = []
    for key in dict.fromkeys((row.text("OrderType"), row.text("OrderNbr")) for row in rows):
        link = known.get(key) or Record("ShipmentOrderDetail", stable_id(shipment.id, *key))
        link.values |= {
            "OrderType": key[0], "OrderNbr": key[1], "ShipmentType": shipment.text("Type"),
            "ShipmentNbr": shipment.text("ShipmentNbr"),
            "ShippedQty": sum(
                (row.number("ShippedQty") for row in rows if (row.text("OrderType"), row.text("OrderNbr")) == key), ZERO
            ),
        }  # fmt: skip
        shipment.details["Orders"].append(link)
    if shipment.text("Status") not in CONFIRMED:
        shipment.values["Status"] = "On Hold" if shipment.flag("Hold") else "Open"
