"""ShipBob invoice -> NetSuite vendor bill, or vendor credit when negative."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from connector.effect import Draft, Found
from connector.outcome import Held
from netsuite_shipbob.settings import NetSuiteShipBob
from netsuite_shipbob.writing import ref
from vendors.shipbob.charges import InvoiceSplit
from vendors.shipbob.invoices import BillLine, plan_bill
from vendors.shipbob.shapes import Invoice

BILL, CREDIT = "vendorBill", "vendorCredit"
MEMO, NUMBER = 300, 45

Note = Callable[[str], None]


def external_id(invoice: Invoice) -> str:
    """The key of the bill or credit: letters, digits and dashes."""
    kind = "VC" if invoice.amount < 0 else "VB"
    return f"SB-{kind}-{re.sub(r'[^A-Za-z0-9-]', '-', str(invoice.invoice_id))}"


def bill_draft(invoice: Invoice, split: InvoiceSplit, document: NetSuiteShipBob, note: Note) -> Draft | Held:
    """The bill as NetSuite's record: expense lines alone, amounts of two places that add up to the invoice."""
    rules = document.settings.charges
    bill = plan_bill(
        invoice,
        split,
        fees=document.tables.fees,
        currency=rules.currency,
        tolerance=rules.tolerance,
        rounding=f"account {rules.rounding_account}",
        note=note,
    )
    if isinstance(bill, Held):
        return bill
    body: dict[str, Any] = {"entity": ref(rules.vendor)}
    if rules.subsidiary:
        body["subsidiary"] = ref(rules.subsidiary)
    body |= {
        "tranId": bill.reference[:NUMBER],
        "tranDate": bill.day.isoformat(),
        "memo": bill.description[:MEMO],
    }
    if not bill.credit:
        body["approvalStatus"] = {"id": "2" if rules.approved else "1"}
    body["expense"] = {"items": [_line(line, document) for line in bill.lines]}
    kind = CREDIT if bill.credit else BILL
    return Draft(body, {"invoice": invoice.invoice_id, "amount": str(bill.amount), "kind": kind})


def _line(line: BillLine, document: NetSuiteShipBob) -> dict[str, Any]:
    rules = document.settings.charges
    if line.fee is None:
        account = rules.rounding_account
    elif line.is_tax and rules.tax_account:
        account = rules.tax_account
    else:
        account = document.tables.fees[line.fee].account
    row: dict[str, Any] = {"account": ref(account), "amount": line.amount, "memo": line.text[:MEMO]}
    return {**row, "location": ref(rules.location)} if rules.location else row


def bill_differences(found: Found, draft: Draft) -> list[str]:
    """What differs between a bill that NetSuite already holds and the one we would write."""
    total = found.body.get("total")
    if total is None or abs(Decimal(str(total))) == Decimal(str(draft.identity["amount"])):
        return []
    return [f"its total is {total}, the invoice says {draft.identity['amount']}"]
