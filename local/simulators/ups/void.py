"""Void: a whole shipment, or packages of it. A voided label is not billed; UPS keeps both facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.ups import answers, scans
from local.simulators.ups.gateway import Asked
from local.simulators.ups.numbers import TRACKING_NUMBER
from local.simulators.ups.problems import refuse
from local.simulators.ups.records import Shipment
from local.simulators.ups.world import World

# The vendor's test data of the sandbox: whole shipments, and one package inside the second.
CIE_SHIPMENTS = {"1Z2220060290602143": (), "1Z2220060294314162": ("1Z2220060291994175",)}
MOST = 20


def cancel(world: World, asked: Asked) -> Reply:
    """DELETE /shipments/{version}/void/cancel/{1Z of the first package}?trackingnumber=..."""
    number = asked.names["shipment"]
    packages = _packages(asked.query.get("trackingnumber"))
    if world.switches.cie and number in CIE_SHIPMENTS:
        wrong = [each for each in packages if each not in CIE_SHIPMENTS[number]]
        if wrong:
            raise _not_found()
        return json_reply(200, _answer(world, [(each, True) for each in packages], bool(packages)))
    shipment = world.shipments.get(number)
    if shipment is None or shipment.account not in asked.client.accounts:
        raise _not_found()
    _in_time(world, shipment)
    if packages:
        return json_reply(200, _answer(world, [(each, _void(world, shipment, each)) for each in packages], True))
    if all(world.labels[each].voided for each in shipment.labels):
        raise refuse(400, "190117", "The shipment has already been voided")
    for each in shipment.labels:
        _void(world, shipment, each)
    return json_reply(200, _answer(world, [], False))


def _not_found() -> Exception:
    return refuse(400, "190102", "No shipment found within the allowed void period")


def _packages(given: str | None) -> list[str]:
    """One 1Z, or a JSON list of at most twenty; anything else names no shipment."""
    if given is None:
        return []
    try:
        found = json.loads(given) if given.startswith("[") else [given]
    except ValueError as error:
        raise refuse(400, "190109", f"Invalid trackingnumber: {error}") from error
    if not found or len(found) > MOST:
        raise refuse(400, "190109", f"Invalid trackingnumber: 1 to {MOST} numbers")
    if not all(isinstance(each, str) and TRACKING_NUMBER.fullmatch(each) for each in found):
        raise _not_found()
    return found


def _in_time(world: World, shipment: Shipment) -> None:
    """The length of the void period is not published; a package that UPS holds cannot be voided any more."""
    if world.now() - shipment.created > timedelta(days=world.switches.void_days):
        raise _not_found()
    if any(world.movement(each) for each in shipment.labels):
        raise refuse(400, "190101", "The time for voiding has expired")


def _void(world: World, shipment: Shipment, number: str) -> bool:
    """Voids one label; True also when it was voided before, False when it is none of this shipment."""
    if number not in shipment.labels:
        return False
    label = world.labels[number]
    if label.voided is None:
        world.labels[number] = replace(label, voided=world.now())
        scans.add(world, number, "voided", shipment.origin)
    return True


def _answer(world: World, packages: list[tuple[str, bool]], by_package: bool) -> dict[str, Any]:
    done = all(voided for _, voided in packages)
    found: dict[str, Any] = {
        "Response": answers.response(world),
        "SummaryResult": {"Status": _status(world, done, "Voided", "Not Voided")},
    }
    if by_package:
        rows = [
            {"TrackingNumber": number, "Status": _status(world, voided, "Voided", "Not voided")}
            for number, voided in packages
        ]
        name = "PackageLevelResult" if world.switches.void_singular else "PackageLevelResults"
        found[name] = answers.one_or_many(world, rows)
    return {"VoidShipmentResponse": found}


def _status(world: World, done: bool, yes: str, no: str) -> dict[str, str]:
    """Code 1 means voided now or earlier. The sandbox has answered values with the text &#xD; in them."""
    dirt = "&#xD;&#xD;&#xD;" if world.switches.void_polluted else ""
    return {"Code": f"{dirt}{'1' if done else '0'}", "Description": f"{dirt}{yes if done else no}"}
