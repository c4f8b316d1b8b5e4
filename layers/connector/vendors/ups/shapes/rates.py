"""Prices and delivery times. (Rating: the same service may come twice, with and without Saturday delivery.)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from vendors.ups.drafts import Money
from vendors.ups.shapes.fields import (
    Alert,
    Document,
    alerts,
    as_document,
    children,
    loose,
    money,
    needed,
    present,
    response,
    succeeded,
    text,
)
from vendors.ups.times import clock_text, parse_day

SATURDAY_CHARGE = "300"


@dataclass(frozen=True)
class Rate:
    """One offer. `published` is the list price; `negotiated` the account's, None without eligibility.

    Days and times are local to the destination; None where UPS gives none.
    """

    service: str
    published: Money
    negotiated: Money | None
    saturday: bool
    business_days: int | None
    arrival: date | None
    arrival_time: str | None
    alerts: tuple[Alert, ...]

    @property
    def cost(self) -> Money:
        """What UPS would charge."""
        return self.negotiated or self.published


@dataclass(frozen=True)
class Rates:
    """All offers of an answer."""

    offers: tuple[Rate, ...]
    alerts: tuple[Alert, ...]


def parse_rates(document: Any) -> Rates:
    """The offers of an answer. Raises ValueError without a success, without offers or with a price it cannot read."""
    what = "rates"
    part = response(document, "RateResponse")
    if not succeeded(part, what):
        raise ValueError(f"UPS {what}: the answer does not report success")
    offers = tuple(_rate(item, what) for item in children(part, "RatedShipment", what))
    if not offers:
        raise ValueError(f"UPS {what}: the answer holds no offer")
    return Rates(offers, alerts(loose(part, "Response"), "Alert", what))


def _rate(item: Document, what: str) -> Rate:
    published = money(item, "TotalCharges")
    negotiated = money(loose(item, "NegotiatedRateCharges"), "TotalCharge")
    if published is None or (negotiated is None and present(item, "NegotiatedRateCharges")):
        # A choice of the cheapest service by a price that is not there would be wrong without anybody seeing it.
        raise ValueError(f"UPS {what}: a price cannot be read")
    summary = loose(loose(item, "TimeInTransit"), "ServiceSummary")
    estimate = loose(summary, "EstimatedArrival")
    arrival = loose(estimate, "Arrival")
    guaranteed = loose(item, "GuaranteedDelivery")
    return Rate(
        service=needed(loose(item, "Service"), "Code", what),
        published=published,
        negotiated=negotiated,
        saturday=_is_saturday(item, summary, what),
        business_days=whole(text(estimate, "BusinessDaysInTransit") or text(guaranteed, "BusinessDaysInTransit")),
        arrival=parse_day(text(arrival, "Date")),
        arrival_time=clock_text(text(arrival, "Time")),
        alerts=alerts(item, "RatedShipmentAlert", what),
    )


def _is_saturday(item: Document, summary: Document, what: str) -> bool:
    charges = [text(charge, "Code") for charge in children(item, "ItemizedCharges", what)]
    for package in children(item, "RatedPackage", what):
        charges += [text(charge, "Code") for charge in children(package, "ItemizedCharges", what)]
    return SATURDAY_CHARGE in charges or text(summary, "SaturdayDelivery") == "1"


def whole(value: str | None) -> int | None:
    """A whole number in text; None for anything else."""
    return int(value) if value is not None and value.isascii() and value.isdigit() else None


@dataclass(frozen=True)
class TransitService:
    """One service of Time in Transit. `level` is that product's own code (GND), not the one of Shipping."""

    level: str
    description: str
    business_days: int | None
    arrival: date | None
    arrival_time: str | None


@dataclass(frozen=True)
class Transit:
    """The answer. An ambiguous address (HTTP 206) brings no services but places to choose from."""

    services: tuple[TransitService, ...]
    ambiguous: tuple[str, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether there are services; else the address must be made clear first."""
        return bool(self.services)


def parse_transit(document: Any) -> Transit:
    """The answer of Time in Transit, 200 or 206. Raises ValueError when it is neither services nor places."""
    what = "time in transit"
    root = as_document(document, what)
    services = tuple(_transit(item) for item in children(loose(root, "emsResponse"), "services", what))
    places = [*children(root, "destinationPickList", what), *children(root, "originPickList", what)]
    if not services and not places and not loose(root, "validationList"):
        raise ValueError(f"UPS {what}: the answer holds neither services nor places")
    return Transit(services, tuple(_place(place) for place in places))


def _transit(item: Document) -> TransitService:
    return TransitService(
        level=text(item, "serviceLevel") or "",
        description=text(item, "serviceLevelDescription") or "",
        business_days=whole(text(item, "businessTransitDays")),
        arrival=parse_day(text(item, "deliveryDate")),
        arrival_time=clock_text(text(item, "deliveryTime") or text(item, "commitTime")),
    )


def _place(item: Document) -> str:
    keys = ("city", "stateProvince", "postalCode", "countryCode")
    return " ".join(part for key in keys if (part := text(item, key)))
