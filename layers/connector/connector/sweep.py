"""The sweeper: nothing stays behind because a message was lost or a race was not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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

READABLE = Missing("connection", "readable")
"""What records wait for whose connection was stored by another version and cannot be read by this one."""

SWITCHED_OFF = "flow"
"""The kind of what records of a switched-off flow wait for; its value is the flow's name."""

CHUNK = 100
LONGEST_DOUBLING = 5
"""A record that stays behind is swept after 10 minutes, 20, 40, ... at last every 5 hours."""


def sweep(pair: Pair[Any], services: Services, connection: Connection) -> int:
    """Enqueues overdue records and resumes held ones whose missing keys exist by now; answers how many."""
    store = RecordStore(services)
    late = instant_text(services.clock() - GRACE)
    swept = held = 0
    for status in (Status.QUEUED, Status.WAITING, Status.UNKNOWN):
        for records in parts_by_status(services, connection.name, status, late):
            enqueue(services, [_swept(services, store, record) for record in records], salt="sweep")
            swept += len(records)
    known: dict[Missing, bool] = {}
    for records in parts_by_status(services, connection.name, Status.HELD):
        held += len(records)
        free = [record for record in records if _free(pair, services, connection, record, known)]
        text = "Everything it waited for exists now; it continues."
        enqueue(services, [store.touch(record, "resume", record.correlation, text) for record in free])
        swept += len(free)
    services.log.metric("HeldRecords", held)
    if swept:
        services.log.warning("swept", count=swept)
    return swept


def _swept(services: Services, store: RecordStore, record: Record) -> Record:
    """The overdue record with its next due time.

    The time between two sweeps of one record doubles: a long backlog (every record has its message, only far back in
    the queue) and a record that crashes each time would otherwise get new messages every few minutes.
    """
    rest = GRACE * (2 ** min(record.waits, LONGEST_DOUBLING) - 1)
    due = instant_text(services.clock() + rest)

    def moved(current: Record) -> Record:
        if current.due_at != record.due_at or current.status is not record.status:
            return current
        return replace(current, due_at=due, waits=current.waits + 1)

    return store.change(record, moved)


def _free(
    pair: Pair[Any], services: Services, connection: Connection, record: Record, known: dict[Missing, bool]
) -> bool:
    """Whether what it waited for exists by now. Thousands of records may wait for one key: it is looked up once."""
    for missing in record.missing:
        if missing not in known:
            known[missing] = exists(pair, services, connection, missing)
        if not known[missing]:
            return False
    return bool(record.missing)


def exists(pair: Pair[Any], services: Services, connection: Connection, missing: Missing) -> bool:
    """Whether something that a record waits for exists by now."""
    if missing == READABLE:
        return True  # whoever asks has just read it
    if missing.kind == SWITCHED_OFF:
        return connection.enabled(missing.value)
    if missing.kind == "secret":
        return _changed(services, missing.value)
    return connection.active if missing == PAUSED else pair.available(services, connection, missing)


def _changed(services: Services, value: str) -> bool:
    """Whether a secret that was wrong, `<name>@<version>`, has another version now: it is worth a try."""
    name, _, version = value.rpartition("@")
    secret = services.secrets.read(name)
    return secret is not None and secret.version != version


def by_status(services: Services, connection: str, status: Status, due_before: str | None = None) -> list[Record]:
    """The connection's records of a status, re-read so that an index that lags misleads nobody."""
    return [record for records in parts_by_status(services, connection, status, due_before) for record in records]


def parts_by_status(
    services: Services, connection: str, status: Status, due_before: str | None = None
) -> Iterator[list[Record]]:
    """The same in parts, because a record may hold a large body, and for who needs no more than the first."""
    key = f"{connection}#{status.value}"
    read = services.tables.query_index
    found = pages(lambda start: read("records", "by_status", key, below=due_before, start=start))
    identifiers = [str(item["pk"]) for item in found]
    for start in range(0, len(identifiers), CHUNK):
        keys = [(identifier, "record") for identifier in identifiers[start : start + CHUNK]]
        items = services.tables.get_many("records", keys)
        records = [record_from_item(items[key]) for key in keys if key in items]
        yield [
            record
            for record in records
            if record.status is status and (due_before is None or record.due_at <= due_before)
        ]
