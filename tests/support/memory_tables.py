"""The five tables in memory, as strict as DynamoDB: same limits, same conditions, same paging."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from connector.aws.items import check_item, check_key, marshal, place_from, place_text
from connector.aws.tables import check_limit, check_transaction, index_keys, target_of
from connector.environment import TABLES
from connector.ports import Absent, AbsentOrBelow, Condition, Delete, Equals, Item, Page, Put

Step = Callable[[str], None]
"""Called before and after every write with its label ("tables.put.before"); a crash test raises in it."""

Key = tuple[str, str]

PAGE_BYTES = 1024 * 1024


def no_step(label: str) -> None:
    """Lets everything pass."""


class MemoryTables:
    """Twin of `connector.aws.DynamoTables`. Items go in and out as copies; a low `page_bytes` forces paging."""

    def __init__(self, step: Step = no_step, page_bytes: int = PAGE_BYTES) -> None:
        self.step = step
        self.page_bytes = page_bytes
        self._items: dict[str, dict[Key, Item]] = {table: {} for table in TABLES}
        self._by_pk: dict[str, dict[str, set[str]]] = {table: {} for table in TABLES}
        self._sizes: dict[tuple[str, str, str], int] = {}
        self._stale: dict[str, list[Item]] | None = None
        self._lock = threading.RLock()

    # What tests look at and turn.

    def items(self, table: str) -> list[Item]:
        """Copies of all items of a table, ordered by key."""
        with self._lock:
            return [dict(item) for _, item in sorted(self._table(table).items())]

    def freeze_indexes(self) -> None:
        """From now on indexes answer what the tables hold at this moment: the worst of eventual consistency."""
        with self._lock:
            self._stale = {table: self.items(table) for table in TABLES}

    def thaw_indexes(self) -> None:
        """Indexes have caught up."""
        self._stale = None

    # connector.ports.Tables

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        with self._lock:
            self._check_key(table, pk, sk)
            item = self._table(table).get((pk, sk))
            return None if item is None else dict(item)

    def get_many(self, table: str, keys: Sequence[Key]) -> dict[Key, Item]:
        with self._lock:
            held = self._table(table)
            for key in keys:
                self._check_key(table, *key)
            return {key: dict(held[key]) for key in keys if key in held}

    def put(self, table: str, item: Item, condition: Condition = None) -> bool:
        self.step("tables.put.before")
        with self._lock:
            held = self._table(table)
            size = check_item(table, item)
            key = (str(item["pk"]), str(item["sk"]))
            holds = condition_holds(held.get(key), condition)
            if holds:
                self._store(table, key, dict(item), size)
        self.step("tables.put.after")
        return holds

    def delete(self, table: str, pk: str, sk: str, condition: Condition = None) -> bool:
        self.step("tables.delete.before")
        with self._lock:
            self._check_key(table, pk, sk)
            holds = condition_holds(self._table(table).get((pk, sk)), condition)
            if holds:
                self._remove(table, (pk, sk))
        self.step("tables.delete.after")
        return holds

    def add(
        self, table: str, pk: str, sk: str, attribute: str, amount: int, *, ceiling: int | None = None,
        expires_at: int | None = None,
    ) -> int | None:
        self.step("tables.add.before")
        with self._lock:
            item = dict(self._table(table).get((pk, sk)) or {"pk": pk, "sk": sk})
            before = item.get(attribute, 0)
            if isinstance(before, bool) or not isinstance(before, int):
                raise TypeError(f"{table} item {pk!r} / {sk!r}: {attribute!r} holds {before!r}, which is no number")
            total: int | None = before + amount
            if ceiling is not None and before + amount > ceiling:
                total = None
            else:
                item[attribute] = before + amount
                if expires_at is not None:
                    item["expires_at"] = expires_at
                self._store(table, (pk, sk), item, check_item(table, item))
        self.step("tables.add.after")
        return total

    def transact(self, writes: Sequence[Put | Delete]) -> bool:
        self.step("tables.transact.before")
        check_transaction(writes)
        with self._lock:
            targets = [target_of(write) for write in writes]
            holds = all(
                condition_holds(self._table(table).get((pk, sk)), write.condition)
                for (table, pk, sk), write in zip(targets, writes, strict=True)
            )
            if holds:
                for (table, pk, sk), write in zip(targets, writes, strict=True):
                    if isinstance(write, Put):
                        self._store(table, (pk, sk), dict(write.item), check_item(table, write.item))
                    else:
                        self._remove(table, (pk, sk))
        self.step("tables.transact.after")
        return holds

    def query(
        self, table: str, pk: str, *, prefix: str = "", descending: bool = False, limit: int | None = None,
        start: str | None = None,
    ) -> Page:
        with self._lock:
            held = self._table(table)
            names = sorted(self._by_pk[table].get(pk, ()), reverse=descending)
            found = (held[pk, sk] for sk in names if sk.startswith(prefix))
            return self._page(table, found, ("sk",), ("pk", "sk"), descending, limit, start)

    def query_index(
        self, table: str, index: str, value: str, *, below: str | None = None, descending: bool = False,
        limit: int | None = None, start: str | None = None,
    ) -> Page:
        partition, order = index_keys(table, index)
        with self._lock:
            held: Iterable[Item] = self._stale[table] if self._stale is not None else self._table(table).values()
            chosen = [
                item for item in held
                if item.get(partition) == value and order in item and (below is None or str(item[order]) <= below)
            ]
            place = (order, "pk", "sk")
            chosen.sort(key=lambda item: _at(item, place), reverse=descending)
            return self._page(table, chosen, place, (partition, order, "pk", "sk"), descending, limit, start)

    def scan(self, table: str, *, start: str | None = None, limit: int | None = None) -> Page:
        with self._lock:
            found = (item for _, item in sorted(self._table(table).items()))
            return self._page(table, found, ("pk", "sk"), ("pk", "sk"), False, limit, start)

    # Inside.

    def _table(self, table: str) -> dict[Key, Item]:
        if table not in self._items:
            raise ValueError(f"there is no {table!r}; known are {', '.join(TABLES)}")
        return self._items[table]

    def _check_key(self, table: str, pk: str, sk: str) -> None:
        self._table(table)
        check_key(table, pk, sk)

    def _store(self, table: str, key: Key, item: Item, size: int) -> None:
        self._items[table][key] = item
        self._by_pk[table].setdefault(key[0], set()).add(key[1])
        self._sizes[(table, *key)] = size

    def _remove(self, table: str, key: Key) -> None:
        if self._items[table].pop(key, None) is not None:
            self._by_pk[table][key[0]].discard(key[1])

    def _page(
        self, table: str, found: Iterable[Item], order: tuple[str, ...], place: tuple[str, ...], descending: bool,
        limit: int | None, start: str | None,
    ) -> Page:
        """One page of `found`, which is ordered by `order`. Like DynamoDB, a page that reached its limit always
        names a place to go on from, even when nothing follows."""
        most = None if limit is None else check_limit(limit)
        after = _start(start, order)
        items: list[Item] = []
        size = 0
        for item in found:
            if after is not None and (_at(item, order) >= after if descending else _at(item, order) <= after):
                continue
            items.append(dict(item))
            size += self._sizes.get((table, str(item["pk"]), str(item["sk"])), 0)
            if len(items) == most or size >= self.page_bytes:
                return Page(items, place_text(marshal({name: item[name] for name in place})))
        return Page(items)


def condition_holds(item: Item | None, condition: Condition) -> bool:
    """DynamoDB's answer to a condition about one item. Values of different types are never equal nor in order."""
    if condition is None:
        return True
    if isinstance(condition, Absent):
        return item is None
    if isinstance(condition, Equals):
        return item is not None and all(_same(item.get(name), value) for name, value in condition.values.items())
    if isinstance(condition, AbsentOrBelow):
        if item is None or condition.attribute not in item:
            return True
        stored, bound = item[condition.attribute], condition.value
        if isinstance(stored, str) and isinstance(bound, str):
            return stored < bound
        return type(stored) is int and type(bound) is int and stored < bound
    raise TypeError(f"{condition!r} is not a condition")


def _same(stored: object, wanted: object) -> bool:
    return type(stored) is type(wanted) and stored == wanted


def _at(item: Item, order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(item[name]) for name in order)


def _start(start: str | None, order: tuple[str, ...]) -> tuple[str, ...] | None:
    if start is None:
        return None
    key = place_from(start)
    return tuple(str(key[name]["S"]) for name in order)


