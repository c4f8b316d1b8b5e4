"""Pausing and resuming a connection or one of its flows, and what its schedule is; no deployment is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cli.failures import Refused
from cli.operations.overview import polls_of
from cli.pairs import connection_named, pair_named, pair_of_connection
from connector.connection import Connection, pause_flow, set_state
from connector.faults import ConfigurationFault
from connector.instants import instant_text
from connector.journal import note
from connector.message import enqueue
from connector.outcome import Missing
from connector.pair import Pair
from connector.record import Status
from connector.records import RecordStore
from connector.review import resume
from connector.services import Services
from connector.sweep import PAUSED, SWITCHED_OFF, by_status
from connector.work import QUIET


@dataclass(frozen=True)
class Paused:
    """What a pause or resume did. `flows` empty: the whole connection. `resumed`: records that continue.

    stays: after a resume, what keeps some of it from moving all the same, with the way out.
    """

    connection: str
    flows: tuple[str, ...]
    paused: bool
    resumed: int
    stays: tuple[str, ...] = ()


def set_paused(
    services: Services, name: str, flows: Sequence[str], who: str, correlation: str, *, paused: bool
) -> Paused:
    """Pauses or resumes the connection, or the flows named. Raises ConfigurationFault, Refused.

    Functions that run notice it within a minute. What becomes due meanwhile is held and continues on resume.
    """
    pair = pair_named(pair_of_connection(services, name))  # a document that cannot be read can be paused all the same
    known = [flow.name for flow in pair.flows]
    if unknown := [flow for flow in flows if flow not in known]:
        raise Refused(f"connection {name} has no flow {', '.join(unknown)}; it has {', '.join(known)}")
    word = "pauses" if paused else "resumes"
    note(services, who, f"{word} {', '.join(flows) or 'everything'} of connection {name}", {"connection": name})
    changed = (
        all(pause_flow(services.tables, name, flow, paused=paused) for flow in flows)
        if flows
        else set_state(services.tables, name, "paused" if paused else "active")
    )
    if not changed:
        raise Refused(f"connection {name} was changed by somebody else at the same moment; look and try again")
    keys = [Missing(SWITCHED_OFF, flow) for flow in flows] or [PAUSED]
    store = RecordStore(services)
    count = 0 if paused else sum(resume(services, store, name, key, correlation) for key in keys)
    return Paused(name, tuple(flows), paused, count, () if paused else _stays(services, name, flows))


def _stays(services: Services, name: str, flows: Sequence[str]) -> tuple[str, ...]:
    try:
        _, connection = connection_named(services, name)
    except ConfigurationFault:  # it cannot be read: its records say so
        return ()
    resume_all = f"ml-connector connections resume {name}"
    if not connection.active:
        return (f"connection {name} is paused as a whole ({resume_all})",)
    if not flows:
        return tuple(f"{flow} stays paused ({resume_all} --flow {flow})" for flow in sorted(connection.paused_flows))
    return tuple(
        f"{flow} is switched off in the file (schedule.{flow}.enabled)" for flow in flows
        if not connection.enabled(flow)
    )  # fmt: skip


def wake_rested(services: Services, pair: Pair[Any], connection: Connection, correlation: str) -> int:
    """Sets in motion what waits for the end of quiet hours that are no longer there; answers how many.

    They would go on by themselves, but only at the end of the old hours.
    """
    store = RecordStore(services)
    text = "The quiet hours were changed; it continues."
    woken = [
        store.touch(record, "resume", correlation, text)
        for record in by_status(services, connection.name, Status.WAITING)
        if record.why.startswith(QUIET) and connection.rests_until(record.stream, services.clock()) is None
    ]
    enqueue(services, woken)
    return len(woken)


def schedule_of(services: Services, name: str) -> list[dict[str, Any]]:
    """One row per flow: cadence, quiet hours, whether it moves now, the next poll. Raises ConfigurationFault."""
    pair, connection = connection_named(services, name)
    polls = {poll["flow"]: poll for poll in polls_of(services, pair, connection)}
    now = services.clock()
    rows = []
    for flow in pair.flows:
        rest = connection.rests_until(flow.name, now)
        rows.append(
            {
                "flow": flow.name,
                "every_seconds": int(connection.every(flow.name, flow.every).total_seconds()) if flow.poll else None,
                "state": _state(connection, flow.name, rest is not None),
                "rests_until": instant_text(rest) if rest is not None else "",
                "quiet_hours": [hours.model_dump(mode="json") for hours in connection.quiet_hours(flow.name)],
                "next_at": polls[flow.name]["next_at"],
                "succeeded_at": polls[flow.name]["succeeded_at"],
            }
        )
    return rows


def _state(connection: Connection, flow: str, rests: bool) -> str:
    if not connection.active or flow in connection.paused_flows:
        return "paused"
    if not connection.enabled(flow):
        return "off"
    return "rests until" if rests else "moves"
