"""Rating: one service (`Rate`) or all of a lane (`Shop`), with or without time in transit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.checks import Finding, rule
from local.simulators.ups import answers, lanes, parties, pricing
from local.simulators.ups.gateway import Asked
from local.simulators.ups.problems import Rejection, refusal
from local.simulators.ups.world import World

OPTIONS = ("Rate", "Shop", "Ratetimeintransit", "Shoptimeintransit")
_BASE = "RateRequest.Shipment"
_NOTICE = {"Code": "110971", "Description": "Your invoice may vary from the displayed reference rates"}


def rate(world: World, asked: Asked) -> Reply:
    """POST /rating/{version}/{option}."""
    option = asked.names["option"]
    shipment = asked.body["RateRequest"]["Shipment"]
    timed = option.endswith("timeintransit") or "additionalinfo" in asked.query
    origin, destination = _countries(shipment)
    shop = option.startswith("Shop")
    found = list(_judge(asked, shipment, origin, destination, shop=shop, timed=timed))
    if found:
        raise Rejection(refusal(world, found))
    codes = sorted(lanes.services_between(origin, destination)) if shop else [shipment["Service"]["Code"]]
    rows = [_rated(world, shipment, code, origin, timed) for code in codes]
    if shop and world.switches.saturday_twin and "01" in codes:
        rows.append(_saturday(_rated(world, shipment, "01", origin, timed)))
    context = answers.context_of(asked.body["RateRequest"]["Request"])
    document = {
        "Response": answers.response(world, context, [_NOTICE]),
        "RatedShipment": answers.one_or_many(world, rows),
    }
    return json_reply(200, {"RateResponse": document})


def _countries(shipment: dict[str, Any]) -> tuple[str, str]:
    start = shipment.get("ShipFrom") or shipment["Shipper"]
    return start["Address"]["CountryCode"], shipment["ShipTo"]["Address"]["CountryCode"]


def _judge(
    asked: Asked, shipment: dict[str, Any], origin: str, destination: str, *, shop: bool, timed: bool
) -> Iterator[Finding]:
    number = shipment["Shipper"].get("ShipperNumber")
    wanted = "NegotiatedRatesIndicator" in shipment.get("ShipmentRatingOptions", {})
    if (number is None and wanted) or (number is not None and number not in asked.client.accounts):
        yield rule(f"{_BASE}.Shipper.ShipperNumber", "Missing or invalid shipper number", "112111")
    for name in ("Shipper", "ShipTo", "ShipFrom"):
        if name in shipment:
            address = parties.address_of(shipment[name])
            yield from parties.postal_faults(address, f"{_BASE}.{name}.Address")
    services = lanes.services_between(origin, destination)
    code = shipment.get("Service", {}).get("Code")
    if not shop and code not in services:
        text = f"The requested service {code} is unavailable between the selected locations."
        yield rule(f"{_BASE}.Service.Code", text, "111210")
    for index, package in enumerate(shipment["Package"]):
        if "PackageWeight" not in package or "PackagingType" not in package:
            yield rule(f"{_BASE}.Package[{index}]", "Missing or invalid PackagingType or PackageWeight")
    if timed:
        yield from _timed(shipment, origin, destination)


def _timed(shipment: dict[str, Any], origin: str, destination: str) -> Iterator[Finding]:
    if "DeliveryTimeInformation" not in shipment:
        yield rule(f"{_BASE}.DeliveryTimeInformation", "DeliveryTimeInformation is needed for time in transit")
    if origin != destination and not {"ShipmentTotalWeight", "InvoiceLineTotal"} <= set(shipment):
        text = "Shipment total weight and invoice line total are needed for time in transit across borders"
        yield rule(f"{_BASE}.ShipmentTotalWeight", text, "111549")


def _rated(world: World, shipment: dict[str, Any], code: str, origin: str, timed: bool) -> dict[str, Any]:
    found = pricing.prices(world, shipment, code, origin)
    service = lanes.SERVICES[code]
    notices = [_NOTICE, *([pricing.ALERT_NOT_NEGOTIATED] if pricing.not_negotiated(world, shipment) else [])]
    row: dict[str, Any] = {
        "Service": {"Code": code, "Description": ""},
        "RatedShipmentAlert": answers.one_or_many(world, notices),
        "BillingWeight": pricing.billing_weight(found),
        **pricing.totals(found),
        "RatedPackage": answers.one_or_many(world, [_package(each) for each in found]),
    }
    own = pricing.negotiated_total(found)
    if own is not None:
        row["NegotiatedRateCharges"] = own
    if service.days <= 3:
        row["GuaranteedDelivery"] = {"BusinessDaysInTransit": str(service.days), "DeliveryByTime": "10:30 A.M."}
    if timed:
        row["TimeInTransit"] = _transit(world, shipment, service)
    return row


def _package(found: pricing.Price) -> dict[str, Any]:
    price = pricing.money(found.published, found.currency)
    nothing = pricing.money(0 * found.published, found.currency)
    return {
        "TransportationCharges": price,
        "ServiceOptionsCharges": nothing,
        "TotalCharges": price,
        "Weight": f"{found.weight:.1f}",
        "BillingWeight": pricing.billing_weight([found]),
    }


def _saturday(row: dict[str, Any]) -> dict[str, Any]:
    """The same service code once more, with the charge for Saturday delivery."""
    currency = row["TotalCharges"]["CurrencyCode"]
    return {**row, "ItemizedCharges": [{"Code": "300", "CurrencyCode": currency, "MonetaryValue": "16.00"}]}


def arrival(start: datetime, days: int) -> datetime:
    """So many business days later, without Saturdays and Sundays."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def _transit(world: World, shipment: dict[str, Any], service: lanes.Service) -> dict[str, Any]:
    asked = shipment["DeliveryTimeInformation"].get("Pickup", {}).get("Date") or f"{world.now():%Y%m%d}"
    start = datetime.strptime(asked, "%Y%m%d")  # noqa: DTZ007 - a calendar day has no zone
    there = arrival(start, service.days)
    return {
        "PickupDate": asked,
        "PackageBillType": shipment["DeliveryTimeInformation"]["PackageBillType"],
        "ServiceSummary": {
            "Service": {"Description": service.name},
            "GuaranteedIndicator": "",
            "EstimatedArrival": {
                "Arrival": {"Date": f"{there:%Y%m%d}", "Time": "103000" if service.days <= 3 else "233000"},
                "BusinessDaysInTransit": str(service.days),
                "Pickup": {"Date": asked, "Time": "170000"},
                "DayOfWeek": f"{there:%a}".upper(),
                "TotalTransitDays": str((there - start).days),
            },
            "SaturdayDelivery": "0",
        },
    }
