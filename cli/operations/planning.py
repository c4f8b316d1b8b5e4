"""Making a plan: what a window, some records or a changed connection file would make happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cli.failures import Refused
from cli.operations.accounts import for_long_reading
from cli.operations.backfilling import read_window
from cli.operations.documents import plain_document
from cli.operations.plans import Plan
from cli.pairs import connection_named, pair_named
from connector.connection import Connection, ConnectionDocument, apply_document, load_connection
from connector.faults import ConfigurationFault
from connector.instants import instant_text, parse_instant
from connector.overlay import overlaid
from connector.pair import Flow, Pair, Window
from connector.record import Record, Status, short_hash, to_json
from connector.records import Origin, RecordStore, Seen
from connector.rehearsal import Step, rehearse
from connector.services import Services
from connector.sweep import by_status, exists

Progress = Callable[[int, int], None]
"""Told after each step: how many are done, of how many."""

SHORT_WAIT = timedelta(seconds=90)
TRIES = 20


@dataclass(frozen=True)
class Found:
    """What a plan is about: the records as they are (or would be seen), in the services of a rehearsal."""

    pair: Pair[Any]
    connection: Connection
    services: Services
    records: Sequence[Record]
    rows: Mapping[str, Seen]
    prices: bool = False


def plan_records(
    services: Services, records: Sequence[Record], who: str, sleep: Any, progress: Progress, *, prices: bool = False
) -> Plan:
    """What a replay of these records (all of one connection) would do. Raises Refused, VendorFault."""
    names = {record.connection for record in records}
    if len(names) != 1:
        raise Refused("a plan is for one connection; choose with --connection" if names else "no record is chosen")
    pair, connection = connection_named(services, names.pop())
    found = Found(pair, connection, services, records, {}, prices)
    return planned_anew(services, found, "records", who, sleep, progress)


def plan_window(
    services: Services, name: str, flow: str, window: Window, who: str, sleep: Any, progress: Progress,
    *, prices: bool = False,
) -> Plan:
    """What a backfill of the window would do. Raises Refused, VendorFault, ConfigurationFault."""
    found = replace(found_in_window(services, name, flow, window, sleep), prices=prices)
    plan = planned_anew(services, found, "window", who, sleep, progress)
    return replace(plan, flow=flow, since=instant_text(window.since), until=instant_text(window.until))


def plan_file(services: Services, document: ConnectionDocument, who: str, sleep: Any, progress: Progress) -> Plan:
    """What applying the file would let go on, and what that would write. Raises Refused, VendorFault."""
    found = found_by_file(services, document)
    plan = planned_anew(services, found, "file", who, sleep, progress)
    return replace(plan, document=plain_document(document))


def planned_anew(services: Services, found: Found, scope: str, who: str, sleep: Any, progress: Progress) -> Plan:
    """A step for each record, in the order in which they were found. Raises VendorFault."""
    steps = []
    for place, record in enumerate(found.records, start=1):
        steps.append(_rehearsed(found, record, sleep))
        progress(place, len(found.records))
    return Plan(
        found.connection.name, found.pair.name, scope, settings_of(services, found), instant_text(services.clock()),
        who, tuple(steps),
    )


def settings_of(services: Services, found: Found) -> str:
    """What tells whether the stored connection says the same as before."""
    stored = load_connection(services.tables, found.connection.name, found.pair.document)
    return short_hash(to_json(plain_document(stored.document))) if stored is not None else ""


def _rehearsed(found: Found, record: Record, sleep: Callable[[float], object]) -> Step:
    """One step; repeated where only our own budget or a busy session stood in the way for a moment."""
    patience = for_long_reading(found.services, sleep)
    for _ in range(TRIES):
        step: Step = patience(
            lambda: rehearse(found.pair, found.services, found.connection, record, prices=found.prices)
        )
        wait = parse_instant(step.at) - found.services.clock() if step.ends == "later" and step.at else None
        if wait is None or not _crowded(step) or wait > SHORT_WAIT:
            return step
        sleep(max(1.0, wait.total_seconds()))
    return step


def _crowded(step: Step) -> bool:
    return "nothing was sent" in step.why


def found_in_window(services: Services, name: str, flow_name: str, window: Window, sleep: Any) -> Found:
    """What the flow's poll sights in the window that is not known already. Raises Refused, VendorFault."""
    pair, connection = connection_named(services, name)
    flow = polled_flow(pair, flow_name)
    staged, _ = overlaid(services, services.memory)
    origin = Origin(name, pair.name, flow.feeds or flow.name, "backfill", "plan", "bulk")
    store = RecordStore(staged)
    rows: dict[str, Seen] = {}
    records: dict[str, Record] = {}

    def take(page: Sequence[Seen]) -> None:
        rows.update({origin.record(row): row for row in page})
        records.update({record.id: record for record in store.see(origin, page)})

    read_window(pair, staged, connection, flow, window, origin, for_long_reading(services, sleep), take)
    return Found(pair, connection, staged, list(records.values()), rows)


def polled_flow(pair: Pair[Any], name: str) -> Flow[Any]:
    """A flow that can be read for a window. Raises Refused."""
    flow = pair.flow(name)
    if flow is None or flow.poll is None:
        polled = ", ".join(each.name for each in pair.flows if each.poll is not None)
        raise Refused(f"the pair {pair.name} polls {polled}; it has no such flow {name!r}")
    return flow


def found_by_file(services: Services, document: ConnectionDocument) -> Found:
    """What waits for a key that the file brings. Raises ConfigurationFault."""
    pair = pair_named(document.pair)
    staged, _ = overlaid(services, services.memory)
    applied = apply_document(staged.tables, document, services.clock(), "plan")
    connection = load_connection(staged.tables, document.connection, pair.document)
    if connection is None:
        raise ConfigurationFault(document.connection, "could not be read back")
    appeared = set(applied.appeared)
    held = [record for record in by_status(services, document.connection, Status.HELD) if record.missing]
    free = [
        record
        for record in held
        if appeared & set(record.missing) or all(exists(pair, staged, connection, key) for key in record.missing)
    ]
    return Found(pair, connection, staged, free, {})


def window_of(services: Services, since: datetime | None, until: datetime | None) -> Window:
    """The window of --from and --to. Raises Refused."""
    if since is None:
        raise Refused("--from must say where the window begins")
    end = until or services.clock()
    if since >= end:
        raise Refused(f"nothing lies between {since.isoformat()} and {end.isoformat()}")
    return Window(since, end)
