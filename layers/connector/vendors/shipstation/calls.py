"""How every call to ShipStation is put together: address, encoding, reading of the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from connector.faults import FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.answers import Answers, wire_json
from vendors.shipstation.faults import VENDOR

Parsed = TypeVar("Parsed")

Query = Sequence[tuple[str, object]]

_ANSWERS = Answers(VENDOR)
readable, parsed, unreadable = _ANSWERS.readable, _ANSWERS.parsed, _ANSWERS.unreadable


def query_text(query: Query) -> str:
    """The query string. A parameter is never given twice: the first one would win without a word."""
    names = [name.casefold() for name, _ in query]
    if len(set(names)) != len(names):
        raise ValueError("a query parameter is given twice")
    return "&".join(f"{name}={quote(_plain(value), safe='')}" for name, value in query)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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
