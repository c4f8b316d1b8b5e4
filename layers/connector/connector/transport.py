"""One way out to a vendor: `Transport.send(request) -> reply`.

In this order: budget (slot and window), token, the bytes, the vendor's fault table, one log line, the budget
corrected by the vendor's headers. A 401 that the vendor's table calls EXPIRED and not executed is answered by one
token refresh and one resend. Nothing else is ever sent twice here: repeating is the Ledger's business.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import Clock
from connector.log import Log
from connector.recent import RecentCalls


@dataclass(frozen=True)
class Request:
    """One request to a vendor. `url` is absolute and already percent-encoded. `purpose` is for logs and budgets."""

    method: str
    url: str
    purpose: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: float = 30.0  # seconds to wait for the answer; connecting has its own, shorter patience
    authorize: bool = True  # False: login, token and discovery calls
    write: bool = False  # True: a repetition could do harm, so an unreadable end is `Executed.MAYBE`
    slot: bool = True  # False: may run beside a session that is taken (status polls, logout)
    through: Wire | None = field(default=None, compare=False, repr=False)
    """The connection's own way, where the process's will not do (NTLM, private certificates). Whoever stands before the
    process's wire (doctor, rehearsal, simulators) sees the request all the same."""


@dataclass(frozen=True)
class Reply:
    """A vendor's answer, unparsed. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON with every number that has a fraction as Decimal. Raises ValueError."""
        from decimal import Decimal

        return json.loads(self.body.decode("utf-8-sig"), parse_float=Decimal)

    def text(self) -> str:
        """The body as text, undecodable bytes replaced."""
        return self.body.decode("utf-8", errors="replace")


class NotSent(Exception):
    """The bytes surely never left: name, connect or TLS failure."""


class AnswerLost(Exception):
    """The bytes may have left and no whole answer came back: reset, read time-out, broken answer."""


class Wire(Protocol):
    """Moves bytes: `requests` in the cloud, a simulator in tests. Raises NotSent or AnswerLost."""

    def exchange(self, request: Request) -> Reply:
        """Sends the request once, follows no redirect, answers what came back."""
        ...


class Authorizer(Protocol):
    """Puts credentials on a request and knows how to renew them."""

    def apply(self, request: Request) -> Request:
        """The request with credentials. May raise VendorFault or ConfigurationFault."""
        ...

    def renew(self, rejected: Request) -> bool:
        """Renews after a rejection, at most once for all workers; False when there is nothing to renew."""
        ...


class Gate(Protocol):
    """The account's call budget as Transport sees it."""

    def enter(self, request: Request) -> None:
        """Takes one call (and the session slot) or raises VendorFault(BUDGET, retry_at)."""
        ...

    def ready(self) -> None:
        """Makes sure that a call could go out now, without making one; raises VendorFault(BUDGET, retry_at) if not."""
        ...

    def learn(self, reply: Reply, fault: VendorFault | None) -> None:
        """Corrects the budget by what the vendor said."""
        ...


@dataclass(frozen=True)
class OpenGate:
    """No budget, for sign-in: tokens have a quota of their own, and a worker that waits for one may hold a slot."""

    def enter(self, request: Request) -> None:
        """Always free."""

    def ready(self) -> None:
        """Always."""

    def learn(self, reply: Reply, fault: VendorFault | None) -> None:
        """Nothing to learn."""


ERRORS = frozenset({FaultKind.NOT_SENT, FaultKind.UNAVAILABLE, FaultKind.FORBIDDEN, FaultKind.CONFIGURATION})
"""Faults that say that something is wrong with the account or the vendor, not with one record."""

FaultTable = Callable[[Request, Reply, datetime], VendorFault | None]
"""Turns an answer into a fault, or None when it ended well."""


@dataclass
class Transport:
    """The only sender of requests to one vendor account."""

    vendor: str
    wire: Wire
    authorizer: Authorizer | None
    gate: Gate
    faults: FaultTable
    clock: Clock
    log: Log
    skew: Callable[[float], None] = lambda seconds: None
    recent: RecentCalls = field(default_factory=RecentCalls)

    def ready(self) -> None:
        """Raises VendorFault(BUDGET) if no call could go out now.

        Work that needs two vendors asks both first: a read at one is wasted when the other has to be waited for.
        """
        self.gate.ready()

    def send(self, request: Request) -> Reply:
        """Sends once (twice only after an EXPIRED 401 and one renewal). Raises VendorFault."""
        reply, fault, sent = self._once(request)
        if fault is not None and self._renewed(request, sent, fault):
            reply, fault, sent = self._once(request)
        if fault is not None:
            raise fault
        return reply

    def _renewed(self, request: Request, sent: Request, fault: VendorFault) -> bool:
        """Whether the rejection was an expired token, surely before anything happened, and a new token is there."""
        if fault.kind is not FaultKind.EXPIRED or fault.executed is not Executed.NO:
            return False
        return request.authorize and self.authorizer is not None and self.authorizer.renew(sent)

    def _once(self, request: Request) -> tuple[Reply, VendorFault | None, Request]:
        self.gate.enter(request)
        sent = self.authorizer.apply(request) if request.authorize and self.authorizer is not None else request
        started = self.clock()
        try:
            reply = self.wire.exchange(sent)
        except NotSent as error:
            fault = VendorFault(self.vendor, FaultKind.NOT_SENT, f"could not connect ({error})", Executed.NO)
            self._note(request, None, started, fault)
            raise fault from error
        except AnswerLost as error:
            executed = Executed.MAYBE if request.write else Executed.NO
            fault = VendorFault(self.vendor, FaultKind.UNAVAILABLE, f"no whole answer came back ({error})", executed)
            self._note(request, None, started, fault)
            raise fault from error
        found = self.faults(request, reply, self.clock())
        self._measure_skew(reply)
        self.gate.learn(reply, found)
        self._note(request, reply.status, started, found)
        return reply, found, sent

    def _measure_skew(self, reply: Reply) -> None:
        stated = reply.headers.get("date")
        if not stated:
            return
        try:
            self.skew((parsedate_to_datetime(stated) - self.clock()).total_seconds())
        except (TypeError, ValueError):
            self.log.debug("vendor date header unreadable", vendor=self.vendor)

    def _note(self, request: Request, status: int | None, started: datetime, fault: VendorFault | None) -> None:
        self.log.info(
            "vendor call",
            vendor=self.vendor,
            purpose=request.purpose,
            method=request.method,
            path=urlsplit(request.url).path,
            status=status,
            milliseconds=round((self.clock() - started).total_seconds() * 1000),
            fault=fault.kind.value if fault else None,
        )
        kind = fault.kind if fault else None
        self.log.metrics(
            {"VendorCalls": 1, "VendorErrors": int(kind in ERRORS), "VendorThrottled": int(kind is FaultKind.THROTTLED)}
        )
        failing = self.recent.failing(self.clock(), kind in ERRORS)
        if failing is not None:
            self.log.metric("VendorErrorPercent", failing, "Percent")


NOTABLE_SKEW = 2.0
"""Seconds; the Date header has whole seconds and the answer takes its time."""


def skew_metric(log: Log) -> Callable[[float], None]:
    """What a transport does with the difference between the vendor's clock and ours: a metric, where it is notable."""

    def note_skew(seconds: float) -> None:
        if abs(seconds) >= NOTABLE_SKEW:
            log.metric("ClockSkewSeconds", seconds, "Seconds")

    return note_skew


def with_headers(request: Request, headers: Mapping[str, str]) -> Request:
    """The request with more headers."""
    return replace(request, headers={**request.headers, **headers})
