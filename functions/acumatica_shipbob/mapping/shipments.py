"""ShipBob shipment -> Acumatica shipment(s): which order lines, how many, in which packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acumatica_shipbob.settings import AcumaticaShipBob
from connector.outcome import Held, Missing
from vendors.acumatica.shipping import package_row
from vendors.shipbob.shapes.parcels import ShippedProduct
from vendors.shipbob.shapes.shipments import Shipment, is_final_tracking

Note = Callable[[str], None]


@dataclass(frozen=True)
class SentLine:
    """An order line as it was sent to ShipBob. `sent` in base units; `factor` base units per `unit` of the line.

    `pieces`: stock units that ShipBob counts for each unit sent. More than one for a bundle; 0: nobody says.
    """

    line_number: int
    sku: str
    sent: int
    factor: Decimal
    warehouse: str
    pieces: int = 1
    unit: str = ""


@dataclass(frozen=True)
class Parcel:
    """What of one ShipBob shipment belongs to one Acumatica warehouse: line number -> quantity in the line's unit."""

    warehouse: str
    lines: Mapping[int, Decimal]


HUNDREDTH = Decimal("0.01")
"""Acumatica keeps quantities to two decimals unless a company chose more: what is finer would be rounded there."""


def warehouses_of(shipment: Shipment, document: AcumaticaShipBob) -> frozenset[str]:
    """The Acumatica warehouses of the centre that a shipment left."""
    mapped = document.tables.warehouses.items()
    return frozenset(name for name, warehouse in mapped if warehouse.location_id == shipment.location_id)


def allocate(
    shipment: Shipment, sent: Sequence[SentLine], shipped: Mapping[int, Decimal], near: frozenset[str], note: Note
) -> tuple[Parcel, ...] | Held:
    """Distributes a shipment's units over the order's lines, never more than a line has left.

    ShipBob names products, not lines: lines in a warehouse of the centre come first (`near`), then lower numbers; whole
    units of a line (a case) before parts of one. `shipped`: line number -> base units that earlier shipments took.
    """
    left = {line.line_number: Decimal(line.sent) - shipped.get(line.line_number, Decimal(0)) for line in sent}
    order = sorted(sent, key=lambda line: (line.warehouse not in near, line.line_number))
    taken: dict[int, Decimal] = {}
    for product in shipment.products:
        sku = product.sku or product.reference_id or ""
        lines = [line for line in order if line.sku == sku]
        rest = _units(shipment, product, sku, lines)
        if isinstance(rest, Held):
            return rest
        for whole in (True, False):
            for line in lines:
                part = min(rest, left[line.line_number])
                part -= part % line.factor if whole else Decimal(0)
                left[line.line_number] -= part
                taken[line.line_number] = taken.get(line.line_number, Decimal(0)) + part
                rest -= part
        if rest > 0:
            return Held(
                f"ShipBob shipment {shipment.shipment_id} holds {rest:f} of {sku} more than the order has open. "
                "Nothing of it was written; compare both sides, then replay or close."
            )
    return _by_warehouse(shipment, order, taken, near, note)


def _units(shipment: Shipment, product: ShippedProduct, sku: str, lines: Sequence[SentLine]) -> Decimal | Held:
    """Units of the order's item in a shipment. Of a bundle ShipBob counts the parts."""
    what = f"ShipBob shipment {shipment.shipment_id}"
    if not lines:
        return Held(
            f"{what} holds {sku or 'a product without SKU'}, which the order does not have: a substitute, or an item "
            "renamed or merged at ShipBob. Write this shipment by hand in Acumatica, then close this record."
        )
    pieces = lines[0].pieces
    if product.quantity is None or pieces == 0:
        return Held(f"{what} does not say how many of {sku} it holds. Write it by hand in Acumatica, then close this.")
    if product.quantity % pieces:
        return Held(
            f"{what} holds {product.quantity} parts of the bundle {sku}, which has {pieces}: not a whole number of "
            "bundles. Write it by hand in Acumatica when all parts have left, then close this record."
        )
    return Decimal(product.quantity // pieces)


def _by_warehouse(
    shipment: Shipment, sent: Sequence[SentLine], taken: Mapping[int, Decimal], near: frozenset[str], note: Note
) -> tuple[Parcel, ...] | Held:
    grouped: dict[str, dict[int, Decimal]] = {}
    for line in sent:
        units = taken.get(line.line_number)
        if not units:
            continue
        quantity = units / line.factor
        if quantity % HUNDREDTH:
            return Held(
                f"ShipBob shipment {shipment.shipment_id} holds {units:f} units of line {line.line_number} "
                f"({line.sku}), which Acumatica would round as a part of {line.unit} ({line.factor:f} units). Change "
                "the line's unit or write the shipment by hand in Acumatica, then close this record."
            )
        if line.factor != 1:
            note(f"line {line.line_number}: {units:f} units shipped are {quantity.normalize():f} {line.unit}")
        if line.warehouse not in near:
            place = shipment.location_name or shipment.location_id
            note(f"line {line.line_number} left {place}, not the centre of {line.warehouse}: booked from there")
        grouped.setdefault(line.warehouse, {})[line.line_number] = quantity
    return tuple(Parcel(warehouse, lines) for warehouse, lines in sorted(grouped.items()))


def ship_via(shipment: Shipment, document: AcumaticaShipBob) -> str | Missing:
    """The Ship Via of the shipment's carrier: by carrier and service, by carrier, by "*"."""
    carrier = (shipment.tracking.carrier if shipment.tracking else None) or ""
    service = (shipment.tracking.service if shipment.tracking else None) or ""
    table = document.tables.carriers
    found = table.get(f"{carrier}|{service}") or table.get(carrier) or table.get("*")
    return found.ship_via if found else Missing("carriers", carrier or "*")


def packages(shipment: Shipment, stamp: str, document: AcumaticaShipBob, note: Note) -> list[dict[str, Any]]:
    """One package row per carton; a shipment without cartons is one package."""
    tracking = shipment.tracking.number if shipment.tracking else None
    cartons = [carton for carton in shipment.cartons if is_final_tracking(carton.tracking_number or tracking)]
    if not cartons:
        return [_package(tracking or "", shipment.measurements.weight_oz, stamp, shipment, document, note)]
    return [
        _package(
            carton.tracking_number or tracking or "",
            carton.measurements.weight_oz,
            f"{stamp}-{index}",
            shipment,
            document,
            note,
        )
        for index, carton in enumerate(cartons, start=1)
    ]


def _package(
    tracking: str, weight_oz: Decimal | None, stamp: str, shipment: Shipment, document: AcumaticaShipBob, note: Note
) -> dict[str, Any]:
    if not weight_oz:
        note("ShipBob states no weight for a package: 0 is written")
    unit, box = document.systems.acumatica.weight_unit, document.settings.shipments.box
    return package_row(tracking, weight_oz, unit, stamp, f"ShipBob {shipment.shipment_id}", box)
