"""Edit and replay: an overlay over what the source says of one record, checked, tried out, audited, then replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cli.failures import Refused
from cli.operations.accounts import for_long_reading
from cli.pairs import connection_named
from connector.edits import EDITS, Unfit, merged, parse_assignments
from connector.record import Record, Status
from connector.records import RecordStore
from connector.rehearsal import Step, rehearse
from connector.review import overlay, replay
from connector.services import Services


def overlay_of(services: Services, record: Record, assignments: Sequence[str], *, drop: bool) -> dict[str, Any]:
    """The record's overlay with these assignments, or none at all. Raises Refused."""
    if record.status is Status.CLOSED:
        raise Refused(f"{record.id} is closed: nothing more happens to it")
    if drop:
        return {}
    pair, _ = connection_named(services, record.connection)
    flow = pair.flow(record.stream)
    if flow is None or flow.editable is None:
        able = ", ".join(each.name for each in pair.flows if each.editable is not None) or "none"
        raise Refused(
            f"records of {record.stream} cannot be edited: correct the source and replay. Flows that can: {able}"
        )
    try:
        wanted = parse_assignments(assignments, flow.editable)
    except Unfit as error:
        raise Refused(str(error)) from error
    present: Mapping[str, Any] = (record.links.get(EDITS) or {}).get("values") or {}
    return merged(present, wanted)


def tried(
    services: Services, record: Record, values: Mapping[str, Any], who: str, reason: str,
    sleep: Callable[[float], object],
) -> Step:
    """What a replay with the overlay would do; nothing is stored or written. Raises VendorFault."""
    pair, connection = connection_named(services, record.connection)
    kept = {"values": dict(values), "by": who, "at": "", "reason": reason} if values else {}
    edited = replace(record, links={**record.links, EDITS: kept})
    step: Step = for_long_reading(services, sleep)(lambda: rehearse(pair, services, connection, edited))
    return step


def edit_and_replay(
    services: Services, record: Record, values: Mapping[str, Any], who: str, reason: str, correlation: str
) -> Record:
    """Stores the overlay with its audit line and makes the record due."""
    store = RecordStore(services)
    changed = overlay(services, store, record, values, who, reason)
    return replay(services, store, changed, correlation, who)
