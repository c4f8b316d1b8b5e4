"""Flow 4, the writes: a return authorization with its receipts, or adjustments; never both for a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from connector.effect import Draft
from connector.outcome import Done, Held, Later, Missing, Outcome, Same
from connector.pair import Work
from connector.record import short_hash, to_json
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.items import AT_NETSUITE, netsuite_items
from netsuite_shipbob.mapping.receipts import adjustment_draft
from netsuite_shipbob.mapping.returns import (
    Came,
    authorization_draft,
    correction_body,
    lines_by_sku,
    return_receipt_draft,
)
from netsuite_shipbob.mapping.shipments import order_name
from netsuite_shipbob.units import not_in_pieces
from netsuite_shipbob.writing import Target, begun_draft, change_effect, create_effect, transform_once
from vendors.netsuite.shapes import ADJUSTMENT, RECEIPT, RETURN, SALES_ORDER, Order
from vendors.netsuite.times import company_day
from vendors.shipbob.shapes import Return

AUTHORIZE, CORRECT, RECEIVE, ADJUST = (
    "netsuite.return",
    "netsuite.return_lines",
    "netsuite.return_receipt",
    "netsuite.return_adjustment",
)

PATIENCE, AGAIN = timedelta(days=1), timedelta(minutes=30)
"""How long after its completion a return waits for its shipment's fulfilment, and how often that is looked at."""


def adjusts(work: Work[Accounts], found: Return) -> bool:
    """Whether the return goes the way of an adjustment. What was begun one way is never begun the other way too."""
    if begun_draft(work, AUTHORIZE, _key("RA", found)) is not None:
        return False
    begun = any(begun_draft(work, ADJUST, _key("IA-RET", found, part)) is not None for part in (1, 2))
    return begun or document_of(work.connection).settings.returns.mode == "adjustment"


def _key(kind: str, found: Return, part: int | None = None) -> str:
    return f"SB-{kind}-{found.return_id}" + (f"-{part}" if part else "")


def listed(units: Mapping[str, int]) -> str:
    """Units by SKU, for people."""
    return ", ".join(f"{count} of {sku}" for sku, count in sorted(units.items()))


def _day(work: Work[Accounts], found: Return) -> date:
    return company_day(found.completed_at or work.now, document_of(work.connection).systems.netsuite.zone)


def _booked(work: Work[Accounts], came: Came, ids: Sequence[str], text: str) -> Done:
    names = ", ".join(ids)
    work.link(booked=short_hash(to_json([came.restocked, came.quarantined, came.disposed])), ids=names)
    return Done({"return": names}, text)


# ---- return authorization and receipt ------------------------------------------------------------------------------


def authorize(work: Work[Accounts], found: Return, came: Came, location: str) -> Outcome:
    """Books a return as a return authorization of its sales order, with the receipts of what is stock again."""
    key = _key("RA", found)
    draft = begun_draft(work, AUTHORIZE, key)
    if draft is None:
        order = _order(work, found)
        if not isinstance(order, Order):
            return order if order is not None else _without_order(work, found, came, location)
        came_of = [line for line in order.lines if line.sku in came.all]
        held = not_in_pieces(order, came_of, document_of(work.connection))
        if held is not None:
            return held
        lines = lines_by_sku(order, came.all, lambda line: line.done)
        if isinstance(lines, str):
            if work.now - (found.completed_at or work.now) < PATIENCE:
                why = f"return {found.return_id} holds {lines}: its shipment may not be fulfilled in NetSuite yet"
                return Later(work.now + AGAIN, why, planned=True)
            return Held(
                f"return {found.return_id} holds {lines} (as fulfilled by now). Book it by hand in NetSuite, or fulfil "
                "what has left, then replay."
            )
        draft = authorization_draft(order, lines, location, _day(work, found), found.return_id)
    target = Target("returnAuthorization", RETURN)
    ended = transform_once(work, AUTHORIZE, ("salesOrder", str(draft.identity["order"])), target, key, draft)
    if not isinstance(ended, Done):
        return ended
    identifier = str(ended.reference["id"])
    work.refer("return authorization", identifier)
    corrected = _correct(work, identifier, came)
    if not isinstance(corrected, Order):
        return corrected
    return _receive(work, found, came, corrected, location)


def _correct(work: Work[Accounts], identifier: str, came: Came) -> Order | Outcome:
    """What the transform proposed besides our lines is taken out again: the record is ours."""
    netsuite = work.clients.netsuite
    authorization = netsuite.order(RETURN, identifier)
    if authorization is None:
        return Later(work.now + timedelta(minutes=1), f"return authorization {identifier} does not show yet")
    if any(line.done for line in authorization.lines):
        return authorization  # received already, by us or by people: its lines are what they are
    body = correction_body(authorization, came.all)
    if body is None:
        return authorization
    effect = change_effect(netsuite, CORRECT, "returnAuthorization", identifier, replace="item")
    ended = work.once(effect, identifier, Draft(body))
    if not isinstance(ended, Done):
        return ended
    return netsuite.order(RETURN, identifier) or authorization


