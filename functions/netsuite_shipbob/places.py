"""Which purchase order a receiving order belongs to, by the number that it carries.

ShipBob's staff may split a receiving order; the parts keep the number and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.ports import Absent, Item
from connector.services import Services


@dataclass(frozen=True)
class Expected:
    """The purchase order (internal id) and the NetSuite location that a number stands for."""

    order_id: str
    location: str


def claim_number(services: Services, connection: str, proposed: str, expected: Expected, round_number: int) -> str:
    """The number of a receiving order: chosen once, whatever the purchase order is called later, and of one order only.

    NetSuite lets two purchase orders have one number, and one may be called like a part of another. Written before the
    receiving order is made. Raises ValueError when every form of the number belongs to another order.
    """
    tables, chosen = services.tables, f"receiving-number/{connection}"
    key = f"{expected.order_id}/{expected.location}/{round_number}"
    known = tables.get("state", chosen, key)
    if known is not None:
        return str(known["number"])
    longer = f"{proposed}-{expected.order_id}"
    for number in (proposed, longer, f"{longer}-L{expected.location}"):
        item: Item = {
            "pk": f"receiving/{connection}", "sk": number, "order_id": expected.order_id, "location": expected.location,
        }  # fmt: skip
        if tables.put("state", item, Absent()) or expected_of(services, connection, number) == expected:
            tables.put("state", {"pk": chosen, "sk": key, "number": number})
            return number
    raise ValueError(f"every form of the number {proposed} belongs to another purchase order")


def claim_fields(services: Services, connection: str, sales_order_id: str, shipbob_order: str) -> bool:
    """Whether the fields of a sales order are this ShipBob order's: a second one would overwrite its numbers."""
    item: Item = {"pk": f"order-fields/{connection}", "sk": sales_order_id, "shipbob_order": shipbob_order}
    if services.tables.put("state", item, Absent()):
        return True
    known = services.tables.get("state", str(item["pk"]), sales_order_id)
    return known is not None and str(known["shipbob_order"]) == shipbob_order


def expected_of(services: Services, connection: str, number: str) -> Expected | None:
    """What a number of ours stands for."""
    item = services.tables.get("state", f"receiving/{connection}", number)
    return Expected(str(item["order_id"]), str(item["location"])) if item is not None else None
