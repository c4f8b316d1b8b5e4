"""Flow 5: ShipBob invoices -> NetSuite vendor bills. One bill (or credit) per invoice; a payment is never a bill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from connector.effect import Draft, Effect
from connector.outcome import Done, Held, Outcome
from connector.pair import Flow, Polling, Work
from connector.records import Seen
from connector.transport import Reply
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.charges import BILL, bill_differences, bill_draft, external_id
from netsuite_shipbob.writing import lost_to_people, made_effect
from vendors.netsuite import shapes
from vendors.netsuite.client import NetSuite
from vendors.netsuite.shapes import Known
from vendors.shipbob.charges import InvoiceSplit
from vendors.shipbob.invoices import book_invoice, poll_invoices, remember_bill
from vendors.shipbob.shapes import Invoice

EFFECT = "netsuite.bill"


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

    return book_invoice(work, lambda: work.clients.billing, "NetSuite", write)


def _write(work: Work[Accounts], invoice: Invoice, draft: Draft) -> Outcome:
    kind = str(draft.identity["kind"])
    ended = work.once(bill_effect(work.clients.netsuite, kind), external_id(invoice), draft)
    if not isinstance(ended, Done):
        return ended
    lost = lost_to_people(work, [external_id(invoice)])
    if lost is not None:
        return lost
    identifier = str(ended.reference["id"])
    remember_bill(work, invoice, kind, identifier)
    return Done(ended.reference, f"NetSuite {kind} {identifier} holds ShipBob invoice {invoice.invoice_id}")


def bill_effect(netsuite: NetSuite, kind: str) -> Effect:
    """Creates a bill or credit under its external id. A second create is refused; a second upsert would add its lines
    again."""

    def make(key: str, draft: Draft) -> Reply:
        return netsuite.records.create(kind, {"externalId": key, **draft.body})

    def look(known: Known) -> dict[str, Any]:
        record = netsuite.records.get(kind, known.transaction_id, expand=False) or {}
        total = record.get("userTotal", record.get("total"))
        return {} if total is None else {"total": str(total)}

    code = shapes.BILL if kind == BILL else shapes.CREDIT
    return made_effect(netsuite, EFFECT, code, make, bill_differences, look)


FLOW: Flow[Accounts] = Flow("charges", work, poll, every=timedelta(hours=6), overlap=timedelta(days=1))
