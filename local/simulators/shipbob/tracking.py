"""Tracking numbers as the carriers make them, the journey of a parcel, and the two shapes of the tracking endpoints."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from local.simulators.base import Reply
from local.simulators.shipbob.formats import stamp
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.problems import Rejection, answer
from local.simulators.shipbob.records import Detail, Log, Scan, Shipment, Tracking
from local.simulators.shipbob.webhooks import announce_order, announce_shipment
from local.simulators.shipbob.world import World

CARRIERS = {
    "USPS": ("USPS Ground Advantage", "https://tools.usps.com/go/TrackConfirmAction?tLabels={}"),
    "UPS": ("UPS Ground", "https://www.ups.com/track?tracknum={}"),
    "FedEx": ("FedEx Ground Economy", "https://www.fedex.com/fedextrack/?trknbr={}"),
    "UniUni": ("UniUni Ground", "https://www.uniuni.com/tracking/?no={}"),
    "OSMWorldwide": ("OSM Expedited", "https://www.osmworldwide.com/tracking/?trackingNumbers={}"),
    "Cirro": ("REGSO", "https://www.cirrotrack.com/parcelTracking?id={}"),
}
_STEPS = {  # status -> (detail id, detail name, log type, substatus code, substatus, message)
    "PreTransit": (200, "Processing", 605, "PreTransit_005", "Info Received", "Label created, waiting for the carrier"),
    "InTransit": (201, "InTransit", 607, "InTransit_001", "In Transit", "Shipment is on its way to the customer"),
    "OutForDelivery": (202, "OutForDelivery", 608, "OutForDelivery_001", "Out for Delivery", "Out for Delivery"),
    "Delivered": (203, "Delivered", 609, "Delivered_001", "Delivered", "Delivered, front door"),
    "DeliveryException": (
        204,
        "DeliveryException",
        611,
        "DeliveryException_001",
        "Incomplete/incorrect address",
        "The carrier needs help",
    ),
    "DeliveryAttemptFailed": (
        205,
        "DeliveryAttemptFailed",
        611,
        "DeliveryAttemptFailed_001",
        "Failed Attempt",
        "Nobody was there",
    ),
}


def _usps_check(digits: str) -> str:
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _ups_check(body: str) -> str:
    values = [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in body]
    return str(-sum(value * (2 if index % 2 else 1) for index, value in enumerate(values)) % 10)


def tracking_number(carrier: str, number: int) -> str:
    """The n-th tracking number of a carrier, with the carrier's check digit where it has one."""
    if carrier == "USPS":
        body = f"94001{number:016d}"
        return body + _usps_check(body)
    if carrier == "UPS":
        body = f"999AA1{number:09d}"
        return "1Z" + body + _ups_check(body)
    if carrier == "OSMWorldwide":
        body = f"924199{number:015d}"
        return body + _usps_check(body)
    patterns = {"FedEx": f"7{number:011d}", "UniUni": f"UUS5BS{number:013d}", "Cirro": f"CR{number:012d}"}
    return patterns.get(carrier, f"{carrier[:2].upper()}{number:012d}")


def make_tracking(world: World, carrier: str, number: str | None = None) -> Tracking:
    """A label of a carrier; an unknown carrier gets a number and no address."""
    text = number or tracking_number(carrier, world.number("tracking"))
    service, pattern = CARRIERS.get(carrier, ("Ground", ""))
    return Tracking(carrier, service, text, pattern.format(text) if pattern else "")


def placeholder(world: World, carrier: str) -> Tracking:
    """ShipBob's own number before the real one exists: begins with SBAAA and is not final."""
    return make_tracking(world, carrier, f"SBAAA{world.number('tracking'):010d}")


def move(world: World, shipment_id: int, status: str, *, announce_delivery: bool = True) -> None:
    """One step of the parcel's journey; ValueError before it left or for an unknown step."""
    shipment = world.shipments[shipment_id]
    if status not in _STEPS:
        raise ValueError(f"{status!r} is no step; known: {', '.join(_STEPS)}")
    if shipment.status != "Completed":
        raise ValueError(f"shipment {shipment_id} is {shipment.status}: only a Completed shipment travels")
    number, name, log_type, code, substatus, message = _STEPS[status]
    now, address = world.now(), shipment.recipient["address"]
    scan = Scan(now, status, code, substatus, message, address["city"], address.get("state") or "", address["country"])
    changes: dict[str, Any] = {
        "details": (Detail(number, name, message),),
        "updated": now,
        "tracking_updated": now,
        "logs": (*shipment.logs, Log(log_type, name, message, now)),
        "scans": (*shipment.scans, scan),
        "delivered": now if status == "Delivered" else shipment.delivered,
    }
    world.put_shipment(replace(shipment, **changes))
    announce_shipment(world, "order.shipment.tracking.updated", shipment_id)
    if status == "Delivered" and announce_delivery:
        announce_shipment(world, "order.shipment.delivered", shipment_id)
        alive = [world.shipments[each] for each in world.orders[shipment.order_id].shipment_ids]
        if all(each.delivered for each in alive if each.status != "Cancelled"):
            announce_order(world, "order.delivered", shipment.order_id)


