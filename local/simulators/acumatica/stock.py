"""Inventory adjustments, and the two inquiries that read stock levels."""

from __future__ import annotations

from decimal import Decimal

from local.simulators.acumatica.documents import ZERO, Record, normal
from local.simulators.acumatica.errors import business_error
from local.simulators.acumatica.orders import EMPTY, NOT_FOUND
from local.simulators.acumatica.wire import Value
from local.simulators.acumatica.world import World, stable_id
from local.simulators.acumatica.writing import Draft


def finish(draft: Draft) -> None:
    """Completes and checks a working copy of an adjustment."""
    world, document, switches = draft.world, draft.record, draft.world.switches
    if draft.inserting:
        if document.text("ReferenceNbr") and not draft.trusted:
            draft.refuse("ReferenceNbr", NOT_FOUND.format("Reference Nbr."))
        known = {name: value for name, value in document.values.items() if value is not None}
        document.values = {"Date": world.today(), "Hold": switches.adjustments_start_on_hold, **known}
    elif draft.before and draft.before.text("Status") == "Released":
        draft.refuse(None, f"The adjustment {document.text('ReferenceNbr')} is released and cannot be changed.")
    day = document.day("Date")
    if day and world.period_of(day) in world.reference.closed_periods:
        draft.refuse("Date", f"The financial period {world.period_of(day)} is closed in Inventory.")
    for row in document.rows("Details"):
        _row(draft, row)
    document.values["TotalQty"] = sum((row.number("Qty") for row in document.rows("Details")), ZERO)
    document.values["TotalCost"] = sum((row.number("ExtendedCost") for row in document.rows("Details")), ZERO)
    if document.text("Status") != "Released":
        waiting = "Pending Approval" if switches.adjustments_need_approval else "Balanced"
        document.values["Status"] = "On Hold" if document.flag("Hold") else waiting


def _row(draft: Draft, row: Record) -> None:
    world = draft.world
    item = world.item(row.text("InventoryID")) if row.text("InventoryID") else None
    if item is None:
        draft.refuse("InventoryID", (NOT_FOUND if row.text("InventoryID") else EMPTY).format("Inventory ID"), row)
    else:
        row.values["InventoryID"] = item.text("InventoryID")
        if row.values.get("UOM") is None:
            row.values["UOM"] = item.text("BaseUOM")
        if row.values.get("WarehouseID") is None:
            row.values["WarehouseID"] = item.values.get("DefaultWarehouseID")
        if world.factor(item, row.text("UOM")) is None:
            draft.refuse("UOM", f"Unit {row.text('UOM')} is not defined for the item {item.text('InventoryID')}.", row)
    _place(draft, row)
    usage = world.reference.reason_codes.get(row.text("ReasonCode").upper())
    if row.text("ReasonCode") and usage is None:
        draft.refuse("ReasonCode", NOT_FOUND.format("Reason Code"), row)
    elif usage not in (None, "Adjustment"):
        draft.refuse("ReasonCode", f"The reason code has the usage {usage}, not Adjustment.", row)
    if row.values.get("ExtendedCost") is None and item is not None:
        row.values["ExtendedCost"] = row.number("Qty") * item.number("AverageCost")


def _place(draft: Draft, row: Record) -> None:
    warehouse = draft.world.store.find("Warehouse", row.text("WarehouseID"))
    if warehouse is None:
        draft.refuse("WarehouseID", (NOT_FOUND if row.text("WarehouseID") else EMPTY).format("Warehouse"), row)
        return
    row.values["WarehouseID"] = warehouse.text("WarehouseID")
    location = next(
        (it for it in warehouse.rows("Locations") if normal(it.text("LocationID")) == normal(row.text("LocationID"))),
        None,
    )
    if location is None:
        draft.refuse("LocationID", (NOT_FOUND if row.text("LocationID") else EMPTY).format("Location"), row)
    elif location.values.get("Active") is False:
        draft.refuse("LocationID", "The location is not active.", row)


def release(world: World, stored: Record) -> bool:
    """ReleaseAdjustment: moves on-hand. False when it was released before; raises a Fault for any other status."""
    number = stored.text("ReferenceNbr")
    if stored.text("Status") == "Released":
        raise business_error(f"Document {number} is already released.")
    if stored.text("Status") != "Balanced":
        raise business_error(f"Document {number} has the status {stored.text('Status')} and cannot be released.")
    day = stored.day("Date")
    if day and world.period_of(day) in world.reference.closed_periods:
        raise business_error(f"The financial period {world.period_of(day)} is closed in Inventory.")
    for row in stored.rows("Details"):
        quantity = row.number("Qty") * world.base_factor(row)
        by_location = world.store.on_hand.get(normal(row.text("InventoryID"), row.text("WarehouseID")), {})
        held = by_location.get(normal(row.text("LocationID"))[0], ZERO)
        if held + quantity < 0 and not world.switches.negative_stock_allowed:
            place = f"{row.text('InventoryID')} in warehouse '{row.text('WarehouseID')}'"
            raise business_error(f"Inventory quantity for {place} will go negative.")
        world.move_stock(row.text("InventoryID"), row.text("WarehouseID"), row.text("LocationID"), quantity)
    document = world.store.working_copy(stored)
    document.values["Status"] = "Released"
    world.commit(document)
    return True


