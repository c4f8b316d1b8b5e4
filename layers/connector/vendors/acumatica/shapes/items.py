"""Stock items, shippable non-stock items, customers and vendors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from vendors.acumatica.rows import Row
from vendors.acumatica.shapes.addresses import Address, Contact, parse_address, parse_contact

BARCODE_TYPES = frozenset({"Barcode", "GTIN/EAN/UPC/ISBN"})


@dataclass(frozen=True)
class Barcode:
    """A scannable code of an item; `uom` is the unit it stands for, None for any."""

    code: str
    type: str
    uom: str | None


@dataclass(frozen=True)
class UnitConversion:
    """One unit of `from_uom` is `factor` units of `to_uom`, or the other way round when `divide`."""

    from_uom: str
    to_uom: str
    factor: Decimal
    divide: bool

    def convert(self, quantity: Decimal) -> Decimal:
        """A quantity in `from_uom` as one in `to_uom`, exactly where decimals allow."""
        return quantity / self.factor if self.divide else quantity * self.factor


@dataclass(frozen=True)
class StockItem:
    """An item that can be shipped (forms IN202500 and IN202000). `weight` is of one base unit, in `weight_uom`.

    The contract has no length, width or height; take them from `attributes` or `custom` where the company keeps them.
    """

    id: str
    inventory_id: str
    description: str
    status: str
    item_class: str | None
    item_type: str | None
    is_kit: bool
    base_uom: str
    sales_uom: str | None
    weight: Decimal | None
    weight_uom: str | None  # often not returned: use the connection's weight_unit
    price: Decimal | None
    country_of_origin: str | None
    tariff_code: str | None
    default_warehouse: str | None
    lot_serial_class: str | None
    last_modified: datetime
    barcodes: tuple[Barcode, ...]
    conversions: tuple[UnitConversion, ...]
    attributes: Mapping[str, str]
    stock: bool = True
    requires_shipment: bool = True
    note: str | None = None
    custom: Mapping[str, Any] = field(default_factory=dict)

    def to_base(self, quantity: Decimal, uom: str) -> Decimal | None:
        """A quantity in base units, None when the item has no conversion for `uom`: never assume one to one."""
        if uom == self.base_uom:
            return quantity
        for conversion in self.conversions:
            if conversion.from_uom == uom and conversion.to_uom == self.base_uom:
                return conversion.convert(quantity)
        return None


@dataclass(frozen=True)
class Customer:
    """A customer (form AR303000) with the address and contact that orders default to."""

    id: str
    customer_id: str
    name: str
    status: str | None
    email: str | None
    main_address: Address
    main_contact: Contact
    shipping_address: Address
    shipping_contact: Contact
    last_modified: datetime | None


@dataclass(frozen=True)
class Vendor:
    """A vendor (form AP303000), as far as bills need it."""

    id: str
    vendor_id: str
    name: str
    status: str | None
    terms: str | None
    currency: str | None


def parse_stock_item(row: Row) -> StockItem:
    """A StockItem with CrossReferences, UOMConversions and Attributes expanded. Raises ValueError."""
    return StockItem(
        id=row.id,
        inventory_id=row.required_text("InventoryID"),
        description=row.text("Description") or "",
        status=row.required_text("ItemStatus"),
        item_class=row.text("ItemClass"),
        item_type=row.text("ItemType"),
        is_kit=row.flag("IsAKit") or False,
        base_uom=row.required_text("BaseUOM"),
        sales_uom=row.text("SalesUOM"),
        weight=row.number("DimensionWeight"),
        weight_uom=row.text("WeightUOM"),
        price=row.number("DefaultPrice"),
        country_of_origin=row.text("CountryOfOrigin"),
        tariff_code=row.text("TariffCode"),
        default_warehouse=row.text("DefaultWarehouseID"),
        lot_serial_class=row.text("LotSerialClass"),
        last_modified=row.required_instant("LastModified"),
        barcodes=parse_barcodes(row),
        conversions=parse_conversions(row),
        attributes=parse_attributes(row),
        note=row.text("note"),
        custom=row.custom,
    )


def parse_nonstock_item(row: Row) -> StockItem:
    """A NonStockItem, CrossReferences and Attributes expanded (names differ from a stock item's). Raises ValueError."""
    return StockItem(
        id=row.id,
        inventory_id=row.required_text("InventoryID"),
        description=row.text("Description") or "",
        status=row.required_text("ItemStatus"),
        item_class=row.text("ItemClass"),
        item_type=row.text("ItemType"),
        is_kit=row.flag("IsKit") or False,
        base_uom=row.required_text("BaseUnit"),
        sales_uom=row.text("SalesUnit"),
        weight=row.number("Weight"),
        weight_uom=row.text("WeightUOM"),
        price=row.number("DefaultPrice"),
        country_of_origin=None,
        tariff_code=None,
        default_warehouse=None,
        lot_serial_class=None,
        last_modified=row.required_instant("LastModifiedDateTime"),
        barcodes=parse_barcodes(row),
        conversions=(),  # the contract has none for non-stock items
        attributes=parse_attributes(row),
        stock=False,
        requires_shipment=row.flag("RequireShipment") or False,
        note=row.text("note"),
        custom=row.custom,
    )


def parse_barcodes(row: Row) -> tuple[Barcode, ...]:
    """The cross-references that a scanner can read."""
    return tuple(
        Barcode(reference.required_text("AlternateID"), reference.required_text("AlternateType"), reference.text("UOM"))
        for reference in row.rows("CrossReferences")
        if reference.text("AlternateType") in BARCODE_TYPES
    )


def parse_conversions(row: Row) -> tuple[UnitConversion, ...]:
    """The item's own unit conversions. Raises ValueError for a factor that is not positive or an unknown direction."""
    return tuple(_conversion(conversion) for conversion in row.rows("UOMConversions"))


def _conversion(row: Row) -> UnitConversion:
    factor = row.required_number("ConversionFactor")
    direction = row.required_text("MultiplyOrDivide")
    if factor <= 0 or direction not in ("Multiply", "Divide"):
        raise ValueError(f"{row.path}: conversion {direction} by {factor} cannot be used")
    return UnitConversion(row.required_text("FromUOM"), row.required_text("ToUOM"), factor, direction == "Divide")


def parse_attributes(row: Row) -> Mapping[str, str]:
    """Attribute values by attribute id; attributes without a value are left out."""
    return {
        attribute.required_text("AttributeID"): value
        for attribute in row.rows("Attributes")
        if (value := attribute.text("Value")) is not None
    }


def parse_customer(row: Row) -> Customer:
    """A Customer with MainContact and ShippingContact (and their Address) expanded. Raises ValueError."""
    main, shipping = row.linked("MainContact"), row.linked("ShippingContact")
    return Customer(
        id=row.id,
        customer_id=row.required_text("CustomerID"),
        name=row.text("CustomerName") or "",
        status=row.text("Status"),
        email=row.text("Email") or (main.text("Email") if main else None),
        main_address=parse_address(main.linked("Address") if main else None),
        main_contact=parse_contact(main),
        shipping_address=parse_address(shipping.linked("Address") if shipping else None),
        shipping_contact=parse_contact(shipping),
        last_modified=row.instant("LastModifiedDateTime"),
    )


def parse_vendor(row: Row) -> Vendor:
    """A Vendor. Raises ValueError."""
    return Vendor(
        id=row.id,
        vendor_id=row.required_text("VendorID"),
        name=row.text("VendorName") or "",
        status=row.text("Status"),
        terms=row.text("Terms"),
        currency=row.text("CurrencyID"),
    )
