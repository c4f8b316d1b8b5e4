"""How long to wait: exponential, full jitter, the vendor's hint first, capped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

FIRST = timedelta(seconds=2)
CAP = timedelta(minutes=15)
SPREAD = timedelta(seconds=2)
WIDEST = timedelta(minutes=2)


def wait_until(
    now: datetime,
    attempt: int,
    random: Callable[[], float],
    hint: datetime | None = None,
    first: timedelta = FIRST,
    cap: timedelta = CAP,
    spread: timedelta = SPREAD,
) -> datetime:
    """When to try again after `attempt` failures (0 = first). A hint is never undercut and gets up to `spread` more."""
    if hint is not None and hint > now:
        return hint + spread * random()
    ceiling = min(cap, first * (2 ** min(attempt, 20)))
    return now + timedelta(seconds=max(1.0, ceiling.total_seconds() * random()))


def queue_spread(waits: int) -> timedelta:
    """How far to spread those who wait for the same hint: 2 s, doubling with each wait, at most two minutes.

    When hundreds wait for a window that lets twenty through, all coming back at its start would cost tries that grow
    with the square of their number.
    """
    return min(WIDEST, SPREAD * (1 << min(waits, 10)))
