"""ShipBob shipments -> what the GP order must show. Source: ShipBob "Shipments, get one"; GP "UpdateSalesOrder".

GP has no shipment: tracking numbers, fulfilled quantities and ship dates stand on the order itself. All here is a
target, never a step: the same shipments give the same target, however often and in whatever order they are heard of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dynamicsgp_shipbob.mapping.amounts import digits_of, plain, quantity
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from vendors.dynamics_gp.keys import folded, folded_all, same
from vendors.dynamics_gp.limits import LIMITS
from vendors.dynamics_gp.shapes.sales import Document, Line
from vendors.dynamics_gp.times import company_day
from vendors.shipbob.shapes import Order, Shipment

Note = Callable[[str], None]

CLOSED_MEANS = "Close this record only when everything has left: a closed one writes nothing any more"
"""Shipments come one after another, and a person's "closed" ends all of them."""


@dataclass(frozen=True)
class SentLine:
    """A line of the GP order as it was entered."""

    sequence: int
    sku: str
    item: str
    unit: str
    quantity: Decimal
    price: Decimal | None
    units: Decimal
    pieces: int


def sent_lines(links: Mapping[str, Any]) -> tuple[SentLine, ...]:
    """The lines of an entered order, by the links of its record: in the units that held when it was entered."""
    return tuple(sorted((_sent_line(*row) for row in links["lines"]), key=lambda line: line.sequence))


def _sent_line(
    sequence: int, sku: str, item: str, unit: str, count: str, price: str | None, units: str, pieces: int
) -> SentLine:
    worth = Decimal(price) if price is not None else None
    return SentLine(sequence, sku, item, unit, Decimal(count), worth, Decimal(units), pieces)


@dataclass
class LineTarget:
    """What a line must show: units that left (in its unit of measure), the last day, the sites they left from.

    `pieces` is the same in inventory units, which add up exactly; `loose` of them make no whole unit of measure yet.
    """

    left: Decimal = Decimal(0)
    pieces: Decimal = Decimal(0)
    loose: Decimal = Decimal(0)
    day: str = ""
    sites: set[str] = field(default_factory=set)


@dataclass
class Target:
    """What the order must show. `problems`: what needs a person. `unmapped`: fulfilment centres without a site."""

    tracking: tuple[str, ...]
    lines: dict[int, LineTarget]
    day: str
    method: str
    problems: list[str]
    unmapped: tuple[str, ...]


def has_left(shipment: Shipment, document: DynamicsGpShipBob) -> bool:
    """Whether a shipment counts as shipped, with the carrier's own number."""
    return shipment.status in document.settings.shipments.ship_on and shipment.tracking_number is not None


def target_of(order: Order, sent: Sequence[SentLine], document: DynamicsGpShipBob) -> Target:
    """The sum of an order's shipments."""
    zone = document.systems.dynamics_gp.zone
    target = Target((), {line.sequence: LineTarget() for line in sent}, "", "", [], ())
    open_ones = [one for one in order.shipments if one.status not in ("Cancelled", "CleanSweeped")]
    centres = {str(one.location_id) for one in open_ones if one.location_id is not None}
    target.unmapped = tuple(sorted(name for name in centres if name not in document.tables.sites))
    numbers: list[str] = []
    for shipment in sorted(open_ones, key=lambda one: one.shipment_id):
        left = has_left(shipment, document)
        site = document.tables.sites.get(str(shipment.location_id), "")
        day = _day(shipment, zone) if left else ""
        _spread(shipment, sent, target, site, day)
        if left and shipment.tracking_number is not None:
            if len(shipment.tracking_number) <= LIMITS["tracking number"]:
                numbers.append(shipment.tracking_number)
            else:  # GP would keep its beginning without a word
                target.problems.append(
                    f"tracking number {shipment.tracking_number} has more than {LIMITS['tracking number']} characters, "
                    f"so it is not written: enter what is of use by hand. {CLOSED_MEANS}"
                )
            target.day = max(target.day, day)
            target.method = _method(shipment, document) or target.method
    target.tracking = tuple(dict.fromkeys(numbers))
    return target


