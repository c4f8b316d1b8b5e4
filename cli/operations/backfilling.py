"""Backfill: a flow's own poll over a window of the past, slice by slice, into the bulk lane, with a place to go on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cli.operations.accounts import Patience
from connector.connection import Connection
from connector.instants import instant_text, parse_instant
from connector.message import enqueue
from connector.pair import Flow, Pair, Polling, Window
from connector.ports import Item
from connector.record import Status, from_json, to_json
from connector.records import Origin, RecordStore, Seen
from connector.services import Services

SLICE = timedelta(days=1)
LANE = "bulk"


@dataclass(frozen=True)
class Backfill:
    """Where a backfill stands. `position`: everything before it is stored and enqueued. Times are instant texts."""

    connection: str
    flow: str
    since: str
    until: str
    position: str
    found: int
    resumed: bool = False
    records: tuple[str, ...] = field(default=(), compare=False)

    @property
    def share(self) -> float:
        """How much of the window is read, 0 to 1."""
        begin, end, place = (parse_instant(text) for text in (self.since, self.until, self.position))
        whole = (end - begin).total_seconds()
        return 1.0 if whole <= 0 else (place - begin).total_seconds() / whole


def read_window(
    pair: Pair[Any],
    services: Services,
    connection: Connection,
    flow: Flow[Any],
    window: Window,
    origin: Origin,
    patience: Patience,
    take: Callable[[Sequence[Seen]], None],
) -> None:
    """Hands every page that the flow's poll sights in a window to `take`, before the next one is asked for.

    A poll that our budget stops is begun anew (its `progress` lets it go on where it can): what was sighted before is
    sighted again, which changes nothing.
    """
    progress: dict[str, Any] = {}

    def attempt() -> None:
        holder = f"backfill/{connection.name}/{secrets.token_hex(4)}"
        clients = pair.open(services, connection, LANE, holder)
        try:
            polling: Polling[Any] = Polling(
                services, connection, clients, RecordStore(services), services.log, origin, window, {}, progress
            )
            for page in flow.poll(polling) if flow.poll is not None else ():
                take(page)
        finally:
            clients.close()

    patience(attempt)


def slices(flow: Flow[Any], since: datetime, until: datetime) -> Iterator[Window]:
    """The parts of a window. A poll whose list has no end reads everything since its begin: once is enough."""
    if flow.open_ended:
        yield Window(since, until)
        return
    start = since
    while start < until:
        end = min(until, start + SLICE)
        yield Window(start, end)
        start = end


def backfill(
    pair: Pair[Any],
    services: Services,
    connection: Connection,
    flow: Flow[Any],
    window: Window,
    correlation: str,
    patience: Patience,
    tell: Callable[[Backfill], None],
    *,
    restart: bool = False,
) -> Backfill:
    """Reads the window and enqueues what is new in it; `tell` hears of every slice. Raises VendorFault.

    The same window again goes on where it stopped, or from its begin with `restart`. Records that are known in their
    present revision are left alone.
    """
    standing = _standing(services, connection.name, flow.name, window, restart)
    origin = Origin(connection.name, pair.name, flow.feeds or flow.name, "backfill", correlation, LANE)
    store, records = RecordStore(services), dict.fromkeys(standing.records)

    def take(page: Sequence[Seen]) -> None:
        nonlocal standing
        found = store.see(origin, page)
        fresh = [record.id for record in found if record.id not in records]
        records.update(dict.fromkeys(fresh))
        if fresh:  # before the next page is asked for: a command that is killed there has not forgotten them
            standing = _kept(services, standing, standing.position, tuple(records))
        enqueue(services, found)

    for part in slices(flow, parse_instant(standing.position), window.until):
        read_window(pair, services, connection, flow, part, origin, patience, take)
        standing = _kept(services, standing, instant_text(part.until), standing.records)
        tell(standing)
    return standing


def _key(connection: str, flow: str) -> str:
    return f"backfill/{connection}/{flow}"


def _standing(services: Services, connection: str, flow: str, window: Window, restart: bool) -> Backfill:
    since, until = instant_text(window.since), instant_text(window.until)
    key, name = _key(connection, flow), f"{since}..{until}"
    item = services.tables.get("state", key, name)
    if item is None or restart or str(item["position"]) >= until:
        return Backfill(connection, flow, since, until, since, 0)
    data: Mapping[str, Any] = from_json(str(item["data"]))
    further = [services.tables.get("state", key, _place(name, part)) for part in range(1, int(data.get("parts", 1)))]
    listed = [data, *(from_json(str(each["data"])) for each in further if each is not None)]
    ids = tuple(str(identifier) for part in listed for identifier in part["records"])
    return Backfill(connection, flow, since, until, str(item["position"]), len(ids), True, ids)


PART = 3_000
"""Ids that fit into one item of the table."""


def _place(name: str, part: int) -> str:
    return f"{name}#{part}" if part else name


def _kept(services: Services, before: Backfill, position: str, records: tuple[str, ...]) -> Backfill:
    """Stores how far it is. Ids are only ever added: parts that were full before stand already; the first part, which
    says how many there are, comes last.
    """
    name, parts = f"{before.since}..{before.until}", max(1, -(-len(records) // PART))
    if len(records) > len(before.records):
        for part in range(max(1, len(before.records) // PART), parts):
            _put(services, before, _place(name, part), {"records": list(records[part * PART : (part + 1) * PART])})
    first = {"records": list(records[:PART]), "parts": parts}
    _put(services, before, name, first, position)
    return replace(before, position=position, found=len(records), records=records)


def _put(services: Services, of: Backfill, place: str, data: Mapping[str, Any], position: str = "") -> None:
    item: Item = {"pk": _key(of.connection, of.flow), "sk": place, "data": to_json(data)}
    services.tables.put("state", {**item, "position": position} if position else item)


MOVING = frozenset({Status.QUEUED, Status.WAITING, Status.UNKNOWN})


@dataclass(frozen=True)
class Settled:
    """How many records are done (or closed), wait for a person, or are still on their way."""

    done: int
    for_a_person: int
    moving: int


def settled_of(services: Services, records: Sequence[str]) -> Settled:
    """Where these records stand."""
    known = RecordStore(services).load_many(records).values()
    moving = sum(1 for record in known if record.status in MOVING)
    stuck = sum(1 for record in known if record.status in (Status.HELD, Status.REFUSED))
    return Settled(len(known) - moving - stuck, stuck, moving)
