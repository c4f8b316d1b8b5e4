"""What can go wrong at a vendor, said once, by the one who knows.

    Exception
      VendorFault          a call did not end well; carries what support and the Ledger need
      ConfigurationFault   a connection, secret or setting is wrong; a person must act

A vendor's fault table (`vendors/<vendor>/faults.py`) turns an answer into a `VendorFault`. The Ledger decides by
`executed` whether a write may be repeated; `connector.settle` turns a fault of a read into an Outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Executed(StrEnum):
    """Whether the vendor acted on the request."""

    NO = "no"
    MAYBE = "maybe"


class FaultKind(StrEnum):
    """The closed set of kinds. The comment says what follows."""

    NOT_SENT = "not_sent"  # connect, TLS or name failure: nothing left; later
    BUDGET = "budget"  # our own call budget or session slot is taken: nothing left; later at `retry_at`
    THROTTLED = "throttled"  # the vendor declined for load (429, session limit): later at `retry_at`
    UNAVAILABLE = "unavailable"  # 5xx, reset, read time-out, unreadable answer: later for reads, unknown for writes
    EXPIRED = "expired"  # the token is no longer valid, even after one refresh: alert, later
    FORBIDDEN = "forbidden"  # rights or scope are missing: a person must act
    NOT_FOUND = "not_found"  # the vendor holds no such thing
    DUPLICATE = "duplicate"  # the vendor already holds it: adopt
    CONFLICT = "conflict"  # changed meanwhile or precondition failed: read again
    INVALID = "invalid"  # the vendor refuses the content: a person must act
    CONFIGURATION = "configuration"  # wrong endpoint, version, channel, tenant: a person must act
    UNSUPPORTED_QUERY = "unsupported_query"  # this list cannot be answered; use the fallback


@dataclass
class VendorFault(Exception):
    """A call that did not end well. `message` is one line without secrets or personal data."""

    vendor: str
    kind: FaultKind
    message: str
    executed: Executed = Executed.NO
    status: int | None = None
    code: str = ""
    retry_at: datetime | None = None
    alarm: bool = False

    @property
    def trouble(self) -> str:
        """The vendor's name where the fault is the vendor's own, so that asking again may help or never will."""
        return self.vendor if self.kind is FaultKind.UNAVAILABLE else ""

    def __str__(self) -> str:
        status = f" (HTTP {self.status})" if self.status is not None else ""
        return f"{self.vendor}: {self.message}{status}"


@dataclass
class ConfigurationFault(Exception):
    """A connection cannot work as configured. `message` says what to do, naming the key."""

    connection: str
    message: str
    waits_for: tuple[str, str] | None = None  # kind and value of the missing thing; work goes on when it is there

    def __str__(self) -> str:
        return f"connection {self.connection}: {self.message}"
