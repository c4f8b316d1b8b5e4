"""Bills of accounts payable: accounts, periods, totals, vendor references, release and reversal."""

from __future__ import annotations

import copy
from datetime import timedelta

from local.simulators.acumatica.documents import ZERO, Record, normal
from local.simulators.acumatica.errors import business_error
from local.simulators.acumatica.orders import EMPTY, NOT_FOUND
from local.simulators.acumatica.world import World
from local.simulators.acumatica.writing import Draft

TYPES = {"Bill", "Credit Adj.", "Debit Adj.", "Prepayment"}
RELEASED = {"Open", "Closed", "Voided"}
OUT_OF_BALANCE = "The document is out of the balance."


def finish(draft: Draft) -> None:
    """Completes and checks a working copy of a bill."""
    world, bill = draft.world, draft.record
    if draft.before and draft.before.text("Status") in RELEASED and not draft.trusted:
        draft.refuse(None, f"The bill {bill.text('ReferenceNbr')} is released and cannot be changed.")
    if draft.inserting:
        _insert_defaults(draft)
    if bill.text("Type") not in TYPES:
        draft.refuse("Type", "The value is not in the list of allowed values.")
    vendor = world.store.find("Vendor", bill.text("Vendor"))
    if vendor is None:
        draft.refuse("Vendor", (NOT_FOUND if bill.text("Vendor") else EMPTY).format("Vendor"))
    else:
        bill.values["Vendor"] = vendor.text("VendorID")
    _vendor_ref(draft)
    _period(draft)
    for row in bill.rows("Details"):
        _row(draft, row)
    _balance(draft)


def _insert_defaults(draft: Draft) -> None:
    world, bill = draft.world, draft.record
    if bill.text("ReferenceNbr") and not draft.trusted:
        draft.refuse("ReferenceNbr", NOT_FOUND.format("Reference Nbr."))
    known = {name: value for name, value in bill.values.items() if value is not None}
    day = bill.day("Date") or world.today()
    bill.values = {
        "Type": "Bill", "Date": day, "DueDate": day + timedelta(days=30), "Terms": "30D", "CurrencyID": "USD",
        "LocationID": "MAIN", "BranchID": "MAIN", "Hold": world.switches.bills_start_on_hold,
        "PostPeriod": world.period_of(day), **known,
    }  # fmt: skip


def _vendor_ref(draft: Draft) -> None:
    bill, world, switches = draft.record, draft.world, draft.world.switches
    reference = bill.text("VendorRef")
    if not reference:
        if switches.require_vendor_ref:
            draft.refuse("VendorRef", EMPTY.format("Vendor Ref."))
        return
    if not switches.refuse_duplicate_vendor_ref:
        return
    twins = [
        other
        for other in world.store.all("Bill")
        if other.id != bill.id
        and normal(other.text("Vendor"), other.text("VendorRef"), other.text("Type"))
        == normal(bill.text("Vendor"), reference, bill.text("Type"))
    ]
    if twins:
        name = " ".join(twins[0].key())
        draft.refuse(
            "VendorRef", f"Document with the vendor reference '{reference}' already exists for this vendor: {name}."
        )


def _period(draft: Draft) -> None:
    bill, closed = draft.record, draft.world.reference.closed_periods
    if bill.text("PostPeriod") in closed:
        draft.refuse("PostPeriod", f"The financial period {bill.text('PostPeriod')} is closed in Accounts Payable.")


def _row(draft: Draft, row: Record) -> None:
    reference = draft.world.reference
    if row.text("POOrderNbr") or row.text("POReceiptNbr"):
        name = "POOrderNbr" if row.text("POOrderNbr") else "POReceiptNbr"
        draft.refuse(name, NOT_FOUND.format("PO Number"), row)
        return
    for name, table, title in (
        ("Account", reference.accounts, "Account"),
        ("Subaccount", reference.subaccounts, "Subaccount"),
    ):
        if not row.text(name) and name == "Account":
            draft.refuse(name, EMPTY.format(title), row)
        elif row.text(name) and row.text(name) not in table:
            draft.refuse(name, NOT_FOUND.format(title), row)
        elif row.text(name) and not table[row.text(name)]:
            draft.refuse(name, f"The {title.lower()} is inactive.", row)
    sku = row.text("InventoryID")
    if sku and draft.world.item(sku) is None and sku.upper() not in reference.non_stock_items:
        draft.refuse("InventoryID", NOT_FOUND.format("Inventory ID"), row)
    if row.values.get("Branch") is None:
        row.values["Branch"] = "MAIN"
    if row.values.get("Qty") is None:
        row.values["Qty"] = ZERO
    computed = row.number("Qty") * row.number("UnitCost")
    if row.values.get("ExtendedCost") is None or (row.number("UnitCost") and computed and _unchanged(draft, row)):
        row.values["ExtendedCost"] = computed
    row.values["Amount"] = row.number("ExtendedCost")


def _unchanged(draft: Draft, row: Record) -> bool:
    """Whether the extended cost is the stored one, so that a new quantity or cost overrules it."""
    stored = next((it for it in draft.before.rows("Details") if it.id == row.id), None) if draft.before else None
    return stored is not None and stored.values.get("ExtendedCost") == row.values.get("ExtendedCost")


def _balance(draft: Draft) -> None:
    bill = draft.record
    lines = sum((row.number("Amount") for row in bill.rows("Details")), ZERO)
    bill.values["TaxTotal"] = sum((row.number("TaxAmount") for row in bill.rows("TaxDetails")), ZERO)
    total = lines + bill.number("TaxTotal")
    validated = draft.world.switches.validate_document_totals
    if not validated:
        bill.values["Amount"] = total
    if bill.text("Status") not in RELEASED:
        bill.values["Balance"] = total
        bill.values["Status"] = "On Hold" if bill.flag("Hold") else "Balanced"
    if validated and not bill.flag("Hold") and bill.number("Amount") != total:
        draft.refuse("Amount", OUT_OF_BALANCE)


def release(world: World, stored: Record) -> None:
    """ReleaseBill: Balanced becomes Open; raises a Fault for any other status."""
    name = " ".join(stored.key())
    if stored.text("Status") != "Balanced":
        raise business_error(f"Document {name} has the status {stored.text('Status')} and cannot be released.")
    if stored.text("PostPeriod") in world.reference.closed_periods:
        raise business_error(f"The financial period {stored.text('PostPeriod')} is closed in Accounts Payable.")
    if stored.number("Amount") != stored.number("Balance"):
        raise business_error(OUT_OF_BALANCE)
    bill = world.store.working_copy(stored)
    bill.values["Status"] = "Open"
    world.commit(bill)


def reverse(world: World, stored: Record) -> None:
    """ReverseBill: a debit adjustment with the same lines."""
    if stored.text("Status") not in RELEASED:
        raise business_error(f"Document {' '.join(stored.key())} is not released and cannot be reversed.")
    twin = copy.deepcopy(stored)
    twin.id = world.new_id()
    for row in twin.rows("Details"):
        row.id = world.new_id()
    twin.values |= {
        "Type": "Debit Adj.",
        "ReferenceNbr": world.store.next_number("Bill", ""),
        "Status": "On Hold",
        "Hold": True,
    }
    world.commit(twin)


def take_off_hold(world: World, stored: Record) -> None:
    """releaseFromHold on a bill; an unbalanced one stays where it is."""
    bill = world.store.working_copy(stored)
    bill.values["Hold"] = False
    draft = Draft(world, bill, stored)
    finish(draft)
    if draft.problems.found:
        raise business_error(next(iter(draft.problems.found.values())))
    world.commit(bill)
