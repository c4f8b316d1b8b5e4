"""Working on messages: a raw event becomes pointers, a pointer becomes one piece of guarded work."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connector.cache import connection_of
from connector.connection import Connection
from connector.faults import ConfigurationFault, VendorFault
from connector.instants import parse_instant
from connector.ledger import LEASE, Ledger, Stolen
from connector.message import Pointer, enqueue, park
from connector.outcome import Held, Later, Missing, Outcome
from connector.pair import Flow, Pair, RawEvent, Work
from connector.patience import judged
from connector.ports import Item
from connector.record import Record, Status, check_record_id, from_json, record_id, to_json
from connector.records import Origin, RecordStore
from connector.services import Services
from connector.settle import crashed, outcome_of_fault, recheck, settle
from connector.silence import rung
from connector.sweep import PAUSED, READABLE, SWITCHED_OFF, exists


def work_on(pair: Pair[Any], services: Services, pointer: Pointer, lease: timedelta = LEASE) -> Record | None:
    """Works on the record that a pointer names; answers it as saved, or None when nothing was due.

    `lease`: how long this process may live at most, and so how long its writes are nobody else's.
    """
    store = RecordStore(services)
    record = store.load(pointer.record)
    log = services.log.bind(
        record=pointer.record, correlation=pointer.correlation, cause=pointer.cause, lane=pointer.lane
    )
    if record is None:
        log.error("a message names a record that does not exist")
        return None
    if _waits(record, pointer, services):
        return None
    if record.status is Status.CLOSED or record.seen <= record.handled:
        log.info("nothing due", state=record.status.value)
        return None
    bound = replace(services, log=log.bind(connection=record.connection, stream=record.stream))
    try:
        connection = connection_of(bound, pair, record.connection, fresh=pointer.cause in FRESH_CAUSES)
    except ConfigurationFault as fault:
        return _unreadable(bound, store, record, str(fault))
    flow = pair.flow(record.stream)
    if connection is None or flow is None:
        bound.log.error("the record's connection or flow does not exist in this pair")
        return None
    return _work(pair, flow, bound, connection, store, record, pointer, lease)


def _unreadable(services: Services, store: RecordStore, record: Record, why: str) -> Record:
    """Holds a record whose connection this version cannot read; the sweeper lets it continue after the next apply."""
    services.log.error("a connection cannot be read; its record is held", error=why)

    def held(current: Record) -> Record:
        if current.status is Status.CLOSED or current.seen > record.seen:
            return current
        return replace(current, status=Status.HELD, handled=record.seen, why=why, missing=(READABLE,), waits=0)

    return store.change(record, held, f"Held: {why}")


QUIET = "quiet hours"
"""How the reason of a record begins that waits for the end of them."""

FRESH_CAUSES = frozenset({"resume", "replay"})
"""A person has just changed something, mostly the connection: a warm process must not go by its old copy of it."""


def _newest(pair: Pair[Any], services: Services, known: Connection) -> Connection:
    """The connection as it is stored now: the mapping may have been added after this process had read it."""
    return connection_of(services, pair, known.name, fresh=True) or known


CLOCKS = timedelta(minutes=1)
"""More than two machines' clocks differ."""

ROUND = 10
"""Seconds, in whole multiples of which a message that came early goes round."""


def _waits(record: Record, pointer: Pointer, services: Services) -> bool:
    """Whether the record is parked for longer than this message knows.

    A wait that was prolonged has its own, later message. One that is almost over comes from a machine whose clock is
    ahead of ours: it goes round once more, to a later moment than the record's, which the queue would take for a
    repetition. Copies of it must meet at the same moment again, where the queue makes one of them; with a moment for
    each, a record that waits for two seconds at a time would multiply them without end.
    """
    parked = record.status in (Status.WAITING, Status.UNKNOWN) and pointer.cause == "wait"
    due, now = parse_instant(record.due_at), services.clock()
    if not parked or due <= now:
        return False
    if due - now <= CLOCKS:
        rounds = math.ceil(((due - now).total_seconds() + 1) / ROUND)
        park(services, pointer, due + timedelta(seconds=ROUND * rounds))
    return True


class _Shut:
    """Stands in for accounts that could not be opened."""

    def close(self) -> None:
        """Nothing is open."""


