"""Plans: what a window, some records or a changed connection file would make happen, and doing exactly that."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cli.failures import Refused
from cli.operations.accounts import for_long_reading
from cli.operations.applying import apply as apply_file
from cli.operations.backfilling import read_window
from cli.operations.documents import document_from, plain_document
from cli.pairs import connection_named, pair_named
from connector.connection import Connection, ConnectionDocument, apply_document, load_connection
from connector.faults import ConfigurationFault
from connector.instants import instant_text, parse_instant
from connector.message import enqueue
from connector.overlay import overlaid
from connector.pair import Flow, Pair, Window
from connector.planned import PLAN, promise
from connector.record import Record, Status
from connector.records import Origin, RecordStore, Seen
from connector.rehearsal import Step, rehearse
from connector.services import Services
from connector.sweep import by_status, exists

Progress = Callable[[int, int], None]
"""Told after each step: how many are done, of how many."""

VERSION = 1
SHORT_WAIT = timedelta(seconds=90)
TRIES = 20


def quietly(done: int, of: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Plan:
    """What would happen. scope: "window", "records" or "file". document: the file's content, for that scope.

    revision: of the stored connection that the plan was made with; 0 when there is none.
    """

    connection: str
    pair: str
    scope: str
    revision: int
    made_at: str
    made_by: str
    steps: tuple[Step, ...]
    flow: str = ""
    since: str = ""
    until: str = ""
    document: Mapping[str, Any] | None = None

    @property
    def writes(self) -> tuple[Step, ...]:
        """The steps that would write."""
        return tuple(step for step in self.steps if step.ends == "write")


@dataclass(frozen=True)
class _Found:
    """What a plan is about: the records as they are (or would be seen), in the services of a rehearsal."""

    pair: Pair[Any]
    connection: Connection
    services: Services
    records: Sequence[Record]
    rows: Mapping[str, Seen]


# ---- making a plan --------------------------------------------------------------------------------------------


def plan_records(services: Services, records: Sequence[Record], who: str, sleep: Any, progress: Progress) -> Plan:
    """What a replay of these records (all of one connection) would do. Raises Refused, VendorFault."""
    names = {record.connection for record in records}
    if len(names) != 1:
        raise Refused("a plan is for one connection; choose with --connection" if names else "no record is chosen")
    pair, connection = connection_named(services, names.pop())
    found = _Found(pair, connection, services, records, {})
    return _plan(services, found, "records", who, sleep, progress)


def plan_window(
    services: Services, name: str, flow: str, window: Window, who: str, sleep: Any, progress: Progress
) -> Plan:
    """What a backfill of the window would do. Raises Refused, VendorFault, ConfigurationFault."""
    found = _window(services, name, flow, window, sleep)
    plan = _plan(services, found, "window", who, sleep, progress)
    return replace(plan, flow=flow, since=instant_text(window.since), until=instant_text(window.until))


def plan_file(services: Services, document: ConnectionDocument, who: str, sleep: Any, progress: Progress) -> Plan:
    """What applying the file would let go on, and what that would write. Raises Refused, VendorFault."""
    found = _file(services, document)
    plan = _plan(services, found, "file", who, sleep, progress)
    return replace(plan, document=plain_document(document))


def _plan(services: Services, found: _Found, scope: str, who: str, sleep: Any, progress: Progress) -> Plan:
    steps = []
    for place, record in enumerate(found.records, start=1):
        steps.append(_rehearsed(found, record, sleep))
        progress(place, len(found.records))
    stored = services.tables.get("connections", found.connection.name, "document")
    return Plan(
        found.connection.name, found.pair.name, scope, int(stored["revision"]) if stored is not None else 0,
        instant_text(services.clock()), who, tuple(steps),
    )


def _rehearsed(found: _Found, record: Record, sleep: Callable[[float], object]) -> Step:
    """One step; repeated where only our own budget or a busy session stood in the way for a moment."""
    patience = for_long_reading(found.services, sleep)
    for _ in range(TRIES):
        step: Step = patience(lambda: rehearse(found.pair, found.services, found.connection, record))
        wait = parse_instant(step.at) - found.services.clock() if step.ends == "later" and step.at else None
        if wait is None or not _crowded(step) or wait > SHORT_WAIT:
            return step
        sleep(max(1.0, wait.total_seconds()))
    return step


def _crowded(step: Step) -> bool:
    return "nothing was sent" in step.why


def _window(services: Services, name: str, flow_name: str, window: Window, sleep: Any) -> _Found:
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
    return _Found(pair, connection, staged, list(records.values()), rows)


def polled_flow(pair: Pair[Any], name: str) -> Flow[Any]:
    """A flow that can be read for a window. Raises Refused."""
    flow = pair.flow(name)
    if flow is None or flow.poll is None:
        polled = ", ".join(each.name for each in pair.flows if each.poll is not None)
        raise Refused(f"the pair {pair.name} polls {polled}; it has no such flow {name!r}")
    return flow


def _file(services: Services, document: ConnectionDocument) -> _Found:
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
    return _Found(pair, connection, staged, free, {})


# ---- what it costs --------------------------------------------------------------------------------------------


def totals(plan: Plan) -> dict[str, Any]:
    """Numbers of a plan: endings, writes by kind, vendor calls by host. Follow-up writes are those that are named."""
    endings = Counter(step.ends for step in plan.steps)
    kinds = Counter(f"{step.does} {step.what}" for step in plan.writes)
    reads: Counter[str] = Counter()
    for step in plan.writes:
        reads.update(step.calls or {})
    writes = Counter(urlsplit(step.address).netloc for step in plan.writes)
    return {
        "endings": dict(endings),
        "writes": dict(kinds),
        "read_calls": dict(reads),
        "write_calls": dict(writes),
        "further_writes": sum(len(step.follows) for step in plan.writes),
    }


# ---- carrying it out ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Carried:
    """What `carry_out` did: ids of the records that were enqueued, and the connection's revision."""

    records: tuple[str, ...]
    revision: int


