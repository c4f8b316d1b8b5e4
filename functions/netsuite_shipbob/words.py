"""This pair in an operator's words: what each write does, what a record's links say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connector.pair import Deed
from connector.record import Record
from netsuite_shipbob import (
    charges,
    counts,
    fulfilment,
    orders,
    receipts,
    receiving,
    return_booking,
    return_plan,
    stowed,
)

DEEDS: Mapping[str, Deed] = {
    receiving.CREATE: Deed("create", "a ShipBob receiving order"),
    receiving.CANCEL: Deed("cancel", "the ShipBob receiving order"),
    stowed.RECEIVE: Deed("create", "a NetSuite item receipt"),
    f"{stowed.RECEIVE}_id": Deed("update", "the external id of the NetSuite item receipt"),
    f"{fulfilment.FULFIL}_id": Deed("update", "the external id of the NetSuite fulfilment"),
    f"{return_plan.AUTHORIZE}_id": Deed("update", "the external id of the NetSuite return authorization"),
    f"{return_booking.RECEIVE}_id": Deed("update", "the external id of the NetSuite item receipt of the return"),
    stowed.ADJUST: Deed("create", "a NetSuite inventory adjustment"),
    receipts.MARK: Deed("update", "the mark of the ShipBob receiving order (posted)"),
    fulfilment.FULFIL: Deed("create", "a NetSuite item fulfilment"),
    fulfilment.SHIP: Deed("update", "the NetSuite fulfilment (shipped)"),
    fulfilment.RELABEL: Deed("update", "the packages of the NetSuite fulfilment"),
    fulfilment.STATUS: Deed("update", "the delivery status of the NetSuite fulfilment"),
    fulfilment.SHOW: Deed("update", "tracking fields of the NetSuite sales order"),
    return_plan.AUTHORIZE: Deed("create", "a NetSuite return authorization", (return_booking.RECEIVE,)),
    return_booking.CORRECT: Deed("update", "the lines of the NetSuite return authorization"),
    return_booking.RECEIVE: Deed("create", "a NetSuite item receipt of the return"),
    return_booking.ADJUST: Deed("create", "a NetSuite inventory adjustment"),
    charges.EFFECT: Deed("create", "a NetSuite vendor bill or credit"),
    counts.EFFECT: Deed("create", "a NetSuite inventory adjustment"),
    orders.SEND: Deed("create", "a ShipBob order"),
}


def tell(record: Record) -> Sequence[str]:
    """What a record is linked to on the other side, as sentences."""
    teller = _TELLERS.get(record.stream)
    return teller(record.links) if teller is not None else ()


def _purchase_order(links: Mapping[str, Any]) -> list[str]:
    return [
        f"ShipBob receiving order {entry['id']} ({entry['number']}) "
        + ("expected it and is not expected to bring more." if entry.get("cancelled") else "expects it.")
        for entry in (links.get("receiving") or {}).values()
    ]


def _receipt(links: Mapping[str, Any]) -> list[str]:
    return [f"NetSuite {posting['id']} ({posting['key']}) holds a part of it." for posting in links.get("postings", ())]


def _shipments(links: Mapping[str, Any]) -> list[str]:
    posted: Mapping[str, Any] = links.get("posted") or {}
    told = []
    for key, facts in sorted((links.get("progress") or {}).items()):
        number = f" under {facts['tracking']}" if facts.get("tracking") else ""
        beside = f"; {facts['beside']}" if facts.get("beside") else ""
        there = f"NetSuite fulfilment {posted[key]['id']} holds it" if key in posted else "NetSuite holds none of it"
        told.append(f"ShipBob shipment {key} is {facts['stage']}{number}{beside}; {there}.")
    return told


def _return(links: Mapping[str, Any]) -> list[str]:
    return [f"NetSuite holds it as {links['ids']}."] if links.get("ids") else []


def _charge(links: Mapping[str, Any]) -> list[str]:
    if "bill" not in links:
        return []
    return [f"NetSuite {links['bill_type']} {links['bill']} over {links['amount']} holds it."]


def _order(links: Mapping[str, Any]) -> list[str]:
    return [f"ShipBob order {links['shipbob_order_id']} holds it."] if "shipbob_order_id" in links else []


_TELLERS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "purchase_orders": _purchase_order,
    "receipts": _receipt,
    "shipments": _shipments,
    "returns": _return,
    "charges": _charge,
    "orders": _order,
}