def _spread(
    shipment: Shipment, sent: Sequence[SentLine], target: Target, site: str, day: str
) -> None:
    """Gives a shipment's units to the lines of their product, the lowest line first. Without a day: the site alone."""
    try:
        units = shipment.quantities_by_sku()
    except ValueError as error:
        if day:
            target.problems.append(f"ShipBob does not say what shipment {shipment.shipment_id} holds ({error})")
        return
    for sku, count in units.items():
        lines = [line for line in sent if line.sku == sku]
        if not lines:
            if day:
                target.problems.append(f"shipment {shipment.shipment_id} holds {count} of {sku}, which is not ordered")
            continue
        rest = Decimal(count)
        for line in lines:
            mine = target.lines[line.sequence]
            if site:
                mine.sites.add(site)
            part = min(rest, line.quantity * line.units * line.pieces - mine.pieces) if day else Decimal(0)
            if part > 0:
                _add(mine, line, part)
                mine.day = max(mine.day, day)
                rest -= part
        if day and rest > 0:
            target.problems.append(f"{plain(rest)} units more of {sku} left than are ordered")


def _add(mine: LineTarget, line: SentLine, pieces: Decimal) -> None:
    """Adds inventory units; what makes no unit of measure as fine as the order's waits for more of it to leave."""
    mine.pieces += pieces
    each = line.units * line.pieces
    finest = Decimal(1).scaleb(-digits_of(line.quantity))
    mine.left = (mine.pieces / each).quantize(finest, ROUND_DOWN)
    mine.loose = mine.pieces - mine.left * each


def _day(shipment: Shipment, zone: ZoneInfo) -> str:
    """The company's day on which it left: carrier's date, else that of the label, else of the last update."""
    tracking = shipment.tracking
    moments: list[datetime | None] = [tracking.shipped_at if tracking is not None else None, shipment.labeled_at]
    moments += [shipment.last_update_at, shipment.created_at]
    found = next((moment for moment in moments if moment is not None), None)
    return company_day(found, zone) if found is not None else ""


def _method(shipment: Shipment, document: DynamicsGpShipBob) -> str:
    table, tracking = document.tables.carriers, shipment.tracking
    carrier = (tracking.carrier if tracking is not None else None) or ""
    service = (tracking.service if tracking is not None else None) or ""
    return table.get(f"{carrier}|{service}") or table.get(carrier) or table.get("*") or ""


@dataclass
class Plan:
    """What is to be written, and why not everything is. `waiting`: for GP's allocation. `blocked`: for a person."""

    body: dict[str, Any] | None
    waiting: list[str]
    blocked: list[str]


def plan(held: Document, target: Target, stale: Sequence[str], *, fulfil: bool) -> Plan:
    """Compares what GP holds with the target. Only what is missing is written; what people did more of stays.

    `stale`: tracking numbers of ours that a new label has replaced.
    """
    made = Plan(None, [], list(target.problems))
    stored = {line.sequence: line for line in held.lines}
    lines = []
    for sequence, wanted in sorted(target.lines.items()):
        line = stored.get(sequence)
        if line is None:
            if wanted.left > 0:
                made.blocked.append(f"line {sequence} is no longer on the order, but {plain(wanted.left)} of it left")
            continue
        changes = _line_changes(line, wanted, made, fulfil=fulfil)
        if changes:
            key = {"SalesDocumentKey": {"Id": held.number}, "LineSequenceNumber": str(sequence)}
            same = {"Key": key, "Quantity": quantity(line.quantity), "ItemKey": {"Id": line.item}}
            lines.append({**same, **changes})
    present = folded_all(held.tracking)
    new = [number for number in target.tracking if folded(number) not in present]
    gone = [number for number in stale if folded(number) in present]
    if not (lines or new or gone):
        return made
    body: dict[str, Any] = {"Key": {"Id": held.number}}
    if target.day:
        body["ActualShipDate"] = target.day
    if target.method and new:
        body["ShippingMethodKey"] = {"Id": target.method}
    entries = [_tracking(held.number, number) for number in new]
    entries += [{**_tracking(held.number, number), "DeleteOnUpdate": "true"} for number in gone]
    if entries:
        body["TrackingNumbers"] = entries
    if lines:
        body["Lines"] = lines
    made.body = body
    return made


