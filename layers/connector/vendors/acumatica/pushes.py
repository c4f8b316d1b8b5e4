"""Acumatica's push notifications: what names one, and the rows in it. Light: part of the webhook's cold start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connector.edge.sender import Delivery, Identity

_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)


def push_notification(delivery: Delivery, document: Mapping[str, Any]) -> Identity:
    """`Id` is the ERP transaction; several queries report the same one, so only `(Id, Query)` names a notification.

    Without a GUID there is no id, and the edge goes by the bytes.
    """
    query, transaction = document.get("Query"), document.get("Id")
    name = query if isinstance(query, str) else ""
    if not isinstance(transaction, str) or not _GUID.fullmatch(transaction):
        return Identity("", name)
    return Identity(f"{transaction.lower()}#{name}", name)


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
