"""Warehouse receiving orders ("WRO"): goods announced to ShipBob, and what was counted and stowed.

Stock becomes sellable when it is stowed. `received` may be 0 while `stowed` is above 0, and either may pass `expected`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from vendors.json_fields import Document
from vendors.shipbob.shapes.fields import as_document, child, children, flag, moment, needed, text, whole

AWAITING = "Awaiting"
COMPLETED = "Completed"
CANCELLED = "Cancelled"


@dataclass(frozen=True)
class ReceivedQuantity:
    """One item of a receiving order, in units. `sku` may be missing: ask the inventory by id."""

    inventory_id: int
    sku: str | None
    expected: int | None
    received: int | None
    stowed: int


@dataclass(frozen=True)
class ReceivingOrder:
    """One receiving order."""

    receiving_id: int
    status: str
    purchase_order_number: str | None
    location_id: int | None
    location_name: str | None
    package_type: str | None
    box_packaging_type: str | None
    expected_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    synced_at: datetime | None
    labels_uri: str | None
    quantities: tuple[ReceivedQuantity, ...]
    document: Document = field(repr=False, compare=False)

    @property
    def is_over(self) -> bool:
        """Whether ShipBob will not change it any more."""
        return self.status in (COMPLETED, CANCELLED)


@dataclass(frozen=True)
class BoxItem:
    """One item of a box, by lot."""

    inventory_id: int
    quantity: int | None
    received: int | None
    stowed: int | None
    lot_number: str | None
    lot_date: datetime | None


@dataclass(frozen=True)
class Box:
    """One box of a receiving order."""

    box_id: int
    number: int | None
    status: str
    tracking_number: str | None
    arrived_at: datetime | None
    received_at: datetime | None
    items: tuple[BoxItem, ...]


@dataclass(frozen=True)
class SyncResult:
    """Whether the "posted elsewhere" mark of one receiving order was set."""

    receiving_id: int
    succeeded: bool
    reason: str | None


def parse_receiving_order(value: object) -> ReceivingOrder:
    """One receiving order. Raises ValueError when an id or a stowed quantity is missing."""
    document = as_document(value, "receiving order")
    receiving_id = needed(whole(document, "id", "receiving order"), "id", "receiving order")
    what = f"receiving order {receiving_id}"
    location = child(document, "fulfillment_center", what)
    return ReceivingOrder(
        receiving_id=receiving_id,
        status=text(document, "status", what) or "",
        purchase_order_number=text(document, "purchase_order_number", what),
        location_id=whole(location, "id", what),
        location_name=text(location, "name", what),
        package_type=text(document, "package_type", what),
        box_packaging_type=text(document, "box_packaging_type", what),
        expected_at=moment(document, "expected_arrival_date", what),
        created_at=moment(document, "insert_date", what),
        updated_at=moment(document, "last_updated_date", what),
        synced_at=moment(document, "external_sync_timestamp", what),
        labels_uri=text(document, "box_labels_uri", what),
        quantities=tuple(_quantity(item, what) for item in children(document, "inventory_quantities", what)),
        document=document,
    )


def parse_box(value: object) -> Box:
    """One box. Raises ValueError when an id is missing."""
    document = as_document(value, "box")
    box_id = needed(whole(document, "box_id", "box"), "box_id", "box")
    what = f"box {box_id}"
    return Box(
        box_id=box_id,
        number=whole(document, "box_number", what),
        status=text(document, "box_status", what) or "",
        tracking_number=text(document, "tracking_number", what),
        arrived_at=moment(document, "arrived_date", what),
        received_at=moment(document, "received_date", what),
        items=tuple(_box_item(item, what) for item in children(document, "box_items", what)),
    )


def parse_sync_results(value: object) -> tuple[SyncResult, ...]:
    """The answer to `receiving:setExternalSync`: live a list of results, in the specification one receiving order."""
    document = as_document(value, "external sync answer")
    if "results" not in document:
        order = parse_receiving_order(document)
        return (SyncResult(order.receiving_id, True, None),)
    what = "external sync answer"
    return tuple(
        SyncResult(
            receiving_id=needed(whole(item, "id", what), "id", what),
            succeeded=flag(item, "is_success", what) or False,
            reason=text(item, "reason", what),
        )
        for item in children(document, "results", what)
    )


def _quantity(document: Document, what: str) -> ReceivedQuantity:
    return ReceivedQuantity(
        inventory_id=needed(whole(document, "inventory_id", what), "inventory_id", what),
        sku=text(document, "sku", what),
        expected=whole(document, "expected_quantity", what),
        received=whole(document, "received_quantity", what),
        stowed=needed(whole(document, "stowed_quantity", what), "stowed_quantity", what),
    )


def _box_item(document: Document, what: str) -> BoxItem:
    return BoxItem(
        inventory_id=needed(whole(document, "inventory_id", what), "inventory_id", what),
        quantity=whole(document, "quantity", what),
        received=whole(document, "received_quantity", what),
        stowed=whole(document, "stowed_quantity", what),
        lot_number=text(document, "lot_number", what),
        lot_date=moment(document, "lot_date", what),
    )
