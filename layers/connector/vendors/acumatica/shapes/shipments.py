"""Shipments and their packages (form SO302000)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from vendors.acumatica.rows import Row
from vendors.acumatica.shapes.addresses import Address, Contact, parse_address, parse_contact


@dataclass(frozen=True)
class ShipmentLine:
    """One line of a shipment. Quantities are in `uom`."""

    id: str
    line_number: int
    order_type: str | None
    order_number: str | None
    order_line_number: int | None
    inventory_id: str
    shipped_quantity: Decimal
    ordered_quantity: Decimal | None
    open_quantity: Decimal | None
    uom: str
    warehouse: str | None
    location_id: str | None
    lot_serial: str | None
    description: str


@dataclass(frozen=True)
class ShippedOrder:
    """One sales order that a shipment (partly) fulfils, and what became of it."""

    order_type: str
    order_number: str
    shipped_quantity: Decimal | None
    invoice_type: str | None
    invoice_number: str | None
    inventory_reference: str | None  # filled: stock is posted and the shipment can no longer be corrected


@dataclass(frozen=True)
class PackageContent:
    """What one package holds, where the warehouse recorded it."""

    inventory_id: str
    quantity: Decimal
    uom: str | None
    lot_serial: str | None


@dataclass(frozen=True)
class Package:
    """One carton. `weight` is gross in `uom` (company unit); sizes are in the company's linear unit."""

    id: str
    line_number: int | None  # absent before 22.200.001
    box_id: str | None
    description: str
    weight: Decimal | None
    uom: str | None
    length: Decimal | None
    width: Decimal | None
    height: Decimal | None
    declared_value: Decimal | None
    confirmed: bool
    tracking_number: str | None
    custom_reference_1: str | None
    custom_reference_2: str | None
    contents: tuple[PackageContent, ...] = ()
    files: tuple[str, ...] = ()
    upload_link: str | None = None


@dataclass(frozen=True)
class PackageMark:
    """A package's tracking number and our reference."""

    tracking_number: str | None
    reference: str | None


@dataclass(frozen=True)
class ShipmentBrief:
    """A shipment as far as a comparison needs it. `lines`: order line number and shipped quantity."""

    number: str
    type: str
    status: str
    description: str
    ship_via: str | None
    freight_cost: Decimal | None
    created: datetime | None
    lines: tuple[tuple[int | None, Decimal], ...]
    packages: tuple[PackageMark, ...]


@dataclass(frozen=True)
class Shipment:
    """A shipment: On Hold, Open, Confirmed, Invoiced or Completed. There is no released state."""

    id: str
    number: str
    type: str
    operation: str | None
    status: str
    hold: bool
    customer_id: str | None
    location_id: str | None
    warehouse: str | None
    shipment_date: date | None
    ship_via: str | None
    freight_cost: Decimal | None
    freight_price: Decimal | None
    shipped_quantity: Decimal | None
    shipped_weight: Decimal | None
    package_weight: Decimal | None
    residential: bool
    saturday: bool
    insurance: bool
    description: str
    created: datetime | None
    last_modified: datetime
    ship_to: Address
    contact: Contact
    lines: tuple[ShipmentLine, ...]
    orders: tuple[ShippedOrder, ...]
    packages: tuple[Package, ...]
    note: str | None
    custom: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    upload_link: str | None = None
    use_customers_account: bool = False  # the customer's own carrier account pays the freight

    def package_with(self, tracking_number: str) -> Package | None:
        """The package that carries a tracking number already."""
        return next((package for package in self.packages if package.tracking_number == tracking_number), None)


