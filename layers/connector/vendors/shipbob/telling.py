"""Which webhooks should have told of what a list shows (Webhooks page, topics): measures those that never came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vendors.shipbob.progress import beside, stage_of
from vendors.shipbob.shapes.shipments import CANCELLED, COMPLETED, Shipment
from vendors.shipbob.subscriptions import TOPICS


def wanted(pair: str, topics: Iterable[str]) -> tuple[str, ...]:
    """Those of the topics that the pair subscribes to."""
    subscribed = frozenset().union(*(group.topics for group in TOPICS[pair]))
    return tuple(sorted(subscribed & set(topics)))


def order_topics(pair: str, shipments: Sequence[Shipment]) -> tuple[str, ...]:
    """What should have been delivered by now for an order with these shipments."""
    return wanted(pair, [topic for shipment in shipments for topic in _of_shipment(shipment)])


def _of_shipment(shipment: Shipment) -> list[str]:
    topics = []
    if shipment.status == COMPLETED:
        topics.append("order.shipped")
    if stage_of(shipment) == "delivered":
        topics.append("order.shipment.delivered")
    if shipment.status == CANCELLED:
        topics.append("order.shipment.cancelled")
    if beside(shipment).startswith("Exception"):
        topics.append("order.shipment.exception")
    if beside(shipment).startswith("OnHold"):
        topics.append("order.shipment.on_hold")
    return topics
