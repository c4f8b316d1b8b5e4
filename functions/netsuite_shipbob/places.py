"""Which purchase order a receiving order belongs to, by the number that it carries.

ShipBob's staff may split a receiving order; the parts keep the number and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.ports import Item
from connector.services import Services


@dataclass(frozen=True)
class Expected:
    """The purchase order (internal id) and the NetSuite location that a number stands for."""

    order_id: str
    location: str


def note_receiving(services: Services, connection: str, number: str, order_id: str, location: str) -> None:
    """Remembers what a number stands for. Written before the receiving order is made."""
    item: Item = {"pk": f"receiving/{connection}", "sk": number, "order_id": order_id, "location": location}
    services.tables.put("state", item)


def expected_of(services: Services, connection: str, number: str) -> Expected | None:
    """What a number of ours stands for."""
    item = services.tables.get("state", f"receiving/{connection}", number)
    return Expected(str(item["order_id"]), str(item["location"])) if item is not None else None
