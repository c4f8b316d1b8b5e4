"""Flow 5: what people at ShipStation do with our orders. Read by modifyDate; most of it is only noted.

A cancellation there goes to a person while the order is wanted in Acumatica. An order that became shipped has its
parcels looked for: marking as shipped makes a fulfilment, and the record says what was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from acumatica_shipstation.clients import Accounts, document_of
from acumatica_shipstation.mapping.order_changes import differences
from acumatica_shipstation.mapping.orders import source_key_of
from acumatica_shipstation.mapping.parcels import LETTER
from acumatica_shipstation.order_effects import CANCEL, ORDER, UPDATE
from acumatica_shipstation.parcels import known_parcels
from acumatica_shipstation.sent import CANCELLATION, HOLD_OVER, note_merged
from acumatica_shipstation.settings import AcumaticaShipStation
from acumatica_shipstation.shipments import STREAM, fulfillment_sightings, sightings
from connector.connection import Connection
from connector.instants import instant_text
from connector.intent import Intent, Stage, intent_from_item, intent_key
from connector.message import enqueue
from connector.outcome import Done, Held, Later, Missing, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.record import Record
from connector.records import Origin, Seen
from vendors.acumatica.selling import CANCELLED as ERP_CANCELLED
from vendors.acumatica.selling import FINISHED
from vendors.shipstation.shapes import CANCELLED, ON_HOLD, REJECTED, SHIPPED, Order, parse_order

PATIENCE = timedelta(minutes=15)
"""How long the other polls may take to hear of the parcels of an order that became shipped."""


def _soon(work: Work[Accounts]) -> datetime:
    """When to look again at what has not shown itself yet."""
    return work.now + PATIENCE * work.connection.document.settle_scale


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
        return _cancelled(work, document, order, key, source)
    _hear_of_marks(work, order, key)
    if order.status == REJECTED:
        return Held(
            f"the fulfilment provider refused ShipStation order {order.order_id} of order {key}: nothing of it leaves. "
            "Ship it from ShipStation in another way, or cancel the order in Acumatica; then close this record."
        )
    if order.is_open and order.status != ON_HOLD and source.links.get("holding"):
        return _let_go(work, order, key, stamp)
    edited = differences(order, sent.draft)
    for text in edited:
        work.note(f"edited at ShipStation: {text}")
    if order.status == SHIPPED:
        return _shipped(work, order, key)
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


def _cancelled(
    work: Work[Accounts], document: AcumaticaShipStation, order: Order, key: str, source: Record
) -> Outcome:
    cancelled = work.services.tables.get("records", source.id, intent_key(CANCEL, str(order.order_id)))
    if cancelled is not None:
        return Same(f"ShipStation order {order.order_id} is cancelled, as order {key} was in Acumatica")
    if order.divided:
        return Same(f"ShipStation order {order.order_id} was merged into another one there")
    order_type, number = key.split("/", 1)
    erp = work.clients.acumatica.sales_order(order_type, number)
    collected = erp is not None and erp.will_call and document.settings.orders.skip_will_call
    if erp is None or erp.status in ERP_CANCELLED | FINISHED or collected:
        status = "gone" if erp is None else f"{erp.status}{', to be collected,' if collected else ''}"
        return Same(f"ShipStation order {order.order_id} was cancelled there; order {key} is {status} in Acumatica")
    return Held(
        f"ShipStation order {order.order_id} was cancelled there, and order {key} is still wanted in Acumatica: "
        "nothing of it will leave. Cancel it in Acumatica too, or restore it at ShipStation: either ends this by "
        "itself. Else close this record.",
        (Missing(CANCELLATION, f"{key}|{order.order_id}"),),
    )


def _let_go(work: Work[Accounts], order: Order, key: str, stamp: str) -> Outcome:
    """A hold of ours that is gone. A release in Acumatica may be just being passed on: it is given time."""
    if work.record.links.get("let_go") != stamp:
        work.link(let_go=stamp)
        return Later(_soon(work), "our hold on it is gone; a release may be on its way", planned=True)
    there = work.clients.shipstation.order(order.order_id)
    if there is None or not there.is_open or there.status == ON_HOLD:
        return Same(f"ShipStation order {order.order_id} is {there.status if there else 'gone'}")
    return Held(
        f"order {key} is on hold in Acumatica, and our hold on ShipStation order {order.order_id} is gone: somebody "
        "took it back, or its last day (settings.orders.hold_days) has come. It would be shipped. Put it on hold there "
        "again, or release the order in Acumatica: either ends this by itself.",
        (Missing(HOLD_OVER, key),),
    )


def _hear_of_marks(work: Work[Accounts], order: Order, key: str) -> None:
    """No list tells of a mark as shipped that was taken back: those of an order that has some are looked at anew."""
    known = known_parcels(work.services, work.connection.name, key)
    if not any(each.counts and each.key.startswith(LETTER) for each in known.values()):
        return
    marks = work.clients.shipstation.fulfillments_of_order(order.order_id)
    rows = fulfillment_sightings(work.services, work.connection, marks)
    origin = _origin(work)
    unchanged = work.store.unchanged(origin, rows)
    enqueue(work.services, work.store.see(origin, [row for row in rows if row.source_key not in unchanged]))


def _origin(work: Work[Accounts]) -> Origin:
    record = work.record
    return Origin(work.connection.name, record.pair, STREAM, "poll", record.correlation, record.lane)


def _shipped(work: Work[Accounts], order: Order, key: str) -> Outcome:
    """An order that became shipped: the other polls hear of its parcels. Where they did not, they are looked for."""
    if known_parcels(work.services, work.connection.name, key):
        return Same(f"ShipStation order {order.order_id} is shipped, and parcels of it are known")
    waited = work.record.links.get("waits_for_parcels")
    if waited != order.status:
        work.link(waits_for_parcels=order.status)
        return Later(_soon(work), "it is shipped, and its parcels are not known yet", planned=True)
    labels = work.clients.shipstation.shipments_of_order(order.order_id)
    others = work.clients.shipstation.fulfillments_of_order(order.order_id)
    rows = [*sightings(work.services, work.connection, labels),
            *fulfillment_sightings(work.services, work.connection, others)]  # fmt: skip
    known = work.others(STREAM, [row.source_key for row in rows])
    news = [row for row in rows if row.source_key not in known]
    if news:
        enqueue(work.services, work.store.see(_origin(work), news))
    if not rows and order.externally_fulfilled:
        return Held(
            f"ShipStation order {order.order_id} of order {key} is shipped, fulfilled outside ShipStation without a "
            "parcel. Write the shipment by hand in Acumatica, then close this record."
        )
    return Same(f"ShipStation order {order.order_id} is shipped; {len(rows)} parcels of it are known")


FLOW: Flow[Accounts] = Flow(
    "states", work, poll, every=timedelta(minutes=5), lag=timedelta(seconds=5), lane="nightly"
)
