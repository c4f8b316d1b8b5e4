"""The store of records: every change of state and its audit line in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from connector.audit import line_put, next_line
from connector.instants import instant_text
from connector.outcome import Missing
from connector.ports import Absent, Equals, Put, pages
from connector.record import Record, Status, record_from_item, record_id, record_item
from connector.services import Services
from connector.silence import ANY
from connector.told import new_topics, told_facts, told_links
from connector.writes import Write, parts, reference_put, wait_writes

Change = Callable[[Record], Record]

ATTEMPTS = 8

RESEND = timedelta(minutes=8)
"""A poll that died is repeated when its lease of six minutes is over, so within this time."""


class Overtaken(Exception):
    """Somebody else kept changing the record; the message is delivered again."""


class Closed(Exception):
    """A person has closed the record meanwhile: only a person makes it due again."""


@dataclass(frozen=True)
class Seen:
    """What a poll or a webhook heard of one record.

    `revision` is the source's own change stamp (or a content hash); None means "look again", as from a webhook.
    `references` are business names under which a person may look for it: ("order", "SO005432").
    `facts` are kept in the record's links, e.g. the time at which the other side was checked for duplicates.
    `topics` name the webhooks that tell of what is seen (of a webhook: its own). Those that are new for the record
    stand in its trail, and tell how many webhooks never come.
    """

    source_key: str
    revision: str | None = None
    body: Mapping[str, Any] | None = None
    references: tuple[tuple[str, str], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a sighting comes from."""

    connection: str
    pair: str
    stream: str
    cause: str
    correlation: str
    lane: str = "live"

    def record(self, row: Seen) -> str:
        """The id of the record that a row is about."""
        return record_id(self.connection, self.stream, row.source_key)


