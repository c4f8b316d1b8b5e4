"""The rows of Acumatica's push notifications: flat, blank-padded, named by the columns of a generic inquiry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
