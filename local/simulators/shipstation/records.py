"""What the simulated ShipStation holds: frozen records; a change puts a new one in the old one's place.

Moments are aware UTC; V1 shows and compares them as Pacific wall time (`pacific.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

OPEN = ("awaiting_payment", "awaiting_shipment", "on_hold")
STATUSES = (*OPEN, "pending_fulfillment", "shipped", "cancelled", "rejected_fulfillment")


@dataclass(frozen=True)
class Order:
    """One order. `content` holds the members that a caller may write, as they are shown; `items` the lines."""

    id: int
    key: str
    number: str
    status: str
    store_id: int
    created: datetime
    modified: datetime
    content: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...]
    hold_until: str | None = None
    parent_id: int | None = None
    merged_ids: tuple[int, ...] = ()
    merged_or_split: bool = False
    batch: str = ""
    customer_id: int | None = None
    externally_fulfilled: bool = False
    deleted: bool = False
    writes: int = 0  # by how many API calls it was created or replaced
    poisoned: bool = False  # a list page that would show it answers 500


@dataclass(frozen=True)
class Shipment:
    """One label (V1 "shipment", V2 "label"). `order_id` is None for a label made without an order."""

    id: int
    order_id: int | None
    created: datetime
    ship_date: str
    tracking_numbers: tuple[str, ...]  # one per package; V1 shows the first
    carrier: str
    service: str
    package: str
    cost: Decimal
    insurance: Decimal
    items: tuple[Mapping[str, Any], ...]
    store_id: int | None
    batch: str
    batch_number: str | None
    ship_to: Mapping[str, Any] | None
    weight: Mapping[str, Any] | None
    confirmation: str | None = None
    warehouse_id: int | None = None
    is_return: bool = False
    voided: datetime | None = None
    void_refusal: str = ""  # why the carrier will not take it back; empty: it will


@dataclass(frozen=True)
class Fulfillment:
    """Shipped without a label of ShipStation: by hand, by API, by a provider."""

    id: int
    order_id: int
    created: datetime
    ship_date: str
    tracking_number: str
    carrier: str | None  # display text
    provider: str | None = None
    batch: str = ""
    voided: datetime | None = None


@dataclass(frozen=True)
class Product:
    """One product record; `content` holds every member but the id and the dates."""

    id: int
    created: datetime
    modified: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Customer:
    """One customer profile, made from an order that names a username."""

    id: int
    username: str
    created: datetime
    modified: datetime
    name: str
    email: str | None
    address: Mapping[str, Any]


@dataclass(frozen=True)
class Store:
    """A sales channel. `marketplace_id` 0 is a manual store, 115 ShipStation's own Acumatica channel."""

    id: int
    name: str
    marketplace_id: int
    marketplace: str
    created: datetime
    active: bool = True


@dataclass(frozen=True)
class Subscription:
    """One webhook of V1; `store_id` None means all stores."""

    id: int
    event: str
    url: str
    name: str | None
    store_id: int | None
    active: bool = True


@dataclass(frozen=True)
class Delivery:
    """One request that ShipStation makes to a webhook's address."""

    id: str
    subscription_id: int
    event: str
    url: str
    body: bytes
    due: datetime
    attempt: int = 1
    headers: dict[str, str] = field(default_factory=dict)
