"""Who calls this pair: Acumatica's push notifications and ShipBob's webhooks. Light imports: part of the cold start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connector.edge import standard_webhooks
from connector.edge.sender import Delivery, Identity, Sender
from connector.edge.shared_header import shared_header

_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)


def _push_notification(delivery: Delivery, document: Mapping[str, Any]) -> Identity:
    """`Id` is the ERP transaction; several queries report the same one, so only `(Id, Query)` names a notification.

    Without a GUID there is no id, and the edge goes by the bytes.
    """
    query, transaction = document.get("Query"), document.get("Id")
    name = query if isinstance(query, str) else ""
    if not isinstance(transaction, str) or not _GUID.fullmatch(transaction):
        return Identity("", name)
    return Identity(f"{transaction.lower()}#{name}", name)


def _shipbob_webhook(delivery: Delivery, document: Mapping[str, Any]) -> Identity:
    """ShipBob names the topic in a header alone."""
    return standard_webhooks.identify_by_header("x-webhook-topic", delivery, document)


# Acumatica, Integration Development Guide, "Push Notification Destinations": one static header, no signature.
ACUMATICA = Sender(
    "acumatica",
    "acumatica_webhook",
    verify=shared_header(),
    identify=_push_notification,
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
