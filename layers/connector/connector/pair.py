"""A pair: the flows between two systems, and what the entry points need to run them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from connector.connection import Connection, ConnectionDocument
from connector.edits import EDITS, Editable, Unfit, laid_over, paths
from connector.effect import Draft, Effect, Found
from connector.faults import ConfigurationFault
from connector.instants import instant_text, parse_instant
from connector.ledger import Ledger, Written
from connector.log import Log
from connector.outcome import Missing, Outcome
from connector.reconcile import Sides
from connector.record import Record, record_id
from connector.records import Origin, RecordStore, Seen
from connector.services import Services
from connector.transport import Reply


class Clients(Protocol):
    """The opened accounts of a connection."""

    def close(self) -> None:
        """Gives back session slots. Called at the end of every piece of work, also after failures."""
        ...


C = TypeVar("C", bound=Clients)
T = TypeVar("T")


@dataclass
class Work(Generic[C]):
    """One record being worked on. What it collects is saved with the outcome, in one transaction."""

    services: Services
    connection: Connection
    clients: C
    ledger: Ledger
    store: RecordStore
    log: Log
    started_seen: int
    notes: list[str] = field(default_factory=list)
    links: dict[str, Any] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)
    appeared: list[Missing] = field(default_factory=list)
    revision: str | None = None

    @property
    def record(self) -> Record:
        """The record at its newest version."""
        return self.ledger.record

    @property
    def now(self) -> datetime:
        """The present."""
        return self.services.clock()

    def once(self, effect: Effect, key: str, draft: Draft, *, absent_at: datetime | None = None) -> Written:
        """Makes a write through the Ledger."""
        return self.ledger.once(effect, key, draft, absent_at=absent_at)

    def note(self, text: str) -> None:
        """A field note: default used, re-wrapped, rounded, converted. Shown on the record."""
        if text not in self.notes:
            self.notes.append(text)

    def link(self, **facts: Any) -> None:
        """Facts that connect the record with the other side, kept on it."""
        self.links.update(facts)

    def edited(self, shape: T) -> T:
        """What the source shows, with what a person has laid over it for this record; noted on the record.

        Raises ConfigurationFault when the overlay does not fit any more.
        """
        overlay = self.record.links.get(EDITS) or {}
        if not overlay:
            return shape
        try:
            found = laid_over(shape, overlay["values"])
        except Unfit as error:
            text = f"the edit by {overlay['by']} does not fit any more ({error}); drop it or make it anew"
            raise ConfigurationFault(self.connection.name, f"{self.record.id}: {text}") from error
        named = ", ".join(paths(overlay["values"]))
        self.note(f"{named}: not as the source says, but as {overlay['by']} has set it ({overlay['reason']})")
        return found

    def refer(self, kind: str, value: str) -> None:
        """A business reference under which people may look for the record."""
        if value:
            self.references.append((kind, value))

    def provide(self, kind: str, value: str) -> None:
        """Says that something exists from now on: records that are held for it continue."""
        self.appeared.append(Missing(kind, value))

    def saw(self, revision: str) -> None:
        """The revision of the state that was really read, so that a later poll does not wake the record again."""
        self.revision = revision

    def other(self, stream: str, source_key: str) -> Record | None:
        """Another record of the same connection."""
        return self.store.load(record_id(self.connection.name, stream, source_key))

    def others(self, stream: str, source_keys: Sequence[str]) -> dict[str, Record]:
        """Other records of the same connection, by source key."""
        found = self.store.load_many([record_id(self.connection.name, stream, key) for key in source_keys])
        return {record.source_key: record for record in found.values()}


@dataclass(frozen=True)
class Window:
    """The time a poll looks at: `since` (already widened by the overlap) until `until`."""

    since: datetime
    until: datetime


@dataclass
class Polling(Generic[C]):
    """One poll of one flow. The flow yields pages of sightings; the cursor moves after the last one is stored."""

    services: Services
    connection: Connection
    clients: C
    store: RecordStore
    log: Log
    origin: Origin
    window: Window
    memory: dict[str, Any]  # kept with the cursor between polls, saved only after the whole poll
    progress: dict[str, Any] = field(default_factory=dict)  # kept only when the poll fails, to go on from there
    position: datetime | None = None  # newest change stamp seen, when the source's own clock shall rule

    def reached(self, moment: datetime) -> None:
        """Notes a change stamp of the source; the next window begins at the newest one."""
        if self.position is None or moment > self.position:
            self.position = moment

    def news(self, rows: Sequence[Seen]) -> list[Seen]:
        """The rows that are not known and handled in this revision."""
        known = self.store.unchanged(self.origin, rows)
        return [row for row in rows if row.source_key not in known]


@dataclass(frozen=True)
class Collector(Generic[C]):
    """How the writes of a flow's records are sent together, where the vendor has a bulk call (`connector.collector`).

    most: writes of one call. quiet: a call goes out when nothing joined for so long (three times as long where a tenth
    of a call has come together), or when the first one has waited for `longest`.
    ready: raises VendorFault(BUDGET) if no call could go out now.
    effect: the single write of a key; its `read` finds its own row in a bulk answer, and a missing row is a ValueError.
    held: which of the keys the vendor holds already; asked once for all of them before they are sent.
    send: the bulk call. finish: the record's ending, given how its write ended.
    """

    most: int
    effect: Callable[[C, str], Effect]
    held: Callable[[C, Mapping[str, Draft]], Mapping[str, Found]]
    send: Callable[[C, Mapping[str, Draft]], Reply]
    finish: Callable[[Work[C], Draft, Written], Outcome]
    ready: Callable[[C], None]
    quiet: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=2)


@dataclass(frozen=True)
class Flow(Generic[C]):
    """One named direction of a pair. Its name is the stream of its records.

    work: does one record, answers the Outcome.
    poll: yields pages of sightings, or None when the flow is fed by others.
    every: how often the poll runs unless the connection says otherwise.
    overlap: how far a window reaches back behind the cursor.
    lag: how far the window's end stays behind the present, because the source shows rows late.
    feeds: the flow whose records its poll sights, where that is another one: a second look at the same things.
    lane: whose share of the call budget the poll uses, and the queue of the records it finds.
    collector: how its writes are sent together, where the vendor has a bulk call.
    source_clock: the cursor follows the newest change stamp of the source (`Polling.reached`) instead of our clock.
    open_ended: its poll lists everything since the window's begin, whatever its end; a backfill then reads it once.
    editable: the shape that its work passes through `Work.edited`, or None where nothing can be overlaid.
    """

    name: str
    work: Callable[[Work[C]], Outcome]
    poll: Callable[[Polling[C]], Iterator[Sequence[Seen]]] | None = None
    every: timedelta = timedelta(minutes=5)
    overlap: timedelta = timedelta(minutes=15)
    lag: timedelta = timedelta(0)
    source_clock: bool = False
    lane: str = "live"
    feeds: str = ""
    open_ended: bool = False
    editable: Editable | None = None
    collector: Collector[C] | None = None


@dataclass(frozen=True)
class RawEvent:
    """A verified webhook as the worker sees it."""

    connection: str
    sender: str
    event_id: str
    topic: str
    received_at: str
    body: Any


@dataclass(frozen=True)
class Doorbell:
    """What a webhook asks for: look at this record again."""

    stream: str
    seen: Seen


@dataclass
class Survey(Generic[C]):
    """One reconciliation of a connection: what a pair needs to list both sides of a window.

    once(name, call): the call's answer (JSON values), remembered until the whole reconciliation is over, so that one
    that runs out of calls or time goes on where it stopped. Every read of a vendor goes through it.
    thorough: ask also what costs a call for each thing.
    memory: what `once` has remembered, by name.
    """

    services: Services
    connection: Connection
    clients: C
    store: RecordStore
    window: Window
    once: Callable[[str, Callable[[], Any]], Any]
    thorough: bool = False
    memory: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The present."""
        return self.services.clock()

    def note(self, text: str) -> None:
        """Something that the lists could not show."""
        if text not in self.notes:
            self.notes.append(text)

    def other(self, stream: str, source_key: str) -> Record | None:
        """A record of this connection."""
        return self.store.load(self.record_id(stream, source_key))

    def others(self, stream: str, source_keys: Sequence[str]) -> dict[str, Record]:
        """Records of this connection, by source key."""
        found = self.store.load_many([self.record_id(stream, key) for key in dict.fromkeys(source_keys)])
        return {record.source_key: record for record in found.values()}

    def record_id(self, stream: str, source_key: str) -> str:
        """The id of a record of this connection."""
        return record_id(self.connection.name, stream, source_key)


