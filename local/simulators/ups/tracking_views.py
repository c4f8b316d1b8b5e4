"""How Tracking writes a package: activities newest first, local times, the gmt trio, delivery, signature."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from local.simulators.ups import labels, lanes
from local.simulators.ups.events import EVENTS
from local.simulators.ups.gateway import Asked
from local.simulators.ups.records import Label, Scan, Shipment
from local.simulators.ups.world import World

_DELIVERED = ("011", "026")
_MILESTONES = (("label_created", "M_0001"), ("picked_up", "M_0002"), ("out_for_delivery", "M_0004"))


def local(scan: Scan) -> datetime:
    """The moment on the wall clock of the place."""
    return scan.at + timedelta(minutes=scan.offset_minutes)


def offset_text(minutes: int, mark: str = ":") -> str:
    """`-04:00`; Track Alert writes a dot."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{mark}{abs(minutes) % 60:02d}"


def package_view(world: World, label: Label, asked: Asked) -> dict[str, Any]:
    """One `package`. Receiver and signature only for a caller who is party to it."""
    shipment = world.shipments[label.shipment_id]
    seen = [each for each in world.scans[label.tracking_number] if world.sees(each.recorded)]
    ordered = _newest_first(seen)
    view: dict[str, Any] = {
        "trackingNumber": label.tracking_number,
        "packageCount": len(shipment.labels),
        "currentStatus": _status(ordered[0]),
        "deliveryDate": _dates(shipment, ordered[0]),
        "deliveryTime": _times(ordered[0]),
        "referenceNumber": [
            *({"type": "PACKAGE", "number": each.value} for each in label.references),
            *({"type": "SHIPMENT", "number": each.value} for each in shipment.references),
        ],
        "service": _service(shipment),
        "weight": {"unitOfMeasurement": label.unit, "weight": f"{label.weight:.2f}"},
        "packageAddress": _addresses(shipment),
        "activity": [_activity(world, each) for each in ordered],
    }
    party = shipment.account in asked.client.accounts
    if EVENTS[ordered[0].event].status_code in _DELIVERED and party:
        view["deliveryInformation"] = _delivery(world, label, asked)
    if asked.query.get("returnMilestones") == "true":
        view["milestones"] = _milestones(ordered)
    return view


def _newest_first(seen: list[Scan]) -> list[Scan]:
    """Newest first; of two in the same second the one that was written later."""
    found = sorted(enumerate(seen), key=lambda pair: (pair[1].at, pair[0]), reverse=True)
    return [scan for _, scan in found]


def _status(scan: Scan) -> dict[str, str]:
    event = EVENTS[scan.event]
    return {
        "type": event.type,
        "code": event.code,
        "description": event.description.strip(),
        "simplifiedTextDescription": event.simple,
        "statusCode": event.status_code,
    }


def _activity(world: World, scan: Scan) -> dict[str, Any]:
    event, wall = EVENTS[scan.event], local(scan)
    address = {"city": scan.city, "stateProvince": scan.state, "countryCode": scan.country, "country": scan.country}
    if event.type in ("M", "MV"):
        address = {"countryCode": scan.country, "country": scan.country}
    found: dict[str, Any] = {
        "date": f"{wall:%Y%m%d}",
        "time": f"{wall:%H%M%S}",
        "location": {"address": {name: value for name, value in address.items() if value}, "slic": "1188"},
        "status": {
            "type": event.type,
            "code": event.code,
            "description": event.description,  # trailing blanks and all
            "statusCode": event.status_code,
        },
    }
    if world.switches.sparse_tracking and event.type == "M":
        found["location"], found["status"]["code"] = None, None
    if world.switches.gmt_times:
        found["gmtDate"] = f"{scan.at:%Y%m%d}"
        found["gmtTime"] = f"{scan.at:%H:%M:%S}"
        found["gmtOffset"] = offset_text(scan.offset_minutes)
    return found


def scheduled(shipment: Shipment) -> str:
    """The promised day: the service's business days after the ship date, without Saturdays and Sundays."""
    day = datetime.strptime(shipment.ship_date, "%Y%m%d")  # noqa: DTZ007 - a calendar day has no zone
    left = lanes.SERVICES[shipment.service].days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return f"{day:%Y%m%d}"


def _dates(shipment: Shipment, last: Scan) -> list[dict[str, str]]:
    if EVENTS[last.event].status_code in _DELIVERED:
        return [{"type": "DEL", "date": f"{local(last):%Y%m%d}"}]
    return [{"type": "SDD", "date": scheduled(shipment)}]


def _times(last: Scan) -> dict[str, str]:
    if EVENTS[last.event].status_code in _DELIVERED:
        return {"type": "DEL", "endTime": f"{local(last):%H%M%S}"}
    return {"type": "EOD", "endTime": "190000"}


def _service(shipment: Shipment) -> dict[str, str]:
    found = lanes.SERVICES[shipment.service]
    return {"code": found.track_code, "levelCode": f"0{shipment.service}", "description": found.name}


def _addresses(shipment: Shipment) -> list[dict[str, Any]]:
    return [
        {
            "type": kind,
            "name": where.name,
            "address": {
                "city": where.city.upper(),
                "stateProvince": where.state,
                "countryCode": where.country,
                "country": where.country,
            },
        }
        for kind, where in (("ORIGIN", shipment.origin), ("DESTINATION", shipment.destination))
    ]


def _delivery(world: World, label: Label, asked: Asked) -> dict[str, Any]:
    """Where and to whom. The signature only when asked for, and null where nobody signed."""
    receipt = world.receipts[label.tracking_number]
    found: dict[str, Any] = {"location": receipt.location, "receivedBy": receipt.received_by}
    if asked.query.get("returnSignature") == "true":
        if world.switches.signatures and receipt.signature:
            found["signature"] = {"image": labels.encoded(receipt.signature)}
        elif world.switches.sparse_tracking:
            found["signature"] = None
    if asked.query.get("returnPOD") == "true":
        page = f"<html><body>Proof of delivery {label.tracking_number}: {receipt.received_by}</body></html>"
        found["pod"] = {"content": labels.encoded(page.encode())}
    return found


def _milestones(ordered: list[Scan]) -> list[dict[str, Any]]:
    done = {each.event for each in ordered}
    steps = (*_MILESTONES, ("delivered", "M_0005"))
    return [
        {
            "category": name,
            "code": code,
            "current": ordered[0].event == name,
            "description": EVENTS[name].simple,
            "state": "COMPLETE" if name in done else "INCOMPLETE",
        }
        for name, code in steps
    ]
