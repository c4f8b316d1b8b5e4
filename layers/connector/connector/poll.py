"""Polling: the tick finds what is due, a job reads one window, stores what changed, enqueues, then moves the cursor."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connector import certificates
from connector.backoff import wait_until
from connector.cache import connection_of
from connector.connection import Connection, list_connections
from connector.cursor import Cursor, failed, finished, reach, read_cursors, save, take
from connector.faults import ConfigurationFault, VendorFault
from connector.instants import instant_text, parse_instant
from connector.message import enqueue
from connector.nightly import EVERY, RECONCILE, interrupted, night_job
from connector.nightly import run as run_night
from connector.pair import Chore, Flow, Pair, Polling, Window
from connector.ports import Message
from connector.quiet import QuietHours, woke_at
from connector.record import short_hash
from connector.records import Origin, RecordStore
from connector.services import Services
from connector.silence import judged
from connector.sweep import SWEEP, sweep

AFTER_DEATH = timedelta(seconds=30)
"""How long after this process's end of life another one may take the poll over."""

CHORE = "chore:"
CERTIFICATES = "certificates"
PROGRESS = "progress"
"""Where a poll's memory keeps how far a failed attempt came."""

UNHEARD = "unheard"
"""Where a poll's memory keeps the news whose webhooks may still come (`connector.silence`)."""

STUBBORN = 10
"""Attempts after which a reconciliation that never ends counts as late like a poll; some are quite usual."""

RESERVE = 20.0
"""Seconds that must be left for a page to be begun; at most half of the invocation."""

Left = Callable[[], float]
"""Seconds that this invocation may still run."""


def tick(pair: Pair[Any], services: Services) -> int:
    """Enqueues one job per due poll and chore of every active connection; answers how many."""
    jobs: list[Message] = []
    for name in list_connections(services.tables, pair.name):
        connection = readable(pair, services, name)
        if connection is not None and connection.active:
            jobs += _due(pair, services, connection)
    if jobs:
        services.queues.send("jobs", jobs)
    return len(jobs)


def night(pair: Pair[Any], services: Services) -> int:
    """Enqueues the reconciliation of every active connection; answers how many."""
    jobs = []
    for name in list_connections(services.tables, pair.name) if pair.surveys else ():
        connection = readable(pair, services, name)
        if connection is not None and connection.active:
            jobs.append(night_job(name, instant_text(services.clock())[:13]))
    if jobs:
        services.queues.send("jobs", jobs)
    return len(jobs)


def readable(pair: Pair[Any], services: Services, name: str) -> Connection | None:
    """The connection, or None with an error line: one that this version cannot read must not stop the others."""
    try:
        return connection_of(services, pair, name)
    except ConfigurationFault as fault:
        bound = services.log.bind(connection=name)
        bound.error("a connection cannot be read", error=fault.message)
        bound.metric("ConnectionUnreadable", 1)
        return None


def _due(pair: Pair[Any], services: Services, connection: Connection) -> list[Message]:
    cadences = {
        flow.name: connection.every(flow.name, flow.every)
        for flow in pair.flows
        if flow.poll is not None and connection.enabled(flow.name)
    }
    cadences |= {CHORE + name: chore.every for name, chore in pair.chores.items()}
    cadences |= {CHORE + SWEEP: SWEEP_EVERY, CHORE + CERTIFICATES: certificates.EVERY}
    now = instant_text(services.clock())
    log = services.log.bind(connection=connection.name)
    jobs = []
    cursors = read_cursors(services.tables, connection.name, [*cadences, RECONCILE])
    reconciliation = cursors.pop(RECONCILE)
    again = interrupted(services, reconciliation)
    if reconciliation.failures >= STUBBORN:
        log.metric("CursorAgeSeconds", _overdue(reconciliation, services, EVERY, ()), "Seconds")
    for name, cursor in cursors.items():
        if _rests(connection, name, services):
            log.metric("CursorAgeSeconds", 0.0, "Seconds")
            continue
        hours = connection.quiet_hours(name)
        log.metric("CursorAgeSeconds", _overdue(cursor, services, cadences[name], hours), "Seconds")
        if cursor.held_until > now or not (cursor.next_at <= now or _shortened(cursor, services, cadences[name])):
            continue
        jobs.append(_job(connection.name, name, cursor))
    return [*jobs, again] if again is not None else jobs


def _shortened(cursor: Cursor, services: Services, cadence: timedelta) -> bool:
    """Whether the poll is due by a cadence that was made shorter after its last, good run."""
    if cursor.failures or not cursor.succeeded_at:
        return False
    return parse_instant(cursor.succeeded_at) + cadence <= services.clock()


def _rests(connection: Connection, name: str, services: Services) -> bool:
    """Whether these are quiet hours of a poll or chore.

    The sweeper asks no vendor and never rests; the reconciliation only reads, and night is its time.
    """
    return name not in (CHORE + SWEEP, RECONCILE) and connection.rests_until(name, services.clock()) is not None


def _overdue(cursor: Cursor, services: Services, cadence: timedelta, hours: Sequence[QuietHours]) -> float:
    """Seconds that a poll's last success (or, if there is none, its first try) is older than its cadence.

    Quiet hours are no delay: after them it is due at once, and late from then on.
    """
    since = cursor.succeeded_at or cursor.begun_at
    if not since:
        return 0.0
    late = (services.clock() - parse_instant(since) - cadence).total_seconds()
    woke = woke_at(hours, services.clock())
    return max(0.0, late if woke is None else min(late, (services.clock() - woke).total_seconds()))


