"""Flow 5: ShipBob invoices -> Acumatica bills. One bill per invoice; a payment is never a bill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from acumatica_shipbob.clients import Accounts, document_of
from acumatica_shipbob.mapping.charges import bill_differences, bill_draft, vendor_reference
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.instants import instant_text, parse_instant
from connector.outcome import Done, Held, Later, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.records import Seen
from connector.transport import Reply
from vendors.acumatica.client import Acumatica
from vendors.acumatica.effects import action_effect
from vendors.acumatica.shapes import parse_bill
from vendors.shipbob.charges import split_invoice
from vendors.shipbob.shapes import Invoice, parse_invoice

BILL, RELEASE = "acumatica.bill", "acumatica.bill_release"
RELEASED = frozenset({"Open", "Closed", "Pre-Released"})
PAGE = 100


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Invoices of the last weeks. They close weekly and may appear late, so every poll lists the whole reach."""
    rules = document_of(polling.connection).settings.charges
    if not rules.enabled:
        return
    today = polling.window.until.date()
    first = max(today - timedelta(days=rules.days_back), polling.connection.document.start.date())
    if polling.origin.cause == "backfill":  # a person names the days
        first = polling.window.since.date()
    invoices = polling.clients.billing.invoices(first, today)
    rows = [_seen(invoice) for invoice in invoices]
    news = polling.news(rows)
    for start in range(0, len(news), PAGE):
        yield news[start : start + PAGE]


def _seen(invoice: Invoice) -> Seen:
    revision = f"{invoice.invoice_type}|{invoice.amount}|{invoice.currency}|{invoice.invoice_date.isoformat()}"
    reference = vendor_reference(invoice)
    return Seen(
        str(invoice.invoice_id),
        revision,
        dict(invoice.document),
        (("invoice", reference), ("invoice", str(invoice.invoice_id))),
        text=f"Found ShipBob invoice {invoice.invoice_id}, {invoice.invoice_type}: {invoice.amount} {invoice.currency}",
    )


def work(work: Work[Accounts]) -> Outcome:
    """Books one invoice."""
    document = document_of(work.connection)
    invoice = parse_invoice(work.record.body)
    if invoice.is_payment:
        return Same(f"invoice {invoice.invoice_id} is a payment, which is never a bill")
    if invoice.amount == 0:
        return Same(f"invoice {invoice.invoice_id} is zero")
    corrected = _corrected(work, invoice)
    if corrected is not None:
        return corrected
    rows = work.clients.billing.invoice_transactions(invoice.invoice_id)
    if not rows:
        return _without_rows(work, invoice)
    draft = bill_draft(invoice, split_invoice(invoice, rows), document, work.note)
    if isinstance(draft, Held):
        return draft
    vendor, kind = document.settings.charges.vendor, str(draft.body["Type"])
    ended = work.once(bill_effect(work.clients.acumatica, vendor, kind), vendor_reference(invoice), draft)
    if not isinstance(ended, Done):
        return ended
    number = str(ended.reference["number"])
    work.refer("bill", number)
    work.link(bill=number, bill_type=kind, amount=str(invoice.amount))
    if document.settings.charges.release:
        released = work.once(
            release_effect(work.clients.acumatica, kind, number), number, Draft({"ReferenceNbr": number})
        )
        if not isinstance(released, Done):
            return released
    return Done(ended.reference, f"Acumatica {kind} {number} holds ShipBob invoice {invoice.invoice_id}")


ROWS_EVERY, ROWS_WITHIN = timedelta(hours=6), timedelta(days=3)
"""ShipBob may show an invoice before its fee rows: they are asked for again this often, for this long."""


def _without_rows(work: Work[Accounts], invoice: Invoice) -> Outcome:
    """An amount without a single fee row says nothing about accounts, however small it is."""
    what = f"invoice {invoice.invoice_id} ({invoice.invoice_type}, {invoice.amount} {invoice.currency})"
    since = str(work.record.links.get("rows_missed_at") or instant_text(work.now))
    work.link(rows_missed_at=since)
    if work.now - parse_instant(since) < ROWS_WITHIN:
        why = f"ShipBob shows no fee rows of {what} yet; they are asked for again"
        return Later(work.now + ROWS_EVERY, why, planned=True)
    return Held(
        f"{what}: ShipBob shows no fee rows of it. Ask ShipBob, then replay; or book it by hand and close this."
    )


def _corrected(work: Work[Accounts], invoice: Invoice) -> Held | None:
    """An invoice that ShipBob changed after it was billed. A bill may be approved or paid by now: a person corrects."""
    links = work.record.links
    if not links.get("bill"):
        return None
    before = Decimal(str(links["amount"]))
    if before == invoice.amount:
        return None
    return Held(
        f"ShipBob changed invoice {invoice.invoice_id} from {before:.2f} to {invoice.amount:.2f} {invoice.currency} "
        f"after it was booked as Acumatica {links['bill_type']} {links['bill']}. Correct that document (or book the "
        "difference on one of its own), then close this record."
    )


def bill_effect(acumatica: Acumatica, vendor: str, kind: str) -> Effect:
    """Creates a bill under its VendorRef, by which Acumatica can be asked for it."""

    def find(key: str) -> Found | None:
        bill = acumatica.find_bill(vendor, key, kind)
        if bill is None:
            return None
        body: dict[str, Any] = {"type": bill.type, "amount": bill.amount}
        return Found({"number": bill.number, "type": bill.type}, body)

    def make(key: str, draft: Draft) -> Reply:
        return acumatica.put("Bill", draft.body, create_only=True, expand=("Details",))

    def read(reply: Reply) -> Reference:
        bill = acumatica.read_reply("Bill", reply, parse_bill)
        return {"number": bill.number, "type": bill.type}

    return Effect(BILL, "Acumatica", Repeat.FINDABLE, timedelta(seconds=60), find, make, read, bill_differences)


def release_effect(acumatica: Acumatica, kind: str, number: str) -> Effect:
    """Releases a bill; the bill's status tells whether it happened."""

    def achieved() -> Reference | None:
        return {"number": number} if acumatica.read_status("Bill", kind, number) in RELEASED else None

    return action_effect(acumatica, RELEASE, "Bill", "ReleaseBill", {"Type": kind, "ReferenceNbr": number}, achieved)


FLOW: Flow[Accounts] = Flow("charges", work, poll, every=timedelta(hours=6), overlap=timedelta(days=1))
