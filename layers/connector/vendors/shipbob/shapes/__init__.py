"""ShipBob's documents as frozen dataclasses, and the functions that parse them.

Parsers are tolerant where ShipBob is (missing members, unknown statuses) and raise ValueError, naming the document,
where a fact is missing without which a number would be wrong.
"""

from vendors.json_fields import Document
from vendors.shipbob.shapes.account import (
    Channel,
    Location,
    ShippingMethod,
    Subscription,
    parse_channel,
    parse_location,
    parse_shipping_method,
    parse_subscription,
)
from vendors.shipbob.shapes.billing import Invoice, Tax, Transaction, parse_invoice, parse_transaction
from vendors.shipbob.shapes.inventory import Levels, LocationLevel, Movement, parse_levels, parse_movement, parse_sku
from vendors.shipbob.shapes.orders import (
    Cancellation,
    CancelledShipment,
    Order,
    OrderLine,
    Recipient,
    parse_cancellation,
    parse_order,
)
from vendors.shipbob.shapes.parcels import (
    Measurements,
    Package,
    ShippedItem,
    ShippedProduct,
    Tracking,
    is_final_tracking,
)
from vendors.shipbob.shapes.products import Component, Dimension, Product, Variant, parse_product, preferred
from vendors.shipbob.shapes.receiving import (
    Box,
    BoxItem,
    ReceivedQuantity,
    ReceivingOrder,
    SyncResult,
    parse_box,
    parse_receiving_order,
    parse_sync_results,
)
from vendors.shipbob.shapes.returns import Return, ReturnAction, ReturnedItem, parse_return, plain_return_status
from vendors.shipbob.shapes.shipments import Shipment, StatusDetail, parse_shipment
from vendors.shipbob.shapes.tracking import (
    TrackingEvent,
    TrackingReport,
    UploadResult,
    parse_tracking_report,
    parse_upload_results,
    plain_status,
)

__all__ = [
    "Box",
    "BoxItem",
    "Cancellation",
    "CancelledShipment",
    "Channel",
    "Component",
    "Dimension",
    "Document",
    "Invoice",
    "Levels",
    "Location",
    "LocationLevel",
    "Measurements",
    "Movement",
    "Order",
    "OrderLine",
    "Package",
    "Product",
    "ReceivedQuantity",
    "ReceivingOrder",
    "Recipient",
    "Return",
    "ReturnAction",
    "ReturnedItem",
    "Shipment",
    "ShippedItem",
    "ShippedProduct",
    "ShippingMethod",
    "StatusDetail",
    "Subscription",
    "SyncResult",
    "Tax",
    "Tracking",
    "TrackingEvent",
    "TrackingReport",
    "Transaction",
    "UploadResult",
    "Variant",
    "is_final_tracking",
    "parse_box",
    "parse_cancellation",
    "parse_channel",
    "parse_invoice",
    "parse_levels",
    "parse_location",
    "parse_movement",
    "parse_order",
    "parse_product",
    "parse_receiving_order",
    "parse_return",
    "parse_shipment",
    "parse_shipping_method",
    "parse_sku",
    "parse_subscription",
    "parse_sync_results",
    "parse_tracking_report",
    "parse_transaction",
    "parse_upload_results",
    "plain_return_status",
    "plain_status",
    "preferred",
]
