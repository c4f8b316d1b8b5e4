"""How every call to UPS is put together: address, headers, reading of the answer."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.answers import Answers
from vendors.ups.faults import VENDOR
from vendors.ups.settings import UpsSystem

Parsed = TypeVar("Parsed")

Query = Sequence[tuple[str, str]]


def new_trace() -> str:
    """A `transId`: 32 characters, the most that UPS takes (a UUID with dashes has 36)."""
    return secrets.token_hex(16)


def one(value: object) -> str:
    """One part of a path or query, percent-encoded."""
    return quote(str(value), safe="")


def wire_json(body: Any) -> bytes:
    """The body as JSON. Decimals (Time in Transit's weight alone) become numbers."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_number).encode()


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError(f"{type(value).__name__} cannot be sent to UPS")
    return int(value) if value == value.to_integral_value() else float(value)


def invalid(purpose: str, why: str) -> VendorFault:
    """The fault of a question that UPS could only refuse; nothing was sent."""
    return VendorFault(VENDOR, FaultKind.INVALID, f"{purpose}: {why}; nothing was sent", Executed.NO)


@dataclass(frozen=True)
class Calls:
    """Sends requests to one account. Paths begin behind `/api/`."""

    transport: Transport
    system: UpsSystem
    trace: Callable[[], str] = new_trace

    def get(self, path: str, purpose: str, query: Query = ()) -> Reply:
        """A read. Raises VendorFault."""
        return self.transport.send(self._request("GET", path, purpose, query))

    def ask(self, path: str, purpose: str, body: Any, query: Query = ()) -> Reply:
        """A read that UPS wants as a POST. Raises VendorFault."""
        return self.transport.send(self._request("POST", path, purpose, query, body))

    def write(
        self, method: str, path: str, purpose: str, body: Any = None, query: Query = (), timeout: float | None = None
    ) -> Reply:
        """A write, sent once. Raises VendorFault, executed MAYBE when unclear."""
        return self.transport.send(self._request(method, path, purpose, query, body, write=True, timeout=timeout))

    def read(self, reply: Reply, purpose: str, parse: Callable[[Any], Parsed]) -> Parsed:
        """The parsed answer of a read. Raises VendorFault(UNAVAILABLE) with an alarm when it cannot be understood."""
        return Answers(VENDOR).readable(reply, purpose, parse)

    def _request(
        self,
        method: str,
        path: str,
        purpose: str,
        query: Query,
        body: Any = None,
        write: bool = False,
        timeout: float | None = None,
    ) -> Request:
        text = "&".join(f"{one(name)}={one(value)}" for name, value in query)
        return Request(
            method,
            f"{self.system.host}/api/{path}" + (f"?{text}" if text else ""),
            purpose,
            self._headers(body is not None),
            b"" if body is None else wire_json(body),
            timeout=timeout if timeout is not None else self.system.timeout_seconds,
            write=write,
        )

    def _headers(self, has_body: bool) -> Mapping[str, str]:
        # Required by Tracking, Track Alert and Time in Transit, optional elsewhere: sent always.
        headers = {
            "Accept": "application/json",
            "transId": self.trace(),
            "transactionSrc": self.system.transaction_source,
        }
        return headers | ({"Content-Type": "application/json"} if has_body else {})
