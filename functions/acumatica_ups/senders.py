"""Who calls this pair: Acumatica's push notifications and UPS Track Alert. Light imports: part of the cold start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.edge import push_tokens
from connector.edge.push_notifications import push_notification
from connector.edge.sender import Delivery, Identity, Sender
from connector.edge.shared_header import shared_header
from vendors.ups.identity import push_key, push_topic


def _scan(delivery: Delivery, document: Mapping[str, Any]) -> Identity:
    """UPS gives its events no id; number, time, type and code name one. Without a number the edge goes by the bytes."""
    return Identity(push_key(document), push_topic(document))


# Acumatica, Integration Development Guide, "Push Notification Destinations": one static header, no signature.
ACUMATICA = Sender("acumatica", "acumatica_webhook", verify=shared_header(), identify=push_notification)

# UPS Track Alert: no signature. v1 sends the subscription's own `credential`; v2 what was typed into UPS's portal. The
# secret names the header: {"header_name": "credential", "secrets": [...]}, or `authorization` with "Bearer ...". With
# {"client_id": ..., "secrets": [...]} UPS fetches a token at /token first (v2, OAuth).
UPS = Sender(
    "ups", "ups_webhook", verify=push_tokens.tokens_or(shared_header()), identify=_scan, issue=push_tokens.issue
)

SENDERS: Mapping[str, Sender] = {sender.name: sender for sender in (ACUMATICA, UPS)}
