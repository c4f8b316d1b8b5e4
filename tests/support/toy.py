"""A toy pair for the kernel's own tests: a shop whose orders go to a depot, everything in memory and virtual time.

    toy = Toy()
    toy.shop.put("A1", sku="PEN")
    toy.run(minutes=5)
    assert toy.depot.holds() == {"orders/A1": 1}

The shop lists rows by change stamp, with a clock and a delay of its own. The depot holds documents under keys and obeys
a plan of faults. `orders` need the mapping `skus`; `receipts` are fed by webhooks and wait for their order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from connector.audit import broken_at, trail
from connector.connection import Connection, ConnectionDocument, apply_document, parse_document
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.entry import poller, worker
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import instant_text
from connector.outcome import Done, Held, Missing, Outcome, Same
from connector.pair import Chore, Doorbell, Flow, Pair, Polling, RawEvent, Work
from connector.ports import Message
from connector.record import Record, record_from_item, record_id, short_hash
from connector.records import RecordStore, Seen
from connector.review import resume
from connector.services import Services
from connector.transport import Reply
from tests.support.world import World

NAME = "demo"
SETTLE = timedelta(seconds=60)
TICK = timedelta(minutes=1)


class Killed(BaseException):
    """The process dies: no handler sees it."""


class Bug(Exception):
    """An error in our own software, which ends a piece of work as a crash."""


class Tables(BaseModel):
    """The toy's mapping tables."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    skus: Mapping[str, str] = Field(default_factory=dict)


class Account(BaseModel):
    """How the depot is reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str
    seats: int = Field(default=1, ge=1, le=10)


class ToyDocument(ConnectionDocument):
    """A connection of the toy pair."""

    depot: Account = Account(base_url="https://depot.example")
    tables: Tables = Tables()


@dataclass
class Row:
    """One order of the shop. `visible_at`: when lists show it."""

    key: str
    stamp: datetime
    visible_at: datetime
    sku: str
    name: str = ""


@dataclass
class Shop:
    """The source. `skew` is how far its clock is ahead of ours."""

    clock: Callable[[], datetime]
    skew: timedelta = timedelta(0)
    rows: dict[str, Row] = field(default_factory=dict)
    lists: list[tuple[datetime, datetime]] = field(default_factory=list)
    plan: list[VendorFault] = field(default_factory=list)

    def put(self, key: str, sku: str = "PEN", late: timedelta = timedelta(0), name: str = "") -> None:
        """Creates or changes an order now; lists show the change `late`."""
        now = self.clock()
        self.rows[key] = Row(key, now + self.skew, now + late, sku, name)

    def list(self, since: datetime, until: datetime) -> list[Row]:
        """Rows whose stamp lies in the closed window and that are visible by now, oldest first."""
        if self.plan:
            raise self.plan.pop(0)
        self.lists.append((since, until))
        now = self.clock()
        found = [row for row in self.rows.values() if since <= row.stamp <= until and row.visible_at <= now]
        return sorted(found, key=lambda row: (row.stamp, row.key))


@dataclass
class Depot:
    """The target. `plan` holds what the next writes meet; a new document is found `lag` after it was written."""

    clock: Callable[[], datetime]
    lag: timedelta = timedelta(0)
    documents: list[tuple[str, datetime, Mapping[str, Any]]] = field(default_factory=list)
    plan: list[str] = field(default_factory=list)
    sent: int = 0
    during: Callable[[], None] = lambda: None  # runs while a write is on its way
    closings: list[str] = field(default_factory=list)

    def holds(self) -> dict[str, int]:
        """How many documents there are under each key."""
        counts: dict[str, int] = {}
        for key, _, _ in self.documents:
            counts[key] = counts.get(key, 0) + 1
        return counts

    def find(self, key: str) -> Found | None:
        """What lists show under a key."""
        now = self.clock()
        return next(
            (Found({"id": name}, body) for name, at, body in self.documents if name == key and at + self.lag <= now),
            None,
        )

    def make(self, key: str, draft: Draft) -> Reply:
        """One write, with whatever the plan has for it."""
        self.sent += 1
        self.during()
        what = self.plan.pop(0) if self.plan else "ok"
        if what in _BEFORE:
            raise _BEFORE[what]()
        self.documents.append((key, self.clock(), dict(draft.body)))
        if what == "lost_after":
            raise VendorFault("depot", FaultKind.UNAVAILABLE, "reset", Executed.MAYBE)
        if what == "killed_after":
            raise Killed
        return Reply(200, {}, b"garbage" if what == "garbage" else json.dumps({"id": key}).encode())

    def read(self, reply: Reply) -> Reference:
        """The document's id."""
        return {"id": json.loads(reply.body)["id"]}

    def effect(self, repeat: Repeat = Repeat.FINDABLE) -> Effect:
        """The write of a document."""
        return Effect("depot.document", "depot", repeat, SETTLE, self.find, self.make, self.read)


def _killed() -> BaseException:
    return Killed()


