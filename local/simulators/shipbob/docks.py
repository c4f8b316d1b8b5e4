"""Seeding and counting: locations, products, stock and shipping methods. Commands, not API calls."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from local.simulators.shipbob import allocation, catalogue, stock
from local.simulators.shipbob.formats import read_moment
from local.simulators.shipbob.records import (
    Location,
    ShippingMethod,
)
from local.simulators.shipbob.world import World

_ADDRESS = {
    "address1": "5900 W Ogden Ave",
    "address2": "Suite 100",
    "city": "Cicero",
    "state": "IL",
    "country": "US",
    "zip_code": "60804",
    "phone_number": "555-555-5555",
    "email": "example@example.com",
}


def inventory_of(world: World, arguments: dict[str, Any]) -> int:
    """The inventory id given as `inventory_id` or by `sku`."""
    if "inventory_id" in arguments:
        number = int(arguments["inventory_id"])
        if number not in world.items:
            raise KeyError(f"inventory {number}")
        return number
    variants = [world.variants[number] for number in world.skus.get(arguments["sku"], ())]
    items = [variant.inventory_id for variant in variants if variant.inventory_id is not None]
    if not items:
        raise ValueError(f"no product with the SKU {arguments['sku']!r} has stock: seed_product first")
    return items[0]


def seed_location(world: World, arguments: dict[str, Any]) -> int:
    """A fulfilment centre: `id`, `name`, and any of the other members of a location."""
    number = int(arguments["id"])
    address = {**_ADDRESS, **arguments.get("address", {})}
    flags = {
        name: bool(arguments[name])
        for name in ("access_granted", "is_active", "is_receiving_enabled", "is_shipping_enabled")
        if name in arguments
    }
    name = arguments["name"]
    short, zone = arguments.get("abbreviation", f"LOC-{number}"), arguments.get("timezone", "Central Standard Time")
    world.locations[number] = Location(
        number, name, short, zone, address, (4, "Midwest"), hub_id=arguments.get("hub_id"), **flags
    )
    return number


def seed_product(world: World, arguments: dict[str, Any]) -> dict[str, Any]:
    """A product with one variant: `sku`, `name`; optional members of a variant, `is_locked`, `channel_id`.

    `components` {sku: count} makes it a bundle.
    """
    components = arguments.get("components") or {}
    kept = (
        "sku",
        "name",
        "weight",
        "dimension",
        "barcodes",
        "upc",
        "gtin",
        "status_id",
        "lot_information",
        "customs",
        "is_digital",
    )
    members = {name: arguments[name] for name in kept if name in arguments}
    if "weight" in members:
        members["weight"] = Decimal(str(members["weight"]))
    if "dimension" in members:
        members["dimension"] = {side: Decimal(str(size)) for side, size in members["dimension"].items()}
    if components:
        parts = {sku: world.skus[sku][0] for sku in components}
        members["bundle_definition"] = [
            {"variant_id": parts[sku], "quantity": count} for sku, count in components.items()
        ]
    own = next(channel.id for channel in world.channels.values() if channel.application_name == "SMA")
    channel = int(arguments.get("channel_id", own))
    made = catalogue.make_product(
        world, arguments.get("name") or arguments["sku"], [members], channel, 2 if components else 1
    )
    variant = world.variants[made.variant_ids[0]]
    if arguments.get("is_locked"):
        world.put_variant(replace(variant, is_locked=True))
    return {"product_id": made.id, "variant_id": variant.id, "inventory_id": variant.inventory_id}


def seed_stock(world: World, arguments: dict[str, Any]) -> int:
    """Sets the on-hand of `sku` at `location_id` to `quantity`; `lot` and `lot_date` are optional."""
    place, item, lot = int(arguments["location_id"]), inventory_of(world, arguments), arguments.get("lot")
    if place not in world.locations:
        raise ValueError(f"location {place} is not seeded")
    if lot:
        world.lots[item, lot] = read_moment(arguments["lot_date"]) if arguments.get("lot_date") else None
    difference = int(arguments["quantity"]) - world.stock.get((place, item, lot or ""), 0)
    stock.change(world, place, item, difference, "InventoryReceived", lot=lot)
    allocation.retry_exceptions(world)
    return world.on_hand[place, item]


def adjust_stock(world: World, arguments: dict[str, Any]) -> int:
    """Staff count again: adds `quantity` (signed) as InventoryAdjusted, or another `category`; answers the on-hand."""
    place, item = int(arguments["location_id"]), inventory_of(world, arguments)
    category = arguments.get("category", "InventoryAdjusted")
    stock.change(world, place, item, int(arguments["quantity"]), category, lot=arguments.get("lot"))
    allocation.retry_exceptions(world)
    return world.on_hand[place, item]


def forget_stock(world: World, arguments: dict[str, Any]) -> None:
    """The row of a SKU at a location vanishes although nothing was posted: a row that is not there means 0."""
    place, item = int(arguments["location_id"]), inventory_of(world, arguments)
    for key in [key for key in world.stock if key[:2] == (place, item)]:
        if world.stock[key]:
            stock.change(world, place, item, -world.stock[key], "InventoryAdjusted", lot=key[2] or None)
        del world.stock[key]
    world.on_hand.pop((place, item), None)


def seed_shipping_method(world: World, arguments: dict[str, Any]) -> int:
    """A name of the Ship Option Mapping."""
    method = ShippingMethod(world.number("method"), arguments["name"], 1, arguments.get("service_level", "Standard"))
    world.methods[method.name] = method
    return method.id
