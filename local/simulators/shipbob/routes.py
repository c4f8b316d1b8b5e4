"""The table of endpoints: method, path, scope, channel rule, query, body, dialect of errors, versions, and who answers.

What is not in this table does not exist: the gateway answers 404. There is no inventory write in it, as in reality.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from local.simulators.base import Reply
from local.simulators.checks import Check
from local.simulators.shipbob import (
    billing,
    bodies,
    inventory,
    order_bodies,
    orders,
    places,
    problems,
    product_bodies,
    products,
    queries,
    receiving,
    returns,
    shipments,
    subscriptions,
    tracking,
)
from local.simulators.shipbob.gateway import VERSIONS, Asked
from local.simulators.shipbob.problems import Family
from local.simulators.shipbob.queries import Parameters
from local.simulators.shipbob.world import World

Handler = Callable[[World, Asked], Reply]
BodyOf = Callable[[str], Check]
FROM_2026 = VERSIONS[1:]
Fixed = TypeVar("Fixed")


@dataclass(frozen=True)
class Route:
    """One endpoint. `channel`: required, filter or ignored, by version. `wrong`: status of faults of kind `rule`."""

    method: str
    path: re.Pattern[str]
    scope: str
    handler: Handler
    family: Family
    channel: Callable[[str], str]
    query: Parameters
    body: BodyOf | None
    versions: tuple[str, ...]
    wrong: int


def _pattern(path: str) -> re.Pattern[str]:
    """`/order/{order}:cancel` with whole numbers for the names in braces."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>\\d{1,18})", re.escape(path)))


def _route(
    method: str,
    path: str,
    scope: str,
    handler: Handler,
    family: Family,
    *,
    channel: str | Callable[[str], str] = "ignored",
    query: Parameters | None = None,
    body: Check | None = None,
    body_of: BodyOf | None = None,
    versions: tuple[str, ...] = VERSIONS,
    wrong: int = 400,
) -> Route:
    rule = channel if callable(channel) else _always(channel)
    body_of = _always(body) if body is not None else body_of
    return Route(method, _pattern(path), scope, handler, family, rule, query or {}, body_of, versions, wrong)


def _always(value: Fixed) -> Callable[[str], Fixed]:
    """The same for every version."""
    return lambda version: value


def _old_only(version: str) -> str:
    """Required in 2025-07, no longer declared afterwards."""
    return "required" if version == "2025-07" else "ignored"


_old = problems.field_map
_asp = problems.validation_problem
_plain = problems.problem
_new = problems.code_message
_order = "/order/{order}"
_one = "/shipment/{shipment}"

