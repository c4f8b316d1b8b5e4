"""ShipBob invoice -> Acumatica bill (form AP301000), or vendor credit when negative."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from acumatica_shipbob.settings import AcumaticaShipBob, Fee
from connector.effect import Draft, Found
from connector.outcome import Held, Missing
from vendors.shipbob.charges import ChargeLine, InvoiceSplit
from vendors.shipbob.shapes.billing import Invoice

BILL = "Bill"
CREDIT = "Debit Adj."
"""Acumatica's name for a credit from a vendor: it lowers what is owed."""

Note = Callable[[str], None]


def vendor_reference(invoice: Invoice) -> str:
    """The key of the bill: VendorRef, at most 40 characters."""
    return f"SHIPBOB-INV-{invoice.invoice_id}"


def bill_draft(invoice: Invoice, split: InvoiceSplit, document: AcumaticaShipBob, note: Note) -> Draft | Held:
    """The bill: one line per fee and centre, taxes on lines of their own, a small difference on its own account."""
    rules = document.settings.charges
    what = f"invoice {invoice.invoice_id} ({invoice.invoice_type}, {invoice.amount} {invoice.currency})"
    if invoice.currency != rules.currency or split.other_currencies:
        found = ", ".join({invoice.currency, *split.other_currencies})
        return Held(f"{what} is in {found}, bills are made in {rules.currency}: book it by hand, then close the record")
    unknown = tuple(Missing("fees", fee) for fee in split.fees if fee not in document.tables.fees)
    if unknown:
        return Held(f"{what}: no account is mapped for {', '.join(missing.value for missing in unknown)}", unknown)
    if abs(split.difference) > rules.tolerance:
        return Held(
            f"{what}: its fee rows add up to {invoice.amount - split.difference}, {split.difference} is unexplained, "
            f"more than the tolerance of {rules.tolerance}. Replay when ShipBob shows all rows; else ask ShipBob, or "
            "raise the tolerance and replay."
        )
    sign = -1 if invoice.amount < 0 else 1
    lines = [_line(line, document, sign) for line in split.lines]
    if split.difference:
        note(
            f"{split.difference} {invoice.currency} of the invoice is in no fee row: booked on {rules.rounding_account}"
        )
        rounding = Fee(account=rules.rounding_account, subaccount=rules.rounding_subaccount)
        lines.append(_detail("Difference between ShipBob invoice and fee rows", rounding, split.difference * sign))
    body: dict[str, Any] = {
        "Type": CREDIT if sign < 0 else BILL,
        "Vendor": rules.vendor,
        "VendorRef": vendor_reference(invoice),
        "Date": invoice.invoice_date.isoformat(),
        "CurrencyID": rules.currency,
        "Description": f"ShipBob {invoice.invoice_type} invoice {invoice.invoice_id}"[:256],
        "Amount": abs(invoice.amount),
        "Hold": rules.hold,
        "Details": lines,
    }
    return Draft(body, {"reference": body["VendorRef"], "amount": str(invoice.amount), "type": body["Type"]})


def _line(line: ChargeLine, document: AcumaticaShipBob, sign: int) -> dict[str, Any]:
    fee = document.tables.fees[line.fee]
    tax_account = document.settings.charges.tax_account
    target = Fee(account=tax_account, subaccount=fee.subaccount) if line.tax and tax_account else fee
    words = [line.fee, line.tax, line.location, f"{line.rows} rows" if line.rows > 1 else ""]
    return _detail(", ".join(word for word in words if word), target, line.amount * sign)


def _detail(text: str, fee: Fee, amount: Decimal) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "TransactionDescription": text[:256],
        "Account": fee.account,
        "Qty": 1,
        "UnitCost": amount,
        "ExtendedCost": amount,
    }
    if fee.subaccount:
        detail["Subaccount"] = fee.subaccount
    return detail


def bill_differences(found: Found, draft: Draft) -> list[str]:
    """What differs between a bill that Acumatica already holds and the one we would write."""
    differences = []
    if found.body.get("type") != draft.body["Type"]:
        differences.append(f"it is a {found.body.get('type')}, not a {draft.body['Type']}")
    amount = found.body.get("amount")
    if amount is not None and Decimal(str(amount)) != draft.body["Amount"]:
        differences.append(f"its amount is {amount}, the invoice says {draft.body['Amount']}")
    return differences
