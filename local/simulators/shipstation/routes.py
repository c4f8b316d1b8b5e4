"""The table of endpoints: method, path, known query parameters, body check, and who answers.

What is not in this table does not exist: no POST on products, no write on customers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from local.simulators.base import Reply
from local.simulators.checks import Check
from local.simulators.shipstation import (
    customers,
    fulfillments,
    masters,
    order_bodies,
    order_list,
    orders,
    products,
    shipments,
    subscriptions,
    version_two,
)
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.records import STATUSES
from local.simulators.shipstation.world import World

Handler = Callable[[World, Asked], Reply]
Kinds = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Route:
    """One endpoint. `query` maps each known parameter to its kind: text, whole, flag, moment, utc, or the words.

    `raw_body`: the handler checks the body itself (it has to say so in words of its own).
    """

    method: str
    path: str
    handler: Handler
    query: Kinds = field(default_factory=dict)
    body: Check | None = None
    raw_body: bool = False
    root: str = "request"

    def match(self, path: str) -> dict[str, str] | None:
        """The decoded names in the path, or None."""

        def segment(name: re.Match[str]) -> str:
            form = r"\d{1,18}" if name[1].endswith("Id") else r"se-\d{1,18}" if name[1] in _MAPPED else "[^/]+"
            return f"(?P<{name[1]}>{form})"

        found = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", segment, re.escape(self.path)), path)
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else None


_MAPPED = ("label_id", "shipment_id")
_PAGED: Kinds = {"sortDir": ("ASC", "DESC"), "page": "page", "pageSize": "size"}
_V2_PAGED: Kinds = {
    "page": "page",
    "page_size": "size",
    "sort_dir": ("asc", "desc"),
    "sort_by": ("modified_at", "created_at"),
}


def _range(*names: str, kind: str = "moment") -> dict[str, str]:
    return {f"{name}{end}": kind for name in names for end in ("Start", "End")}


def _texts(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), "text")


_ORDERS: Kinds = {
    **_texts("customerName itemKeyword orderNumber importBatch includeOrderItems"),
    **_range("createDate", "modifyDate", "orderDate", "paymentDate"),
    "orderStatus": STATUSES,
    "storeId": "whole",
    "sortBy": ("OrderDate", "ModifyDate", "CreateDate"),
    **_PAGED,
}
_SHIPMENTS: Kinds = {
    **_texts("recipientName recipientCountryCode orderNumber carrierCode serviceCode trackingNumber batchId"),
    **_range("createDate", "shipDate", "voidDate"),
    "orderId": "whole",
    "storeId": "whole",
    "includeShipmentItems": "flag",
    "sortBy": ("ShipDate", "CreateDate"),
    **_PAGED,
}
_FULFILLMENTS: Kinds = {
    **_texts("orderNumber trackingNumber recipientName batchId"),
    **_range("createDate", "shipDate"),
    "fulfillmentId": "whole",
    "orderId": "whole",
    "sortBy": ("ShipDate", "CreateDate"),
    **_PAGED,
}
_PRODUCTS: Kinds = {
    **_texts("sku name"),
    **dict.fromkeys(("productCategoryId", "productTypeId", "tagId"), "whole"),
    **dict.fromkeys(("startDate", "endDate"), "moment"),
    "showInactive": "flag",
    "sortBy": ("SKU", "ModifyDate", "CreateDate"),
    **_PAGED,
}
_CUSTOMERS: Kinds = {
    **_texts("stateCode countryCode"),
    **dict.fromkeys(("marketplaceId", "tagId"), "whole"),
    "sortBy": ("Name", "ModifyDate", "CreateDate"),
    **_PAGED,
}
_LABELS: Kinds = {
    **_texts("service_code carrier_id tracking_number batch_id rate_id shipment_id warehouse_id"),
    "label_status": ("processing", "completed", "error", "voided"),
    **dict.fromkeys(("created_at_start", "created_at_end"), "utc"),
    **_V2_PAGED,
}
_V2_SHIPMENTS: Kinds = {
    **_texts("shipment_number external_shipment_id store_id"),
    "shipment_status": ("pending", "processing", "label_purchased", "cancelled"),
    **dict.fromkeys(("created_at_start", "created_at_end", "modified_at_start", "modified_at_end"), "utc"),
    **_V2_PAGED,
}
_CARRIER: Kinds = {"carrierCode": "text"}

ROUTES = (
    Route("POST", "/orders/createorder", orders.create_one, raw_body=True, root="apiOrder"),
    Route("POST", "/orders/createorders", orders.create_many, raw_body=True, root="apiOrders"),
    Route("POST", "/orders/markasshipped", fulfillments.mark_as_shipped, body=order_bodies.MARK),
    Route("POST", "/orders/holduntil", orders.hold, body=order_bodies.HOLD),
    Route("POST", "/orders/restorefromhold", orders.restore, body=order_bodies.ORDER_ID),
    Route("POST", "/orders/addtag", orders.add_tag, body=order_bodies.TAG),
    Route("POST", "/orders/removetag", orders.remove_tag, body=order_bodies.TAG),
    Route("POST", "/orders/createlabelfororder", shipments.create_for_order, body=order_bodies.LABEL),
    Route("GET", "/orders", order_list.list_orders, _ORDERS),
    Route("GET", "/orders/{orderId}", orders.get_one),
    Route("DELETE", "/orders/{orderId}", orders.delete),
    Route("GET", "/shipments", shipments.list_shipments, _SHIPMENTS),
    Route("POST", "/shipments/voidlabel", shipments.void_label, body=order_bodies.VOID),
    Route("GET", "/fulfillments", fulfillments.list_fulfillments, _FULFILLMENTS),
    Route("GET", "/products", products.list_products, _PRODUCTS),
    Route("GET", "/products/{productId}", products.get_one),
    Route("PUT", "/products/{productId}", products.update, body=products.BODY),
    Route("GET", "/customers", customers.list_customers, _CUSTOMERS),
    Route("GET", "/customers/{customerId}", customers.get_one),
    Route("GET", "/stores", masters.stores, {"showInactive": "flag", "marketplaceId": "whole"}),
    Route("GET", "/carriers", masters.carriers),
    Route("GET", "/carriers/listservices", masters.services, _CARRIER),
    Route("GET", "/carriers/listpackages", masters.packages, _CARRIER),
    Route("GET", "/warehouses", masters.warehouses),
    Route("GET", "/accounts/listtags", masters.tags),
    Route("GET", "/users", masters.users),
    Route("GET", "/webhooks", subscriptions.list_all),
    Route("POST", "/webhooks/subscribe", subscriptions.subscribe, body=subscriptions.BODY),
    Route("DELETE", "/webhooks/{webhookId}", subscriptions.unsubscribe),
    Route("GET", "/v2/labels", version_two.list_labels, _LABELS),
    Route("GET", "/v2/labels/{label_id}", version_two.get_label, {"label_download_type": ("url", "inline")}),
    Route("PUT", "/v2/labels/{label_id}/void", version_two.void_label),
    Route("GET", "/v2/labels/{label_id}/track", version_two.track),
    Route("GET", "/v2/downloads/{dir}/{subdir}/{filename}", version_two.download, _texts("download rotation")),
    Route("GET", "/v2/shipments", version_two.list_shipments, _V2_SHIPMENTS),
    Route("GET", "/v2/shipments/external_shipment_id/{external_shipment_id}", version_two.get_by_external_id),
    Route("GET", "/v2/shipments/{shipment_id}", version_two.get_shipment),
)


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | int:
    """The endpoint and the names in the path; 404 for no such path, 405 for another method."""
    known = [(route, names) for route in ROUTES if (names := route.match(path)) is not None]
    if not known:
        return 404
    return next(((route, names) for route, names in known if route.method == method), 405)
