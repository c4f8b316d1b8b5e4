"""What the simulated GP holds: frozen records; a change puts a new one in the old one's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.simulators.dynamics_gp.book import collated

ORDER, INVOICE, RETURN, FULFILLMENT = "Order", "Invoice", "Return", "Fulfillment Order"
ADJUSTMENT, VARIANCE, TRANSFER = "InventoryAdjustment", "InventoryVariance", "InventoryTransfer"
WORK, HISTORY = "Work", "History"


@dataclass(frozen=True)
class Item:
    """One item card. `units` are factors to the base unit `unit`; `kind` is a spelling of ItemType."""

    number: str
    description: str
    kind: str
    unit: str
    units: Mapping[str, Decimal]
    decimals: int
    price: Decimal
    cost: Decimal
    weight: Decimal
    site: str
    back_orders: bool
    discontinued: bool
    created: datetime
    modified: datetime

    def factor(self, unit: str) -> Decimal | None:
        """How many base units a unit of measure has; None for one that is not in the schedule."""
        return next((factor for name, factor in self.units.items() if collated(name) == collated(unit)), None)


@dataclass(frozen=True)
class Site:
    """One site, `Warehouse` on the wire."""

    id: str
    description: str
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True)
class Customer:
    """One customer card."""

    id: str
    name: str
    site: str
    shipping_method: str
    active: bool
    on_hold: bool
    created: datetime
    modified: datetime


@dataclass(frozen=True)
class DocumentType:
    """One document id (`STDORD`): who sets numbers, when stock is allocated, whether documents may be voided."""

    type: str
    id: str
    prefix: str
    allocates: bool
    separate_fulfillment: bool
    may_void: bool
    may_override_numbers: bool


@dataclass(frozen=True)
class Stock:
    """What one site holds of one item, in base units. The five places of GP, then what is promised or awaited."""

    on_hand: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    in_use: Decimal = Decimal(0)
    in_service: Decimal = Decimal(0)
    damaged: Decimal = Decimal(0)
    allocated: Decimal = Decimal(0)
    on_order: Decimal = Decimal(0)
    back_ordered: Decimal = Decimal(0)

    @property
    def available(self) -> Decimal:
        """On hand less allocated; may be negative."""
        return self.on_hand - self.allocated


@dataclass(frozen=True)
class SalesDocument:
    """One sales document. `fields` are the elements of its type on the wire, `Lines` and `TrackingNumbers` included."""

    type: str
    number: str
    state: str
    fields: Mapping[str, Any]
    created: datetime
    modified: datetime
    voided: bool = False
    printed: bool = False
    transferred: bool = False  # partly transferred: quantities have left it
    opened_by: str = ""  # a GP user has it open
    poisoned: bool = False  # holds a control character: reading it ends in a system fault
    source: str = ""  # order number that a transfer made it from

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines as they stand; not to be changed in place."""
        return list(self.fields.get("Lines", ()))


@dataclass(frozen=True)
class InventoryDocument:
    """One inventory document of a `kind` (adjustment, variance, transfer)."""

    kind: str
    number: str
    state: str
    fields: Mapping[str, Any]
    created: datetime
    modified: datetime
    created_as: str = ""  # the number it was created with, where posting gave it another


@dataclass(frozen=True)
class Account:
    """A Windows account. `denied`: operations that no role of it allows."""

    name: str
    password: str
    denied: frozenset[str] = field(default_factory=frozenset)
