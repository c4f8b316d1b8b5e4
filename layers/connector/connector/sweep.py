"""The sweeper: nothing stays behind because a message was lost or a race was not seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connector.connection import Connection
from connector.instants import instant_text
from connector.message import enqueue
from connector.outcome import Missing
from connector.pair import Pair
from connector.ports import pages
from connector.record import Record, Status, record_from_item
from connector.records import RecordStore
from connector.services import Services

SWEEP = "sweep"

GRACE = timedelta(minutes=10)
"""How long a due record may have been waiting for its message before it gets a new one."""

PAUSED = Missing("connection", "active")
"""What records of a paused connection wait for."""


def sweep(pair: Pair[Any], services: Services, connection: Connection) -> int:
    """Enqueues overdue records and resumes held ones whose missing keys exist by now; answers how many."""
    store = RecordStore(services)
    late = instant_text(services.clock() - GRACE)
    overdue = [
        record
        for status in (Status.QUEUED, Status.WAITING, Status.UNKNOWN)
        for record in by_status(services, connection.name, status, late)
    ]
    enqueue(services, overdue, salt=f"sweep {instant_text(services.clock())}")
    held = by_status(services, connection.name, Status.HELD)
    services.log.metric("HeldRecords", len(held))
    free = [
        record
        for record in held
        if record.missing and all(exists(pair, services, connection, key) for key in record.missing)
    ]
    resumed = [
        store.touch(record, "resume", record.correlation, "Everything it waited for exists now; it continues.")
        for record in free
    ]
    enqueue(services, resumed)
    if overdue or resumed:
        services.log.warning("swept", count=len(overdue) + len(resumed))
    return len(overdue) + len(resumed)


def exists(pair: Pair[Any], services: Services, connection: Connection, missing: Missing) -> bool:
    """Whether something that a record waits for exists by now."""
    return connection.active if missing == PAUSED else pair.available(services, connection, missing)


def by_status(services: Services, connection: str, status: Status, due_before: str | None = None) -> list[Record]:
    """The connection's records of a status, re-read so that an index that lags misleads nobody."""
    key = f"{connection}#{status.value}"
    read = services.tables.query_index
    found = pages(lambda start: read("records", "by_status", key, below=due_before, start=start))
    identifiers = [str(item["pk"]) for item in found]
    items = services.tables.get_many("records", [(identifier, "record") for identifier in identifiers])
    records = [record_from_item(item) for item in items.values()]
    return [
        record for record in records if record.status is status and (due_before is None or record.due_at <= due_before)
    ]
