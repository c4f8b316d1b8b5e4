"""Webhooks: subscriptions, signatures after the Standard Webhooks scheme, and the queue of deliveries.

A driver takes due deliveries, posts them and reports how it went. A failed one comes back after the next step of the
retry schedule with the same id and body and a fresh timestamp; five days of nothing but failures disable the endpoint.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from local.simulators.deliveries import split_due
from local.simulators.shipbob.formats import plain
from local.simulators.shipbob.order_views import order_view, shipment_view
from local.simulators.shipbob.records import Delivery, Subscription
from local.simulators.shipbob.world import World

RETRY_AFTER = [timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 36000)]
DISABLE_AFTER = timedelta(days=5)
ROTATION = timedelta(hours=24)
TOPICS_2025_07 = [
    "order.shipped",
    "order.shipment.delivered",
    "order.shipment.exception",
    "order.shipment.on_hold",
    "order.shipment.cancelled",
    "return.created",
    "return.updated",
    "return.completed",
]
TOPICS_2026_01 = [*TOPICS_2025_07, "billing.charge.created", "billing.refund.created", "billing.credit.created"]
TOPICS_NEWER = [
    *TOPICS_2026_01,
    *[
        "order.delivered",
        "order.shipment.tracking.updated",
        "order.shipment.address.updated",
        "order.shipment.line_item.added",
        "order.shipment.line_item.removed",
        "order.shipment.line_item.updated",
        "order.shipment.shipping_service.updated",
        "wro.created",
        "wro.updated",
        "wro.completed",
        "wro.box.arrived",
        "wro.box.scanned",
        "wro.box.stowed",
    ],
]


def topics_of(version: str, newer: bool) -> Sequence[str]:
    """The topics that a subscription of a version may name."""
    if version >= "2026-07" or newer:
        return TOPICS_NEWER
    return TOPICS_2025_07 if version == "2025-07" else TOPICS_2026_01


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>`: HMAC-SHA256 over `id.timestamp.body`, keyed with the base64-decoded text after `whsec_`."""
    text = secret.removeprefix("whsec_")
    key = base64.b64decode(text + "=" * (-len(text) % 4))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def headers_of(world: World, subscription: Subscription, delivery: Delivery) -> dict[str, str]:
    """The signed headers of one attempt; the timestamp is that of the attempt."""
    now = world.now()
    timestamp = int(now.timestamp())
    rotating = (
        subscription.old_secret is not None and subscription.old_until is not None and now < subscription.old_until
    )
    secrets = [subscription.old_secret] if rotating and subscription.old_secret else []
    signatures = [sign(secret, delivery.id, timestamp, delivery.body) for secret in [*secrets, subscription.secret]]
    if world.switches.unpadded_signatures:
        signatures = [signature.rstrip("=") for signature in signatures]
    return {
        "content-type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
        "x-webhook-topic": delivery.topic,
    }


def announce(world: World, topic: str, body: Any) -> None:
    """Queues one message for every enabled subscription of the topic."""
    raw = json.dumps(plain(body), ensure_ascii=False, separators=(",", ":")).encode()
    for subscription in world.subscriptions.values():
        if subscription.enabled and topic in subscription.topics:
            number = world.number("message")
            name = f"msg_{hashlib.sha256(f'{subscription.id}/{number}'.encode()).hexdigest()[:27]}"
            delivery = Delivery(name, subscription.id, topic, subscription.url, raw, 1, world.now())
            world.outbox.extend([delivery] * (1 + world.switches.duplicate_deliveries))


def announce_shipment(world: World, topic: str, shipment_id: int) -> None:
    """An `order.shipment.*` message: the bare shipment."""
    announce(world, topic, shipment_view(world, world.shipments[shipment_id], "2026-01"))


def announce_order(world: World, topic: str, order_id: int) -> None:
    """An `order.*` message: the bare order with its shipments."""
    announce(world, topic, order_view(world, world.orders[order_id], "2026-01"))


def take_due(world: World) -> list[Delivery]:
    """Takes what is due out of the outbox, signed now; in reverse order when the switch says so."""
    due, world.outbox = split_due(world.outbox, world.now(), reverse=world.switches.reorder_deliveries)
    return [
        replace(delivery, headers=headers_of(world, world.subscriptions[delivery.subscription_id], delivery))
        for delivery in due
        if _alive(world, delivery)
    ]


def _alive(world: World, delivery: Delivery) -> bool:
    subscription = world.subscriptions.get(delivery.subscription_id)
    return subscription is not None and subscription.enabled


def report(world: World, delivery: Delivery, accepted: bool) -> None:
    """What became of an attempt: a 2xx within 15 seconds (`accepted`), or anything else."""
    subscription = world.subscriptions.get(delivery.subscription_id)
    if subscription is None:
        return
    if accepted:
        world.subscriptions[subscription.id] = replace(subscription, failing_since=None)
        return
    now = world.now()
    since = subscription.failing_since or now
    world.subscriptions[subscription.id] = replace(
        subscription, failing_since=since, enabled=now - since < DISABLE_AFTER
    )
    if delivery.attempt > len(RETRY_AFTER) or not world.subscriptions[subscription.id].enabled:
        world.dead_deliveries.append(delivery)
        return
    due = now + RETRY_AFTER[delivery.attempt - 1]
    world.outbox.append(replace(delivery, attempt=delivery.attempt + 1, due=due, headers={}))


def rotate(world: World, subscription_id: str, secret: str) -> datetime:
    """Gives a subscription a new secret; for a day both sign. Answers when the old one ends."""
    subscription = world.subscriptions[subscription_id]
    until = world.now() + ROTATION
    world.subscriptions[subscription_id] = replace(
        subscription, secret=secret, old_secret=subscription.secret, old_until=until
    )
    return until