@dataclass(frozen=True)
class Deed:
    """One kind of write in an operator's words: it `does` ("create", "update", "cancel") `what` ("a ShipBob order").

    follows: names of the effects that come after it, on its answer, as long as all goes well.
    """

    does: str
    what: str
    follows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair(Generic[C]):
    """Everything the entry points need of a pair.

    open: opens the accounts of a connection for one holder (record or poll) in a lane.
    doorbells: per sender, turns a raw event into sightings; an empty answer means "not for us", and is audited.
    available: whether a missing key exists by now; asked when a record is held and by the sweeper.
    chores: named housekeeping per connection, run by the poller.
    deeds: the pair's effects by name, for `explain` and `plan`; an absent one is shown by its name.
    tell: sentences about a record's links to the other side, for `explain`.
    surveys: by kind of thing (orders, shipments, charges), a list of both sides of a window, for `reconcile`.
    prices: by effect, what the write that the work has come to would cost in money ("12.34 USD"), for `plan`.
    """

    name: str
    document: type[ConnectionDocument]
    flows: tuple[Flow[C], ...]
    open: Callable[[Services, Connection, str, str], C]
    doorbells: Mapping[str, Callable[[Connection, RawEvent], Sequence[Doorbell]]] = field(default_factory=dict)
    available: Callable[[Services, Connection, Missing], bool] = lambda services, connection, missing: False
    chores: Mapping[str, Chore[C]] = field(default_factory=dict)
    deeds: Mapping[str, Deed] = field(default_factory=dict)
    tell: Callable[[Record], Sequence[str]] = lambda record: ()
    surveys: Mapping[str, Callable[[Survey[C]], Sides]] = field(default_factory=dict)
    prices: Mapping[str, Callable[[Work[C]], str]] = field(default_factory=dict)

    def flow(self, name: str) -> Flow[C] | None:
        """The flow of this name."""
        return next((flow for flow in self.flows if flow.name == name), None)


@dataclass(frozen=True)
class Chore(Generic[C]):
    """Housekeeping that runs on a schedule: token keep-alive, subscription watch."""

    every: timedelta
    run: Callable[[Services, Connection, C], None]


def absent_at(record: Record) -> datetime | None:
    """When a batch check last found nothing under the record's key at the other side."""
    text = record.links.get("absent_at")
    return parse_instant(str(text)) if text else None


def absent_fact(now: datetime) -> dict[str, str]:
    """The fact that `absent_at` reads back."""
    return {"absent_at": instant_text(now)}