def _job(connection: str, name: str, cursor: Cursor) -> Message:
    body = {"kind": "poll", "connection": connection, "stream": name, "correlation": secrets.token_hex(8)}
    salt = f"{cursor.version}#{cursor.next_at}"
    return Message(
        json.dumps(body), group=short_hash(connection, name), deduplication=short_hash(connection, name, salt)
    )


def run_job(pair: Pair[Any], services: Services, job: dict[str, Any], left: Left) -> None:
    """Runs one poll or chore. A fault of the vendor is noted on the cursor and tried again later; bugs propagate."""
    name = str(job["stream"])
    connection = readable(pair, services, str(job["connection"]))
    if connection is None or not connection.active or _rests(connection, name, services):
        return
    bound = replace(
        services,
        log=services.log.bind(connection=connection.name, stream=name, correlation=job["correlation"], cause="poll"),
    )
    cursor = take(bound.tables, bound.clock, connection.name, name, timedelta(seconds=left()) + AFTER_DEATH)
    if cursor is None:
        return
    try:
        after = _run(pair, bound, connection, cursor, str(job["correlation"]), left)
    except (VendorFault, ConfigurationFault) as fault:
        after = _faulted(cursor, bound, fault)
    if save(bound.tables, after) is None:
        bound.log.warning("a poll lasted longer than its lease; what it found is stored, its place is not moved")


def _faulted(cursor: Cursor, services: Services, fault: VendorFault | ConfigurationFault) -> Cursor:
    """The cursor after a fault: it has not moved, and asks again when the fault says so."""
    hint = fault.retry_at if isinstance(fault, VendorFault) else None
    at = wait_until(services.clock(), cursor.failures, services.random, hint)
    services.log.warning("poll did not finish", error=str(fault), fault_kind=type(fault).__name__)
    return failed(cursor, str(fault), at)


def _run(
    pair: Pair[Any], services: Services, connection: Connection, cursor: Cursor, correlation: str, left: Left
) -> Cursor:
    if cursor.name == CHORE + SWEEP:
        sweep(pair, services, connection)
        return _rest(cursor, services, SWEEP_EVERY)
    if cursor.name == CHORE + CERTIFICATES:
        certificates.watch(services, connection, stored="watch_certificate" not in pair.chores)
        return _rest(cursor, services, certificates.EVERY)
    holder = f"poll/{connection.name}/{cursor.name}"
    flow = pair.flow(cursor.name)
    lane = "nightly" if cursor.name == RECONCILE else flow.lane if flow is not None else "live"
    clients = pair.open(services, connection, lane, holder)
    try:
        if cursor.name == RECONCILE:
            run_night(pair, services, connection, clients, left)
            return _rest(cursor, services, EVERY)
        if cursor.name.startswith(CHORE):
            chore: Chore[Any] = pair.chores[cursor.name.removeprefix(CHORE)]
            chore.run(services, connection, clients)
            return _rest(cursor, services, chore.every)
        if flow is None or flow.poll is None:
            raise ConfigurationFault(connection.name, f"pair {pair.name} has no poll named {cursor.name}")
        stream = flow.feeds or flow.name
        origin = Origin(connection.name, pair.name, stream, "poll", correlation, flow.lane)
        return _poll(flow, services, connection, clients, cursor, origin, left)
    finally:
        clients.close()


SWEEP_EVERY = timedelta(minutes=5)


def _rest(cursor: Cursor, services: Services, every: timedelta) -> Cursor:
    now = services.clock()
    return replace(
        cursor,
        next_at=instant_text(now + every),
        holder="",
        held_until="",
        failures=0,
        why="",
        succeeded_at=instant_text(now),
    )


def _poll(
    flow: Flow[Any],
    services: Services,
    connection: Connection,
    clients: Any,
    cursor: Cursor,
    origin: Origin,
    left: Left,
) -> Cursor:
    now, reserve = services.clock(), min(RESERVE, left() / 2)
    window = reach(cursor, connection.document.start, now, flow.overlap, flow.lag)
    store = RecordStore(services)
    polling: Polling[Any] = Polling(
        services,
        connection,
        clients,
        store,
        services.log,
        origin,
        Window(window.since, window.until),
        {name: value for name, value in cursor.memory.items() if name not in (PROGRESS, UNHEARD)},
        dict(cursor.memory.get(PROGRESS) or {}),
    )
    found, topics = 0, set[str]()
    try:
        for page in flow.poll(polling) if flow.poll is not None else ():
            records = store.see(origin, page, topics)
            enqueue(services, records)
            found += len(records)
            if left() < reserve:
                services.log.warning("poll ran out of time; the window is halved", window=instant_text(window.until))
                why = "the window held more than one invocation can read"
                return failed(cursor, why, services.clock(), too_long=True)
    except VendorFault as fault:
        kept = {**cursor.memory, PROGRESS: dict(polling.progress)}
        return replace(_faulted(cursor, services, fault), memory=kept)
    waiting: Mapping[str, str] = cursor.memory.get(UNHEARD) or {}
    still, silences = judged(services, connection.name, origin.stream, waiting, topics)
    for seconds in silences:
        services.log.metric("SilentWebhookSeconds", seconds, "Seconds")
    services.log.info("polled", window=f"{instant_text(window.since)}..{instant_text(window.until)}", count=found)
    return finished(
        cursor,
        window,
        polling.position,
        flow.source_clock,
        {**polling.memory, **({UNHEARD: still} if still else {})},
        now,
        _next(connection, flow, services.clock()),
    )


def _next(connection: Connection, flow: Flow[Any], now: datetime) -> datetime:
    return now + connection.every(flow.name, flow.every)
