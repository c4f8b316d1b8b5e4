"""The rows of SuiteQL's tables that are no transaction's: items, partners, places, closed periods, stock."""

from __future__ import annotations

from collections.abc import Iterator

from local.simulators.netsuite import reading
from local.simulators.netsuite.columns import COLUMNS, Row, flag, moment, number
from local.simulators.netsuite.records import ZERO, Item
from local.simulators.netsuite.world import World


def _item(world: World, item: Item) -> Row:
    return {
        "id": item.id,
        "itemid": item.sku,
        "fullname": item.full_name or item.sku,
        "displayname": item.name or None,
        "upccode": item.upc or None,
        "externalid": item.external_id or None,
        "itemtype": item.type,
        "islotitem": flag(item.lot),
        "isserialitem": flag(item.serial),
        "usebins": flag(item.bins),
        "isinactive": flag(item.inactive),
        "lastmodifieddate": moment(world, item.modified) if item.modified else None,
        "cost": number(item.cost),
    }


def of_masters(world: World) -> Iterator[tuple[str, Row]]:
    """Every row of the master records."""
    yield "dual", {"dummy": "X"}
    for item in world.masters.items.values():
        yield "item", _item(world, item)
        for member, count in item.members:
            yield "itemmember", {"parentitem": item.id, "item": member, "quantity": number(count)}
    names = {"vendor": "entityid", "customer": "entityid", "account": "fullname", "shipitem": "itemid"}
    for table, rows in world.masters.tables.items():
        for row in rows.values():
            shown: Row = {
                "id": row.id,
                names.get(table, "name"): row.name,
                "externalid": row.external_id or None,
                "isinactive": flag(row.inactive),
                **{name.lower(): value or None for name, value in row.more},
            }
            if row.other("subsidiary"):
                shown["subsidiary__df"] = reading.name_of(world, "subsidiary", row.other("subsidiary"))
            yield table, {name: value for name, value in shown.items() if name in COLUMNS[table].split()}
    for period in sorted(world.masters.closed_periods):
        yield "accountingperiod", {"id": int(period.replace("-", "")), "periodname": period, "closed": "T"}


def of_stock(world: World) -> Iterator[tuple[str, Row]]:
    """On-hand by item and location."""
    for (item_id, location), quantity in sorted(world.on_hand.items()):
        item = world.masters.items[item_id]
        shown = {"item": item_id, "item__df": item.sku, "location": location, "quantityonhand": number(quantity)}
        row = {**shown, "location__df": reading.name_of(world, "location", str(location))}
        row["quantityavailable"] = number(max(quantity, ZERO))
        if world.role.locations and location not in world.role.locations:
            continue
        yield "aggregateitemlocation", row
        yield "inventorybalance", row
        if item.type == "InvtPart" and not item.lot and not item.serial:
            yield "inventoryitemlocations", row
