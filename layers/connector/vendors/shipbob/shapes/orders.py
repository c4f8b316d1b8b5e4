"""Orders as ShipBob shows them, and the answer to a cancellation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from vendors.json_fields import Document
from vendors.shipbob.shapes.fields import amount, as_document, child, children, flag, moment, needed, text, whole
from vendors.shipbob.shapes.shipments import Shipment, parse_shipment

ORDER_CANCELLED = "Cancelled"


@dataclass(frozen=True)
class Recipient:
    """Who receives the order. Personal: never shown when printed or logged."""

    name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    company: str | None = field(repr=False)
    address1: str | None = field(repr=False)
    address2: str | None = field(repr=False)
    city: str | None = field(repr=False)
    state: str | None
    zip_code: str | None = field(repr=False)
    country: str | None


@dataclass(frozen=True)
class OrderLine:
    """One ordered product. `external_line_id` is the number that we gave the line."""

    product_id: int | None
    reference_id: str | None
    sku: str | None
    quantity: int
    unit_price: Decimal | None
    external_line_id: int | None
    unit_of_measure: str | None
    upc: str | None = None
    gtin: str | None = None


@dataclass(frozen=True)
class Order:
    """One order of a channel. `document` is the answer itself."""

    order_id: int
    reference_id: str | None
    order_number: str | None
    status: str
    order_type: str | None
    channel_id: int | None
    channel_name: str | None
    created_at: datetime | None
    purchased_at: datetime | None
    shipping_method: str | None
    recipient: Recipient
    lines: tuple[OrderLine, ...]
    shipments: tuple[Shipment, ...]
    tags: tuple[tuple[str, str], ...]
    total_price: Decimal | None
    gift_message: str | None = field(repr=False)
    purchase_order_number: str | None
    document: Document = field(repr=False, compare=False)

    @property
    def is_cancelled(self) -> bool:
        """Whether the whole order is cancelled. A cancelled order keeps its reference_id."""
        return self.status == ORDER_CANCELLED

    @property
    def changed_at(self) -> datetime | None:
        """The latest time in the document: order created, or a shipment or its tracking updated."""
        moments = [self.created_at]
        for shipment in self.shipments:
            moments += [shipment.created_at, shipment.last_update_at, shipment.last_tracking_update_at]
        return max((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True)
class CancelledShipment:
    """What became of one shipment when its order was cancelled."""

    shipment_id: int | None
    succeeded: bool
    reason: str | None


@dataclass(frozen=True)
class Cancellation:
    """The answer to a cancellation. HTTP 200 does not mean cancelled: read `status`."""

    order_id: int | None
    status: str  # Success, Failure or PartialSuccess
    shipments: tuple[CancelledShipment, ...]

    @property
    def succeeded(self) -> bool:
        """Whether everything was cancelled."""
        return self.status == "Success"

    @property
    def why_not(self) -> str:
        """ShipBob's reasons for what was not cancelled, in one line."""
        failed = [shipment for shipment in self.shipments if not shipment.succeeded]
        return "; ".join(f"shipment {one.shipment_id}: {one.reason or 'no reason given'}" for one in failed)


def parse_order(value: object) -> Order:
    """One order. Raises ValueError when it has no id, or a line no quantity."""
    document = as_document(value, "order")
    order_id = needed(whole(document, "id", "order"), "id", "order")
    what = f"order {order_id}"
    channel = child(document, "channel", what)
    return Order(
        order_id=order_id,
        reference_id=text(document, "reference_id", what),
        order_number=text(document, "order_number", what),
        status=text(document, "status", what) or "",
        order_type=text(document, "type", what),
        channel_id=whole(channel, "id", what),
        channel_name=text(channel, "name", what),
        created_at=moment(document, "created_date", what),
        purchased_at=moment(document, "purchase_date", what),
        shipping_method=text(document, "shipping_method", what),
        recipient=_recipient(child(document, "recipient", what), what),
        lines=tuple(_line(item, what) for item in children(document, "products", what)),
        shipments=tuple(parse_shipment(item) for item in children(document, "shipments", what)),
        tags=tuple(_tag(item, what) for item in children(document, "tags", what)),
        total_price=amount(child(document, "financials", what), "total_price", what),
        gift_message=text(document, "gift_message", what),
        purchase_order_number=text(child(document, "retailer_program_data", what), "purchase_order_number", what),
        document=document,
    )


def parse_cancellation(value: object) -> Cancellation:
    """The answer to `order/{id}:cancel`. Raises ValueError when it has no status."""
    document = as_document(value, "cancellation")
    order_id = whole(document, "order_id", "cancellation")
    what = f"cancellation of order {order_id}"
    results = children(document, "canceled_shipment_results", what)
    return Cancellation(
        order_id=order_id,
        status=needed(text(document, "status", what), "status", what),
        shipments=tuple(
            CancelledShipment(
                shipment_id=whole(item, "shipment_id", what),
                succeeded=flag(item, "is_success", what) or False,
                reason=text(item, "reason", what),
            )
            for item in results
        ),
    )


def _recipient(document: Document, what: str) -> Recipient:
    address = child(document, "address", what)
    return Recipient(
        name=text(document, "name", what) or text(document, "full_name", what),
        email=text(document, "email", what),
        phone=text(document, "phone_number", what),
        company=text(address, "company_name", what),
        address1=text(address, "address1", what),
        address2=text(address, "address2", what),
        city=text(address, "city", what),
        state=text(address, "state", what),
        zip_code=text(address, "zip_code", what),
        country=text(address, "country", what),
    )


def _line(document: Document, what: str) -> OrderLine:
    return OrderLine(
        product_id=whole(document, "id", what),
        reference_id=text(document, "reference_id", what),
        sku=text(document, "sku", what),
        quantity=needed(whole(document, "quantity", what), "quantity of a line", what),
        unit_price=amount(document, "unit_price", what),
        external_line_id=whole(document, "external_line_id", what),
        unit_of_measure=text(document, "quantity_unit_of_measure_code", what),
        upc=text(document, "upc", what),
        gtin=text(document, "gtin", what),
    )


def _tag(document: Document, what: str) -> tuple[str, str]:
    return text(document, "name", what) or "", text(document, "value", what) or ""
