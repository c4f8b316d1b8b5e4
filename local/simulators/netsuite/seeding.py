"""Commands that lay the account out: subsidiaries, locations, partners, accounts, items, stock, custom fields."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from local.simulators.netsuite.contract import FORMS, ITEM_TYPES
from local.simulators.netsuite.records import ZERO, Item, Master
from local.simulators.netsuite.world import World

_TABLES = ("subsidiary", "location", "vendor", "customer", "account", "shipitem")


def seed_master(world: World, arguments: dict[str, Any]) -> str:
    """A record of `table` (subsidiary, location, vendor, customer, account, shipitem): `id`, `name`, `external_id`.

    Everything else is kept as it is (`subsidiary` of a location, `acctNumber`, `email` ...). `integrated` on a ship
    item (packageUps, packageFedex, packageUsps) makes it an integrated carrier's.
    """
    table = arguments["table"]
    if table not in _TABLES:
        raise ValueError(f"no table {table!r}; known: {', '.join(_TABLES)}")
    number = int(arguments["id"]) if "id" in arguments else world.number(f"master-{table}", 2000)
    apart = {"table", "id", "name", "external_id", "inactive", "integrated"}
    more = tuple((name, str(value)) for name, value in arguments.items() if name not in apart)
    external_id, inactive = str(arguments.get("external_id", "")), bool(arguments.get("inactive"))
    world.masters.tables[table][number] = Master(table, number, str(arguments["name"]), external_id, inactive, more)
    if "integrated" in arguments:
        world.masters.integrated_carriers[number] = arguments["integrated"]
    world.master_changed()
    return str(number)


def seed_item(world: World, arguments: dict[str, Any]) -> str:
    """An item: `sku`; optional `id`, `record` (inventoryItem), `name`, `upc`, `external_id`, `cost`, `lot`, `serial`,
    `bins`, `inactive`, `full_name` (`Parent : Child`), and `members` {sku: count} for a kitItem.
    """
    members = arguments.get("members") or {}
    record = arguments.get("record", "kitItem" if members else "inventoryItem")
    if record not in ITEM_TYPES:
        raise ValueError(f"no item record {record!r}; known: {', '.join(ITEM_TYPES)}")
    number = int(arguments["id"]) if "id" in arguments else world.number("item", 3000)
    world.masters.items[number] = Item(
        number,
        str(arguments["sku"]),
        record,
        ITEM_TYPES[record],
        str(arguments.get("name", "")),
        str(arguments.get("upc", "")),
        str(arguments.get("external_id", "")),
        Decimal(str(arguments.get("cost", 0))),
        bool(arguments.get("inactive")),
        bool(arguments.get("lot")) or record == "lotNumberedInventoryItem",
        bool(arguments.get("serial")) or record == "serializedInventoryItem",
        bool(arguments.get("bins")),
        tuple((world.item_by_sku(sku).id, Decimal(str(count))) for sku, count in members.items()),
        world.now(),
        str(arguments.get("full_name", "")),
    )
    world.master_changed()
    return str(number)


def change_item(world: World, arguments: dict[str, Any]) -> str:
    """A person edits the item `sku`: `new_sku`, `inactive`, `upc`, `name`."""
    item = world.item_by_sku(arguments["sku"])
    changes = {name: arguments[name] for name in ("inactive", "upc", "name") if name in arguments}
    sku = str(arguments.get("new_sku", item.sku))
    world.masters.items[item.id] = replace(item, sku=sku, modified=world.now(), **changes)
    world.master_changed()
    return str(item.id)


def seed_stock(world: World, arguments: dict[str, Any]) -> str:
    """Opening stock: `sku`, `location`, `quantity`. Sets on-hand; no transaction shows it."""
    place = (world.item_by_sku(arguments["sku"]).id, int(arguments["location"]))
    world.on_hand[place] = Decimal(str(arguments["quantity"]))
    world.master_changed()
    return str(world.on_hand.get(place, ZERO))


def seed_custom_field(world: World, arguments: dict[str, Any]) -> str:
    """A custom field `name` (custbody_..., custcol_...) of `kind` (text, number, boolean, date) on `record` types."""
    name, kind = arguments["name"], arguments.get("kind", "text")
    if not name.startswith(("custbody", "custcol")):
        raise ValueError(f"{name!r}: a custom field of a transaction is called custbody... or custcol...")
    if kind not in ("text", "number", "boolean", "date", "integer"):
        raise ValueError(f"no kind {kind!r}; known: text, number, boolean, date, integer")
    types = arguments["record"]
    for record in [types] if isinstance(types, str) else types:
        world.masters.custom_fields.setdefault(FORMS[record].name, {})[name] = kind
    world.master_changed()
    return str(name)


def remove_master(world: World, arguments: dict[str, Any]) -> None:
    """Makes a record of `table` inactive: `id`."""
    rows = world.masters.tables[arguments["table"]]
    rows[int(arguments["id"])] = replace(rows[int(arguments["id"])], inactive=True)
    world.master_changed()


COMMANDS = {
    "seed_master": seed_master,
    "seed_item": seed_item,
    "change_item": change_item,
    "seed_stock": seed_stock,
    "seed_custom_field": seed_custom_field,
    "remove_master": remove_master,
}
