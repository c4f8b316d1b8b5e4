"""ShipBob's on-hand of the whole account, page by page: a reading that runs out of calls goes on where it stopped.

An account of ten thousand items needs more calls than its minute allows. The second look of the stock flow makes up for
pages that were read a few minutes apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from acumatica_shipbob.clients import Accounts
from connector.faults import VendorFault
from connector.instants import instant_text, parse_instant
from connector.record import from_json, to_json
from connector.services import Services

OLDEST = timedelta(minutes=30)
"""A reading that takes longer is begun anew: its first pages are no longer true."""

Counts = Mapping[str, Mapping[str, int]]
"""Units on hand: fulfilment centre id -> inventory id -> units, both as text. An item without a row has none there."""


def read_counts(accounts: Accounts, progress: dict[str, Any]) -> Counts:
    """Every mapped fulfilment centre's counts, complete or a VendorFault.

    `progress` is the caller's memory between attempts: after a fault it says where to go on, after success it is empty.
    """
    services = accounts.services
    counts, cursor = _resumed(services, progress)
    wanted = {str(warehouse.location_id) for warehouse in accounts.document.tables.warehouses.values()}
    for location in wanted:
        counts.setdefault(location, {})
    begun = str(progress.get("at") or instant_text(services.clock()))
    while True:
        try:
            rows, following = accounts.shipbob.levels_page(cursor)
        except VendorFault:
            _keep(accounts, progress, counts, cursor, begun)
            raise
        for row in rows:
            if str(row.location_id) in wanted:
                counts[str(row.location_id)][str(row.inventory_id)] = row.on_hand
        if following is None:
            progress.clear()
            return counts
        cursor = following


def _resumed(services: Services, progress: Mapping[str, Any]) -> tuple[dict[str, dict[str, int]], str | None]:
    cursor, at = progress.get("cursor"), progress.get("at")
    if not cursor or not at or _old(services.clock(), str(at)):
        return {}, None
    return from_json(services.bodies.get(str(progress["key"])).decode()), str(cursor)


def _old(now: datetime, at: str) -> bool:
    return now - parse_instant(at) > OLDEST


def _keep(accounts: Accounts, progress: dict[str, Any], counts: Counts, cursor: str | None, begun: str) -> None:
    progress.clear()
    if cursor is None:
        return  # nothing was read yet
    key = f"stock/{accounts.document.connection}/reading/{accounts.holder.replace('/', '-')}"
    accounts.services.bodies.put(key, to_json(counts).encode(), "application/json")
    progress.update({"cursor": cursor, "key": key, "at": begun})


def store_counts(services: Services, connection: str, warehouse: str, counts: Mapping[str, int]) -> str:
    """Keeps one warehouse's counts for the work that follows; answers the bucket's key."""
    key = f"stock/{connection}/counts/{warehouse}"
    services.bodies.put(key, to_json(dict(counts)).encode(), "application/json")
    return key


def stored_counts(services: Services, key: str) -> Mapping[str, int]:
    """What `store_counts` kept. Raises KeyError when the bucket no longer holds it."""
    counts: Mapping[str, int] = from_json(services.bodies.get(key).decode())
    return counts
