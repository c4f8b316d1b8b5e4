"""Billing over the API: invoices, their rows, a search over rows, and the names of fees (scope billing_read)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from local.simulators.base import Reply
from local.simulators.shipbob import pages
from local.simulators.shipbob.formats import read_moment
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.problems import answer, problem, refuse
from local.simulators.shipbob.records import Invoice, Transaction
from local.simulators.shipbob.world import World

FEES = [
    "Shipping",
    "Warehousing Fee",
    "WRO Receiving Fee",
    "Return Fee",
    "Pick Fee",
    "Address Correction",
    "Kitting Fee",
    "Credit",
    "Payment",
]


def row_view(world: World, row: Transaction) -> dict[str, Any]:
    """One row; the invoice members stay null until the weekly job has run."""
    invoice = world.invoices.get(row.invoice_id or 0)
    return {
        "transaction_id": row.id,
        "amount": row.amount,
        "currency_code": row.currency,
        "charge_date": row.charge_date,
        "invoiced_status": invoice is not None,
        "invoice_date": invoice.date if invoice else None,
        "transaction_fee": row.fee,
        "invoice_id": invoice.id if invoice else None,
        "invoice_type": invoice.type if invoice else None,
        "reference_id": row.reference_id,
        "reference_type": row.reference_type,
        "transaction_type": row.type,
        "fulfillment_center": row.location_name,
        "taxes": [{"tax_type": kind, "tax_rate": rate, "tax_amount": amount} for kind, rate, amount in row.taxes],
        "additional_details": dict(row.details),
    }


def invoice_view(invoice: Invoice) -> dict[str, Any]:
    """One invoice; the date is a plain date."""
    return {
        "invoice_id": invoice.id,
        "invoice_date": invoice.date,
        "invoice_type": invoice.type,
        "amount": invoice.amount,
        "currency_code": invoice.currency,
        "running_balance": invoice.running_balance,
    }


def _day(value: Any, default: date) -> date:
    """The day of a moment, given as a datetime, as text inside a cursor, or not at all."""
    if value is None:
        return default
    return (read_moment(value) if isinstance(value, str) else value).date()


def list_invoices(world: World, asked: Asked) -> Reply:
    """GET /invoices: the last month by default, newest first; a Cursor overrides every filter."""
    where = pages.position(world, asked.query, problem, overrides=True)
    query = where.filters
    today = world.now().date()
    start, end = _day(query.get("FromDate"), today - timedelta(days=31)), _day(query.get("ToDate"), today)
    if end < start:
        raise refuse(problem, 422, "ToDate", "must not lie before FromDate")
    types = query.get("InvoiceTypes")
    found = [
        invoice
        for invoice in world.invoices.values()
        if start <= invoice.date <= end and (types is None or invoice.type in types)
    ]
    found.sort(
        key=lambda invoice: (invoice.date, invoice.id), reverse=query.get("SortOrder", "Descending") == "Descending"
    )
    rows, cursor = pages.cut(found, lambda invoice: invoice.id, where, asked.query.get("PageSize", 100))
    return pages.envelope([invoice_view(invoice) for invoice in rows], cursor)


def invoice_rows(world: World, asked: Asked) -> Reply:
    """GET /invoices/{id}/transactions."""
    invoice = world.invoices.get(asked.ids["invoice"])
    if invoice is None:
        raise refuse(problem, 404, "invoiceId", f"Invoice {asked.ids['invoice']} was not found.")
    where = pages.position(world, asked.query, problem, overrides=True)
    found = [row for row in world.transactions.values() if row.invoice_id == invoice.id]
    return _rows(
        world, found, where, asked.query.get("PageSize", 100), str(where.filters.get("SortOrder", "Descending"))
    )


def _rows(world: World, found: list[Transaction], where: pages.Position, size: int, order: str) -> Reply:
    found.sort(key=lambda row: (row.charge_date, row.id), reverse=order == "Descending")
    rows, cursor = pages.cut(found, lambda row: row.id, where, size)
    return pages.envelope([row_view(world, row) for row in rows], cursor)


def _matches(row: Transaction, body: dict[str, Any], start: date, end: date) -> bool:
    tests = [
        start <= row.charge_date <= end,
        body.get("invoiced_status") in (None, row.invoice_id is not None),
        not body.get("reference_ids") or row.reference_id in body["reference_ids"],
        not body.get("reference_types") or row.reference_type in body["reference_types"],
        not body.get("invoice_ids") or str(row.invoice_id) in body["invoice_ids"],
        not body.get("transaction_types") or row.type in body["transaction_types"],
        not body.get("transaction_fees") or row.fee in body["transaction_fees"],
    ]
    return all(tests)


def query_rows(world: World, asked: Asked) -> Reply:
    """POST /transactions:query: the Cursor belongs in the query string, overrides the body; by default 7 days."""
    body: dict[str, Any] = {name: value for name, value in asked.body.items() if name != "cursor"}
    where = pages.position(
        world, {**asked.query, **{f"body.{name}": value for name, value in body.items()}}, problem, overrides=True
    )
    wanted = {name.removeprefix("body."): value for name, value in where.filters.items()}
    today = world.now().date()
    start, end = _day(wanted.get("from_date"), today - timedelta(days=7)), _day(wanted.get("to_date"), today)
    if end < start:
        raise refuse(problem, 400, "to_date", "must not lie before from_date")
    found = [row for row in world.transactions.values() if _matches(row, wanted, start, end)]
    return _rows(world, found, where, wanted.get("page_size", 100), str(wanted.get("sort_order", "Descending")))


def list_fees(world: World, asked: Asked) -> Reply:
    """GET /transaction-fees: the fixed names and every other that ever occurred."""
    return answer({"fee_list": sorted({*FEES, *(row.fee for row in world.transactions.values())})})
