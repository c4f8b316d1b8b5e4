"""The life of a package: the commands that make events happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from local.simulators.ups import geography, labels, pushes
from local.simulators.ups.events import ADDRESSED, EVENTS, JOURNEY, UPDATES
from local.simulators.ups.records import Address, Receipt, Scan
from local.simulators.ups.world import World


def add(world: World, number: str, event: str, place: Address, at: datetime | None = None) -> Scan:
    """Writes an event down, at the place, now unless `at` says otherwise, and tells who subscribed."""
    moment = at or world.now()
    postal = place.postal_code if event in ADDRESSED else ""
    offset = geography.offset_minutes(place.country, place.state, moment)
    scan = Scan(event, moment, world.now(), place.city, place.state, postal, place.country, offset)
    if event not in UPDATES:
        world.scans[number] = (*world.scans.get(number, ()), scan)
    pushes.announce(world, number, scan, EVENTS[event])
    return scan


def find_numbers(world: World, arguments: dict[str, Any]) -> list[str]:
    """The 1Z numbers a command means: `tracking_number`, `shipment_id`, or every label with a `reference`."""
    if "tracking_number" in arguments:
        found = [arguments["tracking_number"]] if arguments["tracking_number"] in world.labels else []
    elif "shipment_id" in arguments:
        shipment = world.shipments.get(arguments["shipment_id"])
        found = list(shipment.labels) if shipment else []
    else:
        found = numbers_with(world, arguments["reference"])
    alive = [number for number in found if world.labels[number].voided is None]
    if not alive:
        raise ValueError(f"no label that is not voided for {arguments}")
    return alive


def numbers_with(world: World, value: str) -> list[str]:
    """Every 1Z that carries a reference number, on the package or on its shipment."""
    found = []
    for label in world.labels.values():
        shipment = world.shipments[label.shipment_id]
        if any(each.value == value for each in (*label.references, *shipment.references)):
            found.append(label.tracking_number)
    return found


def scan(world: World, arguments: dict[str, Any]) -> list[str]:
    """One event: `event` out of EVENTS; `minutes_ago`; `city`, `state`, `country` where it happens elsewhere.

    For deliveries also `received_by`, `location`, and `signed` (default true).
    """
    name = arguments["event"]
    if name not in EVENTS:
        raise ValueError(f"no event {name!r}; known: {', '.join(EVENTS)}")
    at = world.now() - timedelta(minutes=arguments.get("minutes_ago", 0))
    found = find_numbers(world, arguments)
    for number in found:
        _happen(world, number, name, arguments, at)
    return found


def progress(world: World, arguments: dict[str, Any]) -> list[str]:
    """The whole journey up to the event `to` (default delivered), each step once, `minutes` apart (default 0).

    No step is dated before the label.
    """
    last = arguments.get("to", "delivered")
    if last not in JOURNEY:
        raise ValueError(f"no step {last!r} on the journey; known: {', '.join(JOURNEY)}")
    steps = JOURNEY[: JOURNEY.index(last) + 1]
    found = find_numbers(world, arguments)
    gap = timedelta(minutes=arguments.get("minutes", 0))
    for number in found:
        done = {each.event for each in world.scans.get(number, ())}
        missing = [step for step in steps if step not in done]
        created = world.shipments[world.labels[number].shipment_id].created
        for place, step in enumerate(missing):
            _happen(world, number, step, arguments, max(created, world.now() - gap * (len(missing) - 1 - place)))
    return found


def _happen(world: World, number: str, name: str, arguments: dict[str, Any], at: datetime) -> None:
    shipment = world.shipments[world.labels[number].shipment_id]
    place = shipment.origin if EVENTS[name].at == "origin" else shipment.destination
    given = {key: arguments[key] for key in ("city", "state", "country") if key in arguments}
    if name in ADDRESSED:
        signature = labels.gif(f"SIGNATURE {number}", 300, 100) if arguments.get("signed", True) else None
        taker = arguments.get("received_by", shipment.destination.name.split()[-1].upper())
        world.receipts[number] = Receipt(taker, arguments.get("location", "Front Desk"), signature)
    add(world, number, name, replace(place, **given), at)
