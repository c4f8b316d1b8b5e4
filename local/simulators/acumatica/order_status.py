"""What the workflow derives of an order: quantities on shipments, totals, shipment rows, the status."""

from __future__ import annotations

from decimal import Decimal

from local.simulators.acumatica.documents import ZERO, Record, normal
from local.simulators.acumatica.errors import business_error
from local.simulators.acumatica.world import World, stable_id

CLOSED = {"Completed", "Canceled", "Invoiced", "Rejected", "Expired"}
CONFIRMED = {"Confirmed", "Invoiced", "Completed"}


def is_shippable(line: Record) -> bool:
    """Whether a line leaves a warehouse of ours: not a charge, not a drop-ship."""
    drop_ship = line.flag("MarkForPO") and line.text("POSource") == "Drop-Ship"
    return line.text("LineType") != "Misc. Charge" and not drop_ship


def shipments_of(world: World, order: Record) -> list[Record]:
    """The shipments that carry lines of an order, oldest first."""
    mine = normal(*order.key())
    known = (world.store.records["Shipment"].get(it) for it in world.store.shipments_of_order.get(mine, {}))
    return [it for it in known if it and any(normal(*_order_key(row)) == mine for row in it.rows("Details"))]


def _order_key(row: Record) -> tuple[str, str]:
    return row.text("OrderType"), row.text("OrderNbr")


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
