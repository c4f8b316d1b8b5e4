"""What changed in NetSuite since the last reading, where that begins, and what is too old to be moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from connector.pair import Polling, Work
from netsuite_shipbob.clients import Accounts
from vendors.netsuite.client import Place
from vendors.netsuite.shapes import Order
from vendors.netsuite.times import rewound, stamp_of, wall_offset

ONE_HOUR = timedelta(hours=1)
NOTABLE = 5
"""Minutes by which a session's clock may differ from what was measured before; a zone is at least half an hour."""

ASKED_FOR = frozenset({"replay", "backfill"})
"""Causes that are a person's word: what they name is moved, however old it is."""


def since_of(polling: Polling[Accounts]) -> datetime:
    """The begin of a poll's window, never before the connection's start unless a person asks for the past."""
    since, start = polling.window.since, polling.connection.document.start
    return since if polling.origin.cause in ASKED_FOR else max(since, start)


def too_old(work: Work[Accounts], moment: datetime | None) -> bool:
    """Whether something lies before the connection's start, and nobody has asked for it."""
    start = work.connection.document.start
    return moment is not None and moment < start and work.record.cause not in ASKED_FOR


def changes(polling: Polling[Accounts], kind: str, letters: Sequence[str]) -> Iterator[tuple[Order, ...]]:
    """Pages of orders that changed since the last reading, with their lines; the new place stands in the memory.

    Where the session's clock was set back meanwhile (another time zone in the user's preferences), what changed since
    has stamps older than the place: then it is read once more, from as much earlier.
    """
    memory, netsuite = polling.memory, polling.clients.netsuite
    measured = "floor" not in memory
    for _ in range(2):
        clock = ""
        for orders, place in netsuite.changed(kind, letters, place_of(polling)):
            memory["stamp"] = max(str(memory.get("stamp", "")), place.stamp)
            clock = place.clock
            yield orders
        if measured and not clock:
            return  # the clock was looked at a moment ago, for the very first place
        if not _set_back(polling, clock or netsuite.database_now()):
            return


def _set_back(polling: Polling[Accounts], clock: str) -> bool:
    """Whether the session's clock runs later than at the last reading; moves the place back by as much."""
    memory = polling.memory
    offset = round(wall_offset(clock, polling.services.clock()).total_seconds() / 60)
    before = int(memory.get("offset", offset))
    memory["offset"] = offset
    if offset >= before - NOTABLE:
        return False
    for name in ("floor", "stamp"):
        if memory.get(name):
            memory[name] = rewound(str(memory[name]), timedelta(minutes=before - offset))
    return True


def place_of(polling: Polling[Accounts]) -> Place:
    """The stamp to read from: the newest one seen, looked back from; at first the begin of the window.

    A stamp is NetSuite's own wall clock and never converted. Only for the very first one the clock is measured.
    """
    memory = polling.memory
    if "floor" not in memory:
        offset = wall_offset(polling.clients.netsuite.database_now(), polling.services.clock())
        # The begin may lie on the other side of a change to or from daylight saving: rather an hour early than late.
        memory["floor"] = stamp_of(polling.window.since - ONE_HOUR, offset)
        memory.setdefault("offset", round(offset.total_seconds() / 60))
    floor = str(memory["floor"])
    return Place(max(floor, rewound(str(memory["stamp"])))) if memory.get("stamp") else Place(floor)
