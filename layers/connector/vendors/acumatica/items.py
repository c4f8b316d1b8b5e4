"""What is made of stock items alike: hearing of them, their weight in ounces, their units."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connector.instants import instant_text
from connector.pair import Polling
from connector.records import Seen
from vendors.acumatica.client import Acumatica
from vendors.acumatica.shapes import StockItem

ACTIVE = frozenset({"Active", "No Purchases", "No Request"})
"""Item statuses in which orders may still ask for the item."""

OUNCES = {
    "OZ": Decimal(1),
    "LB": Decimal(16),
    "POUND": Decimal(16),
    "G": Decimal("0.03527396195"),
    "KG": Decimal("35.27396195"),
}
"""Ounces per unit; Acumatica's unit names are the company's own, these are the usual ones."""


def changed_items(polling: Polling[Any], acumatica: Acumatica) -> Sequence[Seen]:
    """Sightings of the items that changed within the poll's window and are news."""
    window = polling.window
    if window.since >= window.until:
        return ()
    rows = []
    for row in acumatica.list_changed("StockItem", window.since, window.until, ("ItemStatus",)):
        polling.reached(row.modified)
        sku = row.row.required_text("InventoryID")
        rows.append(
            Seen(sku, instant_text(row.modified), references=(("sku", sku),), text=f"Item {sku} changed in Acumatica.")
        )
    return polling.news(rows)


def in_ounces(weight: Decimal, unit: str) -> Decimal | None:
    """The weight in ounces to four digits; None for a unit that we do not know."""
    factor = OUNCES.get(unit)
    return None if factor is None else (weight * factor).quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()


def base_factors(item: StockItem) -> dict[str, Decimal]:
    """Base units per other unit of the item."""
    return {
        conversion.from_uom: conversion.convert(Decimal(1))
        for conversion in item.conversions
        if conversion.to_uom == item.base_uom
    }
