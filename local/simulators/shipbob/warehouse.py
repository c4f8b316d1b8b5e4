"""What the warehouse does with an order: pick, label, ship, move, hold, split, relabel. Commands, not API calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from local.simulators.shipbob import allocation, stock, tracking
from local.simulators.shipbob.records import Detail, Log, Order, Shipment, Units
from local.simulators.shipbob.webhooks import announce_order
from local.simulators.shipbob.world import World

_GONE = ("Cancelled", "CleanSweeped")


@dataclass(frozen=True)
class Package:
    """One parcel to be made: where, what, and what its label shall say."""

    location_id: int
    units: tuple[Units, ...]
    carrier: str
    number: str | None
    weight_ounces: int | None


def find_order(world: World, arguments: dict[str, Any]) -> Order:
    """The order by `order_id`, `shipment_id` or `reference_id` (and `channel_id` when two channels share it)."""
    if "order_id" in arguments:
        return world.orders[int(arguments["order_id"])]
    if "shipment_id" in arguments:
        return world.orders[world.shipments[int(arguments["shipment_id"])].order_id]
    wanted, channel = arguments["reference_id"], arguments.get("channel_id")
    found = [
        number for (owner, text), number in world.references.items() if text == wanted and channel in (None, owner)
    ]
    if len(found) != 1:
        raise ValueError(f"{len(found)} orders have the reference_id {wanted!r}; give order_id or channel_id")
    return world.orders[found[0]]


def find_shipments(world: World, arguments: dict[str, Any], *statuses: str) -> list[Shipment]:
    """The named shipment, or every shipment of the order that is in one of the statuses."""
    if "shipment_id" in arguments:
        return [world.shipments[int(arguments["shipment_id"])]]
    order = find_order(world, arguments)
    found = [world.shipments[number] for number in order.shipment_ids if world.shipments[number].status in statuses]
    if not found:
        raise ValueError(f"order {order.id} has no shipment that is {' or '.join(statuses)}")
    return found


def _draw(world: World, pool: Counter[tuple[int, int]], lines: list[dict[str, Any]]) -> tuple[Units, ...]:
    """Takes units by the SKU of the stock item out of what is still to be sent."""
    drawn: list[Units] = []
    for line in lines:
        left = int(line["quantity"])
        for (variant, item), units in list(pool.items()):
            if world.sku_of(item) == line["sku"] and left and units:
                taken = min(left, units)
                pool[variant, item] -= taken
                left -= taken
                drawn.append(Units(variant, item, taken))
        if left:
            raise ValueError(f"{left} more of {line['sku']} than the order still needs")
    return tuple(drawn)


def _plan(world: World, opened: list[Shipment], arguments: dict[str, Any]) -> tuple[list[Package], tuple[Units, ...]]:
    """The packages, and the units that stay behind in an open shipment."""
    carrier = arguments.get("carrier", "USPS")
    wanted: list[dict[str, Any]] | None = arguments.get("packages")
    if not wanted:
        return [
            Package(each.location_id, each.units, carrier, arguments.get("tracking_number"), None) for each in opened
        ], ()
    pool: Counter[tuple[int, int]] = Counter()
    for shipment in opened:
        for units in shipment.units:
            pool[units.variant_id, units.inventory_id] += units.quantity
    packages = []
    for each in wanted:
        lines = each.get("lines") or [
            {"sku": world.sku_of(item), "quantity": units} for (_, item), units in pool.items() if units
        ]
        place = int(each.get("location_id", opened[0].location_id))
        if place not in world.locations:
            raise ValueError(f"location {place} is not seeded")
        number, weight = each.get("tracking_number"), each.get("weight_ounces")
        packages.append(Package(place, _draw(world, pool, lines), each.get("carrier", carrier), number, weight))
    rest = tuple(Units(variant, item, units) for (variant, item), units in pool.items() if units)
    return packages, rest


def _pick(world: World, shipment: Shipment) -> tuple[Units, ...]:
    """Takes the units off the shelf, oldest lot first; ValueError when the location does not hold them."""
    picked: list[Units] = []
    for units in shipment.units:
        left = units.quantity
        lots = [
            key for key, held in world.stock.items() if key[:2] == (shipment.location_id, units.inventory_id) and held
        ]
        for key in sorted(lots, key=lambda key: (str(world.lots.get((key[1], key[2]))), key[2])):
            taken = min(left, world.stock[key])
            if taken:
                lot = key[2] or None
                context = {"lot": lot, "order_id": shipment.order_id, "committed": -taken}
                stock.change(world, *key[:2], -taken, "OrderPicked", **context)  # type: ignore[arg-type]
                picked.append(replace(units, quantity=taken, lot=lot))
                left -= taken
        if left:
            held = world.on_hand.get((shipment.location_id, units.inventory_id), 0)
            sku = world.sku_of(units.inventory_id)
            raise ValueError(
                f"location {shipment.location_id} is {left} short of {sku} ({held} left): seed_stock first"
            )
    return tuple(picked)


def _check_stock(world: World, packages: list[Package]) -> None:
    """Nothing is picked unless everything can be."""
    needed: Counter[tuple[int, int]] = Counter()
    for package in packages:
        for units in package.units:
            needed[package.location_id, units.inventory_id] += units.quantity
    for place, quantity in needed.items():
        if world.on_hand.get(place, 0) < quantity:
            raise ValueError(
                f"location {place[0]} holds {world.on_hand.get(place, 0)} of {world.sku_of(place[1])}, not {quantity}"
            )


def _label(world: World, shipment: Shipment, package: Package, placeholder: bool) -> None:
    now = world.now()
    logs = [
        Log(602, "Picked", "Picked", now),
        Log(603, "Packed", "Packed", now),
        Log(604, "Labeled", "Label printed", now),
    ]
    label = (
        tracking.placeholder(world, package.carrier)
        if placeholder
        else tracking.make_tracking(world, package.carrier, package.number)
    )
    moved = replace(shipment, location_id=package.location_id, units=package.units)
    world.put_shipment(moved)
    labelled = replace(
        moved,
        status="LabeledCreated",
        details=(Detail(102, "Labeled", "Label printed"),),
        units=_pick(world, moved),
        weight_ounces=package.weight_ounces or allocation.weight_of(world, package.units),
        tracking=label,
        updated=now,
        tracking_updated=now,
        fulfilled=now,
        logs=(*shipment.logs, *logs),
    )
    world.put_shipment(labelled)


def _spare(world: World, order: Order, like: Shipment) -> Shipment:
    """One more shipment of the order, as a split makes it."""
    number = world.number("shipment")
    made = replace(like, id=number, units=(), logs=(Log(601, "OrderCreated", "Order created", world.now()),))
    world.put_shipment(made)
    current = world.orders[order.id]
    world.orders[order.id] = replace(current, shipment_ids=(*current.shipment_ids, number))
    return made


def _announce_shipped(world: World, order_id: int, labelled: list[int]) -> None:
    if world.switches.shipped_per_shipment:
        for _ in labelled:
            announce_order(world, "order.shipped", order_id)
        return
    alive = [world.shipments[number] for number in world.orders[order_id].shipment_ids]
    if all(each.status in ("LabeledCreated", "Completed") for each in alive if each.status not in _GONE):
        announce_order(world, "order.shipped", order_id)


def fulfil(world: World, arguments: dict[str, Any]) -> dict[str, Any]:
    """Labels and ships an order: one parcel per open shipment, or the given `packages` (split, partial, several).

    `label_only`: stops at LabeledCreated. `placeholder`: the tracking number begins with SBAAA. Stock falls at picking.
    """
    allocation.settle(world)
    order = find_order(world, arguments)
    opened = [
        world.shipments[number] for number in order.shipment_ids if world.shipments[number].status == "Processing"
    ]
    if not opened:
        states = [world.shipments[number].status for number in order.shipment_ids]
        raise ValueError(f"order {order.id} has nothing to ship: shipments are {states}")
    packages, rest = _plan(world, opened, arguments)
    _check_stock(world, packages)
    shipments = [*opened[: len(packages)], *(_spare(world, order, opened[0]) for _ in packages[len(opened) :])]
    for surplus in opened[len(packages) :]:
        world.put_shipment(replace(surplus, units=(), status="CleanSweeped", updated=world.now()))
    if rest:
        left = _spare(world, order, opened[0])
        world.put_shipment(replace(left, units=rest))
    for shipment, package in zip(shipments, packages, strict=True):
        _label(world, shipment, package, bool(arguments.get("placeholder")))
    numbers = [shipment.id for shipment in shipments]
    _announce_shipped(world, order.id, numbers)
    if not arguments.get("label_only"):
        for number in numbers:
            _leave(world, number)
    labels = [world.shipments[number].tracking for number in numbers]
    return {
        "order_id": order.id,
        "shipment_ids": numbers,
        "tracking_numbers": [label.number for label in labels if label],
    }


def _leave(world: World, number: int) -> None:
    shipment, now = world.shipments[number], world.now()
    waiting = Detail(200, "Processing", "Waiting for the carrier to scan the shipment")
    log = Log(612, "Shipped", "Shipped", now)
    world.put_shipment(
        replace(shipment, status="Completed", details=(waiting,), updated=now, logs=(*shipment.logs, log))
    )


def ship(world: World, arguments: dict[str, Any]) -> list[int]:
    """Labelled shipments leave the building: Completed."""
    found = find_shipments(world, arguments, "LabeledCreated")
    for shipment in found:
        if shipment.status != "LabeledCreated":
            raise ValueError(f"shipment {shipment.id} is {shipment.status}, not LabeledCreated")
        _leave(world, shipment.id)
    return [shipment.id for shipment in found]
