"""How every call to ShipStation is put together: address, encoding, reading of the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.shipstation.faults import VENDOR

Parsed = TypeVar("Parsed")

Query = Sequence[tuple[str, object]]


def query_text(query: Query) -> str:
    """The query string. A parameter is never given twice: the first one would win without a word."""
    names = [name.casefold() for name, _ in query]
    if len(set(names)) != len(names):
        raise ValueError("a query parameter is given twice")
    return "&".join(f"{name}={quote(_plain(value), safe='')}" for name, value in query)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def wire_json(body: Any) -> bytes:
    """The body as JSON. Decimals become numbers; one that a JSON number cannot carry exactly is a ValueError."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_number).encode()


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError(f"{type(value).__name__} cannot be sent to ShipStation")
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise ValueError(f"{value} has more digits than a JSON number carries; round it in the mapping, with a note")
    return number


def unreadable(purpose: str, error: Exception, status: int | None = None) -> VendorFault:
    """The fault of a good answer to a read that cannot be understood: asked again later, and a person is told."""
    text = f"{purpose}: the answer cannot be read ({error}). It is asked again later; if it stays so, report it"
    return VendorFault(VENDOR, FaultKind.UNAVAILABLE, text, Executed.NO, status, alarm=True)


def readable(reply: Reply, purpose: str, parse: Callable[[Any], Parsed]) -> Parsed:
    """The parsed answer of a read. Raises VendorFault(UNAVAILABLE) with an alarm when it cannot be understood."""
    try:
        return parse(reply.json())
    except ValueError as error:
        raise unreadable(purpose, error, reply.status) from error


def parsed(rows: Iterable[Mapping[str, Any]], purpose: str, parse: Callable[[Any], Parsed]) -> tuple[Parsed, ...]:
    """The rows of a page. Raises VendorFault(UNAVAILABLE) with an alarm when one cannot be understood."""
    try:
        return tuple(parse(row) for row in rows)
    except ValueError as error:
        raise unreadable(purpose, error) from error


def many(parse: Callable[[Any], Parsed]) -> Callable[[Any], tuple[Parsed, ...]]:
    """A parser of a bare array."""

    def parse_all(value: Any) -> tuple[Parsed, ...]:
        if not isinstance(value, list):
            raise ValueError("not a list")
        return tuple(parse(item) for item in value)

    return parse_all


@dataclass(frozen=True)
class Calls:
    """Sends requests to one API. Paths begin behind the root: `orders/createorder`."""

    transport: Transport
    root: str
    timeout: float

    def get(self, path: str, purpose: str, query: Query = ()) -> Reply:
        """A read. Raises VendorFault."""
        return self.transport.send(self._request("GET", path, purpose, query))

    def write(self, method: str, path: str, purpose: str, body: Any = None) -> Reply:
        """A write, sent once. Raises VendorFault, executed MAYBE when unclear."""
        return self.transport.send(self._request(method, path, purpose, (), body, write=True))

    def optional(self, path: str, purpose: str, parse: Callable[[Any], Parsed], query: Query = ()) -> Parsed | None:
        """A read by id; None when there is no such thing."""
        try:
            reply = self.get(path, purpose, query)
        except VendorFault as fault:
            if fault.kind is FaultKind.NOT_FOUND:
                return None
            raise
        return readable(reply, purpose, parse)

    def _request(
        self, method: str, path: str, purpose: str, query: Query, body: Any = None, write: bool = False
    ) -> Request:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        text = query_text(query)
        content = b"" if body is None else wire_json(body)
        url = f"{self.root}/{path}" + (f"?{text}" if text else "")
        return Request(method, url, purpose, headers, content, timeout=self.timeout, write=write)
