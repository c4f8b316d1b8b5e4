"""The World: everything one simulated merchant account holds, its switches, its counters and its clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from local.simulators.base import Clock
from local.simulators.shipbob.records import (
    Channel,
    Delivery,
    Invoice,
    Location,
    Order,
    Product,
    ReceivingOrder,
    ReturnOrder,
    Shipment,
    ShippingMethod,
    StockEvent,
    Subscription,
    Transaction,
    Variant,
)

STALE_SECONDS = 60
CLAIMING = ("Processing", "OnHold", "ImportReview")  # statuses of shipments whose units are committed
_FIRST_NUMBERS = {
    "channel": 433699,
    "order": 337200000,
    "shipment": 345100000,
    "product": 3216000,
    "variant": 15319000,
    "inventory": 20350000,
    "receiving": 901000,
    "box": 1690000,
    "return": 2950000,
    "invoice": 7654000,
    "event": 88000000,
    "webhook": 12344,
    "method": 4000,
    "message": 0,
    "transaction": 0,
    "tracking": 0,
}


@dataclass
class Switches:
    """The traps of the real API that can be turned on or off; each name says what happens when it is true or set."""

    strict: bool = True
    visibility_lag_seconds: float = 0
    inventory_lag_seconds: float = 0
    allocation_delay_seconds: float = 0
    import_review: bool = False
    largest_cursor_page: int = 50
    next_style: str = "path"  # path | url | token: how product and inventory lists write `next`
    order_page_headers: bool = True
    remaining_header: bool = True
    tracking_shape: str = "live"  # live | spec: the answer of /shipments-tracking in 2026-01
    tracking_poll_fails: bool = False  # HasTracking together with IsTrackingUploaded answers 500 (seen live)
    duplicate_sku_status: int = 422  # 422 field map | 400 problem details; unverified in 2026-01, so clients take both
    webhook_create_status: int = 200
    webhook_delete_status: int = 204
    newer_topics: bool = False  # 2026-01 subscriptions accept the topics of the newer docs
    loopback_webhooks: bool = True  # plain http is taken for 127.0.0.1 and localhost, for local runs
    unpadded_signatures: bool = False
    duplicate_deliveries: int = 0
    reorder_deliveries: bool = False
    shipped_per_shipment: bool = False  # order.shipped per label instead of once when all labels exist
    invoice_amount_absent: bool = False
    scopes_as_text: bool = False  # /channel answers one space separated string inside `scopes`
    oauth_error_status: int = 400  # 200: an `error` member although HTTP reports success
    refresh_reuse_kills_family: bool = True
    clock_skew_seconds: float = 0  # moves the Date header, nothing else


@dataclass
class Snapshot:
    """The collections as they were before one write."""

    at: datetime
    collections: dict[str, dict[Any, Any]]


@dataclass
class Collections:
    """The dictionaries of records. They are replaced as a whole for a stale read."""

    channels: dict[int, Channel] = field(default_factory=dict)
    locations: dict[int, Location] = field(default_factory=dict)
    methods: dict[str, ShippingMethod] = field(default_factory=dict)
    products: dict[int, Product] = field(default_factory=dict)
    variants: dict[int, Variant] = field(default_factory=dict)
    items: dict[int, int] = field(default_factory=dict)  # inventory id -> variant id
    stock: dict[tuple[int, int, str], int] = field(default_factory=dict)  # (location, inventory, lot or "") -> on hand
    on_hand: dict[tuple[int, int], int] = field(default_factory=dict)  # (location, inventory), lots added up
    committed: dict[tuple[int, int], int] = field(default_factory=dict)  # claimed by open shipments
    wanted: dict[int, int] = field(default_factory=dict)  # inventory -> units of shipments in exception
    skus: dict[str, tuple[int, ...]] = field(default_factory=dict)  # SKU -> variant ids
    lots: dict[tuple[int, str], datetime | None] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    references: dict[tuple[int, str], int] = field(default_factory=dict)  # (channel, reference_id) -> order
    shipments: dict[int, Shipment] = field(default_factory=dict)
    receiving: dict[int, ReceivingOrder] = field(default_factory=dict)
    returns: dict[int, ReturnOrder] = field(default_factory=dict)
    transactions: dict[str, Transaction] = field(default_factory=dict)
    invoices: dict[int, Invoice] = field(default_factory=dict)
    events: dict[int, StockEvent] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)


class World(Collections):
    """All collections plus clock, switches, counters, the outbox of webhooks and the list of strict violations."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        super().__init__()
        self.clock = clock
        self.switches = switches
        self.strict_violations: list[str] = []
        self.waiting_orders: list[int] = []
        self.outbox: list[Delivery] = []
        self.dead_deliveries: list[Delivery] = []
        self.loses_last_row = False  # a bulk call fails for its last row (fault PARTIAL)
        self.user_id = 123
        self.balance = Decimal(0)
        self._numbers = dict(_FIRST_NUMBERS)
        self._history: deque[Snapshot] = deque(maxlen=8)

    def now(self) -> datetime:
        """The present; the one place that asks the clock."""
        return self.clock()

    def number(self, kind: str) -> int:
        """The next identifier of its kind."""
        self._numbers[kind] += 1
        return self._numbers[kind]

    def remember(self) -> None:
        """Keeps a picture of the collections before a write, for stale reads."""
        self._history.append(
            Snapshot(self.now(), {each.name: dict(getattr(self, each.name)) for each in fields(Collections)})
        )

    @contextmanager
    def as_before_last_writes(self) -> Iterator[None]:
        """Shows the World without the writes of the last minute (at most eight); for reading only."""
        floor = self.now() - timedelta(seconds=STALE_SECONDS)
        old = next((snapshot for snapshot in self._history if snapshot.at >= floor), None)
        current = {each.name: getattr(self, each.name) for each in fields(Collections)}
        if old is not None:
            vars(self).update(old.collections)
        try:
            yield
        finally:
            vars(self).update(current)

    def put_shipment(self, shipment: Shipment) -> None:
        """Stores a shipment and keeps the sums of committed and wanted units in step."""
        old = self.shipments.get(shipment.id)
        for sign, each in ((-1, old), (1, shipment)):
            if each is None:
                continue
            for units in each.units:
                place = (each.location_id, units.inventory_id)
                if each.status in CLAIMING:
                    self.committed[place] = self.committed.get(place, 0) + sign * units.quantity
                elif each.status == "Exception":
                    self.wanted[units.inventory_id] = self.wanted.get(units.inventory_id, 0) + sign * units.quantity
        self.shipments[shipment.id] = shipment

    def put_variant(self, variant: Variant) -> None:
        """Stores a variant under its id, its inventory id and its SKU."""
        old = self.variants.get(variant.id)
        if old is not None and old.sku != variant.sku:
            self.skus[old.sku] = tuple(number for number in self.skus[old.sku] if number != variant.id)
        known = self.skus.get(variant.sku, ())
        self.skus[variant.sku] = known if variant.id in known else (*known, variant.id)
        if variant.inventory_id is not None:
            self.items[variant.inventory_id] = variant.id
        self.variants[variant.id] = variant

    def variant_of(self, inventory_id: int) -> Variant | None:
        """The variant that an inventory item belongs to."""
        variant_id = self.items.get(inventory_id)
        return None if variant_id is None else self.variants[variant_id]

    def lost(self, numbers: list[int]) -> list[int]:
        """The rows of a bulk call that get lost on the way: the last one under the fault PARTIAL."""
        return numbers[-1:] if self.loses_last_row else []

    def sku_of(self, inventory_id: int) -> str:
        """The SKU of an inventory item, or an empty text."""
        variant = self.variant_of(inventory_id)
        return variant.sku if variant else ""
