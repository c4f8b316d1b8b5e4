"""Writes that are sent together: the planned writes of many records, one call, an ending for each of them.

    record's work -> intent PLANNED + a row in the outbox, the record waits       (`collect`)
    collector     -> one lease; one question for all keys; every intent SENT, in chunks; one call;
                     the raw answer stored once; each row read, each record settled       (`run_collector`)

Nothing about the Ledger changes: a crash between SENT and the answer leaves every intent as a write whose fate is
unknown. The name under which the answer will be stored is in the intent before the call, so that an answer that was
stored settles its rows whatever happens afterwards. A record that was heard of anew meanwhile leaves the outbox: what
was planned for it may be outdated.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connector.backoff import wait_until
from connector.cache import connection_of
from connector.connection import Connection
from connector.effect import Draft, Effect
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.instants import instant_text
from connector.intent import Intent, Stage, intent_from_item, intent_item, intent_key
from connector.ledger import Ledger, Stolen, Written
from connector.message import enqueue
from connector.outbox import Entry, Outbox
from connector.outcome import Later
from connector.pair import Collector, Flow, Pair, Work
from connector.ports import Equals, Put
from connector.record import Record, Status
from connector.records import RecordStore
from connector.services import Services
from connector.settle import crashed, outcome_of_fault, recheck, settle
from connector.sweep import exists
from connector.transport import Reply

SPARE = timedelta(minutes=3)
"""How much longer than the collector may wait a record does, before it looks after itself."""

CHUNK = 25
"""Intents of one transaction; 4 MB is the most that DynamoDB takes."""

_PASSING = frozenset(
    {FaultKind.NOT_SENT, FaultKind.BUDGET, FaultKind.THROTTLED, FaultKind.UNAVAILABLE, FaultKind.EXPIRED,
     FaultKind.CONFLICT}
)  # fmt: skip


# ---- joining ------------------------------------------------------------------------------------------------


def collect(work: Work[Any], collector: Collector[Any], effect: Effect, key: str, draft: Draft) -> Written:
    """Plans a write and leaves it to the collector; the record waits for it.

    What a person has asked for (the repair lane) goes out by itself, as does everything that has left already.
    """
    if work.record.lane == "repair":
        return work.once(effect, key, draft)
    planned = work.ledger.plan(effect, key, draft)
    if not isinstance(planned, Intent):
        return planned
    box = Outbox(work.services, work.connection.name, work.record.stream, work.record.lane)
    box.put(work.record, work.started_seen, planned)
    box.ring(collector.quiet)
    at = work.now + collector.longest + SPARE
    return Later(at, f"it is sent together with others ({effect.name})", planned=True)


# ---- collecting ---------------------------------------------------------------------------------------------


def run_collector(pair: Pair[Any], services: Services, fields: Mapping[str, Any], lease: timedelta) -> int:
    """Looks into one outbox and sends what is due; answers how many writes it took. `lease`: this process's life."""
    flow = pair.flow(str(fields["stream"]))
    bound = replace(
        services,
        log=services.log.bind(
            connection=fields["connection"], stream=fields["stream"], lane=fields["lane"],
            correlation=fields["correlation"], cause="collect",
        ),
    )  # fmt: skip
    box = Outbox(bound, str(fields["connection"]), str(fields["stream"]), str(fields["lane"]))
    # Read anew: a person may have paused it while its orders were waiting for company.
    connection = connection_of(bound, pair, box.connection, fresh=True)
    if connection is None or flow is None or flow.collector is None:
        bound.log.error("an outbox belongs to no collector of this pair")
        return 0
    if not box.take(lease):
        return 0
    try:
        entries = box.read(flow.collector.most)
        many = bool(fields.get("many")) or _many(flow.collector, entries)
        wait = _wait(flow.collector, entries, bound.clock(), many=many)
        if wait > timedelta(0):
            box.ring_again(wait, many=many)
            return 0
        wait = _Run(pair, flow, flow.collector, bound, connection, box, lease).all(entries)
    finally:
        box.give_back()
    _look_again(box, wait, many=_many(flow.collector, entries))
    return len(entries)


def look_later(services: Services, fields: Mapping[str, Any]) -> None:
    """Puts a look off to another invocation: this one has not enough time left for a hundred endings."""
    box = Outbox(services, str(fields["connection"]), str(fields["stream"]), str(fields["lane"]))
    box.ring_again(timedelta(seconds=1), many=bool(fields.get("many")))


def _many(collector: Collector[Any], entries: Sequence[Entry]) -> bool:
    """Whether so many come that more are to come: budgets let them through in bursts of ten seconds."""
    return len(entries) * 10 >= collector.most


def _wait(collector: Collector[Any], entries: Sequence[Entry], now: datetime, *, many: bool) -> timedelta:
    """How long to wait for company; nothing when the call is full, or nobody joined for a while."""
    if not entries or len(entries) >= collector.most:
        return timedelta(0)
    quiet = max(entry.at for entry in entries) + collector.quiet * (3 if many else 1)
    patience = min(entry.at for entry in entries) + collector.longest
    return min(quiet, patience) - now


