"""The part of an account's last calls that failed: said only when there are enough of them to say something.

One failed call of one is a hundred percent. Counting needs no table: a process that calls often enough knows its own
last twenty, and one that does not has nothing to tell. They are kept apart by account, because a vendor that is down
is asked less and less and would disappear among the calls to the other one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.services import Services

ENOUGH = 20
"""Calls that are looked at, and the fewest that say something."""

REACH = timedelta(minutes=40)
"""Older calls do not count. Shorter than the three quarters of an hour after which the alarm rings, so that one bad
moment has passed by then."""


@dataclass
class RecentCalls:
    """The last calls of this process to one account: when, and whether it failed for the account or the vendor."""

    seen: deque[tuple[datetime, bool]] = field(default_factory=lambda: deque(maxlen=ENOUGH))

    def failing(self, now: datetime, failed: bool) -> float | None:
        """Notes a call; the percentage of failed ones among the last ones, None while there are too few."""
        self.seen.append((now, failed))
        recent = [failed for moment, failed in self.seen if moment > now - REACH]
        return 100 * sum(recent) / ENOUGH if len(recent) >= ENOUGH else None


def recent_calls(services: Services, account: str) -> RecentCalls:
    """This process's own of an account."""
    found: RecentCalls = services.memory.setdefault(("recent calls", account), RecentCalls())
    return found
