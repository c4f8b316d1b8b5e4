"""Flow 6: NetSuite sales orders -> ShipBob orders. Off unless settings.orders.enabled is true.

Sent once, under the reference <prefix><order number>. ShipBob cannot edit an order: what changes afterwards is held for
a person with the differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connector.absence import gone
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.outcome import Done, Held, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.records import Seen
from connector.transport import Reply
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.items import inventory_ids
from netsuite_shipbob.mapping.orders import (
    changes_of,
    lines_for_shipbob,
    order_differences,
    order_draft,
    revision_of,
)
from netsuite_shipbob.places import claim_reference, sent_reference
from netsuite_shipbob.reading import changes
from netsuite_shipbob.writing import begun_draft
from vendors.netsuite.shapes import SALES_ORDER, Order, order_document
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import parse_order

SEND = "shipbob.order"
SETTLE = timedelta(seconds=90)
STATUSES = ("B", "D", "E", "C", "H")


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Sales orders that changed since the last reading, with lines at mapped locations."""
    document = document_of(polling.connection)
    if not document.settings.orders.enabled:
        return
    for orders in changes(polling, SALES_ORDER, STATUSES):
        rows = [_seen(order) for order in orders]
        known = polling.store.load_many([polling.origin.record(row) for row in rows])
        yield polling.news(
            [
                row
                for row, order in zip(rows, orders, strict=True)
                if polling.origin.record(row) in known or (order.is_open and lines_for_shipbob(order, document))
            ]
        )


def _seen(order: Order) -> Seen:
    text = f"Found sales order {order.number}, status {order.letter}, changed {order.modified}."
    return Seen(order.order_id, revision_of(order), order_document(order), (("order", order.number),), text=text)


def work(work: Work[Accounts]) -> Outcome:
    """Sends one sales order, once."""
    document = document_of(work.connection)
    if not document.settings.orders.enabled:
        return Same("sales orders are not sent (settings.orders.enabled)")
    netsuite = work.clients.netsuite
    order = netsuite.order(SALES_ORDER, work.record.source_key)
    if order is None:
        return gone(work, f"NetSuite no longer holds sales order {work.record.source_key}")
    work.saw(revision_of(order))
    work.refer("order", order.number)
    sent = work.record.links.get("sent")
    if sent is not None:
        return _after(work, order, dict(sent))
    reference = _reference(work, order)
    draft = begun_draft(work, SEND, reference) or _draft(work, order, reference)
    if not isinstance(draft, Draft):
        return draft
    ended = work.once(send_effect(work.clients.shipbob), reference, draft)
    if not isinstance(ended, Done):
        return ended
    work.link(sent=draft.identity["lines"], shipbob_order_id=ended.reference["order_id"])
    return Done(ended.reference, f"ShipBob order {ended.reference['order_id']} ({reference}) holds {order.number}")


def _reference(work: Work[Accounts], order: Order) -> str:
    """The reference of a sales order. One that was sent under it, and renamed while the answer is lost, keeps it."""
    services, name = work.services, work.connection.name
    known = sent_reference(services, name, order.order_id)
    if known is not None and begun_draft(work, SEND, known) is not None:
        return known
    reference = f"{document_of(work.connection).settings.orders.reference_prefix}{order.number}"
    claim_reference(services, name, order.order_id, reference)
    return reference


def _draft(work: Work[Accounts], order: Order, reference: str) -> Draft | Outcome:
    document = document_of(work.connection)
    lines = lines_for_shipbob(order, document)
    if not order.is_open or not lines:
        return Same(f"sales order {order.number} (status {order.letter}) has nothing open that goes to ShipBob")
    record = work.clients.netsuite.records.get("salesOrder", order.order_id)
    if record is None:
        return gone(work, f"NetSuite does not show the ship-to of sales order {order.number}")
    methods = [method.name for method in work.clients.shipbob.shipping_methods()]
    inventory = inventory_ids(work, [line.sku for line in lines])
    return order_draft(order, reference, record, inventory, methods, document)


def _after(work: Work[Accounts], order: Order, sent: dict[str, Sequence[object]]) -> Outcome:
    changes = changes_of(sent, order, document_of(work.connection))
    identifier = work.record.links.get("shipbob_order_id")
    if not changes or order.letter in ("F", "G"):
        return Same(f"sales order {order.number} is as it was sent")
    return Held(
        f"sales order {order.number} was sent as ShipBob order {identifier} and has changed: {'; '.join(changes)}. "
        "ShipBob cannot edit an order: change or cancel it there by hand, then close this record."
    )


def send_effect(shipbob: ShipBob) -> Effect:
    """Creates an order. ShipBob refuses a second one with the same reference_id (422), and can be asked for it."""

    def find(key: str) -> Found | None:
        orders = shipbob.find_by_references([key])
        return Found({"order_id": orders[0].order_id}, orders[0].document) if orders else None

    def read(reply: Reply) -> Reference:
        return {"order_id": parse_order(reply.json()).order_id}

    return Effect(
        SEND, "ShipBob", Repeat.FINDABLE, SETTLE, find, lambda key, draft: shipbob.create_order(draft.body), read,
        order_differences,
    )  # fmt: skip


FLOW: Flow[Accounts] = Flow("orders", work, poll, every=timedelta(minutes=15), open_ended=True)
