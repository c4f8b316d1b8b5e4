"""NetSuite purchase order -> ShipBob receiving orders: one for each fulfilment centre that its goods go to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from connector.effect import Draft
from connector.outcome import Held
from connector.record import short_hash, to_json
from netsuite_shipbob.settings import NetSuiteShipBob
from netsuite_shipbob.units import not_in_pieces
from vendors.netsuite.shapes import Line, Order
from vendors.shipbob.shapes import ReceivingOrder

Note = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What of a purchase order one centre shall expect. `lines`: line id -> SKU, units, ordered units."""

    location: str
    centre: int
    lines: Mapping[str, tuple[str, int, str]]

    @property
    def units(self) -> dict[str, int]:
        """Units by SKU."""
        total: dict[str, int] = {}
        for sku, units, _ in self.lines.values():
            total[sku] = total.get(sku, 0) + units
        return total


def revision_of(order: Order) -> str:
    """What of a purchase order matters here: a receipt of ours, or a new memo, wakes nobody."""
    lines = [[line.line_id, line.sku, str(line.ordered), line.location_id, line.closed] for line in order.lines]
    ended = order.letter if order.letter in ("C", "H") else "open"
    return short_hash(to_json([order.number, ended, lines]))


def wanted_of(order: Order, document: NetSuiteShipBob, note: Note) -> dict[str, Wanted] | Held:
    """What each mapped location shall expect, by location."""
    if not order.is_open:
        return {}
    places: dict[str, dict[str, tuple[str, int, str]]] = {}
    for line in order.lines:
        if line.open == 0 or not _goes_to_shipbob(line, document, note):
            continue
        if (held := not_in_pieces(order, [line], document)) is not None:
            return held
        if line.open != line.open.to_integral_value():
            return Held(
                f"purchase order {order.number} line {line.line_id} has {line.open:f} of {line.sku} open; ShipBob "
                "counts whole units. Change the line in NetSuite; it continues when it is read again, or replay."
            )
        row = (line.sku, int(line.open), f"{line.ordered.normalize():f}")
        places.setdefault(line.location_id, {})[str(line.line_id)] = row
    centres = document.tables.locations
    return {place: Wanted(place, centres[place].location_id, lines) for place, lines in places.items()}


def _goes_to_shipbob(line: Line, document: NetSuiteShipBob, note: Note) -> bool:
    if line.location_id not in document.tables.locations:
        where = f"location {line.location_id}, which is not mapped" if line.location_id else "no location"
        note(f"line {line.line_id} ({line.sku}) has {where}: it stays behind")
        return False
    if not line.is_stocked:
        note(f"line {line.line_id} ({line.sku}) is a {line.item_type or 'line without type'}, not goods in stock")
        return False
    return True


def receiving_number(number: str, order_id: str, location: str, alone: bool, round_number: int) -> str:
    """The purchase order number that the receiving order carries: letters, digits and dashes, another one each time.

    ShipBob refuses no number twice, so it must tell apart what belongs to two centres or replaces a cancelled one.
    """
    tidy = re.sub(r"[^A-Za-z0-9-]+", "-", number).strip("-")
    name = tidy if tidy == number else f"{tidy}-{order_id}"
    name += "" if alone else f"-L{location}"
    return name if round_number == 1 else f"{name}-R{round_number}"


def receiving_draft(
    wanted: Wanted, number: str, inventory: Mapping[str, int], arrival: datetime, document: NetSuiteShipBob
) -> Draft:
    """The receiving order: everything in one box, because a purchase order says nothing about packing."""
    units = wanted.units
    items = [{"inventory_id": inventory[sku], "quantity": units[sku]} for sku in sorted(units)]
    body: dict[str, Any] = {
        "fulfillment_center": {"id": wanted.centre},
        "package_type": document.settings.purchase_orders.package_type,
        "box_packaging_type": "EverythingInOneBox",
        "expected_arrival_date": arrival.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "purchase_order_number": number,
        "boxes": [{"tracking_number": None, "box_items": items}],
    }
    lines = {key: list(row) for key, row in wanted.lines.items()}
    return Draft(body, {"number": number, "items": items, "lines": lines})


def arrival_of(order: Order, wanted: Wanted, document: NetSuiteShipBob, now: datetime, note: Note) -> datetime:
    """Noon of the latest expected day of the lines, in the company's zone; it must lie in the future."""
    zone, patience = document.systems.netsuite.zone, document.settings.purchase_orders.arrival_days
    days = [line.expected for line in order.lines if str(line.line_id) in wanted.lines and line.expected]
    if days:
        arrival = datetime.combine(max(days), time(12), zone)
        if arrival > now + timedelta(hours=1):
            return arrival
        note(f"the expected date {max(days)} has passed: {patience} days are used")
    else:
        note(f"no line states an expected date: {patience} days are used")
    return now + timedelta(days=patience)


def receiving_differences(found: ReceivingOrder, draft: Draft) -> Sequence[str]:
    """What differs between a receiving order with our number and the one we would write."""
    wanted = {int(item["inventory_id"]): int(item["quantity"]) for item in draft.identity["items"]}
    held = {row.inventory_id: row.expected for row in found.quantities}
    return [
        f"inventory {key}: it expects {held.get(key)}, the purchase order {wanted.get(key)}"
        for key in sorted({*wanted, *held})
        if held.get(key) != wanted.get(key)
    ]


def changes_of(entry: Mapping[str, Any], wanted: Wanted | None, order: Order) -> list[str]:
    """What changed in NetSuite since the receiving order was made, in words. Receipts are no change."""
    before: Mapping[str, Sequence[Any]] = entry["lines"]
    lines = {str(line.line_id): line for line in order.lines}
    changes = []
    for key, (sku, units, ordered) in before.items():
        line = lines.get(key)
        if line is None:
            changes.append(f"line {key} ({sku}, {units} units) was removed")
        elif line.sku != sku:
            changes.append(f"line {key} is now {line.sku}, it was {sku}")
        elif line.location_id != entry["location"]:
            changes.append(f"line {key} ({sku}) goes to location {line.location_id or 'nowhere'} now")
        elif line.ordered != Decimal(str(ordered)):
            changes.append(f"line {key} ({sku}) is {line.ordered.normalize():f} now, it was {ordered}")
        elif order.letter in ("C", "H") or line.closed:
            changes.append(f"line {key} ({sku}) was closed")
    for key, (sku, units, _) in (wanted.lines if wanted else {}).items():
        if key not in before:
            changes.append(f"line {key} ({sku}, {units} units) is new")
    return changes
