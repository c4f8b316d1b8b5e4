"""Push notifications: flat rows of a query, a static header, at most five attempts, no order, possible loss."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.simulators.acumatica.documents import Change, Record
from local.simulators.acumatica.wire import Instant, Value, plain
from local.simulators.acumatica.world import World

ATTEMPTS = 5
Send = Callable[[str, Mapping[str, str], bytes], int]
"""Posts a body and answers the status; 0 when no answer came."""


@dataclass(frozen=True)
class PushQuery:
    """A generic inquiry that is watched: column name -> field name of one entity."""

    name: str
    entity: str
    columns: Mapping[str, str]


STANDARD_QUERIES = (
    PushQuery(
        "MLC Sales Orders",
        "SalesOrder",
        {
            "OrderType": "OrderType",
            "OrderNbr": "OrderNbr",
            "Status": "Status",
            "SOOrder_lastModifiedDateTime": "LastModified",
        },
    ),
    PushQuery(
        "MLC Shipments",
        "Shipment",
        {"ShipmentNbr": "ShipmentNbr", "Status": "Status", "SOShipment_lastModifiedDateTime": "LastModifiedDateTime"},
    ),
    PushQuery(
        "Stock Items: Last Modified Date",
        "StockItem",
        {
            "InventoryID": "InventoryID",
            "ItemStatus": "ItemStatus",
            "InventoryItem_lastModifiedDateTime": "LastModified",
        },
    ),
)


@dataclass(frozen=True)
class Destination:
    """A webhook: address, optional header, and the queries that are sent to it."""

    url: str
    header_name: str | None = None
    header_value: str = ""
    queries: tuple[PushQuery, ...] = STANDARD_QUERIES


@dataclass
class Push:
    """One notification on its way."""

    url: str
    headers: dict[str, str]
    body: bytes
    attempts: int = 0
    statuses: list[int] = field(default_factory=list)


class Pushes:
    """What is to be delivered, and what failed for good."""

    def __init__(self) -> None:
        self.destinations: list[Destination] = []
        self.queue: deque[Push] = deque()
        self.failed: list[Push] = []

    def emit(self, world: World, changes: list[Change]) -> None:
        """Queues the notifications of one transaction: one per query that saw a row change, all with one Id."""
        transaction = world.new_id() if changes and self.destinations else ""
        fresh = []
        for destination in self.destinations:
            for query in destination.queries:
                body = push_body(world, query, changes, transaction)
                if body is None:
                    continue
                if world.switches.push_lose > 0:
                    world.switches.push_lose -= 1
                    continue
                fresh += [Push(destination.url, _headers(destination), json.dumps(body).encode())] * 1
                fresh += [Push(push.url, dict(push.headers), push.body) for push in fresh[-1:]] * (
                    world.switches.push_copies - 1
                )
        if world.switches.push_reversed:
            self.queue.extendleft(fresh)
        else:
            self.queue.extend(fresh)

    def deliver(self, send: Send) -> int:
        """Tries everything once that is queued now; answers how many were accepted. Failures wait for the next call."""
        accepted = 0
        for _ in range(len(self.queue)):
            try:
                push = self.queue.popleft()
            except IndexError:
                break
            push.attempts += 1
            status = send(push.url, push.headers, push.body)
            push.statuses.append(status)
            if 200 <= status < 300:
                accepted += 1
            elif push.attempts >= ATTEMPTS:
                self.failed.append(push)
            else:
                self.queue.append(push)
        return accepted

    def resend(self) -> int:
        """The person's button on the list of failed notifications."""
        failed, self.failed = self.failed, []
        for push in failed:
            push.attempts = 0
            self.queue.append(push)
        return len(failed)


def _headers(destination: Destination) -> dict[str, str]:
    own = {destination.header_name: destination.header_value} if destination.header_name else {}
    return {"Content-Type": "application/json; charset=utf-8", **own}


def push_body(world: World, query: PushQuery, changes: list[Change], transaction: str) -> dict[str, Any] | None:
    """The notification of one query about one transaction; None when no row of it changed."""
    inserted, deleted = [], []
    for change in changes:
        if change.entity != query.entity:
            continue
        before, after = _row(world, query, change.before), _row(world, query, change.after)
        if before != after:
            inserted += [after] if after else []
            deleted += [before] if before else []
    if not inserted and not deleted:
        return None
    return {
        "Inserted": inserted,
        "Deleted": deleted,
        "Query": query.name,
        "CompanyId": "Company",
        "Id": transaction,
        "TimeStamp": Instant.of(world.clock()).ticks,
        "AdditionalInfo": {},
    }


def _row(world: World, query: PushQuery, record: Record | None) -> dict[str, Any] | None:
    return (
        None
        if record is None
        else {column: _cell(world, record.values.get(name)) for column, name in query.columns.items()}
    )


def _cell(world: World, value: Value) -> Any:
    """Flat, zone-less, strings padded with blanks."""
    if isinstance(value, Instant):
        return value.text(world.switches.tenant_offset_minutes, zone=False)
    if isinstance(value, str):
        return value.ljust(15) if world.switches.pad_segmented_keys else value
    return plain(value)
