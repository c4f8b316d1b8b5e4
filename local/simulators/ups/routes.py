"""The table of endpoints: method, path below `/api`, product, query, headers, body check, and who answers.

What is not in this table does not exist: 404, also with a wrong prefix or another version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from urllib.parse import unquote

from local.simulators.base import Reply
from local.simulators.checks import Check, Finding
from local.simulators.ups import (
    addresses,
    alerts,
    problems,
    rating,
    rating_bodies,
    recovery,
    ship,
    ship_bodies,
    tracking,
    transit,
    void,
)
from local.simulators.ups.gateway import Asked
from local.simulators.ups.validation import record
from local.simulators.ups.world import Switches, World

Handler = Callable[[World, Asked], Reply]
Refusal = Callable[[World, list[Finding]], Reply]
TRACED = ("Tracking", "TrackAlert", "TimeInTransit")  # the trace headers are required there, welcome elsewhere
_BOOLEAN = "true|false"
_LOCALE = r"[a-z]{2}_[A-Z]{2}"
_REFERENCE_QUERY = {
    "locale": _LOCALE,
    "fromPickUpDate": r"\d{8}",
    "toPickUpDate": r"\d{8}",
    "destCountry": "[A-Z]{2}",
    "destZip": ".{1,10}",
    "shipperNum": "[0-9A-Z]{6}",
    "refNumType": "SmallPackage|fgv",
}


@dataclass(frozen=True)
class Route:
    """One endpoint. `{name}` in `path` takes one path segment, of the form in `segments` where it is listed there.

    `query` maps each known parameter to its pattern.
    """

    method: str
    path: str
    product: str
    handler: Handler
    query: Mapping[str, str] = field(default_factory=dict)
    required_query: tuple[str, ...] = ()
    body: Check | None = None
    refusal: Refusal = problems.refusal
    segments: Mapping[str, str] = field(default_factory=dict)

    def match(self, path: str) -> dict[str, str] | None:
        """The decoded names in the path, or None."""

        def segment(name: re.Match[str]) -> str:
            return f"(?P<{name[1]}>{self.segments.get(name[1], '[^/]+')})"

        found = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", segment, re.escape(self.path)), path)
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else None


def _business(ship_version: str, rating_version: str) -> tuple[Route, ...]:
    ship_query, rate_query = {"additionaladdressvalidation": "city"}, {"additionalinfo": "timeintransit"}
    xav_query = {"regionalrequestindicator": "True|False|true|false", "maximumcandidatelistsize": r"[1-4]?\d|50"}
    void_path = f"/shipments/{ship_version}/void/cancel/{{shipment}}"
    return (
        Route(
            "POST",
            f"/shipments/{ship_version}/ship",
            "Shipping",
            ship.create,
            ship_query,
            body=ship_bodies.SHIP,
            refusal=problems.ship_refusal,
        ),
        Route("DELETE", void_path, "Shipping", void.cancel, {"trackingnumber": ".*"}),
        Route("POST", "/labels/v1/recovery", "Shipping", recovery.recover, body=recovery.BODY),
        Route(
            "POST",
            f"/rating/{rating_version}/{{option}}",
            "Rating",
            rating.rate,
            rate_query,
            body=rating_bodies.RATE,
            segments={"option": "|".join(rating.OPTIONS)},
        ),
        Route(
            "POST",
            "/addressvalidation/v2/{option}",
            "AddressValidation",
            addresses.validate,
            xav_query,
            body=addresses.BODY,
        ),
        Route("POST", "/shipments/v1/transittimes", "TimeInTransit", transit.find, body=transit.BODY),
    )


_TRACKING = (
    Route(
        "GET",
        "/track/v1/details/{number}",
        "Tracking",
        tracking.by_number,
        {"locale": _LOCALE, **dict.fromkeys(("returnSignature", "returnMilestones", "returnPOD"), _BOOLEAN)},
    ),
    Route("GET", "/track/v1/reference/details/{reference}", "Tracking", tracking.by_reference, _REFERENCE_QUERY),
    Route(
        "GET",
        "/track/v1/shipment/details/{number}",
        "Tracking",
        tracking.of_shipment,
        {"locale": _LOCALE, "offset": r"\d{1,4}", "count": r"[1-9]\d{0,2}"},
    ),
)


def _alert(method: str, version: str, kind: str, scope: str, handler: Handler) -> Route:
    """One Track Alert endpoint; what the fixed parts of its path say is added to the names."""

    def answer(world: World, asked: Asked) -> Reply:
        names = {**asked.names, "version": version, "type": kind, "scope": scope}
        return handler(world, replace(asked, names=names))

    path = f"/track/{version}/subscription/{kind}/{scope}"
    if method == "DELETE":
        name = "shipper_account_number"
        return Route(method, path, "TrackAlert", answer, {name: "[0-9A-Z]{6}"}, (name,), refusal=alerts.refusal)
    body = alerts.body_check(version, kind, scope == "account")
    return Route(method, path, "TrackAlert", answer, body=body, refusal=alerts.refusal)


_ALERTS = (
    *(_alert("POST", version, kind, "package", alerts.subscribe) for version in ("v1", "v2") for kind in alerts.TYPES),
    *(_alert("POST", "v2", kind, "account", alerts.subscribe_account) for kind in alerts.TYPES),
    *(_alert("DELETE", "v2", kind, "account", alerts.unsubscribe_account) for kind in alerts.TYPES),
    Route(
        "POST",
        "/track/{version}/subscription/{type}/{scope}",
        "TrackAlert",
        alerts.wrong_type,
        body=record({}),
        refusal=alerts.refusal,
        segments={"version": "v1|v2", "type": "(?!standard/|enhanced/)[^/]+", "scope": "package|account"},
    ),
)


@cache
def routes_of(ship_version: str, rating_version: str) -> tuple[Route, ...]:
    """Every endpoint, with Ship and Rating in the versions that the switches name."""
    return (*_business(ship_version, rating_version), *_TRACKING, *_ALERTS)


def find(switches: Switches, method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The endpoint of a path below `/api`, and the names in the path. 404 for no such path, 405 for another method."""
    known = [
        (route, names)
        for route in routes_of(switches.ship_version, switches.rating_version)
        if (names := route.match(path)) is not None
    ]
    if not known:
        raise problems.refuse(404, problems.NOT_FOUND, "Not found")
    for route, names in known:
        if route.method == method:
            return route, names
    raise problems.refuse(405, "405", "Method not allowed")
