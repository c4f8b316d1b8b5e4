"""Tracking: by number, by reference number, and all packages of a shipment.

Not found is HTTP 200 with a warning. By reference the default window is the last fourteen days of pickup dates; data
is kept for 120 days.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.ups import scans
from local.simulators.ups.gateway import Asked
from local.simulators.ups.problems import INVALID, refuse
from local.simulators.ups.records import Label, Shipment
from local.simulators.ups.tracking_views import package_view
from local.simulators.ups.world import World

KEPT = timedelta(days=120)
DEFAULT_DAYS = 14


def visible(world: World, label: Label, lag_seconds: float) -> bool:
    """Whether Track knows a label: bought long enough ago, not too long ago, and not in the sandbox."""
    shipment = world.shipments[label.shipment_id]
    if world.switches.cie and not world.switches.cie_trackable:
        return False
    return world.sees(shipment.created, lag_seconds) and world.now() - shipment.created <= KEPT


def by_number(world: World, asked: Asked) -> Reply:
    """GET /track/v1/details/{inquiryNumber}."""
    number = _inquiry(asked)
    label = world.labels.get(number)
    if label is None or not visible(world, label, world.switches.tracking_lag_seconds):
        return _nothing(number)
    view = package_view(world, label, asked)
    return _answer([_shipment(world, number, world.shipments[label.shipment_id], [view])])


def of_shipment(world: World, asked: Asked) -> Reply:
    """GET /track/v1/shipment/details/{inquiryNumber}?offset&count: a page of the shipment's packages."""
    number = _inquiry(asked)
    shipment = world.shipment_of(number)
    lag = world.switches.tracking_lag_seconds
    found = [world.labels[each] for each in shipment.labels] if shipment else []
    known = [each for each in found if visible(world, each, lag)]
    if shipment is None or not known:
        return _nothing(number)
    offset, count = int(asked.query.get("offset", "0")), int(asked.query.get("count", "50"))
    if world.loses_last_row:
        count = max(1, min(count, len(known) - 1))
    page = [package_view(world, each, asked) for each in known[offset : offset + count]]
    return _answer([_shipment(world, number, shipment, page)])


def by_reference(world: World, asked: Asked) -> Reply:
    """GET /track/v1/reference/details/{referenceNumber}: every shipment with it whose pickup date is in the window."""
    value = asked.names["reference"]
    first, last = _window(world, asked)
    groups: dict[str, list[Label]] = {}
    for number in scans.numbers_with(world, value):
        label = world.labels[number]
        shipment = world.shipments[label.shipment_id]
        if (
            visible(world, label, world.switches.reference_lag_seconds)
            and first <= _day(shipment.ship_date) <= last
            and _fits(shipment, asked)
        ):
            groups.setdefault(shipment.id, []).append(label)
    if not groups:
        return _nothing(value)
    return _answer(
        [
            _shipment(world, value, world.shipments[key], [package_view(world, each, asked) for each in found])
            for key, found in groups.items()
        ]
    )


def _inquiry(asked: Asked) -> str:
    number = asked.names["number"]
    if not 7 <= len(number) <= 34:
        raise refuse(400, "TV1002", "Invalid inquiry number")
    return number.strip().upper()


def _day(written: str) -> date:
    return datetime.strptime(written, "%Y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone


def _window(world: World, asked: Asked) -> tuple[date, date]:
    """The pickup dates that are searched. A from without a to, or the other way round, leaves the other default."""
    today = world.now().date()
    try:
        first = _day(asked.query.get("fromPickUpDate", f"{today - timedelta(days=DEFAULT_DAYS):%Y%m%d}"))
        last = _day(asked.query.get("toPickUpDate", f"{today:%Y%m%d}"))
    except ValueError as error:
        raise refuse(400, INVALID, f"Invalid pickup date: {error}") from error
    if first > last:
        raise refuse(400, INVALID, "fromPickUpDate is after toPickUpDate")
    return first, last


def _fits(shipment: Shipment, asked: Asked) -> bool:
    query, destination = asked.query, shipment.destination
    return (
        query.get("shipperNum", shipment.account) == shipment.account
        and query.get("destCountry", destination.country) == destination.country
        and query.get("destZip", destination.postal_code) == destination.postal_code
    )


def _shipment(world: World, inquiry: str, shipment: Shipment, packages: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **({} if world.switches.sparse_tracking else {"inquiryNumber": inquiry}),
        "pickupDate": shipment.ship_date,
        "userRelation": ["SHIPPER"],
        "package": packages,
    }


def _nothing(inquiry: str) -> Reply:
    """Not found: HTTP 200, a warning, no package. Malformed numbers get the same."""
    warning = {"code": "TW0001", "message": "Tracking Information Not Found"}
    return _answer([{"inquiryNumber": inquiry, "warnings": [warning]}])


def _answer(shipments: list[dict[str, Any]]) -> Reply:
    return json_reply(200, {"trackResponse": {"shipment": shipments}})