def _work(
    pair: Pair[Any],
    flow: Flow[Any],
    services: Services,
    connection: Connection,
    store: RecordStore,
    record: Record,
    pointer: Pointer,
    lease: timedelta,
) -> Record:
    ledger = Ledger(
        services,
        store,
        record,
        replaying=record.cause == "replay",
        lease=lease,
        settle_scale=connection.document.settle_scale,
    )
    work: Work[Any] = Work(services, connection, _Shut(), ledger, store, services.log, record.seen)
    try:
        outcome = _outcome(pair, flow, work, pointer)
    except Exception as error:
        crashed(work, error)
        raise
    finally:
        _close(work)
    outcome = judged(work, outcome)
    held_for_a_person = isinstance(outcome, Held) and not outcome.missing
    if held_for_a_person and _newest(pair, services, connection).revision != connection.revision:
        # A mended mapping counts from its apply on, also for a process that still went by its old copy. (What waits
        # for a missing key is looked at below.)
        why = f"connection {connection.name} was changed meanwhile; it is worked on again as it is now"
        outcome = Later(work.now + timedelta(seconds=1), why, planned=True)
    saved = settle(work, outcome)
    recheck(work, saved, lambda missing: exists(pair, services, _newest(pair, services, connection), missing))
    return work.record


def _close(work: Work[Any]) -> None:
    """Gives the accounts back. A sign-out that fails must not lose what the work has achieved."""
    try:
        work.clients.close()
    except (VendorFault, ConfigurationFault) as fault:
        work.log.warning("an account could not be closed", error=str(fault))


def _outcome(pair: Pair[Any], flow: Flow[Any], work: Work[Any], pointer: Pointer) -> Outcome:
    connection = work.connection
    if not connection.active:
        return Held(f"connection {connection.name} is paused", (PAUSED,))
    if not connection.enabled(flow.name):
        word = "paused" if flow.name in connection.paused_flows else "switched off"
        why = f"flow {flow.name} is {word} for connection {connection.name}; it continues when it is switched on"
        return Held(why, (Missing(SWITCHED_OFF, flow.name),))
    rest = connection.rests_until(flow.name, work.now)
    if rest is not None and work.record.cause != "replay":  # a person's word counts at night too
        return Later(rest, f"{QUIET} of flow {flow.name}", planned=True)
    try:
        work.clients = pair.open(work.services, connection, pointer.lane, work.record.id)
        return flow.work(work)
    except (VendorFault, ConfigurationFault) as fault:
        return outcome_of_fault(fault, work.record, work.now, work.services.random)
    except Stolen as error:
        return Later(work.now + timedelta(seconds=5), str(error))


# ---- raw events ---------------------------------------------------------------------------------------------


def take_event(pair: Pair[Any], services: Services, fields: dict[str, Any], life: timedelta) -> list[Record]:
    """Keeps a raw event, drops a repeat, rings the doorbells it asks for; answers the records that were enqueued."""
    name, sender, event_id = fields["connection"], fields["sender"], fields["event_id"]
    bound = replace(
        services,
        log=services.log.bind(
            connection=name,
            sender=sender,
            correlation=fields["correlation"],
            topic=fields.get("topic", ""),
            cause="webhook",
        ),
    )
    kept = _keep(bound, fields, life)
    if kept is None:
        bound.log.info("a repeated event was dropped")
        return []
    connection = connection_of(bound, pair, name)
    if connection is None or sender not in pair.doorbells:
        return _close_event(bound, kept, "nobody", "no such connection or sender")
    raw = fields["body"] if "body" in fields else bound.bodies.get(fields["body_key"])
    event = RawEvent(name, sender, event_id, fields.get("topic", ""), fields["received_at"], raw)
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
        bells = pair.doorbells[sender](connection, replace(event, body=from_json(text)))
        for bell in bells:
            check_record_id(record_id(name, bell.stream, bell.seen.source_key))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        bound.log.error("an event could not be understood; it is kept", error=type(error).__name__)
        bound.log.metric("EventUnreadable", 1)
        return _close_event(bound, kept, "unreadable", type(error).__name__)
    store = RecordStore(bound)
    records: list[Record] = []
    for bell in bells:
        origin = Origin(name, pair.name, bell.stream, "webhook", fields["correlation"])
        topics = (event.topic,) if event.topic else ()
        records += store.see(origin, [replace(bell.seen, topics=topics)])
        rung(bound, name, bell.stream, event.topic)
    enqueue(bound, records)
    _close_event(bound, kept, "done" if bells else "ignored", ", ".join(record.id for record in records))
    return records


def _keep(services: Services, fields: dict[str, Any], life: timedelta) -> Item | None:
    """Stores the event; None when it is already stored and finished."""
    pk, sk = f"{fields['connection']}/{fields['sender']}", fields["event_id"]
    present = services.tables.get("events", pk, sk)
    if present is not None:
        return present if present["status"] == "received" else None
    expires = int((services.clock() + life).timestamp())
    item: Item = {
        "pk": pk,
        "sk": sk,
        "status": "received",
        "received_at": fields["received_at"],
        "topic": fields.get("topic", ""),
        "correlation": fields["correlation"],
        "expires_at": expires,
        "data": to_json(fields),
    }
    services.tables.put("events", item)
    return item


def _close_event(services: Services, item: Item, status: str, text: str) -> list[Record]:
    services.tables.put("events", {**item, "status": status, "result": text[:1000]})
    return []
