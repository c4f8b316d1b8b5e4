"""What left: shipments (labels made in ShipStation) and fulfilments (marked as shipped, or by a provider)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from vendors.json_fields import Document
from vendors.shipstation.shapes.fields import (
    amount,
    as_document,
    child,
    children,
    day,
    flag,
    moment,
    needed,
    text,
    whole,
)
from vendors.shipstation.shapes.orders import OrderItem, parse_item

OUNCES = {
    "ounces": Decimal(1), "pounds": Decimal(16), "grams": Decimal("0.03527396195"),
    "ounce": Decimal(1), "pound": Decimal(16), "gram": Decimal("0.03527396195"),
}  # fmt: skip


@dataclass(frozen=True)
class Shipment:
    """A label. `items` None: not told, which never means that nothing is in it."""

    shipment_id: int
    order_id: int | None
    order_key: str | None
    order_number: str
    created_at: datetime | None
    ship_date: date | None
    tracking_number: str | None
    carrier_code: str
    service_code: str
    return_label: bool
    voided: bool
    voided_at: datetime | None
    weight_oz: Decimal | None
    cost: Decimal | None
    items: tuple[OrderItem, ...] | None
    store_id: int | None
    document: Document = field(repr=False, compare=False)


@dataclass(frozen=True)
class Fulfillment:
    """An order that left without a label of ShipStation's. It has neither key nor lines."""

    fulfillment_id: int
    order_id: int | None
    order_number: str
    created_at: datetime | None
    ship_date: date | None
    tracking_number: str | None
    carrier: str
    voided: bool
    document: Document = field(repr=False, compare=False)


def parse_shipment(value: object) -> Shipment:
    """One shipment. Raises ValueError when it has no id."""
    document = as_document(value, "shipment")
    shipment_id = needed(whole(document, "shipmentId", "shipment"), "shipmentId", "shipment")
    what = f"shipment {shipment_id}"
    items = children(document, "shipmentItems", what)
    return Shipment(
        shipment_id=shipment_id,
        order_id=whole(document, "orderId", what),
        order_key=text(document, "orderKey", what),
        order_number=text(document, "orderNumber", what) or "",
        created_at=moment(document, "createDate", what),
        ship_date=day(document, "shipDate", what),
        tracking_number=text(document, "trackingNumber", what),
        carrier_code=text(document, "carrierCode", what) or "",
        service_code=text(document, "serviceCode", what) or "",
        return_label=flag(document, "isReturnLabel", what) or False,
        voided=flag(document, "voided", what) or False,
        voided_at=moment(document, "voidDate", what),
        weight_oz=_ounces(child(document, "weight", what), what),
        cost=amount(document, "shipmentCost", what),
        items=None if items is None else tuple(parse_item(item, what) for item in items),
        store_id=whole(child(document, "advancedOptions", what), "storeId", what),
        document=document,
    )


def parse_fulfillment(value: object) -> Fulfillment:
    """One fulfilment. Raises ValueError when it has no id."""
    document = as_document(value, "fulfilment")
    identifier = needed(whole(document, "fulfillmentId", "fulfilment"), "fulfillmentId", "fulfilment")
    what = f"fulfilment {identifier}"
    return Fulfillment(
        fulfillment_id=identifier,
        order_id=whole(document, "orderId", what),
        order_number=text(document, "orderNumber", what) or "",
        created_at=moment(document, "createDate", what),
        ship_date=day(document, "shipDate", what),
        tracking_number=text(document, "trackingNumber", what),
        carrier=text(document, "carrierCode", what) or "",
        voided=flag(document, "voided", what) or False,
        document=document,
    )


def _ounces(weight: Document, what: str) -> Decimal | None:
    value, units = amount(weight, "value", what), text(weight, "units", what)
    if value is None or units is None:
        return None
    factor = OUNCES.get(units.casefold())
    if factor is None:
        raise ValueError(f"ShipStation {what}: its weight is in a unit that nobody knows")
    return value * factor
