"""Shipments: what left ShipBob, in which parcels, under which tracking number, and how far it got.

`Completed` means "left ShipBob", not delivered. Details are decided by name, because some ids are not published
(status reference page). Every member may be missing; a status nobody has heard of is kept as text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from vendors.shipbob.shapes.fields import (
    Document,
    amount,
    as_document,
    child,
    children,
    flag,
    moment,
    needed,
    text,
    texts,
    whole,
)

COMPLETED = "Completed"
LABELED = "LabeledCreated"
CANCELLED = "Cancelled"
_DELIVERED = "delivered"
_PLACEHOLDER = "SBAAA"  # ShipBob's own number before the carrier has given one (live)


def is_final_tracking(number: str | None) -> bool:
    """Whether this is the carrier's own tracking number, not empty and not ShipBob's placeholder."""
    return bool(number and number.strip()) and not (number or "").strip().upper().startswith(_PLACEHOLDER)


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
class Tracking:
    """The carrier's side of a shipment."""

    carrier: str | None
    service: str | None
    number: str | None
    url: str | None
    bill_of_lading: str | None
    pro_number: str | None
    scac: str | None
    shipped_at: datetime | None


@dataclass(frozen=True)
class Measurements:
    """Ounces and inches."""

    weight_oz: Decimal | None
    length_in: Decimal | None
    width_in: Decimal | None
    depth_in: Decimal | None


@dataclass(frozen=True)
class ShippedItem:
    """Units of one inventory item (for a bundle: of a component). `quantity` None: ShipBob does not say."""

    inventory_id: int | None
    name: str | None
    quantity: int | None
    lot: str | None
    expires_at: datetime | None
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShippedProduct:
    """A product in a shipment. ShipBob states no quantity here, only per inventory item."""

    product_id: int | None
    reference_id: str | None
    sku: str | None
    name: str | None
    items: tuple[ShippedItem, ...]

    @property
    def quantity(self) -> int | None:
        """Units shipped: the sum over the inventory items (a bundle: component units); None, not 0, when unstated."""
        quantities = [item.quantity for item in self.items if item.quantity is not None]
        return sum(quantities) if quantities and len(quantities) == len(self.items) else None


@dataclass(frozen=True)
class Package:
    """One parcel of a shipment. All parcels of a shipment share its tracking number."""

    tracking_number: str | None
    measurements: Measurements
    carton_id: int | None = None
    barcode: str | None = None
    parent_barcode: str | None = None
    kind: str | None = None
    products: tuple[ShippedProduct, ...] = ()


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
        number = self.tracking.number if self.tracking else None
        return number.strip() if number is not None and is_final_tracking(number) else None

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
        measurements=_measurements(document, what),
        products=tuple(_product(item, what) for item in children(document, "products", what)),
        cartons=_cartons(document, tracking, what),
        is_tracking_uploaded=flag(document, "is_tracking_uploaded", what) or False,
        require_signature=flag(document, "require_signature", what) or False,
        insurance_value=amount(document, "insurance_value", what),
        invoice_amount=_first(amount(document, "invoice_amount", what), amount(invoice, "amount", what)),
        invoice_currency=text(document, "invoice_currency_code", what) or text(invoice, "currency_code", what),
    )


def parse_tracking(document: Document, what: str) -> Tracking | None:
    """The `tracking` member of a shipment."""
    if document.get("tracking") is None:
        return None
    tracking = child(document, "tracking", what)
    return Tracking(
        carrier=text(tracking, "carrier", what),
        service=text(tracking, "carrier_service", what),
        number=text(tracking, "tracking_number", what),
        url=text(tracking, "tracking_url", what),
        bill_of_lading=text(tracking, "bol", what),
        pro_number=text(tracking, "pro_number", what),
        scac=text(tracking, "scac", what),
        shipped_at=moment(tracking, "shipping_date", what),
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


def _measurements(document: Document, what: str) -> Measurements:
    measurements = child(document, "measurements", what)
    return Measurements(
        weight_oz=amount(measurements, "total_weight_oz", what),
        length_in=amount(measurements, "length_in", what),
        width_in=amount(measurements, "width_in", what),
        depth_in=amount(measurements, "depth_in", what),
    )


def _product(document: Document, what: str) -> ShippedProduct:
    key = "inventory" if document.get("inventory_items") is None else "inventory_items"  # the older name still occurs
    return ShippedProduct(
        product_id=whole(document, "id", what),
        reference_id=text(document, "reference_id", what),
        sku=text(document, "sku", what),
        name=text(document, "name", what),
        items=tuple(_item(item, what) for item in children(document, key, what)),
    )


def _item(document: Document, what: str) -> ShippedItem:
    return ShippedItem(
        inventory_id=whole(document, "id", what),
        name=text(document, "name", what),
        quantity=whole(document, "quantity", what),
        lot=text(document, "lot", what),
        expires_at=moment(document, "expiration_date", what),
        serial_numbers=texts(document, "serial_numbers", what),
    )


def _cartons(document: Document, tracking: Tracking | None, what: str) -> tuple[Package, ...]:
    """Parent containers hold cartons (a pallet and its boxes); one that holds none is the parcel itself."""
    number = tracking.number.strip() if tracking and tracking.number and is_final_tracking(tracking.number) else None
    found: list[Package] = []
    for parent in children(document, "parent_cartons", what):
        inner = children(parent, "cartons", what)
        found += [_package(carton, text(parent, "barcode", what), number, what) for carton in inner or (parent,)]
    return tuple(found)


def _package(document: Document, parent_barcode: str | None, number: str | None, what: str) -> Package:
    contents = children(document, "carton_details", what)
    return Package(
        tracking_number=number,
        measurements=_measurements(document, what),
        carton_id=whole(document, "id", what),
        barcode=text(document, "barcode", what),
        parent_barcode=parent_barcode,
        kind=text(document, "type", what),
        products=tuple(_product(item, what) for part in contents for item in children(part, "products", what)),
    )
