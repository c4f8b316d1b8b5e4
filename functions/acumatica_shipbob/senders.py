"""Who calls this pair: Acumatica's push notifications and ShipBob's webhooks. Light imports: part of the cold start."""

from __future__ import annotations

from collections.abc import Mapping

from connector.edge.push_notifications import push_notification
from connector.edge.sender import Sender
from connector.edge.shared_header import shared_header
from vendors.shipbob.sender import SHIPBOB

# Acumatica, Integration Development Guide, "Push Notification Destinations": one static header, no signature.
ACUMATICA = Sender("acumatica", "acumatica_webhook", verify=shared_header(), identify=push_notification)

SENDERS: Mapping[str, Sender] = {sender.name: sender for sender in (ACUMATICA, SHIPBOB)}
