"""Sales orders as the keyed read with every needed $expand answers them (form SO301000)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from vendors.acumatica.rows import Row
from vendors.acumatica.shapes.addresses import Address, Contact, parse_address, parse_contact


@dataclass(frozen=True)
class OrderLine:
    """One line. Quantities are in `uom`, the line's own unit, not in the item's base unit."""

    id: str
    line_number: int
    inventory_id: str
    description: str
    line_type: str
    order_quantity: Decimal
    open_quantity: Decimal | None
    quantity_on_shipments: Decimal | None
    uom: str
    warehouse: str | None
    unit_price: Decimal | None
    extended_price: Decimal | None
    discount_amount: Decimal | None
    completed: bool
    free_item: bool
    mark_for_po: bool
    po_source: str | None
    ship_on: date | None
    alternate_id: str | None
    lot_serial: str | None
    external_reference: str | None
    note: str | None
    custom: Mapping[str, Any] = field(default_factory=dict)

    @property
    def remaining_quantity(self) -> Decimal:
        """What no shipment covers yet: ordered minus on shipments, because OpenQty falls only at confirmation."""
        if self.quantity_on_shipments is not None:
            return max(self.order_quantity - self.quantity_on_shipments, Decimal(0))
        return self.open_quantity if self.open_quantity is not None else self.order_quantity

    @property
    def drop_ship(self) -> bool:
        """Whether a vendor ships this line to the customer (goods purchased to order come through the warehouse)."""
        return self.mark_for_po and "drop" in (self.po_source or "").lower()


@dataclass(frozen=True)
class OrderShipment:
    """A shipment as its order lists it."""

    shipment_number: str
    shipment_type: str | None
    status: str | None
    shipment_date: date | None
    shipped_quantity: Decimal | None
    invoice_type: str | None
    invoice_number: str | None
    inventory_reference: str | None  # filled once Update IN posted the issue


@dataclass(frozen=True)
class ShippingSettings:
    """How and when the order wants to be shipped. None where the ERP has nothing."""

    ship_via: str | None = None
    scheduled_day: date | None = None
    cancel_by: date | None = None
    priority: int | None = None
    shipping_rule: str | None = None
    shipping_terms: str | None = None
    residential: bool = False
    saturday: bool = False
    insurance: bool = False
    ship_separately: bool = False
    order_weight: Decimal | None = None


@dataclass(frozen=True)
class SalesOrder:
    """A sales order. `ship_to` and `contact` are the effective ones, whether overridden or the customer's own."""

    id: str
    order_type: str
    number: str
    status: str
    hold: bool
    approved: bool | None
    credit_hold: bool
    will_call: bool | None  # None: the pinned contract (before 22.200.001) has no such field
    customer_id: str
    location_id: str | None
    customer_order: str | None
    external_reference: str | None
    description: str
    day: date | None
    requested_on: date | None
    ship_via: str | None
    preferred_warehouse: str | None
    currency: str | None
    total: Decimal | None
    ordered_quantity: Decimal | None
    created: datetime | None
    last_modified: datetime
    ship_to: Address
    contact: Contact
    shipping: ShippingSettings
    lines: tuple[OrderLine, ...]
    shipments: tuple[OrderShipment, ...]
    note: str | None
    custom: Mapping[str, Any] = field(default_factory=dict)
    upload_link: str | None = None

    @property
    def key(self) -> str:
        """`SO/SO005432`: the source key of this order."""
        return f"{self.order_type}/{self.number}"


def parse_sales_order(row: Row) -> SalesOrder:
    """A keyed read with Details, ShipToAddress, ShipToContact, ShippingSettings and Shipments expanded.

    Raises ValueError naming the order and the field when something without which no order can be shipped is absent.
    """
    return SalesOrder(
        id=row.id,
        order_type=row.required_text("OrderType"),
        number=row.required_text("OrderNbr"),
        status=row.required_text("Status"),
        hold=row.flag("Hold") or False,
        approved=row.flag("Approved"),
        credit_hold=row.flag("CreditHold") or False,
        will_call=row.flag("WillCall"),
        customer_id=row.required_text("CustomerID"),
        location_id=row.text("LocationID"),
        customer_order=row.text("CustomerOrder"),
        external_reference=row.text("ExternalRef"),
        description=row.text("Description") or "",
        day=row.day("Date"),
        requested_on=row.day("RequestedOn"),
        ship_via=row.text("ShipVia"),
        preferred_warehouse=row.text("PreferredWarehouseID"),
        currency=row.text("CurrencyID"),
        total=row.number("OrderTotal"),
        ordered_quantity=row.number("OrderedQty"),
        created=row.instant("CreatedDate"),
        last_modified=row.required_instant("LastModified"),
        ship_to=parse_address(row.linked("ShipToAddress")),
        contact=parse_contact(row.linked("ShipToContact")),
        shipping=parse_shipping_settings(row.linked("ShippingSettings")),
        lines=tuple(parse_order_line(line) for line in row.rows("Details")),
        shipments=tuple(parse_order_shipment(shipment) for shipment in row.rows("Shipments")),
        note=row.text("note"),
        custom=row.custom,
        upload_link=row.upload_link,
    )


def parse_order_line(row: Row) -> OrderLine:
    """One row of Details. Raises ValueError."""
    return OrderLine(
        id=row.id,
        line_number=row.required_whole("LineNbr"),
        inventory_id=row.required_text("InventoryID"),
        description=row.text("LineDescription") or "",
        line_type=row.text("LineType") or "",
        order_quantity=row.required_number("OrderQty"),
        open_quantity=row.number("OpenQty"),
        quantity_on_shipments=row.number("QtyOnShipments"),
        uom=row.required_text("UOM"),
        warehouse=row.text("WarehouseID"),
        unit_price=row.number("UnitPrice"),
        extended_price=row.number("ExtendedPrice"),
        discount_amount=row.number("DiscountAmount"),
        completed=row.flag("Completed") or False,
        free_item=row.flag("FreeItem") or False,
        mark_for_po=row.flag("MarkForPO") or False,
        po_source=row.text("POSource"),
        ship_on=row.day("ShipOn"),
        alternate_id=row.text("AlternateID"),
        lot_serial=row.text("LotSerialNbr"),
        external_reference=row.text("ExternalRef"),
        note=row.text("note"),
        custom=row.custom,
    )


def parse_order_shipment(row: Row) -> OrderShipment:
    """One row of Shipments. Raises ValueError."""
    return OrderShipment(
        shipment_number=row.required_text("ShipmentNbr"),
        shipment_type=row.text("ShipmentType"),
        status=row.text("Status"),
        shipment_date=row.day("ShipmentDate"),
        shipped_quantity=row.number("ShippedQty"),
        invoice_type=row.text("InvoiceType"),
        invoice_number=row.text("InvoiceNbr"),
        inventory_reference=row.text("InventoryRefNbr"),
    )


def parse_shipping_settings(row: Row | None) -> ShippingSettings:
    """The linked ShippingSettings of an order."""
    if row is None:
        return ShippingSettings()
    return ShippingSettings(
        ship_via=row.text("ShipVia"),
        scheduled_day=row.day("ScheduledShipmentDate"),
        cancel_by=row.day("CancelByDate"),
        priority=row.whole("Priority"),
        shipping_rule=row.text("ShippingRule"),
        shipping_terms=row.text("ShippingTerms"),
        residential=row.flag("ResidentialDelivery") or False,
        saturday=row.flag("SaturdayDelivery") or False,
        insurance=row.flag("Insurance") or False,
        ship_separately=row.flag("ShipSeparately") or False,
        order_weight=row.number("OrderWeight"),
    )
