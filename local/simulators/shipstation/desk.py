"""The desk: credentials, budget, path, query and body are judged, then an endpoint works."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.simulators.base import Reply, Request, json_reply
from local.simulators.checks import Check
from local.simulators.shipstation import pacific, routes
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.gateway import Gate
from local.simulators.shipstation.problems import Rejection, message, model_state, v2_refusal
from local.simulators.shipstation.routes import Route
from local.simulators.shipstation.signing import key_set
from local.simulators.shipstation.world import World

JWKS = "/jwks"
MOST_ROWS = 500


class Unreadable(Exception):
    """A query parameter does not have its type; says why."""


def is_v2(request: Request) -> bool:
    """Whether the request is for V2."""
    return request.path.startswith("/v2/")


def answer(world: World, gate: Gate, request: Request) -> Reply:
    """One request, from the credentials to the endpoint's answer."""
    if request.path == JWKS:
        return json_reply(200, key_set(world.keys_of_webhooks))
    (gate.enter_v2 if is_v2(request) else gate.enter_v1)(request, world.now())
    world.end_holds()
    found = routes.find(request.method, request.path.rstrip("/"))
    if isinstance(found, int):
        raise _nowhere(request, found)
    route, names = found
    query = _query(world, request, route)
    return route.handler(world, Asked(request, names, query, _body(world, request, route)))


def _nowhere(request: Request, status: int) -> Rejection:
    text = f"No HTTP resource was found that matches {request.method} {request.path}."
    if is_v2(request):
        return v2_refusal(status, "not_found", text)
    return message(status, text if status == 404 else f"The requested resource does not support '{request.method}'.")


def _query(world: World, request: Request, route: Route) -> dict[str, Any]:
    """The known parameters, whatever their letter case; of a repeated one the first counts. Unknown ones are passed
    over in silence, so that the whole list comes back: that is written down as a strict violation."""
    known = {name.lower(): name for name in route.query}
    query: dict[str, Any] = {}
    for given, value in request.parameters():
        name = known.get(given.lower())
        if name is None or name in query:
            _note(world, request, f"query '{given}' is unknown or repeated: ShipStation passes over it")
            continue
        try:
            query[name] = _value(world, request, route.query[name], name, value)
        except Unreadable as error:
            raise _bad_query(request, name, str(error)) from error
    return query


def _note(world: World, request: Request, text: str) -> None:
    world.strict_violations.append(f"{request.method} {request.path}: {text}")


def _bad_query(request: Request, name: str, text: str) -> Rejection:
    if is_v2(request):
        return v2_refusal(400, "invalid_field_value", f"Invalid {name}. {text}")
    return model_state({f"request.{name}": [text]})


def _value(world: World, request: Request, kind: str | tuple[str, ...], name: str, value: str) -> Any:
    if isinstance(kind, tuple):
        found = next((word for word in kind if word.lower() == value.lower()), None)
        if found is None:
            raise Unreadable(f"The value '{value}' is not valid for {name}.")
        return found
    if kind == "moment":
        return _wall(world, request, name, value)
    return _READERS[kind](value)


def _wall(world: World, request: Request, name: str, value: str) -> datetime:
    read = pacific.read_wall(value)
    if read is None:
        raise Unreadable(f"The value '{value}' is not valid for {name}.")
    if read[1]:
        _note(world, request, f"{name}='{value}' has an offset, and Pacific wall time is wanted without one")
    return read[0]


def _whole(value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise Unreadable(f"The value '{value}' is not a whole number.") from error


def _flag(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise Unreadable(f"The value '{value}' is neither true nor false.")
    return value.lower() == "true"


def _utc(value: str) -> datetime:
    try:
        read = datetime.fromisoformat(value)
    except ValueError as error:
        raise Unreadable(f"The value '{value}' is not a date and time.") from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _bounded(most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        number = _whole(value)
        if not 1 <= number <= most:
            raise Unreadable(f"{value} is not valid: 1 to {most}.")
        return number

    return read


_READERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "whole": _whole,
    "flag": _flag,
    "utc": _utc,
    "page": _bounded(10**6),
    "size": _bounded(MOST_ROWS),
}


def _body(world: World, request: Request, route: Route) -> Any:
    if route.body is None and not route.raw_body:
        if request.body.strip():
            _note(world, request, "this call takes no body")
        return None
    kind = (request.header("Content-Type") or "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise message(400, f"The request contains an entity body but no formatter for '{kind}'.")
    try:
        document = json.loads(request.body.decode("utf-8"), parse_constant=_not_json)
    except ValueError as error:
        raise model_state({route.root: [f"{error}\r\n"]}) from error
    if route.body is not None:
        _judge(world, request, route.root, route.body, document)
    return document


def _judge(world: World, request: Request, root: str, check: Check, document: Any) -> None:
    found = list(check(document, ""))
    for each in found:
        if each.kind == "unknown":
            _note(world, request, each.message)
    wrong = {f"{root}.{each.path}".rstrip("."): [each.message] for each in found if each.kind != "unknown"}
    if wrong:
        raise model_state(wrong)


def _not_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
