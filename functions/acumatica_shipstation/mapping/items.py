"""Acumatica stock item -> the product record that ShipStation has already. A save replaces the whole record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from acumatica_shipstation.known_items import ounces, upc_of
from acumatica_shipstation.settings import AcumaticaShipStation
from vendors.acumatica.items import ACTIVE
from vendors.acumatica.shapes import StockItem
from vendors.shipstation.shapes import Product

LONGEST_NAME = 200

READ_ONLY = frozenset({"createDate", "modifyDate"})

Note = Callable[[str], None]


def desired(item: StockItem, document: AcumaticaShipStation, note: Note) -> dict[str, Any]:
    """The members that Acumatica decides. What it has no value for is left as it is at ShipStation."""
    wanted: dict[str, Any] = {
        "name": (item.description or item.inventory_id)[:LONGEST_NAME],
        "active": item.status in ACTIVE,
    }
    if len(item.description) > LONGEST_NAME:
        note(f"the name is cut to {LONGEST_NAME} characters")
    weight = ounces(item, document, note)
    if weight is not None:
        wanted["weightOz"] = weight
    code = upc_of(item)
    if code:
        note(f"ShipStation's product records have no field for the barcode {code}: orders carry it")
    if document.settings.items.customs:
        if item.country_of_origin:
            wanted["customsCountryCode"] = item.country_of_origin
        if item.tariff_code:
            wanted["customsTariffNo"] = item.tariff_code
    return wanted


def changes(wanted: Mapping[str, Any], product: Product) -> dict[str, Any]:
    """What differs from the record that is there."""
    return {name: value for name, value in wanted.items() if not _same(value, product.document.get(name))}


def _same(wanted: Any, there: Any) -> bool:
    if isinstance(wanted, Decimal):
        return there is not None and abs(wanted - Decimal(str(there))) < Decimal("0.01")
    return bool(wanted == there)


def whole(product: Product, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The whole record with the changes in it."""
    kept = {name: value for name, value in product.document.items() if name not in READ_ONLY}
    return {**kept, **changed}