def _line_changes(line: Line, wanted: LineTarget, made: Plan, *, fulfil: bool) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    name = f"line {line.sequence} ({line.item})"
    if len(wanted.sites) > 1:
        made.blocked.append(f"{name} is shipped from {len(wanted.sites)} sites and GP holds one a line: split it there")
    elif wanted.sites and folded(line.site) not in folded_all(wanted.sites):
        site = next(iter(wanted.sites))
        if line.allocated > 0 or line.fulfilled > 0:
            text = f"{name} is allocated at site {line.site} and is shipped from {site}"
            made.blocked.append(f"{text}: take the allocation back in GP, then replay")
        else:
            changes["WarehouseKey"] = {"Id": site}
    goal = min(wanted.left, line.quantity - line.cancelled)
    if wanted.left > goal:
        made.blocked.append(f"{name}: {plain(wanted.left)} left, GP's order has {plain(goal)}")
    if not fulfil or line.fulfilled >= goal:
        return changes
    possible = min(goal, line.allocated)
    if possible < goal:
        made.waiting.append(f"{name} is allocated {plain(line.allocated)} of the {plain(goal)} that left")
    if possible > line.fulfilled:
        changes["QuantityFulfilled"] = quantity(possible)
        changes["ActualShipDate"] = wanted.day
    return changes


def _tracking(number: str, tracking: str) -> dict[str, Any]:
    return {"Key": {"SalesDocumentKey": {"Id": number}, "Id": tracking}}


def satisfied(held: Document, body: Mapping[str, Any]) -> bool:
    """Whether the order shows what an update was to write."""
    present = folded_all(held.tracking)
    for entry in body.get("TrackingNumbers", ()):
        there = folded(str(entry["Key"]["Id"])) in present
        if there is (entry.get("DeleteOnUpdate") == "true"):
            return False
    stored = {line.sequence: line for line in held.lines}
    return all(_line_done(stored.get(int(line["Key"]["LineSequenceNumber"])), line) for line in body.get("Lines", ()))


def _line_done(held: Line | None, sent: Mapping[str, Any]) -> bool:
    if held is None:
        return False
    site, fulfilled = sent.get("WarehouseKey"), sent.get("QuantityFulfilled")
    if site is not None and not same(held.site, str(site["Id"])):
        return False
    return fulfilled is None or held.fulfilled >= Decimal(fulfilled["Value"])


def ready_to_post(held: Document, target: Target) -> bool:
    """Whether a GP user may transfer and post the order: everything that is ordered has left, is fulfilled and traced.

    Fulfilled alone says little: a GP document id without a separate fulfilment process fulfils what it allocates.
    """
    present = folded_all(held.tracking)
    if not target.tracking or any(folded(number) not in present for number in target.tracking):
        return False
    if any(line.fulfilled + line.cancelled < line.quantity for line in held.lines):
        return False
    return all(
        target.lines[line.sequence].left >= line.quantity - line.cancelled
        for line in held.lines
        if line.sequence in target.lines
    )


def not_left(held: Document, target: Target) -> list[str]:
    """Lines of which GP has more fulfilled than ever left, in words."""
    return [
        f"line {line.sequence} ({line.item}) has {plain(line.fulfilled)} fulfilled, "
        f"{plain(target.lines[line.sequence].left)} left"
        for line in held.lines
        if line.sequence in target.lines and line.fulfilled > target.lines[line.sequence].left
    ]
