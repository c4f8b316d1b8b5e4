"""This pair in an operator's words: what each write does, what a record's links say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from acumatica_shipstation import items, order_effects, voids
from connector.pair import Deed
from connector.record import Record
from vendors.acumatica import files, shipping

DEEDS: Mapping[str, Deed] = {
    order_effects.ORDER: Deed("create", "a ShipStation order"),
    order_effects.UPDATE: Deed("update", "the ShipStation order"),
    order_effects.CANCEL: Deed("cancel", "the ShipStation order"),
    order_effects.HOLD: Deed("update", "the ShipStation order (put it on hold)"),
    order_effects.RELEASE: Deed("update", "the ShipStation order (take our hold back)", (order_effects.UPDATE,)),
    items.UPDATE: Deed("update", "the ShipStation product record"),
    shipping.CREATE: Deed("create", "an Acumatica shipment", (shipping.FILL, shipping.SHOW, shipping.CONFIRM)),
    shipping.FILL: Deed("update", "quantities, packages and tracking of the Acumatica shipment", (shipping.CONFIRM,)),
    shipping.CONFIRM: Deed("update", "the Acumatica shipment (confirm it)"),
    shipping.RELABEL: Deed("update", "the tracking number on the Acumatica shipment", (shipping.CONFIRM,)),
    shipping.SHOW: Deed("update", "the tracking text of the Acumatica order"),
    voids.CORRECT: Deed("update", "the Acumatica shipment (open it again)", (voids.CLEAR,)),
    voids.CLEAR: Deed("update", "the Acumatica shipment (take a voided number out)"),
    files.FILE: Deed("create", "a file at the Acumatica shipment"),
}


def tell(record: Record) -> Sequence[str]:
    """What a record is linked to on the other side, as sentences."""
    teller = _TELLERS.get(record.stream)
    return teller(record.links) if teller is not None else ()


def _order(links: Mapping[str, Any]) -> list[str]:
    if not links.get("order_id"):
        return []
    lines = links.get("lines", ())
    pieces = sum(int(row[2]) for row in lines)
    held = " It is on hold there for us." if links.get("holding") else ""
    key = links.get("order_key")
    return [f"ShipStation order {links['order_id']} ({key}) holds it: {len(lines)} lines, {pieces} pieces.{held}"]


def _parcel(links: Mapping[str, Any]) -> list[str]:
    return [
        f"Acumatica shipment {', '.join(sorted(set(places.values())))} holds what of it is order {order}'s."
        for order, places in sorted((links.get("written") or {}).items())
    ]


def _label(links: Mapping[str, Any]) -> list[str]:
    return [f"Its label is kept as {links['kept']}."] if links.get("kept") else []


def _state(links: Mapping[str, Any]) -> list[str]:
    return [f"It is {links['status']} there, sent for order {links['order']}."] if links.get("status") else []


def _item(links: Mapping[str, Any]) -> list[str]:
    return [f"ShipStation product {links['product_id']} is this item."] if "product_id" in links else []


_TELLERS = {"orders": _order, "shipments": _parcel, "labels": _label, "states": _state, "items": _item}