def _look_again(box: Outbox, wait: timedelta, *, many: bool) -> None:
    """Another look while something is left. Who joins after the last look finds no message under way and sends one."""
    box.hush()
    if box.read(1):
        box.ring_again(max(wait, timedelta(seconds=1)), many=many)


@dataclass(frozen=True)
class _Row:
    """One write of a call."""

    entry: Entry
    work: Work[Any]
    effect: Effect
    intent: Intent

    @property
    def draft(self) -> Draft:
        return Draft(self.intent.draft, self.intent.identity)

    @property
    def ledger(self) -> Ledger:
        return self.work.ledger


@dataclass
class _Run:
    """One look into an outbox."""

    pair: Pair[Any]
    flow: Flow[Any]
    collector: Collector[Any]
    services: Services
    connection: Connection
    box: Outbox
    lease: timedelta

    def all(self, entries: Sequence[Entry]) -> timedelta:
        """Sends these; answers how long to wait before the next look."""
        store = RecordStore(self.services)
        present = self._present(store, entries)
        if self._stopped():
            self._release(store, present)
            return timedelta(0)
        if not present:
            return timedelta(0)
        clients: Any = None
        rows: list[_Row] = []
        try:
            clients = self.pair.open(self.services, self.connection, self.box.lane, f"collect/{self.box.name}")
            rows = [self._row(store, clients, entry, record, intent) for entry, record, intent in present]
            self.collector.ready(clients)
            return self._unsent(clients, self._adopted(clients, rows))
        except VendorFault as fault:
            return self._postponed(rows, fault)
        except ConfigurationFault as fault:
            for row in rows:
                self._end(row, None, fault)
            return timedelta(0)
        finally:
            if clients is not None:
                clients.close()

    def _stopped(self) -> bool:
        """Whether nothing may be sent now: paused, switched off, or in its quiet hours."""
        name = self.flow.name
        rests = self.connection.rests_until(name, self.services.clock()) is not None
        return rests or not self.connection.active or not self.connection.enabled(name)

    def _present(self, store: RecordStore, entries: Sequence[Entry]) -> list[tuple[Entry, Record, Intent]]:
        """The rows that are still as they were planned; the others leave the outbox."""
        records = store.load_many([entry.record for entry in entries])
        keys = [(entry.record, intent_key(entry.effect, entry.key)) for entry in entries]
        intents = self.services.tables.get_many("records", keys)
        found = []
        for entry, key in zip(entries, keys, strict=True):
            record, item = records.get(entry.record), intents.get(key)
            intent = intent_from_item(item) if item is not None else None
            if record is None or intent is None or not _valid(entry, record, intent):
                self.box.remove(entry)
            else:
                found.append((entry, record, intent))
        return found

    def _release(self, store: RecordStore, present: Sequence[tuple[Entry, Record, Intent]]) -> None:
        """A connection that was stopped sends nothing: each record says so by itself, and goes on when it may."""
        for entry, record, _ in present:
            text = "It was to be sent together with others, but its connection or flow is paused or rests."
            enqueue(self.services, [store.touch(record, "resume", record.correlation, text)])
            self.box.remove(entry)

    def _row(self, store: RecordStore, clients: Any, entry: Entry, record: Record, intent: Intent) -> _Row:
        services = replace(
            self.services, log=self.services.log.bind(record=record.id, correlation=record.correlation)
        )
        scale = self.connection.document.settle_scale
        ledger = Ledger(services, store, record, lease=self.lease, settle_scale=scale)
        work: Work[Any] = Work(services, self.connection, clients, ledger, store, services.log, entry.seen)
        return _Row(entry, work, self.collector.effect(clients, entry.key), intent)

    def _adopted(self, clients: Any, rows: Sequence[_Row]) -> list[_Row]:
        """The rows that the vendor does not hold yet; what it holds is compared and adopted."""
        held = self.collector.held(clients, {row.intent.key: row.draft for row in rows})
        absent = []
        for row in rows:
            found = held.get(row.intent.key)
            if found is None:
                absent.append(row)
            else:
                self._end(row, row.ledger.adopt(row.effect, row.intent, row.draft, found, "was already there"))
        return absent

    # ---- the call

    def _unsent(self, clients: Any, rows: Sequence[_Row]) -> timedelta:
        """One call for these; a call that is refused as a whole is divided until the bad row stands alone."""
        place = f"answers/collected/{self.box.name}/{secrets.token_hex(8)}"
        sent = self._sent(rows, place)
        if not sent:
            return timedelta(0)
        try:
            reply: Reply = self.collector.send(clients, {row.intent.key: row.draft for row in sent})
        except VendorFault as fault:
            return self._failed(clients, sent, fault)
        except ConfigurationFault:
            # Credentials are looked up before the bytes leave: nothing was sent.
            self._back(sent)
            raise
        self.services.bodies.put(place, reply.body)
        self.services.log.metric("CollectedWrites", len(sent))
        for row in sent:
            self._concluded(row, reply)
        return timedelta(0)

    def _sent(self, rows: Sequence[_Row], place: str) -> list[_Row]:
        """Writes SENT for every row before the bytes leave. A row that somebody else has changed stays behind."""
        now = self.services.clock()
        fields: dict[str, Any] = {
            "stage": Stage.SENT, "sent_at": instant_text(now), "lease_until": instant_text(now + self.lease),
            "asked_at": "", "absences": 0, "answer": f"s3:{place}", "operation": "", "why": "",
        }  # fmt: skip
        sent: list[_Row] = []
        for part in _chunks(rows):
            after = [
                replace(
                    row, intent=replace(row.intent, version=row.intent.version + 1, attempts=row.intent.attempts + 1,
                                        holder=row.ledger.holder, **fields),
                )
                for row in part
            ]  # fmt: skip
            puts = [_put(before, now_sent) for before, now_sent in zip(part, after, strict=True)]
            if self.services.tables.transact(puts):
                sent += after
            else:
                sent += [row for row, put in zip(after, puts, strict=True) if self._alone(put)]
        return sent

    def _alone(self, put: Put) -> bool:
        return self.services.tables.put(put.table, put.item, put.condition)

    def _failed(self, clients: Any, rows: Sequence[_Row], fault: VendorFault) -> timedelta:
        if fault.executed is Executed.NO and fault.kind in _PASSING:
            self._back(rows)
            return self._postponed(rows, fault)
        if fault.executed is Executed.NO and fault.kind is FaultKind.INVALID and len(rows) > 1:
            planned = self._back(rows)
            middle = len(planned) // 2
            self.services.log.warning("a bulk call was refused as a whole; it is divided", count=len(planned))
            for half in (planned[:middle], planned[middle:]):
                wait = self._unsent(clients, half)
                if wait > timedelta(0):
                    return wait
            return timedelta(0)
        for row in rows:
            self._end(row, self._guarded(row, partial(row.ledger.failed, row.effect, row.intent, row.draft, fault)))
        return timedelta(0)

    def _back(self, rows: Sequence[_Row]) -> list[_Row]:
        """Surely not written: planned again, as if nothing had been sent."""
        planned = []
        for row in rows:
            intent = replace(row.intent, stage=Stage.PLANNED, lease_until="", answer="", version=row.intent.version + 1)
            after = replace(row, intent=intent)
            if self._alone(_put(row, after)):
                planned.append(after)
        return planned

    def _postponed(self, rows: Sequence[_Row], fault: VendorFault) -> timedelta:
        """Nothing was sent: the same again later."""
        now = self.services.clock()
        at = wait_until(now, 2, self.services.random, fault.retry_at)
        self.services.log.warning("a bulk call has to wait", error=str(fault), count=len(rows))
        if fault.kind is not FaultKind.BUDGET:  # the budget is always busy; anything else a person may want to know
            for row in rows:
                settle(row.work, Later(now + self.collector.longest + SPARE, str(fault)))
        return max(at - now, timedelta(seconds=1))

    # ---- the endings

    def _concluded(self, row: _Row, reply: Reply) -> None:
        self._end(row, self._guarded(row, partial(row.ledger.conclude, row.effect, row.intent, row.draft, reply)))

    def _guarded(self, row: _Row, step: Callable[[], Written]) -> Written | None:
        """A write's ending; None when another worker took the row over."""
        try:
            return step()
        except Stolen as error:
            row.work.log.warning("a collected write was taken over", error=str(error))
            return None

    def _end(self, row: _Row, written: Written | None, fault: ConfigurationFault | None = None) -> None:
        """Settles one record. Whatever goes wrong with it must not keep the others from being settled."""
        try:
            if fault is not None:
                outcome = outcome_of_fault(fault, row.work.record, row.work.now, row.work.services.random)
            elif written is not None:
                outcome = self.collector.finish(row.work, row.draft, written)
            else:
                return
            saved = settle(row.work, outcome)
            recheck(
                row.work, saved, lambda missing: exists(self.pair, self.services, self.connection, missing)
            )
        except Exception as error:  # noqa: BLE001 - the record's own, later work meets it again and counts as a crash
            row.work.log.error("a collected record could not be settled", error=type(error).__name__)
            crashed(row.work, error)
        self.box.remove(row.entry)


def _valid(entry: Entry, record: Record, intent: Intent) -> bool:
    """Whether a row may be sent as it was planned."""
    return intent.stage is Stage.PLANNED and record.seen == entry.seen and record.status is not Status.CLOSED


def _put(before: _Row, after: _Row) -> Put:
    return Put("records", intent_item(after.intent), Equals({"version": before.intent.version}))


def _chunks(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
