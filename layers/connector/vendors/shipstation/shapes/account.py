"""Stores, webhooks, products and customers: what an account has besides orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from vendors.json_fields import Document
from vendors.shipstation.shapes.fields import amount, as_document, children, flag, needed, text, whole

MANUAL_STORE = 0
"""marketplaceId of a store that only people and APIs fill."""

ACUMATICA_CHANNEL = 115
"""marketplaceId of ShipStation's own connection to Acumatica, seen in the field."""


@dataclass(frozen=True)
class Store:
    """A store."""

    store_id: int
    name: str
    marketplace_id: int | None
    marketplace: str
    active: bool

    @property
    def is_acumatica(self) -> bool:
        """Whether ShipStation fetches the orders of an Acumatica itself through it."""
        return self.marketplace_id == ACUMATICA_CHANNEL or "acumatica" in self.marketplace.casefold()


@dataclass(frozen=True)
class Webhook:
    """A webhook subscription of V1."""

    webhook_id: int
    event: str
    url: str = field(repr=False)  # holds our token
    store_id: int | None
    active: bool


@dataclass(frozen=True)
class Product:
    """A product record. `document` is the whole of it: an update has to send everything."""

    product_id: int
    sku: str
    name: str
    active: bool
    weight_oz: Decimal | None
    document: Document = field(repr=False, compare=False)


@dataclass(frozen=True)
class Customer:
    """A customer profile, which ShipStation makes of an order's customerUsername."""

    customer_id: int
    usernames: tuple[str, ...]


def parse_store(value: object) -> Store:
    """One store. Raises ValueError."""
    document = as_document(value, "store")
    store_id = needed(whole(document, "storeId", "store"), "storeId", "store")
    what = f"store {store_id}"
    return Store(
        store_id,
        text(document, "storeName", what) or "",
        whole(document, "marketplaceId", what),
        text(document, "marketplaceName", what) or "",
        flag(document, "active", what) is not False,
    )


def parse_webhooks(value: Any) -> tuple[Webhook, ...]:
    """The list of webhooks. Raises ValueError."""
    rows = children(as_document(value, "webhook list"), "webhooks", "webhook list")
    if rows is None:
        raise ValueError("ShipStation webhook list has no webhooks")
    return tuple(_webhook(row) for row in rows)


def _webhook(row: Document) -> Webhook:
    return Webhook(
        needed(whole(row, "WebHookID", "webhook"), "WebHookID", "webhook"),
        text(row, "HookType", "webhook") or "",
        text(row, "Url", "webhook") or "",
        whole(row, "StoreID", "webhook"),
        flag(row, "Active", "webhook") is not False,
    )


def parse_subscribed(value: Any) -> int:
    """The id of a new webhook: two shapes are published. Raises ValueError."""
    document = as_document(value, "subscription")
    found = whole(document, "id", "subscription")
    return needed(
        found if found is not None else whole(document, "WebHookID", "subscription"), "id", "subscription"
    )


def parse_product(value: object) -> Product:
    """One product. Stored SKUs can have outer blanks. Raises ValueError."""
    document = as_document(value, "product")
    product_id = needed(whole(document, "productId", "product"), "productId", "product")
    what = f"product {product_id}"
    return Product(
        product_id,
        (text(document, "sku", what) or "").strip(),
        text(document, "name", what) or "",
        flag(document, "active", what) is not False,
        amount(document, "weightOz", what),
        document,
    )


def parse_customer(value: object) -> Customer:
    """One customer. Raises ValueError."""
    document = as_document(value, "customer")
    customer_id = needed(whole(document, "customerId", "customer"), "customerId", "customer")
    what = f"customer {customer_id}"
    names = [text(row, "username", what) for row in children(document, "marketplaceUsernames", what) or ()]
    return Customer(customer_id, tuple(name for name in names if name))
