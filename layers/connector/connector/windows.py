"""Arithmetic of a sliding call window that is kept as fixed buckets. Pure: numbers in, numbers out.

A vendor says "L calls in any 60 seconds". We count calls in buckets of W seconds. Any 60 s touch at most 60/W + 1
buckets, so `L // (60/W + 1)` calls a bucket never exceed L, whatever way they fall. The price is the last part of
the allowance (150 a minute become 126); what it buys is one atomic counter a bucket instead of a list of instants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

WINDOW_SECONDS = 60

SHARES: Mapping[str, int] = {"live": 100, "repair": 100, "nightly": 70, "bulk": 50}
"""How many percent of a bucket may be used up when a lane still takes from it. The rest is kept for lanes with more."""

PREFERRED = frozenset({"live", "repair"})
"""Lanes that go on while the vendor says that few calls are left."""

YIELDING = frozenset({"nightly"})
"""Lanes that only read, a lot of it, and in which nobody waits: they give the session back after every call."""


@dataclass(frozen=True)
class Buckets:
    """How one account's window is divided: `count` buckets of `seconds` each."""

    count: int

    @property
    def seconds(self) -> int:
        """Length of a bucket."""
        return WINDOW_SECONDS // self.count

    def index(self, moment: datetime) -> int:
        """The bucket that holds this instant."""
        return int(moment.timestamp()) // self.seconds

    def start(self, index: int) -> datetime:
        """When a bucket begins."""
        return datetime.fromtimestamp(index * self.seconds, UTC)

    def capacity(self, per_minute: int) -> int:
        """Calls a bucket may hold. At least one: an adaptive limit may sink below the number of buckets."""
        return max(1, per_minute // (self.count + 1))

    def ceiling(self, per_minute: int, lane: str, index: int) -> int:
        """How full the bucket may be after a call of this lane.

        A share that rounds to nothing gets every second bucket instead: such a lane still moves, and the others
        have a bucket of their own.
        """
        capacity = self.capacity(per_minute)
        share = capacity * SHARES[lane] // 100
        return share if share > 0 else index % 2


def buckets_for(per_minute: int) -> Buckets:
    """The finest division (10 s at best) in which a bucket still holds two calls, so that shares mean something."""
    for count in (6, 5, 4, 3, 2, 1):
        if per_minute // (count + 1) >= 2:
            return Buckets(count)
    return Buckets(1)


def chunk_size(capacity: int, wanted: int) -> int:
    """How many calls one worker takes at once: few writes to the table, but never most of a small bucket."""
    return max(1, min(wanted, capacity // 4))
