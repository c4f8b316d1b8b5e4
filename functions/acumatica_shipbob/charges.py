"""Flow 5: ShipBob invoices -> Acumatica bills. One bill per invoice; a payment is never a bill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from acumatica_shipbob.clients import Accounts, document_of
from acumatica_shipbob.mapping.charges import bill_differences, bill_draft
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.outcome import Done, Held, Outcome
from connector.pair import Flow, Polling, Work
from connector.records import Seen
from connector.transport import Reply
from vendors.acumatica.client import Acumatica
from vendors.acumatica.effects import action_effect
from vendors.acumatica.shapes import parse_bill
from vendors.shipbob.charges import InvoiceSplit
from vendors.shipbob.invoices import book_invoice, invoice_reference, poll_invoices, remember_bill
from vendors.shipbob.shapes import Invoice

BILL, RELEASE = "acumatica.bill", "acumatica.bill_release"
RELEASED = frozenset({"Open", "Closed", "Pre-Released"})


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Invoices of the last weeks."""
    rules = document_of(polling.connection).settings.charges
    if rules.enabled:
        yield from poll_invoices(polling, polling.clients.billing, rules.days_back)


def work(work: Work[Accounts]) -> Outcome:
    """Books one invoice."""
    document = document_of(work.connection)

    def write(invoice: Invoice, split: InvoiceSplit) -> Outcome:
        draft = bill_draft(invoice, split, document, work.note)
        return draft if isinstance(draft, Held) else _write(work, invoice, draft)

    return book_invoice(work, lambda: work.clients.billing, "Acumatica", write)


def _write(work: Work[Accounts], invoice: Invoice, draft: Draft) -> Outcome:
    rules = document_of(work.connection).settings.charges
    acumatica, kind = work.clients.acumatica, str(draft.body["Type"])
    ended = work.once(bill_effect(acumatica, rules.vendor, kind), invoice_reference(invoice), draft)
    if not isinstance(ended, Done):
        return ended
    number = str(ended.reference["number"])
    remember_bill(work, invoice, kind, number)
    if rules.release:
        released = work.once(release_effect(acumatica, kind, number), number, Draft({"ReferenceNbr": number}))
        if not isinstance(released, Done):
            return released
    return Done(ended.reference, f"Acumatica {kind} {number} holds ShipBob invoice {invoice.invoice_id}")


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
