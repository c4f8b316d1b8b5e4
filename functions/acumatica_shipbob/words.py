"""This pair in an operator's words: what each write does, what a record's links say.."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from acumatica_shipbob import adjusting, after_sending, charges, items, orders
from connector.pair import Deed
from connector.record import Record
from vendors.acumatica import shipping

DEEDS: Mapping[str, Deed] = {
    orders.ORDER: Deed("create", "a ShipBob order"),
    after_sending.CANCEL: Deed("cancel", "the ShipBob order"),
    items.CREATE: Deed("create", "a ShipBob product"),
    items.UPDATE: Deed("update", "the ShipBob product"),
    shipping.CREATE: Deed(
        "create", "an Acumatica shipment", (shipping.FILL, shipping.SHOW, shipping.CONFIRM)
    ),
    shipping.FILL: Deed(
        "update", "quantities, packages and tracking of the Acumatica shipment", (shipping.CONFIRM,)
    ),
    shipping.CONFIRM: Deed("update", "the Acumatica shipment (confirm it)"),
    shipping.RELABEL: Deed("update", "the tracking number on the Acumatica shipment"),
    shipping.SHOW: Deed("update", "the tracking text of the Acumatica order"),
    adjusting.ADJUST: Deed("create", "an Acumatica inventory adjustment", (adjusting.RELEASE,)),
    adjusting.RELEASE: Deed("update", "the Acumatica inventory adjustment (release it)"),
    charges.BILL: Deed("create", "an Acumatica bill"),
    charges.RELEASE: Deed("update", "the Acumatica bill (release it)"),
}


def tell(record: Record) -> Sequence[str]:
    """What a record is linked to on the other side, as sentences."""
    teller = _TELLERS.get(record.stream)
    return teller(record.links) if teller is not None else ()


def _order(links: Mapping[str, Any]) -> list[str]:
    if "shipbob_order_id" not in links:
        return []
    units = sum(int(row[2]) for row in links.get("lines", ()))
    return [f"ShipBob order {links['shipbob_order_id']} holds it: {len(links.get('lines', ()))} lines, {units} units."]


def _shipments(links: Mapping[str, Any]) -> list[str]:
    posted: Mapping[str, Any] = links.get("posted") or {}
    told = []
    for key, facts in sorted((links.get("progress") or {}).items()):
        number = f" under {facts['tracking']}" if facts.get("tracking") else ""
        carrier = f" ({facts['carrier']})" if facts.get("carrier") else ""
        beside = f"; {facts['beside']}" if facts.get("beside") else ""
        numbers = ", ".join(posted[key]["numbers"]) if key in posted else ""
        there = f"Acumatica shipment {numbers} holds it" if numbers else "Acumatica holds no shipment of it yet"
        told.append(f"ShipBob shipment {key} is {facts['stage']}{number}{carrier}{beside}; {there}.")
    return told


def _item(links: Mapping[str, Any]) -> list[str]:
    return [f"ShipBob product {links['product_id']}, variant {links['variant_id']} is this item."] if (
        "product_id" in links
    ) else []


def _charge(links: Mapping[str, Any]) -> list[str]:
    return [f"Acumatica {links['bill_type']} {links['bill']} over {links['amount']} holds it."] if (
        "bill" in links
    ) else []


_TELLERS = {"orders": _order, "shipments": _shipments, "items": _item, "charges": _charge}
