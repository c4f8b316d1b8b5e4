"""Returns. Only what ShipBob really restocked is stock again; the announced quantity is a promise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from vendors.json_fields import Document
from vendors.shipbob.shapes.fields import amount, as_document, child, children, moment, needed, text, whole

RESTOCK = "Restock"


def plain_return_status(status: str | None) -> str:
    """A return's status without spaces: bodies say "Awaiting Arrival", filters want AwaitingArrival."""
    return "".join((status or "").split())


@dataclass(frozen=True)
class ReturnAction:
    """What the warehouse did with some units."""

    action: str
    quantity: int
    reason: str | None


@dataclass(frozen=True)
class ReturnedItem:
    """One item of a return. `announced` units; `actions` hold what was processed."""

    inventory_id: int
    sku: str | None
    name: str | None
    announced: int | None
    requested_action: str | None
    actions: tuple[ReturnAction, ...]
    lot_number: str | None
    lot_expires_at: datetime | None
    bundle_parent_sku: str | None

    def processed(self, action: str) -> int:
        """Units processed with this action."""
        return sum(taken.quantity for taken in self.actions if taken.action.casefold() == action.casefold())

    @property
    def restocked(self) -> int:
        """Units that are stock again; Quarantine and Dispose are not."""
        return self.processed(RESTOCK)


@dataclass(frozen=True)
class Return:
    """One return. `status` is without spaces. `reference_id` is ShipBob's own for a parcel that nobody announced."""

    return_id: int
    reference_id: str | None
    status: str
    return_type: str | None
    channel_id: int | None
    location_id: int | None
    location_name: str | None
    original_shipment_id: int | None
    store_order_id: str | None
    tracking_number: str | None
    created_at: datetime | None
    arrived_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    items: tuple[ReturnedItem, ...]
    invoice_amount: Decimal | None
    invoice_currency: str | None
    document: Document = field(repr=False, compare=False)


def parse_return(value: object) -> Return:
    """One return, as lists or creation answers show it. Raises ValueError without an id or a processed quantity."""
    document = as_document(value, "return")
    return_id = needed(whole(document, "id", "return"), "id", "return")
    what = f"return {return_id}"
    location, invoice = child(document, "fulfillment_center", what), child(document, "invoice", what)
    flat_amount = amount(document, "invoice_amount", what)  # creation and update answer this instead of `invoice`
    return Return(
        return_id=return_id,
        reference_id=text(document, "reference_id", what),
        status=plain_return_status(text(document, "status", what)),
        return_type=text(document, "return_type", what),
        channel_id=whole(child(document, "channel", what), "id", what),
        location_id=whole(location, "id", what),
        location_name=text(location, "name", what),
        original_shipment_id=whole(document, "original_shipment_id", what),
        store_order_id=text(document, "store_order_id", what),
        tracking_number=text(document, "tracking_number", what),
        created_at=moment(document, "insert_date", what),
        arrived_at=moment(document, "arrived_date", what),
        completed_at=moment(document, "completed_date", what),
        cancelled_at=moment(document, "cancelled_date", what),
        items=tuple(_item(item, what) for item in children(document, "inventory", what)),
        invoice_amount=amount(invoice, "amount", what) if flat_amount is None else flat_amount,
        invoice_currency=text(invoice, "currency_code", what),
        document=document,
    )


def _item(document: Document, what: str) -> ReturnedItem:
    lot = child(document, "lot_information", what)
    return ReturnedItem(
        inventory_id=needed(whole(document, "id", what), "inventory id", what),
        sku=text(document, "sku", what),
        name=text(document, "name", what),
        announced=whole(document, "quantity", what),
        requested_action=text(child(document, "action_requested", what), "action", what),
        actions=tuple(_action(item, what) for item in children(document, "action_taken", what)),
        lot_number=text(lot, "number", what),
        lot_expires_at=moment(lot, "expiration", what),
        bundle_parent_sku=text(document, "bundle_parent_sku", what),
    )


def _action(document: Document, what: str) -> ReturnAction:
    return ReturnAction(
        action=needed(text(document, "action", what), "action of action_taken", what),
        quantity=needed(whole(document, "quantity_processed", what), "quantity_processed", what),
        reason=text(document, "action_reason", what),
    )
