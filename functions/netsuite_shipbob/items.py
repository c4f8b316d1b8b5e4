"""What both sides call an item: remembered, looked up in batches, and looked for again while records wait for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from connector.connection import Connection
from connector.instants import instant_text
from connector.outcome import Missing
from connector.pair import Work
from connector.ports import Item as StoredItem
from connector.record import Status
from connector.records import RecordStore
from connector.review import resume
from connector.services import Services
from connector.sweep import by_status
from netsuite_shipbob.clients import Accounts
from vendors.netsuite.shapes import SALES_ORDER, Item
from vendors.shipbob.shapes import preferred

AT_SHIPBOB, AT_NETSUITE, ORDER = "shipbob item", "netsuite item", "sales order"
"""What a record may wait for that no mapping table holds."""

ORDERS_AT_ONCE = 20

BELIEVED = timedelta(days=1)
"""How long a product that was seen at ShipBob is taken for present."""


def inventory_ids(work: Work[Accounts], skus: Iterable[str]) -> dict[str, int]:
    """ShipBob's inventory id of each SKU, as far as there is one: remembered for a day, else asked in one batch."""
    services, pk = work.services, f"item/{work.connection.name}"
    wanted = list(dict.fromkeys(skus))
    stored = services.tables.get_many("state", [(pk, sku) for sku in wanted])
    recent = instant_text(work.now - BELIEVED)
    found = {sk: int(item["inventory_id"]) for (_, sk), item in stored.items() if str(item["at"]) > recent}
    unknown = [sku for sku in wanted if sku not in found]
    return found | (ask_shipbob(services, work.connection.name, work.clients, unknown) if unknown else {})


def ask_shipbob(services: Services, connection: str, accounts: Accounts, skus: Sequence[str]) -> dict[str, int]:
    """Asks ShipBob for SKUs and remembers what it holds. Several usable variants of one SKU are none: ambiguous."""
    found: dict[str, int] = {}
    for sku, variants in accounts.shipbob.by_skus(skus).items():
        usable_ones = [variant for variant in preferred(variants) if not variant.is_bundle]
        if len(usable_ones) != 1 or usable_ones[0].inventory_id is None:
            continue
        found[sku] = usable_ones[0].inventory_id
        item: StoredItem = {"pk": f"item/{connection}", "sk": sku, "inventory_id": found[sku]}
        services.tables.put("state", {**item, "at": instant_text(services.clock())})
    return found


def netsuite_items(work: Work[Accounts], skus: Iterable[str]) -> dict[str, Item]:
    """NetSuite's stocked item of each SKU. One that does not exist, is ambiguous or has no stock is absent."""
    wanted = list(dict.fromkeys(skus))
    return usable(work.clients.netsuite.items_by_sku(wanted)) if wanted else {}


def usable(found: Mapping[str, Sequence[Item]]) -> dict[str, Item]:
    """The items that can be booked: exactly one under the SKU, and with stock."""
    return {sku: items[0] for sku, items in found.items() if len(items) == 1 and items[0].is_stocked}


def look_again(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Looks for every item and order that held records wait for, all in one batch, and lets those continue.

    This is the only place that looks: the sweeper asks for each record by itself, which would cost a call each.
    """
    wanted: dict[str, list[str]] = {}
    for record in by_status(services, connection.name, Status.HELD):
        for missing in record.missing:
            if missing.kind in (AT_SHIPBOB, AT_NETSUITE, ORDER):
                wanted.setdefault(missing.kind, []).append(missing.value)
    found = [
        Missing(kind, value)
        for kind, values in wanted.items()
        for value in _found(accounts, services, kind, values)
    ]
    store = RecordStore(services)
    for missing in found:
        resume(services, store, connection.name, missing, "look-again")
    if found:
        services.log.info("what records waited for has appeared", count=len(found))


def _found(accounts: Accounts, services: Services, kind: str, values: Sequence[str]) -> Sequence[str]:
    unique = list(dict.fromkeys(values))
    if kind == AT_SHIPBOB:
        return list(ask_shipbob(services, accounts.document.connection, accounts, unique))
    if kind == AT_NETSUITE:
        return list(usable(accounts.netsuite.items_by_sku(unique)))
    key = accounts.document.settings.shipments.order_key
    names = {"tranid": "number", "externalid": "external_id", "otherrefnum": "other_reference"}
    parts = [unique[start : start + ORDERS_AT_ONCE] for start in range(0, len(unique), ORDERS_AT_ONCE)]
    found = [order for part in parts for order in accounts.netsuite.orders(SALES_ORDER, key, part)]
    return [str(getattr(order, names[key])) for order in found]