def _live(shipment: Shipment, tracking: Tracking, last: Scan) -> dict[str, Any]:
    """The shape seen live in July 2026, newest event first."""
    mile = {
        "carrier": tracking.carrier,
        "service": tracking.service,
        "tracking_number": tracking.number,
        "tracking_url": tracking.url,
    }

    def event(scan: Scan) -> dict[str, Any]:
        place = {
            "location": scan.city,
            "city": scan.city,
            "state": scan.state,
            "postal_code": "",
            "country": scan.country,
        }
        return {
            "status": scan.status,
            "substatus": scan.substatus,
            "substatus_code": scan.code,
            "substatus_message": scan.message,
            "timestamp": _zulu(scan.at),
            "address": {**place, "latitude": None, "longitude": None},
        }

    return {
        "tracking_number": tracking.number,
        "shipment_id": shipment.id,
        "carrier": tracking.carrier,
        "service": tracking.service,
        "last_mile_carrier": mile,
        "current_status": last.status,
        "current_substatus_code": last.code,
        "current_substatus": last.substatus,
        "tracking_url": tracking.url,
        "edd": _zulu((shipment.fulfilled or last.at) + timedelta(days=4)),
        "edd_source": "carrier",
        "current_timestamp": _zulu(last.at),
        "delivery_signed_by": "",
        "proof_of_delivery_urls": [],
        "history": [event(scan) for scan in reversed(shipment.scans or (last,))],
    }


def _zulu(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _specified(shipment: Shipment, tracking: Tracking, last: Scan) -> dict[str, Any]:
    """The shape of the 2026-01 specification."""
    history = [
        {
            "timestamp": stamp(scan.at, 3),
            "status": _SPELLED.get(scan.status, scan.status),
            "substatus": scan.substatus,
            "message": scan.message,
            "carrier_message": scan.message,
            "location": scan.city,
        }
        for scan in reversed(shipment.scans or (last,))
    ]
    return {
        "shipment_id": shipment.id,
        "status": _SPELLED.get(last.status, last.status),
        "substatus": last.substatus,
        "carrier": tracking.carrier,
        "service": tracking.service,
        "carrier_tracking_number": tracking.number,
        "tracking_id": tracking.number,
        "eta": None,
        "last_updated": stamp(last.at, 3),
        "location": last.city,
        "message": last.message,
        "carrier_message": last.message,
        "public_tracking_url": tracking.url,
        "history": history,
    }


# The specification spells some statuses with spaces and does not know OutForDelivery.
_SPELLED = {"DeliveryAttemptFailed": "Delivery attempt Failed", "OutForDelivery": "InTransit"}


def _answer(world: World, asked: Asked, shipments: list[Shipment], named: str = "shipment_id") -> Reply:
    """The rows; the specified shape does not name the shipment when it was asked by tracking number."""
    rows: list[dict[str, Any]] = []
    for shipment in shipments:
        if shipment.tracking is None:
            continue
        start = Scan(shipment.fulfilled or shipment.created, "PreTransit", *_STEPS["PreTransit"][3:], "", "", "US")
        last = shipment.scans[-1] if shipment.scans else start
        live = asked.version >= "2026-07" or world.switches.tracking_shape == "live"
        row = (_live if live else _specified)(shipment, shipment.tracking, last)
        if not live and named == "tracking_id":
            del row["shipment_id"]
        rows.append(row)
    return answer(rows)


def _bad(text: str) -> Rejection:
    return Rejection(answer(text, 400))


def shipments_tracking(world: World, asked: Asked) -> Reply:
    """GET /shipments-tracking: 1 to 25 ids, the parameter repeated; a comma list never gets here (400)."""
    numbers = asked.query.get("ShipmentIds", [])
    if not 1 <= len(numbers) <= 25:
        raise _bad("Provide between 1 and 25 ShipmentIds.")
    return _answer(world, asked, [world.shipments[number] for number in numbers if number in world.shipments])


def tracking_by_number(world: World, asked: Asked) -> Reply:
    """GET /tracking."""
    wanted = asked.query.get("TrackingIds", [])
    if not 1 <= len(wanted) <= 25:
        raise _bad("Provide between 1 and 25 TrackingIds.")
    found = [each for each in world.shipments.values() if each.tracking is not None and each.tracking.number in wanted]
    return _answer(world, asked, found, named="tracking_id")
