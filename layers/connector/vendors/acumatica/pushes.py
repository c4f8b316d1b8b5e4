"""The rows of Acumatica's push notifications: flat, blank-padded, named by the columns of a generic inquiry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from connector.pair import Doorbell
from connector.records import Seen


def pushed_rows(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows of a notification, inserted ones first. Their values are hints: only keys are taken from them."""
    return [*(document.get("Inserted") or ()), *(document.get("Deleted") or ())]


def padded(row: Mapping[str, Any], name: str) -> str:
    """A text column without the blanks that segmented keys are padded with; "" where it is no text."""
    value = row.get(name)
    return value.rstrip() if isinstance(value, str) else ""


def column(row: Mapping[str, Any], name: str) -> str:
    """The same by a field's name: a generic inquiry calls the column `ShipmentNbr` or `SOShipment_shipmentNbr`."""
    if name in row:
        return padded(row, name)
    wanted = name.casefold()
    found = next((key for key in row if key.rpartition("_")[2].casefold() == wanted), "")
    return padded(row, found)


Read = Callable[[Mapping[str, Any], str], str]
"""How a row's columns are read: `padded` or `column`."""


def order_and_item_bells(document: Mapping[str, Any], order_types: Collection[str], read: Read) -> Sequence[Doorbell]:
    """Who is to look after a notification: each order of these types and each item in it, once."""
    bells: dict[tuple[str, str], Doorbell] = {}
    for row in pushed_rows(document):
        bell = _order_or_item(row, order_types, read)
        if bell is not None:
            bells[(bell.stream, bell.seen.source_key)] = bell
    return list(bells.values())


def _order_or_item(row: Mapping[str, Any], order_types: Collection[str], read: Read) -> Doorbell | None:
    order_type, number = read(row, "OrderType"), read(row, "OrderNbr")
    if order_type and number and order_type in order_types:
        text = f"Acumatica pushed a change of order {order_type} {number}."
        return Doorbell("orders", Seen(f"{order_type}/{number}", references=(("order", number),), text=text))
    sku = read(row, "InventoryID")
    if sku and not number:
        return Doorbell(
            "items", Seen(sku, references=(("sku", sku),), text=f"Acumatica pushed a change of item {sku}.")
        )
    return None
