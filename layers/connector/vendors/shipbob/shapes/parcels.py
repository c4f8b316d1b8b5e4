"""The parts of a shipment: what is in it, how big it is, and under which number the carrier has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from vendors.json_fields import Document
from vendors.shipbob.shapes.fields import amount, child, children, moment, text, texts, whole

_PLACEHOLDER = "SBAAA"  # ShipBob's own number before the carrier has given one (live)


def is_final_tracking(number: str | None) -> bool:
    """Whether this is the carrier's own tracking number, not empty and not ShipBob's placeholder."""
    return bool(number and number.strip()) and not (number or "").strip().upper().startswith(_PLACEHOLDER)


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


def final_number(tracking: Tracking | None) -> str | None:
    """The carrier's number; None while there is none or only ShipBob's placeholder."""
    number = tracking.number if tracking is not None else None
    return number.strip() if number is not None and is_final_tracking(number) else None


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


def parse_measurements(document: Document, what: str) -> Measurements:
    """The `measurements` member of a shipment or a carton."""
    measurements = child(document, "measurements", what)
    return Measurements(
        weight_oz=amount(measurements, "total_weight_oz", what),
        length_in=amount(measurements, "length_in", what),
        width_in=amount(measurements, "width_in", what),
        depth_in=amount(measurements, "depth_in", what),
    )


def parse_shipped_product(document: Document, what: str) -> ShippedProduct:
    """One product of a shipment or a carton."""
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


def parse_cartons(document: Document, tracking: Tracking | None, what: str) -> tuple[Package, ...]:
    """Parent containers hold cartons (a pallet and its boxes); one that holds none is the parcel itself."""
    number = final_number(tracking)
    found: list[Package] = []
    for parent in children(document, "parent_cartons", what):
        inner = children(parent, "cartons", what)
        found += [_package(carton, text(parent, "barcode", what), number, what) for carton in inner or (parent,)]
    return tuple(found)


def _package(document: Document, parent_barcode: str | None, number: str | None, what: str) -> Package:
    contents = children(document, "carton_details", what)
    return Package(
        tracking_number=number,
        measurements=parse_measurements(document, what),
        carton_id=whole(document, "id", what),
        barcode=text(document, "barcode", what),
        parent_barcode=parent_barcode,
        kind=text(document, "type", what),
        products=tuple(
            parse_shipped_product(item, what) for part in contents for item in children(part, "products", what)
        ),
    )
