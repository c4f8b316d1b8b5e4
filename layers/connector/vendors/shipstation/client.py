"""The client of one ShipStation account, API V1: orders, shipments, fulfilments, products, webhooks.

Reads answer parsed shapes. Writes answer the raw `Reply`, because the Ledger stores it before anybody parses it.
Every call raises `VendorFault`. Above each stands the page of ShipStation's developer site and the limit that matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from connector.faults import Executed, FaultKind, VendorFault
from connector.log import Log
from connector.transport import Reply, Transport
from vendors.answers import many
from vendors.shipstation import shapes
from vendors.shipstation.calls import Calls, Query, parsed, readable
from vendors.shipstation.faults import VENDOR
from vendors.shipstation.pages import LARGEST_PAGE, listed, rows_of
from vendors.shipstation.settings import ShipStationSystem
from vendors.shipstation.times import window_end, window_start

ORDERS_PER_CALL = 100
LONGEST_KEY = 50
"""V1 names no limit; V2 cuts the same field after so many characters, and two orders would become one."""

MOST_ROWS = 2_000
"""Rows of a search by a common beginning of order numbers; beyond it the numbers are divided."""

MARGIN = timedelta(days=1)
"""How far before its creation in the ERP an order is looked for: two clocks, and a day without a zone."""


@dataclass(frozen=True)
class ShipStation:
    """One account. `release` gives back what its budget holds."""

    transport: Transport
    system: ShipStationSystem
    log: Log
    release: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Ends the piece of work."""
        self.release()

    def ready(self) -> None:
        """Raises VendorFault(BUDGET) if no call could go out now."""
        self.transport.ready()

    @property
    def calls(self) -> Calls:
        """For calls that have no method here."""
        return Calls(self.transport, self.system.base_url, self.system.timeout_seconds)

    def _rows(self, path: str, member: str, purpose: str, query: Query, key: str) -> Iterator[Any]:
        return listed(self.calls, path, member, purpose, query, key, self.log)

    # ---- orders

    def order(self, order_id: int) -> shapes.Order | None:
        """Get Order. None when there is none."""
        return self.calls.optional(f"orders/{order_id}", "read order", shapes.parse_order)

    def order_by_key(self, number: str, key: str) -> shapes.Order | None:
        """The order with this key. There is no filter for keys: List Orders by number (a prefix search), compared."""
        for order in self.orders_numbered(number):
            if order.order_key == key:
                return order
        return None

    def orders_numbered(self, prefix: str, since: datetime | None = None) -> Iterator[shapes.Order]:
        """List Orders: those whose number begins so, created since then if given."""
        purpose = "find orders by number"
        query: list[tuple[str, object]] = [("orderNumber", prefix)]
        query += [("createDateStart", window_start(since - MARGIN))] if since is not None else []
        for rows in self._rows("orders", "orders", purpose, query, "orderId"):
            yield from parsed(rows, purpose, shapes.parse_order)

    def present(self, wanted: Mapping[str, str], since: datetime | None) -> Mapping[str, shapes.Order]:
        """Which of these orders (key -> number) the account holds: one call where their numbers begin alike.

        `since`: when the oldest of them was created in the ERP; it cannot be older at ShipStation.
        """
        if not wanted:
            return {}
        numbers = sorted(wanted.values())
        prefix = _common_beginning(numbers[0], numbers[-1])
        found = self._beginning(prefix, since, len(numbers)) if prefix else None
        if found is not None:
            return {order.order_key: order for order in found if order.order_key in wanted}
        if numbers[0] == numbers[-1]:
            raise VendorFault(VENDOR, FaultKind.INVALID, "an order without a number cannot be looked for", Executed.NO)
        middle = numbers[len(numbers) // 2]
        middle = middle if middle > numbers[0] else numbers[-1]
        lower = {key: number for key, number in wanted.items() if number < middle}
        upper = {key: number for key, number in wanted.items() if number >= middle}
        return {**self.present(lower, since), **self.present(upper, since)}

    def _beginning(self, prefix: str, since: datetime | None, wanted: int) -> Sequence[shapes.Order] | None:
        """The orders whose number begins so; None when they are so many that asking in parts is better."""
        purpose = "find orders by number"
        query: list[tuple[str, object]] = [("orderNumber", prefix)]
        query += [("createDateStart", window_start(since - MARGIN))] if since is not None else []
        reply = self.calls.get("orders", purpose, [*query, ("page", 1), ("pageSize", LARGEST_PAGE)])
        rows, total, _ = rows_of(readable(reply, purpose, lambda document: document), "orders", purpose)
        if total <= len(rows) < LARGEST_PAGE:
            return parsed(rows, purpose, shapes.parse_order)
        if total > MOST_ROWS and wanted > 1:
            return None
        return list(self.orders_numbered(prefix, since))

    def orders_modified(self, since: datetime, until: datetime) -> Iterator[tuple[shapes.Order, ...]]:
        """List Orders by modifyDate, oldest first, in pages."""
        window = [("modifyDateStart", window_start(since)), ("modifyDateEnd", window_end(until))]
        return self._orders([*window, ("sortBy", "ModifyDate"), ("sortDir", "ASC")], "list changed orders")

    def orders_of_batch(self, batch: str, since: datetime) -> Iterator[tuple[shapes.Order, ...]]:
        """The orders of an import that a webhook named. The window bounds the answer where the filter is ignored."""
        query = [("importBatch", batch), ("modifyDateStart", window_start(since)), ("sortBy", "ModifyDate"),
                 ("sortDir", "ASC")]  # fmt: skip
        return self._orders(query, "list orders of an import")

    def _orders(self, query: Query, purpose: str) -> Iterator[tuple[shapes.Order, ...]]:
        for rows in self._rows("orders", "orders", purpose, query, "orderId"):
            yield parsed(rows, purpose, shapes.parse_order)

    def create_orders(self, bodies: Sequence[Mapping[str, Any]]) -> Reply:
        """Create/Update Multiple Orders: 1-100; 200 does not mean success, read `parse_results` by key."""
        if not 1 <= len(bodies) <= ORDERS_PER_CALL:
            raise ValueError(f"{len(bodies)} orders in one call; 1 to {ORDERS_PER_CALL} are taken")
        for body in bodies:
            _check_key(body)
        return self.calls.write("POST", "orders/createorders", "create orders", list(bodies))

    def save_order(self, body: Mapping[str, Any]) -> Reply:
        """Create/Update Order: whole replacement by orderKey. Parse the reply with `parse_order`."""
        _check_key(body)
        return self.calls.write("POST", "orders/createorder", "save order", body)

    def delete_order(self, order_id: int) -> Reply:
        """Delete Order: soft, the order becomes cancelled and its key is used up."""
        return self.calls.write("DELETE", f"orders/{order_id}", "delete order")

    def hold_until(self, order_id: int, day: date) -> Reply:
        """Hold Order Until: on hold to that day, then awaiting shipment by itself."""
        body = {"orderId": order_id, "holdUntilDate": day.isoformat()}
        return self.calls.write("POST", "orders/holduntil", "hold order", body)

    def restore_from_hold(self, order_id: int) -> Reply:
        """Restore Order from On Hold."""
        return self.calls.write("POST", "orders/restorefromhold", "release order", {"orderId": order_id})

    # ---- what left

    def shipments_created(self, since: datetime, until: datetime) -> Iterator[tuple[shapes.Shipment, ...]]:
        """List Shipments by createDate, oldest first, with their lines."""
        window = [("createDateStart", window_start(since)), ("createDateEnd", window_end(until))]
        return self._shipments(window, "list new shipments")

    def shipments_voided(self, since: datetime, until: datetime) -> Iterator[tuple[shapes.Shipment, ...]]:
        """List Shipments by voidDate. No webhook tells of a void."""
        window = [("voidDateStart", window_start(since)), ("voidDateEnd", window_end(until))]
        return self._shipments(window, "list voided shipments")

    def shipments_of_batch(
        self, batch: str, store_id: int | None, since: datetime
    ) -> Iterator[tuple[shapes.Shipment, ...]]:
        """The shipments that a webhook named. The window bounds the answer where the filter is ignored."""
        query: list[tuple[str, object]] = [("batchId", batch), ("createDateStart", window_start(since))]
        query += [("storeId", store_id)] if store_id is not None else []
        return self._shipments(query, "list shipments of a batch")

    def shipments_of_order(self, order_id: int) -> tuple[shapes.Shipment, ...]:
        """List Shipments of one order, with their lines."""
        return tuple(row for rows in self._shipments([("orderId", order_id)], "list shipments of an order")
                     for row in rows)  # fmt: skip

    def _shipments(self, query: Query, purpose: str) -> Iterator[tuple[shapes.Shipment, ...]]:
        asked = [*query, ("includeShipmentItems", True), ("sortBy", "CreateDate"), ("sortDir", "ASC")]
        for rows in self._rows("shipments", "shipments", purpose, asked, "shipmentId"):
            yield parsed(rows, purpose, shapes.parse_shipment)

    def fulfillments_created(self, since: datetime, until: datetime) -> Iterator[tuple[shapes.Fulfillment, ...]]:
        """List Fulfillments by createDate: orders that left without a label of ShipStation's."""
        purpose = "list new fulfilments"
        query = [("createDateStart", window_start(since)), ("createDateEnd", window_end(until)),
                 ("sortBy", "CreateDate"), ("sortDir", "ASC")]  # fmt: skip
        for rows in self._rows("fulfillments", "fulfillments", purpose, query, "fulfillmentId"):
            yield parsed(rows, purpose, shapes.parse_fulfillment)

    def fulfillments_of_order(self, order_id: int) -> tuple[shapes.Fulfillment, ...]:
        """List Fulfillments of one order."""
        purpose = "list fulfilments of an order"
        pages = self._rows("fulfillments", "fulfillments", purpose, [("orderId", order_id)], "fulfillmentId")
        return tuple(row for rows in pages for row in parsed(rows, purpose, shapes.parse_fulfillment))

    # ---- products and customers

    def products_of(self, sku: str) -> tuple[shapes.Product, ...]:
        """List Products by SKU, also inactive ones; whether the filter is exact is not said, so it is compared."""
        purpose = "find product"
        pages = self._rows("products", "products", purpose, [("sku", sku), ("showInactive", True)], "productId")
        found = [product for rows in pages for product in parsed(rows, purpose, shapes.parse_product)]
        return tuple(product for product in found if product.sku == sku)

    def save_product(self, product_id: int, body: Mapping[str, Any]) -> Reply:
        """Update Product: the whole record is replaced. There is no call that creates one."""
        return self.calls.write("PUT", f"products/{product_id}", "save product", body)

    def customers(self) -> Iterator[shapes.Customer]:
        """List Customers. Read-only; there are no filters that would find one."""
        purpose = "list customers"
        for rows in self._rows("customers", "customers", purpose, (), "customerId"):
            yield from parsed(rows, purpose, shapes.parse_customer)

    # ---- the account

    def stores(self, *, include_inactive: bool = False) -> tuple[shapes.Store, ...]:
        """List Stores: a bare array. The cheapest call that proves the key."""
        reply = self.calls.get("stores", "list stores", [("showInactive", include_inactive)])
        return readable(reply, "list stores", many(shapes.parse_store))

    def webhooks(self) -> tuple[shapes.Webhook, ...]:
        """List Webhooks."""
        return readable(self.calls.get("webhooks", "list webhooks"), "list webhooks", shapes.parse_webhooks)

    def subscribe(self, url: str, event: str, store_id: int | None, name: str) -> Reply:
        """Subscribe to Webhook. The same again makes a second one: list first."""
        body = {"target_url": url, "event": event, "store_id": store_id, "friendly_name": name}
        return self.calls.write("POST", "webhooks/subscribe", "subscribe webhook", body)

    def unsubscribe(self, webhook_id: int) -> Reply:
        """Unsubscribe to Webhook."""
        return self.calls.write("DELETE", f"webhooks/{webhook_id}", "unsubscribe webhook")


def _common_beginning(first: str, last: str) -> str:
    """What two texts begin with alike."""
    length = next((place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other),
                  min(len(first), len(last)))  # fmt: skip
    return first[:length]


def _check_key(body: Mapping[str, Any]) -> None:
    """Without a key every save makes a new order; longer than fifty characters two keys may become one."""
    key = str(body.get("orderKey") or "")
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"an order key has 1 to {LONGEST_KEY} characters, not {len(key)}")


__all__ = ["LARGEST_PAGE", "LONGEST_KEY", "ORDERS_PER_CALL", "ShipStation"]
