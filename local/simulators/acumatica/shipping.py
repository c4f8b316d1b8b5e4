"""What happens to shipments: made from an order, confirmed, corrected, posted to inventory, invoiced."""

from __future__ import annotations

from datetime import date

from local.simulators.acumatica import order_status
from local.simulators.acumatica.documents import Record, StoredFile
from local.simulators.acumatica.errors import business_error
from local.simulators.acumatica.shipments import finish, total
from local.simulators.acumatica.world import World
from local.simulators.acumatica.writing import Draft


def commit(world: World, shipment: Record) -> None:
    """Stores a shipment and brings its orders up to date."""
    before = world.store.records["Shipment"].get(shipment.id)
    total(world, shipment)
    world.commit(shipment)
    touched = [row for record in (before, shipment) if record for row in record.rows("Orders")]
    for key in dict.fromkeys((row.text("OrderType"), row.text("OrderNbr")) for row in touched):
        order_status.refresh(world, *key)


def make(world: World, order: Record, warehouse: str, day: date) -> Record:
    """SalesOrderCreateShipment: one shipment for what the order has left in one warehouse. Raises a Fault."""
    name = " ".join(order.key())
    if order.text("Status") not in ("Open", "Back Order", "Shipping"):
        raise business_error(f"The order {name} has the status {order.text('Status')}: a shipment cannot be created.")
    shipment = Record("Shipment", world.new_id(), {
        "CustomerID": order.text("CustomerID"), "WarehouseID": warehouse, "ShipmentDate": day,
        "LocationID": order.text("LocationID"),
    })  # fmt: skip
    shipment.details["Details"] = [
        Record(
            "ShipmentDetail", world.new_id(), {"OrderType": order.text("OrderType"), "OrderNbr": order.text("OrderNbr")}
        )
    ]
    draft = Draft(world, shipment, None)
    finish(draft)
    if draft.problems.found:
        raise business_error(
            f"The order {name} cannot be shipped from {warehouse}: {next(iter(draft.problems.found.values()))}"
        )
    settings = order.linked.get("ShippingSettings")
    short = any(row.number("ShippedQty") < row.number("OrderedQty") for row in shipment.rows("Details"))
    if settings and settings.text("ShippingRule") == "Ship Complete" and short:
        raise business_error(f"The order {name} cannot be shipped in full, which its shipping rule asks for.")
    shipment.details["Details"] = [row for row in shipment.rows("Details") if row.number("ShippedQty") > 0]
    if not shipment.rows("Details"):
        raise business_error(f"The order {name} cannot be shipped: no stock is available in {warehouse}.")
    shipment.values["ShipmentNbr"] = world.store.next_number("ShipmentSH", "SH")
    commit(world, shipment)
    return shipment


def confirm(world: World, stored: Record) -> None:
    """ConfirmShipment. A ship-via code bound to a carrier plug-in buys labels here, whatever was typed before."""
    number = stored.text("ShipmentNbr")
    if stored.text("Status") != "Open":
        raise business_error(f"Shipment {number} has the status {stored.text('Status')} and cannot be confirmed.")
    if stored.number("ShippedQty") <= 0:
        raise business_error(f"Shipment {number} cannot be confirmed: its quantity is zero.")
    packages = stored.rows("Packages")
    if world.switches.package_confirmation_required and not (
        packages and all(row.flag("Confirmed") for row in packages)
    ):
        raise business_error("At least one confirmed package is required to confirm this shipment.")
    shipment = world.store.working_copy(stored)
    shipment.values["Status"] = "Confirmed"
    if shipment.text("ShipVia").upper() in world.reference.plug_in_ship_vias:
        _buy_labels(world, shipment)
    commit(world, shipment)


def _buy_labels(world: World, shipment: Record) -> None:
    for row in shipment.rows("Packages") or [Record("ShipmentPackage", "")]:
        tracking = f"PLUGIN{len(world.labels_bought) + 1:08d}"
        bought = {
            "ShipmentNbr": shipment.text("ShipmentNbr"),
            "ShipVia": shipment.text("ShipVia"),
            "TrackingNbr": tracking,
        }
        world.labels_bought.append({**bought, "PackageLineNbr": row.values.get("LineNbr")})
        if not row.text("TrackingNbr"):
            row.values["TrackingNbr"] = tracking
        row.files.append(StoredFile(world.new_id(), f"{tracking}.png", "", b"label of the carrier plug-in"))


def correct(world: World, stored: Record) -> None:
    """CorrectShipment: back to Open, for good impossible once the issue was posted."""
    number = stored.text("ShipmentNbr")
    if stored.text("Status") != "Confirmed" or any(row.text("InventoryRefNbr") for row in stored.rows("Orders")):
        raise business_error(
            f"Shipment {number} cannot be corrected: it is not confirmed, or it was posted to inventory."
        )
    shipment = world.store.working_copy(stored)
    shipment.values["Status"] = "Open"
    commit(world, shipment)


def update_in(world: World, stored: Record) -> bool:
    """UpdateIN: posts the issue, which is what takes the goods off the books. False: it was posted before."""
    number = stored.text("ShipmentNbr")
    if any(row.text("InventoryRefNbr") for row in stored.rows("Orders")):
        return False
    if stored.text("Status") not in ("Confirmed", "Invoiced"):
        raise business_error(
            f"Shipment {number} has the status {stored.text('Status')} and cannot be posted to inventory."
        )
    for row in stored.rows("Details"):
        if world.store.find("StockItem", row.text("InventoryID")) is None:
            continue
        quantity = row.number("ShippedQty") * world.base_factor(row)
        if (
            world.on_hand(row.text("InventoryID"), row.text("WarehouseID")) < quantity
            and not world.switches.negative_stock_allowed
        ):
            raise business_error(
                f"Inventory quantity for {row.text('InventoryID')} in '{row.text('WarehouseID')}' will go negative."
            )
        world.move_stock(row.text("InventoryID"), row.text("WarehouseID"), row.text("LocationID"), -quantity)
    shipment = world.store.working_copy(stored)
    issue = world.store.next_number("Issue", "")
    for link in shipment.rows("Orders"):
        link.values |= {"InventoryDocType": "Issue", "InventoryRefNbr": issue}
    if world.switches.update_in_completes_shipment:
        shipment.values["Status"] = "Completed"
    commit(world, shipment)
    return True


def prepare_invoice(world: World, stored: Record) -> None:
    """PrepareInvoice: the invoice itself has no entity here, only its number."""
    if stored.text("Status") not in ("Confirmed", "Completed"):
        raise business_error(f"Shipment {stored.text('ShipmentNbr')} must be confirmed before it is invoiced.")
    shipment = world.store.working_copy(stored)
    invoice = world.store.next_number("Invoice", "INV")
    for link in shipment.rows("Orders"):
        link.values |= {"InvoiceType": "Invoice", "InvoiceNbr": invoice}
    shipment.values["Status"] = "Invoiced"
    commit(world, shipment)
