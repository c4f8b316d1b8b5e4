"""Items and what each site holds of them. Stock levels are here alone, one item at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.simulators.dynamics_gp.amounts import ZERO, money, quantity
from local.simulators.dynamics_gp.book import collated
from local.simulators.dynamics_gp.criteria import select
from local.simulators.dynamics_gp.problems import not_found
from local.simulators.dynamics_gp.records import Item, Stock
from local.simulators.dynamics_gp.world import World
from local.simulators.dynamics_gp.writing import KIND

_DECIMALS = ("Zero", "One", "Two", "Three", "Four", "Five")
_TYPES = {"Sales Item": "SalesItem", "Kit": "Kit", "Service": "Service"}
"""The modelled kinds of items, and the type on the wire that each one is."""
KINDS = tuple(_TYPES)
_PLACES = (
    ("InUseQuantity", "in_use"),
    ("InServiceQuantity", "in_service"),
    ("ReturnedQuantity", "returned"),
    ("DamagedQuantity", "damaged"),
    ("OnHandQuantity", "on_hand"),
    ("AllocatedQuantity", "allocated"),
    ("OnOrderQuantity", "on_order"),
    ("BackOrderedQuantity", "back_ordered"),
)


def _find(world: World, key: Mapping[str, Any]) -> Item:
    item = world.items.get(key.get("Id", ""))
    if item is None:
        raise not_found()
    return item


def _card(world: World, item: Item) -> dict[str, Any]:
    return {
        KIND: _TYPES[item.kind],
        "Key": {"Id": item.number},
        "Description": item.description,
        "Type": item.kind,
        "UofMScheduleKey": {"Id": item.unit.upper()},
        "ShippingWeight": item.weight,
        "QuantityDecimalPlaces": _DECIMALS[item.decimals],
        "CurrentCost": money(item.cost, world.switches.currency),
        "AllowBackOrder": item.back_orders,
        "DefaultWarehouseKey": {"Id": item.site},
        "ModifiedDate": item.modified,
        "LastModifiedDate": item.modified,
        "CreatedDate": item.created,
        "IsDiscontinued": item.discontinued,
        "DefaultSellingUofM": item.unit,
    }


def get(world: World, key: Mapping[str, Any]) -> dict[str, Any]:
    """GetItemByKey: the item card without quantities."""
    return _card(world, _find(world, key))


def _site_row(item: Item, site: str, stock: Stock) -> dict[str, Any]:
    return {
        "Key": {"ItemKey": {"Id": item.number}, "WarehouseKey": {"Id": site}},
        **{element: quantity(getattr(stock, place), item.decimals) for element, place in _PLACES},
    }


def get_inventoried(world: World, key: Mapping[str, Any]) -> dict[str, Any]:
    """GetInventoriedItemByKey: the card with quantities per site, for sales items; a kit has none."""
    item = _find(world, key)
    if item.kind not in ("Sales Item", "Kit"):
        raise not_found()
    if item.kind == "Kit":
        return _card(world, item)
    mine = collated(item.number)
    rows = [_site_row(item, site, held) for (number, site), held in world.stock.items() if collated(number) == mine]
    return {**_card(world, item), "Quantities": rows}


_CRITERIA = {
    "ItemId": lambda item: item.number,
    "Description": lambda item: item.description,
    "ShortDescription": lambda item: None,
    "GenericDescription": lambda item: None,
    "ItemClassId": lambda item: None,
    "CreatedDate": lambda item: item.created,
    "ModifiedDate": lambda item: item.modified,
    "LastModifiedDate": lambda item: item.modified,
    "Type": lambda item: item.kind,
    "IsDiscontinued": lambda item: item.discontinued,
}


def list_of(world: World, criteria: Mapping[str, Any], *, inventoried: bool = False) -> list[dict[str, Any]]:
    """Summaries: no quantities. An item's ModifiedDate does not move when its quantity moves."""
    rows = [item for item in world.items.values() if not inventoried or item.kind in ("Sales Item", "Kit")]
    return [
        {
            "Key": {"Id": item.number},
            "Description": item.description,
            "CreatedDate": item.created,
            "ModifiedDate": item.modified,
            "LastModifiedDate": item.modified,
            "Type": item.kind,
            "IsDiscontinued": item.discontinued,
        }
        for item in select(rows, criteria, _CRITERIA)
    ]


def site_get(world: World, key: Mapping[str, Any]) -> dict[str, Any]:
    """GetItemWarehouseByKey: planning data of an item at a site; no stock on hand."""
    item, site = key.get("ItemKey", {}).get("Id", ""), key.get("WarehouseKey", {}).get("Id", "")
    if world.stock.get((item, site)) is None:
        raise not_found()
    return {
        "Key": {"ItemKey": {"Id": item}, "WarehouseKey": {"Id": site}},
        "RequisitionedQuantity": quantity(ZERO),
    }


def site_list(world: World, criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
    """GetItemWarehouseList: which items are assigned to which sites."""
    values = {
        "ItemId": lambda row: row[0],
        "WarehouseId": lambda row: row[1],
        "BuyerId": lambda row: None,
        "PlannerId": lambda row: None,
    }
    keys = select([key for key, _ in world.stock.items()], criteria, values)
    return [{"Key": {"ItemKey": {"Id": item}, "WarehouseKey": {"Id": site}}} for item, site in keys]