def warehouse_rows(world: World, item: Record) -> list[Record]:
    """The WarehouseDetails of an item, computed when they are read."""
    sku = item.text("InventoryID")
    default = item.text("DefaultWarehouseID")
    rows = []
    for warehouse in world.store.all("Warehouse"):
        name = warehouse.text("WarehouseID")
        if normal(name) != normal(default) and not _counted(world, sku, name):
            continue
        values: dict[str, Value] = {
            "WarehouseID": name, "QtyOnHand": world.on_hand(sku, name), "Status": "Active",
            "IsDefault": normal(name) == normal(default),
        }  # fmt: skip
        rows.append(Record("StockItemWarehouseDetail", stable_id(item.id, name), values))
    return rows


def _counted(world: World, sku: str, warehouse: str) -> bool:
    return bool(world.store.on_hand.get(normal(sku, warehouse)))


def storage_details(world: World, inquiry: Record) -> None:
    """StorageDetailsInquiry: one row per item and warehouse that ever had a count."""
    wanted = inquiry.text("WarehouseID")
    waiting = ordered(world)
    warehouses = [it.text("WarehouseID") for it in world.store.all("Warehouse")]
    for item in world.store.all("StockItem"):
        sku = item.text("InventoryID")
        for name in warehouses:
            key = normal(sku, name)
            if (wanted and normal(wanted) != key[1:]) or not _counted(world, sku, name):
                continue
            on_hand = world.on_hand(sku, name)
            free = on_hand - world.on_shipments(sku, name)
            values: dict[str, Value] = {
                "InventoryID": sku,
                "WarehouseID": name,
                "QtyOnHand": on_hand,
                "QtyAvailable": free - waiting.get(key, ZERO),
                "QtyAvailableforIssue": on_hand,
                "QtyHardAvailable": free,
                "LastModifiedDateofWarehouseQty": world.store.counted_at.get(key),
            }
            inquiry.rows("StorageDetails").append(Record("StorageDetail", stable_id(item.id, name, "storage"), values))


def ordered(world: World) -> dict[tuple[str, ...], Decimal]:
    """Base units per item and warehouse on open order lines that no shipment holds yet."""
    found: dict[tuple[str, ...], Decimal] = {}
    for order in world.store.all("SalesOrder"):
        if order.text("Status") not in ("Open", "Back Order", "Shipping"):
            continue
        for line in order.rows("Details"):
            left = line.number("OrderQty") - line.number("QtyOnShipments")
            if left > 0 and not line.flag("Completed"):
                key = normal(line.text("InventoryID"), line.text("WarehouseID"))
                found[key] = found.get(key, ZERO) + left * world.base_factor(line)
    return found


def inventory_summary(world: World, inquiry: Record) -> None:
    """InventorySummaryInquiry: rows per location without InventoryID; no item asked for means no rows, not no stock."""
    sku = inquiry.text("InventoryID")
    item = world.store.find("StockItem", sku) if sku else None
    if item is None:
        return
    wanted = inquiry.text("WarehouseID")
    total = ZERO
    for warehouse in world.store.all("Warehouse"):
        name = warehouse.text("WarehouseID")
        if wanted and normal(wanted) != normal(name):
            continue
        busy = world.on_shipments(sku, name)
        for location, quantity in sorted(world.store.on_hand.get(normal(sku, name), {}).items()):
            values: dict[str, Value] = {
                "WarehouseID": name,
                "LocationID": location,
                "BaseUOM": item.text("BaseUOM"),
                "QtyOnHand": quantity,
                "QtyAvailable": quantity - busy,
                "QtyAvailableForShipment": quantity - busy,
                "QtyNotAvailable": ZERO,
            }
            row = Record("InventorySummaryRow", stable_id(item.id, name, location), values)
            inquiry.rows("Results").append(row)
            total += quantity
    if world.switches.summary_total_row and inquiry.rows("Results"):
        sums: dict[str, Value] = {"QtyOnHand": total, "QtyAvailable": total, "BaseUOM": item.text("BaseUOM")}
        inquiry.rows("Results").append(Record("InventorySummaryRow", stable_id(item.id, "total"), sums))
