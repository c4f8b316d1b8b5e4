"""The simulated tenant: its store, its reference tables, its clock, and what was noted for assertions."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from local.simulators.acumatica.contract import FORMS
from local.simulators.acumatica.documents import ZERO, Record, Store, normal
from local.simulators.acumatica.switches import Switches
from local.simulators.acumatica.wire import Instant
from local.simulators.base import Clock


@dataclass
class Reference:
    """Small tables that have no entity of their own here."""

    order_types: dict[str, str] = field(
        default_factory=lambda: {
            "SO": "sales",
            "SA": "sales",
            "QT": "quote",
            "IN": "invoice",
            "CM": "credit memo",
            "TR": "transfer",
            "RM": "return",
            "RC": "return",
        }
    )
    accounts: dict[str, bool] = field(default_factory=dict)  # number -> active
    subaccounts: dict[str, bool] = field(default_factory=dict)
    reason_codes: dict[str, str] = field(default_factory=dict)  # code -> usage
    boxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    non_stock_items: dict[str, dict[str, Any]] = field(default_factory=dict)
    plug_in_ship_vias: set[str] = field(default_factory=set)
    closed_periods: set[str] = field(default_factory=set)  # MMYYYY
    branches: set[str] = field(default_factory=lambda: {"MAIN"})
    attributes: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)  # entity -> view -> field -> type
    denied_forms: set[str] = field(default_factory=set)  # screen ids
    conflicts: dict[str, int] = field(default_factory=dict)  # entity -> so many next updates collide
    weight_unit: str = "LB"


@dataclass
class World:
    """One tenant."""

    clock: Clock
    switches: Switches
    random: random.Random
    store: Store = field(default_factory=Store)
    reference: Reference = field(default_factory=Reference)
    unknown_fields: list[str] = field(default_factory=list)  # `Entity/path/Name` that no contract knows
    ignored_fields: list[str] = field(default_factory=list)  # known, but read-only or without its override flag
    labels_bought: list[dict[str, Any]] = field(default_factory=list)
    stamps: int = 0
    business_date: date | None = None  # PX-CbApiBusinessDate of the request under way

    def new_id(self) -> str:
        """A fresh record id."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def stamp(self) -> Instant:
        """The change stamp of a write that happens now, on the application server's clock."""
        self.stamps += 1
        moment = self.clock() + timedelta(seconds=self.switches.stamp_skew_seconds)
        return Instant.of(moment, self.stamps % 10 if self.switches.fraction_ticks else 0)

    def today(self) -> date:
        """The business date: the request's own, else the tenant's day."""
        if self.business_date is not None:
            return self.business_date
        return (self.clock().astimezone(UTC) + timedelta(minutes=self.switches.tenant_offset_minutes)).date()

    def period_of(self, day: date) -> str:
        """The financial period, MMYYYY."""
        return f"{day.month:02d}{day.year}"

    # -- items and quantities

    def item(self, name: str) -> Record | None:
        """A stock item by its id, or by an alternate id of one item."""
        found = self.store.find("StockItem", name)
        if found is not None:
            return found
        wanted = normal(name)
        for item in self.store.all("StockItem"):
            if any(normal(row.text("AlternateID")) == wanted for row in item.rows("CrossReferences")):
                return item
        return None

    def factor(self, item: Record, unit: str) -> Decimal | None:
        """How many base units one `unit` of the item is; None when the unit is not one of the item's."""
        base = item.text("BaseUOM") or "EA"
        if normal(unit) == normal(base):
            return Decimal(1)
        for row in item.rows("UOMConversions"):
            if normal(row.text("FromUOM")) == normal(unit) and normal(row.text("ToUOM")) == normal(base):
                rate = row.number("ConversionFactor")
                return Decimal(1) / rate if row.text("MultiplyOrDivide") == "Divide" else rate
        return None

    def on_hand(self, item: str, warehouse: str) -> Decimal:
        """On-hand quantity in base units, over all locations."""
        return sum(self.store.on_hand.get(normal(item, warehouse), {}).values(), ZERO)

    def move_stock(self, item: str, warehouse: str, location: str, quantity: Decimal) -> None:
        """Adds to on-hand. The item's change stamp is not touched: stock levels have to be asked for."""
        by_location = self.store.on_hand.setdefault(normal(item, warehouse), {})
        (place,) = normal(location)
        self.store.set(by_location, place, by_location.get(place, ZERO) + quantity)
        self.store.set(self.store.counted_at, normal(item, warehouse), self.stamp())

    def on_shipments(self, item: str, warehouse: str) -> Decimal:
        """Base units on shipments whose issue has not been posted: still on hand, no longer available."""
        return self.store.reserved.get(normal(item, warehouse), ZERO)

    def _reserve(self, shipment: Record | None, sign: int) -> None:
        """Adds (or takes back) what an unposted shipment holds."""
        if shipment is None or any(row.text("InventoryRefNbr") for row in shipment.rows("Orders")):
            return
        for row in shipment.rows("Details"):
            key = normal(row.text("InventoryID"), row.text("WarehouseID"))
            quantity = sign * row.number("ShippedQty") * self.base_factor(row)
            self.store.set(self.store.reserved, key, self.store.reserved.get(key, ZERO) + quantity)

    def base_factor(self, row: Record) -> Decimal:
        """Base units per unit of a document line."""
        item = self.store.find("StockItem", row.text("InventoryID"))
        return (self.factor(item, row.text("UOM")) if item else None) or Decimal(1)

    # -- commits

    def commit(self, record: Record, *, touch: bool = True) -> None:
        """Stores a record and stamps it when `touch` is on."""
        form = FORMS[record.entity]
        stamp = self.stamp() if touch or record.id not in self.store.records[record.entity] else None
        if stamp is not None:
            record.values |= dict.fromkeys(form.modified, stamp)
            if form.created and record.values.get(form.created) is None:
                record.values[form.created] = stamp
        if record.entity == "Shipment":
            self._reserve(self.store.records["Shipment"].get(record.id), -1)
            self._reserve(record, 1)
        self.store.commit(record)

    def delete(self, record: Record) -> None:
        """Removes a record."""
        if record.entity == "Shipment":
            self._reserve(record, -1)
        self.store.delete(record)


def stable_id(*parts: str) -> str:
    """The id of a row that is computed, not stored: the same every time."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(parts)))


def utc(moment: datetime) -> datetime:
    """The moment in UTC; a naive one is a mistake of the caller."""
    if moment.tzinfo is None:
        raise ValueError("the simulator's clock must answer aware datetimes")
    return moment.astimezone(UTC)
