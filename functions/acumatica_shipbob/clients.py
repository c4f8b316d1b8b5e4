"""The opened accounts of a connection of this pair, and what both sides call an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from acumatica_shipbob.mapping.orders import KnownItem
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.accounts import open_client
from connector.connection import Connection
from connector.instants import instant_text, parse_instant
from connector.ports import Item, pages
from connector.record import from_json, to_json
from connector.services import Services
from vendors.acumatica.client import Acumatica
from vendors.acumatica.items import base_factors
from vendors.acumatica.open import open_acumatica
from vendors.acumatica.shapes import StockItem
from vendors.shipbob.client import ShipBob
from vendors.shipbob.open import open_shipbob, open_shipbob_billing
from vendors.shipbob.shapes.products import Variant

METHODS_LIFE = timedelta(hours=1)


@dataclass
class Accounts:
    """Acumatica and ShipBob of one connection, opened when first used and closed together."""

    services: Services
    document: AcumaticaShipBob
    lane: str
    holder: str
    _acumatica: Acumatica | None = None
    _shipbob: ShipBob | None = None
    _billing: ShipBob | None = None

    @property
    def acumatica(self) -> Acumatica:
        """The ERP. Its session slot is taken with the first call and given back by `close`."""
        if self._acumatica is None:
            self._acumatica = open_client(self, open_acumatica, self.document.systems.acumatica)
        return self._acumatica

    @property
    def shipbob(self) -> ShipBob:
        """The warehouse."""
        if self._shipbob is None:
            self._shipbob = open_client(self, open_shipbob, self.document.systems.shipbob)
        return self._shipbob

    @property
    def billing(self) -> ShipBob:
        """The warehouse's billing, with its own token where one is configured."""
        if self._billing is None:
            self._billing = open_client(self, open_shipbob_billing, self.document.systems.shipbob)
        return self._billing

    def close(self) -> None:
        """Gives back what the accounts hold: the ERP's session slot, unused call allowances."""
        for client in (self._acumatica, self._shipbob, self._billing):
            if client is not None:
                client.close()


def open_accounts(services: Services, connection: Connection, lane: str, holder: str) -> Accounts:
    """Opens the accounts of a connection for one holder."""
    return Accounts(services, document_of(connection), lane, holder)


def document_of(connection: Connection) -> AcumaticaShipBob:
    """The pair's own document."""
    if not isinstance(connection.document, AcumaticaShipBob):
        raise TypeError(f"connection {connection.name} is not one of acumatica_shipbob")
    return connection.document


# ---- what both sides call an item ---------------------------------------------------------------------------


def item_key(connection: str) -> str:
    """The partition under which known items are kept."""
    return f"item/{connection}"


def remember_item(services: Services, connection: str, item: StockItem, variant: Variant) -> KnownItem:
    """Notes that both sides hold an item; orders read it without a call."""
    data = {
        "base_uom": item.base_uom,
        "conversions": {uom: str(factor) for uom, factor in base_factors(item).items()},
        "variant_id": variant.variant_id,
        "inventory_id": variant.inventory_id,
        "name": variant.name or item.description or item.inventory_id,
        "pieces": _pieces(variant),
        "at": instant_text(services.clock()),
    }
    stored: Item = {"pk": item_key(connection), "sk": item.inventory_id, "data": to_json(data)}
    services.tables.put("state", stored)
    return _known(item.inventory_id, data)


def seen_again(services: Services, connection: str, item: KnownItem, variants: Sequence[Variant]) -> KnownItem | None:
    """The item as ShipBob holds it now; None, and forgotten, when its SKU is there no longer or several times."""
    if len(variants) != 1:
        services.tables.delete("state", item_key(connection), item.sku)
        return None
    data = {
        "base_uom": item.base_uom,
        "conversions": {uom: str(factor) for uom, factor in item.conversions.items()},
        "variant_id": variants[0].variant_id,
        "inventory_id": variants[0].inventory_id,
        "name": variants[0].name or item.name,
        "pieces": _pieces(variants[0]),
        "at": instant_text(services.clock()),
    }
    services.tables.put("state", {"pk": item_key(connection), "sk": item.sku, "data": to_json(data)})
    return _known(item.sku, data)


def all_items(services: Services, connection: str) -> dict[str, KnownItem]:
    """Every item that both sides are known to hold."""
    found = pages(lambda start: services.tables.query("state", item_key(connection), start=start))
    return {str(item["sk"]): _known(str(item["sk"]), from_json(str(item["data"]))) for item in found}


def known_items(services: Services, connection: str, skus: Sequence[str]) -> dict[str, KnownItem]:
    """Those of the SKUs that both sides are known to hold."""
    keys = [(item_key(connection), sku) for sku in dict.fromkeys(skus)]
    found = services.tables.get_many("state", keys)
    return {sk: _known(sk, from_json(str(item["data"]))) for (_, sk), item in found.items()}


def _known(sku: str, data: Mapping[str, Any]) -> KnownItem:
    factors = {uom: Decimal(factor) for uom, factor in data["conversions"].items()}
    pieces = int(data.get("pieces", 1))
    seen = str(data.get("at", ""))
    return KnownItem(
        sku, data["base_uom"], factors, data["variant_id"], data["inventory_id"], data["name"], pieces, seen
    )


def _pieces(variant: Variant) -> int:
    """Stock units in one: 1 for a single item, the parts of a bundle, 0 when a bundle's parts are not told."""
    if not variant.is_bundle:
        return 1
    return sum(part.quantity for part in variant.components if part.quantity is not None)


def shipping_methods(accounts: Accounts) -> list[str]:
    """Names of ShipBob's shipping methods, at most an hour old: an unknown name would silently ship as Standard."""
    services, name = accounts.services, accounts.document.connection
    item = services.tables.get("state", f"methods/{name}", "-")
    now = services.clock()
    if item is not None and now - parse_instant(str(item["at"])) < METHODS_LIFE:
        return [str(method) for method in from_json(str(item["data"]))]
    methods = [method.name for method in accounts.shipbob.shipping_methods() if method.is_active]
    services.tables.put(
        "state", {"pk": f"methods/{name}", "sk": "-", "at": instant_text(now), "data": to_json(methods)}
    )
    return methods
