"""What ShipBob stowed -> lines of an item receipt, and what is left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connector.effect import Draft
from connector.record import short_hash, to_json
from netsuite_shipbob.settings import NetSuiteShipBob
from netsuite_shipbob.writing import ref
from vendors.netsuite.shapes import Item, Line, Order
from vendors.shipbob.shapes import ReceivingOrder


def revision_of(wro: ReceivingOrder) -> str:
    """What of a receiving order matters here: how much is stowed, and whether it is over."""
    stowed = sorted([row.inventory_id, row.stowed] for row in wro.quantities)
    return short_hash(to_json([wro.is_over, stowed]))


def deltas(wro: ReceivingOrder, posted: Mapping[str, int]) -> dict[int, int]:
    """Units stowed beyond what was posted, by inventory id; negative where ShipBob took something back."""
    stowed: dict[int, int] = {}
    for row in wro.quantities:
        stowed[row.inventory_id] = stowed.get(row.inventory_id, 0) + row.stowed
    keys = {*stowed, *(int(key) for key in posted)}
    found = {key: stowed.get(key, 0) - posted.get(str(key), 0) for key in sorted(keys)}
    return {key: units for key, units in found.items() if units}


@dataclass(frozen=True)
class Split:
    """Units by line of the purchase order; units beyond what is open, and units without a line, by inventory id."""

    lines: Mapping[int, int]
    taken: Mapping[int, int]  # inventory id -> units that the lines take
    beyond: Mapping[int, int]
    strange: Mapping[int, int]


def split(units: Mapping[int, int], skus: Mapping[int, str], order: Order, location: str) -> Split:
    """Distributes units over the order's open lines: those of the location first, then by line, never beyond."""
    left = {line.line_id: int(line.open) for line in order.open_goods()}
    lines: dict[int, int] = {}
    taken: dict[int, int] = {}
    beyond: dict[int, int] = {}
    strange: dict[int, int] = {}
    for inventory_id, wanted in units.items():
        mine = [line for line in order.lines if line.is_stocked and line.sku == skus[inventory_id]]
        rest = wanted
        for line in sorted(mine, key=lambda each: (each.location_id != location, each.line_id)):
            part = min(rest, left.get(line.line_id, 0))
            if part > 0:
                lines[line.line_id] = lines.get(line.line_id, 0) + part
                left[line.line_id] -= part
                rest -= part
        if wanted > rest:
            taken[inventory_id] = wanted - rest
        if rest:
            (beyond if mine else strange)[inventory_id] = rest
    return Split(lines, taken, beyond, strange)


def receipt_draft(
    order: Order, lines: Mapping[int, int], location: str, day: date, memo: str, identity: Mapping[str, Any]
) -> Draft:
    """An item receipt by transform. Every other open line is named too: what is left out is received in full."""
    rows = [_row(line, lines.get(line.line_id, 0), location) for line in order.open_goods()]
    body = {"tranDate": day.isoformat(), "memo": memo, "item": {"items": rows}}
    stated = {"order": order.order_id, "lines": {str(line): units for line, units in sorted(lines.items())}}
    return Draft(body, {**stated, **identity})


def _row(line: Line, units: int, location: str) -> dict[str, Any]:
    if not units:
        return {"orderLine": line.line_id, "itemReceive": False}
    return {"orderLine": line.line_id, "itemReceive": True, "quantity": units, "location": ref(location)}


def adjustment_draft(
    rows: Sequence[tuple[Item, int]],
    location: str,
    day: date,
    memo: str,
    document: NetSuiteShipBob,
    identity: Mapping[str, Any],
) -> Draft:
    """An inventory adjustment: signed units by item at one location."""
    rules = document.settings.adjustments
    items = [
        {"item": ref(item.item_id), "location": ref(location), "adjustQtyBy": Decimal(units), "memo": item.sku}
        for item, units in rows
    ]
    body: dict[str, Any] = {"account": ref(str(rules.account)), "adjLocation": ref(location)}
    if rules.subsidiary:
        body["subsidiary"] = ref(rules.subsidiary)
    body |= {"tranDate": day.isoformat(), "memo": memo, "inventory": {"items": items}}
    return Draft(body, {"units": {item.sku: units for item, units in rows}, "location": location, **identity})
