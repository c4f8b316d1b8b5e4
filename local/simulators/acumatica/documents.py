"""Records and the store that holds them. Every change goes through the journal: it can be rolled back or hidden again.

Stored records are never changed in place: a write copies, works on the copy and commits it, so that a snapshot of a
record stays what it was.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from local.simulators.acumatica.contract import FORMS
from local.simulators.acumatica.wire import Instant, Value

ZERO = Decimal(0)
_MISSING = object()
JournalEntry = tuple[dict[Any, Any], Any, Any, Any]
"""A mapping, the key, and the value before and after."""


@dataclass
class StoredFile:
    """A file attached to a record or a detail row."""

    id: str
    name: str
    comment: str
    content: bytes


@dataclass
class CustomValue:
    """A user-defined field's value: `type` is such as CustomStringField."""

    type: str
    value: Any


@dataclass
class Record:
    """A document, a master record, a detail row or a linked entity; `entity` names its contract."""

    entity: str
    id: str
    values: dict[str, Value] = field(default_factory=dict)
    linked: dict[str, Record] = field(default_factory=dict)
    details: dict[str, list[Record]] = field(default_factory=dict)
    custom: dict[str, dict[str, CustomValue]] = field(default_factory=dict)
    note: str = ""
    files: list[StoredFile] = field(default_factory=list)
    archived: bool = False

    def text(self, name: str) -> str:
        """A string field, empty when it has no value."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> Decimal:
        """A number field, zero when it has no value."""
        value = self.values.get(name)
        if isinstance(value, Decimal):
            return value
        return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else ZERO

    def flag(self, name: str) -> bool:
        """A boolean field, false when it has no value."""
        return self.values.get(name) is True

    def day(self, name: str) -> date | None:
        """A business date or None."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def rows(self, collection: str) -> list[Record]:
        """The rows of a collection; the list can be appended to."""
        return self.details.setdefault(collection, [])

    def key(self) -> tuple[str, ...]:
        """The key values in the form's order."""
        return tuple(self.text(name) for name in FORMS[self.entity].keys)


@dataclass(frozen=True)
class Change:
    """One committed change; `before` is None for an insert, `after` for a deletion."""

    entity: str
    before: Record | None
    after: Record | None


def normal(*parts: str) -> tuple[str, ...]:
    """Keys compare without letter case and trailing blanks, as the database's collation does."""
    return tuple(part.rstrip().upper() for part in parts)


class Store:
    """All records by entity and id, quantities by item and warehouse, and number sequences.

    `shipments_of_order` and `owner_of_row` are indexes that may name too much (they are not rolled back): whoever
    reads them looks at the record itself.
    """

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Record]] = {name: {} for name in FORMS}
        self.keys: dict[tuple[str, ...], str] = {}
        self.on_hand: dict[tuple[str, ...], dict[str, Decimal]] = {}  # (item, warehouse) -> location -> base units
        self.reserved: dict[tuple[str, ...], Decimal] = {}  # (item, warehouse) -> base units on unposted shipments
        self.counted_at: dict[tuple[str, ...], Instant] = {}
        self.counters: dict[str, int] = {}
        self.shipments_of_order: dict[tuple[str, ...], dict[str, None]] = {}
        self.owner_of_row: dict[str, str] = {}
        self.changes: list[Change] = []
        self._journal: list[JournalEntry] = []
        self._last_write: list[JournalEntry] = []

    # -- the journal

    def begin(self) -> None:
        """Starts a transaction."""
        self._journal, self.changes = [], []

    def end(self) -> list[Change]:
        """Commits; answers what changed. The writes are remembered as the last ones, for stale reads."""
        if self._journal:
            self._last_write = self._journal
        changes, self._journal, self.changes = self.changes, [], []
        return changes

    def rollback(self) -> None:
        """Undoes everything since `begin`."""
        for mapping, key, before, _ in reversed(self._journal):
            _write(mapping, key, before)
        self._journal, self.changes = [], []

    @contextmanager
    def without_last_write(self) -> Iterator[None]:
        """Shows the store as it was before the last write."""
        for mapping, key, before, _ in reversed(self._last_write):
            _write(mapping, key, before)
        try:
            yield
        finally:
            for mapping, key, _, after in self._last_write:
                _write(mapping, key, after)

    def take_back(self) -> tuple[list[JournalEntry], list[Change]]:
        """Undoes the transaction but hands it out, so that `replay` can make it visible later."""
        taken, changes = self._journal, self.changes
        self.rollback()
        return taken, changes

    def replay(self, entries: list[JournalEntry]) -> None:
        """Applies what `take_back` handed out."""
        for mapping, key, _, after in entries:
            _write(mapping, key, after)

    def set(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:
        """Writes one entry of one of the store's mappings, journalled."""
        self._journal.append((mapping, key, mapping.get(key, _MISSING), value))
        mapping[key] = value

    # -- records

    def find(self, entity: str, *key: str) -> Record | None:
        """The record with this key, or None."""
        record_id = self.keys.get((entity, *normal(*key)))
        return None if record_id is None else self.records[entity].get(record_id)

    def all(self, entity: str) -> list[Record]:
        """Every record of an entity, oldest first."""
        return list(self.records[entity].values())

    def commit(self, record: Record) -> None:
        """Stores a record that is new or changed."""
        before = self.records[record.entity].get(record.id)
        self.set(self.records[record.entity], record.id, record)
        self.set(self.keys, (record.entity, *normal(*record.key())), record.id)
        self.changes.append(Change(record.entity, before, record))
        for name in FORMS[record.entity].row_views:
            self.owner_of_row.update(dict.fromkeys((row.id for row in record.rows(name)), record.id))
        for link in record.rows("Orders") if record.entity == "Shipment" else []:
            self.shipments_of_order.setdefault(normal(link.text("OrderType"), link.text("OrderNbr")), {})[record.id] = (
                None
            )

    def delete(self, record: Record) -> None:
        """Removes a record."""
        self._drop(self.records[record.entity], record.id)
        self._drop(self.keys, (record.entity, *normal(*record.key())))
        self.changes.append(Change(record.entity, record, None))

    def _drop(self, mapping: dict[Any, Any], key: Any) -> None:
        self._journal.append((mapping, key, mapping.get(key, _MISSING), _MISSING))
        mapping.pop(key, None)

    def working_copy(self, record: Record) -> Record:
        """A copy that may be changed and committed."""
        return copy.deepcopy(record)

    def next_number(self, sequence: str, prefix: str, digits: int = 6) -> str:
        """The next number of a sequence. Numbers are not given back, as in the ERP: gaps are normal."""
        self.counters[sequence] = self.counters.get(sequence, 0) + 1
        return f"{prefix}{self.counters[sequence]:0{digits}d}"


def _write(mapping: Any, key: Any, value: Any) -> None:
    if value is _MISSING:
        mapping.pop(key, None)
    else:
        mapping[key] = value
