"""Sales orders: defaults, checks, totals, and the status that the workflow derives. Nobody writes a status."""

from __future__ import annotations

import copy
from decimal import Decimal

from local.simulators.acumatica.documents import ZERO, Record, normal
from local.simulators.acumatica.errors import business_error
from local.simulators.acumatica.wire import Value
from local.simulators.acumatica.world import World, stable_id
from local.simulators.acumatica.writing import Draft

CLOSED = {"Completed", "Canceled", "Invoiced", "Rejected", "Expired"}
CONFIRMED = {"Confirmed", "Invoiced", "Completed"}
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


def is_shippable(line: Record) -> bool:
    """Whether a line leaves a warehouse of ours: not a charge, not a drop-ship."""
    drop_ship = line.flag("MarkForPO") and line.text("POSource") == "Drop-Ship"
    return line.text("LineType") != "Misc. Charge" and not drop_ship


def shipments_of(world: World, order: Record) -> list[Record]:
    """The shipments that carry lines of an order, oldest first."""
    mine = normal(*order.key())
    return [
        shipment
        for shipment in world.store.all("Shipment")
        if any(normal(row.text("OrderType"), row.text("OrderNbr")) == mine for row in shipment.rows("Details"))
    ]


def recalculate(world: World, order: Record) -> None:
    """Brings quantities, totals, shipment rows and the status of a working copy up to date."""
    mine = normal(*order.key())
    shipments = shipments_of(world, order) if order.text("OrderNbr") else []
    for line in order.rows("Details"):
        on_shipments = confirmed = ZERO
        for shipment in shipments:
            quantity = sum(
                (
                    row.number("ShippedQty")
                    for row in shipment.rows("Details")
                    if normal(row.text("OrderType"), row.text("OrderNbr")) == mine
                    and row.values.get("OrderLineNbr") == line.values.get("LineNbr")
                ),
                ZERO,
            )
            on_shipments += quantity
            confirmed += quantity if shipment.text("Status") in CONFIRMED else ZERO
        _line_quantities(order, line, on_shipments, confirmed)
    lines = order.rows("Details")
    order.values["OrderedQty"] = sum((line.number("OrderQty") for line in lines), ZERO)
    order.values["TaxTotal"] = sum((row.number("TaxAmount") for row in order.rows("TaxDetails")), ZERO)
    order.values["OrderTotal"] = sum((line.number("Amount") for line in lines), ZERO) + order.number("TaxTotal")
    order.details["Shipments"] = [_shipment_row(order, shipment) for shipment in shipments]
    order.values["Status"] = status_of(world, order, shipments)


def _line_quantities(order: Record, line: Record, on_shipments: Decimal, confirmed: Decimal) -> None:
    """Open quantity falls at confirmation, not when the shipment is made."""
    line.values["QtyOnShipments"] = on_shipments
    remaining = max(line.number("OrderQty") - confirmed, ZERO)
    settings = order.linked.get("ShippingSettings")
    rule = line.text("ShippingRule") or (settings.text("ShippingRule") if settings else "")
    if order.text("Status") == "Canceled" or (rule == "Cancel Remainder" and confirmed > 0):
        remaining = ZERO
    line.values["OpenQty"] = remaining
    if is_shippable(line) and confirmed > 0:
        line.values["Completed"] = remaining == 0
    elif on_shipments == 0 and line.flag("Completed") and not line.number("OpenQty"):
        line.values["Completed"] = order.text("Status") == "Completed"


def _shipment_row(order: Record, shipment: Record) -> Record:
    links = [
        row
        for row in shipment.rows("Orders")
        if normal(row.text("OrderType"), row.text("OrderNbr")) == normal(*order.key())
    ]
    link = links[0] if links else Record("ShipmentOrderDetail", "")
    return Record(
        "SalesOrderShipment",
        stable_id(order.id, shipment.id),
        {
            "ShipmentNbr": shipment.text("ShipmentNbr"),
            "ShipmentType": shipment.text("Type"),
            "Status": shipment.text("Status"),
            "ShipmentDate": shipment.values.get("ShipmentDate"),
            "ShippedQty": link.number("ShippedQty"),
            "LastModifiedDateTime": shipment.values.get("LastModifiedDateTime"),
            **{
                name: link.values.get(name)
                for name in ("InventoryDocType", "InventoryRefNbr", "InvoiceNbr", "InvoiceType")
            },
        },
    )


def status_of(world: World, order: Record, shipments: list[Record]) -> str:
    """The status that the workflow gives an order."""
    if order.text("Status") in ("Canceled", "Invoiced", "Rejected"):
        return order.text("Status")
    if order.flag("Hold"):
        return "On Hold"
    if order.flag("CreditHold"):
        return "Credit Hold"
    if not order.flag("Approved"):
        return "Pending Approval"
    if any(shipment.text("Status") not in CONFIRMED for shipment in shipments):
        return "Shipping"
    shippable = [line for line in order.rows("Details") if is_shippable(line)]
    if shipments and all(line.flag("Completed") for line in shippable):
        return "Completed"
    return "Back Order" if shipments else "Open"


def refresh(world: World, order_type: str, order_nbr: str) -> None:
    """Recalculates and stores an order after something happened to a shipment of it."""
    stored = world.store.find("SalesOrder", order_type, order_nbr)
    if stored is not None:
        order = world.store.working_copy(stored)
        recalculate(world, order)
        world.commit(
            order, touch=order.text("Status") != stored.text("Status") or world.switches.touch_header_on_line_change
        )


def cancel(world: World, stored: Record) -> None:
    """CancelSalesOrder: refused when a shipment or a payment exists."""
    name = " ".join(stored.key())
    if stored.text("Status") in CLOSED:
        raise business_error(f"The order {name} has the status {stored.text('Status')} and cannot be canceled.")
    if stored.rows("Shipments") or stored.rows("Payments"):
        raise business_error(f"The order {name} cannot be canceled: it has a shipment or a payment.")
    order = world.store.working_copy(stored)
    order.values |= {"Status": "Canceled", "Hold": False}
    recalculate(world, order)
    world.commit(order)


def reopen(world: World, stored: Record) -> bool:
    """ReopenSalesOrder; answers False when there was nothing to do."""
    if stored.text("Status") not in ("Canceled", "Completed"):
        return False
    order = world.store.working_copy(stored)
    order.values["Status"] = "Open"
    for line in order.rows("Details"):
        line.values["Completed"] = False
    recalculate(world, order)
    world.commit(order)
    return True


def set_flags(world: World, stored: Record, **flags: bool) -> None:
    """Hold, credit hold, approval: what people and workflow actions turn."""
    order = world.store.working_copy(stored)
    order.values |= flags
    if order.entity == "SalesOrder":
        recalculate(world, order)
    world.commit(order)


def reject(world: World, stored: Record) -> None:
    """An approver says no."""
    order = world.store.working_copy(stored)
    order.values["Status"] = "Rejected"
    world.commit(order)
