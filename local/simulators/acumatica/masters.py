"""Items, customers, vendors, warehouses and ship-via codes: defaults and the few checks that matter here."""

from __future__ import annotations

from local.simulators.acumatica.documents import ZERO, Record
from local.simulators.acumatica.orders import EMPTY, NOT_FOUND
from local.simulators.acumatica.wire import Value
from local.simulators.acumatica.writing import Draft


def _defaults(record: Record, values: dict[str, Value]) -> None:
    record.values = {**values, **{name: value for name, value in record.values.items() if value is not None}}


def _need(draft: Draft, name: str, title: str) -> None:
    if not draft.record.text(name):
        draft.refuse(name, EMPTY.format(title))


def finish_item(draft: Draft) -> None:
    """A stock item: units default to the base unit; the default warehouse must exist."""
    item = draft.record
    _need(draft, "InventoryID", "Inventory ID")
    base = item.text("BaseUOM") or "EA"
    _defaults(item, {
        "ItemStatus": "Active", "BaseUOM": base, "SalesUOM": base, "PurchaseUOM": base, "ItemType": "Finished Good",
        "IsAKit": False, "DimensionWeight": ZERO, "DimensionVolume": ZERO, "DefaultPrice": ZERO, "NoteID": item.id,
    })  # fmt: skip
    warehouse = item.text("DefaultWarehouseID")
    if warehouse and draft.world.store.find("Warehouse", warehouse) is None:
        draft.refuse("DefaultWarehouseID", NOT_FOUND.format("Default Warehouse"))


def finish_customer(draft: Draft) -> None:
    """A customer."""
    customer = draft.record
    _need(draft, "CustomerID", "Customer ID")
    _need(draft, "CustomerName", "Customer Name")
    _defaults(customer, {"Status": "Active", "CustomerClass": "DEFAULT", "CurrencyID": "USD", "NoteID": customer.id})
    if customer.text("ShipVia") and draft.world.store.find("ShipVia", customer.text("ShipVia")) is None:
        draft.refuse("ShipVia", NOT_FOUND.format("Ship Via"))
    main = customer.linked.get("MainContact")
    customer.values["Email"] = main.values.get("Email") if main else None


def finish_vendor(draft: Draft) -> None:
    """A vendor."""
    _need(draft, "VendorID", "Vendor ID")
    _need(draft, "VendorName", "Vendor Name")
    _defaults(draft.record, {"Status": "Active", "VendorClass": "DEFAULT", "CurrencyID": "USD", "Terms": "30D"})


def finish_warehouse(draft: Draft) -> None:
    """A warehouse."""
    _need(draft, "WarehouseID", "Warehouse ID")
    _defaults(draft.record, {"Active": True})
    for location in draft.record.rows("Locations"):
        _defaults(location, {"Active": True, "SalesAllowed": True, "ReceiptsAllowed": True, "TransfersAllowed": True})


def finish_ship_via(draft: Draft) -> None:
    """A ship-via code; the boxes it lists must exist."""
    _need(draft, "CarrierID", "Ship Via")
    _defaults(draft.record, {"CommonCarrier": False, "CalculationMethod": "Manual"})
    for row in draft.record.rows("Packages"):
        if row.text("BoxID").upper() not in draft.world.reference.boxes:
            draft.refuse("BoxID", NOT_FOUND.format("Box ID"), row)
