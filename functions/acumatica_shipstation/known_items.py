"""What Acumatica says of an item, remembered for a day: hundreds of orders ask for the same few."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from acumatica_shipstation.clients import Accounts
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.instants import instant_text, parse_instant
from connector.pair import Work
from connector.ports import Item
from connector.record import from_json, to_json
from connector.services import Services
from vendors.acumatica.items import base_factors, in_ounces
from vendors.acumatica.shapes import StockItem

LIFE = timedelta(days=1)

Note = Callable[[str], None]


@dataclass(frozen=True)
class KnownItem:
    """An item as lines need it. `conversions`: unit -> base units per unit; `weight_oz` of one base unit."""

    sku: str
    base_uom: str
    conversions: Mapping[str, Decimal]
    name: str
    weight_oz: Decimal | None
    upc: str

    def factor(self, uom: str) -> Decimal | None:
        """Base units per `uom`; None where nobody says."""
        return Decimal(1) if uom == self.base_uom else self.conversions.get(uom)


def ounces(item: StockItem, document: AcumaticaShipStation, note: Note) -> Decimal | None:
    """The item's weight in ounces to four digits; None when it has none or in a unit we do not know."""
    if item.weight is None or item.weight == 0:
        return None
    unit = (item.weight_uom or "").upper()
    if not unit:
        unit = document.systems.acumatica.weight_unit
        note(f"item {item.inventory_id} has no weight unit: the company's {unit} is used")
    weight = in_ounces(item.weight, unit)
    if weight is None:
        note(f"the weight of item {item.inventory_id} is not sent: its unit {unit} is unknown")
    return weight


def upc_of(item: StockItem) -> str:
    """The first code of the base unit, or ""."""
    return next((code.code for code in item.barcodes if code.uom in (None, item.base_uom)), "")


def remember(services: Services, document: AcumaticaShipStation, item: StockItem, note: Note) -> KnownItem:
    """Notes what the ERP says now."""
    weight = ounces(item, document, note)
    data = {
        "base_uom": item.base_uom,
        "conversions": {uom: str(factor) for uom, factor in base_factors(item).items()},
        "name": item.description or item.inventory_id,
        "weight_oz": "" if weight is None else f"{weight:f}",
        "upc": upc_of(item),
    }
    stored: Item = {
        "pk": f"item/{document.connection}",
        "sk": item.inventory_id,
        "at": instant_text(services.clock()),
        "data": to_json(data),
    }
    services.tables.put("state", stored)
    return _known(item.inventory_id, data)


def items_of(work: Work[Accounts], document: AcumaticaShipStation, skus: Sequence[str]) -> dict[str, KnownItem]:
    """The items that the ERP knows; what is remembered for less than a day costs no call."""
    found: dict[str, KnownItem] = {}
    keys = [(f"item/{document.connection}", sku) for sku in dict.fromkeys(skus)]
    kept = work.services.tables.get_many("state", keys)
    for _, sku in keys:
        stored = kept.get((f"item/{document.connection}", sku))
        if stored is not None and work.now - parse_instant(str(stored["at"])) < LIFE:
            found[sku] = _known(sku, from_json(str(stored["data"])))
            continue
        item = work.clients.acumatica.stock_item(sku) or work.clients.acumatica.nonstock_item(sku)
        if item is not None:
            found[sku] = remember(work.services, document, item, work.note)
    return found


def _known(sku: str, data: Mapping[str, Any]) -> KnownItem:
    weight = Decimal(data["weight_oz"]) if data["weight_oz"] else None
    factors = {uom: Decimal(factor) for uom, factor in data["conversions"].items()}
    return KnownItem(sku, data["base_uom"], factors, data["name"], weight, data["upc"])
