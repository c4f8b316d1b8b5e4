"""The account as SQLite tables, brought up to date before each query."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.simulators.netsuite import columns, tables, tables_masters
from local.simulators.netsuite.columns import MARK, OF_TRANSACTIONS, Row
from local.simulators.netsuite.world import World

_MASK = re.compile(r'YYYY|MM|DD|HH24|MI|SS|"[^"]*"|[-/:. ]')
_STRPTIME = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S"}


def _format(mask: str) -> str:
    """An Oracle mask as one of strptime; ValueError when it is not wholly understood."""
    parts = _MASK.findall(mask.upper() if '"' not in mask else mask)
    if "".join(parts) != (mask.upper() if '"' not in mask else mask):
        raise ValueError(f"mask {mask!r}")
    return "".join(_STRPTIME.get(part, part.strip('"')) for part in parts)


def _to_char(value: Any, mask: str | None = None) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and value.startswith(MARK):
        if mask is None:
            return value[1:]
        # the stored text is wall-clock time without a zone
        return datetime.strptime(value[1:], "%Y-%m-%d %H:%M:%S").strftime(_format(mask))  # noqa: DTZ007
    return str(value)


def _to_date(value: Any, mask: str) -> str | None:
    if value is None:
        return None
    read = datetime.strptime(str(value), _format(mask))  # noqa: DTZ007 - wall-clock time without a zone
    return f"{MARK}{read:%Y-%m-%d %H:%M:%S}"


def _trunc(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(MARK):
        return f"{value[:11]} 00:00:00"
    return None if value is None else int(value)


class Replica:
    """The SQLite tables, brought up to date before each query."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shape: Any = None
        self._base: sqlite3.Connection | None = None

    def connection(self) -> sqlite3.Connection:
        """Tables as a query sees them now; under a stale read a copy of their own."""
        world = self._world
        if world.stale:
            return self._fill()
        switches = world.switches
        shape = (
            world.masters_revision,
            switches.optional_columns,
            switches.query_zone,
            frozenset(world.role.denied),
            frozenset(world.role.locations),
        )
        if self._base is None or self._shape != shape:
            self._base, self._shape = self._fill(), shape
            world.touched.clear()
        elif world.touched:
            self._refresh(self._base)
        return self._base

    def _fill(self) -> sqlite3.Connection:
        world = self._world
        made = sqlite3.connect(":memory:", check_same_thread=False)
        made.execute("PRAGMA case_sensitive_like = ON")
        for name, count, function in (
            ("to_char", -1, _to_char),
            ("to_date", 2, _to_date),
            ("to_timestamp", 2, _to_date),
            ("trunc", 1, _trunc),
            ("nvl", 2, lambda value, other: other if value is None else value),
            ("nvl2", 3, lambda value, some, none: none if value is None else some),
            ("to_number", 1, lambda value: None if value is None else float(value)),
            ("netsuite_now", 0, lambda: columns.moment(world, world.now())),
            ("netsuite_today", 0, lambda: _trunc(columns.moment(world, world.now()))),
        ):
            made.create_function(name, count, function)
        for table in columns.COLUMNS:
            names = ", ".join(f'"{name}"' for name in columns.columns(world, table))
            made.execute(f'CREATE TABLE "{table}" ({names})')  # identifiers of our own
        for column in ("transaction", "createdfrom"):
            made.execute(f'CREATE INDEX "by_{column}" ON transactionline("{column}")')
        for column in ("id", "externalid", "lastmodifieddate"):
            made.execute(f'CREATE INDEX "by_{column}" ON "transaction"("{column}")')
        self._insert(made, tables_masters.of_masters(world))
        for record in world.transactions():
            self._insert(made, self._of(record.id))
        self._insert(made, tables_masters.of_stock(world))
        return made

    def _of(self, number: int) -> Iterator[tuple[str, Row]]:
        world = self._world
        record = world.find(number)
        if record is None or record.form.permission in world.role.denied:
            return
        yield from tables.of_transaction(world, record)

    def _insert(self, target: sqlite3.Connection, rows: Iterator[tuple[str, Row]]) -> None:
        for table, row in rows:
            known = set(columns.columns(self._world, table))
            kept = {name: _cell(value) for name, value in row.items() if name in known}
            names = ", ".join(f'"{name}"' for name in kept)
            marks = ", ".join("?" * len(kept))
            statement = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 - identifiers of our own
            target.execute(statement, list(kept.values()))

    def _refresh(self, target: sqlite3.Connection) -> None:
        keys = {"nexttransactionlinelink": "nextdoc", "previoustransactionlinelink": "nextdoc"}
        keys |= {"transaction": "id", "transactionshippingaddress": "nkey"}
        for number in sorted(self._world.touched):
            target.execute("DELETE FROM trackingnumber WHERE id BETWEEN ? AND ?", (number * 100, number * 100 + 99))
            for table in OF_TRANSACTIONS:
                if table != "trackingnumber":
                    key = keys.get(table, "transaction")
                    target.execute(f'DELETE FROM "{table}" WHERE "{key}" = ?', (number,))  # noqa: S608
            self._insert(target, self._of(number))
        for table in ("aggregateitemlocation", "inventoryitemlocations", "inventorybalance"):
            target.execute(f'DELETE FROM "{table}"')  # noqa: S608
        self._insert(target, tables_masters.of_stock(self._world))
        self._world.touched.clear()


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return columns.number(value)
    if isinstance(value, dict):
        return value.get("id")
    return value
