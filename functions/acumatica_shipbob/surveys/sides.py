"""What the lists of this pair have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acumatica_shipbob.clients import Accounts, document_of
from acumatica_shipbob.mapping.orders import order_key_of
from connector.pair import Survey
from vendors.shipbob.shapes import Order

ERP, WAREHOUSE = "Acumatica", "ShipBob"

Row = Mapping[str, Any]
"""One thing as it was listed, as plain JSON: it is remembered between attempts."""


def ours(survey: Survey[Accounts], order: Order) -> bool:
    """Whether a ShipBob order was sent by this connection: by its reference, in our channel."""
    channel = order.channel_id in (None, survey.clients.shipbob.channel_id())
    return channel and order_key_of(document_of(survey.connection), order.reference_id) is not None
