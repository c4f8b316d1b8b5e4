"""Orders, and the per-row results of a bulk write. Order and address models of the V1 pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from vendors.json_fields import Document
from vendors.shipstation.shapes.fields import as_document, child, children, day, flag, moment, needed, text, whole

AWAITING_PAYMENT, AWAITING_SHIPMENT, ON_HOLD = "awaiting_payment", "awaiting_shipment", "on_hold"
SHIPPED, CANCELLED, REJECTED = "shipped", "cancelled", "rejected_fulfillment"
OPEN = frozenset({AWAITING_PAYMENT, AWAITING_SHIPMENT, ON_HOLD})
"""Statuses in which an order can be changed. Every other one, also one nobody has heard of, counts as locked."""


@dataclass(frozen=True)
class OrderItem:
    """One line. `line_item_key` is ours and None on lines that somebody added in ShipStation."""

    line_item_key: str | None
    sku: str
    name: str
    quantity: int
    adjustment: bool
    order_item_id: int | None


@dataclass(frozen=True)
class Order:
    """A stored order. `document` is the answer itself: an update has to send the whole order."""

    order_id: int
    order_key: str
    number: str
    status: str
    items: tuple[OrderItem, ...]
    created_at: datetime | None
    modified_at: datetime | None
    hold_until: date | None
    store_id: int | None
    parent_id: int | None
    merged_ids: tuple[int, ...]
    divided: bool  # merged or split there
    externally_fulfilled: bool
    document: Document = field(repr=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed."""
        return self.status in OPEN

    @property
    def ship_to(self) -> Document:
        """The address as it is stored; personal."""
        return child(self.document, "shipTo", f"order {self.order_id}")


@dataclass(frozen=True)
class RowResult:
    """What became of one order of a bulk write."""

    order_key: str
    order_id: int | None
    success: bool
    error: str


def parse_order(value: object) -> Order:
    """One order. Raises ValueError when it has no id, key or status, or when a line has no quantity."""
    document = as_document(value, "order")
    order_id = needed(whole(document, "orderId", "order"), "orderId", "order")
    what = f"order {order_id}"
    advanced = child(document, "advancedOptions", what)
    return Order(
        order_id=order_id,
        order_key=needed(text(document, "orderKey", what), "orderKey", what),
        number=text(document, "orderNumber", what) or "",
        status=needed(text(document, "orderStatus", what), "orderStatus", what),
        items=tuple(parse_item(item, what) for item in children(document, "items", what) or ()),
        created_at=moment(document, "createDate", what),
        modified_at=moment(document, "modifyDate", what),
        hold_until=day(document, "holdUntilDate", what),
        store_id=whole(advanced, "storeId", what),
        parent_id=whole(advanced, "parentId", what),
        merged_ids=_merged(advanced, what),
        divided=flag(advanced, "mergedOrSplit", what) or False,
        externally_fulfilled=flag(document, "externallyFulfilled", what) or False,
        document=document,
    )


def parse_item(document: Document, what: str) -> OrderItem:
    """One line of an order or a shipment. Raises ValueError without a quantity."""
    return OrderItem(
        line_item_key=text(document, "lineItemKey", what),
        sku=(text(document, "sku", what) or "").strip(),
        name=text(document, "name", what) or "",
        quantity=needed(whole(document, "quantity", what), "quantity of a line", what),
        adjustment=flag(document, "adjustment", what) or False,
        order_item_id=whole(document, "orderItemId", what),
    )


def parse_results(value: object) -> Mapping[str, RowResult]:
    """The results of a bulk write by order key: their order means nothing. Raises ValueError."""
    document = as_document(value, "bulk answer")
    rows = children(document, "results", "bulk answer")
    if rows is None:
        raise ValueError("ShipStation bulk answer has no results")
    found: dict[str, RowResult] = {}
    for row in rows:
        key = text(row, "orderKey", "bulk answer")
        if key is not None:
            found[key] = _result(row, key)
    return found


def _result(row: Document, key: str) -> RowResult:
    what = f"result of {key}"
    success = needed(flag(row, "success", what), "success", what)
    return RowResult(key, whole(row, "orderId", what), success, text(row, "errorMessage", what) or "")


def is_bulk(value: Any) -> bool:
    """Whether an answer is that of a bulk write."""
    return isinstance(value, Mapping) and "results" in value


def _merged(advanced: Document, what: str) -> tuple[int, ...]:
    value = advanced.get("mergedIds") or ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, int) for item in value):
        raise ValueError(f"ShipStation {what}: mergedIds is not a list of numbers")
    return tuple(value)


def plain_number(value: Decimal | int | None) -> str:
    """A number as text, the same for 5 and 5.00."""
    return "" if value is None else f"{Decimal(value).normalize():f}"
