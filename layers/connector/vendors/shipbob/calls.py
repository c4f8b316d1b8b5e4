"""How every call to ShipBob is put together: version, encoding, headers, reading of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.answers import Answers, wire_json
from vendors.json_fields import Document
from vendors.shipbob.faults import VENDOR
from vendors.shipbob.pages import Fetch
from vendors.shipbob.settings import ShipBobSystem

Parsed = TypeVar("Parsed")
Part = TypeVar("Part")

Query = Sequence[tuple[str, str]]
"""Query parameters whose values are already encoded: see `one` and `listed`."""

LARGEST_PAGE = 250
CHANNEL_HEADER = "shipbob_channel_id"

_ANSWERS = Answers(VENDOR)
readable, parsed, unreadable = _ANSWERS.readable, _ANSWERS.parsed, _ANSWERS.unreadable


def one(value: object) -> str:
    """One query value, percent-encoded."""
    return quote(str(value), safe="")


def listed(values: Iterable[object]) -> str:
    """A list in one query value: each member percent-encoded, the commas between them bare."""
    return ",".join(one(value) for value in values)


def encoded(parameters: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Paging parameters, encoded once."""
    return [(name, one(value)) for name, value in parameters]


def chunks(values: Sequence[Part], size: int) -> list[Sequence[Part]]:
    """The values in groups of at most `size`."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def without_commas(values: Iterable[str], what: str) -> tuple[str, ...]:
    """The values, each once. Raises VendorFault(INVALID): ShipBob's filters would read a comma as two values."""
    unique = tuple(dict.fromkeys(values))
    for value in unique:
        if "," in value or not value.strip():
            text = (
                f"ShipBob cannot be asked about the {what} {value!r}: its filters divide at commas and take no empty "
                f"text. Give it a {what} without a comma"
            )
            raise VendorFault(VENDOR, FaultKind.INVALID, text, Executed.NO)
    return unique


def collected(
    pages: Iterable[tuple[Document, ...]], purpose: str, parse: Callable[[Any], Parsed]
) -> tuple[Parsed, ...]:
    """Every row of every page of a short list."""
    return tuple(item for rows in pages for item in parsed(rows, purpose, parse))


@dataclass(frozen=True)
class Calls:
    """Sends requests to one account. Paths begin behind the version: "order/337200001:cancel"."""

    transport: Transport
    system: ShipBobSystem

    def get(self, path: str, purpose: str, query: Query = (), channel: int | None = None) -> Reply:
        """A read. `channel` filters to that channel; leave it out to see all of the account. Raises VendorFault."""
        return self.transport.send(self._request("GET", path, purpose, query, channel))

    def ask(self, path: str, purpose: str, body: Any, query: Query = ()) -> Reply:
        """A read that ShipBob wants as a POST with a body (`:query`). Raises VendorFault."""
        return self.transport.send(self._request("POST", path, purpose, query, None, body))

    def write(self, method: str, path: str, purpose: str, body: Any = None, channel: int | None = None) -> Reply:
        """A write, sent once. `channel` where ShipBob wants it. Raises VendorFault, executed MAYBE when unclear."""
        return self.transport.send(self._request(method, path, purpose, (), channel, body, write=True))

    def pages(self, path: str, purpose: str, query: Query = (), channel: int | None = None) -> Fetch:
        """The fetch function of `vendors.shipbob.pages` for a list."""
        return lambda paging: self.get(path, purpose, [*query, *encoded(paging)], channel)

    def optional(self, path: str, purpose: str, parse: Callable[[Any], Parsed]) -> Parsed | None:
        """A read by id; None when ShipBob holds no such thing."""
        try:
            reply = self.get(path, purpose)
        except VendorFault as fault:
            if fault.kind is FaultKind.NOT_FOUND:
                return None
            raise
        return readable(reply, purpose, parse)

    def since(self, version: str, what: str) -> None:
        """Raises VendorFault(UNSUPPORTED_QUERY) when the connection's version is older and lacks the endpoint."""
        if self.system.version < version:
            text = f"{what} needs ShipBob's version {version} or newer; the connection uses {self.system.version}"
            raise VendorFault(VENDOR, FaultKind.UNSUPPORTED_QUERY, text, Executed.NO)

    def _request(
        self,
        method: str,
        path: str,
        purpose: str,
        query: Query,
        channel: int | None,
        body: Any = None,
        write: bool = False,
    ) -> Request:
        headers = {"Accept": "application/json"}
        if channel is not None:
            headers[CHANNEL_HEADER] = str(channel)
        if body is not None:
            headers["Content-Type"] = "application/json"
        text = "&".join(f"{name}={value}" for name, value in query)
        return Request(
            method,
            f"{self.system.api}/{path}" + (f"?{text}" if text else ""),
            purpose,
            headers,
            b"" if body is None else wire_json(body),
            timeout=self.system.timeout_seconds,
            write=write,
        )
