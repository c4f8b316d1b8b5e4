"""Warehouse receiving orders ("WRO"). None of these calls takes the channel header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.transport import Reply
from vendors.answers import many
from vendors.shipbob.calls import Calls, chunks, listed, one, parsed, readable, without_commas
from vendors.shipbob.pages import numbered_pages
from vendors.shipbob.shapes import Box, Location, ReceivingOrder, parse_box, parse_location, parse_receiving_order
from vendors.shipbob.times import time_text

OPEN_STATUSES = (
    "Awaiting",
    "Arrived",
    "PartiallyArrived",
    "Processing",
    "Incomplete",
    "PartiallyArrivedAtHub",
    "ArrivedAtHub",
    "ProcessingAtHub",
    "InternalTransfer",
)
NUMBERS_PER_CALL = 50
PAGE = 100  # ShipBob publishes no maximum for this list


@dataclass(frozen=True)
class Receiving:
    """The receiving side of an account."""

    calls: Calls

    def list(
        self,
        *,
        statuses: Sequence[str] = (),
        created_since: datetime | None = None,
        completed_since: datetime | None = None,
        synced: bool | None = None,
    ) -> Iterator[tuple[ReceivingOrder, ...]]:
        """Receiving orders, in pages. Receiving, get all: Page and Limit.

        There is no filter by update time: poll the open statuses, and `synced=False` for those that ended meanwhile.
        """
        query = [("Statuses", listed(statuses))] if statuses else []
        query += [("InsertStartDate", one(time_text(created_since)))] if created_since is not None else []
        query += [("CompletedStartDate", one(time_text(completed_since)))] if completed_since is not None else []
        query += [("ExternalSync", "true" if synced else "false")] if synced is not None else []
        return self._pages(query, "list receiving orders")

    def find_by_purchase_orders(self, numbers: Sequence[str]) -> tuple[ReceivingOrder, ...]:
        """Receiving orders with these purchase order numbers, exactly. Receiving, get all: PurchaseOrderNumbers.

        ShipBob does not refuse a number twice, and its staff may split one order into several: several may come.
        """
        wanted = without_commas(numbers, "purchase order number")
        return tuple(
            order
            for part in chunks(wanted, NUMBERS_PER_CALL)
            for orders in self._pages([("PurchaseOrderNumbers", listed(part))], "find receiving orders")
            for order in orders
            if order.purchase_order_number in wanted
        )

    def _pages(self, query: Sequence[tuple[str, str]], purpose: str) -> Iterator[tuple[ReceivingOrder, ...]]:
        for rows in numbered_pages(self.calls.pages("receiving", purpose, query), purpose, PAGE):
            yield parsed(rows, purpose, parse_receiving_order)

    def get(self, receiving_id: int) -> ReceivingOrder | None:
        """Receiving, get one. None when there is none."""
        return self.calls.optional(f"receiving/{receiving_id}", "read receiving order", parse_receiving_order)

    def boxes(self, receiving_id: int) -> tuple[Box, ...]:
        """Receiving, get boxes: no paging. Quantities per box, item and lot."""
        reply = self.calls.get(f"receiving/{receiving_id}/boxes", "list boxes")
        return readable(reply, "list boxes", many(parse_box))

    def fulfillment_centers(self) -> tuple[Location, ...]:
        """Fulfillment centers, get: the sites that receive. Same ids as the locations."""
        reply = self.calls.get("fulfillment-center", "list fulfilment centres")
        return readable(reply, "list fulfilment centres", many(parse_location))

    def create(self, body: Mapping[str, Any]) -> Reply:
        """Receiving, create: 201. Arrival in the future, at most 50 boxes for packages. Parse: `parse_receiving_order`.

        ShipBob takes the same purchase order number twice: look with `find_by_purchase_orders` before.
        """
        return self.calls.write("POST", "receiving", "create receiving order", body)

    def cancel(self, receiving_id: int) -> Reply:
        """Receiving, cancel: 422 when it is too late. Parse with `parse_receiving_order`."""
        return self.calls.write("POST", f"receiving/{receiving_id}:cancel", "cancel receiving order")

    def set_external_sync(self, receiving_ids: Sequence[int], synced: bool = True) -> Reply:
        """Receiving, set external sync: our "already posted" mark. Safe to repeat. Parse with `parse_sync_results`."""
        body = {"ids": [*receiving_ids], "is_external_sync": synced}
        return self.calls.write("POST", "receiving:setExternalSync", "mark receiving orders", body)
