"""Flow 5: what people at ShipStation do with our orders. Read by modifyDate; most of it is only noted.

A cancellation there goes to a person while the order is wanted in Acumatica. An order that became shipped has its
parcels looked for: marking as shipped makes a fulfilment, and the record says what was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from acumatica_shipstation.clients import Accounts, document_of
from acumatica_shipstation.mapping.order_changes import differences
from acumatica_shipstation.mapping.orders import source_key_of
from acumatica_shipstation.order_effects import CANCEL, ORDER, UPDATE
from acumatica_shipstation.parcels import known_parcels
from acumatica_shipstation.sent import note_merged
from acumatica_shipstation.shipments import STREAM, fulfillment_sightings, sightings
from connector.connection import Connection
from connector.instants import instant_text
from connector.intent import Intent, Stage, intent_from_item, intent_key
from connector.message import enqueue
from connector.outcome import Done, Held, Later, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.record import Record
from connector.records import Origin, Seen
from vendors.shipstation.shapes import CANCELLED, SHIPPED, Order, parse_order

PATIENCE = timedelta(minutes=15)
"""How long the other polls may take to hear of the parcels of an order that became shipped."""


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Our orders that changed at ShipStation."""
    window = polling.window
    for orders in polling.clients.shipstation.orders_modified(window.since, window.until):
        yield polling.news(state_sightings(polling.connection, orders))


def state_sightings(connection: Connection, orders: Iterable[Order]) -> list[Seen]:
    """Those orders that carry one of our keys."""
    document = document_of(connection)
    return [_seen(order) for order in orders if source_key_of(document, order.order_key)]


def _seen(order: Order) -> Seen:
    stamp = instant_text(order.modified_at) if order.modified_at is not None else order.status
    body = {name: value for name, value in order.document.items() if name not in ("billTo", "customerEmail")}
    text = f"ShipStation order {order.order_id} ({order.order_key}) is {order.status}."
    return Seen(str(order.order_id), f"{stamp} {order.status}", body, (("order", order.number),), text=text)


def work(work: Work[Accounts]) -> Outcome:
    """Compares one order with what was sent."""
    document = document_of(work.connection)
    order = _newest(work)
    if order is None:
        return Same("ShipStation no longer shows it")
    key = source_key_of(document, order.order_key)
    source = work.other("orders", key) if key is not None else None
    sent = _sent(work, source, order)
    if key is None or source is None or sent is None:
        return Same(f"order {order.order_key} was not sent by this connection, or is just being sent")
    work.refer("order", order.number)
    stamp = instant_text(order.modified_at) if order.modified_at is not None else order.status
    work.saw(f"{stamp} {order.status}")
    work.link(order=key, status=order.status)
    if order.merged_ids:
        note_merged(work, order.order_id, order.merged_ids)
    if order.status == CANCELLED:
        return _cancelled(work, order, key, source)
    if order.status == SHIPPED:
        return _shipped(work, order, key)
    edited = differences(order, sent.draft)
    for text in edited:
        work.note(f"edited at ShipStation: {text}")
    words = f"ShipStation order {order.order_id} is {order.status}"
    return Done({"order_id": order.order_id}, f"{words}, edited there" if edited else words) if edited else Same(words)


def _newest(work: Work[Accounts]) -> Order | None:
    """The order as the poll saw it: every order that we send is changed by that, and a call for each is too much."""
    if work.record.body is not None and work.record.cause not in ("replay", "resume"):
        return parse_order(work.record.body)
    return work.clients.shipstation.order(int(work.record.source_key))


def _sent(work: Work[Accounts], source: Record | None, order: Order) -> Intent | None:
    """The newest version that ShipStation has taken from us."""
    if source is None:
        return None
    number = int(source.links.get("updates") or 0)
    newest = (UPDATE, f"{order.order_key}#{number - 1}") if number else (ORDER, order.order_key)
    for effect, key in (newest, (ORDER, order.order_key)):
        item = work.services.tables.get("records", source.id, intent_key(effect, key))
        intent = intent_from_item(item) if item is not None else None
        if intent is not None and intent.stage is Stage.DONE:
            return intent
    return None


def _cancelled(work: Work[Accounts], order: Order, key: str, source: Record) -> Outcome:
    cancelled = work.services.tables.get("records", source.id, intent_key(CANCEL, str(order.order_id)))
    if cancelled is not None:
        return Same(f"ShipStation order {order.order_id} is cancelled, as order {key} was in Acumatica")
    merged = order.document.get("advancedOptions") or {}
    if merged.get("mergedOrSplit"):
        return Same(f"ShipStation order {order.order_id} was merged into another one there")
    return Held(
        f"ShipStation order {order.order_id} was cancelled there, and order {key} is still wanted in Acumatica: "
        "nothing of it will leave. Cancel it in Acumatica too, or restore it at ShipStation; then close this record."
    )


def _shipped(work: Work[Accounts], order: Order, key: str) -> Outcome:
    """An order that became shipped: the other polls hear of its parcels. Where they did not, they are looked for."""
    if known_parcels(work.services, work.connection.name, key):
        return Same(f"ShipStation order {order.order_id} is shipped, and parcels of it are known")
    waited = work.record.links.get("waits_for_parcels")
    if waited != order.status:
        work.link(waits_for_parcels=order.status)
        return Later(work.now + PATIENCE, "it is shipped, and its parcels are not known yet", planned=True)
    origin = Origin(
        work.connection.name, work.record.pair, STREAM, "poll", work.record.correlation, work.record.lane
    )
    labels = work.clients.shipstation.shipments_of_order(order.order_id)
    others = work.clients.shipstation.fulfillments_of_order(order.order_id)
    rows = [*sightings(work.services, work.connection, labels),
            *fulfillment_sightings(work.services, work.connection, others)]  # fmt: skip
    known = work.others(STREAM, [row.source_key for row in rows])
    news = [row for row in rows if row.source_key not in known]
    if news:
        enqueue(work.services, work.store.see(origin, news))
    if not rows and order.externally_fulfilled:
        return Held(
            f"ShipStation order {order.order_id} of order {key} is shipped, fulfilled outside ShipStation without a "
            "parcel. Write the shipment by hand in Acumatica, then close this record."
        )
    return Same(f"ShipStation order {order.order_id} is shipped; {len(rows)} parcels of it are known")


FLOW: Flow[Accounts] = Flow(
    "states", work, poll, every=timedelta(minutes=5), lag=timedelta(seconds=5), lane="nightly"
)
