"""Optional: an unposted invoice or fulfilment order for each shipment that left. Off by default.

GP has no operation that transfers an order. A draft of its own may allocate the stock a second time unless the order's
line is cancelled, which only the company can decide: so nothing of this happens unless the connection asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.outcome import Done, Held, Outcome
from connector.pair import Work
from connector.record import Record
from connector.transport import Reply
from dynamicsgp_shipbob.clients import Accounts, document_of
from dynamicsgp_shipbob.creating import create
from dynamicsgp_shipbob.mapping.amounts import LINE_STEP, NO_DATE, money, plain, quantity
from dynamicsgp_shipbob.mapping.orders import changed_by_gp, other_order
from dynamicsgp_shipbob.mapping.shipments import SentLine, Target, has_left, target_of
from dynamicsgp_shipbob.orders import SETTLE
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.limits import LIMITS
from vendors.shipbob.shapes import Order, Shipment

KINDS = {
    "invoice": ("SalesInvoice", "Invoice", "I"),
    "fulfillment_order": ("SalesFulfillmentOrder", "Fulfillment Order", "F"),
}
"""Setting -> entity of the service, type of the document, letter in its number."""


def effect_name(entity: str) -> str:
    """The name of the effect that saves a draft of this kind."""
    return f"gp.draft_{entity}"


def save_drafts(
    work: Work[Accounts], document: DynamicsGpShipBob, order: Order, source: Record, sent: Sequence[SentLine]
) -> Outcome:
    """Saves what is missing; Done when nothing is (or drafts are switched off)."""
    rules = document.settings.shipments
    if rules.draft == "none":
        return Done()
    entity, kind, letter = KINDS[rules.draft]
    saved: dict[str, str] = dict(work.record.links.get("drafts") or {})
    problems: list[str] = []
    billed: dict[str, dict[str, str]] = dict(work.record.links.get("draft_lines") or {})
    for shipment in sorted(order.shipments, key=lambda one: one.shipment_id):
        if not has_left(shipment, document) or str(shipment.shipment_id) in saved:
            continue
        number = f"{document.settings.orders.prefix}{letter}{shipment.shipment_id}"
        if len(number) > LIMITS["sales document number"]:
            return Held(f"the draft's number {number} has more than {LIMITS['sales document number']} characters")
        parts = _parts(document, order, shipment, _rest(sent, billed))
        loose = [line.item for line in sent if parts.lines[line.sequence].loose]
        if loose and not _by_hand(work, shipment):
            return Held(
                f"{', '.join(loose)} of ShipBob shipment {shipment.shipment_id} make no exact number of GP's unit of "
                f"measure: enter the {kind.lower()} by hand, then replay this record."
            )
        if loose:
            saved[str(shipment.shipment_id)] = "by hand"
            work.link(drafts=saved)
            continue
        sites = work.record.links.get("sites") or source.links.get("sites") or {}
        draft = _draft(document, shipment, source, sent, number, kind, parts, sites)
        ended = work.once(draft_effect(work.clients.dynamics_gp, entity, number), number, draft)
        if not isinstance(ended, Done):
            return ended
        problems += _changed(work, entity, number, draft)
        saved[str(shipment.shipment_id)] = number
        billed[str(shipment.shipment_id)] = {
            str(sequence): plain(part.left) for sequence, part in parts.lines.items() if part.left > 0
        }
        work.link(drafts=saved, draft_lines=billed)
        work.refer("gp draft", number)
        work.note(f"{kind} {number} was saved unposted for ShipBob shipment {shipment.shipment_id}")
    if problems:
        return Held(
            f"GP holds drafts otherwise than they were sent: {'; '.join(problems)}. A policy of Create{entity} may "
            "calculate unit prices from GP's price lists. Correct what is wrong in GP, then replay this record."
        )
    return Done()


def _by_hand(work: Work[Accounts], shipment: Shipment) -> bool:
    """Whether a person was told to enter this shipment's draft and has replayed the record since. Tells it else."""
    told: Sequence[int] = work.record.links.get("draft_by_hand") or ()
    if shipment.shipment_id in told:
        return work.record.cause == "replay"
    work.link(draft_by_hand=[*told, shipment.shipment_id])
    return False


