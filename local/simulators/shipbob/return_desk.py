"""What happens to returned goods: they arrive, announced or not, and are restocked, quarantined or disposed of."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from local.simulators.shipbob import allocation, returns, stock
from local.simulators.shipbob.records import (
    ReturnItem,
    ReturnOrder,
)
from local.simulators.shipbob.world import World


def announce_stray_return(world: World, arguments: dict[str, Any]) -> int:
    """A parcel comes back that nobody announced: ReturnToSender, with a reference of ShipBob's own."""
    shipment = world.shipments[int(arguments["shipment_id"])]
    number, now = world.number("return"), world.now()
    made = ReturnOrder(
        id=number,
        reference_id=f"RTS-{number}",
        status="Arrived",
        return_type="ReturnToSender",
        channel_id=world.orders[shipment.order_id].channel_id,
        location_id=shipment.location_id,
        inserted=now,
        items=tuple(ReturnItem(units.inventory_id, units.quantity, "Default") for units in shipment.units),
        history=(("Arrived", now),),
        original_shipment_id=shipment.id,
        tracking_number=shipment.tracking.number if shipment.tracking else None,
    )
    world.returns[number] = made
    returns.announce_return(world, "return.created", made)
    return number


def _find_return(world: World, arguments: dict[str, Any]) -> ReturnOrder:
    if "return_id" in arguments:
        return world.returns[int(arguments["return_id"])]
    found = [each for each in world.returns.values() if each.reference_id == arguments["reference_id"]]
    if len(found) != 1:
        raise ValueError(f"{len(found)} returns have the reference_id {arguments['reference_id']!r}; give return_id")
    return found[0]


def _take(world: World, order: ReturnOrder, actions: list[dict[str, Any]] | None) -> tuple[ReturnItem, ...]:
    """Writes what was done with the goods; only Restock raises stock."""
    items: list[ReturnItem] = []
    for item in order.items:
        default = "Quarantine" if item.requested_action == "Default" else item.requested_action
        sku = world.sku_of(item.inventory_id)
        mine = [each for each in actions or [] if each["sku"] == sku]
        if actions is None:
            mine = [{"action": default, "quantity": item.quantity}]
        taken = tuple((each["action"], int(each["quantity"]), each.get("reason")) for each in mine)
        for action, units, _ in taken:
            if action == "Restock":
                stock.change(
                    world, order.location_id, item.inventory_id, units, "InventoryRestocked", lot=item.lot_number
                )
        items.append(replace(item, taken=(*item.taken, *taken)))
    return tuple(items)


def process_return(world: World, arguments: dict[str, Any]) -> dict[str, Any]:
    """One `step` of a return: arrive, process (actions are taken) or complete (takes them if none were taken).

    `actions`: [{"sku", "action" Restock|Quarantine|Dispose, "quantity", "reason"}]; without it what was requested.
    """
    order, step = _find_return(world, arguments), arguments["step"]
    status = {"arrive": "Arrived", "process": "Processing", "complete": "Completed"}[step]
    if order.status in ("Completed", "Cancelled"):
        raise ValueError(f"return {order.id} is {order.status}")
    untouched = not any(item.taken for item in order.items)
    if step == "process" or (step == "complete" and (untouched or "actions" in arguments)):
        order = replace(order, items=_take(world, order, arguments.get("actions")))
    fee = Decimal(str(arguments.get("fee", "3.00"))) if step == "complete" else order.fee
    order = replace(order, status=status, fee=fee, history=(*order.history, (status, world.now())))
    world.returns[order.id] = order
    returns.announce_return(world, "return.completed" if step == "complete" else "return.updated", order)
    allocation.retry_exceptions(world)
    return returns.return_view(world, order, "2026-01")
