"""What the vendors' fault tables have in common: the shape of a row, and the hint when to come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from connector.faults import FaultKind
from connector.transport import Reply

Answer = TypeVar("Answer")

LONGEST_HINT = timedelta(hours=1)
"""A longer wait is never taken from a header."""


@dataclass(frozen=True)
class Rule(Generic[Answer]):
    """One row: which refusals it is about, what they mean, what a person reads.

    `maybe`: a write may have been executed, whatever the status says. `pause`: how long to leave the vendor alone where
    it gives no hint. `code`: stands in the fault where the vendor names none.
    """

    when: Callable[[Answer], bool]
    kind: FaultKind
    text: str
    maybe: bool = False
    alarm: bool = False
    pause: timedelta | None = None
    code: str = ""


def retry_after(reply: Reply, now: datetime) -> datetime | None:
    """`Retry-After` in seconds as an instant; None where the answer has none that can be read."""
    stated = reply.headers.get("retry-after", "").strip()
    if stated.isascii() and stated.isdigit() and len(stated) < 7:
        return now + min(timedelta(seconds=int(stated)), LONGEST_HINT)
    return None
