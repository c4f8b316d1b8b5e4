"""How long to wait: exponential, full jitter, the vendor's hint first, capped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

FIRST = timedelta(seconds=2)
CAP = timedelta(minutes=15)


def wait_until(
    now: datetime,
    attempt: int,
    random: Callable[[], float],
    hint: datetime | None = None,
    first: timedelta = FIRST,
    cap: timedelta = CAP,
) -> datetime:
    """When to try again after `attempt` failures (0 = first). A hint is never undercut and gets up to 2 s of spread."""
    if hint is not None and hint > now:
        return hint + timedelta(seconds=2 * random())
    ceiling = min(cap, first * (2 ** min(attempt, 20)))
    return now + timedelta(seconds=max(1.0, ceiling.total_seconds() * random()))
