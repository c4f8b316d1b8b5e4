"""What of a sales order must stay the same once ShipBob has it, and what became different, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from acumatica_shipbob.settings import AcumaticaShipBob
from vendors.acumatica.shapes import OrderLine, SalesOrder

GOODS = frozenset({"Goods for Inventory", ""})
"""Line types that are shipped. Labels are the ERP's; an empty one is a line of an older contract."""


def not_ours(line: OrderLine, order: SalesOrder, document: AcumaticaShipBob) -> str:
    """Why ShipBob never ships this line, open or not; empty when it does."""
    if line.drop_ship:
        return "a vendor ships it to the customer"
    if line.line_type not in GOODS:
        return f"it is of type {line.line_type}"
    warehouse = line.warehouse or order.preferred_warehouse or ""
    if warehouse not in document.tables.warehouses:
        return f"warehouse {warehouse or '(none)'} is not mapped to ShipBob"
    return ""


def recipient_of(order: SalesOrder) -> dict[str, Any]:
    """Who receives the order, as ShipBob wants it."""
    address = order.ship_to
    place = {
        "address1": address.line_1,
        "address2": address.line_2,
        "company_name": order.contact.business_name if order.contact.attention else "",
        "city": address.city,
        "state": address.state,
        "zip_code": address.postal_code,
        "country": address.country,
    }
    person: dict[str, Any] = {"name": order.contact.name, "address": {key: text for key, text in place.items() if text}}
    if order.contact.email:
        person["email"] = order.contact.email
    if order.contact.phone:
        person["phone_number"] = order.contact.phone
    return person


def order_identity(order: SalesOrder, document: AcumaticaShipBob) -> dict[str, Any]:
    """What must stay the same once the order was sent: who receives how many of what from where, and how.

    Only lines that are ShipBob's to ship: what becomes of the others is nobody's business there.
    """
    lines = [
        [line.line_number, line.inventory_id, wanted_quantity(line), line.uom, _place(line, order)]
        for line in order.lines
        if not not_ours(line, order, document)
    ]
    return {"recipient": recipient_of(order), "ship_via": order.ship_via or "", "lines": sorted(lines)}


def wanted_quantity(line: OrderLine) -> str:
    """How many a line wants in its own unit: what was ordered, or less where its rest was given up in Acumatica."""
    shipped = line.quantity_on_shipments
    given_up = line.completed and shipped is not None and shipped < line.order_quantity
    quantity = shipped if given_up and shipped is not None else line.order_quantity
    return f"{quantity.normalize():f}"


def _place(line: OrderLine, order: SalesOrder) -> str:
    return line.warehouse or order.preferred_warehouse or ""


def changes_since(order: SalesOrder, sent: Mapping[str, Any], document: AcumaticaShipBob) -> list[str]:
    """What a warehouse would have to know since the order was sent, in words. Our own shipments change none of it.

    `sent`: the identity of the order as it was sent.
    """
    now = order_identity(order, document)
    changes = _line_changes(order, sent["lines"], now["lines"])
    if sent["recipient"] != now["recipient"]:
        changes.append("the ship-to address or contact is another one")
    method = document.tables.ship_methods.get(now["ship_via"])
    if now["ship_via"] != sent["ship_via"] and method != sent["shipping_method"]:
        changes.append(
            f"the Ship Via is {now['ship_via'] or '(none)'} ({method or 'not mapped'}) instead of "
            f"{sent['ship_via'] or '(none)'} ({sent['shipping_method']})"
        )
    return changes


def _line_changes(order: SalesOrder, before: Sequence[Sequence[Any]], after: Sequence[Sequence[Any]]) -> list[str]:
    was, now = {(row[0], row[1]): row for row in before}, {(row[0], row[1]): row for row in after}
    places = {(line.line_number, line.inventory_id): _place(line, order) for line in order.lines}
    changes = []
    for key in sorted({*was, *now}):
        what = f"line {key[0]} ({key[1]})"
        if key not in now:
            place = places.get(key)
            where = "gone" if place is None else f"in warehouse {place or '(none)'}, or of a kind that is not sent, now"
            changes.append(f"{what} is {where} instead of {was[key][2]} {was[key][3]}")
        elif key not in was:
            changes.append(f"{what} is {now[key][2]} {now[key][3]} instead of not there")
        else:
            changes += [
                f"{what} is {word}{new} instead of {old}"
                for word, old, new in zip(("", "in ", "in warehouse "), was[key][2:], now[key][2:], strict=True)
                if old != new
            ]
    return changes
