"""Hearing of shipments: two polls that list orders, and what of an order matters in GP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.pair import Polling
from connector.record import Record, record_id, short_hash, to_json
from connector.records import Seen
from dynamicsgp_shipbob.clients import Accounts, document_of
from dynamicsgp_shipbob.orders import ours
from vendors.shipbob.shapes import Order
from vendors.shipbob.telling import order_topics


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Orders that ShipBob updated."""
    for orders in polling.clients.shipbob.orders_updated(polling.window.since):
        yield _news(polling, orders)


def poll_tracking(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Orders whose tracking changed, which does not always touch their last update."""
    for orders in polling.clients.shipbob.orders_tracked(polling.window.since):
        yield _news(polling, orders)


def _news(polling: Polling[Accounts], orders: Sequence[Order]) -> list[Seen]:
    document = document_of(polling.connection)
    names = {order.order_id: record_id(polling.connection.name, "orders", str(order.order_id)) for order in orders}
    strangers = [names[order.order_id] for order in orders if not ours(order, document)]
    entered = {key for key, source in polling.store.load_many(strangers).items() if is_entered(source)}
    mine = [order for order in orders if ours(order, document) or names[order.order_id] in entered]
    return polling.news([seen(order) for order in mine])


def is_entered(source: Record | None) -> bool:
    """Whether the order is in GP. Its shipments follow even if the start or the ignored channels were changed since."""
    return source is not None and bool(source.links.get("number"))


def revision_of(order: Order) -> str:
    """What of an order's shipments matters in GP, as a hash: scans and deliveries wake nobody."""
    facts = []
    for shipment in order.shipments:
        units = [[product.sku, product.quantity] for product in shipment.products]
        facts.append(
            [shipment.shipment_id, shipment.status, shipment.location_id, shipment.tracking_number or "", units]
        )
    return short_hash(to_json([order.status, facts]))


def seen(order: Order) -> Seen:
    """A sighting of an order's shipments."""
    text = f"ShipBob order {order.order_id} is {order.status}, with {len(order.shipments)} shipments."
    topics = order_topics("dynamicsgp_shipbob", order.shipments)
    return Seen(str(order.order_id), revision_of(order), dict(order.document), text=text, topics=topics)
