"""The small writes that go along with a change of a record: what it waits for, and what people look it up by."""

from __future__ import annotations

from collections.abc import Iterable

from connector.outcome import Missing
from connector.ports import Delete, Item, Put
from connector.record import Record

Write = Put | Delete

ROOM = 90
"""Writes of one transaction besides the record and its audit line; DynamoDB takes 100 in all."""


def wait_writes(before: Record, after: Record) -> list[Write]:
    """The writes that make the index of missing keys follow the record."""
    gone = [missing for missing in before.missing if missing not in after.missing]
    return [
        *(wait_put(after.id, missing, after.connection) for missing in after.missing),
        *(wait_delete(after.id, missing, after.connection) for missing in gone),
    ]


def parts(writes: Iterable[Write]) -> tuple[list[Put], list[Write], list[Delete]]:
    """Before, within and after the transaction. Conditions stay within; what is named twice is written once."""
    once = list({_target(write): write for write in writes}.values())
    # Conditional writes first: they must be inside.
    once.sort(key=lambda write: write.condition is None)
    rest = once[ROOM:]
    early = [write for write in rest if isinstance(write, Put)]
    late = [write for write in rest if isinstance(write, Delete)]
    return early, once[:ROOM], late


def _target(write: Write) -> tuple[str, str, str]:
    """The item that a write touches."""
    if isinstance(write, Put):
        return write.table, str(write.item["pk"]), str(write.item["sk"])
    return write.table, write.pk, write.sk


def reference_put(identifier: str, kind: str, value: str) -> Put:
    """The write that lets a person find the record by a business reference."""
    item: Item = {"pk": identifier, "sk": f"ref#{kind}={value}", "reference": value, "kind": kind}
    return Put("records", item)


def wait_put(identifier: str, missing: Missing, connection: str) -> Put:
    """The write that makes the record found when the missing key appears."""
    key = missing.key(connection)
    return Put("records", {"pk": identifier, "sk": f"wait#{key}", "missing": key})


def wait_delete(identifier: str, missing: Missing, connection: str) -> Delete:
    """The inverse of `wait_put`."""
    return Delete("records", identifier, f"wait#{missing.key(connection)}")
