"""Carrying out a plan: only while it is still what would happen, and with a promise on every record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cli.failures import Refused
from cli.operations.applying import apply as apply_file
from cli.operations.documents import document_from
from cli.operations.planning import (
    Found,
    Progress,
    found_by_file,
    found_in_window,
    planned_anew,
    polled_flow,
)
from cli.operations.plans import Plan, step_text
from cli.pairs import connection_named
from connector.instants import parse_instant
from connector.message import enqueue
from connector.pair import Window
from connector.planned import PLAN, promise
from connector.record import Record
from connector.records import Origin, RecordStore
from connector.rehearsal import Step
from connector.services import Services

GONE = {
    "window": "is known in its present revision by now: the flow's own poll, or a webhook, was faster; plan it with "
    "--record",
    "records": "is not there any more",
    "file": "does not wait for the file any more",
}
"""Why a record of the plan is not found again, by the plan's scope."""


@dataclass(frozen=True)
class Carried:
    """What `carry_out` did: ids of the records that were enqueued; the connection's new revision where it got one."""

    records: tuple[str, ...]
    revision: int = 0


def carry_out(
    services: Services, plan: Plan, who: str, correlation: str, sleep: Any, progress: Progress
) -> Carried:
    """Makes the plan once more, and does it only if every step is the same.

    What is enqueued carries the promise of its step: should the source change in the last moment, the Ledger writes
    nothing and says so. Raises Refused with what has changed, VendorFault.
    """
    found = _again(services, plan, sleep)
    now = planned_anew(services, found, plan.scope, who, sleep, progress)
    changed = list(_changes(plan, now))
    if changed:
        raise Refused("the plan is not what would happen now, so nothing was done:\n  " + "\n  ".join(changed))
    if plan.scope == "file" and plan.document is not None:
        return _carry_file(services, plan, found, who, correlation)
    done = [_enqueue(services, found, step, plan, who, correlation) for step in plan.writes]
    return Carried(tuple(done))


def _again(services: Services, plan: Plan, sleep: Any) -> Found:
    if plan.scope == "file" and plan.document is not None:
        return found_by_file(services, document_from(plan.document))
    if plan.scope == "window":
        window = Window(parse_instant(plan.since), parse_instant(plan.until))
        return found_in_window(services, plan.connection, plan.flow, window, sleep)
    pair, connection = connection_named(services, plan.connection)
    known = RecordStore(services).load_many([step.record for step in plan.steps])
    return Found(pair, connection, services, [known[step.record] for step in plan.steps if step.record in known], {})


def _changes(plan: Plan, now: Plan) -> Iterator[str]:
    if plan.settings != now.settings:
        yield f"connection {plan.connection} was changed since the plan was made"
    before, after = ({step.record: step for step in each.steps} for each in (plan, now))
    for record in sorted({*before, *after}):
        was, found = before.get(record), after.get(record)
        if was is None:
            yield f"{record} was not part of the plan"
        elif found is None:
            yield f"{record} {GONE[plan.scope]}"
        elif was.same_as != found.same_as:
            yield f"{record}: planned {step_text(was)}; now {step_text(found)}"


def _enqueue(services: Services, found: Found, step: Step, plan: Plan, who: str, correlation: str) -> str:
    store = RecordStore(services)
    record = store.load(step.record)
    lane = "repair"
    if record is None or plan.scope == "window":
        lane, row = "bulk", found.rows[step.record]
        flow = polled_flow(found.pair, plan.flow)
        origin = Origin(plan.connection, plan.pair, flow.feeds or flow.name, "backfill", correlation, lane)
        store.see(origin, [row])
        record = store.load(step.record)
    if record is None:
        raise Refused(f"record {step.record} is not there any more; make the plan again")
    text = f"{who} carries out the plan of {plan.made_at}: to {step.does} {step.what} ({step.key})."
    due = store.touch(record, "replay", correlation, text, lane, lambda now: {PLAN: _promise(now, step)})
    enqueue(services, [due])
    return due.id


def _promise(record: Record, step: Step) -> dict[str, Any]:
    return promise(record, step.effect, step.key, step.fingerprint, step.follows)


def _carry_file(services: Services, plan: Plan, found: Found, who: str, correlation: str) -> Carried:
    """Leaves the promises first, then applies: what waited is enqueued by that."""
    store = RecordStore(services)
    known = store.load_many([step.record for step in plan.writes])
    for step in plan.writes:
        kept = known[step.record]
        store.change(kept, lambda now, step=step: replace(now, links={**now.links, PLAN: _promise(now, step)}))  # type: ignore[misc]
    report = apply_file(services, document_from(plan.document or {}), who, correlation)
    return Carried(tuple(record.id for record in found.records), report.revision)
