"""Acumatica stock item -> ShipBob product with one variant. Weight in ounces, sizes in inches."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from acumatica_shipbob.settings import AcumaticaShipBob
from vendors.acumatica.items import ACTIVE, in_ounces
from vendors.acumatica.shapes import StockItem
from vendors.shipbob.shapes.products import Variant

Note = Callable[[str], None]


def ounces(item: StockItem, document: AcumaticaShipBob, note: Note) -> Decimal | None:
    """The item's weight in ounces to four digits; None when it has none or in a unit we do not know."""
    if item.weight is None or item.weight == 0:
        return None
    unit = (item.weight_uom or "").upper()
    if not unit:
        unit = document.systems.acumatica.weight_unit
        note(f"the item has no weight unit: the company's {unit} is used")
    weight = in_ounces(item.weight, unit)
    if weight is None:
        note(f"the weight is not sent: its unit {unit} is unknown")
    return weight


def dimension(item: StockItem, document: AcumaticaShipBob, note: Note) -> dict[str, Decimal] | None:
    """Length, width and height in inches from the configured attributes; None unless all three are there."""
    rules = document.settings.items
    names = {"length": rules.length_attribute, "width": rules.width_attribute, "height": rules.height_attribute}
    if not all(names.values()):
        return None
    sizes: dict[str, Decimal] = {}
    for side, attribute in names.items():
        text = item.attributes.get(str(attribute), "").strip()
        try:
            size = Decimal(text) if text else Decimal(0)
        except InvalidOperation:
            size = Decimal(0)
        if size <= 0:
            note(f"no dimensions are sent: attribute {attribute} is empty or not a number")
            return None
        sizes[side] = size
    return sizes


def desired(item: StockItem, document: AcumaticaShipBob, note: Note) -> dict[str, Any]:
    """The variant as ShipBob shall hold it. Members without a value in Acumatica are left out, never emptied."""
    variant: dict[str, Any] = {
        "sku": item.inventory_id,
        "name": item.description or item.inventory_id,
        "status_id": 0 if item.status in ACTIVE else 1,
    }
    weight = ounces(item, document, note)
    if weight is not None:
        variant["weight"] = weight
    size = dimension(item, document, note)
    if size is not None:
        variant["dimension"] = size
    codes = [code.code for code in item.barcodes if code.uom in (None, item.base_uom)]
    if codes:
        variant["barcodes"] = [{"value": code} for code in dict.fromkeys(codes)]
    if not item.description:
        note("the item has no description: its id is used as name")
    return variant


def changes(wanted: dict[str, Any], variant: Variant) -> dict[str, Any]:
    """What must be changed at ShipBob; locked dimensions were measured there and stay."""
    changed: dict[str, Any] = {}
    if wanted["name"] != variant.name:
        changed["name"] = wanted["name"]
    if (wanted["status_id"] == 0) != variant.is_active:
        changed["status_id"] = wanted["status_id"]
    if "weight" in wanted and not _near(wanted["weight"], variant.weight_oz):
        changed["weight"] = wanted["weight"]
    if "dimension" in wanted and not variant.dimension.is_locked:
        held = (variant.dimension.length_in, variant.dimension.width_in, variant.dimension.height_in)
        sizes = (wanted["dimension"]["length"], wanted["dimension"]["width"], wanted["dimension"]["height"])
        if not all(_near(want, have) for want, have in zip(sizes, held, strict=True)):
            changed["dimension"] = wanted["dimension"]
    if "barcodes" in wanted:
        codes = [barcode["value"] for barcode in wanted["barcodes"]]
        if not set(codes) <= set(variant.barcodes):
            changed["barcodes"] = [{"value": code} for code in dict.fromkeys([*variant.barcodes, *codes])]
    return changed


def _near(wanted: Decimal, held: Decimal | None) -> bool:
    """Equal to a hundredth: ShipBob keeps doubles."""
    return held is not None and abs(wanted - held) < Decimal("0.01")
