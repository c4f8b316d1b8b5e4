"""Shipments: what left ShipBob, in which parcels, under which tracking number, and how far it got.

`Completed` means "left ShipBob", not delivered. Details are decided by name, because some ids are not published
(status reference page). Every member may be missing; a status nobody has heard of is kept as text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from vendors.json_fields import Document
from vendors.shipbob.shapes.fields import amount, as_document, child, children, flag, moment, needed, text, texts, whole
from vendors.shipbob.shapes.parcels import (
    Measurements,
    Package,
    ShippedProduct,
    Tracking,
    final_number,
    is_final_tracking,
    parse_cartons,
    parse_measurements,
    parse_shipped_product,
    parse_tracking,
)

__all__ = ["CANCELLED", "COMPLETED", "LABELED", "Shipment", "StatusDetail", "is_final_tracking", "parse_shipment"]

COMPLETED = "Completed"
LABELED = "LabeledCreated"
CANCELLED = "Cancelled"
_DELIVERED = "delivered"


@dataclass(frozen=True)
class StatusDetail:
    """Why a shipment is in its status, e.g. OutOfStock, InvalidAddress, InTransit, Delivered."""

    detail_id: int | None
    name: str
    description: str | None
    inventory_id: int | None = None
    location_id: int | None = None
    messages: tuple[str, ...] = field(default=(), repr=False)  # may quote an address


@dataclass(frozen=True)
class Shipment:
    """One shipment of an order."""

    shipment_id: int
    order_id: int | None
    reference_id: str | None
    status: str
    details: tuple[StatusDetail, ...]
    created_at: datetime | None
    last_update_at: datetime | None
    last_tracking_update_at: datetime | None
    labeled_at: datetime | None
    delivery_date: datetime | None
    location_id: int | None
    location_name: str | None
    ship_option: str | None
    package_material: str | None
    tracking: Tracking | None
    measurements: Measurements
    products: tuple[ShippedProduct, ...]
    cartons: tuple[Package, ...]
    is_tracking_uploaded: bool
    require_signature: bool
    insurance_value: Decimal | None
    invoice_amount: Decimal | None  # late, partial and without fees: for show only, never for a bill
    invoice_currency: str | None

    @property
    def tracking_number(self) -> str | None:
        """The carrier's number; None while there is none or only ShipBob's placeholder."""
        return final_number(self.tracking)

    @property
    def packages(self) -> tuple[Package, ...]:
        """The parcels: the cartons where ShipBob lists them, else the shipment as one parcel."""
        return self.cartons or (Package(self.tracking_number, self.measurements, products=self.products),)

    def has_detail(self, name: str) -> bool:
        """Whether a status detail of this name is present, whatever its letter case."""
        return any(detail.name.casefold() == name.casefold() for detail in self.details)

    @property
    def is_delivered(self) -> bool:
        """Delivered to the customer: by detail name, or by the delivery date of a completed shipment."""
        return self.has_detail(_DELIVERED) or (self.status == COMPLETED and self.delivery_date is not None)

    def is_shipped(self, *, label_is_enough: bool = False) -> bool:
        """Whether it left ShipBob; `label_is_enough` counts a printed label too, which may still be taken back."""
        return self.status == COMPLETED or (label_is_enough and self.status == LABELED)

    def quantities_by_sku(self) -> dict[str, int]:
        """Units per SKU; a product without one counts under its reference_id.

        Raises ValueError when a quantity is not stated.
        """
        what = f"shipment {self.shipment_id}"
        total: dict[str, int] = {}
        for product in self.products:
            sku = needed(product.sku or product.reference_id, "sku of a product", what)
            total[sku] = total.get(sku, 0) + needed(product.quantity, f"quantity of product {sku}", what)
        return total


def parse_shipment(value: object) -> Shipment:
    """One shipment. Raises ValueError when it has no id."""
    document = as_document(value, "shipment")
    shipment_id = needed(whole(document, "id", "shipment"), "id", "shipment")
    what = f"shipment {shipment_id}"
    location = child(document, "location", what)
    invoice = child(document, "invoice", what)  # some answers show this pair instead of the two flat members
    tracking = parse_tracking(document, what)
    return Shipment(
        shipment_id=shipment_id,
        order_id=whole(document, "order_id", what),
        reference_id=text(document, "reference_id", what),
        status=text(document, "status", what) or "",
        details=tuple(_detail(item, what) for item in children(document, "status_details", what)),
        created_at=moment(document, "created_date", what),
        last_update_at=moment(document, "last_update_at", what),
        last_tracking_update_at=moment(document, "last_tracking_update_at", what),
        labeled_at=moment(document, "actual_fulfillment_date", what),
        delivery_date=moment(document, "delivery_date", what),
        location_id=whole(location, "id", what),
        location_name=text(location, "name", what),
        ship_option=text(document, "ship_option", what),
        package_material=text(document, "package_material_type", what),
        tracking=tracking,
        measurements=parse_measurements(document, what),
        products=tuple(parse_shipped_product(item, what) for item in children(document, "products", what)),
        cartons=parse_cartons(document, tracking, what),
        is_tracking_uploaded=flag(document, "is_tracking_uploaded", what) or False,
        require_signature=flag(document, "require_signature", what) or False,
        insurance_value=amount(document, "insurance_value", what),
        invoice_amount=_first(amount(document, "invoice_amount", what), amount(invoice, "amount", what)),
        invoice_currency=text(document, "invoice_currency_code", what) or text(invoice, "currency_code", what),
    )


def _first(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return other if one is None else one


def _detail(document: Document, what: str) -> StatusDetail:
    extra = child(document, "extra_information", what)
    return StatusDetail(
        detail_id=whole(document, "id", what),
        name=text(document, "name", what) or "",
        description=text(document, "description", what),
        inventory_id=whole(document, "inventory_id", what),
        location_id=whole(document, "exception_fulfillment_center_id", what),
        messages=texts(extra, "validation_messages", what),
    )
