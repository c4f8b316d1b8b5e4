"""Where a reading of NetSuite's changes begins."""

from __future__ import annotations

from datetime import timedelta

from connector.pair import Polling
from netsuite_shipbob.clients import Accounts
from vendors.netsuite.client import Place
from vendors.netsuite.times import rewound, stamp_of, wall_offset

ONE_HOUR = timedelta(hours=1)


def place_of(polling: Polling[Accounts]) -> Place:
    """The stamp to read from: the newest one seen, looked back from; at first the connection's start.

    A stamp is NetSuite's own wall clock and never converted. Only for the very first one the clock is measured.
    """
    memory = polling.memory
    if "floor" not in memory:
        offset = wall_offset(polling.clients.netsuite.database_now(), polling.services.clock())
        # The start may lie on the other side of a change to or from daylight saving: rather an hour early than late.
        memory["floor"] = stamp_of(polling.connection.document.start - ONE_HOUR, offset)
    floor = str(memory["floor"])
    return Place(max(floor, rewound(str(memory["stamp"])))) if memory.get("stamp") else Place(floor)
