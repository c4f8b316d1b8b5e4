"""The append-only trail: one line per thing that happened to a record, chained by hashes.

A line's hash covers the line and the hash before it, so a changed, removed or inserted line breaks the chain from
there on. The chain's head stands in the record itself; both are written in one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.instants import Clock, day_text, instant_text
from connector.ports import Absent, Item, Put, Tables, pages
from connector.record import Record, from_json, to_json


@dataclass(frozen=True)
class AuditLine:
    """One line. `text` is a plain sentence for a person; `data` holds the facts behind it.

    placed: whether the attributes by which it is found (day, connection) say what the line says; no hash covers them.
    """

    record: str
    sequence: int
    at: str
    text: str
    data: Mapping[str, Any]
    previous: str
    hash: str
    placed: bool = True


def line_hash(record: str, sequence: int, at: str, text: str, data: Mapping[str, Any], previous: str) -> str:
    """SHA-256 over everything that the line says and the hash before it."""
    content = to_json([record, sequence, at, text, data, previous])
    return hashlib.sha256(content.encode()).hexdigest()


def next_line(record: Record, clock: Clock, text: str, data: Mapping[str, Any]) -> AuditLine:
    """The line that follows the record's present head."""
    at, sequence = instant_text(clock()), record.audit_sequence + 1
    facts = {"correlation": record.correlation, "cause": record.cause, **data}
    digest = line_hash(record.id, sequence, at, text, facts, record.audit_hash)
    return AuditLine(record.id, sequence, at, text, facts, record.audit_hash, digest)


def line_put(line: AuditLine, connection: str, clock: Clock) -> Put:
    """The write of a line; refused when that place of the chain is taken."""
    item: Item = {
        "pk": line.record,
        "sk": f"{line.sequence:08d}",
        "connection": connection,
        "day": day_text(clock()),
        "at": f"{line.at}#{line.record}#{line.sequence:08d}",
        "text": line.text,
        "data": to_json(line.data),
        "previous": line.previous,
        "hash": line.hash,
    }
    return Put("audit", item, Absent())


def line_from_item(item: Item) -> AuditLine:
    """Reads a stored line."""
    record, at = str(item["pk"]), str(item["at"]).split("#", 1)[0]
    placed = (
        str(item["day"]) == at[:10]
        and str(item["at"]) == f"{at}#{record}#{item['sk']}"
        and str(item["connection"]) in ("", record.partition("/")[0])
    )
    return AuditLine(
        record,
        int(item["sk"]),
        at,
        str(item["text"]),
        from_json(str(item["data"])),
        str(item["previous"]),
        str(item["hash"]),
        placed,
    )


def trail(tables: Tables, record: str) -> Iterator[AuditLine]:
    """Every line of a record, oldest first."""
    for item in pages(lambda start: tables.query("audit", record, start=start)):
        yield line_from_item(item)


def broken_at(lines: Iterator[AuditLine] | list[AuditLine], head: str | None = None) -> int | None:
    """The first sequence number at which the chain is broken, or None. `head`: the hash that the record states."""
    previous, expected = "", 1
    for line in lines:
        digest = line_hash(line.record, line.sequence, line.at, line.text, line.data, line.previous)
        if line.sequence != expected or line.previous != previous or line.hash != digest or not line.placed:
            return expected
        previous, expected = line.hash, expected + 1
    return expected if head is not None and head != previous else None


def proven_trail(tables: Tables, record: str, head: Callable[[], str]) -> tuple[list[AuditLine], int | None]:
    """A trail with the first line that is not what was written, None when the chain is whole.

    `head` reads the hash that closes the chain. It and the lines are read one after the other, so a line may be
    written in between: what looks broken counts only while the head stays the same.
    """
    stated = head()
    while True:
        lines = list(trail(tables, record))
        broken = broken_at(lines, stated)
        newer = head() if broken is not None else stated
        if newer == stated:
            return lines, broken
        stated = newer
