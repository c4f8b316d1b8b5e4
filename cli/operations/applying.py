"""Applying a connection file: store it, and let go on what waited for what is new in it."""

from __future__ import annotations

from dataclasses import dataclass

from cli.operations.documents import Change, changes, plain_document, stored_document
from cli.pairs import pair_named
from connector.connection import ConnectionDocument, apply_document, load_connection
from connector.message import enqueue
from connector.outcome import Missing
from connector.record import Status
from connector.records import RecordStore
from connector.review import resume
from connector.services import Services
from connector.sweep import PAUSED, by_status, exists


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

    @property
    def records(self) -> int:
        """How many records go on."""
        return sum(count for _, count in self.resumed) + self.freed


def compare(services: Services, document: ConnectionDocument) -> ApplyReport:
    """What applying the document would change."""
    stored = stored_document(services, document.connection, pair_named(document.pair).document)
    found = changes(stored or {}, plain_document(document))
    return ApplyReport(document.connection, document.pair, stored is None, 0, tuple(found))


def apply(services: Services, document: ConnectionDocument, who: str, correlation: str) -> ApplyReport:
    """Stores the document and resumes what was held for what appeared. Raises ConfigurationFault."""
    before = compare(services, document)
    applied = apply_document(services.tables, document, services.clock(), who)
    store = RecordStore(services)
    counted = [
        (missing, resume(services, store, document.connection, missing, correlation)) for missing in applied.appeared
    ]
    return ApplyReport(
        document.connection, document.pair, applied.created, applied.revision, before.changes,
        tuple((missing, count) for missing, count in counted if count),
        free_held(services, document.connection, document.pair, correlation),
    )


def free_held(services: Services, name: str, pair_name: str, correlation: str) -> int:
    """Resumes held records whose missing keys all exist by another name (a table's "*" entry); answers how many.

    The sweeper would do the same within the hour.
    """
    pair = pair_named(pair_name)
    connection = load_connection(services.tables, name, pair.document)
    if connection is None:
        return 0
    store = RecordStore(services)
    free = [
        store.touch(record, "resume", correlation, "Everything it waited for exists now; it continues.")
        for record in by_status(services, name, Status.HELD)
        if record.missing and all(exists(pair, services, connection, missing) for missing in record.missing)
    ]
    enqueue(services, free)
    return len(free)


def continue_paused(services: Services, name: str, correlation: str) -> int:
    """Enqueues what was held while the connection was paused; answers how many."""
    return resume(services, RecordStore(services), name, PAUSED, correlation)
