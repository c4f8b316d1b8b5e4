"""How long "on its way" explains a difference: a record that waits for days has stopped being on its way.

A vendor that declines every call, a worker that crashes each time, a message that comes back again and again: such a
record is queued or waiting for ever, and nothing else says so. Its age is that of the sighting that nobody has
finished, read from its trail; the sweeper moves the due time, so that says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connector.audit import trail
from connector.connection import Connection
from connector.instants import instant_text, parse_instant
from connector.reconcile import ON_ITS_WAY, Compared, Difference, Verdict, quoted
from connector.record import Record, Status
from connector.services import Services
from connector.sweep import by_status

OVERDUE = "overdue"
"""The kind of report rows that name records of any age, whatever the window."""

ENDINGS = frozenset({"Done", "Same", "Held", "Refused", "Skipped", "Closed"})
"""What a trail line says of the work, or of the person, that finished a sighting."""

PLANNED = 7
"""A wait that was stated on purpose and lies ahead (quiet hours, fee rows of an invoice) may be so much longer."""


FOR_EVER = timedelta(days=3650)
"""One long wait with a stated end (the connection begins next month) is no delay until that end."""


def overdue(services: Services, connection: Connection, records: Iterable[Record]) -> dict[str, str]:
    """Since when (instant text) those of the records are under way that are so for too long, by id."""
    found = {}
    for record in records:
        allowed = _allowed(services, connection, record)
        if _on_its_way(record) and _older(services, record.first_seen, allowed):
            since = pending_since(services, record)
            if _older(services, since, allowed):
                found[record.id] = since
    return found


def pending_since(services: Services, record: Record) -> str:
    """When the oldest sighting was heard that nobody has finished; a replay begins anew."""
    since = ""
    for line in trail(services.tables, record.id):
        if line.data.get("outcome") in ENDINGS:
            since = ""
        elif not since or ("outcome" not in line.data and line.data.get("cause") == "replay"):
            since = line.at
    return since or record.updated_at


def _on_its_way(record: Record) -> bool:
    return record.status in ON_ITS_WAY or record.seen > record.handled


def _allowed(services: Services, connection: Connection, record: Record) -> timedelta:
    usual = timedelta(hours=connection.document.overdue_hours)
    stated = record.status is Status.WAITING and record.waits == 0
    if not stated or record.due_at <= instant_text(services.clock()):
        return usual
    wait = parse_instant(record.due_at) - parse_instant(record.updated_at)
    return FOR_EVER if wait > usual else usual * PLANNED


def _older(services: Services, since: str, allowed: timedelta) -> bool:
    return parse_instant(since) + allowed < services.clock()


def why_overdue(record: Record, since: str) -> str:
    """The sentence of a report."""
    return f"overdue: under way since {since[:16]}Z and not finished ({record.why or 'a message is queued'})"


def compared_overdue(services: Services, connection: Connection, named: Iterable[str]) -> Compared:
    """Every record that is overdue and is not `named` in the report yet, as differences that nobody explains."""
    records = {
        record.id: record
        for status in (Status.QUEUED, Status.WAITING, Status.UNKNOWN)
        for record in by_status(services, connection.name, status)
    }
    told = set(named)
    late = overdue(services, connection, [record for key, record in records.items() if key not in told])
    differences = tuple(
        Difference(
            OVERDUE, key, f"{records[key].stream} {records[key].source_key}", Verdict.ONLY_LEFT,
            why_overdue(records[key], since), key, "", f"ml-connector records replay {quoted(key)}",
        )
        for key, since in sorted(late.items())
    )
    agreed = len(records) - len(differences)
    return Compared(
        OVERDUE, ("under way", "finished"), len(records), 0, agreed, differences,
        f"Records of any age that are under way for more than {connection.document.overdue_hours:g} hours.",
    )
