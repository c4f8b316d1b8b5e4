"""Finding records: by id, by business reference, by what they wait for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cli.failures import Refused
from cli.operations.overview import all_connections, indexed
from cli.pairs import PAIRS, UnknownPair, pair_named, pair_of_connection
from connector.instants import parse_instant
from connector.pair import Flow
from connector.ports import Item, pages
from connector.record import OPEN, Record, Status, record_from_item
from connector.records import RecordStore
from connector.services import Services

CANDIDATES_NAMED = 10


@dataclass(frozen=True)
class Selection:
    """Which records. Empty means: any. Without statuses the open ones, and whatever `text` names exactly.

    older_than: only what has not changed for so long.
    """

    connection: str = ""
    statuses: tuple[Status, ...] = ()
    stream: str = ""
    text: str = ""
    pair: str = ""
    older_than: timedelta | None = None

    def fits(self, record: Record) -> bool:
        """Whether a record belongs to the selection, apart from what only the reference index knows."""
        return (
            self.connection in ("", record.connection)
            and self.stream in ("", record.stream)
            and self.pair in ("", record.pair)
            and record.status in (self.statuses or OPEN)
            and self._says(record)
        )

    def old_enough(self, record: Record, now: datetime) -> bool:
        """Whether the record has not changed for as long as is asked for."""
        return self.older_than is None or parse_instant(record.updated_at) <= now - self.older_than

    def _says(self, record: Record) -> bool:
        wanted = self.text.casefold()
        return not wanted or any(wanted in text.casefold() for text in (record.id, record.why, record.correlation))


def check_choice(services: Services, connection: str = "", pair: str = "", stream: str = "") -> None:
    """A misspelt name must not look like "nothing waits". Raises ConfigurationFault, UnknownPair, Refused."""
    if connection:
        pair_of_connection(services, connection)
    if pair:
        pair_named(pair)
    streams = {flow.name for each in ([pair] if pair else PAIRS) for flow in _flows(each)} if stream else {stream}
    if stream not in streams:
        raise Refused(f"there is no flow {stream!r}; there are {', '.join(sorted(streams))}")


def _flows(pair: str) -> Sequence[Flow[Any]]:
    try:
        return pair_named(pair).flows
    except UnknownPair:  # not installed here: none of its records can be looked for by their flow
        return ()


def find_all(services: Services, selection: Selection) -> list[Record]:
    """Every record of the selection, the one that has waited longest first. Raises what `check_choice` raises."""
    check_choice(services, selection.connection, selection.pair, selection.stream)
    found = {record.id: record for record in _listed(services, selection) if selection.fits(record)}
    for record in _referred(services, selection):
        found[record.id] = record
    now = services.clock()
    chosen = [record for record in found.values() if selection.old_enough(record, now)]
    return sorted(chosen, key=lambda record: (record.updated_at, record.id))


def _listed(services: Services, selection: Selection) -> Iterator[Record]:
    wanted = frozenset(selection.statuses) or OPEN
    if wanted - OPEN:
        # Finished records are in no index: an operator who asks for them by nothing else pays for a look at all.
        yield from map(record_from_item, _all_records(services))
        return
    names = [selection.connection] if selection.connection else _connections(services)
    for name in names:
        for status in sorted(wanted):
            yield from map(record_from_item, indexed(services, "records", "by_status", f"{name}#{status.value}"))


def _all_records(services: Services) -> Iterator[Item]:
    items = pages(lambda start: services.tables.scan("records", start=start))
    return (item for item in items if item["sk"] == "record")


def _connections(services: Services) -> list[str]:
    return [str(row["connection"]) for row in all_connections(services)]


def _referred(services: Services, selection: Selection) -> list[Record]:
    """Records that carry the text as a business reference: order number, shipment number, SKU."""
    if not selection.text:
        return []
    store = RecordStore(services)
    found = store.load_many(store.find(selection.text)).values()
    return [
        record
        for record in found
        if selection.connection in ("", record.connection)
        and selection.stream in ("", record.stream)
        and selection.pair in ("", record.pair)
        and (not selection.statuses or record.status in selection.statuses)
    ]


def record_named(services: Services, name: str) -> Record:
    """The record with this id, or the only one with this business reference. Raises Refused."""
    store = RecordStore(services)
    record = store.load(name)
    if record is not None:
        return record
    found: Sequence[Record] = list(store.load_many(store.find(name)).values())
    if not found:
        raise Refused(
            f"there is no record {name!r}: neither an id (connection/stream/key) nor a known order, shipment or SKU. "
            "Look with `ml-connector records list --text ...`"
        )
    if len(found) > 1:
        ids = "\n  ".join(sorted(record.id for record in found)[:CANDIDATES_NAMED])
        raise Refused(f"{len(found)} records carry {name!r}; name one by its id:\n  {ids}")
    return found[0]
