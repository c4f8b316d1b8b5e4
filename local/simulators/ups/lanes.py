"""Which service goes from where to where, how a service is called, what it costs and how long it takes.

The lists follow the vendor's table of services; where they are finer than the published material (Puerto Rico,
Canada) they are this simulator's own. Prices are invented, but the same input always costs the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_UNION_MEMBERS = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
EUROPEAN_UNION = frozenset(_UNION_MEMBERS.split())


@dataclass(frozen=True)
class Service:
    """One service: Ship code, name, Track code and level, Time in Transit level, business days, price of a package."""

    code: str
    name: str
    track_code: str
    level: str
    days: int
    base: Decimal
    per_pound: Decimal


SERVICES = {
    row[0]: Service(row[0], row[1], row[2], row[3], row[4], Decimal(row[5]), Decimal(row[6]))
    for row in (
        ("01", "UPS Next Day Air", "001", "1DA", 1, "41.10", "1.95"),
        ("02", "UPS 2nd Day Air", "002", "2DA", 2, "24.80", "1.40"),
        ("03", "UPS Ground", "518", "GND", 4, "10.35", "0.70"),
        ("07", "UPS Worldwide Express", "007", "01", 2, "88.00", "4.10"),
        ("08", "UPS Worldwide Expedited", "008", "05", 5, "71.50", "3.30"),
        ("11", "UPS Standard", "011", "03", 5, "19.90", "1.15"),
        ("12", "UPS 3 Day Select", "012", "3DS", 3, "18.60", "1.05"),
        ("13", "UPS Next Day Air Saver", "013", "1DP", 1, "37.20", "1.80"),
        ("14", "UPS Next Day Air Early", "014", "1DM", 1, "72.40", "2.05"),
        ("54", "UPS Worldwide Express Plus", "054", "21", 2, "121.00", "4.30"),
        ("59", "UPS 2nd Day Air A.M.", "059", "2DM", 2, "28.90", "1.50"),
        ("65", "UPS Worldwide Saver", "065", "28", 2, "83.10", "3.90"),
        ("70", "UPS Access Point Economy", "070", "39", 4, "9.40", "0.60"),
        ("74", "UPS Express 12:00", "074", "18", 1, "58.70", "2.20"),
    )
}
_DOMESTIC = frozenset({"01", "02", "03", "12", "13", "14", "59"})
_ISLAND = frozenset({"01", "02", "03", "13", "14"})
_NEIGHBOUR = frozenset({"07", "08", "11", "54", "65"})
_UNION = frozenset({"07", "08", "11", "54", "65", "70", "74"})
_WORLD = frozenset({"07", "08", "54", "65"})
_CANADIAN = frozenset({"01", "02", "11", "12", "13", "14"})


def services_between(origin: str, destination: str) -> frozenset[str]:
    """The service codes of a lane between two countries. Code 11 is never one inside the US."""
    pair = {origin, destination}
    if pair == {"US"}:
        return _DOMESTIC
    if pair <= {"US", "PR"}:
        return _ISLAND
    if pair == {"CA"}:
        return _CANADIAN
    if pair <= {"US", "CA", "MX"}:
        return _NEIGHBOUR
    return _UNION if pair <= EUROPEAN_UNION or origin == destination else _WORLD


def package_level(origin: str, destination: str) -> bool:
    """Whether reference numbers and delivery confirmation belong to the package: inside the US or inside PR."""
    return origin == destination and origin in ("US", "PR")


def dutiable(origin: str, destination: str) -> bool:
    """Whether goods cross a customs border."""
    return origin != destination and not {origin, destination} <= EUROPEAN_UNION


def currency_of(origin: str) -> str:
    """The currency an account of that country is charged in."""
    if origin in EUROPEAN_UNION:
        return "EUR"
    return {"CA": "CAD", "GB": "GBP"}.get(origin, "USD")


def pounds(weight: Decimal, unit: str) -> Decimal:
    """A weight in pounds."""
    return weight * Decimal("2.20462") if unit == "KGS" else weight


def price(service: Service, weight: Decimal, unit: str, residential: bool) -> Decimal:
    """The published price of one package."""
    heavy = pounds(max(weight, Decimal(1)), unit) * service.per_pound
    return (service.base + heavy + (Decimal("5.95") if residential else 0)).quantize(Decimal("0.01"))


def negotiated(published: Decimal, cie: bool) -> Decimal:
    """The account's own price: a third off, or in the sandbox one per cent, which says nothing about production."""
    return (published * Decimal("0.99" if cie else "0.67")).quantize(Decimal("0.01"))
