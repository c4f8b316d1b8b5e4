"""Counts what a stage asks of AWS and of the vendors: requests by service, and the units that they are billed by.

The meter stands between the kernel and the in-memory twins, which do what the real services do. What Lambda's event
source mapping does on our behalf (one ReceiveMessage and one DeleteMessageBatch an invocation) is counted too.
Units follow the DynamoDB guide: a write of up to 1 KB is one unit, in a transaction two; every index whose keys an
item has is written once more, twice when one of its keys changed; a strongly consistent read of up to 4 KB is one.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connector.aws.items import TABLE_INDEXES, check_item
from connector.ports import INDEX_KEYS, Condition, Delete, Item, Message, Page, Put, Secret
from connector.transport import Request
from tests.support.memory import MemoryBodies, MemorySecrets, MemoryTables
from tests.support.memory_queues import FIFO, MemoryQueues, Stored
from tests.support.stage import Stage

BATCH_READ, BATCH_SEND = 100, 10


@dataclass
class Meter:
    """`requests`: API requests by service. `units`: what is billed. `calls`: vendor calls as (system, purpose)."""

    requests: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    calls: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def reset(self) -> None:
        """Forgets everything counted so far."""
        for counter in (self.requests, self.units, self.calls):
            counter.clear()

    def vendor(self, system: str, *methods: str) -> int:
        """Calls to one system, of these methods only where some are named."""
        return sum(
            count for (called, method, _), count in self.calls.items()
            if called == system and (not methods or method in methods)
        )

    def purpose(self, *purposes: str) -> int:
        """Calls for these purposes."""
        return sum(count for (_, _, purpose), count in self.calls.items() if purpose in purposes)


class MeteredTables:
    """The tables, counted."""

    def __init__(self, tables: MemoryTables, meter: Meter) -> None:
        self._tables, self._meter = tables, meter

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        item = self._tables.get(table, pk, sk)
        self._read([(table, item)])
        return item

    def get_many(self, table: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        found = self._tables.get_many(table, keys)
        distinct = list(dict.fromkeys(keys))
        units = sum(_read_units(table, found.get(key)) for key in distinct)
        self._count(math.ceil(len(distinct) / BATCH_READ), "read units", units)
        return found

    def put(self, table: str, item: Item, condition: Condition = None) -> bool:
        before = self._tables.get(table, str(item["pk"]), str(item["sk"]))
        held = self._tables.put(table, item, condition)
        self._count(1, "write units", _write_units(table, before, item if held else before, 1))
        return held

    def delete(self, table: str, pk: str, sk: str, condition: Condition = None) -> bool:
        before = self._tables.get(table, pk, sk)
        held = self._tables.delete(table, pk, sk, condition)
        self._count(1, "write units", _write_units(table, before, None if held else before, 1))
        return held

    def add(
        self, table: str, pk: str, sk: str, attribute: str, amount: int, *, ceiling: int | None = None,
        expires_at: int | None = None,
    ) -> int | None:
        self._count(1, "write units", 1)
        return self._tables.add(table, pk, sk, attribute, amount, ceiling=ceiling, expires_at=expires_at)

    def transact(self, writes: Sequence[Put | Delete]) -> bool:
        before = [self._tables.get(write.table, *_key(write)) for write in writes]
        held = self._tables.transact(writes)
        units = sum(
            _write_units(write.table, old, _after(write, old, held), 2)
            for write, old in zip(writes, before, strict=True)
        )
        self._count(1, "write units", units)
        return held

    def query(self, table: str, pk: str, **how: Any) -> Page:
        page = self._tables.query(table, pk, **how)
        self._listed(table, page, 1.0)
        return page

    def query_index(self, table: str, index: str, value: str, **how: Any) -> Page:
        page = self._tables.query_index(table, index, value, **how)
        self._listed(table, page, 0.5)
        return page

    def scan(self, table: str, **how: Any) -> Page:
        page = self._tables.scan(table, **how)
        self._listed(table, page, 1.0)
        return page

    def _read(self, items: Sequence[tuple[str, Item | None]]) -> None:
        self._count(1, "read units", sum(_read_units(table, item) for table, item in items))

    def _listed(self, table: str, page: Page, price: float) -> None:
        size = sum(check_item(table, item) for item in page.items)
        self._count(1, "read units", max(1, math.ceil(size / 4096)) * price)

    def _count(self, requests: int, unit: str, units: float) -> None:
        self._meter.requests["DynamoDB"] += requests
        self._meter.units[unit] += units  # type: ignore[assignment]  # half units of eventually consistent reads


class MeteredQueues:
    """The queues, counted on both ends."""

    def __init__(self, queues: MemoryQueues, meter: Meter) -> None:
        self._queues, self._meter = queues, meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queues, name)

    def send(self, queue: str, messages: Sequence[Message]) -> Sequence[str]:
        self._count(queue, math.ceil(len(messages) / BATCH_SEND))
        return self._queues.send(queue, messages)

    def receive(self, queue: str, most: int = BATCH_SEND) -> list[Stored]:
        received = self._queues.receive(queue, most)
        if received:
            self._count(queue, 2)
            self._meter.requests["Lambda"] += 1
        return received

    def _count(self, queue: str, requests: int) -> None:
        self._meter.requests["SQS"] += requests
        self._meter.units["FIFO requests" if queue in FIFO else "standard requests"] += requests


class MeteredBodies:
    """The bucket, counted."""

    def __init__(self, bodies: MemoryBodies, meter: Meter) -> None:
        self._bodies, self._meter = bodies, meter

    def put(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        self._meter.requests["S3"] += 1
        self._meter.units["S3 puts"] += 1
        self._bodies.put(key, content, content_type)

    def get(self, key: str) -> bytes:
        self._meter.requests["S3"] += 1
        self._meter.units["S3 gets"] += 1
        return self._bodies.get(key)


class MeteredSecrets:
    """Secrets Manager, counted: a read asks for the current and the previous version."""

    def __init__(self, secrets: MemorySecrets, meter: Meter) -> None:
        self._secrets, self._meter = secrets, meter

    def read(self, name: str) -> Secret | None:
        self._meter.requests["Secrets Manager"] += 2
        return self._secrets.read(name)

    def write(self, name: str, text: str) -> str:
        self._meter.requests["Secrets Manager"] += 1
        return self._secrets.write(name, text)


def metered(stage: Stage) -> Meter:
    """Puts a meter into a stage, which begins a new process with it."""
    meter, world = Meter(), stage.world
    # The raw twins stay where the stage looks at them; only the kernel's and Lambda's ways are counted.
    world.services = replace(
        world.services,
        tables=MeteredTables(world.tables, meter),
        queues=MeteredQueues(world.queues, meter),
        bodies=MeteredBodies(world.bodies, meter),
        secrets=MeteredSecrets(world.secrets, meter),
    )
    world.queues = MeteredQueues(world.queues, meter)  # type: ignore[assignment]
    ports = {7001: "Acumatica", 7002: "ShipBob", 7004: "UPS"}

    def count(request: Request) -> None:
        system = next(name for port, name in ports.items() if f":{port}/" in request.url)
        meter.calls[(system, request.method, request.purpose)] += 1

    stage.wire.before = count
    stage.restart()
    return meter


def log_bytes(stage: Stage, since: int) -> int:
    """Bytes of the log lines after the first `since`, as CloudWatch counts them (26 a line on top)."""
    lines = stage.world.lines()[since:]
    return sum(len(json.dumps(line)) + 26 for line in lines if line.get("level") != "DEBUG")


# ---- units ---------------------------------------------------------------------------------------------------


def _read_units(table: str, item: Item | None) -> int:
    return max(1, math.ceil(check_item(table, item) / 4096)) if item is not None else 1


def _write_units(table: str, before: Item | None, after: Item | None, price: int) -> int:
    largest = max((check_item(table, item) for item in (before, after) if item is not None), default=1)
    kilobytes = math.ceil(largest / 1024)
    return kilobytes * (price + sum(_index_writes(index, before, after) for index in TABLE_INDEXES[table]))


def _index_writes(index: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> int:
    """Writes that one index takes: none, one, or two when its key changed (the old entry goes, a new one comes)."""
    keys = INDEX_KEYS[index]
    old = tuple(before[key] for key in keys) if before and all(key in before for key in keys) else None
    new = tuple(after[key] for key in keys) if after and all(key in after for key in keys) else None
    if old is None and new is None:
        return 0
    if old is not None and new is not None and old != new:
        return 2
    return 1 if before != after else 0


def _key(write: Put | Delete) -> tuple[str, str]:
    return (str(write.item["pk"]), str(write.item["sk"])) if isinstance(write, Put) else (write.pk, write.sk)


def _after(write: Put | Delete, before: Item | None, held: bool) -> Item | None:
    if not held:
        return before
    return write.item if isinstance(write, Put) else None
