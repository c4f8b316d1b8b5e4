"""Stores that can be written to without a trace: what is written stays in memory, on top of what the real ones hold.

For rehearsals. What guards a vendor's account is real all the same: call budgets, session slots, token leases and
counters, because the reads of a rehearsal are real calls. Secrets are real too: a refreshed token must be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from connector.ports import (
    INDEX_KEYS,
    Absent,
    AbsentOrBelow,
    Bodies,
    Condition,
    Delete,
    Equals,
    Item,
    Message,
    Page,
    Put,
    Tables,
    pages,
)
from connector.services import Services

REAL = ("budget/", "lease/", "tokens/", "reconnect/", "alert/")
"""Begin of the keys in the state table that belong to the vendors' accounts."""

Key = tuple[str, str, str]


def holds(condition: Condition, item: Item | None) -> bool:
    """Whether a condition holds for an item, as DynamoDB would say."""
    match condition:
        case None:
            return True
        case Absent():
            return item is None
        case Equals(values):
            return item is not None and all(item.get(name) == value for name, value in values.items())
        case AbsentOrBelow(attribute, value):
            present = item.get(attribute) if item is not None else None
            return present is None or present < value  # type: ignore[operator]


class OverlayTables:
    """Implements `Tables` over other ones."""

    def __init__(self, below: Tables) -> None:
        self._below = below
        self._items: dict[Key, Item | None] = {}

    def written(self, table: str, pk: str) -> list[Item]:
        """What was written to one partition, by sort key."""
        found = {key: item for key, item in self._items.items() if key[:2] == (table, pk) and item is not None}
        return [found[key] for key in sorted(found)]

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        key = (table, pk, sk)
        if key not in self._items:
            return self._below.get(table, pk, sk)
        item = self._items[key]
        return dict(item) if item is not None else None

    def get_many(self, table: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        found = self._below.get_many(table, [key for key in keys if (table, *key) not in self._items])
        own = {key: self._items[(table, *key)] for key in keys if (table, *key) in self._items}
        return {**found, **{key: dict(item) for key, item in own.items() if item is not None}}

    def put(self, table: str, item: Item, condition: Condition = None) -> bool:
        pk, sk = str(item["pk"]), str(item["sk"])
        if _real(table, pk):
            return self._below.put(table, item, condition)
        if not holds(condition, self.get(table, pk, sk)):
            return False
        self._items[(table, pk, sk)] = dict(item)
        return True

    def delete(self, table: str, pk: str, sk: str, condition: Condition = None) -> bool:
        if _real(table, pk):
            return self._below.delete(table, pk, sk, condition)
        if not holds(condition, self.get(table, pk, sk)):
            return False
        self._items[(table, pk, sk)] = None
        return True

    def add(
        self, table: str, pk: str, sk: str, attribute: str, amount: int, *,
        ceiling: int | None = None, expires_at: int | None = None,
    ) -> int | None:
        if _real(table, pk):
            return self._below.add(table, pk, sk, attribute, amount, ceiling=ceiling, expires_at=expires_at)
        item = self.get(table, pk, sk) or {"pk": pk, "sk": sk}
        value = int(item.get(attribute, 0)) + amount
        if ceiling is not None and value > ceiling:
            return None
        self._items[(table, pk, sk)] = {**item, attribute: value}
        return value

    def transact(self, writes: Sequence[Put | Delete]) -> bool:
        if not all(holds(write.condition, self.get(*_target(write))) for write in writes):
            return False
        for write in writes:
            if isinstance(write, Put):
                self.put(write.table, write.item)
            else:
                self.delete(write.table, write.pk, write.sk)
        return True

    def query(
        self, table: str, pk: str, *, prefix: str = "", descending: bool = False, limit: int | None = None,
        start: str | None = None,
    ) -> Page:
        """Both together; a page goes on behind the sort key that `start` names."""
        below = pages(lambda place: self._below.query(table, pk, prefix=prefix, start=place))
        found = {str(item["sk"]): item for item in below}
        for (of, partition, sk), item in self._items.items():
            if (of, partition) == (table, pk) and sk.startswith(prefix):
                found.pop(sk, None)
                if item is not None:
                    found[sk] = item
        ordered = [(sk, dict(found[sk])) for sk in sorted(found, reverse=descending)]
        return _page(ordered, descending, limit, start)

    def query_index(
        self, table: str, index: str, value: str, *, below: str | None = None, descending: bool = False,
        limit: int | None = None, start: str | None = None,
    ) -> Page:
        """Both together, ordered by the index's sort key."""
        partition, sort = INDEX_KEYS[index]
        read = pages(
            lambda place: self._below.query_index(table, index, value, below=below, descending=descending, start=place)
        )
        found = {(str(item["pk"]), str(item["sk"])): item for item in read}
        for (of, pk, sk), item in self._items.items():
            if of != table:
                continue
            found.pop((pk, sk), None)
            fits = item is not None and item.get(partition) == value
            if item is not None and fits and (below is None or str(item[sort]) <= below):
                found[(pk, sk)] = item
        placed = {f"{item[sort]}{_GAP}{item['pk']}{_GAP}{item['sk']}": dict(item) for item in found.values()}
        ordered = [(place, placed[place]) for place in sorted(placed, reverse=descending)]
        return _page(ordered, descending, limit, start)

    def scan(self, table: str, *, start: str | None = None, limit: int | None = None) -> Page:
        below = pages(lambda place: self._below.scan(table, start=place))
        found: dict[tuple[str, str], Item | None] = {(str(item["pk"]), str(item["sk"])): item for item in below}
        own = {(pk, sk): item for (of, pk, sk), item in self._items.items() if of == table}
        merged = {**found, **own}
        placed = {f"{pk}{_GAP}{sk}": dict(item) for (pk, sk), item in merged.items() if item is not None}
        return _page([(place, placed[place]) for place in sorted(placed)], False, limit, start)


_GAP = "\x00"


def _page(ordered: Sequence[tuple[str, Item]], descending: bool, limit: int | None, start: str | None) -> Page:
    """A part of the items, which stand in the order of their places; `start` is the place of the last one before."""
    rest = [
        (place, item) for place, item in ordered if start is None or (place < start if descending else place > start)
    ]
    shown = rest if limit is None else rest[:limit]
    return Page([item for _, item in shown], shown[-1][0] if len(shown) < len(rest) and shown else None)


def _real(table: str, pk: str) -> bool:
    return table == "state" and pk.startswith(REAL)


def _target(write: Put | Delete) -> Key:
    if isinstance(write, Put):
        return write.table, str(write.item["pk"]), str(write.item["sk"])
    return write.table, write.pk, write.sk


class OverlayBodies:
    """Implements `Bodies` over other ones."""

    def __init__(self, below: Bodies) -> None:
        self._below = below
        self._own: dict[str, bytes] = {}

    def put(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        self._own[key] = content

    def get(self, key: str) -> bytes:
        return self._own[key] if key in self._own else self._below.get(key)


class NoQueues:
    """Implements `Queues`: takes every message and sends none."""

    def send(self, queue: str, messages: Sequence[Message]) -> Sequence[str]:
        return [f"not sent {place}" for place, _ in enumerate(messages)]


def overlaid(services: Services, memory: dict[tuple[str, ...], Any]) -> tuple[Services, OverlayTables]:
    """The services of a rehearsal, and its tables."""
    tables = OverlayTables(services.tables)
    made = replace(
        services, tables=tables, bodies=OverlayBodies(services.bodies), queues=NoQueues(), memory=memory
    )
    return made, tables
