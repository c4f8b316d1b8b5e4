"""Which order of NetSuite something at ShipBob is of: a receiving order by its number, an order by its tag or name.

ShipBob's staff may split a receiving order; the parts keep the number and nothing else. People may give an order of
NetSuite another number after it was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.pair import Work
from connector.ports import Absent, Item
from connector.services import Services
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.orders import OWNER
from netsuite_shipbob.neighbours import owner_of_centre, shares_with
from netsuite_shipbob.settings import NetSuiteShipBob
from vendors.netsuite.shapes import SALES_ORDER, Order
from vendors.shipbob.shapes import Order as ShipBobOrder


@dataclass(frozen=True)
class Expected:
    """The purchase order (internal id) and the NetSuite location that a number stands for."""

    order_id: str
    location: str


def claim_number(
    services: Services, document: NetSuiteShipBob, proposed: str, expected: Expected, round_number: int
) -> str:
    """The number of a receiving order: chosen once, whatever the purchase order is called later, and of one order only.

    NetSuite lets two purchase orders have one number, one may be called like a part of another, and a second connection
    of the account may expect other lines of the same one. Written before the receiving order is made. Raises ValueError
    when every form of the number belongs to another order.
    """
    tables, chosen = services.tables, f"receiving-number/{document.connection}"
    key = f"{expected.order_id}/{expected.location}/{round_number}"
    known = tables.get("state", chosen, key)
    if known is not None:
        return str(known["number"])
    longer = f"{proposed}-{expected.order_id}"
    for number in (proposed, longer, f"{longer}-L{expected.location}"):
        item: Item = {
            "pk": _numbers(document), "sk": number, "order_id": expected.order_id, "location": expected.location,
            "connection": document.connection,
        }  # fmt: skip
        before = _of_older_version(services, document, number)
        if before is not None and _expected(before) != expected:
            continue
        if tables.put("state", item, Absent()) or expected_of(services, document, number) == expected:
            tables.put("state", {"pk": chosen, "sk": key, "number": number})
            return number
    raise ValueError(f"every form of the number {proposed} belongs to another purchase order")


def _numbers(document: NetSuiteShipBob) -> str:
    return f"receiving-of/{document.systems.netsuite.account_id}"


def expected_of(services: Services, document: NetSuiteShipBob, number: str) -> Expected | None:
    """What a number of ours stands for."""
    item = services.tables.get("state", _numbers(document), number)
    if item is None:
        item = _of_older_version(services, document, number)
    ours = item is not None and item.get("connection", document.connection) == document.connection
    return _expected(item) if item is not None and ours else None


def _of_older_version(services: Services, document: NetSuiteShipBob, number: str) -> Item | None:
    """Older versions kept the numbers of each connection by themselves."""
    return services.tables.get("state", f"receiving/{document.connection}", number)


def _expected(item: Item) -> Expected:
    return Expected(str(item["order_id"]), str(item["location"]))


def awaited_orders(services: Services, document: NetSuiteShipBob, numbers: Sequence[str]) -> set[str]:
    """The purchase orders (internal ids) of this connection that numbers of receiving orders stand for."""
    keys = [(_numbers(document), number) for number in dict.fromkeys(numbers)]
    found = services.tables.get_many("state", keys).values() if keys else ()
    return {str(item["order_id"]) for item in found if item.get("connection") == document.connection}


def owner_of_receiving(services: Services, document: NetSuiteShipBob, number: str | None, centre_id: int | None) -> str:
    """The other connection of the same accounts that a receiving order is of, which is not one of ours by its number;
    empty where it is nobody's."""
    item = services.tables.get("state", _numbers(document), number) if number else None
    owner = str(item["connection"]) if item is not None else ""
    if owner and owner != document.connection and shares_with(services, document, owner):
        return owner
    return owner_of_centre(services, document, centre_id)


def claim_fields(services: Services, connection: str, sales_order_id: str, shipbob_order: str) -> bool:
    """Whether the fields of a sales order are this ShipBob order's: a second one would overwrite its numbers."""
    item: Item = {"pk": f"order-fields/{connection}", "sk": sales_order_id, "shipbob_order": shipbob_order}
    if services.tables.put("state", item, Absent()):
        return True
    known = services.tables.get("state", str(item["pk"]), sales_order_id)
    return known is not None and str(known["shipbob_order"]) == shipbob_order


# ---- sales orders --------------------------------------------------------------------------------------------------


def sent_reference(services: Services, connection: str, sales_order_id: str) -> str | None:
    """The reference under which a sales order is or was about to be sent to ShipBob."""
    known = services.tables.get("state", f"order-reference/{connection}", sales_order_id)
    return None if known is None else str(known["reference"])


def claim_reference(services: Services, connection: str, sales_order_id: str, reference: str) -> None:
    """Notes the reference under which a sales order is about to be sent."""
    item: Item = {"pk": f"order-reference/{connection}", "sk": sales_order_id, "reference": reference}
    services.tables.put("state", item)


def sales_orders(work: Work[Accounts], order: ShipBobOrder, name: str) -> tuple[Order, ...]:
    """The sales orders that a ShipBob order may be of.

    One that we sent, or found before, is found whatever it is called by now.
    """
    netsuite, rules = work.clients.netsuite, document_of(work.connection).settings.shipments
    owner = dict(order.tags).get(OWNER, "")
    if owner.isascii() and owner.isdigit():  # a tag that others wrote must not lead to an order that is not theirs
        ours = sent_reference(work.services, work.connection.name, owner) == order.reference_id
        sent = netsuite.order(SALES_ORDER, owner) if ours else None
        if sent is not None:
            return (sent,)
    found = netsuite.orders(SALES_ORDER, rules.order_key, [name])
    if found:
        return found
    record = work.other("shipments", str(order.order_id))
    links = record.links if record is not None else {}
    before = netsuite.order(SALES_ORDER, str(links["so_id"])) if links.get("so_id") else None
    if before is not None:
        work.note(f"NetSuite has no sales order {name} any more; it is {before.number} by now")
        return (before,)
    return netsuite.orders(SALES_ORDER, "fulfilment", [f"SB-IF-{key}" for key in sorted(links.get("posted") or {})][:1])
