"""Who calls this pair: ShipBob's webhooks. NetSuite has none. Light imports: part of the cold start."""

from __future__ import annotations

from collections.abc import Mapping

from connector.edge.sender import Sender
from vendors.shipbob.sender import SHIPBOB

SENDERS: Mapping[str, Sender] = {SHIPBOB.name: SHIPBOB}
