"""ShipBob's inventory ids of SKUs, remembered for a day: stock and receiving orders are known by them alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connector.instants import instant_text
from connector.ports import Item
from connector.services import Services
from dynamicsgp_shipbob.clients import Accounts
from vendors.shipbob.shapes import preferred

SEEN_WITHIN = timedelta(days=1)


def inventory_ids(accounts: Accounts, skus: Iterable[str]) -> dict[str, int]:
    """The inventory id of each SKU that ShipBob holds exactly once. Table `state`, pk `item/<connection>`, sk SKU."""
    services, name = accounts.services, accounts.document.connection
    wanted = list(dict.fromkeys(skus))
    before = instant_text(services.clock() - SEEN_WITHIN)
    stored = services.tables.get_many("state", [(f"item/{name}", sku) for sku in wanted])
    known = {sk: int(item["inventory_id"]) for (_, sk), item in stored.items() if str(item["at"]) > before}
    unknown = [sku for sku in wanted if sku not in known]
    found = accounts.shipbob.by_skus(unknown) if unknown else {}
    for sku in unknown:
        variants = preferred(found.get(sku, ()))
        if len(variants) == 1 and variants[0].inventory_id is not None:
            known[sku] = variants[0].inventory_id
            _remember(services, name, sku, variants[0].inventory_id)
    return known


def _remember(services: Services, connection: str, sku: str, inventory_id: int) -> None:
    at = instant_text(services.clock())
    item: Item = {"pk": f"item/{connection}", "sk": sku, "inventory_id": inventory_id, "at": at}
    services.tables.put("state", item)
