"""Where a record stands now, what will happen next and when, and what a person can do."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cli.operations.arrivals import arrivals
from cli.operations.causes import key_advice, mapping_tables, wanted
from cli.operations.overview import all_connections, polls_of, reconnects
from cli.operations.times import from_now, moment_text
from cli.pairs import UnknownPair, connection_named, senders_of
from connector.acceptance import can_accept
from connector.faults import ConfigurationFault
from connector.instants import instant_text, parse_instant
from connector.record import Record, Status
from connector.records import RecordStore
from connector.redact import redact_text
from connector.services import Services
from connector.settle import DEFECT
from connector.sweep import GRACE


@dataclass(frozen=True)
class Outlook:
    """`now` and `then` are sentences; `at` is the instant of what happens next, "" when nothing will by itself."""

    now: str
    then: str
    at: str = ""
    commands: tuple[str, ...] = ()


def outlook(services: Services, record: Record) -> Outlook:
    """The outlook of one record, by its state, its connection and the next polls."""
    found = _by_status(services, record)
    blocked = _blocked(services, record.connection) if record.status not in (Status.DONE, Status.CLOSED) else ""
    if not blocked:
        return found
    return Outlook(found.now, f"{blocked} {found.then}", found.at, found.commands)


def _by_status(services: Services, record: Record) -> Outlook:
    now, why = services.clock(), redact_text(record.why)
    due = from_now(record.due_at, now)
    match record.status:
        case _ if record.why.startswith(DEFECT) and record.status in (Status.QUEUED, Status.WAITING):
            return Outlook(
                f"Its work was stopped by {why}.",
                "Its message comes back up to five times, then it is kept as a dead letter and the alarm rings. After "
                "the fix, move it back.",
                record.due_at,
                (f"ml-connector dlq show {record.pair} --record {shlex.quote(record.id)}", _replay(record)),
            )
        case Status.QUEUED:
            swept = instant_text(parse_instant(record.due_at) + GRACE)
            return Outlook(
                f"It is due since {due}; a message for it is on its way.",
                f"A worker takes it as soon as one is free. Should the message be lost, the sweeper sends a new one "
                f"after {moment_text(swept)}.",
                record.due_at,
            )
        case Status.WAITING:
            return Outlook(f"It waits: {why}.", f"It is worked on again at {due}, by itself.", record.due_at)
        case Status.UNKNOWN:
            return Outlook(
                f"It is not clear whether something was written: {why}.",
                f"The vendor is asked at {due}. Nothing is sent a second time before that.", record.due_at,
            )
        case Status.HELD:
            return _held(services, record, why)
        case Status.REFUSED:
            return Outlook(
                f"It was refused: {why}.", "Nothing happens by itself. Correct the cause, then replay it.", "",
                (_replay(record), _close(record)),
            )
        case Status.CLOSED:
            return Outlook(f"A person ended it: {why}.", "Nothing happens any more, whatever is heard of it.")
        case _:
            return _done(services, record, why)


def _held(services: Services, record: Record, why: str) -> Outlook:
    if not record.missing:
        accept = (f"ml-connector records accept {shlex.quote(record.id)} --reason TEXT",) if can_accept(record) else ()
        ways = "replay, accept or close" if accept else "replay or close"
        return Outlook(
            f"It is held for a person: {why}", f"Nothing happens by itself. Decide, then {ways} it.", "",
            (_replay(record), *accept, _close(record)),
        )
    store, tables = RecordStore(services), mapping_tables()
    waits, advice = [], []
    for missing in record.missing:
        others = len(store.waiting_for(missing, record.connection)) - 1
        beside = f", with {others} other record{'' if others == 1 else 's'}" if others > 0 else ""
        waits.append(f"{wanted(missing)}{beside}")
        advice.append(key_advice(record, missing, tables))
    return Outlook(
        f"It is held since {moment_text(record.updated_at)} and waits for {'; '.join(waits)}. ({why})",
        "It continues by itself: at once when the key is applied or synchronised, else within ten minutes after it "
        "exists.",
        "", tuple(dict.fromkeys(advice)),
    )


def _done(services: Services, record: Record, why: str) -> Outlook:
    now = f"It is done: {why}" if why else "It is done."
    poll = next((poll for poll in _polls(services, record.connection) if poll["flow"] == record.stream), None)
    if poll is None or not poll["next_at"]:
        return Outlook(now, "Nothing is left to do; it wakes up when something new is heard of it.")
    if not poll["enabled"]:
        return Outlook(now, f"The flow {record.stream} is switched off; nothing new is looked for.")
    if poll["next_at"] <= instant_text(services.clock()):
        return Outlook(now, "Nothing is left to do. The source is due to be looked at again now.", poll["next_at"])
    at = from_now(poll["next_at"], services.clock())
    return Outlook(now, f"Nothing is left to do. The source is looked at again at {at}.", poll["next_at"])


def _polls(services: Services, name: str) -> Sequence[dict[str, Any]]:
    try:
        pair, connection = connection_named(services, name)
    except (ConfigurationFault, UnknownPair):  # gone or unreadable: the record is told all the same
        return ()
    return polls_of(services, pair, connection)


def _blocked(services: Services, name: str) -> str:
    """What keeps everything of the connection from moving, as a sentence; empty when nothing does."""
    try:
        _, connection = connection_named(services, name)
    except (ConfigurationFault, UnknownPair) as error:
        return f"The connection cannot be used: {error}."
    if not connection.active:
        return f"The connection is paused (`ml-connector connections resume {name}`)."
    lost = reconnects(services, connection)
    said = [f"{system} must be connected again since {why}" for system, why in lost.items()]
    return f"{'; '.join(said)} (`ml-connector doctor {name}`)." if said else ""


def _replay(record: Record) -> str:
    return f"ml-connector records replay {shlex.quote(record.id)}"


def _close(record: Record) -> str:
    return f"ml-connector records close {shlex.quote(record.id)} --reason TEXT"


# ---- what was never heard of ----------------------------------------------------------------------------------


def never_heard(services: Services, connection: str = "") -> list[str]:
    """For a number that no record has: how far each connection has read its sources, and what waits unproven."""
    said = []
    for row in all_connections(services):
        name = str(row["connection"])
        if connection not in ("", name):
            continue
        said += _reach(services, name)
    return said or ["no connection is applied here; see `ml-connector connections list`"]


def _reach(services: Services, name: str) -> list[str]:
    try:
        pair, connection = connection_named(services, name)
    except (ConfigurationFault, UnknownPair) as error:
        return [f"{name}: cannot be read ({error})"]
    said, now = [], services.clock()
    start = instant_text(connection.document.start)
    said.append(f"{name} ({pair.name}, {connection.state}) moves what changed since {moment_text(start)}.")
    for poll in polls_of(services, pair, connection):
        if not poll["next_at"] and not poll["position"]:
            continue
        reach = f"read until {moment_text(poll['position'])}" if poll["position"] else "not read yet"
        following = f"next look at {from_now(poll['next_at'], now)}" if poll["enabled"] else "switched off"
        trouble = f"; the last {poll['failures']} looks failed: {redact_text(poll['why'])}" if poll["failures"] else ""
        said.append(f"{name}: {poll['flow']} {reach}, {following}{trouble}.")
    for sender in senders_of(pair.name):
        kept = arrivals(services, name, sender).quarantined
        if kept:
            said.append(f"{name}: {kept} deliveries of {sender} wait unproven; `ml-connector webhooks status {name}`.")
    return said
