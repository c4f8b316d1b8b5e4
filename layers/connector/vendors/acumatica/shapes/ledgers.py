"""Stock levels, inventory adjustments and bills: what moves quantities and money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from vendors.acumatica.rows import Row


@dataclass(frozen=True)
class StorageRow:
    """The stock of one item in one warehouse, in base units."""

    inventory_id: str
    warehouse: str
    on_hand: Decimal
    available: Decimal | None
    last_modified: datetime | None = None


@dataclass(frozen=True)
class AdjustmentLine:
    """One line of an adjustment; `quantity` is the signed difference in `uom`."""

    id: str
    inventory_id: str
    warehouse: str | None
    location_id: str | None
    quantity: Decimal
    uom: str | None
    reason_code: str | None


@dataclass(frozen=True)
class Adjustment:
    """An inventory adjustment (form IN303000): On Hold, Balanced, Pending Approval, Rejected or Released."""

    id: str
    number: str
    status: str
    external_reference: str | None
    day: date | None
    lines: tuple[AdjustmentLine, ...] = ()


@dataclass(frozen=True)
class BillLine:
    """One line of a bill."""

    id: str
    description: str
    account: str | None
    subaccount: str | None
    quantity: Decimal | None
    unit_cost: Decimal | None
    extended_cost: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True)
class Bill:
    """A bill or adjustment of payables (form AP301000)."""

    id: str
    type: str
    number: str
    status: str
    vendor: str
    vendor_reference: str | None
    day: date | None
    amount: Decimal | None
    currency: str | None
    lines: tuple[BillLine, ...] = ()


def parse_storage_row(row: Row) -> StorageRow:
    """A row of StorageDetails; contracts before 23.200.001 call the same things Site... Raises ValueError."""
    older = "WarehouseID" not in row.fields and "SiteID" in row.fields
    return StorageRow(
        inventory_id=row.required_text("InventoryID"),
        warehouse=row.required_text("SiteID" if older else "WarehouseID"),
        on_hand=row.required_number("SiteOnHand" if older else "QtyOnHand"),
        available=row.number("SiteAvailable" if older else "QtyAvailable"),
        last_modified=row.instant("SiteLastModifiedDate" if older else "LastModifiedDateofWarehouseQty"),
    )


def parse_adjustment(row: Row) -> Adjustment:
    """An InventoryAdjustment, with or without Details. Raises ValueError."""
    return Adjustment(
        id=row.id,
        number=row.required_text("ReferenceNbr"),
        status=row.required_text("Status"),
        external_reference=row.text("ExternalRef"),
        day=row.day("Date"),
        lines=tuple(
            AdjustmentLine(
                id=line.id,
                inventory_id=line.required_text("InventoryID"),
                warehouse=line.text("WarehouseID"),
                location_id=line.text("LocationID"),
                quantity=line.required_number("Qty"),
                uom=line.text("UOM"),
                reason_code=line.text("ReasonCode"),
            )
            for line in row.rows("Details")
        ),
    )


def parse_bill(row: Row) -> Bill:
    """A Bill, with or without Details. Raises ValueError."""
    return Bill(
        id=row.id,
        type=row.required_text("Type"),
        number=row.required_text("ReferenceNbr"),
        status=row.required_text("Status"),
        vendor=row.required_text("Vendor"),
        vendor_reference=row.text("VendorRef"),
        day=row.day("Date"),
        amount=row.number("Amount"),
        currency=row.text("CurrencyID"),
        lines=tuple(
            BillLine(
                id=line.id,
                description=line.text("TransactionDescription") or "",
                account=line.text("Account"),
                subaccount=line.text("Subaccount"),
                quantity=line.number("Qty"),
                unit_cost=line.number("UnitCost"),
                extended_cost=line.number("ExtendedCost"),
                amount=line.number("Amount"),
            )
            for line in row.rows("Details")
        ),
    )
