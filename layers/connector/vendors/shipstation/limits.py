"""What ShipStation says about the calls that are left (Requirements page, "API Rate Limits")."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from connector.instants import Clock
from connector.transport import Reply

WINDOW = timedelta(minutes=1)
_LONGEST = timedelta(minutes=10)
_SECONDS = re.compile(r"\d{1,6}(\.\d+)?", re.ASCII)


def remaining(clock: Clock) -> Callable[[Reply], tuple[int | None, datetime | None]]:
    """Reads V1's headers: calls left in the fixed window, and when the window ends (it is told in seconds)."""

    def read(reply: Reply) -> tuple[int | None, datetime | None]:
        left = reply.headers.get("x-rate-limit-remaining", "").strip()
        if not (left.isascii() and left.isdigit()):
            return None, None
        return int(left), _in_seconds(reply.headers.get("x-rate-limit-reset", ""), clock())

    return read


def retry_at(reply: Reply, now: datetime) -> datetime:
    """When a declined call may be tried again: V1's reset, V2's Retry-After, else a whole window later."""
    for name in ("x-rate-limit-reset", "retry-after"):
        at = _in_seconds(reply.headers.get(name, ""), now)
        if at is not None:
            return at
    return now + WINDOW


def _in_seconds(text: str, now: datetime) -> datetime | None:
    if not _SECONDS.fullmatch(text.strip()):
        return None
    return now + min(timedelta(seconds=float(text)), _LONGEST)
