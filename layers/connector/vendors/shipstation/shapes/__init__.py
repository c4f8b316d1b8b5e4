"""What ShipStation answers, as frozen dataclasses."""

from vendors.shipstation.shapes.account import (
    Customer,
    Product,
    Store,
    Webhook,
    parse_customer,
    parse_product,
    parse_store,
    parse_subscribed,
    parse_webhooks,
)
from vendors.shipstation.shapes.labels import Label, form_of, inline_content, label_id_of, parse_label, shipment_id_of
from vendors.shipstation.shapes.orders import (
    CANCELLED,
    ON_HOLD,
    OPEN,
    SHIPPED,
    Order,
    OrderItem,
    RowResult,
    is_bulk,
    parse_order,
    parse_results,
)
from vendors.shipstation.shapes.parcels import Fulfillment, Shipment, parse_fulfillment, parse_shipment

__all__ = [
    "CANCELLED",
    "ON_HOLD",
    "OPEN",
    "SHIPPED",
    "Customer",
    "Fulfillment",
    "Label",
    "Order",
    "OrderItem",
    "Product",
    "RowResult",
    "Shipment",
    "Store",
    "Webhook",
    "form_of",
    "inline_content",
    "is_bulk",
    "label_id_of",
    "parse_customer",
    "parse_fulfillment",
    "parse_label",
    "parse_order",
    "parse_product",
    "parse_results",
    "parse_shipment",
    "parse_store",
    "parse_subscribed",
    "parse_webhooks",
    "shipment_id_of",
]