class RecordStore:
    """Reads and changes records. Holds no state of its own."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def load(self, identifier: str) -> Record | None:
        """The record, or None."""
        item = self._services.tables.get("records", identifier, "record")
        return record_from_item(item) if item is not None else None

    def load_many(self, identifiers: Sequence[str]) -> dict[str, Record]:
        """Those of the records that exist."""
        found = self._services.tables.get_many("records", [(identifier, "record") for identifier in identifiers])
        return {pk: record_from_item(item) for (pk, _), item in found.items()}

    def change(
        self,
        record: Record,
        change: Change,
        text: str = "",
        data: Mapping[str, Any] | None = None,
        writes: Callable[[Record], Iterable[Write]] = lambda record: (),
    ) -> Record:
        """Applies a change, with an audit line (where `text` is given) and further writes, all or nothing.

        When somebody changed the record meanwhile it is read again and the change applied to what is there now. The
        index of what it waits for follows its `missing`. Hundreds of references or waits do not fit into one
        transaction: the puts that are left over come before it and the deletions after it, so that a crash leaves
        too many of them and never too few.
        """
        current = record
        for _ in range(ATTEMPTS):
            changed = self._stamped(change(current), current)
            puts: list[Write] = []
            if text:
                line = next_line(changed, self._services.clock, text, data or {})
                changed = replace(changed, audit_sequence=line.sequence, audit_hash=line.hash)
                puts.append(line_put(line, changed.connection, self._services.clock))
            condition = Equals({"version": current.version}) if current.version else Absent()
            puts.insert(0, Put("records", record_item(changed), condition))
            early, within, late = parts([*wait_writes(current, changed), *writes(changed)])
            for put in early:
                self._services.tables.put(put.table, put.item)
            if self._services.tables.transact([*puts, *within]):
                for gone in late:
                    self._services.tables.delete(gone.table, gone.pk, gone.sk)
                return changed
            current = self.load(record.id) or replace(record, version=0)
        raise Overtaken(f"record {record.id} could not be saved after {ATTEMPTS} attempts")

    def _stamped(self, changed: Record, before: Record) -> Record:
        return replace(changed, version=before.version + 1, updated_at=instant_text(self._services.clock()))

    def unchanged(self, origin: Origin, rows: Sequence[Seen]) -> set[str]:
        """Source keys whose revision is the one already recorded and already on its way or handled.

        A list that changed while it was read may show a row twice: one new revision is enough to be news.
        """
        known = self.load_many([origin.record(row) for row in rows])
        news = {row.source_key for row in rows if not self._old(row, known.get(origin.record(row)))}
        return {row.source_key for row in rows} - news

    def _old(self, row: Seen, present: Record | None) -> bool:
        """Whether a row says nothing new about a record that has had its message."""
        same = present is not None and row.revision is not None and present.revision == row.revision
        return same and present is not None and not self._may_lack_message(present)

    def see(self, origin: Origin, rows: Sequence[Seen], fresh: set[str] | None = None) -> list[Record]:
        """Stores what was heard and answers the records that need a message now. `fresh` takes the topics of the news.

        A row whose revision is known is answered again only while it is freshly QUEUED: its message may have been
        lost with the process that stored it; the deduplication id makes the repetition harmless.
        """
        identifiers = [origin.record(row) for row in rows]
        known = self.load_many(identifiers)
        queued: list[Record] = []
        for identifier, row in zip(identifiers, rows, strict=True):
            present = known.get(identifier)
            if present is not None and row.revision is not None and present.revision == row.revision:
                if self._may_lack_message(present):
                    queued.append(present)
                continue
            if fresh is not None:
                links = present.links if present is not None else {}
                fresh.update(new_topics(links, row.topics) if row.topics else (ANY,))
            queued.append(self._hear(origin, row, present))
        return queued

    def _may_lack_message(self, record: Record) -> bool:
        """Whether the process that stored it may have died before it sent the message.

        Only for a while, then it is the sweeper's: with a long backlog every poll would send all of it once more.
        """
        return record.status is Status.QUEUED and record.due_at > instant_text(self._services.clock() - RESEND)

    def _hear(self, origin: Origin, row: Seen, present: Record | None) -> Record:
        now = instant_text(self._services.clock())
        start = present or Record(
            origin.connection,
            origin.pair,
            origin.stream,
            row.source_key,
            Status.QUEUED,
            "",
            0,
            0,
            origin.cause,
            origin.correlation,
            origin.lane,
            now,
            now,
            now,
        )

        def heard(record: Record) -> Record:
            closed = record.status is Status.CLOSED
            return replace(
                record,
                status=record.status if closed else Status.QUEUED,
                revision=row.revision if row.revision is not None else record.revision,
                seen=record.seen + 1,
                cause=_cause(record, origin.cause),
                correlation=origin.correlation,
                lane=origin.lane,
                due_at=now,
                body=row.body if row.body is not None else record.body,
                body_at=now if row.body is not None else record.body_at,
                links={**record.links, **row.facts, **told_links(record.links, row.topics)},
            )

        text = row.text or f"Heard of {origin.stream} {row.source_key} by {origin.cause}."
        return self.change(
            start,
            heard,
            text,
            {"revision": row.revision, "cause": origin.cause, **told_facts(start.links, row.topics)},
            lambda record: [reference_put(record.id, kind, value) for kind, value in row.references if value],
        )

    def touch(
        self,
        record: Record,
        cause: str,
        correlation: str,
        text: str,
        lane: str | None = None,
        links: Callable[[Record], Mapping[str, Any]] = lambda record: {},
    ) -> Record:
        """Makes a record due again (replay, resume, sweep); the caller enqueues it.

        `links` are kept on it in the same step, made from the record as it is before. What a person has closed
        meanwhile stays closed, except for a replay, which is a person's word too.
        """
        now = instant_text(self._services.clock())

        def due(current: Record) -> Record:
            if current.status is Status.CLOSED and cause != "replay":
                raise Closed
            return replace(
                current,
                status=Status.QUEUED,
                seen=current.seen + 1,
                cause=_cause(current, cause),
                correlation=correlation,
                due_at=now,
                lane=lane or current.lane,
                links={**current.links, **links(current)},
            )

        try:
            return self.change(record, due, text, {"cause": cause})
        except Closed:
            return self.load(record.id) or record

    def waiting_for(self, missing: Missing, connection: str) -> list[str]:
        """Ids of the records that wait for this key."""
        read = self._services.tables.query_index
        key = missing.key(connection)
        return [str(item["pk"]) for item in pages(lambda start: read("records", "by_missing", key, start=start))]

    def find(self, reference: str) -> list[str]:
        """Ids of the records that carry this business reference, in any connection."""
        read = self._services.tables.query_index
        found = pages(lambda start: read("records", "by_reference", reference, start=start))
        return sorted({str(item["pk"]) for item in found})


def _cause(record: Record, cause: str) -> str:
    """A replay that nobody has worked on yet stays one: a refused write is tried again because a person said so."""
    return record.cause if record.cause == "replay" and record.seen > record.handled else cause
