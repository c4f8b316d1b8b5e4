"""What has arrived of a sender lately, and what waits in quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from connector.ports import Item, pages
from connector.services import Services

LOOKED_AT = 2000
"""Events that are looked at: they are kept for two weeks, and a busy sender has more than anybody wants to wait for."""


@dataclass(frozen=True)
class Arrivals:
    """`events` counts at most LOOKED_AT (then `cut` is True and `last` is the newest of those)."""

    sender: str
    events: int
    cut: bool
    last: str
    topics: dict[str, int]
    quarantined: int


def arrivals(services: Services, connection: str, sender: str) -> Arrivals:
    """Reads the events table only; no vendor is asked."""
    found = list(islice(_items(services, f"{connection}/{sender}"), LOOKED_AT + 1))
    seen = found[:LOOKED_AT]
    return Arrivals(
        sender,
        len(seen),
        len(found) > LOOKED_AT,
        max((str(item["received_at"]) for item in seen), default=""),
        dict(Counter(str(item.get("topic", "")) for item in seen)),
        sum(1 for _ in _items(services, f"quarantine/{connection}/{sender}")),
    )


def _items(services: Services, pk: str) -> Iterator[Item]:
    return pages(lambda start: services.tables.query("events", pk, start=start))
