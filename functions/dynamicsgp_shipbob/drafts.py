"""Optional: an unposted invoice or fulfilment order for each shipment that left. Off by default.

GP has no operation that transfers an order. A draft of its own may allocate the stock a second time unless the order's
line is cancelled, which only the company can decide: so nothing of this happens unless the connection asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.outcome import Done, Held, Outcome
from connector.pair import Work
from connector.record import Record
from connector.transport import Reply
from dynamicsgp_shipbob.clients import Accounts
from dynamicsgp_shipbob.creating import begun, create, named
from dynamicsgp_shipbob.entering import SETTLE
from dynamicsgp_shipbob.mapping.amounts import plain
from dynamicsgp_shipbob.mapping.drafts import DraftNames, shipment_draft
from dynamicsgp_shipbob.mapping.orders import changed_by_gp, other_order
from dynamicsgp_shipbob.mapping.shipments import SentLine, Target, has_left, target_of
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.limits import LIMITS
from vendors.shipbob.shapes import Order, Shipment


@dataclass(frozen=True)
class Kind:
    """One kind of draft: entity of the service, type of the document, letter in its number."""

    entity: str
    type: str
    letter: str

    def number(self, document: DynamicsGpShipBob, shipment: Shipment) -> str:
        """The number of a shipment's draft."""
        return f"{document.settings.orders.prefix}{self.letter}{shipment.shipment_id}"


KINDS = {
    "invoice": Kind("SalesInvoice", "Invoice", "I"),
    "fulfillment_order": Kind("SalesFulfillmentOrder", "Fulfillment Order", "F"),
}
"""By the setting's value."""

BY_HAND = "by hand"
"""Stands for the number of a draft that a person enters."""


@dataclass(frozen=True)
class Drafting:
    """One ShipBob order whose shipments get drafts: `source` is its record, `sent` are its lines in GP."""

    work: Work[Accounts]
    document: DynamicsGpShipBob
    order: Order
    source: Record
    sent: Sequence[SentLine]


def effect_name(entity: str) -> str:
    """The name of the effect that saves a draft of this kind."""
    return f"gp.draft_{entity}"


def purchase_order_of(document: DynamicsGpShipBob, shipment: Shipment) -> str:
    """The PO number of a shipment's draft, whatever its kind."""
    return f"{document.settings.orders.prefix}S-{shipment.shipment_id}"


def save_drafts(case: Drafting) -> Outcome:
    """Saves what is missing; Done when nothing is (or drafts are switched off)."""
    work = case.work
    saved: dict[str, str] = dict(work.record.links.get("drafts") or {})
    problems: list[str] = []
    for shipment in sorted(case.order.shipments, key=lambda one: one.shipment_id):
        if not has_left(shipment, case.document) or str(shipment.shipment_id) in saved:
            continue
        name = _kind_of(case, shipment)
        if name == "none":
            continue
        ended = _save(case, shipment, name)
        if not isinstance(ended, Done):
            return ended
        number = str(ended.reference["number"])
        if number != BY_HAND:
            problems += _changed(case, shipment, KINDS[name], ended.reference)
        saved[str(shipment.shipment_id)] = number
        work.link(drafts=saved)
    if problems:
        return Held(
            f"GP holds drafts otherwise than they were sent: {'; '.join(problems)}. The policy of their creation may "
            "calculate unit prices from GP's price lists. Correct what is wrong in GP, then replay this record."
        )
    return Done()


def _kind_of(case: Drafting, shipment: Shipment) -> str:
    """The kind that a shipment's draft was begun as, else the configured one: it must not be saved as both.

    A draft that may have left is brought to its end also when drafts were switched off meanwhile.
    """
    chosen = case.document.settings.shipments.draft
    known: Mapping[str, str] = case.work.record.links.get("drafting") or {}
    if chosen == "none" and str(shipment.shipment_id) not in known:
        return chosen
    for name, kind in KINDS.items():
        if begun(case.work.ledger.lookup(effect_name(kind.entity), kind.number(case.document, shipment))):
            if name != chosen:
                case.work.note(f"the draft of shipment {shipment.shipment_id} was begun as {name} and stays so")
            return name
    return chosen


