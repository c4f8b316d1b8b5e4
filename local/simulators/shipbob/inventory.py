"""Inventory over the API: items, levels, levels by location and by lot, and the history of changes. Read only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from local.simulators.base import Reply
from local.simulators.shipbob import pages, stock
from local.simulators.shipbob.formats import read_moment, stamp, stamp_or_none
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.problems import answer, problem, refuse
from local.simulators.shipbob.records import StockEvent, Variant
from local.simulators.shipbob.world import World

HISTORY_PAGE = 250
MOST_IDS = 150
View = Callable[[World, Variant, stock.Levels, dict[str, Any]], dict[str, Any]]


def _inventory_id(variant: Variant) -> int:
    return variant.inventory_id or 0


def item_view(world: World, variant: Variant, levels: stock.Levels, query: dict[str, Any]) -> dict[str, Any]:
    """GET /inventory: attributes, no quantities."""
    length, width, height = variant.dimension
    size = {
        "length": length,
        "width": width,
        "height": height,
        "unit": "in",
        "is_locked": variant.is_locked,
        "validated": variant.is_locked,
    }
    settings = variant.members.get("fulfillment_settings") or {}
    hazmat = {"is_hazmat": bool(settings.get("dangerous_goods")), "validated": False}
    return {
        "inventory_id": variant.inventory_id,
        "sku": variant.sku,
        "name": variant.name,
        "barcode": variant.barcodes[0].get("value") if variant.barcodes else None,
        "is_lot": bool((variant.members.get("lot_information") or {}).get("is_lot")),
        "is_case": False,
        "dimensions": size,
        "weight": {"value": variant.weight, "unit": "oz"},
        "variant": {
            "is_active": variant.is_active,
            "is_bundle": False,
            "is_digital": variant.is_digital,
            "hazmat": hazmat,
        },
        "user_id": world.user_id,
    }


def _named(variant: Variant) -> dict[str, Any]:
    return {"inventory_id": variant.inventory_id, "name": variant.name, "sku": variant.sku}


def total_view(world: World, variant: Variant, levels: stock.Levels, query: dict[str, Any]) -> dict[str, Any]:
    """GET /inventory-level: sums over the network. Sellable follows the guides: fulfillable minus exception."""
    item = _inventory_id(variant)
    held = sum(units for (_, number), units in levels.on_hand.items() if number == item)
    committed = sum(units for (_, number), units in levels.committed.items() if number == item)
    exception = levels.exception[item]
    return {
        **_named(variant),
        "total_on_hand_quantity": held,
        "total_fulfillable_quantity": held - committed,
        "total_committed_quantity": committed,
        "total_sellable_quantity": max(0, held - committed - exception),
        "total_exception_quantity": exception,
        "total_awaiting_quantity": sum(units for (_, number), units in levels.awaiting.items() if number == item),
        "total_internal_transfer_quantity": 0,
        "total_backordered_quantity": max(0, exception + committed - held),
    }


def _at(world: World, place: int, held: int, committed: int, awaiting: int) -> dict[str, Any]:
    return {
        "location_id": place,
        "name": world.locations[place].name,
        "on_hand_quantity": held,
        "fulfillable_quantity": held - committed,
        "committed_quantity": committed,
        "awaiting_quantity": awaiting,
        "internal_transfer_quantity": 0,
    }


def location_view(world: World, variant: Variant, levels: stock.Levels, query: dict[str, Any]) -> dict[str, Any]:
    """GET /inventory-level/locations: a location without a row holds nothing."""
    item = _inventory_id(variant)
    places = sorted({place for place, number in (*levels.on_hand, *levels.awaiting) if number == item})
    rows = [
        _at(world, place, levels.on_hand[place, item], levels.committed[place, item], levels.awaiting[place, item])
        for place in places
        if query.get("LocationId", place) == place
    ]
    return {**_named(variant), "locations": rows}


def lot_view(world: World, variant: Variant, levels: stock.Levels, query: dict[str, Any]) -> dict[str, Any]:
    """GET /inventory-level/lots."""
    item = _inventory_id(variant)
    lots: dict[str, list[dict[str, Any]]] = {}
    for (place, number, lot), units in levels.lots.items():
        if number == item and query.get("LocationId", place) == place:
            lots.setdefault(lot, []).append(_at(world, place, units, 0, 0))
    rows = [
        {
            "lot_number": lot or None,
            "lot_date": stamp_or_none(world.lots.get((item, lot)), 0),
            **{f"{name}_quantity": sum(place[f"{name}_quantity"] for place in places) for name in _SUMS},
            "locations": places,
        }
        for lot, places in sorted(lots.items())
    ]
    return {**_named(variant), "lots": rows}


_SUMS = ("on_hand", "fulfillable", "committed", "awaiting", "internal_transfer")


def _wanted(world: World, query: dict[str, Any]) -> list[Variant]:
    found = [world.variants[number] for _, number in sorted(world.items.items())]
    tests: dict[str, Callable[[Variant, Any], bool]] = {
        "InventoryIds": lambda variant, value: variant.inventory_id in value,
        "IsActive": lambda variant, value: variant.is_active == value,
        "IsDigital": lambda variant, value: variant.is_digital == value,
        "SearchBy": lambda variant, value: (
            value.casefold() in f"{variant.sku} {variant.name} {variant.inventory_id}".casefold()
        ),
    }
    for name, test in tests.items():
        if name in query:
            found = [variant for variant in found if test(variant, query[name])]
    return found


def _list(path: str, view: View) -> Callable[[World, Asked], Reply]:
    def answer_list(world: World, asked: Asked) -> Reply:
        query = asked.query
        if len(query.get("InventoryIds", ())) > MOST_IDS:
            raise refuse(problem, 400, "InventoryIds", f"at most {MOST_IDS} ids can be asked for at once")
        if query.get("SortBy") == "-onHand" and path == "Inventory":
            raise refuse(problem, 400, "SortBy", "-onHand is not supported here")
        where = pages.position(world, query, problem)
        merged = {**where.filters, **query}
        rows, cursor = pages.cut(_wanted(world, merged), _inventory_id, where, pages.page_size(world, query))
        levels = stock.levels(world)
        return pages.envelope([view(world, row, levels, merged) for row in rows], pages.link(world, path, cursor))

    return answer_list


def _one(view: View) -> Callable[[World, Asked], Reply]:
    def answer_one(world: World, asked: Asked) -> Reply:
        variant = world.variant_of(asked.ids["inventory"])
        if variant is None:
            raise refuse(problem, 404, "inventoryId", f"Inventory {asked.ids['inventory']} was not found.")
        return answer(view(world, variant, stock.levels(world), {}))

    return answer_one


list_items = _list("Inventory", item_view)
list_levels = _list("Inventory-Level", total_view)
list_locations = _list("Inventory-Level/Locations", location_view)
list_lots = _list("Inventory-Level/Lots", lot_view)
get_item = _one(item_view)
get_level = _one(total_view)
get_locations = _one(location_view)
get_lots = _one(lot_view)


def _movement(world: World, event: StockEvent) -> dict[str, Any]:
    return {
        "facility_id": event.location_id,
        "location_id": event.location_id,
        "quantity_change": event.quantity,
        "committed_quantity_change": event.committed,
        "lot_number": event.lot,
        "expiration_date": None,
        "inventory_status": "Available",
        "sku": world.sku_of(event.inventory_id) or None,
    }


def _event(world: World, event: StockEvent) -> dict[str, Any]:
    rises = event.quantity > 0
    return {
        "inventory_audit_event_id": event.id,
        "event_category": event.category,
        "event_datetime": stamp(event.at, event.id),
        "inventory_id": event.inventory_id,
        "merchant_user_id": world.user_id,
        "shipbob_order_id": event.order_id,
        "decrement": None if rises else _movement(world, event),
        "increment": _movement(world, event) if rises else None,
        "additional_reference": [],
    }


def history(world: World, asked: Asked) -> Reply:
    """POST /inventory/history:query: events of one facility after the cursor, oldest first, at most 90 days."""
    body = asked.body
    now = world.now()
    end = read_moment(body["end_date"]) if body.get("end_date") else now
    start = read_moment(body["start_date"]) if body.get("start_date") else end - timedelta(days=90)
    if end - start > timedelta(days=90) or end < start:
        raise refuse(problem, 400, "start_date", "the range may be at most 90 days and must not end before it begins")
    after = asked.query.get("cursor", body.get("cursor") or 0)
    found = [
        event
        for event in world.events.values()
        if event.id > after
        and event.location_id == body["facility_id"]
        and start <= event.at <= end
        and body.get("event_category") in (None, event.category)
        and (not body.get("inventory_ids") or event.inventory_id in body["inventory_ids"])
    ]
    page = found[:HISTORY_PAGE]
    following = str(page[-1].id) if len(found) > HISTORY_PAGE else None
    return answer(
        {"data": [_event(world, event) for event in page], "first": None, "last": None, "next": following, "prev": None}
    )
