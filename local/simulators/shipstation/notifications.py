"""What ShipStation tells subscribers: two members, a URL on a numbered host, and nothing about edits or voids."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from local.simulators.deliveries import split_due
from local.simulators.shipstation.records import Delivery, Fulfillment, Order, Shipment, Subscription
from local.simulators.shipstation.signing import signed_headers
from local.simulators.shipstation.world import World

EVENTS = (
    "ORDER_NOTIFY",
    "ITEM_ORDER_NOTIFY",
    "SHIP_NOTIFY",
    "ITEM_SHIP_NOTIFY",
    "FULFILLMENT_SHIPPED",
    "FULFILLMENT_REJECTED",
)
HOSTS = ("6", "4", "", "7", "11", "12")
RETRY_AFTER = (timedelta(seconds=60), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
AGENT = "ShipStation-Webhook/1.0"


def orders_arrived(world: World, orders: Sequence[Order]) -> None:
    """One notification per import action and store filter, for all its orders; our own pushes are no exception."""
    for event in ("ORDER_NOTIFY", "ITEM_ORDER_NOTIFY"):
        for subscription in _subscribers(world, event):
            mine = [each for each in orders if subscription.store_id in (None, each.store_id)]
            if mine:
                items = "&includeOrderItems=True" if event == "ITEM_ORDER_NOTIFY" else ""
                _announce(world, subscription, "orders", f"importBatch={mine[0].batch}{items}")


def labels_made(world: World, shipments: Sequence[Shipment]) -> None:
    """One notification for the labels of one act. Return labels are none of it."""
    outbound = [each for each in shipments if not each.is_return]
    for event in ("SHIP_NOTIFY", "ITEM_SHIP_NOTIFY"):
        for subscription in _subscribers(world, event):
            mine = [each for each in outbound if subscription.store_id in (None, each.store_id)]
            if mine:
                items = "True" if event == "ITEM_SHIP_NOTIFY" else "False"
                _announce(world, subscription, "shipments", f"batchId={mine[0].batch}&includeShipmentItems={items}")


def provider_acted(world: World, event: str, fulfillment: Fulfillment | None, order: Order) -> None:
    """FULFILLMENT_SHIPPED or FULFILLMENT_REJECTED; the form of its URL is not verified."""
    for subscription in _subscribers(world, event):
        if subscription.store_id in (None, order.store_id):
            _announce(world, subscription, "fulfillments", f"batchId={fulfillment.batch if fulfillment else order.id}")


def _subscribers(world: World, event: str) -> list[Subscription]:
    return [each for each in world.subscriptions.values() if each.active and each.event == event]


def _announce(world: World, subscription: Subscription, path: str, query: str) -> None:
    number = world.number("notification")
    host = "" if world.switches.bare_host else HOSTS[number % len(HOSTS)]
    store = f"storeID={subscription.store_id}&" if subscription.store_id is not None else ""
    url = f"https://ssapi{host}.shipstation.com/{path}?{store}{query}"
    body = json.dumps({"resource_url": url, "resource_type": subscription.event}, separators=(",", ":")).encode()
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"delivery-{number}"))
    delivery = Delivery(name, subscription.id, subscription.event, subscription.url, body, world.now())
    world.outbox.extend([delivery] * (1 + world.switches.duplicate_deliveries))


def take_due(world: World) -> list[Delivery]:
    """Takes what is due out of the outbox; signed now when the switch says so, lost when it says that."""
    now = world.now()
    due, world.outbox = split_due(world.outbox, now, reverse=world.switches.reorder_deliveries)
    if world.switches.drop_deliveries:
        world.lost.extend(due)
        return []
    return [
        replace(each, headers=_headers(world, each, now)) for each in due if each.subscription_id in world.subscriptions
    ]


def _headers(world: World, delivery: Delivery, now: datetime) -> dict[str, str]:
    usual = {"Content-Type": "application/json", "User-Agent": AGENT}
    if not world.switches.sign_webhooks:
        return usual
    return {**usual, **signed_headers(world.keys_of_webhooks, delivery.body, now, world.switches.base64url_signatures)}


def report(world: World, delivery: Delivery, accepted: bool) -> None:
    """What became of a delivery; a refused one comes back a few times, later and later."""
    if accepted:
        world.delivered += 1
    elif delivery.attempt > world.switches.webhook_retries:
        world.lost.append(delivery)
    else:
        wait = RETRY_AFTER[min(delivery.attempt, len(RETRY_AFTER)) - 1]
        due = world.now() + wait
        world.outbox.append(replace(delivery, attempt=delivery.attempt + 1, due=due, headers={}))
