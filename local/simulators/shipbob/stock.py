"""The stock ledger: on-hand units per location, inventory item and lot, what is claimed of them, and every change.

Only the warehouse changes stock. There is no API call that does (vendor facts, section 19).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from local.simulators.shipbob.records import StockEvent
from local.simulators.shipbob.world import CLAIMING, World

OPEN_RECEIVING = (
    "Awaiting",
    "Arrived",
    "PartiallyArrived",
    "Processing",
    "PartiallyArrivedAtHub",
    "ArrivedAtHub",
    "ProcessingAtHub",
)


def change(
    world: World,
    location_id: int,
    inventory_id: int,
    quantity: int,
    category: str,
    *,
    lot: str | None = None,
    order_id: int | None = None,
    committed: int = 0,
) -> None:
    """Adds `quantity` (signed) to the on-hand of a location and writes the event; ValueError below zero."""
    key = (location_id, inventory_id, lot or "")
    after = world.stock.get(key, 0) + quantity
    if after < 0:
        raise ValueError(
            f"location {location_id} holds {world.stock.get(key, 0)} of {world.sku_of(inventory_id)}"
            f" (inventory {inventory_id}), not {-quantity}"
        )
    world.stock[key] = after
    place = (location_id, inventory_id)
    world.on_hand[place] = world.on_hand.get(place, 0) + quantity
    number = world.number("event")
    world.events[number] = StockEvent(
        number, category, world.now(), location_id, inventory_id, quantity, committed, lot, order_id
    )


@dataclass(frozen=True)
class Levels:
    """What is where, by (location, inventory); `exception` by inventory, for ShipBob knows it only network-wide."""

    on_hand: Counter[tuple[int, int]]
    lots: dict[tuple[int, int, str], int]
    committed: Counter[tuple[int, int]]
    awaiting: Counter[tuple[int, int]]
    exception: Counter[int]


def claims(world: World, until: datetime) -> tuple[Counter[tuple[int, int]], Counter[int]]:
    """Units claimed by the shipments created up to a moment: committed per location, and wanted by exceptions."""
    committed: Counter[tuple[int, int]] = Counter()
    wanted: Counter[int] = Counter()
    for shipment in world.shipments.values():
        if shipment.created > until:
            continue
        for units in shipment.units:
            if shipment.status in CLAIMING:
                committed[shipment.location_id, units.inventory_id] += units.quantity
            elif shipment.status == "Exception":
                wanted[units.inventory_id] += units.quantity
    return committed, wanted


def levels(world: World) -> Levels:
    """The levels as the API shows them, behind by the inventory lag."""
    until = world.now() - timedelta(seconds=world.switches.inventory_lag_seconds)
    lots = dict(world.stock)
    for event in reversed(world.events.values()):
        if event.at <= until:
            break
        lots[event.location_id, event.inventory_id, event.lot or ""] -= event.quantity
    total: Counter[tuple[int, int]] = Counter()
    for (location, item, _), units in lots.items():
        total[location, item] += units
    awaiting: Counter[tuple[int, int]] = Counter()
    for wro in world.receiving.values():
        if wro.status in OPEN_RECEIVING:
            for box in wro.boxes:
                for expected in box.items:
                    awaiting[wro.location_id, expected.inventory_id] += max(0, expected.quantity - expected.stowed)
    committed, wanted = claims(world, until)
    return Levels(total, lots, committed, awaiting, wanted)
