"""ShipBob invoice -> Acumatica bill (form AP301000), or vendor credit when negative."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from acumatica_shipbob.settings import AcumaticaShipBob, Fee
from connector.effect import Draft, Found
from connector.outcome import Held
from vendors.shipbob.charges import InvoiceSplit
from vendors.shipbob.invoices import BillLine, plan_bill
from vendors.shipbob.shapes.billing import Invoice

BILL = "Bill"
CREDIT = "Debit Adj."
"""Acumatica's name for a credit from a vendor: it lowers what is owed."""

Note = Callable[[str], None]


def bill_draft(invoice: Invoice, split: InvoiceSplit, document: AcumaticaShipBob, note: Note) -> Draft | Held:
    """The bill as Acumatica's document."""
    rules = document.settings.charges
    bill = plan_bill(
        invoice,
        split,
        fees=document.tables.fees,
        currency=rules.currency,
        tolerance=rules.tolerance,
        rounding=rules.rounding_account,
        note=note,
    )
    if isinstance(bill, Held):
        return bill
    body: dict[str, Any] = {
        "Type": CREDIT if bill.credit else BILL,
        "Vendor": rules.vendor,
        "VendorRef": bill.reference,
        "Date": bill.day.isoformat(),
        "CurrencyID": rules.currency,
        "Description": bill.description[:256],
        "Amount": bill.amount,
        "Hold": rules.hold,
        "Details": [_detail(line.text, _target(line, document), line.amount) for line in bill.lines],
    }
    return Draft(body, {"reference": body["VendorRef"], "amount": str(invoice.amount), "type": body["Type"]})


def _target(line: BillLine, document: AcumaticaShipBob) -> Fee:
    rules = document.settings.charges
    if line.fee is None:
        return Fee(account=rules.rounding_account, subaccount=rules.rounding_subaccount)
    fee = document.tables.fees[line.fee]
    return Fee(account=rules.tax_account, subaccount=fee.subaccount) if line.is_tax and rules.tax_account else fee


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
