"""From an order to shipments: which location sends it, and why it cannot be sent yet.

Shipments appear after the order (the creation answer usually has none). An order that cannot be served from one
location becomes an Exception shipment; it is tried again whenever stock rises.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from local.simulators.shipbob.records import Detail, Location, Log, Order, Shipment, Units
from local.simulators.shipbob.webhooks import announce_shipment
from local.simulators.shipbob.world import World


def order_units(world: World, order: Order) -> tuple[Units, ...]:
    """The stock units that the lines of an order need; a bundle asks for its components."""
    found: list[Units] = []
    for line in order.lines:
        variant = world.variants[line.variant_id]
        parts = [(world.variants[part], count) for part, count in variant.bundle] or [(variant, 1)]
        for part, count in parts:
            if part.inventory_id is not None:
                found.append(Units(variant.id, part.inventory_id, count * line.quantity))
    return tuple(found)


def address_fault(order: Order, location: Location) -> str | None:
    """Why the address puts the shipment on hold, or None."""
    recipient: dict[str, Any] = order.document["recipient"]
    address = recipient["address"]
    if address["country"] in ("US", "CA") and not (address.get("state") and address.get("zip_code")):
        return "State and zip code are required for US and CA addresses"
    if address["country"] != location.address["country"] and not recipient.get("phone_number"):
        return "A phone number is required for international shipments"
    return None


def _candidates(world: World, order: Order) -> list[Location]:
    forced = order.document.get("location_id")
    usable = [
        place
        for place in world.locations.values()
        if place.is_active and place.is_shipping_enabled and place.access_granted
    ]
    return [place for place in usable if forced is None or place.id == forced]


def _trouble(world: World, order: Order, units: tuple[Units, ...], location: Location) -> tuple[Detail, ...]:
    details: list[Detail] = []
    for line in order.lines:
        variant = world.variants[line.variant_id]
        if not variant.is_active:
            details.append(
                Detail(302, "InactiveSku", f"Sku {variant.sku} is inactive", variant.inventory_id, location.id)
            )
    wanted: Counter[int] = Counter()
    for part in units:
        wanted[part.inventory_id] += part.quantity
    for item, quantity in wanted.items():
        place = (location.id, item)
        if world.on_hand.get(place, 0) - world.committed.get(place, 0) < quantity:
            text = f"No Stock On Hand For Sku {world.sku_of(item)}"
            details.append(Detail(303, "OutOfStock", text, item, location.id))
    return tuple(details)


def _decide(world: World, order: Order, units: tuple[Units, ...]) -> tuple[Location, str, tuple[Detail, ...]]:
    candidates = _candidates(world, order)
    if not candidates:
        raise ValueError("no active location with shipping is seeded; seed_location first")
    troubles = [(place, _trouble(world, order, units, place)) for place in candidates]
    location, details = next(((place, found) for place, found in troubles if not found), troubles[0])
    if details:
        return location, "Exception", details
    fault = address_fault(order, location)
    if fault:
        return location, "OnHold", (Detail(401, "InvalidAddress", "Invalid address", messages=(fault,)),)
    return location, "Processing", ()


def weight_of(world: World, units: tuple[Units, ...]) -> int:
    """Whole ounces of the units, at least one."""
    total = sum((world.variants[world.items[part.inventory_id]].weight * part.quantity for part in units), start=0)
    return max(1, round(total))


def allocate(world: World, order: Order) -> None:
    """Gives an order its first shipment."""
    units = order_units(world, order)
    location, status, details = _decide(world, order, units)
    number, now = world.number("shipment"), world.now()
    logs = [Log(601, "OrderCreated", "Order created", now)]
    if status == "Processing":
        logs.append(Log(613, "InventoryAllocated", "Inventory allocated", now))
    shipment = Shipment(
        id=number,
        order_id=order.id,
        location_id=location.id,
        status=status,
        details=details,
        units=units,
        created=now,
        recipient=order.document["recipient"],
        ship_option=order.document["shipping_method"],
        weight_ounces=weight_of(world, units),
        logs=tuple(logs),
    )
    world.put_shipment(shipment)
    world.orders[order.id] = replace(order, shipment_ids=(*order.shipment_ids, number))
    if status in ("Exception", "OnHold"):
        announce_shipment(
            world, "order.shipment.exception" if status == "Exception" else "order.shipment.on_hold", number
        )


def settle(world: World) -> None:
    """Allocates the orders whose time has come."""
    due = world.now() - timedelta(seconds=world.switches.allocation_delay_seconds)
    still: list[int] = []
    waiting, world.waiting_orders = world.waiting_orders, still
    for number in waiting:
        order = world.orders[number]
        if order.cancelled or order.shipment_ids:
            continue
        if order.in_review or order.created > due:
            still.append(number)
        else:
            allocate(world, order)


def retry_exceptions(world: World) -> None:
    """Tries every shipment in a stock exception again, oldest first: stock has risen or a SKU was activated."""
    if not any(world.wanted.values()):
        return
    for shipment in list(world.shipments.values()):
        stocked = shipment.status == "Exception" and {detail.name for detail in shipment.details} <= {
            "OutOfStock",
            "InactiveSku",
        }
        if not stocked:
            continue
        location, status, details = _decide(world, world.orders[shipment.order_id], shipment.units)
        if status != "Exception":
            log = Log(613, "InventoryAllocated", "Inventory allocated", world.now())
            changes: dict[str, Any] = {
                "location_id": location.id,
                "status": status,
                "details": details,
                "updated": world.now(),
            }
            world.put_shipment(replace(shipment, **changes, logs=(*shipment.logs, log)))
