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
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

World = TypeVar("World")
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


def act_with_faults(
    request: Request,
    dial: FaultDial,
    act: Callable[[Request], Reply],
    *,
    throttled: Callable[[], Reply],
    expired: Callable[[], Reply],
    advance: Callable[[float], None],
    special: Callable[[Fault, Request], Reply | None] | None = None,
) -> tuple[Reply, Fault | None]:
    """Runs one request under the dial. `special` answers STALE_READ and PARTIAL, which only the vendor can fake."""
    planned = dial.take(request)
    if planned is None:
        return act(request), None
    fault = planned.fault
    if fault in (Fault.DROP_BEFORE, Fault.TIMEOUT_BEFORE):
        raise (ConnectionDropped if fault is Fault.DROP_BEFORE else AnswerTimedOut)(fault.value)
    if fault is Fault.ERROR_500_BEFORE:
        return Reply(500, {"Content-Type": "text/plain"}, b"An unexpected error occurred."), fault
    if fault is Fault.THROTTLED:
        return throttled(), fault
    if fault is Fault.TOKEN_EXPIRED:
        return expired(), fault
    if fault in (Fault.STALE_READ, Fault.PARTIAL):
        answered = special(fault, request) if special else None
        return (answered if answered is not None else act(request)), fault
    if fault is Fault.SLOW:
        advance(planned.seconds)
        return act(request), fault
    reply = act(request)
    if fault in (Fault.DROP_AFTER, Fault.TIMEOUT_AFTER):
        raise (ConnectionDropped if fault is Fault.DROP_AFTER else AnswerTimedOut)(fault.value)
    if fault is Fault.GARBAGE_AFTER:
        return Reply(reply.status, {"Content-Type": "application/json"}, b'{"truncated": '), fault
    status = 503 if fault is Fault.ERROR_503_AFTER else 500
    return Reply(status, {"Content-Type": "text/plain"}, b"An unexpected error occurred."), fault


def answer_and_log(
    request: Request, calls: list[Call], now: Clock, answer: Callable[[Request], tuple[Reply, Fault | None]]
) -> tuple[Reply, Fault | None]:
    """Answers one request and writes it into the log of calls, also when no answer reaches the caller."""
    reply: Reply | None = None
    fault: Fault | None = None
    try:
        reply, fault = answer(request)
    except (ConnectionDropped, AnswerTimedOut) as error:
        fault = Fault(str(error))
        raise
    finally:
        status = None if reply is None else reply.status
        calls.append(Call(now(), request.method, request.path, request.query, status, fault))
    return reply, fault


def stand_still(seconds: float) -> None:
    """What `advance` does by default: the caller's clock is not ours to move."""


def run_command(
    name: str,
    arguments: dict[str, Any],
    own: Mapping[str, Callable[[dict[str, Any]], Any]],
    acts: Mapping[str, Callable[[World, dict[str, Any]], Any]],
    world: World,
) -> Any:
    """Runs one of the simulator's own commands, or an act upon its World. Raises ValueError for a name that is none."""
    if name in own:
        return own[name](arguments)
    if name not in acts:
        raise ValueError(f"no command {name!r}; known: {', '.join(sorted([*own, *acts]))}")
    return acts[name](world, arguments)


def set_switches(switches: DataclassInstance, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Sets switches by name and answers all of them. Raises ValueError for a name that is none."""
    known = {each.name for each in fields(switches)}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f"no switch {name!r}; known: {', '.join(sorted(known))}")
        setattr(switches, name, value)
    return {name: getattr(switches, name) for name in sorted(known)}