def _receive(work: Work[Accounts], found: Return, came: Came, authorization: Order, location: str) -> Outcome:
    """Restocked units to the centre's location, quarantined ones to their own: one receipt each."""
    quarantine = document_of(work.connection).settings.returns.quarantine_location
    parts = [(1, came.restocked, location), (2, came.quarantined, quarantine)]
    ids = [f"authorization {authorization.number}"]
    for part, units, place in parts:
        if not units:
            continue
        if place is None:
            work.note(f"quarantined, not received: {listed(units)} (settings.returns.quarantine_location is empty)")
            continue
        key = _key("IR-RET", found, part)
        draft = begun_draft(work, RECEIVE, key)
        if draft is None:
            if len(ids) > 1:  # the first receipt has changed what is open
                authorization = work.clients.netsuite.order(RETURN, authorization.order_id) or authorization
            lines = lines_by_sku(authorization, units, lambda line: line.open)
            if isinstance(lines, str):
                return Held(f"return {found.return_id}: {lines}. Correct the authorization in NetSuite, then replay.")
            draft = return_receipt_draft(authorization, lines, place, _day(work, found), found.return_id)
        source = ("returnAuthorization", str(draft.identity["authorization"]))
        ended = transform_once(work, RECEIVE, source, Target("itemReceipt", RECEIPT), key, draft)
        if not isinstance(ended, Done):
            return ended
        work.refer("receipt", str(ended.reference["id"]))
        ids.append(f"receipt {ended.reference['id']}")
    return _booked(work, came, ids, f"NetSuite holds ShipBob's return {found.return_id}: {', '.join(ids)}")


def _order(work: Work[Accounts], found: Return) -> Order | Held | None:
    """The sales order that the parcel belonged to: by our fulfilment of it, else by the order's name."""
    netsuite, shipment_id = work.clients.netsuite, found.original_shipment_id
    if shipment_id is None:
        return None
    order_id = netsuite.order_of_fulfilment(f"SB-IF-{shipment_id}")
    if order_id is not None:
        return netsuite.order(SALES_ORDER, order_id)
    shipment = work.clients.shipbob.shipment(shipment_id)
    order = work.clients.shipbob.order(shipment.order_id) if shipment is not None and shipment.order_id else None
    rules = document_of(work.connection)
    name = order_name(order.reference_id, order.order_number, rules) if order is not None else None
    if name is None:
        return None
    orders = netsuite.orders(SALES_ORDER, rules.settings.shipments.order_key, [name])
    if len(orders) > 1:
        why = f"return {found.return_id}: {name} names {len(orders)} sales orders"
        return Held(f"{why}; book it by hand, then close this record")
    return orders[0] if orders else None


def _without_order(work: Work[Accounts], found: Return, came: Came, location: str) -> Outcome:
    if document_of(work.connection).settings.returns.not_found == "adjust":
        return adjust(work, found, came, location)
    return Held(
        f"return {found.return_id} ({found.reference_id}): its sales order is not found in NetSuite. Book it by hand "
        "and close this record; or set returns.not_found to adjust and replay."
    )


# ---- adjustment ----------------------------------------------------------------------------------------------------


def adjust(work: Work[Accounts], found: Return, came: Came, location: str) -> Outcome:
    """Stock alone: restocked units (and quarantined ones, where they have a location)."""
    document = document_of(work.connection)
    quarantine = document.settings.returns.quarantine_location
    parts = [(1, came.restocked, location), (2, came.quarantined, quarantine)]
    ids = []
    for part, units, place in parts:
        if not units or place is None:
            continue
        key = _key("IA-RET", found, part)
        draft = begun_draft(work, ADJUST, key)
        if draft is None:
            items = netsuite_items(work, units)
            unknown = tuple(Missing(AT_NETSUITE, sku) for sku in units if sku not in items)
            if unknown:
                names = ", ".join(missing.value for missing in unknown)
                return Held(f"NetSuite has no stocked item named {names}. It continues when there is one.", unknown)
            rows = [(items[sku], count) for sku, count in sorted(units.items())]
            memo = f"ShipBob return {found.return_id}"
            draft = adjustment_draft(rows, place, _day(work, found), memo, document, {})
        effect = create_effect(work.clients.netsuite, ADJUST, "inventoryAdjustment", ADJUSTMENT)
        ended = work.once(effect, key, draft)
        if not isinstance(ended, Done):
            return ended
        ids.append(f"adjustment {ended.reference['id']}")
    if not ids:
        return Same(f"nothing of return {found.return_id} went back into stock")
    return _booked(work, came, ids, f"NetSuite holds what return {found.return_id} restocked: {', '.join(ids)}")
