"""ShipBob shipment -> Acumatica shipment(s): which order lines, how many, in which packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from acumatica_shipbob.settings import AcumaticaShipBob
from connector.effect import Draft
from connector.outcome import Held, Missing
from vendors.acumatica.shapes import Shipment as ErpShipment
from vendors.shipbob.shapes.shipments import Shipment, is_final_tracking

OUNCES_PER_UNIT = {"OZ": Decimal(1), "LB": Decimal(16), "G": Decimal("0.03527396195"), "KG": Decimal("35.27396195")}

Note = Callable[[str], None]


@dataclass(frozen=True)
class SentLine:
    """An order line as it was sent to ShipBob. `sent` in base units; `factor` base units per unit of the line."""

    line_number: int
    sku: str
    sent: int
    factor: Decimal
    warehouse: str


@dataclass(frozen=True)
class Parcel:
    """What of one ShipBob shipment belongs to one Acumatica warehouse: line number -> quantity in the line's unit."""

    warehouse: str
    lines: Mapping[int, Decimal]


def allocate(
    shipment: Shipment, sent: Sequence[SentLine], shipped: Mapping[int, Decimal], note: Note
) -> tuple[Parcel, ...] | Held:
    """Distributes a shipment's units over the order's lines, lowest line first, never more than a line has left.

    `shipped`: line number -> base units that earlier shipments took. ShipBob names products, not lines.
    """
    left = {line.line_number: Decimal(line.sent) - shipped.get(line.line_number, Decimal(0)) for line in sent}
    taken: dict[int, Decimal] = {}
    for product in shipment.products:
        sku = product.sku or product.reference_id or ""
        if product.quantity is None:
            return Held(
                f"ShipBob shipment {shipment.shipment_id} does not say how many of {sku or 'a product'} it holds"
            )
        rest = Decimal(product.quantity)
        for line in sent:
            if line.sku == sku and rest > 0 and left[line.line_number] > 0:
                part = min(rest, left[line.line_number])
                left[line.line_number] -= part
                taken[line.line_number] = taken.get(line.line_number, Decimal(0)) + part
                rest -= part
        if rest > 0:
            return Held(
                f"ShipBob shipment {shipment.shipment_id} holds {product.quantity} of {sku}, {rest:f} more than the "
                "order has open. Nothing was written; compare both sides, then replay or close."
            )
    return _by_warehouse(sent, taken, note)


def _by_warehouse(sent: Sequence[SentLine], taken: Mapping[int, Decimal], note: Note) -> tuple[Parcel, ...]:
    grouped: dict[str, dict[int, Decimal]] = {}
    for line in sent:
        units = taken.get(line.line_number)
        if units is None:
            continue
        quantity = units / line.factor
        if line.factor != 1:
            note(f"line {line.line_number}: {units:f} units shipped are {quantity.normalize():f} of the order's unit")
        grouped.setdefault(line.warehouse, {})[line.line_number] = quantity
    return tuple(Parcel(warehouse, lines) for warehouse, lines in sorted(grouped.items()))


def ship_via(shipment: Shipment, document: AcumaticaShipBob) -> str | Missing:
    """The Ship Via of the shipment's carrier: by carrier and service, by carrier, by "*"."""
    carrier = (shipment.tracking.carrier if shipment.tracking else None) or ""
    service = (shipment.tracking.service if shipment.tracking else None) or ""
    table = document.tables.carriers
    found = table.get(f"{carrier}|{service}") or table.get(carrier) or table.get("*")
    return found.ship_via if found else Missing("carriers", carrier or "*")


def create_draft(erp_order: tuple[str, str], customer: str, parcel: Parcel, day: date, stamp: str, via: str) -> Draft:
    """The shipment document: one row per order line (Acumatica form SO302000)."""
    order_type, number = erp_order
    body: dict[str, Any] = {
        "Type": "Shipment",
        "CustomerID": customer,
        "WarehouseID": parcel.warehouse,
        "ShipmentDate": day.isoformat(),
        "Description": stamp,
        "ShipVia": via,
        "Details": [
            {"OrderType": order_type, "OrderNbr": number, "OrderLineNbr": line} for line in sorted(parcel.lines)
        ],
    }
    return Draft(body, {"stamp": stamp, "lines": sorted(parcel.lines)})


def fill_draft(
    erp: ErpShipment,
    erp_order: tuple[str, str],
    parcel: Parcel,
    shipment: Shipment,
    stamp: str,
    day: date,
    via: str,
    document: AcumaticaShipBob,
    note: Note,
) -> Draft | Held:
    """Quantities, packages and carrier of the shipment in one save; rows are addressed by their ids."""
    rows: list[dict[str, Any]] = []
    found: dict[int, Decimal] = {}
    for line in erp.lines:
        mine = (line.order_type, line.order_number) == erp_order and line.order_line_number in parcel.lines
        if not mine or line.order_line_number is None:
            rows.append({"id": line.id, "delete": True})
            continue
        wanted = parcel.lines[line.order_line_number]
        found[line.order_line_number] = wanted
        if line.shipped_quantity != wanted:
            rows.append({"id": line.id, "ShippedQty": wanted})
    absent = sorted(set(parcel.lines) - set(found))
    if absent:
        return Held(
            f"Acumatica shipment {erp.number} has no row for order line {', '.join(map(str, absent))}; is it allocated "
            "or shipped elsewhere? Correct it in Acumatica, then replay."
        )
    body: dict[str, Any] = {
        "ShipmentNbr": erp.number,
        "ShipVia": via,
        "ShipmentDate": day.isoformat(),
        "Hold": False,
        "Packages": packages(shipment, stamp, document, note),
    }
    if rows:
        body["Details"] = rows
    return Draft(body, {"stamp": stamp})


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
    unit = document.systems.acumatica.weight_unit
    weight = ((weight_oz or Decimal(0)) / OUNCES_PER_UNIT[unit]).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if not weight_oz:
        note("ShipBob states no weight for a package: 0 is written")
    return {
        "BoxID": document.settings.shipments.box,
        "Description": f"ShipBob {shipment.shipment_id}"[:30],
        "Weight": weight,
        "TrackingNbr": tracking,
        "CustomRefNbr1": stamp[:30],
        "Confirmed": True,
    }
