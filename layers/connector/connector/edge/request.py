"""What an API Gateway event (REST, proxy integration) holds for us. Every function is total: garbage answers None."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from connector.edge.sender import Delivery

LARGEST_BODY = 1024 * 1024  # bytes

# Connection names are those of connector.connection (not imported: it loads pydantic). With a sender of at most
# 20 characters and a hash, they fit into the 128 characters of a message group.
_CONNECTION = re.compile(r"[a-z][a-z0-9-]{0,40}", re.ASCII)
_SENDER = re.compile(r"[a-z][a-z0-9_]{0,19}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_\-]{0,128}", re.ASCII)


class Route(NamedTuple):
    """Where a request goes: `/<pair>/<connection>/<sender>[/<token>]`."""

    connection: str
    sender: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Route({self.connection}/{self.sender})"


def route_of(event: Any, pair: str) -> Route | None:
    """The route by the path parameters, or None where there is none for this pair."""
    parameters = event.get("pathParameters") if isinstance(event, dict) else None
    if not isinstance(parameters, dict) or parameters.get("pair", pair) != pair:
        return None
    connection, sender, token = (parameters.get(name) or "" for name in ("connection", "sender", "token"))
    if not (_fits(_CONNECTION, connection) and _fits(_SENDER, sender) and _fits(_TOKEN, token)):
        return None
    return Route(connection, sender, token)


def body_of(event: Mapping[str, Any]) -> bytes | None:
    """The exact bytes that the sender sent (and signed), or None when they cannot be had."""
    body = event.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        return None
    try:
        if event.get("isBase64Encoded") is True:
            return base64.b64decode(body, validate=True)
        return body.encode()
    except ValueError:  # no base64, or text that is no Unicode
        return None


def delivery_of(event: Mapping[str, Any], route: Route, body: bytes) -> Delivery:
    """The request as a scheme sees it."""
    values: dict[str, list[str]] = {}
    for name, value in _header_lines(event):
        values.setdefault(name.lower(), []).append(value)
    return Delivery(
        headers={name: found[0] for name, found in values.items() if len(found) == 1},
        body=body,
        token=route.token,
        doubled=frozenset(name for name, found in values.items() if len(found) > 1),
        audience=f"{route.connection}/{route.sender}",
    )


def _header_lines(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every header line. `headers` keeps only the last line of a doubled header, so it is the second choice."""
    several = event.get("multiValueHeaders")
    if isinstance(several, dict) and several:
        for name, values in several.items():
            for value in values if isinstance(values, list) else [values]:
                if isinstance(name, str) and isinstance(value, str):
                    yield name, value
        return
    single = event.get("headers")
    if isinstance(single, dict):
        for name, value in single.items():
            if isinstance(name, str) and isinstance(value, str):
                yield name, value


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