_BEFORE: dict[str, Callable[[], BaseException]] = {
    "not_sent": lambda: VendorFault("depot", FaultKind.NOT_SENT, "refused", Executed.NO),
    "throttled": lambda: VendorFault("depot", FaultKind.THROTTLED, "too many", Executed.NO),
    "invalid": lambda: VendorFault("depot", FaultKind.INVALID, "no such thing", Executed.NO, 422),
    "forbidden": lambda: VendorFault("depot", FaultKind.FORBIDDEN, "scope is missing", Executed.NO, 403),
    "lost_before": lambda: VendorFault("depot", FaultKind.UNAVAILABLE, "reset", Executed.MAYBE),
    "killed_before": _killed,
    "bug": lambda: Bug("in a client"),
}


@dataclass
class Accounts:
    """The toy's clients. The class-level world is what makes them a stand-in for real ones."""

    shop: Shop
    depot: Depot
    holder: str

    def close(self) -> None:
        """Notes that it was closed."""
        self.depot.closings.append(self.holder)


class Left:
    """A Lambda context that says how much time is left."""

    def __init__(self, toy: Toy, seconds: float) -> None:
        self._toy, self._end = toy, toy.clock() + timedelta(seconds=seconds)

    def get_remaining_time_in_millis(self) -> int:
        """As AWS Lambda's context."""
        return int((self._end - self._toy.clock()).total_seconds() * 1000)


