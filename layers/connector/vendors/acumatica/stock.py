"""Stock levels, and finding our own adjustments and bills again. Functions over `Calls`; `client.py` is the face."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from connector.faults import Executed, FaultKind, VendorFault
from vendors.acumatica.calls import Ask, Calls
from vendors.acumatica.faults import VENDOR
from vendors.acumatica.rows import Row
from vendors.acumatica.shapes import (
    Adjustment,
    Bill,
    StorageRow,
    parse_adjustment,
    parse_bill,
    parse_storage_row,
)
from vendors.acumatica.urls import equals

D = TypeVar("D", Adjustment, Bill)

SAME_REFERENCE = 100
"""More documents than this with one and the same reference are not looked through."""

_NO_BULK = frozenset({FaultKind.UNSUPPORTED_QUERY, FaultKind.FORBIDDEN, FaultKind.CONFIGURATION, FaultKind.INVALID})
_GONE = frozenset({"Voided", "Rejected"})


def storage_details(calls: Calls, warehouse: str) -> Sequence[StorageRow]:
    """StorageDetailsInquiry of one warehouse, one row an item. Raises VendorFault."""
    # Retrieve Data from an Inquiry Form (IN408050), backed by a generic inquiry: needs rights of its own.
    answer = calls.inquire("StorageDetailsInquiry", {"WarehouseID": warehouse}, "StorageDetails")
    rows = calls.understood(answer.path, lambda: [parse_storage_row(row) for row in answer.rows("StorageDetails")])
    return [row for row in rows if row.warehouse == warehouse]


def inventory_summary(calls: Calls, inventory_id: str, warehouse: str) -> StorageRow | None:
    """InventorySummaryInquiry of one item, its locations added up. Raises VendorFault.

    Rows carry no item, and a total without warehouse may be among them. No row of this warehouse means that the
    inquiry says nothing: never read that as zero.
    """
    # Retrieve Data from an Inquiry Form (IN401000): without InventoryID it answers an empty 200.
    parameters = {"InventoryID": inventory_id, "WarehouseID": warehouse}
    answer = calls.inquire("InventorySummaryInquiry", parameters, "Results")
    return calls.understood(answer.path, lambda: _summed(answer.rows("Results"), inventory_id, warehouse))


def _summed(rows: Iterable[Row], inventory_id: str, warehouse: str) -> StorageRow | None:
    ours = [row for row in rows if row.text("WarehouseID") == warehouse]
    if not ours:
        return None
    return StorageRow(
        inventory_id=inventory_id,
        warehouse=warehouse,
        on_hand=sum((row.required_number("QtyOnHand") for row in ours), Decimal(0)),
        available=sum((row.number("QtyAvailable") or Decimal(0) for row in ours), Decimal(0)),
    )


def stock_levels(calls: Calls, warehouse: str, inventory_ids: Sequence[str]) -> Mapping[str, StorageRow]:
    """What the ERP says of these items. An item absent from the answer is unknown, not zero. Raises VendorFault."""
    try:
        bulk = {row.inventory_id: row for row in storage_details(calls, warehouse)}
    except VendorFault as fault:
        if fault.kind not in _NO_BULK:
            raise
        calls.transport.log.warning("bulk stock inquiry refused, asking item by item", fault=fault.kind.value)
        bulk = {}
    levels = {}
    for inventory_id in inventory_ids:
        row = bulk.get(inventory_id) or inventory_summary(calls, inventory_id, warehouse)
        if row is not None:
            levels[inventory_id] = row
    return levels


def find_adjustment(calls: Calls, external_reference: str) -> Adjustment | None:
    """The adjustment with our ExternalRef. Raises VendorFault."""
    select = ["ReferenceNbr", "Status", "ExternalRef", "Date"]
    rows = _by_reference(calls, "InventoryAdjustment", "ExternalRef", external_reference, select)
    found = calls.understood("list of InventoryAdjustment", lambda: [parse_adjustment(row) for row in rows])
    return _only(found, f"inventory adjustment with reference {external_reference}")


def find_bill(calls: Calls, vendor: str, vendor_reference: str, bill_type: str) -> Bill | None:
    """The vendor's bill with this VendorRef that is neither voided nor rejected. Raises VendorFault.

    Filtered by the reference alone: a filter over two data views can silently answer nothing, and "no such bill"
    would then make a second one. Vendor and type are compared here.
    """
    select = ["Type", "ReferenceNbr", "Status", "Vendor", "VendorRef", "Date", "Amount", "CurrencyID"]
    rows = _by_reference(calls, "Bill", "VendorRef", vendor_reference, select)
    bills = calls.understood("list of Bill", lambda: [parse_bill(row) for row in rows])
    ours = [bill for bill in bills if bill.vendor == vendor and bill.type == bill_type and bill.status not in _GONE]
    return _only(ours, f"{bill_type} of {vendor} with reference {vendor_reference}")


def _by_reference(calls: Calls, entity: str, field: str, value: str, select: Sequence[str]) -> Sequence[Row]:
    rows = calls.rows(entity, equals(field, value), Ask(select=select), top=SAME_REFERENCE)
    if len(rows) >= SAME_REFERENCE:
        raise _several(f"{entity} with {field} {value}", [str(len(rows))])
    return [row for row in rows if row.text(field) == value.rstrip()]


def _only(found: Sequence[D], name: str) -> D | None:
    if len(found) > 1:
        raise _several(name, [document.number for document in found])
    return found[0] if found else None


def _several(name: str, numbers: Sequence[str]) -> VendorFault:
    message = f"there is more than one {name} ({', '.join(numbers)}); void the surplus ones in Acumatica, then replay"
    return VendorFault(VENDOR, FaultKind.INVALID, message, Executed.NO)
