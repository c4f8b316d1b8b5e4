"""Who calls this pair (Acumatica and ShipStation). Nobody yet: every webhook is answered with 404."""

from __future__ import annotations

from collections.abc import Mapping

from connector.edge.sender import Sender

SENDERS: Mapping[str, Sender] = {}
