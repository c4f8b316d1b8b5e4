"""Applying a connection file: store it, and let go on what waited for what is new in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cli.operations.documents import Change, changes, plain_document, stored_document
from cli.operations.pausing import wake_rested
from cli.pairs import connection_named, pair_named
from connector.connection import ConnectionDocument, apply_document, load_connection
from connector.cursor import hasten
from connector.journal import note
from connector.message import enqueue
from connector.neighbours import check_neighbours
from connector.outcome import Missing
from connector.record import Status
from connector.records import RecordStore
from connector.review import resume
from connector.services import Services
from connector.sweep import by_status, exists

NOTED = 50
"""Changed keys that the journal names. Their values stand in the file, and in its history if it has one."""


@dataclass(frozen=True)
class ApplyReport:
    """What an apply did. `resumed`: records per key that they waited for; `revision` is 0 for a dry run."""

    connection: str
    pair: str
    created: bool
    revision: int
    changes: tuple[Change, ...]
    resumed: tuple[tuple[Missing, int], ...] = ()
    freed: int = 0
    woken: int = 0

    @property
    def records(self) -> int:
        """How many records go on."""
        return sum(count for _, count in self.resumed) + self.freed + self.woken


def compare(services: Services, document: ConnectionDocument) -> ApplyReport:
    """What applying the document would change. Raises ConfigurationFault where another connection is in its way."""
    check_neighbours(services.tables, document)
    name = document.connection
    stored = stored_document(services, name, pair_named(document.pair).document)
    found = changes(stored or {}, plain_document(document))
    created = services.tables.get("connections", name, "document") is None
    return ApplyReport(name, document.pair, created, 0, tuple(found))


def apply(services: Services, document: ConnectionDocument, who: str, correlation: str) -> ApplyReport:
    """Stores the document and resumes what was held for what appeared. Raises ConfigurationFault."""
    before = compare(services, document)
    applied = apply_document(services.tables, document, services.clock(), who)
    changed = ", ".join(change.path for change in before.changes[:NOTED]) or "nothing"
    facts = {"connection": document.connection, "revision": applied.revision, "changed": changed}
    note(services, who, f"applies connection {document.connection}, revision {applied.revision}", facts)
    store = RecordStore(services)
    counted = [
        (missing, resume(services, store, document.connection, missing, correlation)) for missing in applied.appeared
    ]
    return ApplyReport(
        document.connection, document.pair, applied.created, applied.revision, before.changes,
        tuple((missing, count) for missing, count in counted if count),
        free_held(services, document.connection, document.pair, correlation),
        _woken(services, document, before.changes, correlation),
    )


def _woken(services: Services, document: ConnectionDocument, found: Sequence[Change], correlation: str) -> int:
    """Records that rested in quiet hours which this document no longer has; looked for only where those changed."""
    pair = pair_named(document.pair)
    connection = load_connection(services.tables, document.connection, pair.document)
    if connection is None or not any("quiet_hours" in change.path for change in found):
        return 0
    return wake_rested(services, pair, connection, correlation)


def free_held(services: Services, name: str, pair_name: str, correlation: str) -> int:
    """Resumes held records whose missing keys all exist by another name (a table's "*" entry); answers how many.

    The sweeper would do the same within the hour.
    """
    pair = pair_named(pair_name)
    connection = load_connection(services.tables, name, pair.document)
    if connection is None:
        return 0
    held = [record for record in by_status(services, name, Status.HELD) if record.missing]
    # Thousands of records may wait for one key: it is looked up once.
    keys = {missing for record in held for missing in record.missing}
    there = {missing for missing in keys if exists(pair, services, connection, missing)}
    store, text = RecordStore(services), "Everything it waited for exists now; it continues."
    free = [
        store.touch(record, "resume", correlation, text) for record in held if there.issuperset(record.missing)
    ]
    enqueue(services, free)
    return len(free)


def continue_for_secret(services: Services, connection: str, secret: str, correlation: str) -> int:
    """Resumes what was held because this secret was absent or wrong; answers how many. Polls that failed run again."""
    pair, _ = connection_named(services, connection)
    hasten(services.tables, services.clock, connection, [flow.name for flow in pair.flows if flow.poll])
    store = RecordStore(services)
    stopped = [
        record
        for record in by_status(services, connection, Status.HELD)
        if any(found.kind == "secret" and found.value.startswith(f"{connection}/{secret}@") for found in record.missing)
    ]
    text = f"The secret {connection}/{secret} was set; it continues."
    enqueue(services, [store.touch(record, "resume", correlation, text) for record in stopped])
    return len(stopped)
