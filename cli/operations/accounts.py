"""The opened accounts of a connection, for one command; waits a little where another worker is in the way."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from connector.connection import Connection
from connector.faults import FaultKind, VendorFault
from connector.pair import Pair
from connector.services import Services

T = TypeVar("T")

LONGEST_WAIT = timedelta(seconds=90)
"""Longer than a usual piece of work holds the only session of an ERP."""

LANE = "repair"


@dataclass(frozen=True)
class Patience:
    """Repeats a call that our own budget or session slot held back; nothing was sent then.

    longest: how long one call may wait. kinds: also THROTTLED for long readings, of which the vendor declines a part.
    """

    services: Services
    sleep: Callable[[float], object]
    longest: timedelta = LONGEST_WAIT
    kinds: frozenset[FaultKind] = frozenset({FaultKind.BUDGET})

    def __call__(self, call: Callable[[], T]) -> T:
        """The call's answer. Raises VendorFault."""
        until = self.services.clock() + self.longest
        while True:
            try:
                return call()
            except VendorFault as fault:
                now = self.services.clock()
                again = fault.retry_at or now + timedelta(seconds=2)
                if fault.kind not in self.kinds or again > until:
                    raise
                self.sleep(max(0.5, (again - now).total_seconds()))


def for_long_reading(services: Services, sleep: Callable[[float], object]) -> Patience:
    """The patience of what reads a lot, in a low lane: it waits out a closed account, up to a quarter of an hour."""
    return Patience(services, sleep, timedelta(minutes=15), frozenset({FaultKind.BUDGET, FaultKind.THROTTLED}))


@contextmanager
def opened(
    pair: Pair[Any], services: Services, connection: Connection, purpose: str, lane: str = LANE
) -> Iterator[Any]:
    """The accounts of a connection; session slots are given back at the end."""
    accounts = pair.open(services, connection, lane, f"cli/{purpose}/{secrets.token_hex(4)}")
    try:
        yield accounts
    finally:
        accounts.close()
