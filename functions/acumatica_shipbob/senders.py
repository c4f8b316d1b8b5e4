"""Who calls this pair: Acumatica's push notifications and ShipBob's webhooks. Light imports: part of the cold start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.edge import standard_webhooks
from connector.edge.push_notifications import push_notification
from connector.edge.sender import Delivery, Identity, Sender
from connector.edge.shared_header import shared_header


def _shipbob_webhook(delivery: Delivery, document: Mapping[str, Any]) -> Identity:
    """ShipBob names the topic in a header alone."""
    return standard_webhooks.identify_by_header("x-webhook-topic", delivery, document)


# Acumatica, Integration Development Guide, "Push Notification Destinations": one static header, no signature.
ACUMATICA = Sender(
    "acumatica",
    "acumatica_webhook",
    verify=shared_header(),
    identify=push_notification,
)

# ShipBob, "Webhooks": the Standard Webhooks scheme; a repetition keeps its id and gets a fresh timestamp.
SHIPBOB = Sender(
    "shipbob",
    "shipbob_webhook",
    verify=standard_webhooks.verify,
    identify=_shipbob_webhook,
    headers=("content-type", "user-agent", "webhook-id", "webhook-timestamp", "x-webhook-topic"),
)

SENDERS: Mapping[str, Sender] = {sender.name: sender for sender in (ACUMATICA, SHIPBOB)}
