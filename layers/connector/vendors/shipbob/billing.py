"""Invoices and fee rows (scope billing_read, versions 2025-07 and later). All calls are reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from connector.transport import Reply
from vendors.shipbob.calls import Calls, collected, encoded, one, parsed, readable
from vendors.shipbob.pages import cursor_pages
from vendors.shipbob.shapes import Invoice, Transaction, parse_invoice, parse_transaction
from vendors.shipbob.shapes.fields import as_document, texts
from vendors.shipbob.times import day_end_text, day_start_text

LARGEST_BILLING_PAGE = 1000


def list_invoices(calls: Calls, first: date, last: date) -> tuple[Invoice, ...]:
    """Billing, get invoices: 1,000 a page; without dates only the last month. Invoices close weekly, one per type."""
    purpose = "list invoices"
    query = [
        ("FromDate", one(day_start_text(first))),
        ("ToDate", one(day_end_text(last))),
        ("PageSize", one(LARGEST_BILLING_PAGE)),
        ("SortOrder", "Ascending"),
    ]
    pages = cursor_pages(calls.pages("invoices", purpose, query), purpose, key="invoice_id", parameter="Cursor")
    return collected(pages, purpose, parse_invoice)


def list_invoice_transactions(calls: Calls, invoice_id: int) -> tuple[Transaction, ...]:
    """Billing, get transactions by invoice id: 1,000 a page."""
    purpose = "list invoice transactions"
    fetch = calls.pages(f"invoices/{invoice_id}/transactions", purpose, [("PageSize", one(LARGEST_BILLING_PAGE))])
    pages = cursor_pages(fetch, purpose, key="transaction_id", parameter="Cursor")
    return collected(pages, purpose, parse_transaction)


def query_transactions(
    calls: Calls, first: date, last: date, invoiced: bool | None, shipment_ids: Sequence[int]
) -> Iterator[tuple[Transaction, ...]]:
    """Billing, query transactions: 1,000 a page.

    The cursor belongs into the query string; in the body it is ignored and the first page comes for ever.
    """
    purpose = "query transactions"
    body: dict[str, Any] = {
        "from_date": day_start_text(first),
        "to_date": day_end_text(last),
        "page_size": LARGEST_BILLING_PAGE,
        "sort_order": "Ascending",
    }
    if invoiced is not None:
        body["invoiced_status"] = invoiced
    if shipment_ids:
        body |= {"reference_ids": [str(shipment_id) for shipment_id in shipment_ids], "reference_types": ["Shipment"]}

    def fetch(paging: tuple[tuple[str, str], ...]) -> Reply:
        return calls.ask("transactions:query", purpose, body, encoded(paging))

    for rows in cursor_pages(fetch, purpose, key="transaction_id", parameter="Cursor"):
        yield parsed(rows, purpose, parse_transaction)


def list_transaction_fees(calls: Calls) -> tuple[str, ...]:
    """Billing, get transaction fees."""

    def names(value: Any) -> tuple[str, ...]:
        return texts(as_document(value, "fee list"), "fee_list", "fee list")

    return readable(calls.get("transaction-fees", "list fees"), "list fees", names)
