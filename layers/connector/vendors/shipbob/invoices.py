"""ShipBob's invoices for any ledger: how they are heard of, when one may be booked, and what its bill consists of.

One bill for each invoice, a credit where it is negative; a payment is never a bill. The pairs add only what their own
ledger calls things: the document, its accounts, and the write.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connector.instants import instant_text, parse_instant
from connector.outcome import Held, Later, Missing, Outcome, Same
from connector.pair import Polling, Work
from connector.records import Seen
from vendors.shipbob.charges import ChargeLine, InvoiceSplit, split_invoice
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import Invoice, parse_invoice

PAGE = 100
ROWS_EVERY, ROWS_WITHIN = timedelta(hours=6), timedelta(days=3)
"""ShipBob may show an invoice before its fee rows: they are asked for again this often, for this long."""

Note = Callable[[str], None]


def poll_invoices(polling: Polling[Any], billing: ShipBob, days_back: int) -> Iterator[Sequence[Seen]]:
    """Invoices of the last weeks. They close weekly and may appear late, so every poll lists the whole reach."""
    today = polling.window.until.date()
    first = max(today - timedelta(days=days_back), polling.connection.document.start.date())
    if polling.origin.cause == "backfill":  # a person names the days
        first = polling.window.since.date()
    news = polling.news([seen_invoice(invoice) for invoice in billing.invoices(first, today)])
    for start in range(0, len(news), PAGE):
        yield news[start : start + PAGE]


def invoice_reference(invoice: Invoice) -> str:
    """What a bill is known by on both sides; at most 40 characters."""
    return f"SHIPBOB-INV-{invoice.invoice_id}"


def seen_invoice(invoice: Invoice) -> Seen:
    """A sighting of an invoice."""
    revision = f"{invoice.invoice_type}|{invoice.amount}|{invoice.currency}|{invoice.invoice_date.isoformat()}"
    return Seen(
        str(invoice.invoice_id),
        revision,
        dict(invoice.document),
        (("invoice", invoice_reference(invoice)), ("invoice", str(invoice.invoice_id))),
        text=f"Found ShipBob invoice {invoice.invoice_id}, {invoice.invoice_type}: {invoice.amount} {invoice.currency}",
    )


def book_invoice(
    work: Work[Any],
    billing: Callable[[], ShipBob],
    ledger: str,
    write: Callable[[Invoice, InvoiceSplit], Outcome],
) -> Outcome:
    """Books the record's invoice unless it is no bill, was booked otherwise before, or has no rows yet.

    `write` makes the document. It keeps its number, kind and the invoice's amount by `remember_bill`.
    """
    invoice = parse_invoice(work.record.body)
    if invoice.is_payment:
        return Same(f"invoice {invoice.invoice_id} is a payment, which is never a bill")
    if invoice.amount == 0:
        return Same(f"invoice {invoice.invoice_id} is zero")
    corrected = _corrected(work, invoice, ledger)
    if corrected is not None:
        return corrected
    rows = billing().invoice_transactions(invoice.invoice_id)
    return write(invoice, split_invoice(invoice, rows)) if rows else _without_rows(work, invoice)


def remember_bill(work: Work[Any], invoice: Invoice, kind: str, number: str) -> None:
    """Notes what the invoice became, so that a later correction of it is noticed."""
    work.refer("bill", number)
    work.link(bill=number, bill_type=kind, amount=str(invoice.amount))


def _without_rows(work: Work[Any], invoice: Invoice) -> Outcome:
    """An amount without a single fee row says nothing about accounts, however small it is."""
    what = _words(invoice)
    since = str(work.record.links.get("rows_missed_at") or instant_text(work.now))
    work.link(rows_missed_at=since)
    if work.now - parse_instant(since) < ROWS_WITHIN:
        why = f"ShipBob shows no fee rows of {what} yet; they are asked for again"
        return Later(work.now + ROWS_EVERY, why, planned=True)
    return Held(
        f"{what}: ShipBob shows no fee rows of it. Ask ShipBob, then replay; or book it by hand and close this."
    )


def _corrected(work: Work[Any], invoice: Invoice, ledger: str) -> Held | None:
    """An invoice that ShipBob changed after it was billed. A bill may be approved or paid by now: a person corrects."""
    links = work.record.links
    if not links.get("bill"):
        return None
    before = Decimal(str(links["amount"]))
    if before == invoice.amount:
        return None
    return Held(
        f"ShipBob changed invoice {invoice.invoice_id} from {before:.2f} to {invoice.amount:.2f} {invoice.currency} "
        f"after it was booked as {ledger} {links['bill_type']} {links['bill']}. Correct that document (or book the "
        "difference on one of its own), then close this record."
    )


# ---- what a bill consists of ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BillLine:
    """One line of a bill or credit. `fee` is the fee type whose account it goes to; None: the rounding account."""

    text: str
    amount: Decimal  # positive for what the document is about; a discount on a bill is negative
    fee: str | None
    location: str = ""
    is_tax: bool = False


@dataclass(frozen=True)
class Bill:
    """An invoice as a bill, or as a credit where it was negative. `amount` is positive and the sum of the lines."""

    invoice: Invoice
    credit: bool
    amount: Decimal
    day: date
    reference: str
    description: str
    lines: tuple[BillLine, ...]


def plan_bill(
    invoice: Invoice,
    split: InvoiceSplit,
    *,
    fees: Collection[str],
    currency: str,
    tolerance: Decimal,
    rounding: str,
    note: Note,
) -> Bill | Held:
    """The bill: one line per fee and centre, taxes on lines of their own, a small difference on its own account."""
    what = _words(invoice)
    if invoice.currency != currency or split.other_currencies:
        found = ", ".join({invoice.currency, *split.other_currencies})
        return Held(f"{what} is in {found}, bills are made in {currency}: book it by hand, then close the record")
    unknown = tuple(Missing("fees", fee) for fee in split.fees if fee not in fees)
    if unknown:
        return Held(f"{what}: no account is mapped for {', '.join(missing.value for missing in unknown)}", unknown)
    if abs(split.difference) > tolerance:
        return Held(
            f"{what}: its fee rows add up to {invoice.amount - split.difference}, {split.difference} is unexplained, "
            f"more than the tolerance of {tolerance}. Replay when ShipBob shows all rows; else ask ShipBob, or "
            "raise the tolerance and replay."
        )
    sign = -1 if invoice.amount < 0 else 1
    lines = [_line(line, sign) for line in split.lines]
    if split.difference:
        note(f"{split.difference} {invoice.currency} of the invoice is in no fee row: booked on {rounding}")
        text = "Difference between ShipBob invoice and fee rows"
        lines.append(BillLine(text, split.difference * sign, None))
    return Bill(
        invoice,
        sign < 0,
        abs(invoice.amount),
        invoice.invoice_date,
        invoice_reference(invoice),
        f"ShipBob {invoice.invoice_type} invoice {invoice.invoice_id}",
        tuple(lines),
    )


def _line(line: ChargeLine, sign: int) -> BillLine:
    words = [line.fee, line.tax, line.location, f"{line.rows} rows" if line.rows > 1 else ""]
    text = ", ".join(word for word in words if word)
    return BillLine(text, line.amount * sign, line.fee, line.location, is_tax=bool(line.tax))


def _words(invoice: Invoice) -> str:
    return f"invoice {invoice.invoice_id} ({invoice.invoice_type}, {invoice.amount} {invoice.currency})"