def _save(case: Drafting, shipment: Shipment, chosen: str) -> Outcome:
    """Saves the draft of one shipment."""
    work, kind, key = case.work, KINDS[chosen], str(shipment.shipment_id)
    number = kind.number(case.document, shipment)
    if len(number) > LIMITS["sales document number"]:
        return Held(
            f"the draft's number {number} has more than {LIMITS['sales document number']} characters: set "
            "settings.shipments.draft to none, then replay this record"
        )
    billed: dict[str, dict[str, str]] = _kept(work, "draft_lines")
    others = {name: rows for name, rows in billed.items() if name != key}  # its own may be there from a first attempt
    parts = _parts(case.document, case.order, shipment, _rest(case.sent, others))
    loose = [line.item for line in case.sent if parts.lines[line.sequence].loose]
    if loose and not _by_hand(work, shipment):
        return Held(
            f"{', '.join(loose)} of ShipBob shipment {shipment.shipment_id} make no exact number of GP's unit of "
            f"measure: enter the {kind.type.lower()} by hand, then replay this record."
        )
    if loose:
        return Done({"number": BY_HAND})
    work.link(drafting={**_kept(work, "drafting"), key: chosen})
    purchase_order = purchase_order_of(case.document, shipment)
    names = DraftNames(number, purchase_order, kind.type, _type_id(case, kind, number))
    sites = work.record.links.get("sites") or case.source.links.get("sites") or {}
    draft = shipment_draft(names, case.document, case.source.links, case.sent, parts, sites)
    ended = work.once(draft_effect(work.clients.dynamics_gp, kind, number, purchase_order), number, draft)
    if not isinstance(ended, Done):
        return named(ended, f"the draft {number} of ShipBob shipment {shipment.shipment_id} was not saved", draft.body)
    billed[key] = {str(sequence): plain(part.left) for sequence, part in parts.lines.items() if part.left > 0}
    work.link(draft_lines=billed)
    held = str(ended.reference["number"])
    work.refer("gp draft", held)
    work.note(f"{kind_held(kind, ended.reference).type} {held} holds ShipBob shipment {shipment.shipment_id}, unposted")
    return ended


def _kept(work: Work[Accounts], name: str) -> dict[str, Any]:
    """A link as this piece of work has changed it so far."""
    return dict(work.links.get(name) or work.record.links.get(name) or {})


def kind_held(kind: Kind, reference: Reference) -> Kind:
    """The kind of what GP holds: a person may have switched the setting, or entered the other kind."""
    return next((one for one in KINDS.values() if one.entity == reference.get("entity")), kind)


def _by_hand(work: Work[Accounts], shipment: Shipment) -> bool:
    """Whether a person was told to enter this shipment's draft and has replayed the record since. Tells it else."""
    told: Sequence[int] = work.record.links.get("draft_by_hand") or ()
    if shipment.shipment_id in told:
        return work.record.cause == "replay"
    work.link(draft_by_hand=[*told, shipment.shipment_id])
    return False


def _changed(case: Drafting, shipment: Shipment, kind: Kind, reference: Reference) -> list[str]:
    """What GP made of a draft, in words. A draft that was posted or deleted meanwhile is a person's own affair."""
    work, number, holds = case.work, str(reference["number"]), kind_held(kind, reference)
    sent = work.ledger.lookup(effect_name(kind.entity), kind.number(case.document, shipment))
    held = work.clients.dynamics_gp.document(holds.entity, number)
    if held is None or not held.is_open or sent is None:
        return []
    found = changed_by_gp(held, sent.draft)
    for text in found.prices:
        work.note(f"GP replaced a price on {number}: {text}")
    prices = found.prices if case.document.settings.orders.price_difference == "review" else ()
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


def _type_id(case: Drafting, kind: Kind, number: str) -> str:
    """GP's document id of a draft: that which it was begun with, as it belongs to the kind."""
    intent = case.work.ledger.lookup(effect_name(kind.entity), number)
    if intent is not None and begun(intent):
        return str(intent.draft["DocumentTypeKey"]["Id"])
    return str(case.document.settings.shipments.draft_document_type)


def draft_effect(gp: DynamicsGp, kind: Kind, number: str, purchase_order: str) -> Effect:
    """Creates a draft, unless GP holds one of either kind, under our number or by the PO number that both have."""

    def find(key: str) -> Found | None:
        held = gp.document(kind.entity, number)
        if held is not None:
            return Found({"number": number, "entity": kind.entity}, {"document": held})
        return _by_purchase_order(gp, purchase_order)

    def make(key: str, draft: Draft) -> Reply:
        return create(gp, kind.entity, draft.body, lambda: find(key))

    def read(reply: Reply) -> Reference:
        gp.done(f"Create{kind.entity}", reply)
        return {"number": number, "entity": kind.entity}

    def differences(found: Found, draft: Draft) -> Sequence[str]:
        return other_order(found.body["document"], draft.identity)

    return Effect(effect_name(kind.entity), "Dynamics GP", Repeat.FINDABLE, SETTLE, find, make, read, differences)


def _by_purchase_order(gp: DynamicsGp, purchase_order: str) -> Found | None:
    """A draft of either kind that is not voided."""
    entities = {one.type: one.entity for one in KINDS.values()}
    for row in gp.documents_by_purchase_order(purchase_order):
        held = gp.document(entities[row.kind], row.number) if row.kind in entities else None
        if held is not None and not held.is_voided:
            return Found({"number": row.number, "entity": entities[row.kind]}, {"document": held})
    return None
