"""The one place that turns an Outcome into record state, audit line, queue action and metric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connector.backoff import queue_spread, wait_until
from connector.faults import ConfigurationFault, FaultKind, VendorFault
from connector.instants import instant_text
from connector.message import enqueue, park, pointer_of
from connector.outcome import Done, Held, Later, Missing, Outcome, Refused, Same, Unknown
from connector.pair import Work
from connector.ports import Put
from connector.record import Record, Status
from connector.review import resume
from connector.writes import reference_put

_LATER = frozenset(
    {
        FaultKind.NOT_SENT,
        FaultKind.BUDGET,
        FaultKind.THROTTLED,
        FaultKind.UNAVAILABLE,
        FaultKind.EXPIRED,
        FaultKind.CONFLICT,
    }
)

_WAITING = frozenset({Status.WAITING, Status.UNKNOWN})

DEFECT = "an error in this software"
"""Begins the reason of a record whose work crashed."""

NOTES_BYTES = 40_000
"""Bytes of field notes that are kept on a record and in its audit line."""


def outcome_of_fault(
    fault: VendorFault | ConfigurationFault, record: Record, now: datetime, random: Callable[[], float]
) -> Outcome:
    """The ending of a record whose reading or checking met a fault. Writes are judged by the Ledger, not here."""
    if isinstance(fault, ConfigurationFault):
        return Held(str(fault), (Missing(*fault.waits_for),) if fault.waits_for else ())
    if fault.kind in _LATER:
        at = wait_until(now, record.waits, random, fault.retry_at, spread=queue_spread(record.waits))
        return Later(at, str(fault), trouble=fault.trouble)
    if fault.kind in (FaultKind.FORBIDDEN, FaultKind.CONFIGURATION, FaultKind.UNSUPPORTED_QUERY):
        return Held(str(fault))
    return Refused(str(fault))


@dataclass(frozen=True)
class _Ending:
    status: Status
    why: str
    text: str
    due: datetime | None = None
    missing: tuple[Missing, ...] = ()
    planned: bool = False


def _ending(outcome: Outcome) -> _Ending:
    match outcome:
        case Done(reference, text):
            names = ", ".join(f"{key} {value}" for key, value in reference.items())
            return _Ending(Status.DONE, text, f"Done. {text or names}".strip())
        case Same(text):
            return _Ending(Status.DONE, text, f"Nothing to do. {text}".strip())
        case Later(at, why, planned):
            return _Ending(Status.WAITING, why, f"Waits: {why}.", at, planned=planned)
        case Unknown(why, at):
            return _Ending(Status.UNKNOWN, why, f"Not clear whether it was written: {why}.", at)
        case Held(why, missing):
            return _Ending(Status.HELD, why, f"Held: {why}", missing=missing)
        case Refused(why):
            return _Ending(Status.REFUSED, why, f"Refused: {why}")


def settle(work: Work[Any], outcome: Outcome) -> Record:
    """Saves the ending and does what follows from it. Answers the record as saved."""
    ending, before = _ending(outcome), work.record
    saved = work.store.change(
        before,
        lambda record: _settled(work, record, ending),
        _text(before, ending, work),
        {"outcome": type(outcome).__name__, "notes": list(_notes(work))},
        lambda record: _writes(work, record),
    )
    work.ledger.record = saved
    _follow(work, saved, ending)
    work.log.metric(f"Outcome{type(outcome).__name__}", 1)
    work.log.info("settled", outcome=type(outcome).__name__, state=saved.status.value)
    return saved


def _text(before: Record, ending: _Ending, work: Work[Any]) -> str:
    """No line for a wait that only repeats the last one: a busy slot is not news every two seconds."""
    repeated = ending.status is Status.WAITING and before.waits > 0 and before.why == ending.why
    return "" if repeated and not work.notes else ending.text


def _settled(work: Work[Any], record: Record, ending: _Ending) -> Record:
    """The new state. Work that was heard of meanwhile keeps the record QUEUED: its own message is on the way."""
    linked = replace(record, links={**record.links, **work.links})
    if record.status is Status.CLOSED or _overtaken(work, record, ending):
        return linked
    newer = record.seen > work.started_seen
    waiting = ending.status in _WAITING
    due = instant_text(ending.due) if ending.due else instant_text(work.now)
    return replace(
        linked,
        status=Status.QUEUED if newer else ending.status,
        handled=record.handled if waiting else work.started_seen,
        revision=work.revision if work.revision is not None and not newer else record.revision,
        due_at=record.due_at if newer else due,
        why=ending.why,
        missing=tuple(dict.fromkeys(ending.missing)),
        notes=_notes(work) if work.notes or not waiting else record.notes,
        waits=record.waits + 1 if waiting and not ending.planned else 0,
    )


def _overtaken(work: Work[Any], record: Record, ending: _Ending) -> bool:
    """Whether another worker has finished this sighting (or a newer one) meanwhile, so that its ending stands.

    Two workers meet on one record when a message comes back after its visibility time-out, or through two lanes.
    """
    if record.handled > work.started_seen:
        return True
    return record.handled == work.started_seen and (ending.status in _WAITING or record.status is Status.DONE)


def _notes(work: Work[Any]) -> tuple[str, ...]:
    """The notes as they are kept: a document of thousands of lines must not outgrow its item."""
    kept: list[str] = []
    size = 0
    for note in work.notes:
        size += len(note.encode())
        if size > NOTES_BYTES:
            return (*kept, f"and {len(work.notes) - len(kept)} more notes, left out because there are so many")
        kept.append(note)
    return tuple(kept)


def _writes(work: Work[Any], after: Record) -> list[Put]:
    return [reference_put(after.id, kind, value) for kind, value in work.references]


def _follow(work: Work[Any], saved: Record, ending: _Ending) -> None:
    if saved.status in _WAITING and ending.due is not None:
        park(work.services, pointer_of(saved, "wait"), ending.due)
    for missing in work.appeared:
        resume(work.services, work.store, work.connection.name, missing, saved.correlation)


def recheck(work: Work[Any], saved: Record, available: Callable[[Missing], bool]) -> None:
    """Closes the race between "held" and "appeared": what appeared just before the hold was saved is found here."""
    if saved.status is Status.HELD and saved.missing and all(available(missing) for missing in saved.missing):
        due = work.store.touch(saved, "resume", saved.correlation, "What it waited for has appeared meanwhile.")
        enqueue(work.services, [due])


def place_of(error: Exception) -> str:
    """File and line at which an error was raised; its words are left out because they may hold personal data."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}" if place else "?"


def crashed(work: Work[Any], error: Exception) -> None:
    """Notes an unexpected error on the record before the message goes back to the queue."""
    name = type(error).__name__
    why = f"{DEFECT}: {name} at {place_of(error)}. It is tried again, then kept as a dead letter"
    work.store.change(work.record, lambda record: replace(record, why=why), f"Stopped by {why}.", {"error": name})
