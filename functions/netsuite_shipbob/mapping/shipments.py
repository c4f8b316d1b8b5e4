"""ShipBob shipment -> NetSuite item fulfilment: which order lines, how many, in which packages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connector.effect import Draft
from connector.outcome import Held
from netsuite_shipbob.settings import NetSuiteShipBob
from netsuite_shipbob.writing import ref
from vendors.netsuite.shapes import Line, Order
from vendors.shipbob.progress import STAGES, Progress
from vendors.shipbob.shapes.parcels import ShippedProduct
from vendors.shipbob.shapes.shipments import Shipment, is_final_tracking

OUNCES = Decimal(16)
LEAST_WEIGHT = Decimal("0.01")
DESCRIPTION = 100
LONGEST_FIELD = 300
"""Characters of a free-form text field."""

Note = Callable[[str], None]


def order_name(reference_id: str | None, order_number: str | None, document: NetSuiteShipBob) -> str | None:
    """What a ShipBob order calls its sales order; None where it is not one of NetSuite's."""
    rules = document.settings.shipments
    stated = (reference_id if rules.order_name == "reference_id" else order_number) or ""
    if not stated.startswith(rules.order_prefix):
        return None
    return stated[len(rules.order_prefix) :].strip() or None


@dataclass(frozen=True)
class Allotted:
    """Units of each order line that a shipment takes."""

    lines: Mapping[int, Decimal]


def allocate(
    shipment: Shipment, order: Order, taken: Mapping[int, Decimal], location: str, note: Note
) -> Allotted | Held:
    """Distributes a shipment's units over the order's open lines, never more than a line has left.

    ShipBob names products, not lines: lines of the shipment's location come first, then lower numbers. `taken`: units
    that shipments written in this same piece of work have taken, which the order read before does not show.
    """
    lines = {line.line_id: line for line in order.lines}
    left = {line.line_id: line.open - taken.get(line.line_id, Decimal(0)) for line in order.open_goods()}
    found: dict[int, Decimal] = {}
    for product in shipment.products:
        sku = product.sku or product.reference_id or ""
        mine = [line for line in order.lines if line.sku == sku and line.is_goods]
        rest = _units(shipment, product, sku, mine, order)
        if isinstance(rest, Held):
            return rest
        for line in sorted(mine, key=lambda each: (each.location_id != location, each.line_id)):
            part = min(rest, max(Decimal(0), left.get(line.line_id, Decimal(0))))
            if part > 0:
                found[line.line_id] = found.get(line.line_id, Decimal(0)) + part
                left[line.line_id] -= part
                rest -= part
        if rest > 0:
            return Held(
                f"ShipBob shipment {shipment.shipment_id} holds {rest:f} of {sku} more than sales order {order.number} "
                "has open. Nothing of it was written; compare both sides, then replay or close this record."
            )
    for line_id in found:
        if lines[line_id].location_id != location:
            note(f"line {line_id} is for location {lines[line_id].location_id or 'none'}; it left from {location}")
    return Allotted(found)


def _units(
    shipment: Shipment, product: ShippedProduct, sku: str, lines: Sequence[Line], order: Order
) -> Decimal | Held:
    """Units of the order's item in a shipment. Of a kit that ShipBob knows as a bundle it counts the parts."""
    what = f"ShipBob shipment {shipment.shipment_id}"
    by_hand = "Write this shipment by hand in NetSuite, then close this record."
    if not lines:
        member = any(line.sku == sku and line.is_member for line in order.lines)
        why = "only as a member of a kit" if member else "which the order does not have"
        return Held(f"{what} holds {sku or 'a product without SKU'}, {why} ({order.number}). {by_hand}")
    if product.quantity is None:
        return Held(f"{what} does not say how many of {sku} it holds. {by_hand}")
    if lines[0].item_type != "Kit":
        return Decimal(product.quantity)
    pieces = order.pieces_of(lines[0])
    if not pieces or product.quantity % pieces:
        return Held(
            f"{what} holds {product.quantity} parts of the kit {sku}, which is no whole number of kits "
            f"({pieces or 'unknown'} parts each). {by_hand}"
        )
    return Decimal(product.quantity) / pieces