ROUTES = (
    _route(
        "POST",
        "/order",
        "orders_write",
        orders.create_order,
        _old,
        channel="required",
        body_of=order_bodies.create_order,
        wrong=422,
    ),
    _route(
        "POST",
        "/order:estimate",
        "orders_read",
        orders.estimate,
        _old,
        channel="required",
        body=order_bodies.ESTIMATE,
        wrong=422,
    ),
    _route("GET", "/order", "orders_read", orders.list_orders, _old, channel="filter", query=queries.ORDERS),
    _route("GET", _order, "orders_read", orders.get_order, _old, channel="filter"),
    _route("POST", f"{_order}:cancel", "orders_write", orders.cancel_order, _old, channel=_old_only),
    _route("GET", f"{_order}/store-order-json", "orders_read", orders.store_order_json, _old),
    _route("GET", f"{_order}/shipment", "orders_read", shipments.list_shipments, _old, channel="filter"),
    *(
        _route("GET", f"{prefix}{_one}{tail}", "orders_read", handler, _old, channel="filter")
        for prefix in ("", _order)
        for tail, handler in (
            ("", shipments.get_shipment),
            ("/timeline", shipments.timeline),
            ("/logs", shipments.timeline),
        )
    ),
    *(_route("POST", f"{prefix}{_one}:cancel", "orders_write", shipments.cancel_one, _old) for prefix in ("", _order)),
    _route(
        "POST",
        "/shipment:batchCancel",
        "orders_write",
        shipments.batch_cancel,
        _old,
        channel="required",
        body=order_bodies.BATCH_CANCEL,
        wrong=422,
    ),
    _route(
        "POST",
        "/shipment:batchUpdateTrackingUpload",
        "orders_write",
        shipments.tracking_upload,
        problems.plain_text,
        body=order_bodies.TRACKING_UPLOAD,
    ),
    _route("GET", f"{_one}:getLineItems", "orders_read", shipments.get_line_items, _new, versions=FROM_2026),
    _route(
        "PUT",
        f"{_one}:updateAddress",
        "orders_write",
        shipments.update_address,
        _new,
        body=order_bodies.UPDATE_ADDRESS,
        versions=FROM_2026,
    ),
    _route(
        "POST",
        f"{_one}:updateLineItems",
        "orders_write",
        shipments.update_line_items,
        _new,
        body=order_bodies.UPDATE_LINE_ITEMS,
        versions=FROM_2026,
    ),
    _route(
        "PUT",
        "/shipment:bulkUpdateShippingService",
        "orders_write",
        shipments.update_service,
        _new,
        body=order_bodies.UPDATE_SERVICE,
        versions=FROM_2026,
    ),
    _route("GET", "/shipping-method", "orders_read", orders.list_methods, _old, query=queries.SHIPPING_METHODS),
    _route(
        "GET",
        "/shipments-tracking",
        "tracking_read",
        tracking.shipments_tracking,
        _plain,
        query=queries.SHIPMENTS_TRACKING,
        versions=FROM_2026,
    ),
    _route(
        "GET",
        "/tracking",
        "tracking_read",
        tracking.tracking_by_number,
        _plain,
        query=queries.TRACKING,
        versions=FROM_2026,
    ),
    _route("POST", "/product", "products_write", products.create_product, _asp, body=product_bodies.CREATE_PRODUCT),
    _route("GET", "/product", "products_read", products.list_products, _asp, query=queries.PRODUCTS),
    _route("GET", "/product/{product}", "products_read", products.get_product, _asp),
    _route(
        "PATCH",
        "/product/{product}",
        "products_write",
        products.update_product,
        _asp,
        body=product_bodies.UPDATE_PRODUCT,
    ),
    _route("DELETE", "/product/{product}", "products_write", products.delete_product, _asp),
    _route("GET", "/product/{product}/variants", "products_read", products.get_variants, _asp),
    _route(
        "POST",
        "/product/{product}/variants",
        "products_write",
        products.add_variants,
        _asp,
        body=product_bodies.ADD_VARIANTS,
    ),
    _route(
        "PATCH",
        "/product/{product}/variants",
        "products_write",
        products.update_variants,
        _asp,
        body=product_bodies.UPDATE_VARIANTS,
    ),
    _route("GET", "/inventory", "inventory_read", inventory.list_items, _plain, query=queries.INVENTORY),
    _route("GET", "/inventory/{inventory}", "inventory_read", inventory.get_item, _plain),
    _route("GET", "/inventory-level", "inventory_read", inventory.list_levels, _plain, query=queries.INVENTORY_LEVEL),
    _route(
        "GET",
        "/inventory-level/locations",
        "inventory_read",
        inventory.list_locations,
        _plain,
        query=queries.INVENTORY_LOCATIONS,
    ),
    _route("GET", "/inventory-level/lots", "inventory_read", inventory.list_lots, _plain, query=queries.INVENTORY_LOTS),
    _route("GET", "/inventory-level/{inventory}", "inventory_read", inventory.get_level, _plain),
    _route("GET", "/inventory-level/{inventory}/locations", "inventory_read", inventory.get_locations, _plain),
    _route("GET", "/inventory-level/{inventory}/lots", "inventory_read", inventory.get_lots, _plain),
    _route(
        "POST",
        "/inventory/history:query",
        "inventory_read",
        inventory.history,
        _plain,
        query=queries.HISTORY,
        body=bodies.HISTORY,
        versions=FROM_2026,
    ),
    _route("GET", "/channel", "channels_read", places.list_channels, _plain, query=queries.CHANNELS),
    _route("GET", "/location", "locations_read", places.list_locations, _plain, query=queries.LOCATIONS),
    _route("GET", "/fulfillment-center", "receiving_read", places.list_centers, _asp),
    _route(
        "POST",
        "/receiving",
        "receiving_write",
        receiving.create,
        _asp,
        body_of=bodies.create_receiving,
    ),
    _route("GET", "/receiving", "receiving_read", receiving.list_all, _asp, query=queries.RECEIVING),
    _route("GET", "/receiving/{receiving}", "receiving_read", receiving.get, _asp),
    _route("GET", "/receiving/{receiving}/boxes", "receiving_read", receiving.boxes, _asp),
    _route("GET", "/receiving/{receiving}/labels", "receiving_read", receiving.labels, _asp),
    _route("GET", "/receiving/{receiving}/distributions", "receiving_read", receiving.distributions, _asp),
    _route("POST", "/receiving/{receiving}:cancel", "receiving_write", receiving.cancel, _asp),
    _route(
        "POST",
        "/receiving:setExternalSync",
        "receiving_write",
        receiving.set_external_sync,
        _asp,
        body=bodies.EXTERNAL_SYNC,
    ),
    _route(
        "POST",
        "/return",
        "returns_write",
        returns.create,
        problems.returns_error,
        channel="required",
        body=bodies.RETURN,
        wrong=422,
    ),
    _route(
        "GET",
        "/return",
        "returns_read",
        returns.list_all,
        problems.returns_error,
        channel="filter",
        query=queries.RETURNS,
    ),
    _route("GET", "/return/{return}", "returns_read", returns.get, problems.returns_error, channel="filter"),
    _route(
        "PUT",
        "/return/{return}",
        "returns_write",
        returns.update,
        problems.returns_error,
        channel=_old_only,
        body=bodies.RETURN,
        wrong=422,
    ),
    _route("POST", "/return/{return}:cancel", "returns_write", returns.cancel, problems.returns_error),
    _route("GET", "/invoices", "billing_read", billing.list_invoices, _plain, query=queries.INVOICES),
    _route(
        "GET",
        "/invoices/{invoice}/transactions",
        "billing_read",
        billing.invoice_rows,
        _plain,
        query=queries.INVOICE_ROWS,
    ),
    _route(
        "POST",
        "/transactions:query",
        "billing_read",
        billing.query_rows,
        _plain,
        query=queries.TRANSACTIONS,
        body=bodies.TRANSACTIONS,
    ),
    _route("GET", "/transaction-fees", "billing_read", billing.list_fees, _plain),
    _route(
        "POST",
        "/webhook",
        "webhooks_write",
        subscriptions.create,
        problems.webhook_error,
        body=bodies.WEBHOOK,
        wrong=422,
    ),
    _route("GET", "/webhook", "webhooks_read", subscriptions.list_all, problems.webhook_error, query=queries.WEBHOOKS),
    _route("DELETE", "/webhook/{webhook}", "webhooks_write", subscriptions.delete, problems.webhook_error),
)


def find(method: str, path: str, version: str) -> tuple[Route, dict[str, int]] | None:
    """The endpoint and the numbers in its path; letter case and singular names matter."""
    for route in ROUTES:
        found = route.path.fullmatch(path) if route.method == method and version in route.versions else None
        if found:
            return route, {name: int(value) for name, value in found.groupdict().items()}
    return None
