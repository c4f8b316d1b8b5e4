"""What Acumatica holds, as frozen data. `parse_*` raise ValueError naming the document and the field."""

from vendors.acumatica.shapes.addresses import Address, Contact
from vendors.acumatica.shapes.items import (
    Barcode,
    Customer,
    StockItem,
    UnitConversion,
    Vendor,
    parse_customer,
    parse_nonstock_item,
    parse_stock_item,
    parse_vendor,
)
from vendors.acumatica.shapes.ledgers import (
    Adjustment,
    AdjustmentLine,
    Bill,
    BillLine,
    StorageRow,
    parse_adjustment,
    parse_bill,
    parse_storage_row,
)
from vendors.acumatica.shapes.orders import (
    OrderLine,
    OrderShipment,
    SalesOrder,
    ShippingSettings,
    parse_order_shipment,
    parse_sales_order,
)
from vendors.acumatica.shapes.shipments import (
    Package,
    PackageContent,
    PackageMark,
    Shipment,
    ShipmentBrief,
    ShipmentLine,
    ShippedOrder,
    parse_package,
    parse_shipment,
    parse_shipment_brief,
)

__all__ = [
    "Address", "Adjustment", "AdjustmentLine", "Barcode", "Bill", "BillLine", "Contact", "Customer", "OrderLine",
    "OrderShipment", "Package", "PackageContent", "PackageMark", "SalesOrder", "Shipment", "ShipmentBrief",
    "ShipmentLine", "ShippedOrder",
    "ShippingSettings", "StockItem", "StorageRow", "UnitConversion", "Vendor", "parse_adjustment", "parse_bill",
    "parse_customer", "parse_nonstock_item", "parse_order_shipment", "parse_package", "parse_sales_order",
    "parse_shipment", "parse_shipment_brief", "parse_stock_item", "parse_storage_row", "parse_vendor",
]
