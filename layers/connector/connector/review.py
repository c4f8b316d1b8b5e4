"""Records that wait for something: resumed when it appears, replayed when a person says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector.edits import EDITS, paths
from connector.instants import instant_text
from connector.intent import Stage, intent_from_item, intent_item, intent_key
from connector.message import enqueue
from connector.outcome import Missing
from connector.ports import Equals, Put
from connector.record import Record, Status
from connector.records import RecordStore
from connector.services import Services


def resume(services: Services, store: RecordStore, connection: str, missing: Missing, correlation: str) -> int:
    """Enqueues every record that waits for this key; answers how many."""
    resumed = []
    for identifier in store.waiting_for(missing, connection):
        record = store.load(identifier)
        if record is None or record.status is not Status.HELD or missing not in record.missing:
            continue
        text = f"{missing.kind} {missing.value} exists now; it continues."
        if missing.kind == "connection":
            text = f"The connection is {missing.value} again; it continues."
        resumed.append(store.touch(record, "resume", correlation, text))
    enqueue(services, resumed)
    return len(resumed)


def replay(services: Services, store: RecordStore, record: Record, correlation: str, who: str) -> Record:
    """Makes a record due by a person's word. Safe at any time: writes stay guarded by the Ledger."""
    due = store.touch(record, "replay", correlation, f"Replayed by {who}.", lane="repair")
    enqueue(services, [due])
    return due


def release_write(
    services: Services, store: RecordStore, record: Record, effect: str, key: str, who: str, reason: str
) -> Record:
    """A person has checked at the vendor that a write did not happen and lets it be sent again.

    Only for intents whose fate is unknown; raises LookupError otherwise.
    """
    item = services.tables.get("records", record.id, intent_key(effect, key))
    intent = intent_from_item(item) if item is not None else None
    if intent is None or intent.stage is not Stage.UNKNOWN:
        raise LookupError(f"record {record.id} has no write {effect} {key} whose fate is unknown")
    free = replace(intent, stage=Stage.PLANNED, version=intent.version + 1, lease_until="", answer="", why="")
    put = Put("records", intent_item(free), Equals({"version": intent.version}))
    text = f"{who} has checked that {effect} {key} was not executed and lets it be sent again: {reason}"
    return store.change(record, lambda current: current, text, {"effect": effect, "key": key}, lambda _: [put])


def overlay(
    services: Services, store: RecordStore, record: Record, values: Mapping[str, Any], who: str, reason: str
) -> Record:
    """Lays values over what the source says of this record (`connector.edits`); without values the overlay is dropped.

    The trail keeps who, when, why and the values themselves. Nothing is made due here.
    """
    now = instant_text(services.clock())
    kept = {"values": dict(values), "by": who, "at": now, "reason": reason} if values else {}
    what = f"set {', '.join(paths(values))} for this record" if values else "dropped the edit of this record"
    text = f"{who} {what}: {reason}"

    def changed(current: Record) -> Record:
        return replace(current, links={**current.links, EDITS: kept})

    return store.change(record, changed, text, {"edits": dict(values), "who": who})


def skip(store: RecordStore, record: Record, who: str, reason: str) -> Record:
    """A person decides that what is known of this record by now is not worked on. Later news wake it."""
    return store.change(
        record,
        lambda current: replace(
            current, status=Status.DONE, handled=current.seen, why=f"skipped by {who}: {reason}", missing=()
        ),
        f"Skipped by {who}: {reason}",
        {"outcome": "Skipped"},
    )


def close(store: RecordStore, record: Record, who: str, reason: str) -> Record:
    """A person decides that nothing more shall happen to this record."""
    return store.change(
        record,
        lambda current: replace(
            current, status=Status.CLOSED, handled=current.seen, why=f"closed by {who}: {reason}", missing=()
        ),
        f"Closed by {who}: {reason}",
        {"outcome": "Closed"},
    )
