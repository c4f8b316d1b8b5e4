"""Webhooks of V1: subscribe, list (PascalCase, wrapped), unsubscribe. Nothing is unique: that is the caller's work."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from local.simulators.base import Reply, json_reply
from local.simulators.checks import null_or
from local.simulators.shipstation import validation as v
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.notifications import EVENTS
from local.simulators.shipstation.problems import message, model_state
from local.simulators.shipstation.records import Subscription
from local.simulators.shipstation.world import World

BODY = v.record(
    {
        "target_url": v.text(shortest=1),
        "event": v.choice(*EVENTS, name="WebHookEvent"),
        "store_id": null_or(v.whole),
        "friendly_name": v.text(),
    },
    required=("target_url", "event"),
)
SELLER = 100000


def subscribe(world: World, asked: Asked) -> Reply:
    """POST /webhooks/subscribe: answers an id, in one of the two documented shapes."""
    body = asked.body
    parts = urlsplit(body["target_url"])
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise model_state({"request.target_url": ["The target_url field is not a valid URL."]})
    store = body.get("store_id")
    if store is not None and store not in world.stores:
        raise message(400, f"Store {store} was not found.")
    made = Subscription(
        world.number("webhook") + 123455, body["event"], body["target_url"], body.get("friendly_name"), store
    )
    world.subscriptions[made.id] = made
    if world.switches.record_shape:
        record = {"WebHookID": made.id, "HookType": made.event, "Url": made.url, "Name": made.name or ""}
        return json_reply(200, record)
    return json_reply(200, {"id": made.id})


def list_all(world: World, asked: Asked) -> Reply:
    """GET /webhooks."""
    rows: list[dict[str, Any]] = [
        {
            "IsLabelAPIHook": False,
            "WebHookID": each.id,
            "SellerID": SELLER,
            "StoreID": each.store_id,
            "HookType": each.event,
            "MessageFormat": "Json",
            "Url": each.url,
            "Name": each.name,
            "BulkCopyBatchID": None,
            "BulkCopyRecordID": None,
            "Active": each.active,
            "WebhookLogs": [],
            "Seller": None,
            "Store": None,
        }
        for each in world.subscriptions.values()
    ]
    return json_reply(200, {"webhooks": rows})


def unsubscribe(world: World, asked: Asked) -> Reply:
    """DELETE /webhooks/{webhookId}: 200 with an empty body."""
    number = int(asked.names["webhookId"])
    if number not in world.subscriptions:
        raise message(404, f"Webhook {number} was not found.")
    del world.subscriptions[number]
    return Reply(200, {}, b"")
