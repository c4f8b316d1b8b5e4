"""The World: everything the simulated ShipStation holds, its switches, its counters and its clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from local.simulators.base import Clock
from local.simulators.shipstation import pacific
from local.simulators.shipstation.records import (
    Customer,
    Delivery,
    Fulfillment,
    Order,
    Product,
    Shipment,
    Store,
    Subscription,
)
from local.simulators.shipstation.signing import KeyRing

STALE = timedelta(seconds=60)
FIRST_IDS = {"order": 140335318, "item": 192210955, "shipment": 33974372, "fulfillment": 33974373, "product": 7854007}


@dataclass
class Switches:
    """The traps of the real API that can be turned on or off; each name says what happens when it is true or set."""

    calls_per_minute: int = 40
    v2_calls_per_minute: int = 200
    v2_available: bool = True  # false: the merchant's plan has no V2
    locked_orders: str = "unchanged"  # unchanged: 200 with the stored order | refused: 400
    created_status: int = 200  # 201 is possible after the general table
    reordered_results: bool = True  # createorders answers its rows in another order than they were sent
    useful_pages: bool = False  # `pages` counts the pages; otherwise whole pages only, so mostly 0
    residential_by_itself: bool = True  # an address with a company is not residential, whatever was sent
    api_orders_make_products: bool = False  # not verified: documented for channel imports only
    deleted_orders_listed: bool = True
    void_reopens_orders: bool = True  # not verified
    void_days: int = 30
    record_shape: bool = False  # subscribe answers the record of the 2026 reference instead of {"id"}
    bare_host: bool = False  # resource_url without a number in its host
    sign_webhooks: bool = False  # the V2 signature on every webhook
    base64url_signatures: bool = False
    mark_as_shipped_notifies: bool = False  # contradictory in the documentation
    duplicate_deliveries: int = 0
    reorder_deliveries: bool = False
    drop_deliveries: bool = False
    webhook_retries: int = 2  # V1 documents none
    slow_refusals: bool = False  # a rejected credential takes six seconds
    throttle_in_200: bool = False  # the throttle body with status 200


class World:
    """All records plus clock, switches, counters, the outbox of webhooks and what strictness has to say."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches
        self.strict_violations: list[str] = []
        self.orders: dict[int, Order] = {}
        self.shipments: dict[int, Shipment] = {}
        self.fulfillments: dict[int, Fulfillment] = {}
        self.products: dict[int, Product] = {}
        self.customers: dict[int, Customer] = {}
        self.stores: dict[int, Store] = {}
        self.subscriptions: dict[int, Subscription] = {}
        self.tags: dict[int, str] = {}
        self.outbox: list[Delivery] = []
        self.lost: list[Delivery] = []
        self.delivered = 0
        self.keys: dict[str, int] = {}  # orderKey -> orderId, over the whole account
        self.keys_of_webhooks = KeyRing()
        self.loses_last_row = False  # a list or a bulk answer lacks its last row (fault PARTIAL)
        self._numbers: dict[str, int] = dict(FIRST_IDS)
        self._journal: deque[tuple[datetime, dict[int, Any], int, Any]] = deque()

    def now(self) -> datetime:
        """The present; the one place that asks the clock."""
        return self.clock()

    def number(self, kind: str) -> int:
        """The next id of its kind."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    def put(self, table: dict[int, Any], key: int, record: Any) -> None:
        """Stores a record and remembers for a minute what stood there before."""
        now = self.now()
        while self._journal and self._journal[0][0] < now - STALE:
            self._journal.popleft()
        self._journal.append((now, table, key, table.get(key)))
        table[key] = record

    def put_order(self, order: Order) -> Order:
        """Stores an order."""
        self.put(self.orders, order.id, order)
        return order

    def change(self, order: Order, **changes: Any) -> Order:
        """A changed order, modified now."""
        return self.put_order(replace(order, modified=self.now(), **changes))

    @contextmanager
    def as_a_minute_ago(self) -> Iterator[None]:
        """Shows reads the World without what was written within the last minute."""
        horizon = self.now() - STALE
        undone = [entry for entry in reversed(self._journal) if entry[0] >= horizon]
        saved = [(table, key, table.get(key)) for _, table, key, _ in undone]
        for _, table, key, before in undone:
            _restore(table, key, before)
        try:
            yield
        finally:
            for table, key, record in saved:
                _restore(table, key, record)

    def end_holds(self) -> None:
        """Orders whose hold ends today or earlier are awaiting shipment again, since the midnight of that day."""
        today = pacific.today(self.now())
        for order in list(self.orders.values()):
            if order.status == "on_hold" and order.hold_until and order.hold_until <= today.isoformat():
                midnight = datetime.combine(datetime.fromisoformat(order.hold_until).date(), time())
                ended = max(order.modified, pacific.from_wall(midnight))
                self.put_order(replace(order, status="awaiting_shipment", hold_until=None, modified=ended))

    def product_of(self, sku: str | None) -> Product | None:
        """The product record of a SKU."""
        wanted = (sku or "").strip()
        return next((each for each in self.products.values() if (each.content["sku"] or "").strip() == wanted), None)


def _restore(table: dict[int, Any], key: int, record: Any) -> None:
    if record is None:
        table.pop(key, None)
    else:
        table[key] = record