def fulfilment_draft(
    order: Order,
    allotted: Allotted,
    taken: Mapping[int, Decimal],
    shipment: Shipment,
    location: str,
    day: date,
    status: str,
    document: NetSuiteShipBob,
    note: Note,
) -> Draft:
    """An item fulfilment by transform. Every other open line is named too: what is left out is fulfilled in full."""
    rules = document.settings.shipments
    rows = [
        _row(line, allotted.lines.get(line.line_id), location)
        for line in order.open_goods()
        if line.open - taken.get(line.line_id, Decimal(0)) > 0
    ]
    body: dict[str, Any] = {
        "tranDate": day.isoformat(),
        "shipStatus": {"id": "C"},
        "memo": f"ShipBob shipment {shipment.shipment_id}",
        "item": {"items": rows},
        "package": {"items": packages(shipment, note)},
    }
    if rules.ship_method:
        body["shipMethod"] = ref(rules.ship_method)
    if rules.inventory_location:
        body["inventoryLocation"] = ref(location)
    if rules.status_field:
        body[rules.status_field] = status
    lines = {str(line): f"{units:f}" for line, units in sorted(allotted.lines.items())}
    return Draft(
        body,
        {
            "order": order.order_id, "shipment": shipment.shipment_id, "lines": lines,
            "tracking": shipment.tracking_number, "shown": status,
        },
    )  # fmt: skip


def _row(line: Line, units: Decimal | None, location: str) -> dict[str, Any]:
    if not units:
        return {"orderLine": line.line_id, "itemReceive": False}
    return {"orderLine": line.line_id, "itemReceive": True, "quantity": units, "location": ref(location)}


def packages(shipment: Shipment, note: Note) -> list[dict[str, Any]]:
    """One package line for each carton. Weight in pounds; NetSuite may demand one."""
    words = [f"SB {shipment.shipment_id}"]
    if shipment.tracking is not None:
        words += [shipment.tracking.carrier or "", shipment.tracking.service or ""]
    description = " ".join(word for word in words if word)[:DESCRIPTION]
    rows = []
    for package in shipment.packages:
        number = package.tracking_number if is_final_tracking(package.tracking_number) else shipment.tracking_number
        row = {"packageDescr": description, "packageWeight": _pounds(package.measurements.weight_oz, note)}
        rows.append({"packageTrackingNumber": number, **row} if number else row)
    return rows


def _pounds(ounces: Decimal | None, note: Note) -> Decimal:
    if not ounces:
        note(f"ShipBob states no weight for a package: {LEAST_WEIGHT} pounds are written")
        return LEAST_WEIGHT
    return max(LEAST_WEIGHT, (ounces / OUNCES).quantize(Decimal("0.01"), ROUND_HALF_UP))


def status_text(facts: Progress, day: Callable[[str], str]) -> str:
    """The delivery status in words: `shipped 2026-03-04`, `delivered 2026-03-06`, `in transit`, or what is wrong."""
    stage = str(facts["stage"])
    if facts["beside"] and stage != STAGES[-1]:
        return str(facts["beside"])
    moment = facts["delivered_at"] if stage == STAGES[-1] else facts["shipped_at"] if stage == "shipped" else ""
    return f"{stage} {day(str(moment))}" if moment else stage


def order_fields(
    progress: Mapping[str, Progress], document: NetSuiteShipBob, day: Callable[[str], str]
) -> dict[str, str]:
    """The configured fields of the sales order for all its shipments that have a tracking number or trouble."""
    rules = document.settings.shipments
    worth = [facts for _, facts in sorted(progress.items()) if facts["tracking"] or facts["beside"]]
    if not worth:
        return {}
    texts = {
        rules.tracking_field: _listed(str(facts["tracking"]) for facts in worth if facts["tracking"]),
        rules.carrier_field: _listed(dict.fromkeys(_carrier(facts) for facts in worth if facts["carrier"])),
        rules.status_field: _listed((status_text(facts, day) for facts in worth), "; "),
    }
    return {field: text for field, text in texts.items() if field}


def _listed(texts: Iterable[str], between: str = ", ") -> str:
    """As many texts as a field takes, each whole, and how many more there are."""
    every = [text[:LONGEST_FIELD] for text in texts]
    whole = between.join(every)
    for count in range(len(every) - 1, 0, -1):
        if len(whole) <= LONGEST_FIELD:
            break
        whole = f"{between.join(every[:count])}{between}and {len(every) - count} more"
    return whole


def _carrier(facts: Progress) -> str:
    return " ".join(word for word in (str(facts["carrier"]), str(facts["service"])) if word)
