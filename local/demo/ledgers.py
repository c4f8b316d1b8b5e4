"""Stock, money and manners in the closing table: what is counted, what is owed, what no vendor should have seen."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from local.demo import books
from local.demo.books import Holdings, Row, Rules
from local.demo.table import Line


def stock(acumatica: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    """Units on hand per SKU and warehouse."""
    found, books_total, shelf_total = [], 0, 0
    for warehouse, location in sorted(rules.warehouses.items()):
        shelf = shipbob["stock"].get(str(location), {})
        waiting = books.not_posted_yet(acumatica, warehouse)
        for sku, places in sorted(acumatica["stock"].items()):
            booked, counted = int(places.get(warehouse, 0)) - waiting[sku], shelf.get(sku, 0)
            books_total, shelf_total = books_total + booked, shelf_total + counted
            if booked != counted:
                found.append(f"{sku} in {warehouse}: {booked} in Acumatica, {counted} at ShipBob")
    return Line("Units on hand", str(books_total), str(shelf_total), tuple(found))


def charges(acumatica: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    """One bill per invoice, none for a payment."""
    due = {
        f"SHIPBOB-INV-{it['invoice_id']}": Decimal(str(it["amount"]))
        for it in shipbob["invoices"].values()
        if it["invoice_type"] != "Payment" and it["amount"]
    }
    bills: dict[str, list[Row]] = {}
    for bill in acumatica["Bill"].values():
        if bill["Vendor"] == rules.vendor:
            bills.setdefault(str(bill.get("VendorRef")), []).append(bill)
    found = [f"bill {reference} has no ShipBob invoice to be paid" for reference in sorted(set(bills) - set(due))]
    for reference, amount in sorted(due.items()):
        held = bills.get(reference, [])
        if len(held) != 1:
            found.append(f"invoice {reference} ({amount}) is on {len(held)} bills")
        found += [text for bill in held for text in _bill(reference, amount, bill)]
    booked = sum((_signed(bill) for rows in bills.values() for bill in rows), Decimal(0))
    return Line(f"Charges, {len(due)} invoices", f"{booked:.2f}", f"{sum(due.values()):.2f}", tuple(found))


def _signed(bill: Row) -> Decimal:
    amount = Decimal(str(bill["Amount"]))
    return -amount if bill["Type"] == "Debit Adj." else amount


def _bill(reference: str, amount: Decimal, bill: Row) -> Iterator[str]:
    if _signed(bill) != amount:
        yield f"invoice {reference} is {amount}, the {bill['Type']} {bill['ReferenceNbr']} says {_signed(bill)}"
    rows = sum((Decimal(str(row["Amount"])) for row in bill["Details"]), Decimal(0))
    if rows != Decimal(str(bill["Amount"])):
        yield f"the lines of {bill['Type']} {bill['ReferenceNbr']} add up to {rows}, not to {bill['Amount']}"


def manners(acumatica: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    """What no vendor should have seen: made-up members, labels bought twice, work left running."""
    found = [f"Acumatica was sent a field that it does not know: {name}" for name in acumatica["unknown_fields"]]
    found += [f"a carrier plug-in bought a label: {label}" for label in acumatica["labels_bought_by_plugin"]]
    found += [f"ShipBob refused a strange request: {text}" for text in shipbob["strict_violations"]]
    found += ["an operation still runs in Acumatica"] * acumatica["running_operations"]
    return Line("Requests no vendor knows, second labels", "0", "0", tuple(found))
