"""ShipBob's invoices against our vendor bills and credits."""

from __future__ import annotations

from datetime import date
from functools import partial

from connector.pair import Survey
from connector.reconcile import Entry, Sides
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.charges import external_id
from netsuite_shipbob.surveys.sides import ERP, WAREHOUSE, day_of
from vendors.netsuite.books import totals_of_ours
from vendors.netsuite.shapes import BILL, CREDIT


def charges(survey: Survey[Accounts]) -> Sides:
    """ShipBob's invoices against the vendor bills and credits: there at all, amount."""
    if not document_of(survey.connection).settings.charges.enabled:
        return Sides("charges", (WAREHOUSE, ERP), (), (), "Invoices are switched off for this connection.")
    first, last = day_of(survey, survey.window.since), day_of(survey, survey.window.until)
    listed: list[list[str]] = survey.once("invoices", partial(_invoices, survey, first, last))
    bills: list[list[str]] = survey.once("bills", partial(_bills, survey, first))
    left = [
        Entry(key, {"amount": amount}, f"ShipBob invoice {number}", survey.record_id("charges", number))
        for key, number, amount in listed
    ]
    known = {entry.key for entry in left}
    right = [
        Entry(key, {"amount": amount}, f"NetSuite {name}", survey.record_id("charges", key.split("-", 2)[2]))
        for key, name, amount in bills
        if key in known
    ]
    limits = "Invoices by invoice date; payments and zero amounts are no bills."
    return Sides("charges", (WAREHOUSE, ERP), left, right, limits)


def _invoices(survey: Survey[Accounts], first: date, last: date) -> list[list[str]]:
    return [
        [external_id(invoice), str(invoice.invoice_id), f"{invoice.amount:.2f}"]
        for invoice in survey.clients.billing.invoices(first, last)
        if not invoice.is_payment and invoice.amount != 0
    ]


def _bills(survey: Survey[Accounts], first: date) -> list[list[str]]:
    found = []
    for prefix, kind, sign in (("SB-VB-", BILL, 1), ("SB-VC-", CREDIT, -1)):
        for row in totals_of_ours(survey.clients.netsuite, prefix, kind, first.isoformat()):
            amount = f"{sign * abs(row.quantity('total')):.2f}"
            found.append([row.needed("external_id").upper(), row.text("number"), amount])
    return found
