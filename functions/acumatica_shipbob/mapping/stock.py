"""What must be posted so that Acumatica's on-hand becomes ShipBob's, without counting anything twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from acumatica_shipbob.mapping.orders import KnownItem
from acumatica_shipbob.settings import StockSettings
from connector.effect import Draft

Units = Mapping[str, Decimal]
"""Base units by SKU."""


def differences(shelf: Units, books: Units, confirmed: Units, shipped: Units, threshold: int) -> dict[str, Decimal]:
    """Signed units by SKU that the books lack, leaving out what will post itself.

    shelf: ShipBob's on-hand. books: Acumatica's QtyOnHand. confirmed: on confirmed shipments whose stock is not posted
    yet (Update IN will). shipped: left ShipBob, not confirmed in Acumatica yet (flow 3 will). Facts: acumatica 12.6.
    """
    found = {}
    for sku in sorted({*shelf, *books}):
        if sku not in shelf or sku not in books:
            continue
        expected = books[sku] - confirmed.get(sku, Decimal(0)) - shipped.get(sku, Decimal(0))
        delta = shelf[sku] - expected
        if abs(delta) > threshold:
            found[sku] = delta
    return found


def stable(now: Units, before: Units) -> dict[str, Decimal]:
    """The differences that are the same as at the first look."""
    return {sku: delta for sku, delta in now.items() if before.get(sku) == delta}


def adjustment_draft(
    warehouse: str,
    location_bin: str | None,
    deltas: Units,
    items: Mapping[str, KnownItem],
    reference: str,
    day: date,
    rules: StockSettings,
) -> Draft:
    """One adjustment document with a line per SKU (form IN303000). Quantities in base units, signed."""
    lines = []
    for sku, delta in sorted(deltas.items()):
        line: dict[str, Any] = {
            "InventoryID": sku,
            "WarehouseID": warehouse,
            "Qty": delta,
            "UOM": items[sku].base_uom,
            "ReasonCode": rules.reason_code,
        }
        if location_bin:
            line["LocationID"] = location_bin
        lines.append(line)
    body = {
        "Date": day.isoformat(),
        "ExternalRef": reference,
        "Description": f"ShipBob on-hand, warehouse {warehouse}",
        "Hold": False,
        "Details": lines,
    }
    return Draft(body, {"reference": reference})


def report(deltas: Units) -> list[str]:
    """The differences in words."""
    return [f"{sku}: {'+' if delta > 0 else ''}{delta.normalize():f}" for sku, delta in sorted(deltas.items())]