def carry_out(
    services: Services, plan: Plan, who: str, correlation: str, sleep: Any, progress: Progress
) -> Carried:
    """Makes the plan once more, and does it only if every step is the same.

    What is enqueued carries the promise of its step: should the source change in the last moment, the Ledger writes
    nothing and says so. Raises Refused with what has changed, VendorFault.
    """
    found = _again(services, plan, sleep)
    now = _plan(services, found, plan.scope, who, sleep, progress)
    changed = list(_changes(plan, now))
    if changed:
        raise Refused("the plan is not what would happen now, so nothing was done:\n  " + "\n  ".join(changed))
    if plan.scope == "file" and plan.document is not None:
        return _carry_file(services, plan, found, who, correlation)
    done = [_enqueue(services, found, step, plan, who, correlation) for step in plan.writes]
    return Carried(tuple(done), plan.revision)


def _again(services: Services, plan: Plan, sleep: Any) -> _Found:
    if plan.scope == "file" and plan.document is not None:
        return _file(services, document_from(plan.document))
    if plan.scope == "window":
        window = Window(parse_instant(plan.since), parse_instant(plan.until))
        return _window(services, plan.connection, plan.flow, window, sleep)
    pair, connection = connection_named(services, plan.connection)
    known = RecordStore(services).load_many([step.record for step in plan.steps])
    return _Found(pair, connection, services, [known[step.record] for step in plan.steps if step.record in known], {})


def _changes(plan: Plan, now: Plan) -> Iterator[str]:
    if plan.revision != now.revision:
        yield f"connection {plan.connection} was revision {plan.revision}, it is {now.revision}"
    before, after = ({step.record: step for step in each.steps} for each in (plan, now))
    for record in sorted({*before, *after}):
        was, found = before.get(record), after.get(record)
        if was is None:
            yield f"{record} was not part of the plan"
        elif found is None:
            yield f"{record} would not be touched any more"
        elif was.same_as != found.same_as:
            yield f"{record}: planned {step_text(was)}; now {step_text(found)}"


def step_text(step: Step) -> str:
    """A step in words."""
    if step.ends == "write":
        return f"to {step.does} {step.what} ({step.key})"
    return f"{step.ends}: {step.why}" if step.why else step.ends


def _enqueue(services: Services, found: _Found, step: Step, plan: Plan, who: str, correlation: str) -> str:
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


def _carry_file(services: Services, plan: Plan, found: _Found, who: str, correlation: str) -> Carried:
    """Leaves the promises first, then applies: what waited is enqueued by that."""
    store = RecordStore(services)
    known = store.load_many([step.record for step in plan.writes])
    for step in plan.writes:
        kept = known[step.record]
        store.change(kept, lambda now, step=step: replace(now, links={**now.links, PLAN: _promise(now, step)}))  # type: ignore[misc]
    report = apply_file(services, document_from(plan.document or {}), who, correlation)
    return Carried(tuple(record.id for record in found.records), report.revision)


# ---- as a file ------------------------------------------------------------------------------------------------


def plain_plan(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values."""
    return {"plan": VERSION, **asdict(plan), "steps": [asdict(step) for step in plan.steps], "totals": totals(plan)}


def plan_from(text: str) -> Plan:
    """Reads a plan file. Raises Refused."""
    try:
        document: dict[str, Any] = json.loads(text)
        if document["plan"] != VERSION:
            raise Refused(f"the plan is of version {document['plan']}; make it again")
        steps = tuple(_step_from(row) for row in document["steps"])
        names = {field.name for field in fields(Plan)} - {"steps"}
        return Plan(**{name: document[name] for name in names}, steps=steps)
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"this is no plan file ({type(error).__name__}: {error}); make one with --out") from error


def _step_from(row: Mapping[str, Any]) -> Step:
    return Step(**{**row, "follows": tuple(row["follows"]), "notes": tuple(row["notes"])})


def window_of(services: Services, since: datetime | None, until: datetime | None) -> Window:
    """The window of --from and --to. Raises Refused."""
    if since is None:
        raise Refused("--from must say where the window begins")
    end = until or services.clock()
    if since >= end:
        raise Refused(f"nothing lies between {since.isoformat()} and {end.isoformat()}")
    return Window(since, end)
