"""What flow 3 remembers of the shipments it has written. The writes themselves are `vendors.acumatica.shipping`."""

from __future__ import annotations

from connector.ports import Item
from connector.services import Services


def note_written(services: Services, connection: str, number: str, warehouse: str, stamp: str) -> None:
    """Remembers a shipment of ours until its stock is posted: the stock flow must count it as in flight."""
    item: Item = {"pk": f"confirmed/{connection}", "sk": number, "warehouse": warehouse, "stamp": stamp}
    services.tables.put("state", item)
