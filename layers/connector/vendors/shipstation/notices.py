"""A webhook's `resource_url`: taken apart, checked, never followed. What it asks for is rebuilt on our own address.

Webhook page: the body is an unauthenticated hint with two members. Hosts seen in deliveries are `ssapi` with or without
a number. Light imports: part of the cold start of nothing, but used on every event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

RESOURCES: Mapping[str, str] = {
    "SHIP_NOTIFY": "shipments",
    "ITEM_SHIP_NOTIFY": "shipments",
    "ORDER_NOTIFY": "orders",
    "ITEM_ORDER_NOTIFY": "orders",
    "FULFILLMENT_SHIPPED": "fulfillments",
    "FULFILLMENT_REJECTED": "fulfillments",
}
"""resource_type -> the list that its address names."""

_HOST = re.compile(r"ssapi\d*\.shipstation\.com", re.ASCII)
_VALUE = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_KEYS = {
    name.lower(): name for name in ("storeId", "importBatch", "batchId", "includeShipmentItems", "includeOrderItems")
}
LONGEST_URL = 500


@dataclass(frozen=True)
class Notice:
    """A checked notification. `batch`: the name of the batch it is about, "" where it names none."""

    resource_type: str
    resource: str
    batch: str
    store_id: int | None


def parse_notice(document: Mapping[str, Any], loopback: str = "") -> Notice:
    """The notification. Raises ValueError, without repeating the address, for one that must not be believed.

    `loopback`: our own V1 address where it is on this machine (tests, the demo): then its host is accepted too.
    """
    kind, url = document.get("resource_type"), document.get("resource_url")
    if not isinstance(kind, str) or not isinstance(url, str) or len(url) > LONGEST_URL:
        raise ValueError("a notification without resource_type or resource_url")
    resource = RESOURCES.get(kind.upper())
    if resource is None:
        raise ValueError("a notification of an unknown resource_type")
    parts = urlsplit(url)
    _check_place(parts, loopback)
    if parts.path.rstrip("/").lower() != f"/{resource}":
        raise ValueError("the path of resource_url does not fit its resource_type")
    query = _query(parts.query)
    store = query.get("storeId", "")
    if store and not store.isdigit():
        raise ValueError("the storeID of resource_url is no number")
    batch = query.get("batchId" if resource != "orders" else "importBatch", "")
    return Notice(kind.upper(), resource, batch, int(store) if store else None)


def _check_place(parts: Any, loopback: str) -> None:
    try:
        port = parts.port
    except ValueError:
        raise ValueError("the port of resource_url is no number") from None
    own = urlsplit(loopback)
    if own.scheme == "http" and (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return
    if parts.scheme != "https":
        raise ValueError("resource_url is not https")
    if parts.username is not None or parts.password is not None or parts.fragment or port not in (None, 443):
        raise ValueError("resource_url has a user, a port or a fragment")
    if not _HOST.fullmatch((parts.hostname or "").lower()):
        raise ValueError("resource_url is not on a host of ShipStation's V1")


def _query(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=10):
        known = _KEYS.get(name.lower())
        if known is None or known in found or not _VALUE.fullmatch(value):
            raise ValueError("resource_url has a query that is not on the list")
        found[known] = value
    return found
