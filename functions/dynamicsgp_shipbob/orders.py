"""Flow 1: orders, ShipBob -> Dynamics GP sales orders.

ShipBob announces no new orders, so a poll lists them by the time they were made. Each becomes one unposted sales order
under a number that follows from ShipBob's id. GP answers a creation with nothing: the order is read again and compared,
because GP may replace prices and cut texts without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connector.absence import ONCE_MORE, ask_again_at, gone
from connector.edits import EDITS, Editable
from connector.instants import instant_text, parse_instant
from connector.outcome import Done, Held, Later, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.record import short_hash, to_json
from connector.records import Seen
from dynamicsgp_shipbob.clients import Accounts, document_of
from dynamicsgp_shipbob.creating import begun, named
from dynamicsgp_shipbob.entering import ENTITIES, ORDER, order_effect
from dynamicsgp_shipbob.mapping.amounts import plain
from dynamicsgp_shipbob.mapping.orders import (
    OrderNames,
    changed_by_gp,
    lacks_centre,
    names_of,
    order_draft,
    sku_of,
)
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from vendors.dynamics_gp.client import DynamicsGp
from vendors.shipbob.shapes import Order, parse_order

FRESH = timedelta(minutes=2)
"""A body that a poll stored this recently is the newest state."""

WAIT = timedelta(minutes=10)
"""How often an order is looked at that ShipBob has not finished taking in."""

LONGEST_WAIT = timedelta(hours=6)
"""For how long an order may lack a fulfilment centre before a person is asked."""



def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """New orders of every channel."""
    document = document_of(polling.connection)
    for orders in polling.clients.shipbob.orders_created(polling.window.since):
        yield polling.news([seen(order) for order in orders if ours(order, document)])


def ours(order: Order, document: DynamicsGpShipBob) -> bool:
    """Whether an order belongs into GP: made since the connection's start, in a channel that is not ignored."""
    if order.channel_id in document.settings.orders.ignore_channels:
        return False
    return order.created_at is None or order.created_at >= document.start


def revision_of(order: Order) -> str:
    """What of an order matters here, as a hash: its lines, whether it is cancelled or still being taken in."""
    lines = [[sku_of(line), line.quantity, str(line.unit_price)] for line in order.lines]
    return short_hash(to_json([order.is_cancelled, order.status == "ImportReview", lines]))


def seen(order: Order) -> Seen:
    """A sighting of an order."""
    names = (("order", order.order_number or ""), ("reference", order.reference_id or ""))
    text = f"ShipBob order {order.order_id} ({order.order_number or order.reference_id}) is {order.status}."
    return Seen(str(order.order_id), revision_of(order), dict(order.document), names, text=text)


# ---- the work -----------------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Enters one order in GP, or says why nothing is to be done."""
    document = document_of(work.connection)
    names = names_of(document, work.record.source_key)
    work.clients.dynamics_gp.ready()
    intent = work.ledger.lookup(ORDER, names.number)
    order = newest(work)
    if order is None:
        return gone(work, f"ShipBob no longer holds order {work.record.source_key}")
    work.saw(revision_of(order))
    _refer(work, order, names)
    order = work.edited(order)
    if not begun(intent):
        early = _not_now(work, document, order)
        if early is not None:
            if isinstance(early, Same):
                work.provide("sent order", str(order.order_id))  # its shipments need not wait for it any longer
            return early
    draft = order_draft(order, document, work.note)
    if isinstance(draft, Held):
        return draft
    ended = work.once(order_effect(work.clients.dynamics_gp, names, document), names.number, draft)
    if not isinstance(ended, Done):
        return named(ended, f"ShipBob order {order.order_id} was not entered in GP", draft.body)
    sent = work.ledger.lookup(ORDER, names.number)
    body = sent.draft if sent is not None else draft.body
    if work.record.links.get("verified") and work.record.cause != "replay":
        number = str(work.record.links["number"])
        entered: Outcome = Done({"number": number}, f"GP order {number} holds ShipBob order {order.order_id}")
    else:
        entered = _entered(work, document, order, body, names, ended.reference)
    if not isinstance(entered, Done):
        return entered
    return _late_edit(work, body, draft.body) or entered


def _late_edit(work: Work[Accounts], sent: Mapping[str, Any], wanted: Mapping[str, Any]) -> Held | None:
    """An edit that came after the order was sent to GP: it is not passed on, and must not look as if it was."""
    overlay = work.record.links.get(EDITS) or {}
    if not overlay or work.record.links.get("entered_edit") == overlay["at"]:
        return None
    if to_json(sent) == to_json(wanted):
        work.link(entered_edit=overlay["at"])
        return None
    return Held(
        f"the edit by {overlay['by']} came after GP order {work.links['number']} was entered, which stays as it was "
        "sent. Change that order in GP by hand, then take the edit away: ml-connector records edit-and-replay "
        f"{work.record.id} --drop --reason TEXT"
    )


def newest(work: Work[Accounts]) -> Order | None:
    """The order as it is now: what a poll has just stored, or read anew."""
    record = work.record
    if record.cause == "poll" and record.body is not None and work.now - parse_instant(record.body_at) < FRESH:
        return parse_order(record.body)
    return work.clients.shipbob.order(int(record.source_key))


def _refer(work: Work[Accounts], order: Order, names: OrderNames) -> None:
    work.refer("order", order.order_number or "")
    work.refer("reference", order.reference_id or "")
    work.refer("gp order", names.number)
    work.refer("purchase order", names.purchase_order)
    for shipment in order.shipments:
        work.refer("shipbob shipment", str(shipment.shipment_id))


