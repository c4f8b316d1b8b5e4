"""Charges of a shipment, as Ship and Rating both show them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from local.simulators.ups import lanes
from local.simulators.ups.world import World


@dataclass(frozen=True)
class Price:
    """What one package costs: the list price, the account's own where it has one, and the billed weight."""

    published: Decimal
    negotiated: Decimal | None
    currency: str
    weight: Decimal
    unit: str


def weight_of(package: dict[str, Any]) -> tuple[Decimal, str]:
    """Weight and unit of a package; a letter without a weight counts as half a pound."""
    written = package.get("PackageWeight")
    if written is None:
        return Decimal("0.5"), "LBS"
    return Decimal(written["Weight"]), written["UnitOfMeasurement"]["Code"]


def eligible(world: World, account: str) -> bool:
    """Whether negotiated rates exist for the account; the sandbox does not look."""
    return world.switches.cie or account in world.negotiating


def prices(world: World, shipment: dict[str, Any], service: str, origin: str) -> list[Price]:
    """The price of every package of a request."""
    residential = "ResidentialAddressIndicator" in shipment["ShipTo"]["Address"]
    wants = "NegotiatedRatesIndicator" in shipment.get("ShipmentRatingOptions", {})
    own = wants and eligible(world, shipment["Shipper"].get("ShipperNumber", ""))
    found = []
    for package in shipment["Package"]:
        weight, unit = weight_of(package)
        published = lanes.price(lanes.SERVICES[service], weight, unit, residential)
        reduced = lanes.negotiated(published, world.switches.cie) if own else None
        found.append(Price(published, reduced, lanes.currency_of(origin), weight, unit))
    return found


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """An amount as UPS writes it: two strings."""
    return {"CurrencyCode": currency, "MonetaryValue": f"{amount:.2f}"}


def totals(found: list[Price]) -> dict[str, Any]:
    """TransportationCharges, ServiceOptionsCharges and TotalCharges of all packages."""
    total, currency = sum((each.published for each in found), Decimal(0)), found[0].currency
    return {
        "TransportationCharges": money(total, currency),
        "ServiceOptionsCharges": money(Decimal(0), currency),
        "TotalCharges": money(total, currency),
    }


def negotiated_total(found: list[Price]) -> dict[str, Any] | None:
    """NegotiatedRateCharges (its total is called TotalCharge, in the singular), or None where nothing was agreed."""
    own = [each.negotiated for each in found if each.negotiated is not None]
    if not own:
        return None
    return {"TotalCharge": money(sum(own, Decimal(0)), found[0].currency)}


def billing_weight(found: list[Price]) -> dict[str, Any]:
    """The weight that is billed, in the unit of the first package."""
    unit = found[0].unit
    total = sum((each.weight for each in found), Decimal(0))
    description = "Pounds" if unit == "LBS" else "Kilograms"
    return {"UnitOfMeasurement": {"Code": unit, "Description": description}, "Weight": f"{total:.1f}"}


ALERT_NOT_NEGOTIATED = {
    "Code": "120900",
    "Description": "User Id and Shipper Number combination is not qualified to receive negotiated rates",
}


def not_negotiated(world: World, shipment: dict[str, Any]) -> bool:
    """Whether negotiated rates were asked for in vain."""
    wants = "NegotiatedRatesIndicator" in shipment.get("ShipmentRatingOptions", {})
    return wants and not eligible(world, shipment["Shipper"].get("ShipperNumber", ""))
