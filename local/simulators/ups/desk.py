"""The desk: path, token, budget, trace headers, query and body are judged, then an endpoint works."""

from __future__ import annotations

import json
import re
from typing import Any

from local.simulators.base import Reply, Request
from local.simulators.checks import Finding, rule
from local.simulators.ups import routes
from local.simulators.ups.gateway import Asked, Gate
from local.simulators.ups.problems import CONTENT_TYPE, INVALID, MALFORMED, NOT_FOUND, Rejection, refuse
from local.simulators.ups.routes import TRACED, Route
from local.simulators.ups.ship_rules import beyond_latin_1
from local.simulators.ups.world import World

PREFIX = "/api"
_LONGEST = {"transId": 32, "transactionSrc": 512}
_ALERT_CODES = {"transId": ("VSS002", "VSS003"), "transactionSrc": ("VSS004", "VSS006")}


def answer(world: World, gate: Gate, request: Request) -> Reply:
    """One request to a business API, from the path to the endpoint's answer."""
    if not request.path.startswith(f"{PREFIX}/"):
        raise refuse(404, NOT_FOUND, "Not found")
    route, names = routes.find(world.switches, request.method, request.path.removeprefix(PREFIX))
    client = gate.identify(request, route.product, world.now())
    gate.spend(client, route.product, world.now(), world.switches.calls_per_minute)
    _headers(request, route)
    query = _query(world, request, route)
    body = _body(world, request, route)
    return route.handler(world, Asked(request, client, names, query, body))


def _headers(request: Request, route: Route) -> None:
    """transId (at most 32 characters) and transactionSrc: required on some products, judged on all."""
    for name, longest in _LONGEST.items():
        given = request.header(name)
        missing, invalid = _ALERT_CODES[name] if route.product == "TrackAlert" else (INVALID, INVALID)
        if not given:
            if route.product in TRACED:
                raise refuse(400, missing, f"The header {name} is missing")
        elif len(given) > longest:
            raise refuse(400, invalid, f"The header {name} has {len(given)} characters, at most {longest}")


def _query(world: World, request: Request, route: Route) -> dict[str, str]:
    """The known parameters, each once; an unknown one would be ignored by UPS and is refused by the strict option."""
    query: dict[str, str] = {}
    for name, value in request.parameters():
        if name not in route.query or name in query:
            text = f"'{name}' is unknown or repeated: UPS would ignore it"
            _refuse_unknown(world, request, route, [Finding(name, text, "unknown")])
        elif not re.fullmatch(route.query[name], value):
            raise refuse(400, INVALID, f"Invalid query parameter {name}: {value!r}")
        else:
            query[name] = value
    for name in route.required_query:
        if name not in query:
            raise refuse(400, INVALID, f"The query parameter {name} is missing")
    return query


def _refuse_unknown(world: World, request: Request, route: Route, found: list[Finding]) -> None:
    """What UPS would pass over in silence: written down and refused, unless the strict option is off."""
    if world.switches.strict and found:
        world.strict_violations.extend(f"{request.method} {request.path}: {each.message}" for each in found)
        raise Rejection(route.refusal(world, found))


def _body(world: World, request: Request, route: Route) -> Any:
    if route.body is None:
        if request.body.strip():
            text = "this call takes no body: UPS would ignore it"
            _refuse_unknown(world, request, route, [Finding("", text, "unknown")])
        return None
    kind = (request.header("Content-Type") or "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise refuse(400, CONTENT_TYPE, "Content-Type must be application/json")
    if route.product == "TrackAlert" and not request.body.strip():
        raise Rejection(route.refusal(world, [rule("", "The request body is empty", "VSS110")]))
    try:
        document = json.loads(request.body.decode("utf-8"), parse_constant=_not_json)
    except ValueError as error:
        raise refuse(400, MALFORMED, f"The document is not well formed: {error}") from error
    _judge(world, request, route, list(route.body(document, "")), document)
    return document


def _not_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _judge(world: World, request: Request, route: Route, found: list[Finding], document: Any) -> None:
    known = [each for each in found if each.kind != "unknown"]
    strange = [each for each in found if each.kind == "unknown"]
    if route.product == "Shipping":
        texts = beyond_latin_1(document)
        strange += [
            Finding("", f"'{each}' does not fit into Latin-1, a label would show rubbish", "unknown") for each in texts
        ]
    _refuse_unknown(world, request, route, strange)
    if known:
        raise Rejection(route.refusal(world, known))
