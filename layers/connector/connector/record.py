"""A record: one business fact seen at a source, and where it stands.

Its identity `(connection, stream, source key)` comes from the fact, never from the delivery. `seen` counts how often
something new was heard of it, `handled` the count that the last finished work had read: work is due while they differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from connector.outcome import Missing
from connector.ports import Item

SCHEMA = 1
"""The shape of stored records; `record_from_item` reads this one and every older one."""

LONGEST_ID = 1024
"""Bytes of a record id: it is a sort key of three indexes."""


class Status(StrEnum):
    """Where a record stands."""

    QUEUED = "queued"  # a message is on its way
    WAITING = "waiting"  # parked until due_at
    HELD = "held"  # waits for a missing key or a person
    REFUSED = "refused"  # a clear no; replay after a fix
    UNKNOWN = "unknown"  # a write may or may not have happened; asked again at due_at
    DONE = "done"
    CLOSED = "closed"  # a person decided that nothing more shall happen


OPEN = frozenset({Status.QUEUED, Status.WAITING, Status.HELD, Status.REFUSED, Status.UNKNOWN})
"""The states that are indexed by status: everything somebody may have to look at."""


@dataclass(frozen=True)
class Record:
    """One record. Times are canonical instant texts. `body` is what the source showed at `body_at`, if kept."""

    connection: str
    pair: str
    stream: str
    source_key: str
    status: Status
    revision: str
    seen: int
    handled: int
    cause: str
    correlation: str
    lane: str
    due_at: str
    first_seen: str
    updated_at: str
    version: int = 0
    audit_sequence: int = 0
    audit_hash: str = ""
    body: Mapping[str, Any] | None = None
    body_at: str = ""
    links: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()
    waits: int = 0  # parks in a row, for backoff

    @property
    def id(self) -> str:
        """`connection/stream/source key`."""
        return record_id(self.connection, self.stream, self.source_key)


def record_id(connection: str, stream: str, source_key: str) -> str:
    """The record's primary key."""
    return f"{connection}/{stream}/{source_key}"


def check_record_id(identifier: str) -> None:
    """Raises ValueError for an id that no table takes: too long, or with half a surrogate pair in it."""
    if len(identifier.encode()) > LONGEST_ID:
        raise ValueError(f"a record id has {len(identifier.encode())} bytes; at most {LONGEST_ID} fit into the tables")


def split_record_id(identifier: str) -> tuple[str, str, str]:
    """Connection, stream and source key of an id. Raises ValueError."""
    parts = identifier.split("/", 2)
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{identifier!r} is not a record id (connection/stream/source key)")
    return parts[0], parts[1], parts[2]


def short_hash(*parts: str) -> str:
    """64 hex characters that identify these texts; fits message group and deduplication ids."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def record_item(record: Record) -> Item:
    """The record as a table item. Only open records carry the status index."""
    data = {
        "cause": record.cause,
        "body": record.body,
        "body_at": record.body_at,
        "links": record.links,
        "why": record.why,
        "missing": [[missing.kind, missing.value] for missing in record.missing],
        "notes": list(record.notes),
        "waits": record.waits,
        "audit_hash": record.audit_hash,
        "first_seen": record.first_seen,
        "lane": record.lane,
    }
    item: Item = {
        "pk": record.id,
        "sk": "record",
        "schema": SCHEMA,
        "connection": record.connection,
        "pair": record.pair,
        "stream": record.stream,
        "source_key": record.source_key,
        "status": record.status.value,
        "revision": record.revision,
        "seen": record.seen,
        "handled": record.handled,
        "correlation": record.correlation,
        "updated_at": record.updated_at,
        "version": record.version,
        "audit_sequence": record.audit_sequence,
        "due_at": record.due_at,
        "data": to_json(data),
    }
    if record.status in OPEN:
        item["status_key"] = f"{record.connection}#{record.status.value}"
    return item


def record_from_item(item: Item) -> Record:
    """Reads a stored record of this or an older schema. Raises ValueError for a newer one."""
    if int(item.get("schema", 1)) > SCHEMA:
        raise ValueError(f"record {item['pk']} was written by a newer version; deploy that version again")
    data = from_json(str(item["data"]))
    return Record(
        connection=str(item["connection"]),
        pair=str(item["pair"]),
        stream=str(item["stream"]),
        source_key=str(item["source_key"]),
        status=Status(str(item["status"])),
        revision=str(item["revision"]),
        seen=int(item["seen"]),
        handled=int(item["handled"]),
        cause=data["cause"],
        correlation=str(item["correlation"]),
        lane=data["lane"],
        due_at=str(item["due_at"]),
        first_seen=data["first_seen"],
        updated_at=str(item["updated_at"]),
        version=int(item["version"]),
        audit_sequence=int(item["audit_sequence"]),
        audit_hash=data["audit_hash"],
        body=data["body"],
        body_at=data["body_at"],
        links=data["links"],
        why=data["why"],
        missing=tuple(Missing(kind, value) for kind, value in data["missing"]),
        notes=tuple(data["notes"]),
        waits=data["waits"],
    )


def to_json(value: Any) -> str:
    """Stable JSON text: sorted keys, Decimals as exact numbers marked so that they come back as Decimals."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_decimal_out)


def from_json(text: str) -> Any:
    """The inverse of `to_json`."""
    return json.loads(text, object_hook=_decimal_in)


def _decimal_out(value: Any) -> Any:
    from decimal import Decimal

    if isinstance(value, Decimal):
        return {"$decimal": format(value, "f")}
    raise TypeError(f"{type(value).__name__} cannot be stored; the mapping must turn it into text or a number")


def _decimal_in(found: dict[str, Any]) -> Any:
    if len(found) == 1 and "$decimal" in found:
        from decimal import Decimal

        return Decimal(found["$decimal"])
    return found
