"""The client of one ShipBob account: channels, orders, shipments, products, stock, tracking, webhooks.

Reads answer parsed shapes. Writes answer the raw `Reply`, because the Ledger stores it before anybody parses it.
Every call raises `VendorFault`. Above each stands the page of ShipBob's developer site and the limit that matters.
Receiving and returns are clients of their own beside this file; billing is read by `billing.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Transport
from vendors.answers import many
from vendors.shipbob.billing import (
    list_invoice_transactions,
    list_invoices,
    list_transaction_fees,
    query_transactions,
)
from vendors.shipbob.calls import (
    LARGEST_PAGE,
    Calls,
    chunks,
    collected,
    encoded,
    listed,
    one,
    parsed,
    readable,
    without_commas,
)
from vendors.shipbob.faults import VENDOR
from vendors.shipbob.pages import cursor_page, cursor_pages, numbered_pages
from vendors.shipbob.receiving import Receiving
from vendors.shipbob.returns import Returns
from vendors.shipbob.settings import ShipBobSystem
from vendors.shipbob.shapes import (
    Channel,
    Invoice,
    Levels,
    Location,
    LocationLevel,
    Movement,
    Order,
    Product,
    Shipment,
    ShippingMethod,
    Subscription,
    TrackingReport,
    Transaction,
    Variant,
    parse_channel,
    parse_levels,
    parse_location,
    parse_movement,
    parse_order,
    parse_product,
    parse_shipment,
    parse_shipping_method,
    parse_sku,
    parse_subscription,
    parse_tracking_report,
)
from vendors.shipbob.times import time_text

REFERENCES_PER_CALL = 50
SKUS_PER_CALL = 40  # keeps the address below 2,000 characters or so; ShipBob names no limit
INVENTORY_IDS_PER_CALL = 150
SHIPMENTS_PER_TRACKING_CALL = 25
LONGEST_HISTORY = timedelta(days=90)


@dataclass(frozen=True)
class ShipBob:
    """One account. `channel_id` looks the write channel up when a call needs it (see `vendors.shipbob.channels`)."""

    transport: Transport
    system: ShipBobSystem
    channel_id: Callable[[], int]
    release: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Ends the piece of work: gives back what the account's budget holds for it."""
        self.release()

    def ready(self) -> None:
        """Raises VendorFault(BUDGET) if no call could go out now."""
        self.transport.ready()

    @property
    def calls(self) -> Calls:
        """For calls that have no method here."""
        return Calls(self.transport, self.system)

    @property
    def receiving(self) -> Receiving:
        """Warehouse receiving orders."""
        return Receiving(self.calls)

    @property
    def returns(self) -> Returns:
        """Returns."""
        return Returns(self.calls, self.channel_id)

    # ---- the account

    def channels(self) -> tuple[Channel, ...]:
        """Channels, get all: scope channels_read, 50 a page (no other size is published)."""
        purpose = "list channels"
        fetch = self.calls.pages("channel", purpose)
        return collected(cursor_pages(fetch, purpose, key="id", parameter="Cursor"), purpose, parse_channel)

    def locations(self, *, include_inactive: bool = False) -> tuple[Location, ...]:
        """Locations, get: about 210 rows, no paging. Map only rows with `access_granted`."""
        query = [("IncludeInactive", "true")] if include_inactive else []
        return readable(self.calls.get("location", "list locations", query), "list locations", many(parse_location))

    def shipping_methods(self) -> tuple[ShippingMethod, ...]:
        """Shipping methods, get: the names that an order may use. Page and Limit (250)."""
        purpose = "list shipping methods"
        pages = numbered_pages(self.calls.pages("shipping-method", purpose), purpose, LARGEST_PAGE)
        return collected(pages, purpose, parse_shipping_method)

    # ---- orders

    def find_by_references(self, references: Sequence[str]) -> tuple[Order, ...]:
        """Our orders with these reference ids. Orders, get all: ReferenceIds, comma list, 50 a call.

        Sent with the channel header, because a reference is unique per channel only. A new order may stay invisible
        for about a minute, so absence is no proof by itself. Raises VendorFault(UNSUPPORTED_QUERY) if the filter was
        ignored.
        """
        wanted = without_commas(references, "reference id")
        return tuple(order for part in chunks(wanted, REFERENCES_PER_CALL) for order in self._by_references(part))

    def _by_references(self, wanted: Sequence[str]) -> list[Order]:
        purpose = "find orders by reference"
        fetch = self.calls.pages("order", purpose, [("ReferenceIds", listed(wanted))], self.channel_id())
        asked = [reference.casefold() for reference in wanted]
        found: list[Order] = []
        for rows in numbered_pages(fetch, purpose, LARGEST_PAGE):
            orders = parsed(rows, purpose, parse_order)
            if not all(_resembles(order.reference_id, asked) for order in orders):
                # ShipBob ignores filters that it does not know: the answer would be all orders of the account.
                text = f"{purpose}: the answer holds orders that were not asked for, so the filter was ignored"
                raise VendorFault(VENDOR, FaultKind.UNSUPPORTED_QUERY, text, Executed.NO, alarm=True)
            found += [order for order in orders if order.reference_id in wanted]
            if len({order.reference_id for order in found}) == len(wanted):
                break  # a reference is unique in its channel: nothing more can come
        return found

    def order(self, order_id: int) -> Order | None:
        """Orders, get one: of any channel (no channel header), with its shipments. None when there is none."""
        return self.calls.optional(f"order/{order_id}", "read order", parse_order)

    def orders_created(self, since: datetime, until: datetime | None = None) -> Iterator[tuple[Order, ...]]:
        """Orders of all channels by insert time, oldest first, in pages. Orders, get all: StartDate, Limit 250."""
        window = [("StartDate", one(time_text(since)))]
        window += [("EndDate", one(time_text(until)))] if until is not None else []
        return self._orders(window, "list new orders")

    def orders_updated(self, since: datetime) -> Iterator[tuple[Order, ...]]:
        """Orders of all channels by last update, in pages. Misses orders that were never updated: see `orders_changed`.

        Without an upper end on purpose: an order that is updated while we page would leave a closed window and pull
        the orders behind it to an earlier page, past us.
        """
        return self._orders([("LastUpdateStartDate", one(time_text(since)))], "list updated orders")

    def orders_tracked(self, since: datetime) -> Iterator[tuple[Order, ...]]:
        """Orders of all channels by last tracking update (deliveries do not touch the last update), in pages."""
        return self._orders([("LastTrackingUpdateStartDate", one(time_text(since)))], "list tracked orders")

    def orders_changed(self, since: datetime, *, tracking: bool = False) -> Iterator[tuple[Order, ...]]:
        """Everything that is new or changed: one pass by insert time, one by last update, one by tracking if asked.

        A brand-new order has no last update, so no single pass is complete. An order comes once, and again only where
        a later pass saw it in another state.
        """
        seen: dict[int, Order] = {}
        passes = [self.orders_created(since), self.orders_updated(since)]
        passes += [self.orders_tracked(since)] if tracking else []
        for pages in passes:
            for orders in pages:
                news = tuple(order for order in orders if seen.get(order.order_id) != order)
                seen.update({order.order_id: order for order in news})
                if news:
                    yield news

    def _orders(self, window: list[tuple[str, str]], purpose: str) -> Iterator[tuple[Order, ...]]:
        # Oldest first, so that orders which arrive meanwhile come at the end instead of shifting the pages.
        fetch = self.calls.pages("order", purpose, [*window, ("SortOrder", "Oldest")])
        for rows in numbered_pages(fetch, purpose, LARGEST_PAGE):
            yield parsed(rows, purpose, parse_order)

    def create_order(self, body: Mapping[str, Any]) -> Reply:
        """Orders, create: 201 with the order; 422 "existing ReferenceId" is VendorFault(DUPLICATE). Channel header.

        There is no idempotency key: `reference_id` (1-300, no comma) is the guard. Parse the reply with `parse_order`.
        """
        without_commas([str(body.get("reference_id") or "")], "reference id")
        return self.calls.write("POST", "order", "create order", body, self.channel_id())

    def cancel_order(self, order_id: int) -> Reply:
        """Orders, cancel: 200 even when nothing was cancelled; parse with `parse_cancellation` and read its status.

        2025-07 requires the channel header; 2026-01 does not declare it any more, and sending it does no harm.
        """
        return self.calls.write("POST", f"order/{order_id}:cancel", "cancel order", channel=self.channel_id())

    # ---- shipments and tracking

    def shipments(self, order_id: int) -> tuple[Shipment, ...]:
        """Shipments of an order, get all: no paging; cancelled attempts stay in the list."""
        reply = self.calls.get(f"order/{order_id}/shipment", "list shipments of order")
        return readable(reply, "list shipments of order", many(parse_shipment))

    def shipment(self, shipment_id: int) -> Shipment | None:
        """Shipments, get one. None when there is none."""
        return self.calls.optional(f"shipment/{shipment_id}", "read shipment", parse_shipment)

    def tracking(self, shipment_ids: Iterable[int]) -> tuple[TrackingReport, ...]:
        """Get tracking by shipment ids: 1-25 a call, the parameter repeated (a comma list: 400). From 2026-01 on."""
        self.calls.since("2026-01", "reading tracking")
        purpose = "read tracking"
        found: list[TrackingReport] = []
        for part in chunks(tuple(dict.fromkeys(shipment_ids)), SHIPMENTS_PER_TRACKING_CALL):
            query = [("ShipmentIds", one(shipment_id)) for shipment_id in part]
            reply = self.calls.get("shipments-tracking", purpose, query)
            found += readable(reply, purpose, many(parse_tracking_report))
        return tuple(found)

    def batch_update_tracking_upload(self, shipment_ids: Sequence[int], uploaded: bool = True) -> Reply:
        """Shipments, bulk update tracking upload: marks them as synced; repeatable. Parse: `parse_upload_results`."""
        body = {"shipment_ids": list(shipment_ids), "is_tracking_uploaded": uploaded}
        return self.calls.write("POST", "shipment:batchUpdateTrackingUpload", "mark tracking uploaded", body)

    # ---- products

    def by_skus(self, skus: Iterable[str]) -> dict[str, tuple[Variant, ...]]:
        """The variants of each SKU, compared exactly; an empty tuple where there is none. Several: `shapes.preferred`.

        Products, get all: `SKU=any:A,B`, PageSize up to 250. ShipBob matches loosely, hence the comparison here.
        """
        wanted = without_commas(skus, "SKU")
        found: dict[str, dict[int, Variant]] = {sku: {} for sku in wanted}
        for part in chunks(wanted, SKUS_PER_CALL):
            for product in self._products([("SKU", f"any:{listed(part)}")]):
                for variant in product.variants:
                    if variant.sku in found:
                        found[variant.sku][variant.variant_id] = variant
        return {sku: tuple(variants.values()) for sku, variants in found.items()}

    def products(self) -> Iterator[Product]:
        """Every product of the account, page by page."""
        return self._products([])

    def _products(self, query: list[tuple[str, str]]) -> Iterator[Product]:
        purpose = "list products"
        fetch = self.calls.pages("product", purpose, [*query, ("PageSize", one(LARGEST_PAGE))])
        for rows in cursor_pages(fetch, purpose, key="id"):
            yield from parsed(rows, purpose, parse_product)

    def product(self, product_id: int) -> Product | None:
        """Products, get one. None when there is none."""
        return self.calls.optional(f"product/{product_id}", "read product", parse_product)

    def create_product(self, body: Mapping[str, Any]) -> Reply:
        """Products, create: 201. Weight in ounces, dimension in inches, one variant or more. Parse: `parse_product`."""
        return self.calls.write("POST", "product", "create product", body)

    def update_product(self, product_id: int, body: Mapping[str, Any]) -> Reply:
        """Products, update (PATCH): only the members that change; each variant with its id. Parse: `parse_product`."""
        return self.calls.write("PATCH", f"product/{product_id}", "update product", body)

    # ---- stock

    def levels(self, *, location_id: int | None = None, inventory_ids: Sequence[int] = ()) -> Levels:
        """Stock per fulfilment centre, every page or a fault. Inventory levels by location: PageSize 250, 150 ids.

        The figures lag orders by about a minute. Filter by ids only where their absence needs no meaning.
        """
        items: dict[int, dict[int, LocationLevel]] = {}
        where = [("LocationId", one(location_id))] if location_id is not None else []
        read_at = self.transport.clock()
        for ids in chunks(tuple(dict.fromkeys(inventory_ids)), INVENTORY_IDS_PER_CALL) or [()]:
            query = [*where, *([("InventoryIds", listed(ids))] if ids else [])]
            for inventory_id, levels in self._levels(query):
                items.setdefault(inventory_id, {}).update({level.location_id: level for level in levels})
        return Levels(items, whole_account=not where and not inventory_ids, read_at=read_at)

    def levels_page(self, cursor: str | None = None) -> tuple[tuple[LocationLevel, ...], str | None]:
        """One page of the same list for the whole account, and where it goes on; None at its end. For long lists that
        must be able to go on after a wait: 200 pages and more do not fit into a minute's calls."""
        purpose = "list stock by location"
        fetch = self.calls.pages("inventory-level/locations", purpose, [("PageSize", one(LARGEST_PAGE))])
        rows, following = cursor_page(fetch, purpose, cursor, key="inventory_id")
        return tuple(level for _, levels in parsed(rows, purpose, parse_levels) for level in levels), following

    def inventory_sku(self, inventory_id: int) -> str | None:
        """The SKU of an inventory item, where a list does not say it. Inventory, get one. None when there is none."""
        return self.calls.optional(f"inventory/{inventory_id}", "read inventory item", parse_sku)

    def _levels(self, query: list[tuple[str, str]]) -> Iterator[tuple[int, tuple[LocationLevel, ...]]]:
        purpose = "list stock by location"
        fetch = self.calls.pages("inventory-level/locations", purpose, [*query, ("PageSize", one(LARGEST_PAGE))])
        for rows in cursor_pages(fetch, purpose, key="inventory_id"):
            yield from parsed(rows, purpose, parse_levels)

    def movements(
        self, location_id: int, since: datetime, until: datetime, *, category: str | None = None
    ) -> Iterator[tuple[Movement, ...]]:
        """Stock movements of one fulfilment centre, in pages. Inventory history, query: 90 days. From 2026-01 on."""
        self.calls.since("2026-01", "reading inventory history")
        if until - since > LONGEST_HISTORY:
            raise ValueError("ShipBob answers inventory history for at most 90 days at once")
        purpose = "list stock movements"
        body = {"facility_id": location_id, "start_date": time_text(since), "end_date": time_text(until)}
        body |= {"event_category": category} if category is not None else {}

        def fetch(paging: tuple[tuple[str, str], ...]) -> Reply:
            return self.calls.ask("inventory/history:query", purpose, body, encoded(paging))

        for rows in cursor_pages(fetch, purpose, key="inventory_audit_event_id", member="data"):
            yield parsed(rows, purpose, parse_movement)

    # ---- billing (scope billing_read; often through a client of its own, see `open.open_shipbob_billing`)

    def invoices(self, first: date, last: date) -> tuple[Invoice, ...]:
        """Invoices by invoice date, both days included, oldest first. Payments are among them: `Invoice.is_payment`."""
        return list_invoices(self.calls, first, last)

    def invoice_transactions(self, invoice_id: int) -> tuple[Transaction, ...]:
        """The fee rows of one invoice. Their sum does not always equal the invoice: its amount is the bill."""
        return list_invoice_transactions(self.calls, invoice_id)

    def transactions(
        self, first: date, last: date, *, invoiced: bool | None = None, shipment_ids: Sequence[int] = ()
    ) -> Iterator[tuple[Transaction, ...]]:
        """Fee rows by charge date, in pages; `invoiced` None gives all."""
        return query_transactions(self.calls, first, last, invoiced, shipment_ids)

    def transaction_fees(self) -> tuple[str, ...]:
        """The names of all fees."""
        return list_transaction_fees(self.calls)

    # ---- webhooks

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Webhooks, get all: 250 a page; without secrets. A disabled one stays so: delete and create."""
        purpose = "list webhooks"
        fetch = self.calls.pages("webhook", purpose, [("RecordsPerPage", one(LARGEST_PAGE))])
        return collected(cursor_pages(fetch, purpose, key="id", parameter="Cursor"), purpose, parse_subscription)

    def create_subscription(
        self, url: str, topics: Sequence[str], secret: str, description: str = "ml-connector"
    ) -> Reply:
        """Webhooks, create: 200 or 201. An unknown topic refuses the whole request; the URL must be https.

        `secret` is ours (`whsec_` and 32 base64 characters) and must be stored before. Without the channel header,
        which would narrow the subscription. Parse with `parse_subscription`.
        """
        body = {"url": url, "topics": list(topics), "secret": secret, "description": description}
        return self.calls.write("POST", "webhook", "create webhook", body)

    def delete_subscription(self, subscription_id: str) -> Reply:
        """Webhooks, delete: 204 (200 seen)."""
        return self.calls.write("DELETE", f"webhook/{one(subscription_id)}", "delete webhook")


def _resembles(reference: str | None, asked: Sequence[str]) -> bool:
    """Whether a loose comparison of ShipBob's could have taken the reference for one of those asked for."""
    return any(wanted in (reference or "").casefold() for wanted in asked)
