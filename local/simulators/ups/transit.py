"""Time in Transit: a flat camelCase body with real numbers, and 206 where the address is ambiguous."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.ups import geography, lanes
from local.simulators.ups.gateway import Asked
from local.simulators.ups.problems import INVALID, refuse
from local.simulators.ups.rating import arrival
from local.simulators.ups.validation import flag, number, record, text, texts, whole
from local.simulators.ups.world import World

_place = "CountryCode 2-2, {0}StateProvince 1-50, {0}CityName 1-50, {0}TownName 1-50, {0}PostalCode 1-10"
BODY = record(
    {
        **texts("origin" + _place.format("origin")),
        **texts("destination" + _place.format("destination")),
        "residentialIndicator": text(2, 2, choices=("01", "02")),
        "shipDate": text(10, 10, pattern=r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
        "shipTime": text(1, 8, pattern=r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?"),
        "weight": number,
        "weightUnitOfMeasure": text(1, 3, choices=("LBS", "KGS")),
        "shipmentContentsValue": number,
        "shipmentContentsCurrencyCode": text(3, 3, pattern="[A-Z]{3}"),
        "billType": text(2, 2, choices=("02", "03", "04", "07")),
        "avvFlag": flag,
        "numberOfPackages": whole,
        "returnUnfilterdServices": flag,
        "maxList": whole,
    },
    ("originCountryCode", "destinationCountryCode"),
)


def find(world: World, asked: Asked) -> Reply:
    """POST /shipments/v1/transittimes."""
    body = asked.body
    for side in ("origin", "destination"):
        _judge(body, side)
    if body["originCountryCode"] != body["destinationCountryCode"] and "weight" not in body:
        raise refuse(400, INVALID, "weight and weightUnitOfMeasure are needed across borders")
    known = world.cities.get((body["destinationCountryCode"], body.get("destinationPostalCode", "")))
    city = body.get("destinationCityName", "").upper()
    if known is not None and city and known != city:
        return _ambiguous(body, known)
    return json_reply(200, {"emsResponse": _answer(world, body)})


def _judge(body: dict[str, Any], side: str) -> None:
    country, postal = body[f"{side}CountryCode"], body.get(f"{side}PostalCode", "")
    if country in ("US", "PR", "CA") and (not postal or geography.postal_fault(country, postal)):
        raise refuse(400, INVALID, f"Missing or invalid {side}PostalCode {postal!r}")


def _ambiguous(body: dict[str, Any], known: str) -> Reply:
    """206 without `emsResponse`: places to choose from."""
    place = {
        "countryName": body["destinationCountryCode"],
        "countryCode": body["destinationCountryCode"],
        "stateProvince": body.get("destinationStateProvince", "??"),
        "city": known,
        "postalCode": body["destinationPostalCode"],
    }
    judged = {
        "invalidFieldList": ["destinationCityName"],
        "invalidFieldListCodes": ["1"],
        "destinationAmbiguous": True,
        "originAmbiguous": False,
    }
    return json_reply(206, {"validationList": judged, "destinationPickList": [place]})


def _answer(world: World, body: dict[str, Any]) -> dict[str, Any]:
    origin, destination = body["originCountryCode"], body["destinationCountryCode"]
    codes = sorted(lanes.services_between(origin, destination))
    start = body.get("shipDate", f"{world.now():%Y-%m-%d}")
    answer: dict[str, Any] = {
        "shipDate": start,
        "shipTime": body.get("shipTime", "00:00:00"),
        "serviceLevel": "A",
        "billType": body.get("billType", "03"),
        "residentialIndicator": body.get("residentialIndicator", "02"),
        "originCountryName": origin,
        "originCountryCode": origin,
        "destinationCountryName": destination,
        "destinationCountryCode": destination,
        "guaranteeSuspended": False,
        "numberOfServices": len(codes),
        "services": [_service(lanes.SERVICES[code], start) for code in codes],
    }
    if "weight" in body:
        answer["weight"] = f"{Decimal(str(body['weight'])):.1f}"
        answer["weightUnitOfMeasure"] = body.get("weightUnitOfMeasure", "LBS")
    return answer


def _service(service: lanes.Service, start: str) -> dict[str, Any]:
    day = datetime.strptime(start, "%Y-%m-%d")  # noqa: DTZ007 - a calendar day has no zone
    there = arrival(day, service.days)
    early = service.days <= 3
    return {
        "serviceLevel": service.level,
        "serviceLevelDescription": service.name,
        "shipDate": start,
        "deliveryDate": f"{there:%Y-%m-%d}",
        "commitTime": "10:30:00" if early else "23:30:00",
        "deliveryTime": "10:30:00" if early else "23:30:00",
        "deliveryDayOfWeek": f"{there:%a}".upper(),
        "nextDayPickupIndicator": "0",
        "saturdayPickupIndicator": "0",
        "guaranteeIndicator": "1" if early else "0",
        "totalTransitDays": (there - day).days,
        "businessTransitDays": service.days,
        "restDaysCount": (there - day).days - service.days,
        "holidayCount": 0,
        "delayCount": 0,
        "pickupDate": start,
        "pickupTime": "17:00:00",
        "cstccutoffTime": "16:00:00",
    }
