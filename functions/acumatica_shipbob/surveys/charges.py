"""ShipBob's invoices against the vendor's bills."""

from __future__ import annotations

from acumatica_shipbob.clients import Accounts, document_of
from acumatica_shipbob.mapping.charges import BILL, CREDIT
from acumatica_shipbob.surveys.sides import ERP, WAREHOUSE, Row
from connector.instants import local_day
from connector.pair import Survey
from connector.reconcile import Entry, Sides
from vendors.shipbob.invoices import invoice_reference


def charges(survey: Survey[Accounts]) -> Sides:
    """ShipBob's invoices against the vendor's bills: there at all, amount."""
    document = document_of(survey.connection)
    rules = document.settings.charges
    if not rules.enabled:
        return Sides("charges", (WAREHOUSE, ERP), (), (), "Invoices are switched off for this connection.")
    invoices: list[Row] = survey.once("invoices", lambda: _invoices(survey))
    bills: list[Row] = survey.once("bills", lambda: _bills(survey))
    references = {str(row["reference"]) for row in invoices}
    days = {str(row["date"]) for row in invoices}
    return Sides(
        "charges", (WAREHOUSE, ERP),
        [
            Entry(str(row["reference"]), {"amount": str(row["amount"])}, f"ShipBob invoice {row['id']}",
                  survey.record_id("charges", str(row["id"])))
            for row in invoices
        ],
        [
            Entry(str(row["reference"]), {"amount": str(row["amount"])}, f"{row['type']} {row['number']}",
                  survey.record_id("charges", str(row["reference"]).rpartition("-")[2]))
            for row in bills
            if row["reference"] in references or (row["date"] in days and row["reference"].startswith("SHIPBOB-INV-"))
        ],
        "Invoices by invoice date; payments and zero amounts are no bills.",
    )


def _invoices(survey: Survey[Accounts]) -> list[Row]:
    zone, window = document_of(survey.connection).systems.acumatica.zone, survey.window
    first, last = local_day(window.since, zone), local_day(window.until, zone)
    return [
        {"id": invoice.invoice_id, "reference": invoice_reference(invoice), "date": invoice.invoice_date.isoformat(),
         "amount": f"{invoice.amount:.2f}"}
        for invoice in survey.clients.billing.invoices(first, last)
        if not invoice.is_payment and invoice.amount != 0
    ]


def _bills(survey: Survey[Accounts]) -> list[Row]:
    vendor = document_of(survey.connection).settings.charges.vendor
    rows = survey.clients.acumatica.find("Bill", "Vendor", vendor, ("VendorRef", "Amount", "Status", "Date"))
    found: list[Row] = []
    for row in rows:
        kind, status = row.required_text("Type"), row.text("Status") or ""
        if kind in (BILL, CREDIT) and status not in ("Voided", "Rejected"):
            sign = -1 if kind == CREDIT else 1
            day = row.day("Date")
            found.append({"reference": row.text("VendorRef") or "", "number": row.required_text("ReferenceNbr"),
                          "type": kind, "date": day.isoformat() if day else "",
                          "amount": f"{sign * row.required_number('Amount'):.2f}"})
    return found