def _changed(work: Work[Accounts], entity: str, number: str, draft: Draft) -> list[str]:
    """What GP made of a draft, in words. A draft that was posted or deleted meanwhile is a person's own affair."""
    sent = work.ledger.lookup(effect_name(entity), number)
    held = work.clients.dynamics_gp.document(entity, number)
    if held is None or not held.is_open:
        return []
    found = changed_by_gp(held, sent.draft if sent is not None else draft.body)
    for text in found.prices:
        work.note(f"GP replaced a price on {number}: {text}")
    prices = found.prices if document_of(work.connection).settings.orders.price_difference == "review" else ()
    return [f"{number}: {text}" for text in (*found.others, *prices)]


def _rest(sent: Sequence[SentLine], billed: Mapping[str, Mapping[str, str]]) -> list[SentLine]:
    """The order's lines less what other drafts hold: two lines of one product may differ in their prices."""
    taken: dict[str, Decimal] = {}
    for rows in billed.values():
        for sequence, units in rows.items():
            taken[sequence] = taken.get(sequence, Decimal(0)) + Decimal(units)
    return [replace(line, quantity=line.quantity - taken.get(str(line.sequence), Decimal(0))) for line in sent]


def _parts(document: DynamicsGpShipBob, order: Order, shipment: Shipment, rest: Sequence[SentLine]) -> Target:
    """What one shipment holds of the order's lines."""
    return target_of(replace(order, shipments=(shipment,)), rest, document)


def _draft(
    document: DynamicsGpShipBob,
    shipment: Shipment,
    source: Record,
    sent: Sequence[SentLine],
    number: str,
    kind: str,
    alone: Target,
    sites: Mapping[str, str],
) -> Draft:
    """The part of the order that one shipment holds. `sites`: those of the order, where ShipBob names no centre."""
    rules, currency = document.settings.shipments, str(source.links["currency"])
    lines: list[dict[str, Any]] = []
    for line in sent:
        left = alone.lines[line.sequence]
        if left.left > 0:
            site = min(left.sites, default="") or sites.get(str(line.sequence), "")
            lines.append(_line(len(lines) + 1, line, left.left, left.day, site, currency))
    body: dict[str, Any] = {
        "Key": {"Id": number},
        "Date": alone.day,
        "CustomerPONumber": f"{document.settings.orders.prefix}S-{shipment.shipment_id}",
        "DocumentTypeKey": {"Type": kind, "Id": rules.draft_document_type},
        "ActualShipDate": alone.day,
        "WarehouseKey": lines[0]["WarehouseKey"] if lines else None,
        "CustomerKey": {"Id": source.links["customer"]},
        "BatchKey": {"Id": rules.draft_batch, "CreatedDateTime": NO_DATE},
        "CurrencyKey": {"ISOCode": currency},
        "TrackingNumbers": [{"Key": {"SalesDocumentKey": {"Id": number}, "Id": name}} for name in alone.tracking],
        "Lines": lines,
    }
    rows = [[line["ItemKey"]["Id"], line["UofM"], line["Quantity"]["Value"]] for line in lines]
    return Draft(body, {"customer": source.links["customer"], "lines": rows})


def _line(index: int, line: SentLine, left: Decimal, day: str, site: str, currency: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Key": {"LineSequenceNumber": str(LINE_STEP * index)},
        "Quantity": quantity(left),
        "UofM": line.unit,
        "WarehouseKey": {"Id": site},
        "ItemKey": {"Id": line.item},
        "QuantityFulfilled": quantity(left),
        "BillingQuantity": quantity(left),
        "ActualShipDate": day,
    }
    return made if line.price is None else {**made, "UnitPrice": money(line.price, currency)}


def draft_effect(gp: DynamicsGp, entity: str, number: str) -> Effect:
    """Creates a draft under its own number, by which GP can be asked for it."""

    def find(key: str) -> Found | None:
        held = gp.document(entity, number)
        return Found({"number": number}, {"document": held}) if held is not None else None

    def make(key: str, draft: Draft) -> Reply:
        return create(gp, entity, draft.body, lambda: find(key))

    def read(reply: Reply) -> Reference:
        gp.done(f"Create{entity}", reply)
        return {"number": number}

    def differences(found: Found, draft: Draft) -> Sequence[str]:
        return other_order(found.body["document"], draft.identity)

    return Effect(effect_name(entity), "Dynamics GP", Repeat.FINDABLE, SETTLE, find, make, read, differences)
