"""What ShipBob keeps: frozen records, money as Decimal, moments as aware UTC datetimes.

Records are never changed in place: a new one takes the old one's place in the World, so that an older
picture of the World (for stale reads) is a shallow copy of its dictionaries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Channel:
    """One application's slice of the merchant account."""

    id: int
    name: str
    application_name: str
    scopes: tuple[str, ...]
    listed: bool = True


@dataclass(frozen=True)
class Location:
    """A fulfilment centre; `timezone` is a Windows name; `hub_id`: receiving for this one is done at that one."""

    id: int
    name: str
    abbreviation: str
    timezone: str
    address: dict[str, str]
    region: tuple[int, str]
    access_granted: bool = True
    is_active: bool = True
    is_receiving_enabled: bool = True
    is_shipping_enabled: bool = True
    hub_id: int | None = None


@dataclass(frozen=True)
class ShippingMethod:
    id: int
    name: str
    level_id: int
    level_name: str
    default: bool = False


@dataclass(frozen=True)
class Variant:
    """One SKU. `members` holds the remaining write members (customs, upc, ...) as they were sent."""

    id: int
    product_id: int
    sku: str
    name: str
    inventory_id: int | None
    weight: Decimal
    dimension: tuple[Decimal, Decimal, Decimal]
    created: datetime
    updated: datetime
    is_locked: bool = False
    is_active: bool = True
    is_digital: bool = False
    barcodes: tuple[dict[str, Any], ...] = ()
    bundle: tuple[tuple[int, int], ...] = ()
    members: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Product:
    id: int
    name: str
    type_id: int
    taxonomy_id: int | None
    channel_id: int
    variant_ids: tuple[int, ...]
    created: datetime
    updated: datetime


@dataclass(frozen=True)
class OrderLine:
    """One line as it was ordered, with the variant that it was resolved to."""

    variant_id: int
    product_id: int
    reference_id: str
    sku: str
    quantity: int
    unit_price: Decimal | None
    gtin: str | None
    upc: str | None
    external_line_id: int | None
    unit_code: str | None


@dataclass(frozen=True)
class Order:
    """`document` is the request as it came; `visible_from`: reads miss it before; `imported`: a store sent it."""

    id: int
    channel_id: int
    reference_id: str
    created: datetime
    visible_from: datetime
    document: dict[str, Any]
    lines: tuple[OrderLine, ...]
    shipment_ids: tuple[int, ...] = ()
    cancelled: bool = False
    in_review: bool = False
    status_text: str | None = None
    imported: bool = False


@dataclass(frozen=True)
class Detail:
    """One status detail of a shipment."""

    id: int
    name: str
    description: str
    inventory_id: int | None = None
    location_id: int | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Units:
    """Units of one inventory item inside a shipment, on behalf of one ordered variant."""

    variant_id: int
    inventory_id: int
    quantity: int
    lot: str | None = None


@dataclass(frozen=True)
class Scan:
    """One event of the parcel's journey."""

    at: datetime
    status: str
    code: str
    substatus: str
    message: str
    city: str
    state: str
    country: str


@dataclass(frozen=True)
class Tracking:
    carrier: str
    service: str
    number: str
    url: str


@dataclass(frozen=True)
class Log:
    type_id: int
    name: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Shipment:
    id: int
    order_id: int
    location_id: int
    status: str
    details: tuple[Detail, ...]
    units: tuple[Units, ...]
    created: datetime
    recipient: dict[str, Any]
    ship_option: str
    weight_ounces: int = 0
    updated: datetime | None = None
    tracking_updated: datetime | None = None
    fulfilled: datetime | None = None
    delivered: datetime | None = None
    tracking: Tracking | None = None
    uploaded: bool = False
    invoice_amount: Decimal | None = None
    billed: bool = False
    logs: tuple[Log, ...] = ()
    scans: tuple[Scan, ...] = ()


@dataclass(frozen=True)
class BoxItem:
    inventory_id: int
    quantity: int
    received: int = 0
    stowed: int = 0
    lot_number: str | None = None
    lot_date: datetime | None = None


@dataclass(frozen=True)
class Box:
    id: int
    number: int
    status: str
    tracking_number: str | None
    items: tuple[BoxItem, ...]
    arrived: datetime | None = None
    received: datetime | None = None
    counting_started: datetime | None = None


@dataclass(frozen=True)
class ReceivingOrder:
    """A WRO. `counted`: the order level shows received units (it lags behind the boxes)."""

    id: int
    status: str
    location_id: int
    package_type: str
    box_packaging_type: str
    purchase_order_number: str | None
    expected_arrival: datetime
    inserted: datetime
    updated: datetime
    boxes: tuple[Box, ...]
    history: tuple[tuple[str, datetime], ...]
    counted: bool = False
    completed: datetime | None = None
    synced: datetime | None = None
    sku_withheld: bool = False
    billed: bool = False


@dataclass(frozen=True)
class ReturnItem:
    inventory_id: int
    quantity: int
    requested_action: str
    taken: tuple[tuple[str, int, str | None], ...] = ()
    lot_number: str | None = None
    lot_date: datetime | None = None


@dataclass(frozen=True)
class ReturnOrder:
    """`taken` of an item: (action, quantity processed, reason)."""

    id: int
    reference_id: str
    status: str
    return_type: str
    channel_id: int | None
    location_id: int
    inserted: datetime
    items: tuple[ReturnItem, ...]
    history: tuple[tuple[str, datetime], ...]
    original_shipment_id: int | None = None
    tracking_number: str | None = None
    fee: Decimal | None = None
    billed: bool = False


@dataclass(frozen=True)
class Transaction:
    """One billing row. `amount` is before tax; `taxes`: (type, rate, amount)."""

    id: str
    amount: Decimal
    charge_date: date
    fee: str
    type: str
    reference_id: str
    reference_type: str
    location_name: str
    invoice_type: str
    currency: str = "USD"
    taxes: tuple[tuple[str, Decimal, Decimal], ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    invoice_id: int | None = None


@dataclass(frozen=True)
class Invoice:
    id: int
    date: date
    type: str
    amount: Decimal
    running_balance: Decimal
    currency: str = "USD"


@dataclass(frozen=True)
class StockEvent:
    """One line of the inventory history of a facility; `quantity` is signed."""

    id: int
    category: str
    at: datetime
    location_id: int
    inventory_id: int
    quantity: int
    committed: int
    lot: str | None
    order_id: int | None


@dataclass(frozen=True)
class Subscription:
    """A webhook subscription; `old_secret` also signs until `old_until` (rotation)."""

    id: str
    url: str
    topics: tuple[str, ...]
    description: str | None
    secret: str
    created: datetime
    owner: str
    enabled: bool = True
    old_secret: str | None = None
    old_until: datetime | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """One attempt to post one message. `headers` are signed when the delivery becomes due."""

    id: str
    subscription_id: str
    topic: str
    url: str
    body: bytes
    attempt: int
    due: datetime
    headers: dict[str, str] = field(default_factory=dict)
