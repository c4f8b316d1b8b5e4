"""What happens to a receiving order at the docks: it arrives, is stowed, counted, split. Commands, not API calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local.simulators.shipbob import allocation, receiving, stock
from local.simulators.shipbob.records import (
    Box,
    BoxItem,
    ReceivingOrder,
)
from local.simulators.shipbob.webhooks import announce
from local.simulators.shipbob.world import World


def _find_wro(world: World, arguments: dict[str, Any]) -> ReceivingOrder:
    if "receiving_id" in arguments:
        return world.receiving[int(arguments["receiving_id"])]
    wanted = arguments["purchase_order_number"]
    found = [
        wro for wro in world.receiving.values() if wro.purchase_order_number == wanted and wro.status != "Cancelled"
    ]
    if len(found) != 1:
        raise ValueError(f"{len(found)} receiving orders have the purchase order number {wanted!r}; give receiving_id")
    return found[0]


def _stow(world: World, wro: ReceivingOrder, box: Box, item: BoxItem, units: int) -> BoxItem:
    stowed = item.stowed + units
    if stowed < 0:
        raise ValueError(f"stowed of inventory {item.inventory_id} can not fall below 0")
    if units:
        if item.lot_number:
            world.lots[item.inventory_id, item.lot_number] = item.lot_date
        category = "ReceivingStow" if units > 0 else "InventoryAdjusted"
        stock.change(world, wro.location_id, item.inventory_id, units, category, lot=item.lot_number)
    return replace(item, stowed=stowed, received=max(item.received, stowed))


def _each_item(world: World, wro: ReceivingOrder, quantities: dict[str, int] | None, step: str) -> tuple[Box, ...]:
    """Stows quantities per SKU (or all that is expected) over the boxes; a surplus goes to the last box of the SKU."""
    left = dict(quantities) if quantities is not None else None
    boxes: list[Box] = []
    holders = {
        world.sku_of(item.inventory_id): (box.id, place) for box in wro.boxes for place, item in enumerate(box.items)
    }
    for box in wro.boxes:
        items: list[BoxItem] = []
        for place, item in enumerate(box.items):
            sku, open_units = world.sku_of(item.inventory_id), item.quantity - item.stowed
            if left is None:
                units = max(0, open_units)
            else:
                asked = left.get(sku, 0)
                last = holders[sku] == (box.id, place)
                units = asked if last or asked < 0 else min(asked, max(0, open_units))
                left[sku] = asked - units
            items.append(_stow(world, wro, box, item, units))
        boxes.append(
            replace(box, items=tuple(items), status="Stowing", counting_started=box.counting_started or world.now())
        )
    unknown = [sku for sku, units in (left or {}).items() if units]
    if unknown:
        raise ValueError(f"receiving order {wro.id} does not hold {', '.join(unknown)}")
    return tuple(boxes)


def _with_status(world: World, wro: ReceivingOrder, status: str) -> ReceivingOrder:
    now = world.now()
    history = wro.history if wro.status == status else (*wro.history, (status, now))
    return replace(
        wro, status=status, history=history, updated=now, completed=now if status == "Completed" else wro.completed
    )


def receive(world: World, arguments: dict[str, Any]) -> dict[str, Any]:
    """One `step` of a receiving order: arrive, partly_arrive, stow, count, complete, incomplete, or a status text.

    `quantities` {sku: units} for stow (negative: a stow is taken back); without it everything that is expected.
    Units become stock when they are stowed; the order level shows received units only after `count` or the end.
    """
    wro, step = _find_wro(world, arguments), arguments["step"]
    if wro.status in ("Completed", "Cancelled") and step != "stow":
        raise ValueError(f"receiving order {wro.id} is {wro.status}")
    now = world.now()
    if step in ("arrive", "partly_arrive"):
        boxes = tuple(replace(box, status="Arrived", arrived=now) for box in wro.boxes)
        wro = _with_status(world, replace(wro, boxes=boxes), "Arrived" if step == "arrive" else "PartiallyArrived")
    elif step == "stow":
        boxes = _each_item(world, wro, arguments.get("quantities"), step)
        wro = (
            replace(wro, boxes=boxes, updated=now)
            if wro.status == "Completed"
            else _with_status(world, replace(wro, boxes=boxes), "Processing")
        )
    elif step == "count":
        boxes = tuple(replace(box, received=now) for box in wro.boxes)
        wro = replace(wro, boxes=boxes, counted=True, updated=now)
    elif step in ("complete", "incomplete"):
        boxes = tuple(replace(box, status="Completed", received=box.received or now) for box in wro.boxes)
        wro = _with_status(
            world, replace(wro, boxes=boxes, counted=True), "Completed" if step == "complete" else "Incomplete"
        )
    else:
        wro = _with_status(world, wro, step)
    world.receiving[wro.id] = wro
    _announce_step(world, wro, step)
    allocation.retry_exceptions(world)
    return receiving.wro_view(world, wro, "2026-01")


def _announce_step(world: World, wro: ReceivingOrder, step: str) -> None:
    topics = {
        "arrive": "wro.box.arrived",
        "partly_arrive": "wro.box.arrived",
        "stow": "wro.box.stowed",
        "count": "wro.box.scanned",
    }
    if step in topics:
        for box in wro.boxes:
            announce(world, topics[step], {"wro_id": wro.id, **receiving.box_view(box)})
    receiving.announce_wro(world, "wro.completed" if step == "complete" else "wro.updated", wro)


def split_receiving(world: World, arguments: dict[str, Any]) -> int:
    """Staff move what is not stowed to a new WRO, with no link back; `new_purchase_order_number` may be null."""
    wro, now = _find_wro(world, arguments), world.now()
    moved: list[Box] = []
    kept: list[Box] = []
    for box in wro.boxes:
        rest = tuple(
            replace(item, quantity=item.quantity - item.stowed, stowed=0, received=0)
            for item in box.items
            if item.quantity > item.stowed
        )
        kept.append(replace(box, items=tuple(replace(item, quantity=item.stowed) for item in box.items)))
        if rest:
            moved.append(Box(world.number("box"), len(moved) + 1, "Awaiting", box.tracking_number, rest))
    number = world.number("receiving")
    order_number = arguments.get("new_purchase_order_number", wro.purchase_order_number)
    world.receiving[number] = replace(
        wro,
        id=number,
        status="Awaiting",
        boxes=tuple(moved),
        purchase_order_number=order_number,
        inserted=now,
        updated=now,
        history=(("Awaiting", now),),
        synced=None,
        counted=False,
    )
    world.receiving[wro.id] = replace(wro, boxes=tuple(kept), updated=now)
    return number


def withhold_sku(world: World, arguments: dict[str, Any]) -> int:
    """`sku` of the order-level quantities becomes null, as it may be."""
    wro = _find_wro(world, arguments)
    world.receiving[wro.id] = replace(wro, sku_withheld=True)
    return wro.id