def parse_shipment(row: Row) -> Shipment:
    """A keyed read with Details, Packages, Orders and ShippingSettings (to the leaves) expanded. Raises ValueError."""
    settings = row.linked("ShippingSettings")
    return Shipment(
        id=row.id,
        number=row.required_text("ShipmentNbr"),
        type=row.text("Type") or "",
        operation=row.text("Operation"),
        status=row.required_text("Status"),
        hold=row.flag("Hold") or False,
        customer_id=row.text("CustomerID"),
        location_id=row.text("LocationID"),
        warehouse=row.text("WarehouseID"),
        shipment_date=row.day("ShipmentDate"),
        ship_via=row.text("ShipVia"),
        freight_cost=row.number("FreightCost"),
        freight_price=row.number("FreightPrice"),
        shipped_quantity=row.number("ShippedQty"),
        shipped_weight=row.number("ShippedWeight"),
        package_weight=row.number("PackageWeight"),
        residential=row.flag("ResidentialDelivery") or False,
        saturday=row.flag("SaturdayDelivery") or False,
        insurance=row.flag("Insurance") or False,
        description=row.text("Description") or "",
        created=row.instant("CreatedDateTime"),
        last_modified=row.required_instant("LastModifiedDateTime"),
        ship_to=parse_address(settings.linked("ShipToAddress") if settings else None),
        contact=parse_contact(settings.linked("ShipToContact") if settings else None),
        lines=tuple(parse_shipment_line(line) for line in row.rows("Details")),
        orders=tuple(parse_shipped_order(order) for order in row.rows("Orders")),
        packages=tuple(parse_package(package) for package in row.rows("Packages")),
        note=row.text("note"),
        custom=row.custom,
        files=row.file_names,
        upload_link=row.upload_link,
        use_customers_account=row.flag("UseCustomersAccount") or False,
    )


def parse_shipment_brief(row: Row) -> ShipmentBrief:
    """A row of a list or a keyed read with these fields of Details and Packages. Raises ValueError."""
    return ShipmentBrief(
        number=row.required_text("ShipmentNbr"),
        type=row.text("Type") or "",
        status=row.required_text("Status"),
        description=row.text("Description") or "",
        ship_via=row.text("ShipVia"),
        freight_cost=row.number("FreightCost"),
        created=row.instant("CreatedDateTime"),
        lines=tuple((line.whole("OrderLineNbr"), line.required_number("ShippedQty")) for line in row.rows("Details")),
        packages=tuple(
            PackageMark(package.text("TrackingNbr"), package.text("CustomRefNbr1")) for package in row.rows("Packages")
        ),
    )


def parse_shipment_line(row: Row) -> ShipmentLine:
    """One row of Details. Raises ValueError."""
    return ShipmentLine(
        id=row.id,
        line_number=row.required_whole("LineNbr"),
        order_type=row.text("OrderType"),
        order_number=row.text("OrderNbr"),
        order_line_number=row.whole("OrderLineNbr"),
        inventory_id=row.required_text("InventoryID"),
        shipped_quantity=row.required_number("ShippedQty"),
        ordered_quantity=row.number("OrderedQty"),
        open_quantity=row.number("OpenQty"),
        uom=row.required_text("UOM"),
        warehouse=row.text("WarehouseID"),
        location_id=row.text("LocationID"),
        lot_serial=row.text("LotSerialNbr"),
        description=row.text("Description") or "",
    )


def parse_shipped_order(row: Row) -> ShippedOrder:
    """One row of Orders. Raises ValueError."""
    return ShippedOrder(
        order_type=row.required_text("OrderType"),
        order_number=row.required_text("OrderNbr"),
        shipped_quantity=row.number("ShippedQty"),
        invoice_type=row.text("InvoiceType"),
        invoice_number=row.text("InvoiceNbr"),
        inventory_reference=row.text("InventoryRefNbr"),
    )


def parse_package(row: Row) -> Package:
    """One row of Packages. Raises ValueError."""
    return Package(
        id=row.id,
        line_number=row.whole("LineNbr"),
        box_id=row.text("BoxID"),
        description=row.text("Description") or "",
        weight=row.number("Weight"),
        uom=row.text("UOM"),
        length=row.number("Length"),
        width=row.number("Width"),
        height=row.number("Height"),
        declared_value=row.number("DeclaredValue"),
        confirmed=row.flag("Confirmed") or False,
        tracking_number=row.text("TrackingNbr"),
        custom_reference_1=row.text("CustomRefNbr1"),
        custom_reference_2=row.text("CustomRefNbr2"),
        contents=tuple(
            PackageContent(
                inventory_id=content.required_text("InventoryID"),
                quantity=content.required_number("Quantity"),
                uom=content.text("UOM"),
                lot_serial=content.text("LotSerialNbr"),
            )
            for content in row.rows("PackageContents")
        ),
        files=row.file_names,
        upload_link=row.upload_link,
    )
