"""ShipBob as a caller of webhooks, for the pairs' edges. Light imports: part of their cold start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.edge import standard_webhooks
from connector.edge.sender import Delivery, Identity, Sender


def _identify(delivery: Delivery, document: Mapping[str, Any]) -> Identity:
    """ShipBob names the topic in a header alone."""
    return standard_webhooks.identify_by_header("x-webhook-topic", delivery, document)


# ShipBob, "Webhooks": the Standard Webhooks scheme; a repetition keeps its id and gets a fresh timestamp.
SHIPBOB = Sender(
    "shipbob",
    "shipbob_webhook",
    verify=standard_webhooks.verify,
    identify=_identify,
    headers=("content-type", "user-agent", "webhook-id", "webhook-timestamp", "x-webhook-topic"),
)
