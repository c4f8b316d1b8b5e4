"""Where a reading begins, and what is too old to be moved."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.pair import Polling, Work
from netsuite_shipbob.clients import Accounts
from vendors.netsuite.client import Place
from vendors.netsuite.times import rewound, stamp_of, wall_offset

ONE_HOUR = timedelta(hours=1)

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


def place_of(polling: Polling[Accounts]) -> Place:
    """The stamp to read from: the newest one seen, looked back from; at first the begin of the window.

    A stamp is NetSuite's own wall clock and never converted. Only for the very first one the clock is measured.
    """
    memory = polling.memory
    if "floor" not in memory:
        offset = wall_offset(polling.clients.netsuite.database_now(), polling.services.clock())
        # The begin may lie on the other side of a change to or from daylight saving: rather an hour early than late.
        memory["floor"] = stamp_of(polling.window.since - ONE_HOUR, offset)
    floor = str(memory["floor"])
    return Place(max(floor, rewound(str(memory["stamp"])))) if memory.get("stamp") else Place(floor)
