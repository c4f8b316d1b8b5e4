"""What of a sales order must stay the same once ShipBob has it, and what became different, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acumatica_shipbob.settings import AcumaticaShipBob
from vendors.acumatica.selling import line_changes, wanted_lines
from vendors.acumatica.shapes import SalesOrder


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
    lines = wanted_lines(order, document.tables.warehouses)
    return {"recipient": recipient_of(order), "ship_via": order.ship_via or "", "lines": lines}


def changes_since(order: SalesOrder, sent: Mapping[str, Any], document: AcumaticaShipBob) -> list[str]:
    """What a warehouse would have to know since the order was sent, in words. Our own shipments change none of it.

    `sent`: the identity of the order as it was sent.
    """
    now = order_identity(order, document)
    changes = line_changes(order, sent["lines"], now["lines"])
    if sent["recipient"] != now["recipient"]:
        changes.append("the ship-to address or contact is another one")
    method = document.tables.ship_methods.get(now["ship_via"])
    if now["ship_via"] != sent["ship_via"] and method != sent["shipping_method"]:
        changes.append(
            f"the Ship Via is {now['ship_via'] or '(none)'} ({method or 'not mapped'}) instead of "
            f"{sent['ship_via'] or '(none)'} ({sent['shipping_method']})"
        )
    return changes

