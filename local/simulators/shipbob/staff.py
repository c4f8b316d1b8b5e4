"""What staff and carriers do beside shipping: pick, hold, except, cancel, relabel, move. Commands, not API calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local.simulators.shipbob import allocation, tracking
from local.simulators.shipbob.records import Detail, Log, Shipment
from local.simulators.shipbob.shipments import cancel_shipment, is_cancellable
from local.simulators.shipbob.warehouse import find_order, find_shipments
from local.simulators.shipbob.webhooks import announce_shipment
from local.simulators.shipbob.world import World


def move(world: World, arguments: dict[str, Any]) -> list[int]:
    """The carrier scans: `status` InTransit, OutForDelivery, Delivered, DeliveryException or DeliveryAttemptFailed.

    `silent_delivery`: order.shipment.delivered does not fire (carrier dependent in reality).
    """
    found = find_shipments(world, arguments, "Completed")
    for shipment in found:
        tracking.move(world, shipment.id, arguments["status"], announce_delivery=not arguments.get("silent_delivery"))
    return [shipment.id for shipment in found]


def pick(world: World, arguments: dict[str, Any]) -> list[int]:
    """Work begins: the detail Picked; from now on a shipment cannot be cancelled. Leaves last_update_at alone."""
    found = find_shipments(world, arguments, "Processing")
    for shipment in found:
        log = Log(602, "Picked", "Picked", world.now())
        world.put_shipment(replace(shipment, details=(Detail(100, "Picked", "Picked"),), logs=(*shipment.logs, log)))
    return [shipment.id for shipment in found]


def _set(world: World, shipment: Shipment, status: str, details: tuple[Detail, ...], topic: str | None) -> None:
    world.put_shipment(replace(shipment, status=status, details=details, updated=world.now()))
    if topic:
        announce_shipment(world, topic, shipment.id)


def hold(world: World, arguments: dict[str, Any]) -> list[int]:
    """Puts open shipments on hold: `reason` InvalidAddress (default), PaymentDeclined, ReserveDateNotMet, Manual ..."""
    numbers = {
        "PaymentDeclined": 400,
        "InvalidAddress": 401,
        "ReserveDateNotMet": 402,
        "MissingTarriffInformation": 404,
        "Manual": 403,
    }
    reason = arguments.get("reason", "InvalidAddress")
    messages = ("Address not found",) if reason == "InvalidAddress" else ()
    found = find_shipments(world, arguments, "Processing", "Exception")
    for shipment in found:
        detail = Detail(numbers.get(reason, 405), reason, reason, messages=messages)
        _set(world, shipment, "OnHold", (detail,), "order.shipment.on_hold")
    return [shipment.id for shipment in found]


def release(world: World, arguments: dict[str, Any]) -> list[int]:
    """Lifts a hold or an exception, or lets an order out of import review."""
    order = find_order(world, arguments)
    if order.in_review:
        world.orders[order.id] = replace(order, in_review=False)
        allocation.settle(world)
        return list(world.orders[order.id].shipment_ids)
    found = find_shipments(world, arguments, "OnHold", "Exception")
    for shipment in found:
        _set(world, shipment, "Processing", (), None)
    return [shipment.id for shipment in found]


def exception(world: World, arguments: dict[str, Any]) -> list[int]:
    """A warehouse-side exception, by default OutOfStock for the first item."""
    found = find_shipments(world, arguments, "Processing", "OnHold")
    for shipment in found:
        item = shipment.units[0].inventory_id if shipment.units else None
        name = arguments.get("reason", "OutOfStock")
        text = f"No Stock On Hand For Sku {world.sku_of(item)}" if item and name == "OutOfStock" else name
        number = {"OutOfStock": 303, "UnknownSku": 304, "InactiveSku": 302, "InventoryPartiallyCommitted": 308}.get(
            name, 303
        )
        _set(
            world,
            shipment,
            "Exception",
            (Detail(number, name, text, item, shipment.location_id),),
            "order.shipment.exception",
        )
    return [shipment.id for shipment in found]


def cancel(world: World, arguments: dict[str, Any]) -> list[int]:
    """Staff cancel a shipment; `by_hand` (default) fires no webhook."""
    found = find_shipments(world, arguments, "Processing", "OnHold", "Exception")
    for shipment in found:
        reason = is_cancellable(shipment)
        if reason is not None:
            raise ValueError(f"shipment {shipment.id}: {reason}")
        cancel_shipment(world, shipment.id, announce=not arguments.get("by_hand", True))
    return [shipment.id for shipment in found]


def relabel(world: World, arguments: dict[str, Any]) -> list[str]:
    """A new label: the tracking number of the same shipment changes (also ends a placeholder)."""
    found = find_shipments(world, arguments, "LabeledCreated", "Completed")
    for shipment in found:
        old = shipment.tracking
        carrier = arguments.get("carrier") or (old.carrier if old else "USPS")
        label = tracking.make_tracking(world, carrier, arguments.get("tracking_number"))
        now = world.now()
        world.put_shipment(replace(shipment, tracking=label, updated=now, tracking_updated=now))
        announce_shipment(world, "order.shipment.tracking.updated", shipment.id)
    labels = [world.shipments[each.id].tracking for each in found]
    return [made.number for made in labels if made]


def set_order_status(world: World, arguments: dict[str, Any]) -> int:
    """Shows an order with any status text (values outside the documentation occur); `status` null takes it back."""
    order = find_order(world, arguments)
    world.orders[order.id] = replace(order, status_text=arguments["status"])
    return order.id
