"""Sales orders: defaults and checks of a write. Nobody writes a status: `order_status.py` derives it."""

from __future__ import annotations

import copy

from local.simulators.acumatica.documents import ZERO, Record, normal
from local.simulators.acumatica.order_status import CLOSED, recalculate
from local.simulators.acumatica.wire import Value
from local.simulators.acumatica.writing import Draft

NOT_FOUND = "'{}' cannot be found in the system."
EMPTY = "'{}' cannot be empty."


def finish(draft: Draft) -> None:
    """Completes and checks a working copy of an order."""
    world, order = draft.world, draft.record
    if draft.inserting:
        _insert_defaults(draft)
    else:
        _refuse_closed(draft)
    _ship_via(draft)
    for line in order.rows("Details"):
        _line(draft, line)
    _refuse_lost_lines(draft)
    recalculate(world, order)


def _insert_defaults(draft: Draft) -> None:
    world, order, switches = draft.world, draft.record, draft.world.switches
    order.values.setdefault("OrderType", "SO")
    if order.text("OrderType") not in world.reference.order_types:
        draft.refuse("OrderType", NOT_FOUND.format("Order Type"))
    if order.text("OrderNbr") and not draft.trusted:
        draft.refuse("OrderNbr", NOT_FOUND.format("Order Nbr."))
    customer = world.store.find("Customer", order.text("CustomerID"))
    if customer is None:
        text = NOT_FOUND if order.text("CustomerID") else EMPTY
        draft.refuse("CustomerID", text.format("Customer"))
        return
    order.values["CustomerID"] = customer.text("CustomerID")
    defaults = {
        "Date": world.today(),
        "RequestedOn": order.values.get("Date") or world.today(),
        "CurrencyID": customer.values.get("CurrencyID") or "USD",
        "LocationID": "MAIN",
        "Branch": "MAIN",
        "Hold": switches.orders_start_on_hold,
        "Approved": not switches.orders_need_approval,
        "CreditHold": False,
        "WillCall": False,
        "ShipVia": customer.values.get("ShipVia"),
        "NoteID": order.id,
    }
    order.values = {**defaults, **{name: value for name, value in order.values.items() if value is not None}}
    _ship_to(draft, customer)


def _ship_to(draft: Draft, customer: Record) -> None:
    """Ship-to and bill-to of the order: the customer's, unless the order has its own."""
    order, world = draft.record, draft.world
    for side, contact_name in (("ShipTo", "ShippingContact"), ("BillTo", "BillingContact")):
        source = customer.linked.get(contact_name) or customer.linked.get("MainContact") or Record("Contact", "")
        address = source.linked.get("Address") or _main_address(customer)
        order.values.setdefault(f"{side}AddressOverride", False)
        order.values.setdefault(f"{side}ContactOverride", False)
        if f"{side}Address" not in order.linked:
            order.linked[f"{side}Address"] = Record("Address", world.new_id(), copy.deepcopy(address.values))
        if f"{side}Contact" not in order.linked:
            name = source.values.get("CompanyName") or customer.values.get("CustomerName")
            fields = {key: source.values.get(key) for key in ("Attention", "Email", "Phone1")} | {"BusinessName": name}
            order.linked[f"{side}Contact"] = Record("DocContact", world.new_id(), fields)
    settings = order.linked.setdefault("ShippingSettings", Record("ShippingSettings", world.new_id()))
    rule = customer.values.get("ShippingRule") or "Back Order Allowed"
    known = {name: value for name, value in settings.values.items() if value is not None}
    settings.values = {
        "ShippingRule": rule, "ScheduledShipmentDate": order.values.get("RequestedOn"), "Priority": 0,
        "ResidentialDelivery": customer.flag("ResidentialDelivery"), "SaturdayDelivery": False, "Insurance": False,
        **known,
    }  # fmt: skip


def _main_address(customer: Record) -> Record:
    main = customer.linked.get("MainContact")
    return (main.linked.get("Address") if main else None) or Record("Address", "")


def _refuse_closed(draft: Draft) -> None:
    if draft.trusted or draft.before is None:
        return
    switches = draft.world.switches
    status = draft.before.text("Status")
    under_approval = switches.orders_need_approval and status in ("Open", "Pending Approval")
    only_notes = draft.sent <= {"id", "note", "custom", "OrderType", "OrderNbr"}
    if (status in CLOSED or under_approval) and not (only_notes and switches.attributes_writable_when_closed):
        draft.refuse(None, f"The order {' '.join(draft.record.key())} has the status {status} and cannot be changed.")