class Toy:
    """The toy pair with a cloud around it. `work` may be replaced by a test's own function."""

    def __init__(self, *, start: str = "2026-03-01T00:00:00Z", skus: Mapping[str, str] | None = None, **flow: Any):
        self.world = World(pair="")
        self.clock = self.world.clock
        self.shop, self.depot = Shop(self.clock), Depot(self.clock)
        self.page = 3
        self.orders: Callable[[Work[Accounts]], Outcome] = self.order
        self.opening: Callable[[], None] = lambda: None
        self.chored: list[str] = []
        self.behind = timedelta(0)  # how far the worker's machine is behind the other machines
        # A dictionary first, so that a test can replace each of them.
        options: dict[str, Any] = {"every": timedelta(minutes=1), "overlap": timedelta(minutes=15)} | flow
        self.pair: Pair[Accounts] = Pair(
            "toy",
            ToyDocument,
            (
                Flow("orders", lambda work: self.orders(work), lambda polling: self.poll(polling), **options),
                Flow("receipts", self.receipt),
            ),
            self.open,
            {"shop": self.bells},
            self.available,
            {"housekeeping": Chore(timedelta(hours=1), lambda services, connection, accounts: self.chore(connection))},
        )
        self._ticked: datetime | None = None
        self.apply(start=start, skus={"PEN": "P-1"} if skus is None else skus)

    # ---- the pair ----------------------------------------------------------------------------------------------

    def open(self, services: Services, connection: Connection, lane: str, holder: str) -> Accounts:
        """Opens the accounts, or whatever a test wants to happen then."""
        self.opening()
        return Accounts(self.shop, self.depot, holder)

    def with_accounts(self, accounts: type[Accounts]) -> Pair[Accounts]:
        """The pair with other clients."""
        return replace(
            self.pair, open=lambda services, connection, lane, holder: accounts(self.shop, self.depot, holder)
        )

    def chore(self, connection: Connection) -> None:
        """Housekeeping."""
        self.chored.append(connection.name)

    def poll(self, polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
        """Pages of what changed."""
        rows = polling.clients.shop.list(polling.window.since, polling.window.until)
        for row in rows:
            polling.reached(row.stamp)
        news = polling.news([Seen(row.key, instant_text(row.stamp), references=(("order", row.key),)) for row in rows])
        for start in range(0, len(news), self.page):
            yield news[start : start + self.page]

    def order(self, work: Work[Accounts]) -> Outcome:
        """Maps one order and writes it to the depot."""
        row = self.shop.rows.get(work.record.source_key)
        if row is None:
            return Same("the shop no longer holds it")
        document = work.connection.document
        assert isinstance(document, ToyDocument)
        work.saw(instant_text(row.stamp))
        if row.sku not in document.tables.skus:
            return Held(f"SKU {row.sku} has no mapping", (Missing("skus", row.sku),))
        draft = Draft({"sku": document.tables.skus[row.sku], "name": row.name}, {"key": row.key})
        ended = work.once(self.depot.effect(), f"orders/{row.key}", draft)
        if isinstance(ended, Done):
            work.link(depot=ended.reference["id"])
            work.provide("order", row.key)
        return ended

    def receipt(self, work: Work[Accounts]) -> Outcome:
        """Waits for its order."""
        order = work.other("orders", work.record.source_key)
        if order is None or "depot" not in order.links:
            return Held("its order is not there yet", (Missing("order", work.record.source_key),))
        return Done({"receipt": work.record.source_key})

    def bells(self, connection: Connection, event: RawEvent) -> Sequence[Doorbell]:
        """A webhook names orders, or receipts."""
        if event.topic == "receipt":
            return [Doorbell("receipts", Seen(str(event.body["key"])))]
        return [Doorbell("orders", Seen(str(key))) for key in event.body["keys"]]

    def available(self, services: Services, connection: Connection, missing: Missing) -> bool:
        """Whether a missing key exists by now."""
        document = connection.document
        assert isinstance(document, ToyDocument)
        if missing.kind == "skus":
            return missing.value in document.tables.skus
        if missing.kind == "order":
            order = RecordStore(services).load(record_id(connection.name, "orders", missing.value))
            return order is not None and "depot" in order.links
        return False

    # ---- the cloud ---------------------------------------------------------------------------------------------

    def apply(
        self,
        *,
        skus: Mapping[str, str],
        start: str = "2026-03-01T00:00:00Z",
        name: str = NAME,
        continues: bool = True,
        restart: bool = True,
        **more: Any,
    ) -> None:
        """Applies a connection file. `continues`: what waited for a new mapping is resumed, as the command does."""
        raw = {"connection": name, "pair": "toy", "start": start, "tables": {"skus": dict(skus)}, **more}
        applied = apply_document(self.world.tables, parse_document(raw, ToyDocument), self.clock(), "test")
        if restart:
            self.restart()
        for missing in applied.appeared if continues else ():
            resume(self.process, RecordStore(self.process), name, missing, "apply")

    def restart(self) -> None:
        """A new process: nothing remembered, the same stores."""
        self.process = replace(self.world.services, memory={}, clock=lambda: self.clock() - self.behind)
        self._worker, self._poller = worker(self.pair, self.process), poller(self.pair, self.process)

    def tick(self) -> None:
        """EventBridge Scheduler's tick."""
        self._invoke(lambda: self._poller({"tick": True}, None))

    def deliver(self, queue: str, most: int = 10, seconds: float | None = None) -> int:
        """One invocation; answers how many messages it carried. `seconds`: how long the function may run."""
        handler = self._poller if queue == "jobs" else self._worker
        count = 1 if queue == "jobs" else most
        context = Left(self, seconds) if seconds is not None else None
        return self._invoke(lambda: self.world.deliver(queue, lambda event, _: handler(event, context), count)) or 0

    def settle(self) -> None:
        """Delivers until nothing is visible."""
        while sum(self.deliver(queue) for queue in ("jobs", "events", "live", "bulk", "delay")):
            pass

    def run(self, *, minutes: float = 5) -> None:
        """Lets time pass: a tick a minute, every message when it is due."""
        until = self.clock() + timedelta(minutes=minutes)
        while self.clock() < until:
            if self._ticked is None or self.clock() - self._ticked >= TICK:
                self._ticked = self.clock()
                self.tick()
            self.settle()
            self.world.wait(until, (self._ticked or self.clock()) + TICK)
        self.settle()

    def push(self, event_id: str, body: str, topic: str = "orders", correlation: str = "ed9e00000000cafe") -> None:
        """What the edge sends to the events queue."""
        fields = {
            "kind": "event",
            "pair": "toy",
            "connection": NAME,
            "sender": "shop",
            "event_id": event_id,
            "topic": topic,
            "received_at": instant_text(self.clock()),
            "headers": {},
            "body": body,
            "correlation": correlation,
        }
        group = short_hash(NAME, "shop", event_id)
        self.world.queues.send("events", [Message(json.dumps(fields), f"{NAME}#shop#{group}", group)])

    def _invoke(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Killed:
            self.restart()
            return None

    # ---- looking -----------------------------------------------------------------------------------------------

    @property
    def store(self) -> RecordStore:
        """The store of records."""
        return RecordStore(self.world.services)

    def record(self, key: str, stream: str = "orders") -> Record:
        """One record, which must exist."""
        found = self.store.load(record_id(NAME, stream, key))
        assert found is not None, f"there is no record {stream}/{key}"
        return found

    def records(self) -> list[Record]:
        """Every record."""
        return [record_from_item(item) for item in self.world.tables.items("records") if item["sk"] == "record"]

    def states(self) -> dict[str, str]:
        """Status by stream and source key."""
        return {f"{record.stream}/{record.source_key}": record.status.value for record in self.records()}

    def waits(self) -> list[str]:
        """What the index by missing key holds, as "record <- key"."""
        items = [item for item in self.world.tables.items("records") if str(item["sk"]).startswith("wait#")]
        return sorted(f"{item['pk']} <- {item['missing']}" for item in items)

    def texts(self, key: str, stream: str = "orders") -> list[str]:
        """The record's audit lines."""
        return [line.text for line in trail(self.world.tables, record_id(NAME, stream, key))]

    def check(self) -> None:
        """What must hold at any moment: chains verify, counters are in order, waits are exactly what is missing."""
        expected = []
        for record in self.records():
            assert broken_at(trail(self.world.tables, record.id), record.audit_hash) is None, record.id
            assert record.handled <= record.seen, record.id
            expected += [f"{record.id} <- {missing.key(NAME)}" for missing in record.missing]
        assert self.waits() == sorted(expected)