def _not_now(work: Work[Accounts], document: DynamicsGpShipBob, order: Order) -> Outcome | None:
    """Why an order is not entered (yet); None when it shall be."""
    if order.channel_id in document.settings.orders.ignore_channels:
        return Same(f"orders of channel {order.channel_id} do not belong into GP (settings.orders.ignore_channels)")
    if order.is_cancelled:
        return Same("the order was cancelled at ShipBob before it was entered in GP")
    start = document.start
    if order.created_at is not None and order.created_at < start and work.record.cause != "replay":
        return Same(f"it was made before the connection's start, {instant_text(start)}; a replay enters it")
    if order.status == "ImportReview":
        return Later(work.now + WAIT, "ShipBob is still taking the order in (ImportReview)", planned=True)
    young = work.now - parse_instant(work.record.first_seen) < LONGEST_WAIT
    if document.settings.orders.default_site is None and lacks_centre(order) and young:
        return Later(work.now + WAIT, "ShipBob has not chosen a fulfilment centre for the order yet", planned=True)
    return None


def _entered(
    work: Work[Accounts],
    document: DynamicsGpShipBob,
    order: Order,
    body: Mapping[str, Any],
    names: OrderNames,
    reference: Mapping[str, Any],
) -> Outcome:
    """What follows for an order that GP holds: it is read again, and differences are shown."""
    kind = str(reference.get("kind", "Order"))
    number = str(reference.get("number") or "") or _number_given(work.clients.dynamics_gp, names)
    if not number:
        return unseen(
            work,
            f"GP took an order with the PO number {names.purchase_order} and shows none or several by it. Nothing is "
            "entered a second time: look in GP, then replay.",
        )
    _link(work, order, body, number, kind)
    held = work.clients.dynamics_gp.document(ENTITIES[kind], number)
    if held is None:
        return unseen(
            work,
            f"GP took order {number} and does not show it. It may have been transferred, deleted, or hidden from the "
            "account by a security rule. Nothing is entered a second time: look in GP, then close this record.",
        )
    if not held.is_open:
        state = "was voided" if held.is_voided else "is in history"
        return Done({"number": number}, f"{kind} {number} holds ShipBob order {order.order_id} and {state}")
    found = changed_by_gp(held, body)
    rules = document.settings.orders
    for text in found.prices:
        work.note(f"GP replaced a price: {text}")
    problems = list(found.others) + (list(found.prices) if rules.price_difference == "review" else [])
    if problems:
        advice = _price_advice(work.clients.dynamics_gp) if found.prices else ""
        return Held(
            f"GP holds order {number} otherwise than it was sent: {'; '.join(problems)}. {advice}Correct it in GP and "
            "replay, or close this record to accept it."
        )
    work.link(verified=True)
    return Done({"number": number}, f"GP order {number} holds ShipBob order {order.order_id}")


def unseen(work: Work[Accounts], text: str) -> Outcome:
    """A document that ought to be in GP and is not shown: a person is asked once GP has said so twice."""
    again = ask_again_at(work, text)
    return Held(text) if again is None else Later(again, ONCE_MORE)


def _price_advice(gp: DynamicsGp) -> str:
    """The policy that replaces prices, in words, if it is set."""
    if gp.calculates_prices("CreateSalesOrder") is False:
        return ""
    return (
        "GP's policy calculates unit prices from its own price lists; have an administrator set 'Calculate Unit Price' "
        "of CreateSalesOrder to 'Do Not Calculate' in the Dynamics Security Console, or set prices to gp. "
    )


def _number_given(gp: DynamicsGp, names: OrderNames) -> str:
    """The number that GP gave an order, by its PO number."""
    found = [row for row in gp.documents_by_purchase_order(names.purchase_order) if row.kind in ENTITIES]
    return found[0].number if len(found) == 1 else ""


def _link(work: Work[Accounts], order: Order, body: Mapping[str, Any], number: str, kind: str) -> None:
    """Facts that the other flows need. A line's units are kept: the mapping table may change later."""
    table = document_of(work.connection).tables.items
    known = {row[0]: row for row in work.record.links.get("lines") or ()}
    rows = []
    for line, sent in zip(order.lines, body["Lines"], strict=True):
        price, sequence = sent.get("UnitPrice", {}).get("Value"), int(sent["Key"]["LineSequenceNumber"])
        row = table[sku_of(line)]
        made = [
            sequence, sku_of(line), sent["ItemKey"]["Id"], sent["UofM"], sent["Quantity"]["Value"], price,
            plain(row.units), row.pieces,
        ]  # fmt: skip
        rows.append(known.get(sequence, made))
    customer, currency = body["CustomerKey"]["Id"], body["CurrencyKey"]["ISOCode"]
    sites = {sent["Key"]["LineSequenceNumber"]: sent["WarehouseKey"]["Id"] for sent in body["Lines"]}
    work.link(number=number, kind=kind, customer=customer, currency=currency, lines=rows, sites=sites)
    work.refer("gp order", number)
    work.provide("sent order", str(order.order_id))


FIXED = (
    "order_id", "reference_id", "order_number", "status", "channel_id", "channel_name", "created_at", "lines",
    "shipments", "tags", "total_price", "document",
)  # fmt: skip
"""What says which order it is, and the SKUs and quantities that its shipments are compared with."""

FLOW: Flow[Accounts] = Flow(
    "orders", work, poll, every=timedelta(minutes=1), overlap=timedelta(minutes=15), open_ended=True,
    editable=Editable(Order, FIXED),
)  # fmt: skip
