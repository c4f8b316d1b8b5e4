"""Records that wait for something: resumed when it appears, replayed when a person says so."""

from __future__ import annotations

from dataclasses import replace

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


def close(store: RecordStore, record: Record, who: str, reason: str) -> Record:
    """A person decides that nothing more shall happen to this record."""
    return store.change(
        record,
        lambda current: replace(
            current, status=Status.CLOSED, handled=current.seen, why=f"closed by {who}: {reason}", missing=()
        ),
        f"Closed by {who}: {reason}",
    )