def _ship_via(draft: Draft) -> None:
    order = draft.record
    settings = order.linked.setdefault("ShippingSettings", Record("ShippingSettings", draft.world.new_id()))
    before = draft.before.text("ShipVia") if draft.before else ""
    if "ShipVia" not in draft.sent and settings.text("ShipVia") and settings.text("ShipVia") != before:
        order.values["ShipVia"] = settings.values["ShipVia"]
    settings.values["ShipVia"] = order.values.get("ShipVia")
    if order.text("ShipVia") and draft.world.store.find("ShipVia", order.text("ShipVia")) is None:
        draft.refuse("ShipVia", NOT_FOUND.format("Ship Via"))


def _line(draft: Draft, line: Record) -> None:
    world, order = draft.world, draft.record
    name = line.text("InventoryID")
    item = world.item(name) if name else None
    service = world.reference.non_stock_items.get(name.upper())
    if item is None and service is None:
        draft.refuse("InventoryID", (NOT_FOUND if name else EMPTY).format("Inventory ID"), line)
        return
    if item is not None:
        if normal(item.text("InventoryID")) != normal(name):
            line.values["AlternateID"] = name
        line.values["InventoryID"] = item.text("InventoryID")
        _item_defaults(draft, line, item)
        line.values["LineType"] = "Goods for Inventory"
    else:
        ships = bool(service and service.get("RequireShipment"))
        line.values["LineType"] = "Non-Inventory Goods" if ships else "Misc. Charge"
        line.values.setdefault("UOM", "EA")
    if line.text("WarehouseID") and world.store.find("Warehouse", line.text("WarehouseID")) is None:
        draft.refuse("WarehouseID", NOT_FOUND.format("Warehouse"), line)
    defaults: dict[str, Value] = {
        "OrderQty": ZERO, "UnitPrice": ZERO, "DiscountAmount": ZERO, "Completed": False, "FreeItem": False,
        "MarkForPO": False, "Branch": "MAIN", "ShipOn": order.values.get("RequestedOn"), "NoteID": line.id,
    }  # fmt: skip
    line.values = {**defaults, **{key: value for key, value in line.values.items() if value is not None}}
    if line.number("OrderQty") < line.number("QtyOnShipments"):
        draft.refuse("OrderQty", "The quantity is less than the quantity on shipments.", line)
    _extended_price(draft, line)


def _item_defaults(draft: Draft, line: Record, item: Record) -> None:
    if item.text("ItemStatus") not in ("", "Active", "No Purchases", "No Request") and not draft.trusted:
        draft.refuse("InventoryID", f"The inventory item is {item.text('ItemStatus')}.", line)
    defaults = {
        "UOM": item.text("SalesUOM") or item.text("BaseUOM"),
        "WarehouseID": draft.record.text("PreferredWarehouseID") or item.values.get("DefaultWarehouseID"),
        "LineDescription": item.values.get("Description"),
    }
    for name, value in defaults.items():
        if line.values.get(name) is None:
            line.values[name] = value
    factor = draft.world.factor(item, line.text("UOM"))
    if factor is None:
        draft.refuse("UOM", f"Unit {line.text('UOM')} is not defined for the item {item.text('InventoryID')}.", line)
    elif line.values.get("UnitPrice") is None:
        line.values["UnitPrice"] = item.number("DefaultPrice") * factor


def _extended_price(draft: Draft, line: Record) -> None:
    before = next((row for row in draft.before.rows("Details") if row.id == line.id), None) if draft.before else None
    priced = line.values.get("ExtendedPrice") is not None
    kept = before is not None and line.values.get("ExtendedPrice") == before.values.get("ExtendedPrice")
    if not priced or kept:
        line.values["ExtendedPrice"] = line.number("OrderQty") * line.number("UnitPrice")
    line.values["Amount"] = line.number("ExtendedPrice") - line.number("DiscountAmount")


def _refuse_lost_lines(draft: Draft) -> None:
    kept = {row.id for row in draft.record.rows("Details")}
    for row in draft.before.rows("Details") if draft.before else []:
        if row.id not in kept and row.number("QtyOnShipments") > 0:
            draft.refuse(None, f"Line {row.values.get('LineNbr')} is on a shipment and cannot be deleted.")
