"""What every simulator is made of: a request, a reply, a clock, and a dial of faults.

A simulator is one object with `handle(request) -> reply`. It runs the same way behind a real HTTP
server (`server.py`) and in process, in virtual time, behind the connector's Transport (crash matrix).
A broken connection is an exception here: `ConnectionDropped` (the caller sees a reset) or
`AnswerTimedOut` (the caller sees its read time-out). Whether the vendor acted is the dial's business.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import parse_qsl

Clock = Callable[[], datetime]
"""Answers the present as an aware UTC datetime; injected so that tests run in virtual time."""


class ConnectionDropped(Exception):
    """The connection broke before an answer was read (reset, closed, dropped)."""


class AnswerTimedOut(Exception):
    """The answer did not come within the caller's patience."""


@dataclass(frozen=True)
class Request:
    """One HTTP request as it arrived. `path` is still percent-encoded; `query` has no leading `?`."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The header's value whatever the letter case of its name, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)

    def parameters(self) -> list[tuple[str, str]]:
        """The decoded query parameters, repeated ones included, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    def json(self) -> Any:
        """The body parsed as JSON; raises ValueError (or UnicodeDecodeError, a ValueError) when it is not."""
        return json.loads(self.body.decode("utf-8"))


@dataclass(frozen=True)
class Reply:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_reply(status: int, document: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer. Decimals must have been turned into int or float by the caller."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Reply(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, body)


class Fault(StrEnum):
    """What can go wrong between a caller and a vendor. `*_AFTER` means the vendor acted first."""

    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    ERROR_500_BEFORE = "error_500_before"
    ERROR_500_AFTER = "error_500_after"
    ERROR_503_AFTER = "error_503_after"
    THROTTLED = "throttled"  # the vendor's own 429 (or its equivalent); never acts
    TOKEN_EXPIRED = "token_expired"  # the vendor's own 401 for an expired token; never acts
    GARBAGE_AFTER = "garbage_after"  # acts, answers 2xx with a body that does not parse
    STALE_READ = "stale_read"  # a read answers as if the last writes had not happened
    PARTIAL = "partial"  # a list answers a short page, a bulk call loses part of its rows: as the vendor would
    SLOW = "slow"  # acts after `seconds`; over real HTTP it waits, in process it only moves a virtual clock


@dataclass
class PlannedFault:
    """One planned fault: hits `times` requests whose `METHOD path` matches `match` (a regular expression)."""

    fault: Fault
    match: str = ".*"
    times: int = 1
    skip: int = 0
    seconds: float = 0.0

    def hits(self, request: Request) -> bool:
        """Whether this request is hit; counts down `skip` and `times`."""
        if self.times <= 0 or not re.search(self.match, f"{request.method} {request.path}"):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class FaultDial:
    """The faults that are planned for a simulator. Thread-safe; the first planned match wins."""

    def __init__(self) -> None:
        self._planned: list[PlannedFault] = []
        self._lock = threading.Lock()

    def plan(self, fault: Fault, match: str = ".*", *, times: int = 1, skip: int = 0, seconds: float = 0.0) -> None:
        """Plans a fault for the next requests that match."""
        with self._lock:
            self._planned.append(PlannedFault(fault, match, times, skip, seconds))

    def clear(self) -> None:
        """Forgets everything planned."""
        with self._lock:
            self._planned.clear()

    def take(self, request: Request) -> PlannedFault | None:
        """The fault that hits this request, if any, counted down."""
        with self._lock:
            return next((planned for planned in self._planned if planned.hits(request)), None)


@dataclass(frozen=True)
class Call:
    """One line of a simulator's own log of calls: what benchmarks and tests count."""

    at: datetime
    method: str
    path: str
    query: str
    status: int | None  # None: no answer reached the caller
    fault: Fault | None = None


class Simulator(Protocol):
    """What the server, the demo and the crash matrix need of a simulator."""

    name: str
    dial: FaultDial
    calls: list[Call]

    def handle(self, request: Request) -> Reply:
        """Answers one request; raises ConnectionDropped or AnswerTimedOut when the dial says so."""
        ...

    def holdings(self) -> dict[str, Any]:
        """Everything that the vendor now holds, as plain JSON: the only thing closing tables are read from."""
        ...

    def command(self, name: str, arguments: dict[str, Any]) -> Any:
        """A vendor-side act that has no API (a warehouse ships, a person edits). JSON in, JSON out."""
        ...
