"""Who calls this pair: Acumatica's push notifications and ShipStation's webhooks. Light: part of the cold start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.edge import url_token
from connector.edge.key_signature import Headers, signed_or
from connector.edge.push_notifications import push_notification
from connector.edge.sender import Delivery, Identity, Sender
from connector.edge.shared_header import shared_header

SIGNED = Headers(
    "x-shipengine-rsa-sha256-key-id", "x-shipengine-rsa-sha256-signature", "x-shipengine-timestamp"
)
"""V2's guide says that all webhooks are signed, V1's pages say nothing: checked where they are there."""


def _notification(delivery: Delivery, document: Mapping[str, Any]) -> Identity:
    """No id: a notification names its batch, so the same bytes are the same notification."""
    kind = document.get("resource_type")
    return Identity("", kind if isinstance(kind, str) else "")


# Acumatica, Integration Development Guide, "Push Notification Destinations": one static header, no signature.
ACUMATICA = Sender("acumatica", "acumatica_webhook", verify=shared_header(), identify=push_notification)

# ShipStation, "Subscribe to Webhook": no shared secret. The token is the last part of the address that was subscribed.
SHIPSTATION = Sender(
    "shipstation",
    "shipstation_webhook",
    verify=signed_or(SIGNED, url_token.verify),
    identify=_notification,
    headers=("content-type", "user-agent", "x-shipengine-rsa-sha256-key-id", "x-shipengine-timestamp"),
)

SENDERS: Mapping[str, Sender] = {sender.name: sender for sender in (ACUMATICA, SHIPSTATION)}
